"""Snowflake's failures: how their messages are read, and the typed error that each becomes.

What a message means stands in `known_failures`. A message may quote a value, and the value may be a ticket's text: so
what is quoted neither decides what a failure is nor reaches an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets._cortex.known_failures import (
    CORTEX_STATUSES,
    KNOWN_FAILURES,
    NOT_FOUND_CODES,
    UNSUPPORTED_CODES,
    VALUE_CODES,
    FailureClass,
    KnownFailure,
    class_of_code,
)
from cortex_tickets.errors import (
    AccessDeniedError,
    CallError,
    ConnectionLostError,
    CortexError,
    ModelNotFoundError,
    ObjectNotFoundError,
    StatementTimeoutError,
    TextRefusedError,
    TransientCortexError,
    UnsupportedStatementError,
)

__all__ = ["NO_SUCH_JOB", "FailureClass", "failure_class", "typed_error", "without_values"]

NO_SUCH_JOB = "Snowflake: there is no such fine-tune job"
"""The reason of an error that says so, in whatever words; FINETUNE's own are not documented."""

_ASKS_FOR_A_JOB = re.compile(r"FINETUNE\('(DESCRIBE|CANCEL)'")
# "does not exist or not authorized" is no statement: it may exist.
_NO_JOB = re.compile(
    r"\b(job\b|workflow\b|ft_\w+).{0,200}?"
    r"\b(does not exist(?! or not authorized)|(was |could )?not (be )?found|is unknown)"
    r"|\b(unknown|no such|cannot find|could not find|invalid|no) (cortex )?(fine-?tun\w* )?(job|workflow)\b",
    re.IGNORECASE | re.DOTALL,
)

_ERROR_OF: dict[FailureClass, type[CortexError]] = {
    FailureClass.RETRY: TransientCortexError,
    FailureClass.CALLER: CallError,
    FailureClass.ADMIN: AccessDeniedError,
    FailureClass.CONNECTION: ConnectionLostError,
    FailureClass.TIME_LIMIT: StatementTimeoutError,
}


def failure_class(message: str, code: int | None = None) -> FailureClass:
    """Return whose turn it is after a failure with this message and code.

    Serves a failed statement and a row's error alike: with the envelope of an external function around the words, in
    both of its forms, or without.
    """
    return class_of_code(code) or _reading(message).failure_class


