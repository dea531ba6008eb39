"""Currencies as they are written: by sign, by code, and by name."""

from __future__ import annotations

_SIGNS = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "₹": "inr", "₽": "rub", "₩": "krw", "₺": "try", "₪": "ils"}
_CODES = (
    "usd eur gbp jpy chf cad aud nzd sek nok dkk pln czk huf ron inr cny rub krw try ils brl mxn ars clp zar sgd hkd "
    "thb idr myr php aed sar"
)
_NAMES = {
    "dollar": "usd",
    "buck": "usd",
    "euro": "eur",
    "pound": "gbp",
    "yen": "jpy",
    "yuan": "cny",
    "rupee": "inr",
    "franc": "chf",
    "peso": "mxn",
    "rouble": "rub",
    "ruble": "rub",
    "krona": "sek",
    "krone": "nok",
    "kroner": "nok",
    "zloty": "pln",
    "lira": "try",
    "cent": "cent",
}
_WHOSE = {"us": "usd", "american": "usd", "canadian": "cad", "australian": "aud", "ca": "cad", "c": "cad", "a": "aud"}

SIGN = rf"[{''.join(_SIGNS)}]"
"""A sign, on either side of the number."""
CODE = rf"(?:{'|'.join(_CODES.split())})"
"""A code, on either side of the number."""
WHOSE_SIGN = r"(?:(?<![A-Za-z])(?:US|CA|C|A)(?=\$))?"
"""What may stand before a dollar's sign."""
NAME = rf"(?:(?:(?:US|American|Canadian|Australian)\s)?(?:{'|'.join(_NAMES)})s?|francs?|pounds?\ssterling)"
"""A name, after the number."""


def currency_of(written: str, *, whose: str = "") -> str:
    """Return the code of a currency as it stands, in lower case."""
    words = written.lower().split()
    last = words[-1] if words[-1] != "sterling" else "pound"
    plain = last if last in _NAMES else last.removesuffix("s")
    code = _SIGNS.get(plain) or _NAMES.get(plain) or plain
    adjective = whose.lower() or (words[0] if len(words) > 1 else "")
    return _WHOSE.get(adjective, code) if code == "usd" else code
