"""What a preflight concludes from what an account tells, and from what it refuses to tell."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cortex_tickets
from cortex_tickets import CheckGroup, CheckState, InvalidInputError, Preflight, PreflightCheck, preflight
from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

YES, NO, UNKNOWN = CheckState.YES, CheckState.NO, CheckState.UNKNOWN
Rows = Sequence[Mapping[str, Any]]

PLACE = {
    "ROLE_NAME": "ANALYST",
    "REGION_NAME": "PUBLIC.AWS_US_WEST_2",
    "WAREHOUSE_NAME": "WH",
    "DATABASE_NAME": "DB",
    "SCHEMA_NAME": "S",
}
ON_SCHEMA = ("USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE MODEL", "CREATE STREAM", "CREATE TASK")
MODELS: list[dict[str, Any]] = [
    {
        "name": "LLAMA3.1-8B",
        "lifecycle_status": "GA",
        "in_region_availability": '["AWS_US_WEST_2"]',
        "cross_region_availability": '["ANY_REGION", "AWS_US"]',
    },
    {
        "name": "CLAUDE-SONNET-4-6",
        "lifecycle_status": "GA",
        "in_region_availability": None,
        "cross_region_availability": '["ANY_REGION", "AWS_US", "AWS_EU"]',
    },
]
JOB = '[{"id": "ft_1", "status": "SUCCESS", "base_model": "llama3.1-8b", "created_on": 1717004388348}]'
REFUSED = snowflake_error("something else", 1)
NOT_THERE = snowflake_error("Object 'DB.S' does not exist or not authorized.", 2003)
UNKNOWN_FUNCTION = snowflake_error("SQL compilation error: Unknown function AI_COMPLETE.", 2140)
FREE = re.compile(
    r"SELECT CURRENT_ROLE\(\) AS |SHOW |SELECT IS_ROLE_IN_SESSION\('|SELECT SYS_CONTEXT\('SNOWFLAKE\$SESSION', "
    r"|SELECT CURRENT_SECONDARY_ROLES\(\) AS SECONDARY_ROLES$|EXPLAIN USING TEXT SELECT AI_"
    r"|SELECT SNOWFLAKE\.CORTEX\.FINETUNE\('SHOW'\)$"
)


def grant(privilege: str, grantee: str = "ANALYST", kind: str = "ROLE") -> dict[str, str]:
    return {"privilege": privilege, "granted_to": kind, "grantee_name": grantee}


def told(*names: str) -> Callable[[SentStatement], Rows]:
    """Answer a statement that asks about roles: those named here are the session's."""

    def rows(statement: SentStatement) -> Rows:
        asked = re.findall(r"(?:IN_SESSION\(|ACTIVATED', )'((?:[^']|'')*)'\) AS (ROLE_\d+)", statement.text)
        of_database = "SYS_CONTEXT" in statement.text
        return [
            {
                alias: (str(name.replace("''", "'") in names).upper() if of_database else name in names)
                for name, alias in asked
            }
        ]

    return rows


@pytest.fixture
def account() -> FakeSession:
    """Return an account that has everything; rules that are added replace these."""
    session = FakeSession()
    session.answer("^SELECT CURRENT_ROLE", [PLACE])
    session.answer("^SHOW GRANTS ON ACCOUNT$", [grant("USE AI FUNCTIONS", "PUBLIC"), grant("EXECUTE TASK")])
    session.answer('^SHOW GRANTS ON WAREHOUSE "WH"$', [grant("USAGE")])
    session.answer('^SHOW GRANTS ON DATABASE "DB"$', [grant("USAGE"), grant("OWNERSHIP", "OWNER")])
    session.answer('^SHOW GRANTS ON SCHEMA "DB"."S"$', [grant(privilege) for privilege in ON_SCHEMA])
    session.answer("^SELECT IS_ROLE_IN_SESSION", told("ANALYST"))
    session.answer("^SELECT SYS_CONTEXT", told("SNOWFLAKE.CORTEX_USER"))
    session.answer("^SELECT CURRENT_SECONDARY_ROLES", [{"SECONDARY_ROLES": '{"roles":"","value":""}'}])
    session.answer("^EXPLAIN USING TEXT", [{"content": "a plan"}])
    session.answer("^SHOW CORTEX BASE MODELS", MODELS)
    session.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "AWS_US"}])
    session.answer("FINETUNE", [{"F": JOB}])
    return session


def look(session: FakeSession, **options: Any) -> Preflight:
    return preflight(session, **{"clock": FakeClock(), **options})


def state(session: FakeSession, name: str) -> CheckState:
    return look(session).check(name).state


def states(found: Preflight) -> dict[str, CheckState]:
    return {check.name: check.state for check in found.checks}


