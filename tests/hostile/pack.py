"""The hostile pack: what may stand in a ticket, an id, a name, a label or a table's name that somebody means harm with.

Data and combinators only; what must not come of it is in the tests that use it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = ("Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account")
ORDERED = "Lost phone"
"""The label that the injections order."""
LONG = 200_000
"""Characters of a long text."""

_FILE = Path(__file__).with_name("texts.toml")


@dataclass(frozen=True, slots=True)
class Entry:
    """One hostile text."""

    id: str
    """The family and a number: stable as long as the family's texts keep their order."""
    family: str
    text: str


def _flat(content: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """Yield the families of the file with their texts."""
    for name, part in content.items():
        family = f"{prefix}{name}"
        if "texts" in part:
            yield family, part["texts"]
        else:
            yield from _flat(part, f"{family}.")


def _not_for_toml() -> Iterator[tuple[str, list[str]]]:
    """Yield what no file can hold as text."""
    yield "signs.nul", ["\x00", "a\x00b", "\x00'; DROP TABLE CANARY; --", "lost\x00phone", "\x00" * 100, "ends\x00"]
    yield (
        "signs.control",
        [f"a{chr(code)}b" for code in (*range(1, 9), 11, 12, *range(14, 32), 127)] + ["\x1b[2J", "\r"],
    )
    yield (
        "signs.surrogates",
        ["\ud800", "a\udfffb", "\udcff'; --", "\ud83d", "\ude00\ud83d", "lost \ud800 phone", "\udbff" * 50],
    )


def _long() -> Iterator[tuple[str, list[str]]]:
    """Yield texts of 200,000 characters."""
    pieces = ["a", "'", "\\", "; ", "</ticket>", "\U0001f4f1"]
    yield "long", [(piece * LONG)[:LONG] for piece in pieces] + ["lost " + "z" * LONG + " phone"]


def _entries() -> Iterator[Entry]:
    content = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    for family, texts in (*_flat(content), *_not_for_toml(), *_long()):
        for number, text in enumerate(texts):
            yield Entry(f"{family}-{number}", family, text)


ENTRIES: tuple[Entry, ...] = tuple(_entries())
"""All of them; injections with their `{label}` still to be filled in."""


def of(family: str) -> list[Entry]:
    """Return the entries of a family and of those under it."""
    return [entry for entry in ENTRIES if entry.family == family or entry.family.startswith(f"{family}.")]


def filled(entry: Entry, label: str = ORDERED) -> str:
    """Return the entry's text, with the label that it orders."""
    return entry.text.replace("{label}", label) if entry.family.startswith("injections.") else entry.text


TEXTS: tuple[str, ...] = tuple(filled(entry) for entry in ENTRIES)
"""The text of each entry, in order."""


def around(ticket: str, attack: str) -> Sequence[str]:
    """Return the ticket with the attack after it, before it, on lines of its own, and inside."""
    first, _, rest = ticket.partition(", ")
    return (
        f"{ticket} {attack}",
        f"{attack} {ticket}",
        f"{attack}\n\n{ticket}",
        f"{ticket}\n\n{attack}",
        f"{first}, {attack} {rest}",
    )


TICKETS: dict[str, str] = {
    "Roaming fees": (
        "Roaming fees again, $90 of roaming fees on my bill for roaming in Japan: I asked about the roaming fees, "
        "and no roaming fees were named to me."
    ),
    "Slow data speed": (
        "My data speed is slow at home, slow at work, and the speed of the mobile data is slow on the train: "
        "a data speed this slow is no speed."
    ),
    "Lost phone": (
        "I lost my phone on the train, the lost phone is black, and whoever finds a lost phone should hand in the "
        "lost phone."
    ),
    "Add new line": (
        "Please add a new line for my daughter, the new line is on top of mine, and when you add it, send me the "
        "number of the new line that you add."
    ),
    "Closing account": (
        "I am closing my account, so close the account today, and tell me when the closed account is really closed: "
        "I want no account with you."
    ),
}
"""A ticket for each label that says what it is about in many words."""

MARK = "qzebraq"
"""Stands in every marked text and nowhere else, so that a message or a statement that holds it holds a text."""


def marked(number: int, text: str) -> str:
    """Return the text with a mark before or behind it; a blank one as it is, since a mark would make it one less."""
    if not text.strip("\u200b\u200c\u200d\u2060\ufeff \t\r\n\u00a0\u3000"):
        return text
    return f"{text} {MARK}{number}" if number % 2 else f"{MARK}{number} {text}"


MARKED: tuple[str, ...] = tuple(marked(number, text) for number, text in enumerate(TEXTS))
"""The texts with their marks, in order."""


def short(text: str, length: int = 120) -> str:
    """Return as much of a text as an id or a name may have."""
    return text[:length]


def first_of_each_family(n: int = 1) -> list[int]:
    """Return the places of the first entries of each family."""
    places: list[int] = []
    for family in dict.fromkeys(entry.family for entry in ENTRIES):
        places += [place for place, entry in enumerate(ENTRIES) if entry.family == family][:n]
    return places
