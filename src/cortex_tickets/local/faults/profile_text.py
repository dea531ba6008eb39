"""A fault profile written as a text, for environments and command lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.local.faults.fault import Fault
from cortex_tickets.local.faults.retired_model import RetiredModel

_EXAMPLE = "seed=7; throttled=0.1; lost_creates=@1"
_WORD = re.compile(
    r"@(?P<nth>\d+)|x(?P<at_most>\d+)|(?P<only_cortex>cortex)|(?P<rate>[+-]?[\d.]+(?:e[+-]?\d+)?)", re.IGNORECASE
)
_RETIRED = re.compile(r"(?P<model>[^@:\s]+)@(?P<first>\d+)(?::(?P<status>legacy|eol))?", re.IGNORECASE)


def read_profile(text: str, fault_names: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    """The arguments that a text gives, and every problem of it."""
    given: dict[str, Any] = {}
    problems: list[str] = []
    seen: set[str] = set()
    readers: dict[str, Callable[[str], Any]] = {
        "seed": _whole_number,
        "orphan_seconds": _seconds,
        "retired": _retired,
        **dict.fromkeys(fault_names, _fault),
    }
    for entry in (part.strip() for part in text.split(";")):
        name, equals, value = (part.strip() for part in entry.partition("="))
        if not entry:
            continue
        if not equals or not value:
            problems.append(f"{entry!r} is no name=value, as in {_EXAMPLE!r}.")
        elif name not in readers:
            problems.append(f"{name!r} is no kind of fault. There are: {', '.join(readers)}.")
        elif name in seen:
            problems.append(f"{name} is given twice.")
        else:
            seen.add(name)
            try:
                given[name] = readers[name](value)
            except InvalidInputError as error:
                problems += [f"{name}: {problem}" for problem in error.problems]
    return given, problems


def written_fault(fault: Fault) -> str:
    """A kind of fault as the words that are read for it."""
    words = [f"{fault.rate:g}"] if fault.rate > 0 or not fault.occasions else []
    words += [f"@{occasion}" for occasion in fault.occasions]
    words += [] if fault.at_most is None else [f"x{fault.at_most}"]
    words += ["cortex"] if fault.only_cortex else []
    # A semicolon would end the entry; in a regular expression it can be written otherwise.
    words += [] if fault.matching is None else [f"~{fault.matching}".replace(";", r"\x3b")]
    return " ".join(words)


def written_retirement(retired: RetiredModel) -> str:
    """A retirement as the word that is read for it."""
    return f"{retired.model}@{retired.from_statement}" + (":legacy" if retired.status == "LEGACY" else "")


def _whole_number(value: str) -> int:
    if not value.isdecimal():
        raise InvalidInputError(f"{value!r} must be a whole number from 0.")
    return int(value)


def _seconds(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise InvalidInputError(f"{value!r} must be a number of seconds.") from None


def _fault(value: str) -> Fault:
    plain, tilde, pattern = value.partition("~")
    nth: list[int] = []
    options: dict[str, Any] = {"matching": pattern.strip()} if tilde else {}
    for word in plain.split():
        found = _WORD.fullmatch(word)
        if found is None:
            raise InvalidInputError(
                f"{word!r} is neither a rate from 0 to 1, nor @n for the n-th occasion, nor xN for N times at most, "
                "nor cortex, nor ~ and a regular expression."
            )
        name, told = next((name, told) for name, told in found.groupdict().items() if told)
        if name == "nth":
            nth.append(int(told))
        elif name in options:
            raise InvalidInputError(f"{word!r} says what another word has said already.")
        else:
            options[name] = _READERS[name](told)
    return Fault(nth=nth, **options)


def _rate(word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InvalidInputError(f"{word!r} must be a share from 0 (never) to 1 (always).") from None


def _retired(value: str) -> tuple[RetiredModel, ...]:
    found = [(word, _RETIRED.fullmatch(word)) for word in value.split()]
    if wrong := [word for word, match in found if match is None]:
        raise InvalidInputError(
            [f"{word!r} is no model@n, the n-th statement that asks it, as in llama3.1-8b@3." for word in wrong]
        )
    return tuple(
        RetiredModel(
            match["model"], int(match["first"]), "LEGACY" if (match["status"] or "").lower() == "legacy" else "EOL"
        )
        for _, match in found
        if match is not None
    )


_READERS: dict[str, Callable[[str], Any]] = {"rate": _rate, "at_most": int, "only_cortex": bool}