def test_an_account_that_has_everything_says_yes_with_evidence_and_without_advice(account: FakeSession) -> None:
    found = look(account)
    assert [check.name for check in found.checks if check.state is not YES] == ["SNOWFLAKE.AI_FUNCTIONS_USER"]
    assert [check.name for check in found.checks if check.state is YES and check.advice] == []
    assert [check.name for check in found.checks if not check.evidence] == []
    assert (found.role, found.region, found.warehouse) == ("ANALYST", "AWS_US_WEST_2", "WH")
    assert (found.schema_name, found.cross_region, found.is_engine) == ("DB.S", "AWS_US", False)
    assert found.available_models == ("claude-sonnet-4-6", "llama3.1-8b")


def test_the_checks_are_those_of_the_issue_in_the_order_of_their_groups(account: FakeSession) -> None:
    found = look(account)
    assert list(dict.fromkeys(check.group for check in found.checks)) == list(CheckGroup)
    assert [check.name for check in found.checks] == [
        *("AI_CLASSIFY", "AI_COMPLETE", "AI_COUNT_TOKENS"),
        *("USE AI FUNCTIONS", "SNOWFLAKE.CORTEX_USER", "SNOWFLAKE.AI_FUNCTIONS_USER"),
        *("USAGE on the warehouse", "USAGE on the database", "USAGE on the schema", *ON_SCHEMA[1:], "EXECUTE TASK"),
        *("claude-sonnet-4-6", "llama3.1-8b"),
        "cross-region inference",
        *("FINETUNE", "training region", "fine-tuning llama3.1-8b"),
        "price table",
    ]


def test_an_account_that_has_nothing_says_no_to_everything_but_the_price_table(account: FakeSession) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**PLACE, "REGION_NAME": "AWS_SA_EAST_1", "WAREHOUSE_NAME": None}])
    account.answer("^SHOW GRANTS ON", [grant("USE AI FUNCTIONS", "OTHER"), grant("OWNERSHIP", "OWNER")])
    account.answer("^SELECT (IS_ROLE|SYS_CONTEXT)", told())
    account.answer("^EXPLAIN", UNKNOWN_FUNCTION)
    account.answer("^SHOW CORTEX BASE MODELS", [{**MODELS[0], "lifecycle_status": "EOL"}])
    account.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "DISABLED"}])
    account.answer("FINETUNE", snowflake_error("Unknown user-defined function SNOWFLAKE.CORTEX.FINETUNE", 2140))
    found = look(account)
    assert {name for name, state in states(found).items() if state is not NO} == {"price table"}
    assert found.available_models == ()
    assert len(found.missing) == len(found.checks) - 1


def test_an_account_that_refuses_every_statement_is_unknown_everywhere_and_nothing_is_raised() -> None:
    session = FakeSession()
    session.answer("", REFUSED)
    found = look(session)
    assert {name for name, state in states(found).items() if state is not UNKNOWN} == {"price table"}
    assert (found.role, found.region, found.warehouse, found.schema_name, found.cross_region) == (None,) * 5
    assert all(FREE.match(text) for text in session.texts())


@pytest.mark.parametrize(
    "refusal",
    [
        snowflake_error("SQL access control error: Insufficient privileges to operate on account", 3001),
        snowflake_error("unexpected 'GRANTS'.", 1003),
        snowflake_error("too many requests", 100351),
        snowflake_error("SQL execution canceled", 604),
        snowflake_error("connection is gone", 250001),
        snowflake_error("Unsupported feature 'SHOW'.", 2),
    ],
    ids=["denied", "syntax", "throttled", "cancelled", "lost", "unsupported"],
)
def test_no_kind_of_refusal_gets_through_and_none_becomes_a_yes(refusal: Exception) -> None:
    session = FakeSession()
    session.answer("", refusal)
    found = look(session)
    assert {name for name, state in states(found).items() if state is YES} == {"price table"}


@pytest.mark.parametrize("rows", [[], [{"SOMETHING": None}]], ids=["no rows", "other columns"])
def test_answers_of_another_shape_are_unknown_or_no_and_never_yes(rows: Rows) -> None:
    session = FakeSession()
    session.answer("^(?!EXPLAIN|.*FINETUNE)", rows)
    session.answer("^EXPLAIN", rows)
    session.answer("FINETUNE", [{"F": '{"no": "list"}'}])
    found = look(session)
    assert {name for name, state in states(found).items() if state is YES} == {"price table"}


# What is sent


def test_only_free_statements_are_sent(account: FakeSession) -> None:
    look(account)
    assert [text for text in account.texts() if not FREE.match(text)] == []
    assert all(not statement.values for statement in account.sent)
    assert len(account.texts()) <= 15


def test_a_call_of_an_ai_function_is_compiled_only_and_over_no_rows(account: FakeSession) -> None:
    look(account)
    with_a_call = [text for text in account.texts() if "AI_" in text.replace("AI_FUNCTIONS", "")]
    assert len(with_a_call) == len(AI_FUNCTIONS)
    assert all(text.startswith("EXPLAIN USING TEXT SELECT ") for text in with_a_call)
    assert all(text.endswith(" WHERE FALSE") for text in with_a_call)


