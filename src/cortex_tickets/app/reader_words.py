"""The library's errors in the words of somebody who reads a page: no arguments, no functions, no classes."""

from __future__ import annotations

import re

from cortex_tickets import (
    ConnectionLostError,
    CortexError,
    CortexTicketsError,
    IncompleteRunError,
    LedgerInUseError,
    MissingExtraError,
    ModelNotFoundError,
    StatementTimeoutError,
    TransientCortexError,
)

_ADVICE: dict[type[CortexError], str] = {
    TransientCortexError: "This passes by itself: try again in some minutes.",
    StatementTimeoutError: "Try again; if it stays so, an administrator can allow statements more time.",
    ConnectionLostError: "Load the page anew. What was answered is kept, and is not asked again.",
    ModelNotFoundError: "Choose another model.",
}
"""What a reader can do, where the library's advice is for who calls it."""
_PHRASES = (
    (re.compile(r"annotator=.* must name the person who gave the labels\."), "Write your name: a correction has one."),
    (re.compile(r"reviewer= is blank; say who decided\."), "Write your name: a decision has one."),
    (
        re.compile(r"(\S+ of \S+ tickets) of .+? are not in the run labels=.*", re.DOTALL),
        r"\1 have no answer yet. Label the tickets on the page Overview.",
    ),
    (re.compile(r"PlaybookEntry\.(\w+): String should have at least 1 character"), r"Fill in the field \1."),
    (re.compile(r"labels\[\d+\] \(ticket ([^)]*)\)"), r"Ticket \1"),
    (re.compile(r" \(for \w+=\)"), ""),
)
"""Sentences of the library that say something worth knowing of an argument."""
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_PYTHON = re.compile(r"\w=|\w\(|\b[a-z]+_[a-z_]+\b|\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b")
"""Arguments, calls, and names of Python."""
_SENTENCE_END = re.compile(r"(?<=[.!?]) +(?=[A-Z0-9'\"])")


def in_readers_words(error: CortexTicketsError) -> str:
    """Return what an error says to a reader of a page, and what they can do about it."""
    match error:
        case IncompleteRunError():
            left = "1 ticket has" if error.n_left == 1 else f"{error.n_left:,} tickets have"
            return f"{left} no answer yet. Label the tickets on the page Overview, and try again."
        case LedgerInUseError():
            since = f" since {error.since:%H:%M} UTC" if error.since else ""
            until = f", or after {error.until:%H:%M:%S} UTC if it died" if error.until else ""
            return (
                f"Another run is writing these answers{since}. Start again when it has ended{until}: what was answered "
                "is not asked again."
            )
        case MissingExtraError():
            return (
                f"This server lacks what the page needs: the extra '{error.extra}' of cortex-tickets. Whoever runs the "
                "app can install it."
            )
        case CortexError():
            # What Snowflake said stays as it is: it may name a table as Python names things.
            said, rest = error.reason, str(error).removeprefix(error.reason)
            advice = next((text for kind, text in _ADVICE.items() if isinstance(error, kind)), None)
            if advice is None:
                return said + _without_python(rest)
            return f"{said}{'' if said.endswith(('.', '!', '?')) else '.'} {advice}"
        case _:
            return _without_python(str(error)) or str(error)


def _without_python(text: str) -> str:
    for pattern, words in _PHRASES:
        text = pattern.sub(words, text)
    lines = []
    for line in text.split("\n"):
        kept = [part for part in _SENTENCE_END.split(line) if not _PYTHON.search(_QUOTED.sub("''", part))]
        if kept:
            lines.append(" ".join(kept))
    return "\n".join(lines)
