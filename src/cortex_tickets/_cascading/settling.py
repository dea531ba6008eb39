"""Who answers which ticket, as SQL over a ledger that has the answers of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from cortex_tickets._cascading.members import Member, question_of
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import TICKETS, is_blank, text_hash
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.prediction import LABELLED
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource

_ANSWERS = ("LABEL", "OUTCOME", "ANSWER", "ERROR", "REPAIR")
_SCORES: Mapping[str, str] = {"PROBABILITY": "FLOAT", "RUNNER_UP": "VARCHAR", "RUNNER_UP_PROBABILITY": "FLOAT"}
_EXTRA: Mapping[str, str] = {**_SCORES, "ANSWERED_BY": "VARCHAR"}
_LABELLED = ", ".join(literal(outcome.value) for outcome in LABELLED)


def is_sure(outcome: str, probability: str, threshold: float) -> str:
    """Return the condition that the student's answer stands: the one rule, for a table and for a query.

    Args:
        outcome: Expression of the student's OUTCOME.
        probability: Expression of its PROBABILITY.
        threshold: From the certificate.
    """
    return f"COALESCE({outcome} IN ({_LABELLED}) AND {probability} >= {threshold!r}::FLOAT, FALSE)"


@dataclass(frozen=True, slots=True)
class CascadeSql:
    """The statements of one certified cascade over one ledger."""

    certificate: Certificate
    into: TableName

    def uncertain(self, source: TicketSource) -> TicketSource:
        """Return the tickets that the teacher has to answer: the student has an answer, and is not sure of it."""
        id_, text = source.column("id"), source.column("text")
        return TicketSource(
            query=(
                f"SELECT T.TICKET_ID, T.TEXT FROM (SELECT {id_}::VARCHAR AS TICKET_ID, {text} AS TEXT FROM "
                f"{source.relation}) T JOIN {self._by_text(self.certificate.student_hash)} S "
                f"ON S.TEXT_HASH = {text_hash('T.TEXT')} WHERE NOT ({is_blank('T.TEXT')}) AND NOT {self._sure}"
            ),
            id="TICKET_ID",
            text="TEXT",
        )

    def settled(self, source: TicketSource) -> WorkSource:
        """Return the tickets whose answer is known: blank ones, those the student is sure of, those the teacher has."""
        id_, text = source.column("id"), source.column("text")
        relation = (
            f"(SELECT T.* FROM (SELECT {id_}::VARCHAR AS TICKET_ID, {text} AS TEXT FROM {source.relation}) T "
            f"LEFT JOIN {self.answers()} A ON A.TEXT_HASH = {text_hash('T.TEXT')} "
            f"WHERE A.TEXT_HASH IS NOT NULL OR {is_blank('T.TEXT')})"
        )
        return WorkSource(relation, "TICKET_ID", "TEXT", str(source))

    def answers(self) -> str:
        """Return a subquery with one row for each distinct text whose answer is known, and who gave it."""
        of_student = ", ".join(f"S.{name}" for name in (*_ANSWERS, *_SCORES, "ANSWERED_BY"))
        of_teacher = ", ".join(
            [f"R.{name}" for name in _ANSWERS],
        )
        nothing = ", ".join(f"NULL::{kind} AS {name}" for name, kind in _SCORES.items())
        student = self._by_text(self.certificate.student_hash)
        return (
            f"(SELECT S.TEXT_HASH, {of_student} FROM {student} S WHERE {self._sure} "
            # What the teacher once answered does not count where the student is sure: the certificate is of the rule.
            f"UNION ALL SELECT R.TEXT_HASH, {of_teacher}, {nothing}, R.ANSWERED_BY "
            f"FROM {self._by_text(self.certificate.teacher_hash)} R "
            f"JOIN {student} S ON S.TEXT_HASH = R.TEXT_HASH WHERE NOT {self._sure})"
        )

    def counts(self, source: TicketSource) -> str:
        """Return a SELECT of how many tickets have which OUTCOME, ANSWERED_BY whom; a NULL outcome for none yet."""
        id_, text = source.column("id"), source.column("text")
        return (
            f"WITH {TICKETS} AS (SELECT DISTINCT {id_}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH "
            f"FROM {source.relation}) SELECT L.OUTCOME, L.ANSWERED_BY, COUNT(*) AS N FROM {TICKETS} T "
            f"LEFT JOIN {self.into.sql} L ON L.TICKET_ID = T.TICKET_ID AND L.TEXT_HASH = T.TEXT_HASH "
            f"AND L.CLASSIFIER_HASH = {literal(self.certificate.cascade_hash)} "
            "GROUP BY L.OUTCOME, L.ANSWERED_BY ORDER BY N DESC, L.OUTCOME, L.ANSWERED_BY"
        )

    @property
    def _sure(self) -> str:
        return is_sure("S.OUTCOME", "S.PROBABILITY", self.certificate.threshold)

    def _by_text(self, classifier_hash: str) -> str:
        """Return a subquery of one classifier's answers, one for each text; an answer before an error."""
        return (
            f"(SELECT * FROM {self.into.sql} WHERE CLASSIFIER_HASH = {literal(classifier_hash)} "
            "QUALIFY ROW_NUMBER() OVER (PARTITION BY TEXT_HASH ORDER BY IFF(OUTCOME = 'error', 1, 0), TICKET_ID) = 1)"
        )


@dataclass(frozen=True)
class Settling:
    """Writing down who answered, as an operation: it asks no model, so it costs nothing but the warehouse."""

    sql: CascadeSql
    student: Member
    teacher: Member

    name: ClassVar[str] = "cascade"
    extra_columns: ClassVar[Mapping[str, str]] = _EXTRA
    names_text_once: ClassVar[bool] = False

    @property
    def hash(self) -> str:
        """SHA-256 of both classifiers, the threshold and the rule."""
        return self.sql.certificate.cascade_hash

    @property
    def model(self) -> str:
        """How the runs table calls the two."""
        return f"{self.student.model}, {self.teacher.model}"

    @property
    def candidates(self) -> tuple[str, ...]:
        """There is nothing to choose from."""
        return (self.model,)

    def asking(self, model: str) -> Self:
        """Return itself: no model is asked."""
        del model
        return self

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT of the answer to each row of `relation`, as it stands in the ledger."""
        del text
        kept = ", ".join(f"W.{name}" for name in passed)
        told = ", ".join(f"A.{name}" for name in (*_ANSWERS, *_EXTRA))
        return (
            f"SELECT {kept}, {told}, NULL::NUMBER AS INPUT_TOKENS, NULL::NUMBER AS OUTPUT_TOKENS "
            f"FROM (SELECT {', '.join(passed)} FROM {relation}) W "
            f"JOIN {self.sql.answers()} A ON A.TEXT_HASH = W.TEXT_HASH"
        )

    def token_count(self, text: str) -> str:
        """Return that nothing is read."""
        del text
        return "NULL::NUMBER"

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return that nothing is written."""
        del text, read
        return "0"

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return that nothing is written."""
        del text, read
        return "0"

    def specification(self) -> dict[str, Any]:
        """Return what the run is about: the certificate, and the questions of both.

        The teacher's prompt stands there as it does with any run, so that a training set can be made of the labels.
        """
        teacher = question_of(self.teacher).specification()
        return {
            "certificate": self.sql.certificate.model_dump(mode="json"),
            "student": question_of(self.student).specification(),
            "teacher": teacher,
            "prompt": teacher.get("prompt"),
        }
