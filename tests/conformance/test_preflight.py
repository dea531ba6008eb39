"""A preflight of the embedded engine: what it can do, from free statements."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from cortex_tickets import CheckGroup, CheckState, FineTuneJob, Preflight, TicketClassifier, local, preflight
from cortex_tickets.cli import commands
from cortex_tickets.records.training_queries import TrainingQueries

SETTINGS = "SELECT CURRENT_ROLE(), CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_WAREHOUSE()"
ASKED = "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED"


def value(session: Any, sql: str) -> Any:
    return session.sql(sql).collect()[0][0]


def names(found: Preflight, state: CheckState, group: CheckGroup | None = None) -> list[str]:
    return [check.name for check in found.checks if check.state is state and group in (None, check.group)]


def test_the_engine_has_every_function_and_privilege_and_says_that_it_is_the_engine(session: Any) -> None:
    found = preflight(session)
    assert names(found, CheckState.NO, CheckGroup.PRIVILEGES) == ["SNOWFLAKE.AI_FUNCTIONS_USER"]
    assert names(found, CheckState.UNKNOWN, CheckGroup.PRIVILEGES) == []
    assert {check.state for check in found.checks if check.group is CheckGroup.FUNCTIONS} == {CheckState.YES}
    assert (found.role, found.region, found.cross_region) == ("ACCOUNTADMIN", "EMBEDDED_ENGINE", "ANY_REGION")
    assert {found.check(name).state for name in ("price table", "usage view")} == {CheckState.YES}
    assert found.is_engine
    assert "The embedded engine answered" in str(found)


def test_nothing_is_asked_of_a_model_nothing_is_written_and_the_session_stays_as_it_is(session: Any) -> None:
    before = (session.sql(SETTINGS).collect(), value(session, ASKED), session.sql("SHOW TABLES").collect())
    preflight(session)
    after = (session.sql(SETTINGS).collect(), value(session, ASKED), session.sql("SHOW TABLES").collect())
    assert after == before


def test_the_models_that_it_calls_available_answer_and_those_that_it_calls_gone_do_not(session: Any) -> None:
    found = preflight(session)
    assert {"claude-sonnet-4-6", "claude-haiku-4-5", "llama3.1-8b"} <= set(found.available_models)
    for model in found.available_models:
        assert value(session, f"SELECT AI_COMPLETE('{model}', 'Say something.')")
    gone = names(found, CheckState.NO, CheckGroup.MODELS)
    assert {"mistral-large", "snowflake-arctic"} <= set(gone)
    for model in gone:
        refused = TicketClassifier(session, labels=["a", "b"], model=model)
        with pytest.raises(ValueError, match=r"retired|not one that this account lists"):
            refused.classify("Where is my phone?")


def test_the_models_of_an_older_guides_day_are_its_own() -> None:
    with local.connect(as_of="2024-08-01") as session:
        found = preflight(session)
        assert {"mistral-large", "snowflake-arctic", "reka-flash"} <= set(found.available_models)
        assert not any(name.startswith("claude") for name in found.available_models)
        assert found.check("reka-flash").evidence.startswith("generally available")
        assert value(session, ASKED) == 0


def test_a_legacy_model_is_unknown_since_only_some_accounts_may_go_on(session: Any) -> None:
    found = preflight(session)
    assert {"mistral-7b", "llama3.1-70b"} <= set(names(found, CheckState.UNKNOWN, CheckGroup.MODELS))
    assert "legacy from 2026-08-12" in found.check("mistral-7b").evidence


def test_a_schema_that_is_not_there_can_hold_nothing(session: Any) -> None:
    found = preflight(session, schema="NO_SUCH_SCHEMA")
    assert {"USAGE on the schema", "CREATE TABLE", "CREATE MODEL"} <= set(names(found, CheckState.NO))
    assert found.check("fine-tuning llama3.1-8b").state is CheckState.NO


@pytest.fixture
def own_session() -> Iterator[Any]:
    with local.connect() as opened:
        yield opened


def test_another_role_has_the_same_since_the_engine_controls_no_access(own_session: Any) -> None:
    own_session.sql("USE ROLE ANALYST").collect()
    found = preflight(own_session)
    assert found.role == "ANALYST"
    assert names(found, CheckState.NO, CheckGroup.PRIVILEGES) == ["SNOWFLAKE.AI_FUNCTIONS_USER"]
    assert found.check("USE AI FUNCTIONS").evidence == "SHOW GRANTS ON ACCOUNT: role PUBLIC has USE AI FUNCTIONS"


def test_fine_tuning_is_unknown_until_a_job_has_run(own_session: Any) -> None:
    assert preflight(own_session).check("fine-tuning llama3.1-8b").state is CheckState.UNKNOWN
    own_session.sql("CREATE TABLE PAIRS (PROMPT VARCHAR, COMPLETION VARCHAR)").collect()
    pairs = ", ".join(f"('text {number} {label}', '{label}')" for number in range(6) for label in ("a", "b"))
    own_session.sql(f"INSERT INTO PAIRS VALUES {pairs}").collect()
    query = "SELECT PROMPT, COMPLETION FROM CORTEX_TICKETS.PUBLIC.PAIRS"
    queries = TrainingQueries(training_query=query, validation_query=query)
    FineTuneJob.start(own_session, name="TUNED", base_model="llama3.1-8b", training_set=queries).wait(timeout=60)
    check = preflight(own_session).check("fine-tuning llama3.1-8b")
    assert check.state is CheckState.YES
    assert check.evidence.startswith("jobs of llama3.1-8b that ran here: 1, the last on ")


def test_the_command_line_shows_the_engine_where_no_connection_is_named() -> None:
    done = CliRunner().invoke(commands.app, ["preflight"])
    assert done.exit_code == 0
    assert "region EMBEDDED_ENGINE" in done.stdout
    done = CliRunner().invoke(commands.app, ["preflight", "--json"])
    assert json.loads(done.stdout)["is_engine"] is True