def typed_error(
    message: str, *, code: int | None, query_id: str | None, statement: str, kind: FailureClass | None = None
) -> CortexError:
    """Return Snowflake's failure as one of this package's errors, without any text of a ticket.

    `kind` is what is known of it already, and `None` if code and message have to tell.
    """
    read = _reading(message if code is None else VALUE_CODES.get(code, message))
    kind = kind or class_of_code(code) or read.failure_class
    if kind in (FailureClass.OTHER, FailureClass.CALLER) and _says_no_job(message, statement):
        return ObjectNotFoundError(NO_SUCH_JOB, statement=statement, query_id=query_id, code=code)
    if code in NOT_FOUND_CODES:
        reason = _reason_with_name(message, statement)
        return ObjectNotFoundError(reason, statement=statement, query_id=query_id, code=code)
    if code in UNSUPPORTED_CODES:
        return UnsupportedStatementError(read.reason, statement=statement, query_id=query_id, code=code)
    # What a code decides is not what the words of the table are about, unless both say the same.
    known = read.known if read.known is not None and read.known.failure_class is kind else None
    advice = known.advice if known else None
    if kind is FailureClass.NEXT_MODEL:
        model = _model_in(message, statement)
        reason = f'{read.reason} "{model}"' if model else read.reason
        return ModelNotFoundError(reason, model=model, statement=statement, query_id=query_id, code=code, advice=advice)
    # A value that a column does not take is no text that the model refused: another text would meet the same column.
    is_refused_text = kind is FailureClass.ROW and code not in VALUE_CODES
    made = (TextRefusedError if is_refused_text else _ERROR_OF.get(kind, CortexError))(
        read.reason, statement=statement, query_id=query_id, code=code, advice=advice
    )
    if isinstance(made, TransientCortexError) and known is not None:
        made.max_attempts = known.max_attempts
    return made


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a message says, apart from the values in it."""

    failure_class: FailureClass
    known: KnownFailure | None
    reason: str


def _reading(message: str) -> _Reading:
    envelope = _ENVELOPE.search(message)
    if envelope is None or _is_quoted(message, envelope.start()):
        found = _known(_QUOTED.sub("'…'", message))
        if found is None:
            return _Reading(FailureClass.OTHER, None, f"Snowflake: {without_values(message)}")
        known, words = found
        return _Reading(known.failure_class, known, f"Snowflake: {words}")
    status = int(envelope["status"])
    found = _known(_plain_words(envelope["words"]))
    if found is not None:
        known, words = found
        return _Reading(known.failure_class, known, f"Cortex: {words}")
    kind = CORTEX_STATUSES.get(status, FailureClass.OTHER)
    return _Reading(kind, None, f"Cortex: the model service answered {status}")


# Both forms: `error: 400 '"…"'` and `error: '400 '…''; requests batch-id: …`.
_ENVELOPE = re.compile(r"remote service error: '?\s*(?P<status>\d{3})\b\s*(?P<words>.*)", re.IGNORECASE | re.DOTALL)
_SUFFIX = re.compile(r"'*\s*;\s*(?:requests? (?:batch|retries)|response time).*", re.IGNORECASE | re.DOTALL)
_INNER_VALUE = re.compile(r'\\?"[^"]*?(?:\\?"|$)', re.DOTALL)
_QUOTES = "'\"‘’“”`"
_OPENING = _QUOTES + "{["
# From the first quote or bracket to the last: a quoted text may hold some itself, and what is between would be shown.
# A quote that is never closed belongs to a value that was cut.
_QUOTED = re.compile(rf"[{re.escape(_OPENING)}](?:.*[{re.escape(_QUOTES + '}]')}]|.*)", re.DOTALL)
_MAX_REASON = 300


def _is_quoted(message: str, position: int) -> bool:
    """Tell whether something was quoted before: then what stands at the position may be part of a value."""
    return any(quote in message[:position] for quote in _OPENING)


def _plain_words(words: str) -> str:
    """Return what the model service said, without its quotes, the values that it quotes, and the suffix."""
    said = _SUFFIX.sub("", words).strip().strip("'").strip()
    if said.startswith('"'):  # the older form: a JSON string, its own quotes escaped
        said = said[1:].removesuffix('"')
    return _INNER_VALUE.sub("…", said)


def _known(words: str) -> tuple[KnownFailure, str] | None:
    """Return the row whose words stand first in the message, and the words."""
    found = [
        (match.start(), place, match.group())
        for place, row in enumerate(KNOWN_FAILURES)
        if (match := re.search(row.pattern, words, re.IGNORECASE))
    ]
    if not found:
        return None
    _, place, said = min(found)
    return KNOWN_FAILURES[place], said


_MODEL = re.compile(r"""(?:unknown model|the model|model)\s+\\?["']?([A-Za-z0-9_.\-]+)""", re.IGNORECASE)
_NAMED = re.compile(r"'([^']+)'")


def _model_in(message: str, statement: str) -> str | None:
    """Return the model that the message names: one that the statement names, too, so that it is no part of a text."""
    named = (found.group(1).rstrip(".") for found in _MODEL.finditer(message))
    return next((name for name in named if name.casefold() in statement.casefold()), None)


def _reason_with_name(message: str, statement: str) -> str:
    """Keep the name that is not there, which the reader needs: the statement says it, so it is no part of a text."""
    named = _NAMED.search(message)
    last = named.group(1).replace('"', "").rpartition(".")[2] if named else ""
    if last and last.casefold() in statement.replace('"', "").casefold():
        return "Snowflake: " + " ".join(message.split())[:_MAX_REASON]
    return f"Snowflake: {without_values(message)}"


def _says_no_job(message: str, statement: str) -> bool:
    return bool(_ASKS_FOR_A_JOB.search(statement) and _NO_JOB.search(message))


def without_values(message: str) -> str:
    """Leave out what is quoted: an error about a value that is too long prints the value."""
    first = " ".join(_QUOTED.sub("'…'", message).split())
    return first[:_MAX_REASON] + ("…" if len(first) > _MAX_REASON else "")
