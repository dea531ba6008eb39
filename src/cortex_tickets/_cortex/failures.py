"""What each of Snowflake's error messages means, in one table, and the typed error it becomes.

The rows are those of the messages known on 2026-11-22; the first that matches decides. What matches none is a plain
`CortexError` and is not retried.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

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


class FailureClass(StrEnum):
    """Whose turn it is after a failure."""

    RETRY = "retry"
    """Passing: the same statement may work in a moment."""
    NEXT_MODEL = "next_model"
    """This model will not answer; another one may."""
    ROW = "row"
    """One row's fault; the others are fine."""
    CALLER = "caller"
    """The arguments are wrong."""
    ADMIN = "admin"
    """An administrator has to do something."""
    CONNECTION = "connection"
    """Nobody knows what became of the statement."""
    TIME_LIMIT = "time_limit"
    """The statement ran into the limit that was set."""
    OTHER = "other"
    """None of the known messages."""


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One row of the table."""

    pattern: str
    failure_class: FailureClass
    advice: str | None = None


_MODEL_ADVICE = "Give one of cortex_tickets.preflight(session).available_models, the models that this account has."

KNOWN_FAILURES: tuple[KnownFailure, ...] = (
    KnownFailure(r"too many requests", FailureClass.RETRY),
    KnownFailure(r"requests were throttled by remote service", FailureClass.RETRY),
    KnownFailure(r"(inference|embed) timed out", FailureClass.RETRY),
    KnownFailure(r"json mode output validation error", FailureClass.RETRY),
    KnownFailure(r"budget exceeded", FailureClass.ADMIN, "An administrator has to raise the account's budget."),
    KnownFailure(r"unknown model", FailureClass.NEXT_MODEL, _MODEL_ADVICE),
    KnownFailure(r"legacy state|deprecated on|has been (deprecated|retired)", FailureClass.NEXT_MODEL, _MODEL_ADVICE),
    KnownFailure(
        r"unavailable in your region",
        FailureClass.NEXT_MODEL,
        "An ACCOUNTADMIN can set CORTEX_ENABLED_CROSS_REGION, or give a model that the region has.",
    ),
    KnownFailure(r"does not support given modality", FailureClass.NEXT_MODEL, _MODEL_ADVICE),
    # The messages of FINETUNE are not documented; these forms are guessed after those of the other functions.
    KnownFailure(
        r"(does not support|not supported for|not available for|cannot be) fine-?tun\w*", FailureClass.NEXT_MODEL
    ),
    KnownFailure(
        r"fine-?tun\w* (is|was|has been) (no longer \w+|not \w+|deprecated|retired|disabled|removed)",
        FailureClass.ADMIN,
    ),
    KnownFailure(r"max tokens of .{1,20}? exceeded|over model context window", FailureClass.ROW, "Shorten the text."),
    KnownFailure(
        r"invalid options object|schema validation failed|input schema validation error"
        r"|please provide a (type|schema) for the response format",
        FailureClass.CALLER,
    ),
    KnownFailure(r"invalid language", FailureClass.CALLER, "Give a two-letter language code that Cortex has."),
    KnownFailure(r"is not a constant", FailureClass.CALLER),
    KnownFailure(r"return details is not allowed", FailureClass.CALLER),
    KnownFailure(r"not authorized|insufficient privileges|access denied", FailureClass.ADMIN),
    KnownFailure(r"unknown (user-defined )?function", FailureClass.ADMIN),
    KnownFailure(r"remote service error: '?\s*(429|5\d\d)\b|\binternal error\b|overloaded", FailureClass.RETRY),
)

_TIME_LIMIT_CODES = {604, 630}
_CONNECTION_CODES = {250001, 250003, 251011, 251012, 390111, 390112, 390114}
_NOT_FOUND_CODES = {2003, 904, 2043}
_DENIED_CODES = {3001}
_UNSUPPORTED_CODES = {2}

_REMOTE = re.compile(r"remote service error: '?\s*(\d{3})\s*'?(.{1,200}?)'?(?:;|$)", re.IGNORECASE | re.DOTALL)
_MODEL = re.compile(r"""(?:unknown model|the model|model)\s+\\?["']?([A-Za-z0-9_.\-]+)""", re.IGNORECASE)


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


