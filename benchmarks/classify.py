"""What the library adds to the bare statements: one ticket, and a table of distinct texts.

The engine runs in a process of its own, so that the client's memory is the client's. Each figure is a ratio against
the same call written by hand, measured in the same run: the two are timed in turn, pair after pair.

    python benchmarks/classify.py --rows 100000
"""

from __future__ import annotations

import argparse
import resource
import statistics
from typing import Any

from server_process import ServerProcess, ratio_of_pairs, timed

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
MODEL = "claude-sonnet-4-6"


def main() -> None:
    """Start an engine, measure, print the tables."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=100_000, help="distinct tickets in the table")
    options.add_argument("--pairs", type=int, default=3, help="how often the table is labelled each way")
    options.add_argument("--calls", type=int, default=60, help="how often one ticket is labelled each way")
    chosen = options.parse_args()
    with ServerProcess() as engine:
        measure(engine, chosen)


def measure(engine: ServerProcess, chosen: argparse.Namespace) -> None:
    """Measure one ticket and a table, and print a row for each."""
    import snowflake.snowpark  # noqa: F401, PLC0415  its memory is the base line

    base = megabytes()
    session = engine.session()
    from cortex_tickets import TicketClassifier  # noqa: PLC0415  after the base line

    classifier = TicketClassifier(session, labels=LABELS, model=MODEL)
    one_ticket(session, classifier, chosen.calls)
    tables(session, classifier, chosen.rows, chosen.pairs)
    print(f"\nclient memory: {megabytes():.0f} MB at its highest, {megabytes() - base:.0f} MB above Snowpark's import")
    session.close()


def one_ticket(session: Any, classifier: Any, calls: int) -> None:
    """Compare `classify` with the bare statement that it sends."""
    text = "I was charged $90 for roaming in Japan."
    statement = classifier._operation.answers_query("", "?", ())  # noqa: SLF001  the very statement
    parameters = {"QUERY_TAG": "bench"}

    def bare() -> None:
        session.sql(statement, params=[text]).collect(statement_params=parameters)

    ours, theirs, ratio = ratio_of_pairs(lambda: classifier.classify(text), bare, calls)
    print("| one ticket | milliseconds | ratio |\n|---|---:|---:|")
    print(f"| bare `session.sql(..).collect()` | {theirs * 1000:.1f} | 1 |")
    print(f"| `classify` | {ours * 1000:.1f} | {ratio:.2f} |\n")


def tables(session: Any, classifier: Any, rows: int, pairs: int) -> None:
    """Compare `classify_table` with a CREATE TABLE AS SELECT written by hand, in one chunk and in chunks as it is."""
    session.sql(
        f"CREATE OR REPLACE TABLE T AS SELECT 'T' || SEQ4()::VARCHAR AS TICKET_ID, "
        "'Ticket ' || SEQ4()::VARCHAR || ': I was charged for roaming on my trip and want a refund' AS REQUEST "
        f"FROM TABLE(GENERATOR(ROWCOUNT => {rows}))"
    ).collect()
    by_hand = hand_written(classifier)
    print(f"| {rows:,} distinct tickets | seconds | ratio | microseconds per ticket over it | statements |")
    print("|---|---:|---:|---:|---:|")
    counter = iter(range(1000))
    for title, chunk_rows in (("in one chunk", rows), ("in chunks of 25,000, the default", 25_000)):
        statements: list[int] = []

        def ours(chunk_rows: int = chunk_rows, statements: list[int] = statements) -> None:
            with session.query_history() as history:
                run = classifier.classify_table("T", into=f"L{next(counter)}", chunk_rows=chunk_rows)
            assert run.n_texts_asked == rows  # noqa: S101  else the measurement is of something else
            statements.append(len(history.queries))

        times = [(timed(lambda: session.sql(by_hand).collect()), timed(ours)) for _ in range(pairs)]
        hand, own = statistics.median(a for a, _ in times), statistics.median(b for _, b in times)
        over = statistics.median((b - a) / rows * 1e6 for a, b in times)
        ratio = statistics.median(b / a for a, b in times)
        print(f"| CREATE TABLE AS SELECT by hand | {hand:.2f} | 1 | | 1 |")
        print(f"| `classify_table`, {title} | {own:.2f} | {ratio:.2f} | {over:.1f} | {statements[-1]} |")


def hand_written(classifier: Any) -> str:
    """Return what somebody would write by hand: the same call, arguments and extracted columns."""
    call = classifier._operation.call("REQUEST")  # noqa: SLF001  the very call
    answer = "R:value:structured_output[0]:raw_message"
    return (
        f"CREATE OR REPLACE TABLE HAND AS SELECT TICKET_ID, {answer}:label::VARCHAR AS LABEL, "
        f"{answer}::VARCHAR AS ANSWER, "
        "R:error::VARCHAR AS ERROR, R:value:usage:prompt_tokens::NUMBER AS INPUT_TOKENS, "
        "R:value:usage:completion_tokens::NUMBER AS OUTPUT_TOKENS, CURRENT_TIMESTAMP() AS ANSWERED_AT "
        f"FROM (SELECT TICKET_ID, {call} AS R FROM T)"
    )


def megabytes() -> float:
    """Return the most memory that this process has held, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
