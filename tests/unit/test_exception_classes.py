"""Which exceptions of Snowflake's libraries mean what, whatever they say: a list that is complete."""

import inspect
from typing import Any

import pytest
from snowflake.connector import errors as connector
from snowflake.connector.network import get_http_retryable_error
from snowflake.connector.vendored.requests import exceptions as transport
from snowflake.snowpark import exceptions as snowpark

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.failures import failure_class
from cortex_tickets._cortex.known_failures import EXCEPTIONS, FailureClass, class_of_exception
from cortex_tickets._cortex.retry import RetryPolicy
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import (
    AccessDeniedError,
    CallError,
    ConnectionLostError,
    CortexError,
    TransientCortexError,
)
from cortex_tickets.testing import FakeClock, FakeSession

HTTP = {
    400: ("BadRequest", CallError),
    403: ("ForbiddenError", AccessDeniedError),
    405: ("MethodNotAllowed", ConnectionLostError),
    408: ("OtherHTTPRetryableError", ConnectionLostError),
    429: ("TooManyRequests", TransientCortexError),
    500: ("InternalServerError", ConnectionLostError),
    502: ("BadGatewayError", ConnectionLostError),
    503: ("ServiceUnavailableError", ConnectionLostError),
    504: ("GatewayTimeoutError", ConnectionLostError),
    529: ("OtherHTTPRetryableError", ConnectionLostError),
}
NO_MATTER_OF_A_STATEMENT = {
    "BindUploadError",
    "ConfigManagerError",
    "ConfigSourceError",
    "MissingConfigOptionError",
    "MissingDependencyError",
    "PresignedUrlExpiredError",
    "RequestExceedMaxRetryError",
    "TokenExpiredError",
}
"""Of set-up, and of storage that is not Snowflake's."""
TOLD_BY_CODE_AND_WORDS = {
    "DataError",
    "DatabaseError",
    "Error",
    "HttpError",
    "IntegrityError",
    "InternalError",
    "NotSupportedError",
    "ProgrammingError",
}


def raised_by(error: Exception) -> CortexError:
    """Return what a statement raises when the session raises this."""
    session = FakeSession()
    session.answer("SELECT", error)
    client = CortexClient(session, clock=FakeClock(), retry=RetryPolicy(max_attempts=1))
    with pytest.raises(CortexError) as raised:
        client.rows(Statement("SELECT 1"))
    return raised.value


def test_every_exception_of_the_connector_is_looked_at() -> None:
    classes: dict[str, Any] = {
        name: one
        for name, one in inspect.getmembers(connector, inspect.isclass)
        if issubclass(one, connector.Error) and one.__module__ == connector.__name__
    }
    known = {name for name, one in classes.items() if class_of_exception(one) is not None}
    assert set(classes) == known | TOLD_BY_CODE_AND_WORDS | NO_MATTER_OF_A_STATEMENT
    assert set(EXCEPTIONS) - set(classes) == {"SnowparkSessionException"}


@pytest.mark.parametrize("status", HTTP)
def test_an_http_answer_has_its_class_by_name_and_by_code(status: int) -> None:
    name, error = HTTP[status]
    first = get_http_retryable_error(status)
    assert type(first).__name__ == name
    with pytest.raises(connector.Error) as again:  # how the connector raises it when its own retries are used up
        raise type(first)(msg=first.msg, errno=first.errno)
    for raised in (first, again.value):
        assert type(raised_by(raised)) is error
        assert failure_class(str(raised), raised.errno) is class_of_exception(type(raised))


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, FailureClass.CONNECTION), (404, FailureClass.CALLER), (413, FailureClass.CALLER)],
)
def test_an_http_answer_that_the_connector_does_not_retry_is_known_by_its_code(status: int, kind: FailureClass) -> None:
    assert failure_class(f"{status}: POST host/queries", 290_000 + status) is kind


LOST = {
    "failed to connect": connector.OperationalError(msg="secret", errno=250001),
    "no code": connector.OperationalError(msg="secret"),
    "TLS": connector.NonRetryableTlsError(msg="secret"),
    "closed": connector.InterfaceError(msg="secret"),
    "token": connector.RefreshTokenError(msg="secret"),
    "no answer": transport.ReadTimeout("secret"),  # type: ignore[no-untyped-call]  # ships no types
    "no route": transport.ConnectionError("secret"),  # type: ignore[no-untyped-call]  # ships no types
    "master token expired": snowpark.SnowparkSessionException("secret", error_code="1402"),
    "session closed": snowpark.SnowparkSessionException("secret", error_code="1404"),
}


@pytest.mark.parametrize("how", LOST)
def test_a_lost_connection_is_one_whatever_lost_it(how: str) -> None:
    made = raised_by(LOST[how])
    assert type(made) is ConnectionLostError
    assert "secret" not in str(made)
    assert type(LOST[how]).__name__ in str(made)


def test_a_null_in_a_column_that_takes_none_is_a_rows_fault() -> None:
    error = connector.IntegrityError(msg="NULL result in a non-nullable column", errno=100072)
    made = raised_by(error)
    assert made.code == 100072
    assert failure_class(made.reason, made.code) is FailureClass.ROW
    assert "NOT NULL" in str(made)


def test_snowparks_wrapper_is_read_by_the_connectors_code() -> None:
    cause = connector.ProgrammingError(msg="SQL execution canceled", errno=604, sfqid="01ab")
    error = snowpark.SnowparkSQLException("SQL execution canceled", error_code="1304", conn_error=cause)
    made = raised_by(error)
    assert (made.code, made.query_id) == (604, "01ab")
