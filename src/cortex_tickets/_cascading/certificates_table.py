"""The certificates table: every attempt on every calibration sample, written down before anything is looked at.

A second attempt on a sample whose result is known is no fresh proof: whoever may try again until it works will find a
sample that flatters. So an attempt is a row, there from its beginning; the number of attempts is planned with the first
one and stands in it, and each of them is tested at its part of delta. A sample that shares more than a tenth of its
tickets with an earlier one counts as the same.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from cortex_tickets._cascading.drawing import Drawn
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.ticket_key import ticket_key
from cortex_tickets.errors import InvalidInputError, NotCertifiedError, ObjectNotFoundError, UnexpectedAnswerError
from cortex_tickets.ledger.schema import definition, form_problems
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.table_name import TableName

SCHEMA_VERSION = 1
SHARED = 0.1
"""Share of the smaller sample's tickets from which two samples count as the same one; two draws from a large table
share hardly any."""
COLUMNS: Mapping[str, str] = {
    "ATTEMPT_ID": "VARCHAR",
    "STATE": "VARCHAR",
    "QUESTION": "VARCHAR",
    "N_ATTEMPTS": "NUMBER(38,0)",
    "STUDENT_HASH": "VARCHAR",
    "TEACHER_HASH": "VARCHAR",
    "TARGET": "FLOAT",
    "DELTA": "FLOAT",
    "SAMPLE_HASH": "VARCHAR",
    "TICKET_KEYS": "VARCHAR",
    "RESULT": "VARCHAR",
    "STARTED_AT": "TIMESTAMP_TZ",
    "FINISHED_AT": "TIMESTAMP_TZ",
    "SCHEMA_VERSION": "NUMBER(38,0)",
}


class AttemptState(StrEnum):
    """How far an attempt is."""

    STARTED = "STARTED"
    """Written down; its answers may have been asked for, and nothing was concluded."""
    CERTIFIED = "CERTIFIED"
    """RESULT has the certificate."""
    REFUSED = "REFUSED"
    """RESULT says what it would have taken."""


@dataclass(frozen=True, slots=True)
class Question:
    """What an attempt asks: of which cascade, on which sample, how much."""

    student_hash: str
    teacher_hash: str
    target: float
    delta: float
    n_attempts: int
    reference: str
    sample: Drawn

    @property
    def hash(self) -> str:
        """SHA-256, in hexadecimal: the same question has the same answer, and is no further attempt."""
        content = [self.student_hash, self.teacher_hash, self.target, self.delta, self.n_attempts, self.reference]
        return hashlib.sha256(json.dumps([*content, self.sample.hash]).encode()).hexdigest()

    @property
    def keys(self) -> list[str]:
        """Names of the sample's tickets, short and without their text."""
        return [ticket_key(*ticket.key) for ticket in self.sample.tickets]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, under way or over."""

    id: str
    number: int
    """Which one on this sample, from 1."""
    certificate: Certificate | None
    """What it came to before; `None` while nothing was concluded."""


class CertificatesTable:
    """The table, and what is asked of it.

    Args:
        client: How statements are sent.
        table: Its name, with database and schema.
    """

    def __init__(self, client: CortexClient, table: TableName) -> None:
        self._client = client
        self._table = table

    def problems(self) -> list[str]:
        """Return what speaks against writing into it."""
        return form_problems(self._client, self._table, COLUMNS, f"into={str(self._table)!r}")

    def begin(self, question: Question) -> Attempt:
        """Write the attempt down, or find the one that asked the same, and return it.

        Raises:
            InvalidInputError: If no attempt is left on this sample, or another number of them was planned.
            NotCertifiedError: If the same question was answered with a refusal before.
        """
        self._client.run(f"CREATE TABLE IF NOT EXISTS {self._table.sql} ({definition(COLUMNS)})")
        found = self._same(question)
        if found is None:
            self._require_planned(question, self._on_this_sample(question))
            self._insert(question)
            found = self._same(question)
        if found is None:
            raise UnexpectedAnswerError(
                f"Snowflake has no row of the attempt that was written into {self._table}", answer=None
            )
        # Counted only now: of two that begin at once, each sees the other.
        rows = self._on_this_sample(question)
        number = 1 + [row["ATTEMPT_ID"] for row in rows].index(found["ATTEMPT_ID"])
        if number > question.n_attempts:
            raise _used_up(rows, question)
        if found["STATE"] == AttemptState.REFUSED:
            raise _stored_refusal(found)
        certificate = _certificate(found) if found["STATE"] == AttemptState.CERTIFIED else None
        return Attempt(found["ATTEMPT_ID"], number, certificate)

    def certify(self, attempt: Attempt, certificate: Certificate) -> None:
        """Write down what the attempt came to."""
        self._conclude(attempt, AttemptState.CERTIFIED, certificate.model_dump_json())

    def refuse(self, attempt: Attempt, refusal: NotCertifiedError) -> None:
        """Write down that the attempt failed, and why."""
        result = {
            "text": str(refusal),
            "n": refusal.n,
            "n_errors": refusal.n_errors,
            "n_allowed": refusal.n_allowed,
            "n_needed": refusal.n_needed,
            "target_possible": refusal.target_possible,
        }
        self._conclude(attempt, AttemptState.REFUSED, json.dumps(result))

    def newest(self, student_hash: str, teacher_hash: str) -> Certificate | None:
        """Return the newest certificate of these two models; `None` if there is none.

        Raises:
            InvalidInputError: If there is no such table.
        """
        query = (
            f"SELECT RESULT FROM {self._table.sql} WHERE STATE = 'CERTIFIED' AND STUDENT_HASH = ? "
            "AND TEACHER_HASH = ? ORDER BY FINISHED_AT DESC, ATTEMPT_ID LIMIT 1"
        )
        try:
            rows = self._client.run(query, student_hash, teacher_hash)
        except ObjectNotFoundError:
            raise InvalidInputError(
                f"There is no certificates table {self._table}, or this role may not see it. Give the table that "
                "Cascade.certify(..., into=...) wrote."
            ) from None
        return _certificate(rows[0]) if rows else None

    def _same(self, question: Question) -> Row | None:
        rows = self._client.run(
            f"SELECT ATTEMPT_ID, STATE, RESULT FROM {self._table.sql} WHERE QUESTION = ? "
            "ORDER BY STARTED_AT, ATTEMPT_ID LIMIT 1",
            question.hash,
        )
        return rows[0] if rows else None

    def _on_this_sample(self, question: Question) -> list[Row]:
        """Return the attempts on this sample, the first one first; twins of one question count once."""
        mine = set(question.keys)
        rows = self._client.run(
            f"SELECT ATTEMPT_ID, N_ATTEMPTS, TICKET_KEYS FROM {self._table.sql} "
            "QUALIFY ROW_NUMBER() OVER (PARTITION BY QUESTION ORDER BY STARTED_AT, ATTEMPT_ID) = 1 "
            "ORDER BY STARTED_AT, ATTEMPT_ID"
        )
        return [row for row in rows if _is_shared(mine, set(json.loads(row["TICKET_KEYS"])))]

    def _require_planned(self, question: Question, rows: list[Row]) -> None:
        if not rows:
            return
        if len(rows) >= int(rows[0]["N_ATTEMPTS"]):
            raise _used_up(rows, question)
        if int(rows[0]["N_ATTEMPTS"]) != question.n_attempts:
            raise InvalidInputError(
                f"attempts={question.n_attempts}, but {rows[0]['N_ATTEMPTS']} were planned with the first attempt on "
                "this calibration sample, and delta is divided among them. Give the same number."
            )

    def _insert(self, question: Question) -> None:
        values: dict[str, Any] = {
            "ATTEMPT_ID": uuid.uuid4().hex,
            "STATE": AttemptState.STARTED.value,
            "QUESTION": question.hash,
            "N_ATTEMPTS": question.n_attempts,
            "STUDENT_HASH": question.student_hash,
            "TEACHER_HASH": question.teacher_hash,
            "TARGET": question.target,
            "DELTA": question.delta,
            "SAMPLE_HASH": question.sample.hash,
            "TICKET_KEYS": json.dumps(question.keys),
            "SCHEMA_VERSION": SCHEMA_VERSION,
        }
        marks = ", ".join(f"?::{COLUMNS[name]}" for name in values)
        self._client.rows(
            Statement(
                f"INSERT INTO {self._table.sql} ({', '.join(values)}, STARTED_AT) SELECT {marks}, CURRENT_TIMESTAMP()",
                tuple(values.values()),
            )
        )

    def _conclude(self, attempt: Attempt, state: AttemptState, result: str) -> None:
        # Whoever concludes first has concluded: two clients with one question find the same.
        self._client.rows(
            Statement(
                f"UPDATE {self._table.sql} SET STATE = ?, RESULT = ?, FINISHED_AT = CURRENT_TIMESTAMP() "
                "WHERE ATTEMPT_ID = ? AND STATE = ?",
                (state.value, result, attempt.id, AttemptState.STARTED.value),
            )
        )


def _is_shared(mine: set[str], theirs: set[str]) -> bool:
    return len(mine & theirs) > SHARED * min(len(mine), len(theirs))


def _used_up(rows: list[Row], question: Question) -> InvalidInputError:
    planned = int(rows[0]["N_ATTEMPTS"])
    return InvalidInputError(
        f"{planned} {'attempt was' if planned == 1 else 'attempts were'} planned on this calibration sample (or on one "
        f"that shares more than a tenth of its {len(question.sample.tickets)} tickets), and {planned} "
        f"{'was' if planned == 1 else 'were'} made. A further one is no fresh proof: whoever tries until it works will "
        "find a threshold that flatters. Draw a fresh sample; next time plan several attempts with attempts=, which "
        "divides delta among them."
    )


def _stored_refusal(row: Row) -> NotCertifiedError:
    stored = json.loads(row["RESULT"])
    return NotCertifiedError(stored.pop("text"), **stored)


def _certificate(row: Row) -> Certificate:
    return Certificate.model_validate(json.loads(row["RESULT"]))
