"""Which of Snowflake's types the texts of a delimited file's column have."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence

_NUMBER = re.compile(r"[+-]?(?P<whole>\d+)(?:\.(?P<fraction>\d+))?")
_SIZED = re.compile(r"NUMBER\((\d+), (\d+)\)")
_MOST_DIGITS = 38


def type_of_texts(texts: Sequence[str | None]) -> str | None:
    """The narrowest type that every text has; `None` where there is none to look at."""
    there = [text for text in texts if text is not None]
    if not there:
        return None
    numbers = [_NUMBER.fullmatch(text) for text in there]
    if all(numbers):
        whole = max(len(number["whole"]) for number in numbers if number)
        fraction = max(len(number["fraction"] or "") for number in numbers if number)
        if whole + fraction <= _MOST_DIGITS:
            return f"NUMBER({whole + fraction}, {fraction})"
    for name, is_kind in _KINDS:
        if all(is_kind(text) for text in there):
            return name
    return "TEXT"


def common_type(kinds: Sequence[str | None]) -> str:
    """One type for the columns of several files; TEXT where they differ, or where nothing was to be seen."""
    known = {kind for kind in kinds if kind is not None}
    sizes = [_SIZED.fullmatch(kind) for kind in known]
    if known and all(sizes):
        fraction = max(int(size[2]) for size in sizes if size)
        whole = max(int(size[1]) - int(size[2]) for size in sizes if size)
        return f"NUMBER({min(whole + fraction, _MOST_DIGITS)}, {fraction})"
    return known.pop() if len(known) == 1 else "TEXT"


def _is_read_by(read: Callable[[str], object]) -> Callable[[str], bool]:
    def is_read(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return is_read


_KINDS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("BOOLEAN", lambda text: text.lower() in {"true", "false"}),
    ("REAL", _is_read_by(float)),
    ("DATE", _is_read_by(dt.date.fromisoformat)),
    ("TIMESTAMP_NTZ", _is_read_by(dt.datetime.fromisoformat)),
)