def test_every_ai_function_that_the_package_calls_is_checked() -> None:
    source = Path(cortex_tickets.__file__).parent
    parts = [path for path in source.rglob("*.py") if "local" not in path.relative_to(source).parts]
    called = {name for path in parts for name in re.findall(r"\b(AI_[A-Z_]+)\(", path.read_text(encoding="utf-8"))}
    assert called == {function.name for function in AI_FUNCTIONS}


def test_statements_are_tagged_and_share_one_time_limit(account: FakeSession) -> None:
    look(account, timeout=30)
    assert {statement.parameters["QUERY_TAG"] for statement in account.sent} == {
        '{"app": "cortex_tickets", "operation": "preflight"}'
    }
    assert {statement.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for statement in account.sent} == {30}


def test_what_was_not_asked_in_time_is_unknown(account: FakeSession) -> None:
    clock = FakeClock()

    def late(_: SentStatement) -> Rows:
        clock.sleep(61)
        return [grant("USE AI FUNCTIONS", "PUBLIC")]

    account.answer("^SHOW GRANTS ON ACCOUNT", late)
    found = look(account, clock=clock)
    assert found.check("USE AI FUNCTIONS").state is YES
    assert found.check("CREATE TABLE").state is UNKNOWN
    assert "The time that was given is over" in found.check("CREATE TABLE").evidence
    assert account.texts()[-1] == "SHOW GRANTS ON ACCOUNT"


def test_a_probe_that_is_throttled_is_tried_once_more_and_no_longer(account: FakeSession) -> None:
    account.answer("^SHOW PARAMETERS", snowflake_error("too many requests", 1))
    assert state(account, "cross-region inference") is UNKNOWN
    assert sum("SHOW PARAMETERS" in text for text in account.texts()) == 2


def test_names_out_of_the_account_are_quoted(account: FakeSession) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**PLACE, "ROLE_NAME": "o'r", "DATABASE_NAME": 'd"b', "SCHEMA_NAME": "s;"}])
    account.answer('^SHOW GRANTS ON (DATABASE|SCHEMA) "d""b"', [grant("USAGE", "it's; DROP")])
    account.answer("^SELECT IS_ROLE", told())
    found = look(account)
    assert 'SHOW GRANTS ON SCHEMA "d""b"."s;"' in account.texts()
    assert any("IS_ROLE_IN_SESSION('it''s; DROP') AS ROLE_" in text for text in account.texts())
    assert found.schema_name == '"d""b"."s;"'
    assert 'GRANT CREATE TABLE ON SCHEMA "d""b"."s;" TO ROLE "o\'r";' in (found.check("CREATE TABLE").advice or "")


def test_many_roles_are_asked_about_fifty_at_a_time(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON DATABASE", [grant("USAGE", f"R{number}") for number in range(120)])
    account.answer("^SELECT IS_ROLE", told("R119"))
    assert state(account, "USAGE on the database") is YES
    assert sum(text.startswith("SELECT IS_ROLE") for text in account.texts()) == 3


# Arguments


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schema": "A.B.C"}, "schema='A.B.C' must be one name or two"),
        ({"schema": "no schema"}, "'no schema' is not a schema name"),
        ({"schema": 3}, "The schema name is a int"),
        ({"timeout": 0}, "timeout=0 must be more than 0 seconds"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(
    account: FakeSession, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        look(account, **options)
    assert account.sent == []


def test_all_wrong_arguments_are_told_at_once(account: FakeSession) -> None:
    with pytest.raises(InvalidInputError, match="2 problems"):
        look(account, schema="", timeout=-1)


@pytest.mark.parametrize(("given", "asked"), [("t", '"DB"."T"'), ('other."s t"', '"OTHER"."s t"')])
def test_another_schema_can_be_asked_about(account: FakeSession, given: str, asked: str) -> None:
    account.answer("^SHOW GRANTS ON (DATABASE|SCHEMA)", [grant("OWNERSHIP")])
    look(account, schema=given)
    assert f"SHOW GRANTS ON SCHEMA {asked}" in account.texts()


# Functions


def test_a_function_that_does_not_compile_for_this_role_is_a_no(account: FakeSession) -> None:
    account.answer("^EXPLAIN.* AI_CLASSIFY", UNKNOWN_FUNCTION)
    found = look(account)
    check = found.check("AI_CLASSIFY")
    assert (check.state, found.check("AI_COMPLETE").state) == (NO, YES)
    assert "does not compile" in check.evidence
    assert "whether this region has the function" in (check.advice or "")


def test_a_function_needs_the_privilege_and_a_database_role(account: FakeSession) -> None:
    account.answer("^SELECT SYS_CONTEXT", told())
    check = look(account).check("AI_COMPLETE")
    assert check.state is NO
    assert check.advice == (
        "For labels and replies: ask an ACCOUNTADMIN to run GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE ANALYST;"
    )


def test_the_narrower_database_role_is_enough_for_a_function(account: FakeSession) -> None:
    account.answer("^SELECT SYS_CONTEXT", told("SNOWFLAKE.AI_FUNCTIONS_USER"))
    found = look(account)
    assert found.check("AI_COMPLETE").state is YES
    assert found.check("SNOWFLAKE.CORTEX_USER").state is NO
    assert (found.check("SNOWFLAKE.CORTEX_USER").advice or "").startswith("For fine-tuning: ")
    assert found.check("fine-tuning llama3.1-8b").state is NO


def test_the_privilege_for_one_function_is_enough_for_that_function(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("USE AI FUNCTION AI_COMPLETE")])
    found = look(account)
    assert (found.check("AI_COMPLETE").state, found.check("AI_CLASSIFY").state) == (YES, NO)
    assert found.check("USE AI FUNCTIONS").state is NO
    assert "GRANT USE AI FUNCTION AI_CLASSIFY ON ACCOUNT TO ROLE ANALYST;" in (found.check("AI_CLASSIFY").advice or "")


def test_a_privilege_that_only_others_have_is_a_no_and_one_that_nobody_is_shown_to_have_unknown(
    account: FakeSession,
) -> None:
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("USE AI FUNCTIONS", "OTHER")])
    assert state(account, "USE AI FUNCTIONS") is NO
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("CREATE DATABASE", "OTHER")])
    found = look(account)
    assert [found.check(name).state for name in ("USE AI FUNCTIONS", "AI_COMPLETE")] == [UNKNOWN, UNKNOWN]
    assert "names nobody who has it" in found.check("AI_COMPLETE").evidence


