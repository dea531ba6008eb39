"""The envelope around what the model service refuses: as of today, as of the day, and as the library reads it."""

import re
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets._cortex.failures import FailureClass, failure_class
from cortex_tickets.local import Fault, Faults

CLIENT = "SQL: Cortex functions"
SEEN_IN_THE_WILD = re.compile(r"remote service error: '?(\d{3}) '(.{1,200}?)''")
UNKNOWN = "SELECT AI_COMPLETE('nope', 'x')"


def refusal(session: Any, sql: str) -> Any:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value


@pytest.mark.works(CLIENT, "Refusals in Snowflake's envelope: 512513 today, 100351 with `as_of` before 2026")
def test_a_refusal_comes_in_the_form_of_2026(session: Any) -> None:
    error = refusal(session, UNKNOWN)
    assert error.sql_error_code == 512513
    assert error.raw_message == (
        "Request failed for external function COMPLETE with remote service error: "
        f"'400 'unknown model \"nope\"''; requests batch-id: {error.sfqid}"
    )
    found = SEEN_IN_THE_WILD.search(error.raw_message)
    assert found is not None
    assert found.groups() == ("400", 'unknown model "nope"')


@pytest.mark.works(CLIENT, "Refusals in Snowflake's envelope: 512513 today, 100351 with `as_of` before 2026")
def test_a_refusal_comes_in_the_form_of_2024_on_an_engine_of_that_day() -> None:
    with local.connect(as_of="2024-08-01") as session:
        error = refusal(session, "SELECT SNOWFLAKE.CORTEX.COMPLETE('nope', 'x')")
    assert error.sql_error_code == 100351
    assert error.raw_message == (
        'Request failed for external function COMPLETE$V2 with remote service error: 400 \'"unknown model \\"nope\\""\''
    )


@pytest.mark.parametrize("as_of", [None, "2025-06-01"])
@pytest.mark.parametrize(
    ("faults", "sql", "kind"),
    [
        (None, UNKNOWN, FailureClass.NEXT_MODEL),
        (None, "SELECT AI_CLASSIFY('x', ['one'])", FailureClass.OTHER),
        ({"too_many_requests": Fault(nth=1)}, "SELECT AI_SENTIMENT('x')", FailureClass.RETRY),
        ({"throttled": Fault(nth=1)}, "SELECT AI_FILTER('x')", FailureClass.RETRY),
        ({"timeouts": Fault(nth=1)}, "SELECT AI_EMBED('e5-base-v2', 'x')", FailureClass.RETRY),
        ({"server_errors": Fault(nth=1)}, "SELECT AI_SENTIMENT('x')", FailureClass.RETRY),
        ({"too_many_requests": Fault(nth=1)}, "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')", FailureClass.RETRY),
    ],
)
def test_the_library_knows_both_forms_for_what_they_are(
    as_of: str | None, faults: dict[str, Fault] | None, sql: str, kind: FailureClass
) -> None:
    with local.connect(as_of=as_of, faults=Faults(**(faults or {}))) as session:  # type: ignore[arg-type] # each fault is one
        error = refusal(session, sql)
    assert error.sql_error_code == (512513 if as_of is None else 100351)
    assert failure_class(error.raw_message, error.sql_error_code) is kind
