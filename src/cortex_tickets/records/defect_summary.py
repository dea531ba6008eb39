"""What a customer's call about a defect says: the record of Snowflake's quickstart."""

from __future__ import annotations

from pydantic import field_validator

from cortex_tickets.records.record import Received

MAX_WORDS = 199
"""Words of the summary, at most: the quickstart asks for less than 200."""


class DefectSummary(Received):
    """What a customer reports about a product."""

    product: str
    """Name of the product that the customer speaks of"""
    defect: str
    """What is wrong with the product"""
    summary: str
    """Summary of the conversation in fewer than 200 words"""

    @field_validator("summary")
    @classmethod
    def _is_short(cls, summary: str) -> str:
        n_words = len(summary.split())
        if n_words > MAX_WORDS:
            raise ValueError(f"the summary has {n_words} words; give fewer than {MAX_WORDS + 1}")
        return summary