def test_a_plan_that_is_refused_for_another_reason_leaves_a_function_unknown(account: FakeSession) -> None:
    account.answer("^EXPLAIN", REFUSED)
    check = look(account).check("AI_COMPLETE")
    assert (check.state, check.advice) == (UNKNOWN, None)


# Privileges


@pytest.mark.parametrize(
    ("name", "on"),
    [
        ("EXECUTE TASK", "ACCOUNT"),
        ("USAGE on the warehouse", "WAREHOUSE"),
        ("USAGE on the database", "DATABASE"),
        ("USAGE on the schema", "SCHEMA"),
        ("CREATE TABLE", "SCHEMA"),
        ("CREATE VIEW", "SCHEMA"),
        ("CREATE MODEL", "SCHEMA"),
        ("CREATE STREAM", "SCHEMA"),
        ("CREATE TASK", "SCHEMA"),
    ],
)
def test_each_privilege_can_be_there_missing_or_unknown(account: FakeSession, name: str, on: str) -> None:
    privilege = name.split(" on the ", maxsplit=1)[0]
    listing = f"^SHOW GRANTS ON {on}"
    account.answer(listing, [grant(privilege)])
    check = look(account).check(name)
    assert (check.state, check.advice) == (YES, None)
    assert check.evidence == f"SHOW GRANTS ON {on}: role ANALYST has {privilege}"
    account.answer(listing, [grant(privilege, "OTHER"), grant("MONITOR")])
    check = look(account).check(name)
    assert check.state is NO
    assert f"GRANT {privilege} ON {on}" in (check.advice or "")
    assert "TO ROLE ANALYST;" in (check.advice or "")
    account.answer(listing, [])
    assert state(account, name) is UNKNOWN
    account.answer(listing, REFUSED)
    assert state(account, name) is UNKNOWN


@pytest.mark.parametrize(
    ("on", "names"),
    [
        ("DATABASE", ["USAGE on the database"]),
        ("SCHEMA", ["USAGE on the schema", *ON_SCHEMA[1:]]),
        ("WAREHOUSE", ["USAGE on the warehouse"]),
    ],
)
def test_ownership_brings_all_and_what_is_not_there_nothing(account: FakeSession, on: str, names: list[str]) -> None:
    account.answer(f"^SHOW GRANTS ON {on}", [grant("OWNERSHIP")])
    assert {look(account).check(name).state for name in names} == {YES}
    account.answer(f"^SHOW GRANTS ON {on}", NOT_THERE)
    found = look(account)
    assert {found.check(name).state for name in names} == {NO}
    assert "is not there, or this role may not see it" in found.check(names[0]).evidence


def test_ownership_on_the_account_does_not_bring_a_task(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("OWNERSHIP"), grant("USE AI FUNCTIONS")])
    assert state(account, "EXECUTE TASK") is NO


