"""What an EmbeddingStudent gets on the engine's vectors: BANKING77, official split, through the public API alone.

The training questions are split by the package itself into training and validation; the 3,080 test questions are
labelled once, by one statement, and chose nothing. `choose_embedding.py` has what was tried for the vectors, on a part
of the training questions. The same with 10, 30 and 50 questions of each label gives the learning curve.

    python benchmarks/banking77_student.py
"""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path
from typing import Any

from banking77_data import Question, banking77, first_by_hash
from server_process import ServerProcess, timed

from cortex_tickets import EmbeddingStudent, Shares, TicketClassifier, TrainingSet, TrainingSetBuilder, load_gold

SHARES = Shares(training=0.89, validation=0.1, test=0.01)
"""The test questions are BANKING77's own: of the training questions as few as may be are kept back for a test."""
CURVE = (10, 30, 50)
SURE = (0.5, 0.7, 0.9)


def main() -> None:
    """Measure, and print the tables."""
    print(f"load average before: {os.getloadavg()[0]:.1f}\n")
    questions, asked = banking77("train"), banking77("test")
    with ServerProcess() as engine, engine.session() as session:
        write_tickets(session, "TEST", asked)
        print(
            "| EmbeddingStudent on BANKING77 | trained on | temperature on | right of 3,080 | seconds to train | ",
            end="",
        )
        print("seconds to ask them, one statement |\n|---|---:|---:|---:|---:|---:|")
        for size in CURVE:
            measured(session, f"{size} questions of each label", first_by_hash(questions, size))
        sure(asked, measured(session, "all training questions", questions))
        print(f"\nengine memory at its peak: {engine.megabytes(peak=True):.0f} MB")
    print(f"load average after: {os.getloadavg()[0]:.1f}")


def measured(session: Any, title: str, questions: list[Question]) -> list[Any]:
    """Train on the questions, ask the test questions in one statement, print a row, and return the answers."""
    training_set = frozen(session, questions)
    students: list[EmbeddingStudent] = []
    training = timed(lambda: students.append(EmbeddingStudent.train(session, training_set, into="HEADS")))
    answers: list[list[Any]] = []
    asking = timed(lambda: answers.append(students[0].to_dataframe("TEST").collect()))
    head = students[0].head
    share = right(banking77("test"), answers[0])
    print(
        f"| {title} | {head.n_training:,} | {head.n_validation:,} | {share:.1%} | {training:.1f} | {asking:.1f} |",
        flush=True,
    )
    return answers[0]


def frozen(session: Any, questions: list[Question]) -> TrainingSet:
    """Return a training set of the questions with their own labels, which replace those of a zero-shot stand-in."""
    write_tickets(session, "TRAIN", questions)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("TICKET_ID", "REQUEST", "LABEL", "SOURCE"))
            writer.writerows((number, text, label, "correction") for number, (text, label) in enumerate(questions))
        session.sql("DROP TABLE IF EXISTS OWN_LABELS").collect()
        load_gold(session, path, table="OWN_LABELS")
    labels = sorted({label for _, label in questions})
    teacher = TicketClassifier(session, labels=labels, model="llama3.1-8b")
    return TrainingSetBuilder(session, seed=7, shares=SHARES).build(
        "TRAIN", into="PAIRS", teacher=teacher, gold="OWN_LABELS"
    )


def write_tickets(session: Any, table: str, questions: list[Question]) -> None:
    """Make a table of tickets: number and text."""
    rows = [(str(number), text) for number, (text, _) in enumerate(questions)]
    session.create_dataframe(rows, schema=["TICKET_ID", "REQUEST"]).write.save_as_table(table, mode="overwrite")


def right(asked: list[Question], answers: list[Any]) -> float:
    """Return the share of all questions whose label is right."""
    return sum(bool(asked[int(row["TICKET_ID"])][1] == row["LABEL"]) for row in answers) / len(asked)


def sure(asked: list[Question], answers: list[Any]) -> None:
    """Print how many of the surer answers are right: what a cascade lives on."""
    print("\n| probability at least | of the 3,080 | right among them | mean probability |\n|---|---:|---:|---:|")
    for least in (0.0, *SURE):
        kept = [row for row in answers if row["PROBABILITY"] >= least]
        good = sum(asked[int(row["TICKET_ID"])][1] == row["LABEL"] for row in kept) / len(kept)
        mean = sum(row["PROBABILITY"] for row in kept) / len(kept)
        print(f"| {least:g} | {len(kept) / len(asked):.1%} | {good:.1%} | {mean:.1%} |")


if __name__ == "__main__":
    main()
