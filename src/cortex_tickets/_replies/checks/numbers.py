"""Numbers as they stand in a text: in figures, with comma or point as the decimal sign, and in English words."""

from __future__ import annotations

import re
import unicodedata

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
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "k": 1_000, "m": 1_000_000}
_SAME = {"several": "few"}

NUMBER = (
    r"(?:(?<!\d)(?<!\d[.,])\d{1,3}(?:[.'’\u00a0\u202f]\d{3}(?!\d))++,\d{1,2}(?!\d)|"
    r"(?<!\d)(?<!\d[.,])\d{1,3}(?:['’\u00a0\u202f]\d{3}(?!\d))++(?:\.\d{1,2}(?!\d))?|"
    r"(?<!\d)(?<!\d,)\d++(?:,\d++)*+(?:\.\d++)?)"
)
"""A number in figures, from its first figure on. A search takes no longer than the text is long."""
_UNITS = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)})"
_AFTER = rf"(?:\s(?:hundred|thousand|million)\b|\sand\s{_UNITS}\b|\s{_UNITS}\b)"
NUMBER_WORD = (
    rf"(?:(?:an?|one)\s(?:hundred|thousand|million)\b{_AFTER}{{0,6}}|(?!one\b){_UNITS}\b"
    rf"(?:\s(?:hundred|thousand|million)\b{_AFTER}{{0,6}})?)"
)
"""A number in words, from two on: `one` counts as often as not nothing at all."""
SCALE = r"(?:\s?(?:hundred|thousand|million|k|m)\b)"
"""What multiplies a number in figures."""


def with_plain_figures(text: str) -> str:
    """Return the text with figures and signs of other scripts and widths as ASCII has them; as long as before."""
    return text if text.isascii() else "".join(map(_plain_sign, text))


def _plain_sign(sign: str) -> str:
    if sign.isdecimal():
        return str(unicodedata.decimal(sign))
    if "\uff01" <= sign <= "\uff5e":
        return chr(ord(sign) - 0xFEE0)
    return {"\ufe69": "$", "\uffe1": "£", "\uffe5": "¥"}.get(sign, sign)


def plain_number(text: str) -> str:
    """Return a number in the one form in which it can be compared: `1,000.50` as `1000.5`, `9,50` as `9.5`."""
    words = text.lower().replace("-", " ").split()
    if not words or words[0][0].isdigit():
        return _of_figures(text)
    if "half" in words:
        return "0.5"
    if words[0] in ("a", "an") and len(words) > 1 and words[1] not in _SCALES:
        words = words[1:]
    known = [word for word in words if word in _VALUES or word in _SCALES]
    return _written(_of_words(known)) if known else _SAME.get(words[-1], words[-1])


def _of_words(words: list[str]) -> int:
    total = part = 0
    for word in words:
        if word == "hundred":
            part = max(1, part) * 100
        elif word in _SCALES:
            total, part = total + max(1, part) * _SCALES[word], 0
        else:
            part += _VALUES[word]
    return total + part


def _of_figures(text: str) -> str:
    """Read figures: the last sign is the decimal one, unless it parts groups of three as in English."""
    found = re.match(r"[\d.,'’\u00a0\u202f]*\d", text)
    figures = re.sub(r"['’\u00a0\u202f]", "", found[0] if found else "")
    scale = text[found.end() :].strip().lower() if found else ""
    comma, point = figures.rfind(","), figures.rfind(".")
    after_comma = len(figures) - comma - 1
    if comma > point >= 0:
        figures = figures.replace(".", "").replace(",", ".")
    elif comma >= 0 and point < 0 and figures.count(",") == 1 and (after_comma != 3 or figures.startswith("0")):  # noqa: PLR2004  a group
        figures = figures.replace(",", ".")
    else:
        figures = figures.replace(",", "")
    whole, sign, rest = figures.partition(".")
    plain = f"{whole.lstrip('0') or '0'}{sign}{rest}"
    plain = plain.rstrip("0").rstrip(".") if sign else plain
    return _written(float(plain) * _SCALES[scale]) if scale in _SCALES else plain


def _written(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


_LIST_MARK = re.compile(r"^[ \t]*\d{1,2}[.)](?=\s)", re.MULTILINE)


def without_list_marks(text: str, filler: str) -> str:
    """Return the text with the numbers that only count the points of a list filled in."""
    return _LIST_MARK.sub(lambda found: filler * len(found[0]), text)