@pytest.mark.parametrize(
    ("missing", "name", "expected"),
    [
        ("WAREHOUSE_NAME", "USAGE on the warehouse", NO),
        ("DATABASE_NAME", "USAGE on the database", UNKNOWN),
        ("SCHEMA_NAME", "CREATE TABLE", UNKNOWN),
    ],
)
def test_a_session_without_a_warehouse_or_a_schema_is_told_to_choose_one(
    account: FakeSession, missing: str, name: str, expected: CheckState
) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**PLACE, missing: None}])
    check = look(account).check(name)
    assert check.state is expected
    assert "choose a" in (check.advice or "")


def test_a_privilege_of_an_inherited_role_counts(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", [grant(privilege, "WRITERS") for privilege in ON_SCHEMA])
    account.answer("^SELECT IS_ROLE", told("WRITERS"))
    check = look(account).check("CREATE TABLE")
    assert (check.state, check.evidence) == (YES, "SHOW GRANTS ON SCHEMA: role WRITERS has CREATE TABLE")


def test_a_database_role_counts_with_its_database_or_without(account: FakeSession) -> None:
    account.answer("^SELECT SYS_CONTEXT", told("SNOWFLAKE.CORTEX_USER", "DB.WRITER", 'DB."a b"'))
    for name in ("DB.WRITER", "WRITER", "a b"):
        account.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", name, "DATABASE_ROLE")])
        assert state(account, "CREATE TABLE") is YES
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", "OTHER", "DATABASE_ROLE")])
    assert state(account, "CREATE TABLE") is NO


def test_a_role_that_was_not_told_leaves_a_privilege_unknown_but_not_that_of_the_own_role(account: FakeSession) -> None:
    account.answer("^SELECT IS_ROLE", REFUSED)
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("USAGE"), grant("CREATE TABLE", "WRITERS")])
    found = look(account)
    assert (found.check("USAGE on the schema").state, found.check("CREATE TABLE").state) == (YES, UNKNOWN)
    assert "role WRITERS has it; whether this session has that role was not told" in (
        found.check("CREATE TABLE").evidence
    )


def test_a_privilege_of_a_user_is_unknown_and_the_user_is_not_named(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("USAGE", "SOMEBODY", "USER"), grant("CREATE TABLE", "X", "SHARE")])
    found = look(account)
    assert (found.check("USAGE on the schema").state, found.check("CREATE TABLE").state) == (UNKNOWN, NO)
    assert "SOMEBODY" not in str(found)


@pytest.fixture
def secondary(account: FakeSession) -> FakeSession:
    """Return an account whose session has secondary roles, and CREATE TABLE through the role WRITERS."""
    account.answer("^SELECT CURRENT_SECONDARY_ROLES", [{"SECONDARY_ROLES": '{"roles":"A,B","value":"ALL"}'}])
    account.answer("^SHOW GRANTS ON SCHEMA", [grant(privilege, "WRITERS") for privilege in ON_SCHEMA])
    account.answer("^SELECT IS_ROLE", told("WRITERS"))
    account.answer("^SHOW GRANTS TO ROLE", [])
    return account


def inherits(*names: str, kind: str = "ROLE") -> Rows:
    return [{"privilege": "USAGE", "granted_on": kind, "name": name} for name in names]


def test_a_secondary_role_does_not_count_for_create_but_for_usage(secondary: FakeSession) -> None:
    found = look(secondary)
    assert (found.check("USAGE on the schema").state, found.check("CREATE TABLE").state) == (YES, NO)
    assert found.check("CREATE TABLE").evidence == "SHOW GRANTS ON SCHEMA does not give it to this role"


def test_a_role_that_the_own_one_inherits_counts_for_create_however_deep(secondary: FakeSession) -> None:
    secondary.answer('^SHOW GRANTS TO ROLE "ANALYST"$', inherits("MIDDLE"))
    secondary.answer('^SHOW GRANTS TO ROLE "MIDDLE"$', inherits("WRITERS", "ANALYST"))
    assert state(secondary, "CREATE TABLE") is YES


def test_a_database_role_that_the_own_role_inherits_counts_for_create(secondary: FakeSession) -> None:
    secondary.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", "DB.WRITER", "DATABASE_ROLE")])
    secondary.answer("^SELECT SYS_CONTEXT", told("DB.WRITER", "SNOWFLAKE.CORTEX_USER"))
    assert state(secondary, "CREATE TABLE") is NO
    secondary.answer('^SHOW GRANTS TO ROLE "ANALYST"$', inherits("DB.WRITER", kind="DATABASE_ROLE"))
    assert state(secondary, "CREATE TABLE") is YES


@pytest.mark.parametrize(
    "answer", [REFUSED, inherits(*(f"R{number}" for number in range(30)))], ids=["refused", "many"]
)
def test_where_not_all_is_told_of_what_the_own_role_inherits_create_is_unknown(
    secondary: FakeSession, answer: Any
) -> None:
    secondary.answer("^SHOW GRANTS TO ROLE", answer)
    check = look(secondary).check("CREATE TABLE")
    assert check.state is UNKNOWN
    assert "a secondary role does not count here" in check.evidence
    assert sum(text.startswith("SHOW GRANTS TO ROLE") for text in secondary.texts()) <= 20


