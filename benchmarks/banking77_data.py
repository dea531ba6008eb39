"""BANKING77 as the benchmarks use it: its questions, and a model tuned on them through SQL.

The data is Casanueva et al. 2020, CC BY 4.0; `tests/data/banking77` has it with its licence and source.
"""

from __future__ import annotations

import csv
import hashlib
import json
import time
from pathlib import Path
from typing import Any

from cortex_tickets import Label, LabelSet
from cortex_tickets.local.language.label_options import LabelOption

Question = tuple[str, str]
"""A text and its label."""

_FOLDER = Path(__file__).parents[1] / "tests" / "data" / "banking77"
_DEV_PART = 5


def banking77(part: str) -> list[Question]:
    """Return the questions of `train` (10,003) or `test` (3,080)."""
    with (_FOLDER / f"{part}.csv").open(encoding="utf-8", newline="") as file:
        return [(row["text"], row["category"]) for row in csv.DictReader(file)]


def split_training() -> tuple[list[Question], list[Question]]:
    """Return the training questions in two: four fifths, and a fifth on which settings are chosen.

    A question's side is its text's hash, so that equal texts are on one side. The test questions play no part.
    """
    sides: tuple[list[Question], list[Question]] = ([], [])
    for question in banking77("train"):
        digest = hashlib.sha256(question[0].strip().lower().encode()).digest()
        sides[int.from_bytes(digest[:4], "big") % _DEV_PART == 0].append(question)
    return sides


def first_by_hash(questions: list[Question], size: int) -> list[Question]:
    """Return so many questions of each label: the first by the hash of their text, a sample that knows no order."""
    by_hash = sorted(questions, key=lambda question: hashlib.sha256(question[0].encode()).digest())
    return [
        question
        for label in sorted({label for _, label in questions})
        for question in [one for one in by_hash if one[1] == label][:size]
    ]


def label_options(questions: list[Question], *, has_descriptions: bool, n_examples: int) -> tuple[LabelOption, ...]:
    """Return the 77 labels with what is told of each; examples are the first by hash of the given questions."""
    return tuple(
        LabelOption(label.name, label.description or "", tuple(label.examples))
        for label in labels(questions, has_descriptions=has_descriptions, n_examples=n_examples).labels
    )


def labels(questions: list[Question], *, has_descriptions: bool, n_examples: int) -> LabelSet:
    """Return the same as a label set, for a classifier."""
    described = LabelSet.from_toml(Path(__file__).parent / "banking77_labels.toml").labels
    by_hash = sorted(questions, key=lambda question: hashlib.sha256(question[0].encode()).digest())
    return LabelSet(
        labels=tuple(
            Label(
                name=label.name,
                description=label.description if has_descriptions else None,
                examples=tuple(text for text, name in by_hash if name == label.name)[:n_examples],
            )
            for label in described
        )
    )


def write_questions(session: Any, table: str, questions: list[Question]) -> None:
    """Make a table of questions, with the columns ID, TEXT and LABEL."""
    rows = [(number, text, label) for number, (text, label) in enumerate(questions)]
    frame = session.create_dataframe(rows, schema=["ID", "TEXT", "LABEL"])
    frame.write.save_as_table(table, mode="overwrite")


def fine_tuned(session: Any, training: str, name: str = "TUNED") -> dict[str, Any]:
    """Fine-tune through SQL and return what DESCRIBE says at the end, with the seconds that it took as `seconds`."""
    started = time.perf_counter()
    create = "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', ?, 'llama3.1-8b', ?)"
    job_id = session.sql(create, params=[name, training]).collect()[0][0]
    while True:
        described = session.sql("SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', ?)", params=[job_id]).collect()[0][0]
        job: dict[str, Any] = json.loads(described)
        if job["status"] not in {"PENDING", "IN_PROGRESS"}:
            break
        time.sleep(0.05)
    if job["status"] != "SUCCESS":
        raise SystemExit(f"The job ended as {job['status']}: {job.get('error')}")
    return {**job, "seconds": time.perf_counter() - started}
