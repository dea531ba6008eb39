"""The sentences of a reply, and whose words stand in them: what a customer asked for is nothing that we promise."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"(?<=[.!?\u2026])[\"'\u201d\u2019)]*\s+|\n+")
_REPORTED = re.compile(
    r"\b(?:you(?:['’]ve)?\s+(?:also\s+|have\s+|had\s+|kindly\s+|recently\s+|just\s+)*"
    r"(?:ask(?:ed)?|told|tell|wr[oi]te|written|sa(?:y|id)|mention(?:ed)?|report(?:ed)?|describe[d]?|request(?:ed)?|"
    r"want(?:ed)?|wish(?:ed)?|would\s+like|need(?:ed)?|hope[d]?|believed?|think|thought|expect(?:ed)?|felt|feel|"
    r"were\s+(?:told|informed|promised)|understood|wonder(?:ed)?)|"
    r"we\s+(?:have\s+|also\s+)?(?:understand|understood|read|note|noted|see|hear|heard)\s+that|"
    r"your\s+(?:request|message|question|wish|hope|note)\s+(?:that|to|for|about|on|whether|of)|"
    r"(?:ask|asking|wondering|asked)\s+(?:if|whether|when))\b",
    re.IGNORECASE,
)
_UNSURE = re.compile(
    r"\b(?:cannot|can['’]?t|can\s+not|not|never|nobody|unable\s+to|don['’]t|won['’]t)\b[^,;:]{0,25}?"
    r"\b(?:promise|guarantee|say|confirm|tell|know|sure|certain|decided?|clear)\b",
    re.IGNORECASE,
)
_IF = re.compile(r"\b(?:if|whether|unless)\b", re.IGNORECASE)
_BREAK = re.compile(r"[,;:\u2013\u2014]|\b(?:and|but|so|which|therefore|then)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(?:we|you|i)\b", re.IGNORECASE)
_LONGEST_SUBJECT = 7


def sentences(text: str) -> list[str]:
    """Return the sentences and lines of a text, in order."""
    return [sentence.strip() for sentence in _END.split(text) if sentence.strip()]


def is_reported(sentence: str, start: int, *, may_go_on: bool) -> bool:
    """Tell whether what stands at `start` is told back to the customer, as `you asked when your line will be active`.

    Args:
        sentence: One sentence.
        start: Where the words begin.
        may_go_on: Whether a comma or an `and` may stand between: the words could be the customer's own.
    """
    return any(
        may_go_on or not _BREAK.search(sentence, found.end(), start) for found in _REPORTED.finditer(sentence, 0, start)
    )


def is_open(sentence: str, start: int) -> bool:
    """Tell whether the sentence leaves open what stands at `start`: `whether they will be refunded`."""
    for found in _IF.finditer(sentence, 0, start):
        between = sentence[found.end() : start]
        if len(between.split()) <= _LONGEST_SUBJECT and not _BREAK.search(between) and not _PERSON.search(between):
            return True
    return any(not _BREAK.search(sentence, found.end(), start) for found in _UNSURE.finditer(sentence, 0, start))


def clauses(sentence: str) -> Iterator[tuple[int, str]]:
    """Yield each clause of a sentence and where it begins."""
    start = 0
    for found in re.finditer(r"[,;:\u2013\u2014]\s+|\s(?:and|but|so)\s(?=(?:we|you|i|our|the|there)\b)", sentence):
        yield start, sentence[start : found.start()]
        start = found.end()
    yield start, sentence[start:]
