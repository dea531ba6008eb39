"""Asks about texts that are sent with the statement."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from cortex_tickets._cortex.candidates import answered
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_blocks import POSITIONED, positioned
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.ticket_source import TicketSource


class LabelQuestion(Operation, Protocol):
    """An operation that gives each text one label out of a set."""

    @property
    def labels(self) -> LabelSet:
        """The labels."""
        ...

    @property
    def is_listed(self) -> bool:
        """Whether its models are among those that an account lists."""
        ...

    @property
    def names_text_once(self) -> bool:
        """Whether its statement has the text's expression once, so that it can be a bind mark."""
        ...

    def table_query(self, source: TicketSource) -> str:
        """Return one SELECT over the source, row by row, without bind values."""
        ...


def ask_texts(client: CortexClient, operation: LabelQuestion, texts: list[str]) -> tuple[LabelQuestion, list[Row]]:
    """Return what was asked in the end, and the answers, one for each text, in order.

    Raises:
        InvalidInputError: If the account has none of the models.
        CortexError: If Snowflake fails for another reason than one text.
    """
    return answered(client, operation, partial(_statement, texts=texts), is_listed=operation.is_listed)


def _statement(operation: LabelQuestion, texts: list[str]) -> Statement:
    if len(texts) == 1 and operation.names_text_once:
        return Statement(operation.answered("", "?", ()), (texts[0],))
    return positioned(operation.answered(POSITIONED, "INPUT", ("POSITION",)), texts)
