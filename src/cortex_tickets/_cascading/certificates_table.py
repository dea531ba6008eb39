"""The certificates table: every attempt on every calibration sample, written down before anything is looked at.

A second attempt on a sample whose result is known is no fresh proof, and on a fresh sample it is one more chance to be
lucky: whoever may try again until it works will find a sample that flatters. So an attempt is a row, there from its
beginning, with what it spends of delta; `attempts` has the rules.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from cortex_tickets._cascading.attempts import Attempt, AttemptState, Question, Standing
from cortex_tickets._cascading.loading import stored_certificate
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, NotCertifiedError, ObjectNotFoundError, UnexpectedAnswerError
from cortex_tickets.ledger.schema import definition, form_problems
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.table_name import TableName

SCHEMA_VERSION = 2
COLUMNS: Mapping[str, str] = {
    "ATTEMPT_ID": "VARCHAR",
    "STATE": "VARCHAR",
    "QUESTION": "VARCHAR",
    "N_ATTEMPTS": "NUMBER(38,0)",
    "STUDENT_HASH": "VARCHAR",
    "TEACHER_HASH": "VARCHAR",
    "REFERENCE": "VARCHAR",
    "TARGET": "FLOAT",
    "DELTA": "FLOAT",
    "LEVEL": "FLOAT",
    "SAMPLE_HASH": "VARCHAR",
    "TICKET_KEYS": "VARCHAR",
    "RESULT": "VARCHAR",
    "CONTENT_HASH": "VARCHAR",
    "STARTED_AT": "TIMESTAMP_TZ",
    "FINISHED_AT": "TIMESTAMP_TZ",
    "SCHEMA_VERSION": "NUMBER(38,0)",
}


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
        return form_problems(self._client, self._table, COLUMNS, f"The certificates table {self._table}")

    def standing(self, question: Question) -> Standing:
        """Return what the table has of the question. One statement, which writes nothing."""
        # Twins of one question, of two clients that asked it at once, count once.
        query = (
            "SELECT ATTEMPT_ID, STATE, QUESTION, N_ATTEMPTS, STUDENT_HASH, TEACHER_HASH, REFERENCE, TARGET, "
            f"DELTA, LEVEL, SAMPLE_HASH, TICKET_KEYS, RESULT, CONTENT_HASH FROM {self._table.sql} "
            "QUALIFY ROW_NUMBER() OVER (PARTITION BY QUESTION ORDER BY STARTED_AT, ATTEMPT_ID) = 1 "
            "ORDER BY STARTED_AT, ATTEMPT_ID"
        )
        try:
            rows = self._client.run(query)
        except ObjectNotFoundError:
            rows = []
        return Standing(question, str(self._table), rows)

    def begin(self, question: Question) -> Attempt:
        """Write the attempt down, or find the one that asked the same, and return it.

        Raises:
            InvalidInputError: If no attempt is left on this sample, or another number of them was planned, or the
                attempts of this student and teacher have used delta up.
            NotCertifiedError: If the same question was answered with a refusal before.
        """
        self._client.run(f"CREATE TABLE IF NOT EXISTS {self._table.sql} ({definition(COLUMNS)})")
        before = self.standing(question)
        if problems := before.problems():
            raise InvalidInputError(problems)
        if not before.is_reserved:
            self._reserve(question, before)
        # Written first and counted then: of two that begin at once, at least one sees the other, and steps back.
        standing = before if before.is_reserved else self.standing(question)
        if standing.mine is None:
            raise UnexpectedAnswerError(
                f"Snowflake has no row of the attempt that was written into {self._table}", answer=None
            )
        if not before.is_reserved and (problems := standing.overdrawn()):
            self._pause(question)
            raise InvalidInputError(problems)
        return _attempt(standing, standing.mine)

    def pause(self, question: Question) -> None:
        """Write down that the attempt ended before its outcome was looked at, so that it does not count."""
        self._pause(question)

    def certify(self, attempt: Attempt, certificate: Certificate) -> None:
        """Write down what the attempt came to."""
        self._conclude(attempt, AttemptState.CERTIFIED, certificate.model_dump_json(), certificate.content_hash)

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

    def of_pair(self, student_hash: str, teacher_hash: str) -> list[Row]:
        """Return the rows of these two models' certificates, the newest first.

        Raises:
            InvalidInputError: If there is no such table, or it is one of another form.
        """
        if problems := self.problems():
            raise InvalidInputError(problems)
        query = (
            f"SELECT {', '.join(COLUMNS)} FROM {self._table.sql} WHERE STATE = 'CERTIFIED' AND STUDENT_HASH = ? "
            "AND TEACHER_HASH = ? ORDER BY FINISHED_AT DESC, ATTEMPT_ID"
        )
        try:
            return self._client.run(query, student_hash, teacher_hash)
        except ObjectNotFoundError:
            raise InvalidInputError(
                f"There is no certificates table {self._table}, or this role may not see it. Give the table that "
                "Cascade.certify(..., into=...) wrote."
            ) from None

    def _reserve(self, question: Question, standing: Standing) -> None:
        if standing.mine is None:
            self._insert(question, standing.level)
            return
        self._client.rows(
            Statement(
                f"UPDATE {self._table.sql} SET STATE = ?, LEVEL = ?, STARTED_AT = CURRENT_TIMESTAMP() "
                "WHERE QUESTION = ? AND STATE = ?",
                (AttemptState.STARTED.value, standing.level, question.hash, AttemptState.PAUSED.value),
            )
        )

    def _pause(self, question: Question) -> None:
        self._client.without_deadline().rows(
            Statement(
                f"UPDATE {self._table.sql} SET STATE = ? WHERE QUESTION = ? AND STATE = ?",
                (AttemptState.PAUSED.value, question.hash, AttemptState.STARTED.value),
            )
        )

    def _insert(self, question: Question, level: float) -> None:
        values: dict[str, Any] = {
            "ATTEMPT_ID": uuid.uuid4().hex,
            "STATE": AttemptState.STARTED.value,
            "QUESTION": question.hash,
            "N_ATTEMPTS": question.n_attempts,
            "STUDENT_HASH": question.student_hash,
            "TEACHER_HASH": question.teacher_hash,
            "REFERENCE": question.reference,
            "TARGET": question.target,
            "DELTA": question.delta,
            "LEVEL": level,
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

    def _conclude(self, attempt: Attempt, state: AttemptState, result: str, content_hash: str | None = None) -> None:
        # Whoever concludes first has concluded: two clients with one question find the same.
        self._client.rows(
            Statement(
                f"UPDATE {self._table.sql} SET STATE = ?, RESULT = ?, CONTENT_HASH = ?, "
                "FINISHED_AT = CURRENT_TIMESTAMP() WHERE ATTEMPT_ID = ? AND STATE = ?",
                (state.value, result, content_hash, attempt.id, AttemptState.STARTED.value),
            )
        )
        written = self._client.run(f"SELECT STATE FROM {self._table.sql} WHERE ATTEMPT_ID = ?", attempt.id)
        if not written or written[0]["STATE"] in {AttemptState.STARTED, AttemptState.PAUSED}:
            raise InvalidInputError(
                f"The attempt is not in {self._table} any more, or another client that made the same one gave it up "
                "meanwhile, so that nothing was concluded. Certify again: what was answered is not asked again."
            )


def _attempt(standing: Standing, row: Mapping[str, Any]) -> Attempt:
    if row["STATE"] == AttemptState.REFUSED:
        stored = json.loads(row["RESULT"])
        raise NotCertifiedError(stored.pop("text"), **stored)
    return Attempt(
        id=row["ATTEMPT_ID"],
        number=standing.number,
        level=standing.level,
        n_of_pair=len(standing.of_pair) + 1,
        n_refused=standing.n_refused,
        spent=standing.spent,
        certificate=stored_certificate(row) if row["STATE"] == AttemptState.CERTIFIED else None,
    )
