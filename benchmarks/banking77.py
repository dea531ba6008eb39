"""What the embedded engine's stand-ins get: FINETUNE on BANKING77, labels without training there and on the tickets.

All through SQL, from a real Snowpark session, the engine in a process of its own. The 3,080 test questions are asked
here and chose nothing: `choose_engine_settings.py` has what was tried, on a part of the training questions.

    python benchmarks/banking77.py
"""

from __future__ import annotations

import csv
import os
from typing import Any

from banking77_data import banking77, fine_tuned, labels, write_questions
from server_process import ServerProcess, timed

from cortex_tickets import TicketClassifier, TicketSource, samples

SMALL, LARGE = "llama3.1-8b", "claude-sonnet-4-6"
TICKET_LABELS = ("Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account")
QUESTIONS = TicketSource(table="TEST", id="ID", text="TEXT")


def main() -> None:
    """Measure, and print the tables."""
    print(f"load average before: {os.getloadavg()[0]:.1f}\n")
    with ServerProcess() as engine, engine.session() as session:
        write_questions(session, "TRAIN", banking77("train"))
        write_questions(session, "TEST", banking77("test"))
        fine_tuning(session, engine)
        zero_shot(session)
    print(f"\nload average after: {os.getloadavg()[0]:.1f}")


def fine_tuning(session: Any, engine: ServerProcess) -> None:
    """Train on all pairs and on 100 of them, and ask the test questions in one statement each."""
    print("| FINETUNE on BANKING77 | pairs | seconds, CREATE to SUCCESS | right of 3,080 | seconds to ask them |")
    print("|---|---:|---:|---:|---:|")
    pairs = "SELECT TEXT AS PROMPT, LABEL AS COMPLETION FROM TRAIN"
    for title, training in (
        ("all training questions", pairs),
        ("every hundredth of them", f"{pairs} WHERE MOD(ID, 100) = 0 ORDER BY ID LIMIT 100"),
    ):
        count = session.sql(f"SELECT COUNT(*) FROM ({training})").collect()[0][0]
        job = fine_tuned(session, training)
        seconds, accuracy = asked(session, job["model"])
        print(f"| {title} | {count:,} | {job['seconds']:.2f} | {accuracy:.1%} | {seconds:.2f} |", flush=True)
    print(f"\nengine memory at its peak: {engine.megabytes(peak=True):.0f} MB\n")


def asked(session: Any, model: str) -> tuple[float, float]:
    """Ask a tuned model every test question in one statement; return the seconds, and the share of right answers."""
    statement = f"SELECT AVG(IFF(AI_COMPLETE('{model}', TEXT) = LABEL, 1.0, 0.0)) FROM TEST"
    shares: list[float] = []
    seconds = timed(lambda: shares.append(float(session.sql(statement).collect()[0][0])))
    return seconds, shares[0]


def zero_shot(session: Any) -> None:
    """Label without training: BANKING77's test questions, then the tickets."""
    print("| no training | stand-in | told | right |\n|---|---|---|---:|")
    session.sql("CREATE TABLE GOLD AS SELECT ID::VARCHAR AS TICKET_ID, LABEL FROM TEST").collect()
    for model, size, has_descriptions, n_examples in (
        (SMALL, "small", False, 0),
        (LARGE, "large", False, 0),
        (LARGE, "large", True, 0),
        (LARGE, "large", True, 3),
        (LARGE, "large", True, 10),
    ):
        told = ", ".join(
            ["names", *["descriptions"] * has_descriptions, *[f"{n_examples} examples each"] * bool(n_examples)]
        )
        label_set = labels(banking77("train"), has_descriptions=has_descriptions, n_examples=n_examples)
        share = right(session, TicketClassifier(session, labels=label_set, model=model), QUESTIONS)
        print(f"| BANKING77, 3,080 questions, 77 labels | {size} | {told} | {share:.1%} |", flush=True)
    tickets(session)


def tickets(session: Any) -> None:
    """Label the 151 sample tickets, whose ids repeat: tickets and gold labels are numbered by their row."""
    rows = zip(read(samples.support_tickets()), read(samples.gold_labels()), strict=True)
    numbered = [(f"{number}", ticket["REQUEST"], gold["LABEL"]) for number, (ticket, gold) in enumerate(rows)]
    frame = session.create_dataframe(numbered, schema=["TICKET_ID", "REQUEST", "LABEL"])
    frame.write.save_as_table("SAMPLE_TICKETS")
    session.sql("CREATE OR REPLACE TABLE GOLD AS SELECT TICKET_ID, LABEL FROM SAMPLE_TICKETS").collect()
    for model, size in ((SMALL, "small"), (LARGE, "large")):
        classifier = TicketClassifier(session, labels=TICKET_LABELS, model=model)
        share = right(session, classifier, TicketSource(table="SAMPLE_TICKETS"))
        print(f"| tickets, {len(numbered)}, 5 labels | {size} | names | {share:.1%} |", flush=True)


def right(session: Any, classifier: TicketClassifier, source: TicketSource) -> float:
    """Return the share of all rows whose label is right; a row without a label is wrong."""
    statement = (
        "SELECT AVG(IFF(L.LABEL = G.LABEL, 1.0, 0.0)) "
        f"FROM GOLD G LEFT JOIN ({classifier.to_sql(source)}) L ON L.TICKET_ID = G.TICKET_ID"
    )
    return float(session.sql(statement).collect()[0][0])


def read(path: Any) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
