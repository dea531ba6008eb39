"""A million tickets through the ledger, the engine in another process: ratio, memory, statements, resume.

Each figure is a ratio against the same call written by hand, measured in the same run. All texts are distinct.

    python benchmarks/ledger.py --rows 10000 100000 1000000
"""

from __future__ import annotations

import argparse
import itertools
import json
import signal
import statistics
import subprocess
import sys
import time
from typing import Any

from classify import MODEL, hand_written, megabytes
from server_process import timed

_PAIRS = 3
"""So often each number of rows is measured, by hand and through the ledger in turn; the medians are shown."""
LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


def main() -> None:
    """Measure each number of rows in a client of its own, so that its memory is its own."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    options.add_argument("--client", type=int, help=argparse.SUPPRESS)
    options.add_argument("--parameters", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.client:
        measure(json.loads(chosen.parameters), chosen.client)
        return
    print("| distinct tickets | by hand, s | ledger, s | ratio | microseconds per ticket over it | statements ", end="")
    print("| first chunk, s | last chunk, s | resume of all, s | client memory, MB | above Snowpark's import |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    for rows in chosen.rows:
        command = [sys.executable, "-m", "cortex_tickets.local", "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None  # noqa: S101  it was asked for
        parameters = server.stdout.readline()
        subprocess.run([sys.executable, __file__, "--client", str(rows), "--parameters", parameters], check=True)
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=60)


def measure(parameters: dict[str, Any], rows: int) -> None:
    """Measure one number of rows, and print its row of the table."""
    from snowflake.snowpark import Session  # noqa: PLC0415  its memory is the base line

    base = megabytes()
    session = Session.builder.configs(parameters).create()
    from cortex_tickets import TicketClassifier  # noqa: PLC0415  after the base line

    classifier = TicketClassifier(session, labels=LABELS, model=MODEL)
    session.sql(
        f"CREATE OR REPLACE TABLE T AS SELECT 'T' || SEQ4()::VARCHAR AS TICKET_ID, "
        "'Ticket ' || SEQ4()::VARCHAR || ': I was charged for roaming on my trip and want a refund' AS REQUEST "
        f"FROM TABLE(GENERATOR(ROWCOUNT => {rows}))"
    ).collect()
    moments: list[float] = []
    statements: list[int] = []

    def ours() -> None:
        moments.clear()
        with session.query_history() as history:
            run = classifier.classify_table(
                "T", into=f"L{len(statements)}", progress=lambda _: moments.append(time.perf_counter())
            )
        assert run.n_texts_asked == rows  # noqa: S101  else the measurement is of something else
        statements.append(len(history.queries))

    by_hand = hand_written(classifier)
    times = [(timed(lambda: session.sql(by_hand).collect()), timed(ours)) for _ in range(_PAIRS)]
    hand, own = statistics.median(a for a, _ in times), statistics.median(b for _, b in times)
    over = statistics.median((b - a) / rows * 1e6 for a, b in times)
    chunks = [later - earlier for earlier, later in itertools.pairwise(moments)]
    again = timed(lambda: classifier.classify_table("T", into=f"L{len(statements) - 1}"))
    print(
        f"| {rows:,} | {hand:.2f} | {own:.2f} | {own / hand:.2f} | {over:.1f} | {statements[-1]} | {chunks[0]:.2f} | "
        f"{chunks[-1]:.2f} | {again:.2f} | {megabytes():.0f} | {megabytes() - base:.0f} |",
        flush=True,
    )
    session.close()


if __name__ == "__main__":
    main()