@pytest.mark.parametrize("answer", [[{"SECONDARY_ROLES": "no json"}], [{"SECONDARY_ROLES": "[]"}], REFUSED])
def test_secondary_roles_that_are_not_told_are_taken_to_be_there(secondary: FakeSession, answer: Any) -> None:
    secondary.answer("^SELECT CURRENT_SECONDARY_ROLES", answer)
    assert state(secondary, "CREATE TABLE") is NO


def test_no_secondary_roles_need_no_look_at_what_the_own_role_inherits(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", "WRITERS")])
    account.answer("^SELECT IS_ROLE", told("WRITERS"))
    assert state(account, "CREATE TABLE") is YES
    assert not any("GRANTS TO ROLE" in text for text in account.texts())


@pytest.mark.parametrize("name", ["SNOWFLAKE.CORTEX_USER", "CORTEX_USER"])
def test_where_the_function_for_database_roles_is_refused_the_grants_may_tell(account: FakeSession, name: str) -> None:
    account.answer("^SELECT SYS_CONTEXT", snowflake_error("Unknown function SYS_CONTEXT.", 2140))
    account.answer("^SHOW GRANTS TO ROLE", [])
    found = look(account)
    assert {found.check(role).state for role in ("SNOWFLAKE.CORTEX_USER", "AI_COMPLETE")} == {UNKNOWN}
    account.answer('^SHOW GRANTS TO ROLE "PUBLIC"', inherits(name, kind="DATABASE_ROLE"))
    found = look(account)
    assert {found.check(role).state for role in ("SNOWFLAKE.CORTEX_USER", "AI_COMPLETE")} == {YES}
    assert found.check("SNOWFLAKE.AI_FUNCTIONS_USER").state is UNKNOWN


# Models and regions


def model(session: FakeSession, **columns: Any) -> PreflightCheck:
    session.answer("^SHOW CORTEX BASE MODELS", [{**MODELS[0], **columns}])
    return look(session).check(columns.get("name", "llama3.1-8b"))


@pytest.mark.parametrize(
    ("stage", "expected", "said"),
    [
        ("GA", YES, "generally available"),
        ("PUPR", YES, "public preview"),
        ("PRPR", UNKNOWN, "private preview"),
        ("LEGACY", UNKNOWN, "only accounts that used it before"),
        ("EOL", NO, "it answers nobody"),
        (None, UNKNOWN, "no lifecycle stage is told"),
        ("INTERNAL", UNKNOWN, "no lifecycle stage is told"),
    ],
)
def test_a_model_is_as_usable_as_its_stage_in_life(
    account: FakeSession, stage: str | None, expected: CheckState, said: str
) -> None:
    check = model(account, lifecycle_status=stage)
    assert check.state is expected
    assert said in check.evidence


def test_a_model_tells_its_dates_its_price_and_what_to_use_instead(account: FakeSession) -> None:
    check = model(account, name="MISTRAL-7B", lifecycle_status="LEGACY", legacy_date="2026-08-12", eol_date="No sooner")
    assert check.evidence == (
        "legacy: it answers only accounts that used it before (legacy from 2026-08-12, end of life No sooner); "
        "in AWS_US_WEST_2 itself; AI credits per million tokens: 0.08 in, 0.1 out"
    )
    assert check.advice == "Use llama3.1-8b instead."
    assert "price unknown" in model(account, name="NEW-MODEL").evidence


@pytest.mark.parametrize(
    ("setting", "scopes", "expected"),
    [
        ("ANY_REGION", '["ANY_REGION"]', YES),
        ("AWS_US,AWS_EU", '["ANY_REGION", "AWS_EU"]', YES),
        ("AWS_GLOBAL", '["ANY_REGION", "AWS_APJ"]', YES),
        ("AZURE_GLOBAL", '["ANY_REGION", "AWS_APJ"]', NO),
        ("AWS_US", ["ANY_REGION", "AWS_EU"], NO),
        ("AWS_US", "ANY_REGION, AWS_US", YES),
        ("DISABLED", '["ANY_REGION"]', NO),
        ("DISABLED", None, UNKNOWN),
    ],
)
def test_a_model_of_other_regions_is_reached_as_the_account_allows(
    account: FakeSession, setting: str, scopes: object, expected: CheckState
) -> None:
    account.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": setting}])
    check = model(account, in_region_availability=None, cross_region_availability=scopes)
    assert check.state is expected
    if expected is NO:
        assert "Ask an ACCOUNTADMIN to set CORTEX_ENABLED_CROSS_REGION to one of ANY_REGION" in (check.advice or "")


def test_a_model_that_no_setting_reaches_is_not_worth_asking_for(account: FakeSession) -> None:
    check = model(account, in_region_availability='["AWS_EU_WEST_1"]', cross_region_availability=None)
    assert check.state is NO
    assert "Use another model" in (check.advice or "")


@pytest.mark.parametrize("rule", ["^SELECT CURRENT_ROLE", "^SHOW PARAMETERS"])
def test_where_region_or_setting_is_not_told_a_model_of_other_regions_is_unknown(
    account: FakeSession, rule: str
) -> None:
    account.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "DISABLED"}])
    account.answer(rule, REFUSED)
    check = model(account, in_region_availability='["AWS_EU_WEST_1"]')
    assert (check.state, check.evidence.split("; ")[1]) == (
        UNKNOWN,
        "whether it is reached from this region is not told",
    )


