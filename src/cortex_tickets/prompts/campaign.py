"""Tells a campaign that is copy from one that is an order to the writer."""

from __future__ import annotations

import re

_ORDERS = frozenset(
    word
    for words in (
        "promote promoting mention offer tell advertise recommend suggest include invite encourage describe",
        "explain present push sell upsell introduce highlight advise inform remind write add ask say make",
        "point persuade convince propose pitch announce note state talk speak emphasise emphasize stress",
        "feature market give let show try focus draw use please gently briefly politely always also kindly do",
        "don't never",
    )
    for word in words.split()
)
_FOR_THE_WRITER = re.compile(r"(?i)\b(?:the|this|a|each|every|to|our)\s+customers?\b|\bcustomers\b|\bthem\b")
_FIRST = re.compile(r"[a-z']+", re.IGNORECASE)


def is_instruction(campaign: str) -> bool:
    """Tell whether a campaign is an order, as `promote a plan that saves costs`, rather than words for the customer."""
    first = _FIRST.match(campaign.strip())
    if first is None:
        return False
    return first[0].lower() in _ORDERS or _FOR_THE_WRITER.search(campaign) is not None
