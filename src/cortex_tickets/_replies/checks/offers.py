"""Does the reply offer something where no offer may be made, or another thing than the one that may be?

The words that are looked for are English, with the plainest of German, French and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.sentences import clauses, is_reported, sentences
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_GOODS = (
    r"(?:plans?|tariffs?|packages?|bundles?|pass(?:es)?|phones?|devices?|premium|subscriptions?|contracts?|add-?ons?)"
)
_KINDS = {
    "what it saves": (
        r"sav(?:es?|ed|ing)\s+(?:you\s+|customers\s+)?(?:\w+\s+)?(?:money|costs?|up\s+to)|(?:cost|money)-saving|"
        r"lower-cost|cheaper|pay(?:s|ing)?\s+less|costs?\s+(?:less|little)|savings"
    ),
    "a plan": (
        r"(?:new|other|different|better|great|family|unlimited|travel|premium|cheaper|international|lower-cost|"
        rf"cost-saving|special|another|global)\s+(?:\w+\s+)?{_GOODS}|our\s+(?:[\w-]+\s+){{0,3}}?(?:plans?|tariffs?|"
        r"packages?|bundles?)|tariffs?\b(?=[.,!?]|\s+(?:that|which))"
    ),
    "a lower price": (
        r"discount\w*|\d+\s?%\s+off|half[\s-]price|(?:better|lower)\s+(?:rate|price|bill)s?|rabatt\w*|remise|"
        r"descuento\w*|(?:lower|reduc|cut|dropp?)\w*\s+your\s+(?:\w+\s+)?(?:price|rate|bill|cost)s?"
    ),
    "a promotion": (
        r"special\s+(?:offer|deal|rate|price)s?|promotions?|promotional|promo|exclusive\w*|limited[\s-]time|deals?|"
        r"angebot\w*|oferta\w*"
    ),
    "an upgrade": r"upgrad\w*",
    "a gift": (
        r"bonus\w*|gifts?|rewards?|loyalty|coupons?|vouchers?|gutschein\w*|prizes?|"
        r"free\s+(?:months?|weeks?|years?|phones?|data|minutes?|trials?|devices?|gifts?|roaming|calls?)"
    ),
    "an add-on": r"add-?ons?|(?:travel|roaming|day|data|week)\s+pass(?:es)?",
    "a purchase": (
        rf"buy|purchase\s+(?:a|our|the)|sign\s+up|subscribe|(?:switch|change|move|upgrade)\s+to\s+(?:[\w-]+\s+){{0,3}}?{_GOODS}|"
        rf"try\s+(?:our|the|a)\s+(?:[\w-]+\s+){{0,3}}?{_GOODS}|take\s+advantage|don['’]t\s+miss|(?:newest|latest)\s+{_GOODS}"
    ),
    "staying": (
        r"reconsider|stay\s+with\s+us|please\s+stay|would\s+you\s+(?:stay|consider\s+staying)|if\s+you\s+stay|"
        r"(?:love|like|hope|want)\s+to\s+keep\s+you|keep\s+you\s+(?:as|with)|before\s+you\s+(?:go|leave)|"
        r"change\s+your\s+mind|win\s+you\s+back|stay\s+(?:a|as\s+a)\s+\w*\s?customer"
    ),
    "an offer": (
        r"(?:we|can|may|could|to)\s+offer|an?\s+(?:\w+\s+)?offer|our\s+offers?|offre|you\s+(?:may|might)\s+(?:also\s+)?like|"
        r"have\s+you\s+thought\s+of|how\s+about\s+(?:a|our)|interested\s+in\s+(?:a|an|our)"
    ),
}
_OFFERS = {kind: re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE) for kind, pattern in _KINDS.items()}
_OURS = re.compile(r"\b(?:we|our|us|i|there)\b", re.IGNORECASE)
_ANY = "an offer"
# "You found a better plan", "thank you for the upgrade": the customer's own, not ours.
_THEIRS = re.compile(
    r"(?i)^\W*(?:(?:[\w'’-]+,\s*)?(?:and|that|which|since|as|because)\s+)?(?:thank\s+you\s+for\s+your|your|you)\b"
    r"(?!\s+(?:get|will|can|could|may|might|should|would|are\s+eligible|qualify|save|deserve)\b)"
)


def offer_not_allowed(draft: Draft) -> Iterator[Finding]:
    """An offer is made only where the playbook allows one, and only the one that there is."""
    # What the company states is the company's to say; beside an offer, so is that it is one.
    stated = "\n".join((*draft.entry.facts, draft.offer or "", draft.signature))
    allowed = {kind for kind, pattern in _OFFERS.items() if pattern.search(stated)}
    if draft.offer is not None:
        allowed.add(_ANY)
        if re.search(rf"(?i)\b{_GOODS}\b", draft.offer):
            allowed.add("a plan")
    words = list(dict.fromkeys(_offered(draft, allowed)))
    if not words:
        return
    listed = ", ".join(f'"{word}"' for word in words)
    if draft.offer is None:
        yield Finding(check="offer_not_allowed", message=f"No offer may be made to this customer: {listed}.")
    else:
        yield Finding(check="offer_not_allowed", message=f"This is no part of the offer that may be made: {listed}.")


def _offered(draft: Draft, allowed: set[str]) -> Iterator[str]:
    said_before = draft.ticket.text.lower()
    for sentence in sentences(draft.said):
        for kind, pattern in _OFFERS.items():
            if kind in allowed:
                continue
            for found in pattern.finditer(sentence):
                words = " ".join(found[0].split())
                at = found.start()
                # "You asked for a refund, such as a discount" is theirs as long as nobody speaks of us.
                is_told = is_reported(sentence, at, may_go_on=_OURS.search(sentence, 0, at) is None)
                is_theirs = is_told or _subject_is_customer(sentence, at)
                if not (is_theirs and _stem(words) in said_before):
                    yield words


def _subject_is_customer(sentence: str, start: int) -> bool:
    at, clause = next((at, clause) for at, clause in reversed(list(clauses(sentence))) if at <= start)
    return _THEIRS.match(clause) is not None and _OURS.search(clause[: start - at]) is None


def _stem(words: str) -> str:
    return words.lower().split()[-1][:5]
