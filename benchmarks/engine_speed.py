"""How fast the embedded engine is: rows per second of its functions, its start, and a trivial statement.

Each function answers distinct texts in one statement, in an engine process of its own, so that the memory reported is
that process's peak for that statement alone. The texts are BANKING77's training questions, each under many numbers.
Answers are counted, not kept: a table of them would be measured with them. AI_EMBED's million vectors would be 4 GB;
they are compared with one vector, and the ten nearest texts come back, which is what vectors are for. What the process
holds before the statement, the table of texts among it, is told beside its peak.

    python benchmarks/engine_speed.py --rows 1000 100000 1000000
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from banking77_data import banking77, fine_tuned, write_questions
from server_process import ServerProcess, ratio_of_pairs, timed

LABELS = ("Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account")
MODEL = "claude-sonnet-4-6"
EMBEDDER = "snowflake-arctic-embed-l-v2.0"
RUNS = ((10_000, 5), (100_000, 3), (10**12, 1))
"""How often a statement over at most so many texts is run; the median is told."""
SERVER_OF_FAKESNOW = """
import fakesnow, json, logging, signal, sys, threading
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
serve = fakesnow.server
import fakesnow.server
logging.disable(logging.INFO)
with serve() as parameters:
    parameters.update(database="D", schema="S")
    print(json.dumps(parameters), flush=True)
    stop.wait()
"""
START = """
import time
import snowflake.snowpark
from cortex_tickets.local.engine import Engine
started = time.perf_counter()
with Engine() as engine:
    made = time.perf_counter()
    with engine.session() as session:
        session.sql("SELECT 1").collect()
        answered = time.perf_counter()
print(made - started, answered - started)
"""


def _labelled(session: Any) -> str:
    del session
    enum = ", ".join(f"'{label}'" for label in LABELS)
    prompt = f"Give the ticket one label.\nLabels:\n{chr(10).join(f'- {label}' for label in LABELS)}\n<ticket>"
    answer = (
        f"AI_COMPLETE('{MODEL}', '{prompt}' || TEXT || '</ticket>', response_format => {{'type': 'json', 'schema': "
        f"{{'type': 'object', 'properties': {{'label': {{'type': 'string', 'enum': [{enum}]}}}}, "
        "'required': ['label']}})"
    )
    return f"SELECT {answer}:label::VARCHAR AS A, COUNT(*) FROM T GROUP BY A"


def _classified(session: Any) -> str:
    del session
    categories = ", ".join(f"'{label}'" for label in LABELS)
    return f"SELECT AI_CLASSIFY(TEXT, [{categories}]):labels[0]::VARCHAR AS A, COUNT(*) FROM T GROUP BY A"


def _felt(session: Any) -> str:
    del session
    return "SELECT AI_SENTIMENT(TEXT):categories[0]:sentiment::VARCHAR AS A, COUNT(*) FROM T GROUP BY A"


def _embedded(session: Any) -> str:
    session.sql(f"CREATE TABLE Q AS SELECT AI_EMBED('{EMBEDDER}', 'my card was stolen') AS V").collect()
    return f"SELECT TEXT FROM T, Q ORDER BY VECTOR_COSINE_SIMILARITY(AI_EMBED('{EMBEDDER}', TEXT), V) DESC LIMIT 10"


def _tuned(session: Any) -> str:
    write_questions(session, "TRAIN", banking77("train"))
    model = fine_tuned(session, "SELECT TEXT AS PROMPT, LABEL AS COMPLETION FROM TRAIN")["model"]
    return f"SELECT AI_COMPLETE('{model}', TEXT) AS A, COUNT(*) FROM T GROUP BY A"


FUNCTIONS: dict[str, Callable[[Any], str]] = {
    "AI_COMPLETE, label schema": _labelled,
    "AI_CLASSIFY": _classified,
    "AI_SENTIMENT": _felt,
    "AI_EMBED, nearest ten": _embedded,
    "a tuned model, 77 labels": _tuned,
}


def main() -> None:
    """Measure, and print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, nargs="+", default=[1_000, 100_000], help="distinct texts in a statement")
    options.add_argument("--pairs", type=int, default=200, help="how often the trivial statement runs each way")
    options.add_argument("--only", default="", help="functions whose name holds this text")
    chosen = options.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.1f}\n")
    if not chosen.only:
        start()
        round_trip(chosen.pairs)
    functions(chosen.rows, chosen.only)
    print(f"\nload average after: {os.getloadavg()[0]:.1f}")