@pytest.mark.parametrize(("answer", "said"), [([], "lists none for this role"), (REFUSED, "it was refused: ")])
def test_models_that_are_not_listed_are_one_check_that_says_why(account: FakeSession, answer: Any, said: str) -> None:
    account.answer("^SHOW CORTEX BASE MODELS", answer)
    found = look(account)
    (check,) = (check for check in found.checks if check.group is CheckGroup.MODELS)
    assert (check.name, check.state) == ("base models", UNKNOWN)
    assert said in check.evidence
    assert found.available_models == ()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ([{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "ANY_REGION"}], YES),
        ([{"KEY": "CORTEX_ENABLED_CROSS_REGION", "VALUE": "aws_eu"}], YES),
        ([{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "DISABLED"}], NO),
        ([{"key": "CORTEX_ENABLED_CROSS_REGION", "value": ""}], UNKNOWN),
        ([{"key": "OTHER", "value": "ANY_REGION"}], UNKNOWN),
        ([], UNKNOWN),
        (REFUSED, UNKNOWN),
    ],
)
def test_the_cross_region_setting(account: FakeSession, answer: Any, expected: CheckState) -> None:
    account.answer("^SHOW PARAMETERS", answer)
    check = look(account).check("cross-region inference")
    assert check.state is expected
    assert (check.advice is None) == (expected is YES)


# Fine-tuning


def tuning(session: FakeSession) -> PreflightCheck:
    return look(session).check("fine-tuning llama3.1-8b")


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        (JOB, YES),
        (JOB.replace("SUCCESS", "IN_PROGRESS"), YES),
        (JOB.replace("SUCCESS", "ERROR"), UNKNOWN),
        (JOB.replace("SUCCESS", "CANCELLED"), UNKNOWN),
        (JOB.replace("SUCCESS", "PENDING"), UNKNOWN),
        (JOB.replace("llama3.1-8b", "mistral-7b"), UNKNOWN),
        ("[]", UNKNOWN),
    ],
    ids=["success", "running", "error", "cancelled", "pending", "another model", "none"],
)
def test_only_a_job_of_that_model_that_ran_shows_that_an_account_can_tune_it(
    account: FakeSession, jobs: str, expected: CheckState
) -> None:
    account.answer("FINETUNE", [{"F": jobs}])
    check = tuning(account)
    assert check.state is expected
    assert "deprecation announced for Q1 2027" in check.evidence
    assert ("never tuned it before 2026-08-12 may be refused" in check.evidence) == (expected is UNKNOWN)


def test_a_job_is_told_with_its_day(account: FakeSession) -> None:
    assert tuning(account).evidence.startswith("jobs of llama3.1-8b that ran here: 1, the last on 2024-05-29")
    account.answer("FINETUNE", [{"F": JOB.replace(', "created_on": 1717004388348', "")}])
    assert tuning(account).evidence.startswith("jobs of llama3.1-8b that ran here: 1; ")


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        *((region, YES) for region in ("AWS_US_WEST_2", "AWS_US_EAST_1", "AWS_EU_CENTRAL_1", "AZURE_EASTUS2")),
        ("AWS_SA_EAST_1", NO),
        ("GCP_US_CENTRAL1", NO),
        ("MOON_BASE_1", UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_training_runs_in_few_regions(account: FakeSession, region: str | None, expected: CheckState) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**PLACE, "REGION_NAME": region}])
    account.answer("FINETUNE", [{"F": "[]"}])
    found = look(account)
    assert found.check("training region").state is expected
    assert found.check("fine-tuning llama3.1-8b").state is (NO if expected is NO else UNKNOWN)


