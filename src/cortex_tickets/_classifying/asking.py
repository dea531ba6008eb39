"""Asks about texts that are sent with the statement."""

from __future__ import annotations

from functools import partial

from cortex_tickets._cortex.candidates import answered
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.labelling import Labelling
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_blocks import POSITIONED, positioned


def ask_texts(client: CortexClient, operation: Labelling, texts: list[str]) -> tuple[Labelling, list[Row]]:
    """Return what was asked in the end, and the answers, one for each text, in order.

    Raises:
        InvalidInputError: If the account has none of the models.
        CortexError: If Snowflake fails for another reason than one text.
    """
    is_listed = operation.function == "AI_COMPLETE" and operation.counting_model is None
    return answered(client, operation, partial(_statement, texts=texts), is_listed=is_listed)


def _statement(operation: Labelling, texts: list[str]) -> Statement:
    if len(texts) == 1:
        return Statement(operation.answered("", "?", ()), (texts[0],))
    return positioned(operation.answered(POSITIONED, "INPUT", ("POSITION",)), texts)
