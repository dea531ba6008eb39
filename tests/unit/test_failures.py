"""Each of Snowflake's known messages is one class of failure, and one typed error."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cortex_tickets
from cortex_tickets._cortex.failures import failure_class, typed_error
from cortex_tickets._cortex.known_failures import CODES, KNOWN_FAILURES, VALUE_CODES, FailureClass
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

STATEMENT = "SELECT AI_COMPLETE(model => 'snowflake-arctic', prompt => ?)"
RETRY, NEXT_MODEL, ROW = FailureClass.RETRY, FailureClass.NEXT_MODEL, FailureClass.ROW
CALLER, ADMIN, CONNECTION = FailureClass.CALLER, FailureClass.ADMIN, FailureClass.CONNECTION


@dataclass(frozen=True)
class ContractRow:
    """One row of the list of Snowflake's errors that this package is written against, read on 2026-11-22."""

    says: str
    kind: FailureClass
    error: type[CortexError]
    examples: tuple[tuple[int | None, str], ...]
    """Status of the model service and its words; no status for what comes without an envelope."""


CONTRACT = (
    ContractRow("too many requests", RETRY, TransientCortexError, ((429, "too many requests"),)),
    ContractRow(
        "all requests were throttled by remote service",
        RETRY,
        TransientCortexError,
        ((400, "all requests were throttled by remote service"),),
    ),
    ContractRow(
        "inference timed out / embed timed out",
        RETRY,
        TransientCortexError,
        ((503, "inference timed out"), (503, "embed timed out")),
    ),
    ContractRow(
        "500 internal error, 502, 503, 504; 503 overloaded",
        RETRY,
        TransientCortexError,
        ((500, "internal error"), (502, "bad gateway"), (503, "overloaded"), (503, "try later"), (504, "")),
    ),
    ContractRow(
        "json mode output validation error",
        RETRY,
        TransientCortexError,
        (
            (422, "json mode output validation error"),
            (422, 'json mode output validation error: schema validation failed: "unknown model"'),
        ),
    ),
    ContractRow("budget exceeded", ADMIN, AccessDeniedError, ((402, "budget exceeded"), (402, "no more today"))),
    ContractRow('unknown model "<m>"', NEXT_MODEL, ModelNotFoundError, ((400, 'unknown model "snowflake-arctic"'),)),
    ContractRow(
        "The model <m> has been in legacy state, please use other models. / deprecated on <date>",
        NEXT_MODEL,
        ModelNotFoundError,
        (
            (400, "The model snowflake-arctic has been in legacy state, please use other models."),
            (400, 'model "snowflake-arctic" was deprecated on July 8, 2026'),
        ),
    ),
    ContractRow(
        "The model you requested is unavailable in your region. To access it, enable cross region inference ...",
        NEXT_MODEL,
        ModelNotFoundError,
        (
            (
                400,
                "The model you requested is unavailable in your region. To access it, enable cross region inference.",
            ),
        ),
    ),
    ContractRow(
        'model "<m>" does not support given modality',
        NEXT_MODEL,
        ModelNotFoundError,
        ((400, 'model "snowflake-arctic" does not support given modality'),),
    ),
    ContractRow(
        "max tokens of <n> exceeded / Over model context window",
        ROW,
        TextRefusedError,
        ((400, "max tokens of 128000 exceeded"), (400, "Over model context window")),
    ),
    ContractRow(
        "invalid options object, schema validation failed, input schema validation error, "
        "please provide a type/schema for the response format object",
        CALLER,
        CallError,
        (
            (400, "invalid options object"),
            (400, "schema validation failed"),
            (400, 'input schema validation error: property "label"'),
            (400, "please provide a type for the response format object"),
            (400, "please provide a schema for the response format object"),
        ),
    ),
    ContractRow('invalid language "<l>"', CALLER, CallError, ((400, 'invalid language "de_DE"'),)),
    ContractRow(
        "Not Authorized (403), Unknown function AI_EXTRACT, Unknown user-defined function SNOWFLAKE.CORTEX....",
        ADMIN,
        AccessDeniedError,
        (
            (403, "Not Authorized"),
            (403, ""),
            (None, "403 Not Authorized"),
            (None, "SQL compilation error:\nUnknown function AI_EXTRACT"),
            (None, "SQL compilation error:\nUnknown user-defined function SNOWFLAKE.CORTEX.COMPLETE"),
        ),
    ),
    # Its words are not known; these are those of any other refusal.
    ContractRow(
        "model-RBAC denial text",
        ADMIN,
        AccessDeniedError,
        (
            (403, "access denied to this model"),
            (None, "SQL access control error: Insufficient privileges to operate on schema 'S'"),
        ),
    ),
    ContractRow(
        "return details is not allowed ... AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR",
        CALLER,
        CallError,
        ((None, "return details is not allowed when AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR is TRUE"),),
    ),
    ContractRow(
        "... is not a constant (AI_CLASSIFY config)",
        CALLER,
        CallError,
        ((None, "argument 3 to function AI_CLASSIFY is not a constant"),),
    ),
)
"""The rows that are known by their words. Those that are known by a code are `CODE_ROWS`."""

