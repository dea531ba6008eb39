"""Models that a fault profile retires between two statements."""

from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import InvalidInputError, local
from cortex_tickets.local import Faults, RetiredModel

ASK = "SELECT AI_COMPLETE('claude-sonnet-4-6', 'say hello')"


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def shown(session: Any) -> tuple[str | None, str | None, str | None]:
    rows = session.sql("SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS").collect()
    row = next(row for row in rows if row["name"] == "claude-sonnet-4-6")
    return row["lifecycle_status"], row["legacy_date"], row["eol_date"]


@pytest.mark.parametrize(
    ("status", "wording"),
    [
        ("EOL", r"400 'The model claude-sonnet-4-6 was deprecated on November 22, 2026'"),
        ("LEGACY", r"400 'The model claude-sonnet-4-6 has been in legacy state, please use other models.'"),
    ],
)
def test_a_model_is_refused_from_a_statement_on_and_its_status_is_shown(status: Any, wording: str) -> None:
    with local.connect(faults=Faults(retired=RetiredModel("Claude-Sonnet-4-6", 3, status))) as session:
        before = shown(session)
        for _ in range(2):
            assert value(session, ASK) == "say hello"
        assert value(session, "SELECT AI_COMPLETE('llama3.1-8b', 'say hello')") == "say hello"
        assert shown(session) == before
        for _ in range(2):
            with pytest.raises(SnowparkSQLException, match=wording):
                value(session, ASK)
        assert shown(session)[0] == status
        assert "2026-11-22" in shown(session)
        assert value(session, "SELECT AI_COMPLETE('llama3.1-8b', 'say hello')") == "say hello"
        (row,) = session.sql("SELECT FAULT, MODEL, QUERY_ID FROM SNOWFLAKE.ENGINE.FAULTS").collect()
        assert (row["FAULT"], row["MODEL"], bool(row["QUERY_ID"])) == ("retired", "claude-sonnet-4-6", True)


def test_a_statement_that_is_under_way_keeps_its_model() -> None:
    rows = "FROM (SELECT 'text ' || SEQ4() AS T FROM TABLE(GENERATOR(ROWCOUNT => 5000)))"
    count = f"SELECT COUNT(A) FROM (SELECT AI_COMPLETE('claude-sonnet-4-6', T) AS A {rows})"
    with local.connect(faults=Faults(retired=RetiredModel("claude-sonnet-4-6", 2))) as session:
        assert value(session, count) == 5000
        with pytest.raises(SnowparkSQLException, match="deprecated"):
            value(session, count)


def test_a_model_can_be_retired_from_the_start() -> None:
    with local.connect(faults=Faults(retired=RetiredModel("claude-sonnet-4-6"))) as session:
        assert shown(session)[0] == "EOL"
        with pytest.raises(SnowparkSQLException, match="deprecated"):
            value(session, ASK)


def test_only_a_model_of_the_catalog_can_be_retired(tmp_path: Any) -> None:
    for start in (local.connect, local.Engine):
        with pytest.raises(InvalidInputError, match="of 2024-08-01 has no model 'claude-sonnet-4-6'"):
            start(tmp_path, as_of="2024-08-01", faults=Faults(retired=RetiredModel("claude-sonnet-4-6")))
    local.Engine(tmp_path).close()  # nothing was left open
