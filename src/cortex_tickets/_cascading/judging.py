"""What both models said of the calibration sample, side by side with the reference. Bills nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cortex_tickets._cascading.drawing import Drawn, sample_query
from cortex_tickets._cascading.fixed_sequence import JudgedTicket
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.failures import failure_class
from cortex_tickets._cortex.known_failures import FailureClass
from cortex_tickets._cortex.quoting import literal
from cortex_tickets.calibration_sample import CalibrationSample
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.prediction import LABELLED, Outcome
from cortex_tickets.records.table_name import TableName

_PREFIXES = ("S", "T")
MOST_FAILED = 0.02
"""Share of the sample that may have failed; one ticket may, however few there are."""
_OF_THE_TEXT = (FailureClass.ROW, FailureClass.OTHER)
"""What a text may be refused for; a reason that nobody knows is among them, as long as there are few."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model said of one ticket."""

    label: str | None
    outcome: str
    probability: float | None
    input_tokens: int | None
    output_tokens: int | None
    answered_by: str | None = None
    """The model, as the ledger has it."""
    error: str | None = None
    """Why it failed; `None` if it did not."""


@dataclass(frozen=True, slots=True)
class AnsweredTicket:
    """One ticket of the sample with all that is known of it."""

    text_hash: str
    gold: str | None
    student: Answer
    teacher: Answer


def read_answers(
    client: CortexClient, sample: CalibrationSample, drawn: Drawn, ledger: TableName, hashes: tuple[str, str]
) -> list[AnsweredTicket]:
    """Return the sample with the answers of student and teacher, whose classifier hashes are `hashes`. One statement.

    Raises:
        InvalidInputError: If the tickets or their gold labels changed meanwhile.
    """
    columns, joins = "", ""
    for prefix, classifier_hash in zip(_PREFIXES, hashes, strict=True):
        columns += "".join(
            f", {prefix}.{name} AS {prefix}_{name}"
            for name in ("LABEL", "OUTCOME", "PROBABILITY", "ANSWERED_BY", "ERROR", "INPUT_TOKENS", "OUTPUT_TOKENS")
        )
        # Tokens stand on the one row that was asked, which may be of another ticket with the same text.
        joins += (
            " LEFT JOIN (SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME, PROBABILITY, ANSWERED_BY, ERROR, "
            "MAX(INPUT_TOKENS) OVER (PARTITION BY TEXT_HASH) AS INPUT_TOKENS, "
            "MAX(OUTPUT_TOKENS) OVER (PARTITION BY TEXT_HASH) AS OUTPUT_TOKENS "
            f"FROM {ledger.sql} WHERE CLASSIFIER_HASH = {literal(classifier_hash)}) {prefix} "
            f"ON {prefix}.TICKET_ID = C.TICKET_ID AND {prefix}.TEXT_HASH = C.TEXT_HASH"
        )
    rows = client.run(
        f"SELECT C.TICKET_ID, C.TEXT_HASH, C.GOLD_LABEL{columns} FROM ({sample_query(sample)}) C{joins} "
        "ORDER BY C.TICKET_ID, C.TEXT_HASH"
    )
    found = {(row["TICKET_ID"], row["TEXT_HASH"]): row["GOLD_LABEL"] for row in rows}
    if found != {ticket.key: ticket.gold for ticket in drawn.tickets} or any(_is_unanswered(row) for row in rows):
        raise InvalidInputError(
            f"The tickets of {sample.name}, or their labels, changed while the cascade was certified. Certify it on a "
            "copy of the table; what was answered is not asked again."
        )
    return [AnsweredTicket(row["TEXT_HASH"], row["GOLD_LABEL"], _answer(row, "S"), _answer(row, "T")) for row in rows]