CODE_ROWS = {
    2: (CALLER, UnsupportedStatementError),
    604: (FailureClass.TIME_LIMIT, StatementTimeoutError),
    630: (FailureClass.TIME_LIMIT, StatementTimeoutError),
    904: (CALLER, ObjectNotFoundError),
    1402: (CONNECTION, ConnectionLostError),
    1404: (CONNECTION, ConnectionLostError),
    2003: (CALLER, ObjectNotFoundError),
    2043: (CALLER, ObjectNotFoundError),
    3001: (ADMIN, AccessDeniedError),
    **dict.fromkeys((100035, 100037, 100038, 100039, 100040, 100069, 100071, 100072, 100078), (ROW, CortexError)),
    250001: (CONNECTION, ConnectionLostError),
    250002: (CONNECTION, ConnectionLostError),
    250003: (CONNECTION, ConnectionLostError),
    251011: (CONNECTION, ConnectionLostError),
    251012: (CONNECTION, ConnectionLostError),
    390111: (CONNECTION, ConnectionLostError),
    390112: (CONNECTION, ConnectionLostError),
    390114: (CONNECTION, ConnectionLostError),
}

OWN_WORDS = {
    "base model X does not support fine-tuning": NEXT_MODEL,
    "Fine-tuning is no longer supported": ADMIN,
    "NULL result in a non-nullable column": ROW,
}
"""Rows of the table that no message of the list stands for."""

FUNCTIONS = ("COMPLETE", "COMPLETE$V2", "COMPLETE$V6", "_COMPLETE_WITH_PROMPT", "EMBED_TEXT_768$V1")
_ESCAPED = {'"': '\\"'}


def older(function: str, status: int, words: str) -> str:
    """The form of 2024 and 2025: the words are a JSON string."""
    said = words.replace('"', _ESCAPED['"'])
    return f"Request failed for external function {function} with remote service error: {status} '\"{said}\"\n'"


def newer(function: str, status: int, words: str) -> str:
    """The form of 2026."""
    return f"Request failed for external function {function} with remote service error: '{status} '{words}''"


SUFFIXES = (
    "",
    "; requests batch-id: 01bdae07-3201-cb6c-0000-000eaad67819:2:55:0:0",
    "; requests batch-id: 01c7; request batch size: 4 rows; request retries: 0; response time (last retry): 15.38ms",
)
ENVELOPES = tuple((form, code) for form in (older, newer) for code in (100351, 512513, None))


def forms(status: int | None, words: str) -> Iterator[tuple[str, int | None]]:
    """Yield a message as Snowflake may give it, with its code: in each envelope, and as a row's error without one."""
    if status is None:
        yield words, None
        return
    for number, function in enumerate(FUNCTIONS):
        for form, code in ENVELOPES:
            message = form(function, status, words) + SUFFIXES[number % len(SUFFIXES)]
            yield message, code
            yield f"{code or 512513:06d} (P0000): {message}", code
    if words and failure_class(words) is not FailureClass.OTHER:
        yield words, None


@pytest.mark.parametrize("row", CONTRACT, ids=[row.says[:40] for row in CONTRACT])
def test_each_row_of_the_contract_is_one_class_in_both_forms_of_the_envelope(row: ContractRow) -> None:
    for status, words in row.examples:
        for message, code in forms(status, words):
            assert failure_class(message, code) is row.kind, message
            made = typed_error(message, code=code, query_id="01ab", statement=STATEMENT)
            assert type(made) is row.error, message
            assert (made.code, made.query_id, made.statement) == (code, "01ab", STATEMENT)
            assert not re.search("batch|last retry|COMPLETE", made.reason)


