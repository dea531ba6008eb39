"""A text in another language."""

from __future__ import annotations

from cortex_tickets.markup import Child
from cortex_tickets.notebook_card import facts, letter
from cortex_tickets.records.insight import Insight


class Translation(Insight):
    """One text in another language."""

    translation: str | None
    """The text in the target language; `None` unless the outcome is `valid`."""
    target_language: str
    """The two-letter code of the language that was asked for."""
    source_language: str | None
    """The two-letter code of the text's own language as it was given; `None` where Snowflake was to find it out. It
    does not say what it found."""

    @property
    def _shown(self) -> list[Child]:
        return [
            letter(self.translation),
            facts({"from": self.source_language or "found out", "to": self.target_language}),
        ]
