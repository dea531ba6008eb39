"""The cascade's guarantee on BANKING77, drawn 20,000 times: how often is it broken, and how much goes to the teacher?

The population is the 3,080 test questions, with their labels as the teacher's answers. Students learn from the 10,003
training questions through the public API, on the engine: an `EmbeddingStudent`, and a fine-tuned model that is scored
by its head. Each draw is a calibration sample with replacement, whose threshold is scored against the population.

    python benchmarks/cascade_guarantee.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from banking77_data import banking77, labels, write_questions
from cascade_draws import TOLERANCE, Outcome, Scored, Way, draw_thresholds
from server_process import ServerProcess

from cortex_tickets import (
    EmbeddingStudent,
    FineTuneJob,
    ScoredStudent,
    Shares,
    Split,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
)

DRAWS, SEED = 20_000, 1
N = 400
TARGETS = (0.95, 0.98)
TRAIN = TicketSource(table="TRAIN", id="ID", text="TEXT")
TEST = TicketSource(table="TEST", id="ID", text="TEXT")
PRICED = "claude-sonnet-4-6"
SHARES = Shares(training=0.85, validation=0.14, test=0.01)
SMALL_SHARES = Shares(training=0.4, validation=0.1, test=0.5)


class Student(NamedTuple):
    """A student's answers to the population, and to what it learned from."""

    name: str
    population: Scored
    learned_from: Scored


def main() -> None:
    """Train, draw, and print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--draws", type=int, default=DRAWS, help="calibration samples for each row of the table")
    draws = options.parse_args().draws
    with ServerProcess() as engine, engine.session() as session:
        students = banking77_students(session)
        alone, embedded = costs(session)
    print("| student | right of 3,080 | way | target | bound broken | to the teacher | nothing certified |")
    print("|---|---:|---|---:|---:|---:|---:|")
    started = time.perf_counter()
    escalated: dict[float, list[str]] = {target: [] for target in TARGETS}
    for student in students:
        for way, target, found in all_ways(student, draws=draws):
            if way is Way.CERTIFIED:
                escalated[target].append(f"{found.escalated * alone:.2f}")
            verdict = "" if (found.broken <= TOLERANCE) is (way is Way.CERTIFIED) else " **not as it should be**"
            print(
                f"| {student.name} | {student.population.accuracy:.1%} | {way.value} | {target:g} | "
                f"{found.broken:.2%}{verdict} | {found.escalated:.1%} | {found.refused:.1%} |",
                flush=True,
            )
    print(f"\n{draws:,} draws of {N} for each row; {time.perf_counter() - started:.0f} seconds for all of them.")
    print(f"\n| AI credits for 1,000 questions | {' | '.join(student.name for student in students)} |")
    print("|---|" + "---:|" * len(students))
    print(f"| {PRICED} alone | {' | '.join([f'{alone:.2f}'] * len(students))} |")
    for target, credits_ in escalated.items():
        print(f"| its part in a cascade at {target:g} | {' | '.join(credits_)} |")
    print(f"\nA head reads {embedded:,.0f} tokens for them; no source that could be read states their price.")


def costs(session: Any) -> tuple[float, float]:
    """Return, for 1,000 test questions, the AI credits of a large model, and the tokens that a head reads."""
    named = labels(banking77("train"), has_descriptions=True, n_examples=0)
    large = TicketClassifier(session, labels=named, model=PRICED).estimate(TEST)
    head = EmbeddingStudent.load(session, "ALL_FT_HEADS").estimate(TEST)
    assert large.ai_credits is not None  # noqa: S101  its price is in the table
    return large.ai_credits / large.n_texts * 1_000, head.input_tokens / head.n_texts * 1_000


def all_ways(student: Student, *, draws: int) -> Iterator[tuple[Way, float, Outcome]]:
    """Draw each way at each target; yield way, target, and what became of the draws."""
    for way in Way:
        for target in TARGETS:
            yield (
                way,
                target,
                draw_thresholds(
                    student.population,
                    way=way,
                    target=target,
                    n=N,
                    draws=draws,
                    seed=SEED,
                    learned_from=student.learned_from,
                ),
            )


def banking77_students(session: Any) -> Sequence[Student]:
    """Train students on the training questions and have them answer the test questions, all through the public API."""
    training_set = banking77_training_set(session, SHARES, into="ALL_FT")
    head = EmbeddingStudent.train(session, training_set)
    job = FineTuneJob.start(session, name="TUNED", base_model="llama3.1-8b", training_set=training_set)
    tuned = ScoredStudent(TicketClassifier.from_model(session, job.wait(timeout=600)), head)
    part = banking77_training_set(session, SMALL_SHARES, into="PART_FT")
    small = EmbeddingStudent.train(session, part)
    return [
        Student(name, scored(student, session, "TEST"), scored(student, session, learned_from(session, learned)))
        for name, student, learned in (
            ("fine-tuned, scored by the head", tuned, training_set),
            ("embeddings and a head", head, training_set),
            ("the same, of 40 % of the questions", small, part),
        )
    ]


def banking77_training_set(session: Any, shares: Shares, *, into: str) -> TrainingSet:
    """Make a training set of the training questions, whose labels stand in a gold table as corrections."""
    for part in ("train", "test"):
        write_questions(session, part.upper(), banking77(part))
    session.sql(
        "CREATE OR REPLACE TABLE TRAIN_GOLD AS SELECT ID::VARCHAR AS TICKET_ID, SHA2(TEXT, 256) AS TEXT_HASH, LABEL, "
        "'correction' AS SOURCE, 'BANKING77' AS ANNOTATOR, CURRENT_TIMESTAMP() AS LABELLED_AT FROM TRAIN"
    ).collect()
    names = labels(banking77("train"), has_descriptions=False, n_examples=0)
    teacher = TicketClassifier(session, labels=names, model="llama3.1-8b")
    run = teacher.classify_table(TRAIN, into="TRAIN_LABELS")
    return TrainingSetBuilder(session, seed=1, shares=shares).build(TRAIN, into=into, labels=run, gold="TRAIN_GOLD")


def learned_from(session: Any, training_set: TrainingSet) -> str:
    """Make a table of the questions that were trained on, and return its name."""
    table = f"{training_set.table}_LEARNED"
    session.sql(
        f"CREATE OR REPLACE TABLE {table} AS SELECT TICKET_ID AS ID, TEXT, COMPLETION AS LABEL FROM "
        f"({training_set.rows_query(Split.TRAINING)}) WHERE DROPPED IS NULL"
    ).collect()
    return table


def scored(student: Any, session: Any, table: str) -> Scored:
    """Return the student's answers to a table of questions; one without a label is never sure."""
    student.classify_table(TicketSource(table=table, id="ID", text="TEXT"), into=f"{table}_ANSWERS")
    rows = session.sql(
        "SELECT COALESCE(A.PROBABILITY, 0) AS PROBABILITY, COALESCE(A.LABEL = Q.LABEL, FALSE) AS IS_RIGHT "
        f"FROM {table} Q JOIN {table}_ANSWERS A ON A.TICKET_ID = Q.ID::VARCHAR "
        f"WHERE A.CLASSIFIER_HASH = '{student.classifier_hash}' ORDER BY Q.ID"
    ).collect()
    return Scored(
        np.array([float(row["PROBABILITY"]) for row in rows]), np.array([bool(row["IS_RIGHT"]) for row in rows])
    )


if __name__ == "__main__":
    main()
