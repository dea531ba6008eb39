"""Each of Snowflake's known messages is one class of failure, and one typed error."""

import pytest

import cortex_tickets
from cortex_tickets._cortex.failures import FailureClass, failure_class, typed_error
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

OLD = "100351 (P0000): Request failed for external function COMPLETE$V2 with remote service error: {}"
NEW = (
    "512513 (P0000): Request failed for external function COMPLETE with remote service error: '{}'; "
    "requests batch-id: 01c7; request batch size: 4 rows; request retries: 0; response time (last retry): 15.38ms"
)

KNOWN = [
    (NEW.format("429 'too many requests'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("400 'all requests were throttled by remote service'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("503 'inference timed out'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("503 'embed timed out'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("500 'internal error'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("502 'bad gateway'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("503 'overloaded'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("422 'json mode output validation error: x'"), FailureClass.RETRY, TransientCortexError),
    (NEW.format("402 'budget exceeded'"), FailureClass.ADMIN, AccessDeniedError),
    (OLD.format('400 \'"unknown model \\"snowflake-arctic\\""\''), FailureClass.NEXT_MODEL, ModelNotFoundError),
    (NEW.format("400 'unknown model \"claude-3-5-sonnet\"'"), FailureClass.NEXT_MODEL, ModelNotFoundError),
    (
        NEW.format("400 'The model mistral-7b has been in legacy state, please use other models.'"),
        FailureClass.NEXT_MODEL,
        ModelNotFoundError,
    ),
    (NEW.format("400 'deprecated on July 8, 2026'"), FailureClass.NEXT_MODEL, ModelNotFoundError),
    (
        NEW.format(
            "400 'The model you requested is unavailable in your region. To access it, enable cross region "
            "inference with AWS_APJ'"
        ),
        FailureClass.NEXT_MODEL,
        ModelNotFoundError,
    ),
    (NEW.format("400 'model \"x\" does not support given modality'"), FailureClass.NEXT_MODEL, ModelNotFoundError),
    (NEW.format("400 'max tokens of 128000 exceeded'"), FailureClass.ROW, TextRefusedError),
    (NEW.format("400 'Over model context window'"), FailureClass.ROW, TextRefusedError),
    (NEW.format("400 'invalid options object'"), FailureClass.CALLER, CallError),
    (NEW.format("400 'input schema validation error: x'"), FailureClass.CALLER, CallError),
    (
        NEW.format("400 'please provide a type for the response format object'"),
        FailureClass.CALLER,
        CallError,
    ),
    (NEW.format("400 'invalid language \"de_DE\"'"), FailureClass.CALLER, CallError),
    ("argument 3 to function AI_CLASSIFY is not a constant", FailureClass.CALLER, CallError),
    (
        "return details is not allowed when AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR is TRUE",
        FailureClass.CALLER,
        CallError,
    ),
    ("403 Not Authorized", FailureClass.ADMIN, AccessDeniedError),
    (
        "SQL access control error: Insufficient privileges to operate on schema 'S'",
        FailureClass.ADMIN,
        AccessDeniedError,
    ),
    ("Unknown function AI_EXTRACT", FailureClass.ADMIN, AccessDeniedError),
    ("Unknown user-defined function SNOWFLAKE.CORTEX.COMPLETE", FailureClass.ADMIN, AccessDeniedError),
    ("Division by zero", FailureClass.OTHER, CortexError),
]


@pytest.mark.parametrize(("message", "kind", "error"), KNOWN, ids=[str(row) for row in range(len(KNOWN))])
def test_each_known_message_has_its_class(message: str, kind: FailureClass, error: type[CortexError]) -> None:
    assert failure_class(message) is kind
    made = typed_error(message, code=512513, query_id="01ab", statement="SELECT 1")
    assert type(made) is error
    assert (made.code, made.query_id, made.statement) == (512513, "01ab", "SELECT 1")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (604, StatementTimeoutError),
        (630, StatementTimeoutError),
        (250001, ConnectionLostError),
        (390114, ConnectionLostError),
        (2003, ObjectNotFoundError),
        (904, ObjectNotFoundError),
        (3001, AccessDeniedError),
        (2, UnsupportedStatementError),
    ],
)
def test_codes_decide_where_words_do_not(code: int, error: type[CortexError]) -> None:
    made = typed_error("Object 'DB.S.T' does not exist", code=code, query_id=None, statement="SELECT 1")
    assert type(made) is error


def test_the_model_is_named() -> None:
    error = typed_error(
        OLD.format('400 \'"unknown model \\"snowflake-arctic\\""\''), code=1, query_id=None, statement=""
    )
    assert isinstance(error, ModelNotFoundError)
    assert error.model == "snowflake-arctic"


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
    for form in (OLD, NEW):
        error = typed_error(
            form.format("400 'max tokens of 128000 exceeded'"), code=512513, query_id=None, statement=""
        )
        assert error.reason == "Cortex: max tokens of 128000 exceeded"


def test_a_message_that_prints_the_value_does_not_reach_the_error() -> None:
    error = typed_error("String 'my secret ticket' is too long", code=100078, query_id=None, statement="")
    assert "secret" not in str(error)
    error = typed_error(
        NEW.format("500 'internal error'") + " while answering my secret ticket", code=1, query_id=None, statement=""
    )
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "form", ["String '{}' is too long", 'Failed to cast variant value "{}" to FIXED', "bad {{{}}}"]
)
@pytest.mark.parametrize(
    "text", ["I can't roam, 4711", 'the "4711" case', "4711", "a 'quoted 4711' \"word", "{4711: 'x'}"]
)
def test_no_part_of_a_quoted_text_is_shown_whatever_quotes_it_holds(form: str, text: str) -> None:
    error = typed_error(form.format(text), code=100078, query_id=None, statement="")
    assert "4711" not in str(error)
    assert "roam" not in str(error)
    assert str(error).split()[1] == form.split(maxsplit=1)[0]


def test_a_long_message_is_cut_and_says_so() -> None:
    error = typed_error("word " * 200, code=1, query_id=None, statement="")
    assert len(error.reason) < 320
    assert error.reason.endswith("…")


def test_a_name_that_is_not_there_does() -> None:
    error = typed_error("Object 'TICKETS' does not exist or not authorized.", code=2003, query_id=None, statement="")
    assert "TICKETS" in str(error)