@pytest.mark.parametrize("row", CONTRACT, ids=[row.says[:40] for row in CONTRACT])
def test_words_alone_are_enough_where_no_envelope_comes_with_a_row(row: ContractRow) -> None:
    named = [words for _, words in row.examples if words.lower() in row.says.lower() or row.kind is not RETRY]
    known = [words for words in named if failure_class(words) is not FailureClass.OTHER]
    assert known
    assert {failure_class(words) for words in known} == {row.kind}


def test_no_row_of_the_table_is_without_a_message_that_it_is_for() -> None:
    said = [words for row in CONTRACT for _, words in row.examples] + list(OWN_WORDS)
    unused = [
        known.pattern
        for known in KNOWN_FAILURES
        if not any(re.search(known.pattern, words, re.IGNORECASE) for words in said)
    ]
    assert unused == []


@pytest.mark.parametrize(("words", "kind"), OWN_WORDS.items())
def test_words_that_are_no_row_of_the_contract(words: str, kind: FailureClass) -> None:
    assert failure_class(words) is kind


@pytest.mark.parametrize("code", CODE_ROWS)
def test_codes_decide_whatever_the_words_are(code: int) -> None:
    kind, error = CODE_ROWS[code]
    for words in ("Object 'DB.S.T' does not exist", "too many requests", 'unknown model "x"', ""):
        assert failure_class(words, code) is kind
        assert type(typed_error(words, code=code, query_id=None, statement="SELECT 1")) is error


def test_every_code_of_the_table_has_its_row_here() -> None:
    assert set(CODE_ROWS) == set(CODES) | set(VALUE_CODES)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(402, ADMIN), (403, ADMIN), (429, RETRY), (500, RETRY), (599, RETRY), (400, None), (404, None), (422, None)],
)
def test_a_status_decides_where_the_words_are_new(status: int, kind: FailureClass | None) -> None:
    message = newer("COMPLETE", status, "something that nobody wrote down")
    assert failure_class(message, 512513) is (kind or FailureClass.OTHER)
    made = typed_error(message, code=512513, query_id=None, statement="")
    assert str(status) in made.reason
    assert "nobody" not in str(made)


def test_what_is_not_known_is_no_class_and_is_not_retried() -> None:
    assert failure_class("Division by zero") is FailureClass.OTHER
    assert type(typed_error("Division by zero", code=100051, query_id=None, statement="")) is CortexError


def test_an_answer_that_breaks_its_schema_is_tried_once_more_only() -> None:
    broken = typed_error(newer("COMPLETE", 422, CONTRACT[4].says), code=512513, query_id=None, statement="")
    throttled = typed_error(newer("COMPLETE", 429, CONTRACT[0].says), code=512513, query_id=None, statement="")
    assert isinstance(broken, TransientCortexError)
    assert isinstance(throttled, TransientCortexError)
    assert (broken.max_attempts, throttled.max_attempts) == (2, None)


def test_a_model_of_another_region_is_the_next_models_turn_and_tells_the_administrator() -> None:
    words = "The model you requested is unavailable in your region."
    error = typed_error(newer("COMPLETE", 400, words), code=512513, query_id=None, statement=STATEMENT)
    assert isinstance(error, ModelNotFoundError)
    assert error.model is None
    assert "ACCOUNTADMIN" in str(error)


@pytest.mark.parametrize("form", [older, newer])
@pytest.mark.parametrize(
    "words",
    [
        'unknown model "snowflake-arctic"',
        "The model snowflake-arctic has been in legacy state, please use other models.",
        'model "snowflake-arctic" does not support given modality',
    ],
)
def test_the_model_is_named(form: Callable[[str, int, str], str], words: str) -> None:
    error = typed_error(form("COMPLETE", 400, words), code=100351, query_id=None, statement=STATEMENT)
    assert isinstance(error, ModelNotFoundError)
    assert error.model == "snowflake-arctic"
    assert '"snowflake-arctic"' in str(error)


@pytest.mark.parametrize(
    "message",
    ['unknown model "m"', "The model m has been in legacy state", 'model "m" does not support given modality'],
)
def test_what_an_advice_names_exists(message: str) -> None:
    error = typed_error(message, code=1, query_id=None, statement="")
    assert "cortex_tickets.preflight(session).available_models" in str(error)
    assert callable(cortex_tickets.preflight)
    assert isinstance(cortex_tickets.Preflight.available_models, property)


def test_the_reason_is_the_services_own_words_and_no_more_of_the_envelope() -> None:
    for form in (older, newer):
        message = form("COMPLETE", 400, "max tokens of 128000 exceeded")
        error = typed_error(message, code=512513, query_id=None, statement="")
        assert error.reason == "Cortex: max tokens of 128000 exceeded"


