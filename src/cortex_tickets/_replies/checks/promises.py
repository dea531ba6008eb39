"""Does the reply offer or promise what nobody allowed?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.draft import Draft
from cortex_tickets.records.reply import Finding

_OFFER = re.compile(
    r"\b(?:special (?:offer|deal|plan|rate)s?|(?:we|can) offer|an? offer|our offers?|discount\w*|promotion\w*|promo\b|"
    r"upgrade\w*|exclusive\w*|limited[- ]time|saves? (?:you )?(?:money|costs?|up to)|better (?:plan|deal|rate)s?|"
    r"(?:new|other|different|cheaper) plans?\b|deals?\b|bonus\w*|coupons?|vouchers?)",
    re.IGNORECASE,
)
_WILL = r"(?:\bwill|['’]ll)\s+(?:\w+ly\s+)?(?:be\s+)?(?:\w+ly\s+)?"
_HAVE = r"(?:\bha(?:ve|s)|['’]ve)\s+(?:\w+ly\s+)?(?:been\s+)?(?:\w+ly\s+)?"
_DEED = (
    r"(?:refund|credit|waive|reimburse|compensate|remove|cancell?|delete|close|replace|activate|resolve|fix)(?:e?d)?\b"
)
_PROMISE = re.compile(
    rf"(?:{_WILL}|{_HAVE}){_DEED}|\bguarantee\w*|\bfree of charge\b|\bfor free\b|\bwe promise\b|"
    r"\bat no (?:extra |additional )?(?:cost|charge)\b",
    re.IGNORECASE,
)


def offer_not_allowed(draft: Draft) -> Iterator[Finding]:
    """An offer is made only where the playbook allows one and there is one."""
    if draft.offer is not None:
        return
    words = _new_words(_OFFER, draft.said, draft.allowed)
    if words:
        yield Finding(check="offer_not_allowed", message=f"No offer may be made to this customer: {_quoted(words)}.")


def promise_not_allowed(draft: Draft) -> Iterator[Finding]:
    """Nothing is promised or called done that the playbook does not state. The customer's wish is no promise."""
    words = _new_words(_PROMISE, draft.said, "\n".join(draft.playbook_text))
    if words:
        yield Finding(check="promise_not_allowed", message=f"The playbook promises nothing of this: {_quoted(words)}.")


def _new_words(pattern: re.Pattern[str], said: str, allowed: str) -> list[str]:
    known = allowed.lower()
    found = (" ".join(match[0].split()) for match in pattern.finditer(said))
    return list(dict.fromkeys(words for words in found if words.lower() not in known))


def _quoted(words: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
