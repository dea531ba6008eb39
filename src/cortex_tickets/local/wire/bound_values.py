"""Bound values as clients send them: a text and the name of a type for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - NTZ values have no zone
_EPOCH_UTC = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MINUTES_OF_UTC = 1440


def bound_values_of(body: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Bound values in order, or rows of them when the client bound many; and whether it did."""
    bindings: Mapping[str, Any] = body.get("bindings") or {}
    ordered = [bindings[key] for key in sorted(bindings, key=_position)]
    if not any(isinstance(binding.get("value"), list) for binding in ordered):
        return [bound_value(binding["type"], binding.get("value")) for binding in ordered], False
    columns = [[bound_value(binding["type"], value) for value in binding["value"]] for binding in ordered]
    return [list(row) for row in zip(*columns, strict=True)], True


def bound_value(kind: str, value: str | None) -> Any:
    """One value in Python."""
    if value is None:
        return None
    read = _READERS.get(kind)
    return value if read is None else read(value)


def _position(key: str) -> int:
    return int(key) if key.isdigit() else 0


def _fixed(value: str) -> int | Decimal:
    return int(value) if value.lstrip("+-").isdigit() else Decimal(value)


def _date(value: str) -> dt.date:
    """Milliseconds since 1970; some clients send the date itself."""
    return (
        (_EPOCH + dt.timedelta(milliseconds=int(value))).date() if _is_number(value) else dt.date.fromisoformat(value)
    )


def _time(value: str) -> dt.time:
    return (_EPOCH + dt.timedelta(microseconds=int(value) // 1000)).time() if _is_number(value) else _iso_time(value)


def _iso_time(value: str) -> dt.time:
    return dt.time.fromisoformat(value)


def _ntz(value: str) -> dt.datetime:
    """Nanoseconds since 1970."""
    if not _is_number(value):
        return dt.datetime.fromisoformat(value)
    return _EPOCH + dt.timedelta(microseconds=int(value) // 1000)


def _tz(value: str) -> dt.datetime:
    """Nanoseconds since 1970, and for TIMESTAMP_TZ the minutes east of UTC plus 1440."""
    parts = value.split()
    if not _is_number(parts[0]):
        return dt.datetime.fromisoformat(value)
    moment = _EPOCH_UTC + dt.timedelta(microseconds=int(parts[0]) // 1000)
    if len(parts) == 1:
        return moment
    return moment.astimezone(dt.timezone(dt.timedelta(minutes=int(parts[1]) - _MINUTES_OF_UTC)))


def _is_number(value: str) -> bool:
    return value.lstrip("+-").isdigit()


_READERS: dict[str, Callable[[str], Any]] = {
    "FIXED": _fixed,
    "REAL": float,
    "BOOLEAN": lambda value: value.lower() == "true",
    "DATE": _date,
    "TIME": _time,
    "TIMESTAMP_NTZ": _ntz,
    "TIMESTAMP_LTZ": _tz,
    "TIMESTAMP_TZ": _tz,
    "BINARY": bytes.fromhex,
}
