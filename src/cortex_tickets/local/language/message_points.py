"""What a text message says happens next: a fact, whole, without its tail, or with the ticket's particulars."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cortex_tickets.local.language.ticket_details import Detail

_TAIL = re.compile(r" and (?:[a-z]+ ){0,3}[a-z]+(?: before [^.]+)?\.$| before [^.,]+\.$")
_CONDITION = re.compile(r"(?i)\b(?:only|if|unless|until|after|once|when|provided|within|as soon as|not|no)\b")
_MONEY = re.compile(r"\b[Tt]he (?P<noun>charges?|fees?|bills?|costs?|payments?|amounts?|invoices?)\b")
_FEWEST_WORDS = 5


def shorter_fact(fact: str) -> str:
    """Return a fact without its last part, or as it is where that would change what it says.

    A condition is never cut off: `We refund only after a review.` is no promise to refund.
    """
    if _CONDITION.search(fact):
        return fact
    kept = _TAIL.sub(".", fact)
    return kept if len(kept.split()) >= _FEWEST_WORDS else fact


def particular_facts(fact: str, details: Sequence[Detail], ticket: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield the fact with an amount, and with amount and place, of the ticket, and which kinds it then holds.

    `A specialist will review the charges.` becomes `A specialist will review the $90 in charges from Japan.`
    """
    found = _MONEY.search(fact)
    amount = next((detail for detail in details if detail.kind == "amount"), None)
    if found is None or amount is None:
        return
    noun = found["noun"]
    article = found[0][:3]
    named = f"{article} {amount.text} in {noun}" if noun.endswith("s") else f"{article} {amount.text} {noun}"
    yield f"{fact[: found.start()]}{named}{fact[found.end() :]}", frozenset({"amount"})
    place = next((detail for detail in details if detail.kind == "place"), None)
    if place is None:
        return
    before = ticket[: place.start].rpartition(" ")[0].rpartition(" ")[2].lower()
    preposition = before if before in ("in", "at", "near") else "from"
    yield (
        f"{fact[: found.start()]}{named} {preposition} {place.text}{fact[found.end() :]}",
        frozenset({"amount", "place"}),
    )
