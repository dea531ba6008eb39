"""Does the reply offer or promise what nobody allowed?

The words that are looked for are English, with the plainest of German, French and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_OFFER = re.compile(
    r"\b(?:special (?:offer|deal|plan|rate)s?|(?:we|can) offer|an? offer|our offers?|discount\w*|promotion\w*|promo\b|"
    r"upgrade\w*|exclusive\w*|limited[- ]time|saves? (?:you )?(?:money|costs?|up to)|better (?:plan|deal|rate)s?|"
    r"(?:new|other|different|cheaper|lower-cost|cost-saving) plans?\b|deals?\b|bonus\w*|coupons?|vouchers?|"
    r"angebot\w*|rabatt\w*|gutschein\w*|offre\b|remise\b|oferta\w*|descuento\w*)",
    re.IGNORECASE,
)
_DEED = (
    r"refund|credit|waive|reimburse|compensate|remove|cancel|delete|close|replace|activate|resolve|fix|reverse|"
    r"adjust|reduce|lower|unlock|unblock|restore|suspend|block|deactivate|disconnect|ship|deliver|transfer|process|"
    r"escalate|approve|grant|schedule"
)
_DONE = rf"(?:{_DEED})(?:\w?ed|d)?\b|(?:sent|issued|given|taken care|added|opened|filed)\b"
# Ours: "we will refund", "the fee has been waived"; what the customer says to do himself is no promise of ours.
_WILL_DO = (
    rf"(?:(?<!you\s)\bwill|(?<!you)['’]ll)\s+(?:\w+ly\s+)?(?:be\s+)?(?:\w+ly\s+)?(?:{_DONE}|(?:send|issue|give|add)\b)"
)
_HAVE_DONE = (
    r"(?:(?<!you\s)\bhave|\bhas|(?<!you)['’]ve)\s+(?:\w+ly\s+|already\s+)?(?:been\s+)?(?:\w+ly\s+)?"
    rf"(?:{_DONE})"
)
# To the customer: "you will be refunded", "you'll receive a credit".
_YOU_WILL_GET = (
    r"\byou(?:\s+will|['’]ll)\s+(?:\w+ly\s+)?(?:be\s+(?:refunded|credited|reimbursed|compensated|contacted)|"
    r"(?:receive|get|see)\s+(?:\w+\s+){0,3}?(?:refund|credit|reimbursement|replacement|compensation|discount)\b)"
)
_FOR_SURE = (
    r"\bguarantee\w*|\bfree of charge\b|\bfor free\b|\b(?:we|i) promise\b|"
    r"\bat no (?:extra |additional )?(?:cost|charge)\b"
)
_ELSEWHERE = (
    r"\bgarantier\w*|\bgarantiz\w*|\bgaranti(?:r|ssons)\b|\bkostenlos\w*|\bgratuit\w*|\bgratis\b|\berstatten\b|"
    r"\brembours\w*|\breembols\w*"
)
_PROMISE = re.compile(f"{_WILL_DO}|{_HAVE_DONE}|{_YOU_WILL_GET}|{_FOR_SURE}|{_ELSEWHERE}", re.IGNORECASE)


def offer_not_allowed(draft: Draft) -> Iterator[Finding]:
    """An offer is made only where the playbook allows one and there is one."""
    if draft.offer is not None:
        return
    words = _new_words(_OFFER, draft.said, draft.allowed)
    if words:
        yield Finding(check="offer_not_allowed", message=f"No offer may be made to this customer: {_quoted(words)}.")


def promise_not_allowed(draft: Draft) -> Iterator[Finding]:
    """Nothing is promised or called done that the playbook does not state. The customer's wish is no promise."""
    words = _new_words(_PROMISE, draft.said, "\n".join(draft.company_text))
    if words:
        yield Finding(check="promise_not_allowed", message=f"The playbook promises nothing of this: {_quoted(words)}.")


def _new_words(pattern: re.Pattern[str], said: str, allowed: str) -> list[str]:
    known = allowed.lower()
    found = (" ".join(match[0].split()) for match in pattern.finditer(said))
    return list(dict.fromkeys(words for words in found if words.lower() not in known))


def _quoted(words: list[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)
