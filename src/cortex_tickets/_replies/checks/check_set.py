"""The checks of one generator: all that are built in, and its user's own."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from cortex_tickets._replies.checks import CHECKS, CHECKS_VERSION
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

logger = logging.getLogger("cortex_tickets")

ReplyCheck = Callable[[Draft], "Iterable[Finding | str] | Finding | str | None"]
"""A check: it returns what it found, as findings or as sentences, or nothing at all."""


class CheckSet:
    """Every built-in check, and after them the user's own.

    Args:
        own: The user's checks: functions with names of their own, or functions by name.

    Raises:
        InvalidInputError: With everything that is wrong with them.
    """

    def __init__(self, own: Sequence[ReplyCheck] | Mapping[str, ReplyCheck] = ()) -> None:
        self._own = _named(own)

    @property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of which checks these are: version of the built-in ones, names of the others."""
        told = json.dumps([CHECKS_VERSION, sorted(self._own)], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()

    def findings(self, draft: Draft) -> tuple[Finding, ...]:
        """Return what all the checks find."""
        built_in = (finding for check in CHECKS for finding in check(draft))
        own = (finding for name, check in self._own.items() for finding in _found(name, check, draft))
        return (*built_in, *own)


def _named(own: object) -> dict[str, ReplyCheck]:
    if isinstance(own, Mapping):
        given = list(own.items())
    elif isinstance(own, Sequence) and not isinstance(own, str):
        given = [(getattr(check, "__name__", None), check) for check in own]
    else:
        raise InvalidInputError(f"checks= must be a list of functions, or functions by name, not {own!r}.")
    problems: list[str] = []
    named: dict[str, ReplyCheck] = {}
    for name, check in given:
        if not callable(check):
            problems.append(f"checks= has {check!r}, which cannot be called; give functions of a draft.")
        elif not isinstance(name, str) or not name.strip() or name == "<lambda>":
            problems.append(
                "checks= has a function without a name, which findings need: give checks={'its_name': ...}."
            )
        elif name in named or name in {built_in.__name__ for built_in in CHECKS}:
            problems.append(f"checks= has {name!r}, a name that another check has; give it another one.")
        else:
            named[name] = check
    if problems:
        raise InvalidInputError(problems)
    return named


def _found(name: str, check: ReplyCheck, draft: Draft) -> Iterator[Finding]:
    """Yield what a user's check found. One that fails is a finding itself: nothing passes unchecked."""
    try:
        told = check(draft)
        listed = [told] if isinstance(told, str | Finding) else list(told or ())
        yield from [_as_finding(name, one) for one in listed]
    except Exception as error:  # noqa: BLE001  whatever a user's function raises
        # Its message may quote the ticket.
        logger.warning("the check %s failed: %s", name, type(error).__name__)
        yield Finding(
            check=name,
            message=f"The check itself failed ({type(error).__name__}), so nobody knows what it would have found.",
            can_be_rewritten=False,
        )


def _as_finding(name: str, told: object) -> Finding:
    if isinstance(told, Finding):
        return told.model_copy(update={"check": name})
    if isinstance(told, str) and told.strip():
        return Finding(check=name, message=told)
    raise TypeError(f"a check returns findings or sentences, not {type(told).__name__}")
