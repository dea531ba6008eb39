"""Numbers as they stand in a text: in figures, and in English words."""

from __future__ import annotations

import re

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen"),
    *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_VALUES = {
    **{word: number for number, word in enumerate((*_ONES, *_TEENS), 1)},
    **{word: 10 * number for number, word in enumerate(_TENS, 2)},
    "a": 1,
    "an": 1,
    "couple": 2,
}
_SAME = {"several": "few"}

NUMBER = r"(?<!\d)(?<!\d,)\d++(?:,\d++)*+(?:\.\d++)?"
"""A number in figures, from its first figure on. A search takes no longer than the text is long."""
NUMBER_WORD = (
    rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|"
    rf"(?:{'|'.join(_ONES[1:])})(?:\shundred)?|(?:an?|one)\shundred)"
)
"""A number in words, from two on: `one` counts as often as not nothing at all."""


def plain_number(text: str) -> str:
    """Return a number in the one form in which it can be compared: `1,000.50` as `1000.5`, `two` as `2`."""
    words = text.lower().replace("-", " ").split()
    if not words or words[0][0].isdigit():
        number = text.replace(",", "")
        return number.rstrip("0").rstrip(".") if "." in number else number
    if "half" in words:
        return "0.5"
    if words[0] in ("a", "an") and len(words) > 1 and words[1] != "hundred":
        words = words[1:]
    known = [_VALUES[word] for word in words if word in _VALUES]
    if "hundred" in words:
        return str(100 * (known[0] if known else 1))
    return str(sum(known)) if known else _SAME.get(words[-1], words[-1])


_LIST_MARK = re.compile(r"^[ \t]*\d{1,2}[.)](?=\s)", re.MULTILINE)


def without_list_marks(text: str, filler: str) -> str:
    """Return the text with the numbers that only count the points of a list filled in."""
    return _LIST_MARK.sub(lambda found: filler * len(found[0]), text)
