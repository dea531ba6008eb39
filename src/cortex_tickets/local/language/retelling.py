"""Tells a customer what the customer said: the writer's `I` becomes `you`, and `you` becomes `we`."""

from __future__ import annotations

import re

from cortex_tickets.local.language.words import words_of

_SALUTATION = re.compile(
    r"(?i)^(?:(?:hi|hello|hey|greetings|good (?:day|morning|afternoon|evening)|to whom it may concern)(?: there)?"
    r"|dear [\w ]{2,30}?)[,.!:]\s*"
)
_CONNECTOR = re.compile(r"(?i)^(?:however|but|and|also|so|additionally|furthermore|moreover|then|now|well)\b,?\s+")
_ASKED = re.compile(
    r"(?i)^(?:please|kindly|(?:can|could|would|will) you(?: please| kindly)?"
    r"|i (?:kindly )?ask (?:that )?you(?: to)?)\s+(?=[a-z])"
)
_WISHED = re.compile(
    r"(?i)^(?:i(?: am|['\u2019]m) writing to (?:request|ask for)|(?:i|we)(?: am|['\u2019]m| are)? (?:requesting|"
    r"asking for)|"
    r"(?:i|we)(?: would| wish to|['\u2019]d)?(?: like to)?(?: kindly)? (?:request|ask for)|"
    r"(?:i|we)(?: would| wish to|['\u2019]d)?(?: like to)?(?: kindly)? ask(?= that\b))\s+"
)
_WROTE = re.compile(r"(?i)^i(?: am|['\u2019]m) writing (?=to |about |regarding |because |in )")
_BROUGHT = re.compile(r"(?i)^to bring (?:to your attention|to your notice)\s+(?P<what>.+)$")
_FORMAL = re.compile(
    r"(?i)^(?:please )?(?:find|see|note|be advised|be informed|accept|do not hesitate|don['\u2019]t hesitate|"
    r"feel free)\b"
)
_BE_DONE = re.compile(r"^(?!that\b)[^,]{3,60}? be [a-z]+ed\b")
_SWAPS = {
    "i am": "you are",
    "i'm": "you are",
    "i was": "you were",
    "i've": "you have",
    "i'd": "you would",
    "i'll": "you will",
    "am i": "are you",
    "was i": "were you",
    "i": "you",
    "me": "you",
    "my": "your",
    "mine": "yours",
    "myself": "yourself",
    "we": "you",
    "we're": "you are",
    "we've": "you have",
    "us": "you",
    "our": "your",
    "ours": "yours",
    "your": "our",
    "yours": "ours",
    "you're": "we are",
    "you've": "we have",
    "am": "are",
}
_SWAP = re.compile(r"\b(?:i am|i was|am i|was i|[a-z]+['\u2019](?:m|ve|d|ll|re)|[a-z]+)\b", re.IGNORECASE)
_HAS_VERB = re.compile(r"\s+(?:have|had|are|were|will|can|could|would|did|do|received)\b")
_BEFORE_OBJECT = frozenset(
    words_of(
        "to for with from by at of about tell ask thank inform contact reach let help give send than telling"
        " told asked informed contacted gave helped thanked"
    )
)
_ORDERS = frozenset(
    words_of(
        """add activate block suspend cancel close refund remove delete send give fix repair restore change switch move
        transfer explain investigate resolve stop turn unlock replace disconnect reconnect credit waive reverse check
        tell help provide set issue"""
    )
)
_OPENERS = frozenset(
    words_of(
        """i i'm i've i'd i'll my we we're we've we'd our there these this the those that a an it after during
        despite when while since on in for at because as last if recently today yesterday both some all every each
        another your you all having considering given"""
    )
)


def retold(sentence: str) -> str:
    """Return an English sentence of a customer as told back, or blank where it cannot be told.

    `I was charged $90.` gives `you told us that you were charged $90`; `Please call my wife.` gives `you
    asked us to call your wife`.
    """
    said = _CONNECTOR.sub("", without_salutation(sentence)).strip().rstrip(".!?;:, ")
    if not said or _FORMAL.match(said):
        return ""
    if request := _request(said):
        return request
    if sentence.rstrip().endswith("?"):
        return ""
    if first_of(said) in _OPENERS:
        return f"you told us that {_turned(said[:1].lower() + said[1:])}"
    return f"you wrote: {_turned(said)}"


def _request(said: str) -> str:
    """Return a wish as told back; blank for what is none."""
    if wished := _WISHED.match(said):
        wish = _turned(said[wished.end() :])
        if wish.startswith("that "):
            return f"you asked {wish}"
        return f"you asked that {wish}" if _BE_DONE.match(wish) else f"you asked for {wish}"
    if wrote := _WROTE.match(said):
        rest = said[wrote.end() :]
        brought = _BROUGHT.match(rest)
        return f"you wrote about {_turned(brought['what'])}" if brought else f"you wrote {_turned(rest)}"
    if first_of(said) in _ORDERS and len(said.split()) > 2:  # noqa: PLR2004  "Cancel." alone may be a noun
        return f"you asked us to {_turned(said[:1].lower() + said[1:], subject_is_us=True)}"
    asked = _ASKED.match(said)
    return f"you asked us to {_turned(said[asked.end() :], subject_is_us=True)}" if asked else ""


def first_of(said: str) -> str:
    """Return the first word of a sentence, in lower case."""
    return said.split(maxsplit=1)[0].rstrip(",").lower().replace("\u2019", "'")


def without_salutation(sentence: str) -> str:
    """Return a sentence without the greeting before it."""
    return _SALUTATION.sub("", sentence.strip())


def _turned(said: str, *, subject_is_us: bool = False) -> str:
    """Swap the persons of a sentence."""
    before = ""

    def swap(found: re.Match[str]) -> str:
        nonlocal before
        word = found.group()
        plain = word.lower().replace("\u2019", "'")
        if plain == "you":
            is_subject = _HAS_VERB.match(said, found.end()) is not None
            turned = "us" if (before in _BEFORE_OBJECT or subject_is_us) and not is_subject else "we"
        else:
            turned = _SWAPS.get(plain, word)
        before = plain
        return turned

    turned = _SWAP.sub(swap, said)
    # "I travelled and was charged": the verb's subject stands further back.
    return re.sub(r"\b(and|but|or) was\b", r"\1 were", turned) if turned.startswith("you ") else turned
