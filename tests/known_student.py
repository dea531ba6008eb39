"""A student whose answers stand in a table, so that a test says how sure it is of which text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

from cortex_tickets._classifying.verbs import ClassifierVerbs
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.problems import Problems
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.ticket_source import TicketSource

MODEL = "a student"
TOKENS = 10


class KnownAnswers:
    """Looks up a text's label and probability: the operation of a `KnownStudent`."""

    name: ClassVar[str] = "classify"
    is_listed: ClassVar[bool] = False
    names_text_once: ClassVar[bool] = False
    extra_columns: ClassVar[Mapping[str, str]] = {
        "PROBABILITY": "FLOAT",
        "RUNNER_UP": "VARCHAR",
        "RUNNER_UP_PROBABILITY": "FLOAT",
    }

    def __init__(self, table: str, labels: LabelSet, version: str) -> None:
        self.table, self.labels, self.version = table, labels, version

    @property
    def hash(self) -> str:
        return hashlib.sha256(f"{self.table} {self.version} {self.labels.names}".encode()).hexdigest()

    @property
    def model(self) -> str:
        return MODEL

    @property
    def candidates(self) -> tuple[str, ...]:
        return (MODEL,)

    def asking(self, model: str) -> Self:
        assert model == MODEL
        return self

    def expected_output_tokens(self, text: str, read: str) -> str:
        del text, read
        return "0"

    def most_output_tokens(self, text: str, read: str) -> str:
        del text, read
        return "0"

    def specification(self) -> dict[str, Any]:
        return {"table": self.table, "version": self.version}

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return the stored answers; a text that the table lacks is an error. An engine's function marks the asking."""
        kept = "".join(f"A.{name}, " for name in passed)
        asked = f"SELECT {', '.join(passed)}, {text_hash(text)} AS ASKED_HASH FROM {relation}"
        return (
            f"SELECT {kept}K.LABEL, IFF(K.LABEL IS NULL, 'error', 'valid') AS OUTCOME, K.LABEL AS ANSWER, "
            "IFF(K.LABEL IS NULL, 'not known to this student', NULL) AS ERROR, NULL::VARCHAR AS REPAIR, "
            f"{TOKENS}::NUMBER AS INPUT_TOKENS, 0::NUMBER AS OUTPUT_TOKENS, K.PROBABILITY, "
            "NULL::VARCHAR AS RUNNER_UP, NULL::FLOAT AS RUNNER_UP_PROBABILITY "
            f"FROM ({asked}) A LEFT JOIN {self.table} K ON K.TEXT_HASH = A.ASKED_HASH"
        )

    def token_count(self, text: str) -> str:
        return f"IFF({text} IS NULL, NULL, {TOKENS})"

    def table_query(self, source: TicketSource) -> str:
        rows = f"(SELECT {source.column('id')} AS TICKET_ID, {source.column('text')} AS INPUT FROM {source.relation})"
        return self.answered(rows, "INPUT", ("TICKET_ID",))


class KnownStudent(ClassifierVerbs):
    """A student that knows what the table says."""

    def __init__(
        self,
        session: Any,
        *,
        table: str,
        labels: LabelSet,
        version: str = "1",
        price: ModelPrice | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        prices = None if price is None else {MODEL: price}
        self.known = KnownAnswers(table, labels, version)
        super().__init__(session, self.known, is_tuned=True, prices=prices, clock=clock)

    def _ready(self, client: CortexClient, problems: Problems) -> Any:
        del client, problems
        return self.operation


def teach(session: Any, table: str, answers: Sequence[tuple[str, str, float]]) -> None:
    """Write what a student knows: (text, label, probability)."""
    rows = [(hashlib.sha256(text.encode()).hexdigest(), label, probability) for text, label, probability in answers]
    session.create_dataframe(rows, schema=["TEXT_HASH", "LABEL", "PROBABILITY"]).write.save_as_table(table)