def test_a_message_that_prints_the_value_does_not_reach_the_error() -> None:
    error = typed_error("String 'my secret ticket' is too long", code=100078, query_id=None, statement="")
    assert "secret" not in str(error)
    error = typed_error(
        newer("COMPLETE", 500, "internal error") + " while answering my secret ticket",
        code=1,
        query_id=None,
        statement="",
    )
    assert "secret" not in str(error)


@pytest.mark.parametrize("code", VALUE_CODES)
@pytest.mark.parametrize("message", ["Failed to cast variant value zebra to FIXED(10,0)", "zebra", "'zebra' is wrong"])
def test_a_code_of_a_value_is_told_in_words_of_our_own(code: int, message: str) -> None:
    error = typed_error(message, code=code, query_id=None, statement="")
    assert VALUE_CODES[code] in str(error)
    assert "zebra" not in str(error)


FORMS = (
    "String '{}' is too long and would be truncated",
    'Failed to cast variant value "{}" to FIXED',
    "Numeric value '{}' is not recognized",
    "bad {{{}}}",
    "Duplicate row detected during DML action\nRow Values: [{}]",
    "the text \u201c{}\u201d is no date",
)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text", ["I can't roam, 4711", 'the "4711" case', "4711", "a 'quoted 4711' \"word", "{4711: 'x'}"]
)
def test_no_part_of_a_quoted_text_is_shown_whatever_quotes_it_holds(form: str, text: str) -> None:
    error = typed_error(form.format(text), code=100183, query_id=None, statement="")
    assert "4711" not in str(error)
    assert "roam" not in str(error)
    assert str(error).split()[1] == form.split(maxsplit=1)[0]


SAID = [words for row in CONTRACT for _, words in row.examples if words]
ATTACKS = SAID + [
    form("COMPLETE", status or 400, words)
    for form in (older, newer)
    for status, words in (
        (429, "too many requests"),
        (400, 'unknown model "snowflake-arctic"'),
        (402, "budget exceeded"),
    )
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("code", [100183, None])
def test_a_quoted_text_cannot_say_what_a_failure_is(form: str, code: int | None) -> None:
    for said in ATTACKS:
        for text in (said, f"I can't say: {said}", f"'{said}", f'"; {said}; "'):
            message = form.format(text)
            assert failure_class(message, code) is FailureClass.OTHER, message
            error = typed_error(message, code=code, query_id=None, statement=STATEMENT)
            assert type(error) is CortexError
            assert not any(words.lower() in str(error).lower() for words in SAID)


@given(st.text(), st.sampled_from(FORMS))
def test_no_text_at_all_can(text: str, form: str) -> None:
    marked = f"zebra {text} zebra"
    error = typed_error(form.format(marked), code=100183, query_id=None, statement=STATEMENT)
    assert "zebra" not in str(error)
    assert failure_class(form.format(marked), 100183) is FailureClass.OTHER


@given(st.text())
def test_what_a_models_answer_holds_changes_nothing_about_its_failure(text: str) -> None:
    message = newer("COMPLETE", 422, f'json mode output validation error: "zebra {text} zebra"')
    assert failure_class(message, 512513) is RETRY
    assert "zebra" not in str(typed_error(message, code=512513, query_id=None, statement=STATEMENT))


def test_a_value_that_was_cut_before_its_quote_closed_is_not_shown() -> None:
    error = typed_error("String 'too many requests, says 4711", code=100183, query_id=None, statement="")
    assert type(error) is CortexError
    assert error.reason == "Snowflake: String '…'"


def test_a_long_message_is_cut_and_says_so() -> None:
    error = typed_error("word " * 200, code=1, query_id=None, statement="")
    assert len(error.reason) < 320
    assert error.reason.endswith("…")


def test_a_name_that_is_not_there_is_told() -> None:
    error = typed_error(
        "SQL compilation error:\nObject 'DB.S.\"My Tickets\"' does not exist or not authorized.",
        code=2003,
        query_id=None,
        statement='SELECT * FROM "My Tickets"',
    )
    assert "My Tickets" in str(error)


def test_what_the_statement_does_not_name_is_not_told() -> None:
    error = typed_error(
        "Object 'SECRET' does not exist or not authorized.", code=2003, query_id=None, statement='SELECT "A" FROM "B"'
    )
    assert "SECRET" not in str(error)
