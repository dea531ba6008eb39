"""What each of Snowflake's error messages means, in one table.

The messages and codes are those known on 2026-11-22. What is told here is whose turn it is after a failure; how a
message is read, and which error it becomes, stands in `failures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
    """The statement ran into the limit that was set, or was cancelled."""
    OTHER = "other"
    """None of the known messages."""


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """One row of the table."""

    pattern: str
    """What the message says, as a regular expression. It is shown to the user, so it matches fixed words only."""
    failure_class: FailureClass
    advice: str | None = None
    max_attempts: int | None = None
    """Attempts after which a further one is not worth it; `None` for as many as the retry allows."""


_MODEL_ADVICE = "Give one of cortex_tickets.preflight(session).available_models, the models that this account has."

KNOWN_FAILURES: tuple[KnownFailure, ...] = (
    KnownFailure(r"too many requests", FailureClass.RETRY),
    KnownFailure(r"requests were throttled by remote service", FailureClass.RETRY),
    KnownFailure(r"(inference|embed) timed out", FailureClass.RETRY),
    KnownFailure(r"json mode output validation error", FailureClass.RETRY, max_attempts=2),
    KnownFailure(r"\binternal error\b|\boverloaded\b", FailureClass.RETRY),
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
    KnownFailure(
        r"max tokens of [\d,]+ exceeded|over model context window",
        FailureClass.ROW,
        "Shorten the text, or give a model that reads more.",
    ),
    KnownFailure(
        r"null result in a non-nullable column", FailureClass.ROW, "Give the value, or drop the column's NOT NULL."
    ),
    KnownFailure(
        r"invalid options object|schema validation failed|input schema validation error"
        r"|please provide a (type|schema) for the response format",
        FailureClass.CALLER,
    ),
    KnownFailure(r"invalid language", FailureClass.CALLER, "Give a two-letter language code that Cortex has."),
    KnownFailure(r"is not a constant", FailureClass.CALLER),
    KnownFailure(
        r"return details is not allowed",
        FailureClass.CALLER,
        "Errors of rows are asked for with each call, which the session parameter "
        "AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR forbids: set it to FALSE.",
    ),
    # "does not exist or not authorized" is the answer to a name, and says nothing of a grant.
    KnownFailure(r"(?<!or )not authorized|insufficient privileges|access denied", FailureClass.ADMIN),
    KnownFailure(r"unknown (user-defined )?function", FailureClass.ADMIN),
)
"""Of several messages in one the first to stand there decides: what is quoted after it may be anything."""

CORTEX_STATUSES: Mapping[int, FailureClass] = {
    402: FailureClass.ADMIN,
    403: FailureClass.ADMIN,
    429: FailureClass.RETRY,
    **dict.fromkeys(range(500, 600), FailureClass.RETRY),
}
"""What the status of a Cortex function's model service means where its words are not known."""

CODES: Mapping[int, FailureClass] = {
    2: FailureClass.CALLER,  # unsupported feature
    604: FailureClass.TIME_LIMIT,
    630: FailureClass.TIME_LIMIT,
    904: FailureClass.CALLER,  # invalid identifier
    1402: FailureClass.CONNECTION,  # Snowpark's own: the master token has expired
    1404: FailureClass.CONNECTION,  # Snowpark's own: the session is closed
    2003: FailureClass.CALLER,  # object does not exist, or the role may not see it
    2043: FailureClass.CALLER,
    3001: FailureClass.ADMIN,  # insufficient privileges
    250001: FailureClass.CONNECTION,
    250002: FailureClass.CONNECTION,
    250003: FailureClass.CONNECTION,
    251011: FailureClass.CONNECTION,
    251012: FailureClass.CONNECTION,
    390111: FailureClass.CONNECTION,
    390112: FailureClass.CONNECTION,
    390114: FailureClass.CONNECTION,
}
"""What a code means whatever the words are. `VALUE_CODES` are codes of rows."""

VALUE_CODES: Mapping[int, str] = {
    100035: "a timestamp is not recognized",
    100037: "a boolean value is not recognized",
    100038: "a numeric value is not recognized",
    100039: "a numeric value is out of range",
    100040: "a date is not recognized",
    100069: "a text is no JSON",
    100071: "a variant value cannot be cast to the type asked for",
    100072: "NULL result in a non-nullable column",
    100078: "a text is too long for its column",
}
"""Codes of messages that print a value, some of them without quotes: what is said instead.

Source:
    Messages with their codes on docs.snowflake.com (data types, BOOLAND_AGG, PARSE_JSON) and in public reports, read
    2026-11-25. 100072 is the connector's own.
"""

NOT_FOUND_CODES = frozenset({904, 2003, 2043})
UNSUPPORTED_CODES = frozenset({2})

EXCEPTIONS: Mapping[str, FailureClass] = {
    "OperationalError": FailureClass.CONNECTION,
    "InterfaceError": FailureClass.CONNECTION,
    "SnowparkSessionException": FailureClass.CONNECTION,
    "InternalServerError": FailureClass.CONNECTION,
    "BadGatewayError": FailureClass.CONNECTION,
    "ServiceUnavailableError": FailureClass.CONNECTION,
    "GatewayTimeoutError": FailureClass.CONNECTION,
    "RequestTimeoutError": FailureClass.CONNECTION,
    "MethodNotAllowed": FailureClass.CONNECTION,
    "OtherHTTPRetryableError": FailureClass.CONNECTION,
    "RefreshTokenError": FailureClass.CONNECTION,
    "TooManyRequests": FailureClass.RETRY,
    "ForbiddenError": FailureClass.ADMIN,
    "BadRequest": FailureClass.CALLER,
}
"""Classes of Snowflake's libraries that mean the same whatever they say."""

_VENDORED = "snowflake.connector.vendored."
"""Where the connector has the HTTP library whose exceptions it lets through when its own retries are used up."""

_HTTP_CODES = 290_000
"""The connector adds this to the status of an HTTP answer: once, and a second time when it raises a retried one."""
_STATUSES = range(300, 600)
_TRANSPORT: Mapping[int, FailureClass] = {
    400: FailureClass.CALLER,
    403: FailureClass.ADMIN,
    404: FailureClass.CALLER,
    413: FailureClass.CALLER,
    # The server refused it before it began.
    429: FailureClass.RETRY,
}


def class_of_code(code: int | None) -> FailureClass | None:
    """Return whose turn it is by the code alone, or `None` if the words have to tell."""
    if code is None:
        return None
    status = code % _HTTP_CODES if code > _HTTP_CODES else 0
    if status in _STATUSES:
        # The connector has tried again itself. Whether the statement runs is not known, so it is not sent again.
        return _TRANSPORT.get(status, FailureClass.CONNECTION)
    return FailureClass.ROW if code in VALUE_CODES else CODES.get(code)


def class_of_exception(kind: type[Exception]) -> FailureClass | None:
    """Return whose turn it is by the exception's class alone, or `None` if code and words have to tell.

    They are known by their names, so that Snowflake's libraries need not be imported.
    """
    if kind.__module__.startswith(_VENDORED):
        return FailureClass.CONNECTION
    return next((EXCEPTIONS[one.__name__] for one in kind.__mro__ if one.__name__ in EXCEPTIONS), None)
