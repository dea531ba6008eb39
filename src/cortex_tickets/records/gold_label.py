"""A label that a person gave, as it stands in a gold table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from cortex_tickets.records.record import Received

GOLD_COLUMNS: Mapping[str, str] = {
    "TICKET_ID": "VARCHAR",
    "TEXT_HASH": "VARCHAR",
    "LABEL": "VARCHAR",
    "SOURCE": "VARCHAR",
    "ANNOTATOR": "VARCHAR",
    "LABELLED_AT": "TIMESTAMP_TZ",
}
"""The columns of a gold table, with their types."""


class GoldSource(StrEnum):
    """How a ticket came to be labelled by a person. Only a random sample measures; corrections train."""

    RANDOM_SAMPLE = "random_sample"
    """It was drawn blind: nobody looked at a model's label first."""
    CORRECTION = "correction"
    """A person noticed it, as a rule because its label was wrong."""


class GoldLabel(Received):
    """A label that a person gave to one ticket."""

    ticket_id: str
    """The ticket's id."""
    text_hash: str
    """SHA-256, in hexadecimal, of the ticket's text: an id alone names no ticket."""
    label: str
    """The label."""
    source: GoldSource
    """How the ticket came to be labelled."""
    annotator: str | None
    """Who gave the label; `None` if unknown."""
    labelled_at: datetime | None
    """When, in UTC; `None` if unknown."""
