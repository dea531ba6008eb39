"""A text in fewer words."""

from __future__ import annotations

from typing import Literal

from cortex_tickets.markup import Child
from cortex_tickets.notebook_card import facts, letter
from cortex_tickets.records.insight import Insight


class Summary(Insight):
    """One text in fewer words, and how the limit of words was kept."""

    summary: str | None
    """The summary; `None` where there is no answer. It never has more than `max_words` words."""
    n_words: int | None = None
    """Its words, counted as runs between white space; `None` without a summary."""
    max_words: int | None
    """The limit that was asked for; `None` for none."""
    function: Literal["AI_SUMMARIZE", "AI_COMPLETE"]
    """What was asked. AI_SUMMARIZE takes no limit of words, so with one it is AI_COMPLETE, told the limit. Where the
    answer is longer all the same it is cut, after a sentence if that keeps half of the limit, and `repair` is `cut`."""

    @property
    def _shown(self) -> list[Child]:
        limit = "" if self.max_words is None else f", {self.max_words} allowed"
        return [letter(self.summary), facts({"words": None if self.n_words is None else f"{self.n_words}{limit}"})]