def start() -> None:
    """Time the engine's start in fresh processes, its imports left out."""
    print("| engine start after imports | median of 7, seconds |\n|---|---:|")
    runs = [subprocess.run([sys.executable, "-c", START], capture_output=True, text=True, check=True) for _ in range(7)]
    times = [[float(part) for part in done.stdout.split()] for done in runs]
    print(f"| until it serves | {statistics.median(row[0] for row in times):.2f} |")
    print(
        f"| until a first Snowpark session has its first answer | {statistics.median(row[1] for row in times):.2f} |\n"
    )


def round_trip(pairs: int) -> None:
    """Compare a trivial statement's round trip with bare fakesnow's, the same client on both."""
    import snowflake.connector  # noqa: PLC0415  this part alone needs it

    print("| `SELECT 1`, one round trip | engine, ms | bare fakesnow, ms | ratio |\n|---|---:|---:|---:|")
    with ServerProcess() as engine, ServerProcess(("-W", "ignore::UserWarning", "-c", SERVER_OF_FAKESNOW)) as bare:
        ours, theirs = (snowflake.connector.connect(**server.parameters).cursor() for server in (engine, bare))

        def same(cursor: Any) -> Callable[[], object]:
            return lambda: cursor.execute("SELECT 1").fetchall()

        numbers = iter(range(10**9))

        def new(cursor: Any) -> Callable[[], object]:
            return lambda: cursor.execute(f"SELECT {next(numbers)}").fetchall()

        for title, way in (("the same text again", same), ("a new text each time", new)):
            mine, other, ratio = ratio_of_pairs(way(ours), way(theirs), pairs)
            print(f"| {title} | {mine * 1000:.2f} | {other * 1000:.2f} | {ratio:.2f} |")
    print()


def functions(sizes: list[int], only: str) -> None:
    """Measure each function at each size."""
    print(
        "| function | distinct texts | seconds | rows per second | rows per processor-second "
        "| engine before, MB | engine at its peak, MB |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for name, prepare in FUNCTIONS.items():
        if only in name:
            for rows in sizes:
                one_function(name, prepare, rows)


def one_function(name: str, prepare: Callable[[Any], str], rows: int) -> None:
    """Run one function over `rows` distinct texts, in a fresh engine."""
    with ServerProcess() as engine, engine.session() as session:
        distinct_texts(session, rows)
        statement = prepare(session)
        # What a function loads when it is first asked is no matter of rows.
        session.sql(statement.replace("FROM T", "FROM (SELECT * FROM T LIMIT 10) T")).collect()
        before, used = engine.megabytes(), engine.processor_seconds()
        runs = next(runs for most, runs in RUNS if rows <= most)
        seconds = statistics.median(timed(lambda: session.sql(statement).collect()) for _ in range(runs))
        used = engine.processor_seconds() - used
        peak = engine.megabytes(peak=True)
    speeds = f"{rows / seconds:,.0f} | {rows * runs / max(used, 0.01):,.0f}"
    print(f"| {name} | {rows:,} | {seconds:.2f} | {speeds} | {before:.0f} | {peak:.0f} |", flush=True)


def distinct_texts(session: Any, rows: int) -> None:
    """Make the table T of `rows` distinct texts, and check that they are."""
    write_questions(session, "QUESTIONS", banking77("train"))
    session.sql(
        "CREATE TABLE T AS SELECT 'Ticket ' || N || ': ' || TEXT AS TEXT FROM QUESTIONS, "
        f"(SELECT SEQ4() AS N FROM TABLE(GENERATOR(ROWCOUNT => {rows // 10_003 + 1}))) LIMIT {rows}"
    ).collect()
    distinct = session.sql("SELECT COUNT(DISTINCT TEXT) FROM T").collect()[0][0]
    assert distinct == rows, distinct  # noqa: S101  else the measurement is of something else


if __name__ == "__main__":
    main()