def failure_class(message: str, code: int | None = None) -> FailureClass:
    """Return whose turn it is after a failure with this message and code."""
    if code in _TIME_LIMIT_CODES:
        return FailureClass.TIME_LIMIT
    if code in _CONNECTION_CODES:
        return FailureClass.CONNECTION
    known = _known(message)
    return known.failure_class if known else FailureClass.OTHER


def typed_error(message: str, *, code: int | None, query_id: str | None, statement: str) -> CortexError:
    """Return Snowflake's failure as one of this package's errors, without any text of a ticket."""
    known = _known(message)
    kind = failure_class(message, code)
    if kind in (FailureClass.OTHER, FailureClass.CALLER) and _says_no_job(message, statement):
        return ObjectNotFoundError(NO_SUCH_JOB, statement=statement, query_id=query_id, code=code)
    reason = _reason(message, known)
    advice = known.advice if known else None
    if code in _NOT_FOUND_CODES:
        # What is quoted here is a name out of the statement, and the name is what the reader needs.
        reason = "Snowflake: " + " ".join(message.split())[:_MAX_REASON]
        return ObjectNotFoundError(reason, statement=statement, query_id=query_id, code=code)
    if code in _UNSUPPORTED_CODES:
        return UnsupportedStatementError(reason, statement=statement, query_id=query_id, code=code)
    if code in _DENIED_CODES:
        return AccessDeniedError(reason, statement=statement, query_id=query_id, code=code)
    if kind is FailureClass.NEXT_MODEL:
        found = _MODEL.search(message)
        return ModelNotFoundError(
            reason,
            model=found.group(1) if found else None,
            statement=statement,
            query_id=query_id,
            code=code,
            advice=advice,
        )
    error_class = _ERROR_OF.get(kind, CortexError)
    return error_class(reason, statement=statement, query_id=query_id, code=code, advice=advice)


_ERROR_OF: dict[FailureClass, type[CortexError]] = {
    FailureClass.RETRY: TransientCortexError,
    FailureClass.ROW: TextRefusedError,
    FailureClass.CALLER: CallError,
    FailureClass.ADMIN: AccessDeniedError,
    FailureClass.CONNECTION: ConnectionLostError,
    FailureClass.TIME_LIMIT: StatementTimeoutError,
}


def _says_no_job(message: str, statement: str) -> bool:
    return bool(_ASKS_FOR_A_JOB.search(statement) and _NO_JOB.search(message))


def _known(message: str) -> KnownFailure | None:
    return next((row for row in KNOWN_FAILURES if re.search(row.pattern, message, re.IGNORECASE | re.DOTALL)), None)


def _reason(message: str, known: KnownFailure | None) -> str:
    """Shorten Snowflake's message to what cannot hold a ticket's text."""
    remote = _REMOTE.search(message)
    if remote and known:
        words = re.search(known.pattern, remote.group(2) + remote.group(0), re.IGNORECASE | re.DOTALL)
        model = _MODEL.search(message) if known.failure_class is FailureClass.NEXT_MODEL else None
        named = f' "{model.group(1)}"' if model else ""
        return f"Cortex: {words.group(0) if words else known.pattern}{named}"
    if known:
        words = re.search(known.pattern, message, re.IGNORECASE | re.DOTALL)
        return f"Snowflake: {words.group(0) if words else known.pattern}"
    return "Snowflake: " + without_values(message)


# From the first quote or bracket to the last: a quoted text may hold some itself, and what is between would be shown.
_QUOTED = re.compile(r"['\"{\[].*['\"}\]]", re.DOTALL)
_MAX_REASON = 300


def without_values(message: str) -> str:
    """Leave out what is quoted: an error about a value that is too long prints the value."""
    first = " ".join(_QUOTED.sub("'…'", message).split())
    return first[:_MAX_REASON] + ("…" if len(first) > _MAX_REASON else "")
