"""How a text sounds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from cortex_tickets.markup import Child
from cortex_tickets.notebook_card import facts
from cortex_tickets.records.insight import Insight


class SentimentLabel(StrEnum):
    """How a text sounds, in AI_SENTIMENT's words."""

    POSITIVE = "positive"
    """It sounds pleased."""
    NEGATIVE = "negative"
    """It sounds displeased."""
    NEUTRAL = "neutral"
    """It sounds neither pleased nor displeased."""
    MIXED = "mixed"
    """It sounds pleased in one place and displeased in another."""
    UNKNOWN = "unknown"
    """The text does not speak of this, or its language is none that AI_SENTIMENT knows."""


class Sentiment(Insight):
    """How one text sounds: on the whole, about each aspect that was asked for, and as a number.

    The words are AI_SENTIMENT's. The number is a language model's own judgement, asked for in the same statement, so
    the two may differ.
    """

    sentiment: SentimentLabel | None
    """How the text sounds on the whole; `None` where there is no answer."""
    aspects: Mapping[str, SentimentLabel] = Field(default_factory=dict)
    """How it sounds about each aspect; one that the answer lacks is not in it."""
    score: float | None = None
    """From -1, very negative, to 1, very positive; `None` where it was not asked for or there is no answer."""

    @property
    def _shown(self) -> list[Child]:
        whole = {
            "sentiment": None if self.sentiment is None else self.sentiment.value,
            "score": None if self.score is None else f"{self.score:+.2f}",
        }
        return [facts(whole), facts({aspect: label.value for aspect, label in self.aspects.items()})]