def error_problems(tickets: Sequence[AnsweredTicket], ledger: TableName) -> list[str]:
    """Return why errors cannot be counted: they are too many, or of a kind that passes.

    In use, a text that the student cannot answer goes to the teacher, and one that the teacher cannot answer has no
    label. So that is how an error of a text counts. A service that is down fails on texts that it would answer on
    another day: counted the same way, it would send to the teacher what the student gets wrong in use.
    """
    found = []
    for who, answers in (
        ("student", [ticket.student for ticket in tickets]),
        ("teacher", [ticket.teacher for ticket in tickets]),
    ):
        failed = [answer for answer in answers if answer.outcome == Outcome.ERROR]
        passing = sum(failure_class(answer.error or "") not in _OF_THE_TEXT for answer in failed)
        most = max(1, math.floor(MOST_FAILED * len(tickets)))
        if not passing and len(failed) <= most:
            continue
        why = (
            f"{passing} of them of a kind that passes by itself"
            if passing
            else f"more than the {most} that may be the texts' own fault"
        )
        found.append(
            f"{len(failed)} of {len(tickets)} tickets of the sample have an error of the {who} in {ledger}, {why}. "
            "Certify again when the service is well: only what failed is asked again, and no attempt is spent "
            "until then."
        )
    return found


def answerer_problems(tickets: Sequence[AnsweredTicket], models: tuple[str, str], ledger: TableName) -> list[str]:
    """Return whose rows say that another model answered than the one that the certificate would name.

    Args:
        tickets: The sample.
        models: The student's and the teacher's.
        ledger: Where the rows stand.
    """
    said = (
        {ticket.student.answered_by for ticket in tickets if ticket.student.outcome != Outcome.ERROR},
        {ticket.teacher.answered_by for ticket in tickets if ticket.teacher.outcome != Outcome.ERROR},
    )
    return [
        f"Rows of the {who} {model} in {ledger} were answered by {', '.join(sorted(map(str, answered - {model})))}: a "
        "certificate would name the wrong model. Give another ledger with answers=."
        for who, model, answered in zip(("student", "teacher"), models, said, strict=True)
        if answered - {model}
    ]


def judged(tickets: Sequence[AnsweredTicket], reference: Literal["gold", "teacher"]) -> list[JudgedTicket]:
    """Return the sample as the test sees it.

    Where the teacher is the reference it agrees with itself, also where it gave no label; a student's label then
    counts as wrong. Where the teacher failed, whatever is answered counts as wrong.
    """
    made = []
    for ticket in tickets:
        right = ticket.gold if reference == "gold" else ticket.teacher.label
        made.append(
            JudgedTicket(
                probability_that_counts(ticket.student),
                student_is_right=right is not None and ticket.student.label == right,
                teacher_is_right=ticket.teacher.outcome != Outcome.ERROR
                and (reference == "teacher" or ticket.teacher.label == right),
            )
        )
    return made


def probability_that_counts(answer: Answer) -> float | None:
    """Return the student's probability; `None` where its answer is no label, and so never stands."""
    return answer.probability if answer.outcome in LABELLED else None


def reference_counts(tickets: Sequence[AnsweredTicket]) -> Mapping[str, int]:
    """Return the tickets of the sample by the teacher's label."""
    counts: dict[str, int] = {}
    for ticket in tickets:
        if ticket.teacher.label is not None:
            counts[ticket.teacher.label] = counts.get(ticket.teacher.label, 0) + 1
    return counts


def _is_unanswered(row: Row) -> bool:
    return any(row[f"{prefix}_OUTCOME"] is None for prefix in _PREFIXES)


def _answer(row: Row, prefix: str) -> Answer:
    def number(name: str) -> int | None:
        value: Any = row[f"{prefix}_{name}"]
        return None if value is None else int(value)

    probability = row[f"{prefix}_PROBABILITY"]
    return Answer(
        label=row[f"{prefix}_LABEL"],
        outcome=row[f"{prefix}_OUTCOME"],
        probability=None if probability is None else float(probability),
        input_tokens=number("INPUT_TOKENS"),
        output_tokens=number("OUTPUT_TOKENS"),
        answered_by=row[f"{prefix}_ANSWERED_BY"],
        error=row[f"{prefix}_ERROR"],
    )
