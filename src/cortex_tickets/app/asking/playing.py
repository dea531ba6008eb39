"""What the playground asks about one text: a record of a defect, a translation, how it sounds."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from uuid import uuid4

from cortex_tickets import (
    DefectSummary,
    Estimate,
    Extraction,
    Sentiment,
    TicketSource,
    Translation,
    samples,
)
from cortex_tickets.app.desk import Desk

LANGUAGES = {
    "English": "en",
    "German": "de",
    "French": "fr",
    "Spanish": "es",
    "Italian": "it",
    "Portuguese": "pt",
    "Polish": "pl",
    "Swedish": "sv",
    "Russian": "ru",
    "Japanese": "ja",
    "Korean": "ko",
}
"""The eleven languages of the guide's page, with the codes that AI_TRANSLATE takes."""
ASPECTS = ("product", "service", "delivery")


@dataclass(frozen=True, slots=True)
class Transcript:
    """One packaged call."""

    title: str
    text: str
    language: str


@cache
def transcripts() -> tuple[Transcript, ...]:
    """Return the packaged calls."""
    with samples.call_transcripts().open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Transcript(
            f"{number}. {row['LANGUAGE']}: {row['PRODUCT']} {row['CATEGORY']}, {row['DAMAGE_TYPE']}",
            row["TRANSCRIPT"],
            row["LANGUAGE"],
        )
        for number, row in enumerate(rows, start=1)
    )


def defect(desk: Desk, text: str) -> Extraction[DefectSummary]:
    """Return what a call says of a defect, as the guide's record. One or two billed statements."""
    return desk.insights.extract(text, DefectSummary)


def translation(desk: Desk, text: str, language: str) -> Translation:
    """Return the text in another language of `LANGUAGES`. One billed statement."""
    return desk.insights.translate(text, target_language=LANGUAGES[language])


def sentiment(desk: Desk, text: str) -> Sentiment:
    """Return how the text sounds. One billed statement."""
    return desk.insights.sentiment(text, aspects=ASPECTS)


def estimate(desk: Desk, text: str, what: str, language: str) -> Estimate:
    """Return what asking about the text would cost. The text is bound into a temporary table; nothing is billed.

    Args:
        desk: Where to ask.
        text: The text.
        what: `defect`, `translation` or `sentiment`.
        language: For a translation.
    """
    # A name for this one use: readers share the session, and may ask about the same text at the same moment.
    table = f"CORTEX_TICKETS_PLAYGROUND_{uuid4().hex.upper()}"
    desk.rows(f"CREATE OR REPLACE TEMPORARY TABLE {table} AS SELECT 'text' AS TICKET_ID, ?::VARCHAR AS REQUEST", text)
    source = TicketSource(
        table=table, customer_name=None, customer_email=None, service_type=None, contact_preference=None
    )
    insights = desk.insights
    try:
        if what == "defect":
            return insights.estimate_extract(source, DefectSummary)
        if what == "translation":
            return insights.estimate_translate(source, target_language=LANGUAGES[language])
        return insights.estimate_sentiment(source, aspects=ASPECTS)
    finally:
        desk.rows(f"DROP TABLE IF EXISTS {table}")