def test_a_job_that_ran_here_answers_for_the_region_and_not_for_the_role(account: FakeSession) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**PLACE, "REGION_NAME": "MOON_BASE_1"}])
    assert tuning(account).state is YES
    account.answer("^SHOW GRANTS ON SCHEMA", REFUSED)
    check = tuning(account)
    assert (check.state, "CREATE MODEL: SHOW GRANTS ON SCHEMA was refused" in check.evidence) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("rule", "answer", "said"),
    [
        ("FINETUNE", UNKNOWN_FUNCTION, "FINETUNE: FINETUNE('SHOW') was refused"),
        ("^SELECT SYS_CONTEXT", told("SNOWFLAKE.AI_FUNCTIONS_USER"), "SNOWFLAKE.CORTEX_USER: "),
        ("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE")], "CREATE MODEL: "),
        ("^SHOW CORTEX BASE MODELS", [{**MODELS[0], "lifecycle_status": "EOL"}], "base model llama3.1-8b: at its end"),
        ("^SHOW CORTEX BASE MODELS", [MODELS[1]], "base model llama3.1-8b: the account does not list it"),
    ],
    ids=["function", "database role", "privilege", "end of life", "not listed"],
)
def test_fine_tuning_needs_all_of_its_parts_and_says_which_is_missing(
    account: FakeSession, rule: str, answer: Any, said: str
) -> None:
    account.answer(rule, answer)
    check = tuning(account)
    assert check.state is NO
    assert said in check.evidence
    assert "AI_CLASSIFY" in (check.advice or "")


def test_a_refusal_of_another_kind_leaves_the_function_unknown(account: FakeSession) -> None:
    account.answer("FINETUNE", REFUSED)
    assert {state(account, name) for name in ("FINETUNE", "fine-tuning llama3.1-8b")} == {UNKNOWN}


# Prices


@pytest.mark.parametrize(
    ("now", "expected"),
    [(datetime(2026, 11, 25, tzinfo=UTC), YES), (datetime(2027, 11, 25, tzinfo=UTC), UNKNOWN)],
)
def test_the_price_table_tells_its_date_and_is_not_relied_on_when_old(
    account: FakeSession, now: datetime, expected: CheckState
) -> None:
    found = look(account, clock=FakeClock(now))
    check = found.check("price table")
    assert check.state is expected
    assert found.price_date.isoformat() in check.evidence
    assert found.looked_at == now
    assert "2 usable models 2 are in it" in check.evidence
    assert ("368 days ago" in check.evidence) == (expected is UNKNOWN)


def test_models_without_a_price_are_counted_and_the_advice_says_what_to_give(account: FakeSession) -> None:
    account.answer("^SHOW CORTEX BASE MODELS", [*MODELS, {**MODELS[0], "name": "NEW-MODEL"}])
    check = look(account).check("price table")
    assert (check.state, "of 3 usable models 2 are in it" in check.evidence) == (YES, True)
    assert "prices=" in (check.advice or "")


# The record


def test_a_check_is_found_by_its_name_and_another_name_is_told_those_that_are_there(account: FakeSession) -> None:
    found = look(account)
    assert found.check("ai_complete") is found.check("AI_COMPLETE")
    with pytest.raises(InvalidInputError, match=r"'AI_NONE' is not one of the checks.*AI_COMPLETE"):
        found.check("AI_NONE")


def test_it_prints_as_a_table_by_group_with_advice_below_the_line(account: FakeSession) -> None:
    account.answer("^SHOW GRANTS ON WAREHOUSE", [grant("MONITOR")])
    lines = str(look(account)).splitlines()
    assert lines[0] == (
        "role ANALYST, region AWS_US_WEST_2, warehouse WH, schema DB.S, cross-region AWS_US; "
        "looked at 2026-11-23 00:00 UTC, prices of 2026-11-22"
    )
    assert [line for line in lines if line and not line.startswith(" ")][1:] == [group.value for group in CheckGroup]
    at = next(place for place, line in enumerate(lines) if "USAGE on the warehouse" in line)
    assert lines[at].split()[:4] == ["no", "USAGE", "on", "the"]
    assert lines[at + 1].strip().startswith("-> For every statement")


def test_a_group_without_checks_is_not_shown(account: FakeSession) -> None:
    found = look(account)
    some = found.model_copy(update={"checks": (found.check("price table"),)})
    assert str(some).splitlines()[1:3] == ["", "prices"]
    assert "functions" not in some._repr_html_()


def test_what_was_not_told_is_called_unknown_in_the_first_line() -> None:
    session = FakeSession()
    session.answer("", REFUSED)
    assert str(look(session)).startswith("role unknown, region unknown, warehouse unknown, schema unknown,")


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_in_a_notebook_it_is_a_table_whose_texts_are_escaped(account: FakeSession) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**PLACE, "ROLE_NAME": "<script>x</script>", "WAREHOUSE_NAME": None}])
    found = look(account)
    page = _Texts()
    page.feed(found._repr_html_())
    assert page.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td", "strong"}
    told_texts = "".join(page.texts)
    assert "role <script>x</script>," in told_texts
    assert all(check.name in told_texts and check.evidence in told_texts for check in found.checks)


def test_it_goes_through_json_unchanged_and_cannot_be_changed(account: FakeSession) -> None:
    found = look(account)
    assert Preflight.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(ValueError, match="frozen"):
        found.role = "X"  # type: ignore[misc] # that it is refused is what is tested
