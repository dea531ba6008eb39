"""What a preflight concludes about functions and privileges."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from cortex_tickets import CheckState
from cortex_tickets.testing import snowflake_error

YES, NO, UNKNOWN = CheckState.YES, CheckState.NO, CheckState.UNKNOWN
Rows = Sequence[Mapping[str, Any]]

ON_SCHEMA = ("USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE MODEL", "CREATE STREAM", "CREATE TASK")
REFUSED = snowflake_error("something else", 1)
NOT_THERE = snowflake_error("Object 'DB.S' does not exist or not authorized.", 2003)
UNKNOWN_FUNCTION = snowflake_error("SQL compilation error: Unknown function AI_COMPLETE.", 2140)


def grant(privilege: str, grantee: str = "ANALYST", kind: str = "ROLE") -> dict[str, str]:
    return {"privilege": privilege, "granted_to": kind, "grantee_name": grantee}


def test_a_function_that_does_not_compile_for_this_role_is_a_no(account: Any) -> None:
    account.answer("^EXPLAIN.* AI_CLASSIFY", UNKNOWN_FUNCTION)
    found = account.look()
    check = found.check("AI_CLASSIFY")
    assert (check.state, found.check("AI_COMPLETE").state) == (NO, YES)
    assert "does not compile" in check.evidence
    assert "whether this region has the function" in (check.advice or "")


def test_a_function_needs_the_privilege_and_a_database_role(account: Any) -> None:
    account.has_database_roles()
    check = account.look().check("AI_COMPLETE")
    assert check.state is NO
    assert check.advice == (
        "For labels, replies and insights: ask an ACCOUNTADMIN to run "
        "GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE ANALYST;"
    )


def test_the_narrower_database_role_is_enough_for_a_function(account: Any) -> None:
    account.has_database_roles("SNOWFLAKE.AI_FUNCTIONS_USER")
    found = account.look()
    assert found.check("AI_COMPLETE").state is YES
    assert found.check("SNOWFLAKE.CORTEX_USER").state is NO
    assert (found.check("SNOWFLAKE.CORTEX_USER").advice or "").startswith("For fine-tuning: ")
    assert found.check("fine-tuning llama3.1-8b").state is NO


def test_the_privilege_for_one_function_is_enough_for_that_function(account: Any) -> None:
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("USE AI FUNCTION AI_COMPLETE")])
    found = account.look()
    assert (found.check("AI_COMPLETE").state, found.check("AI_CLASSIFY").state) == (YES, NO)
    assert found.check("USE AI FUNCTIONS").state is NO
    assert "GRANT USE AI FUNCTION AI_CLASSIFY ON ACCOUNT TO ROLE ANALYST;" in (found.check("AI_CLASSIFY").advice or "")


def test_a_privilege_that_only_others_have_is_a_no_and_one_that_nobody_is_shown_to_have_unknown(
    account: Any,
) -> None:
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("USE AI FUNCTIONS", "OTHER")])
    assert account.state("USE AI FUNCTIONS") is NO
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("CREATE DATABASE", "OTHER")])
    found = account.look()
    assert [found.check(name).state for name in ("USE AI FUNCTIONS", "AI_COMPLETE")] == [UNKNOWN, UNKNOWN]
    assert "names nobody who has it" in found.check("AI_COMPLETE").evidence


def test_a_plan_that_is_refused_for_another_reason_leaves_a_function_unknown(account: Any) -> None:
    account.answer("^EXPLAIN", REFUSED)
    check = account.look().check("AI_COMPLETE")
    assert (check.state, check.advice) == (UNKNOWN, None)


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
def test_each_privilege_can_be_there_missing_or_unknown(account: Any, name: str, on: str) -> None:
    privilege = name.split(" on the ", maxsplit=1)[0]
    listing = f"^SHOW GRANTS ON {on}"
    account.answer(listing, [grant(privilege)])
    check = account.look().check(name)
    assert (check.state, check.advice) == (YES, None)
    assert check.evidence == f"SHOW GRANTS ON {on}: role ANALYST has {privilege}"
    account.answer(listing, [grant(privilege, "OTHER"), grant("MONITOR")])
    check = account.look().check(name)
    assert check.state is NO
    assert f"GRANT {privilege} ON {on}" in (check.advice or "")
    assert "TO ROLE ANALYST;" in (check.advice or "")
    account.answer(listing, [])
    assert account.state(name) is UNKNOWN
    account.answer(listing, REFUSED)
    assert account.state(name) is UNKNOWN


@pytest.mark.parametrize(
    ("on", "names"),
    [
        ("DATABASE", ["USAGE on the database"]),
        ("SCHEMA", ["USAGE on the schema", *ON_SCHEMA[1:]]),
        ("WAREHOUSE", ["USAGE on the warehouse"]),
    ],
)
def test_ownership_brings_all_and_what_is_not_there_nothing(account: Any, on: str, names: list[str]) -> None:
    account.answer(f"^SHOW GRANTS ON {on}", [grant("OWNERSHIP")])
    assert {account.look().check(name).state for name in names} == {YES}
    account.answer(f"^SHOW GRANTS ON {on}", NOT_THERE)
    found = account.look()
    assert {found.check(name).state for name in names} == {NO}
    assert "is not there, or this role may not see it" in found.check(names[0]).evidence


def test_for_a_schema_that_is_not_there_the_advice_begins_with_its_name(account: Any) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", NOT_THERE)
    first = (
        "check the schema's name; if there is no such schema, make it: CREATE SCHEMA DB.S; If there is, ask its "
        "owner to run GRANT USAGE ON DATABASE DB TO ROLE ANALYST; GRANT USAGE ON SCHEMA DB.S TO ROLE ANALYST;"
    )
    found = account.look()
    assert found.check("USAGE on the schema").advice == f"For every table in it: {first}"
    assert found.check("CREATE VIEW").advice == (
        f"For views over a ledger: {first} Then ask the owner of the schema to run "
        "GRANT CREATE VIEW ON SCHEMA DB.S TO ROLE ANALYST;"
    )


def test_a_schema_in_a_database_that_is_not_there_needs_the_database_first(account: Any) -> None:
    account.answer("^SHOW GRANTS ON (SCHEMA|DATABASE)", NOT_THERE)
    found = account.look()
    assert "make it: CREATE DATABASE DB; CREATE SCHEMA DB.S; If" in (found.check("CREATE TABLE").advice or "")
    assert "make it: CREATE DATABASE DB; If" in (found.check("USAGE on the database").advice or "")


def test_ownership_on_the_account_does_not_bring_a_task(account: Any) -> None:
    account.answer("^SHOW GRANTS ON ACCOUNT", [grant("OWNERSHIP"), grant("USE AI FUNCTIONS")])
    assert account.state("EXECUTE TASK") is NO


@pytest.mark.parametrize(
    ("missing", "name", "expected"),
    [
        ("WAREHOUSE_NAME", "USAGE on the warehouse", NO),
        ("DATABASE_NAME", "USAGE on the database", UNKNOWN),
        ("SCHEMA_NAME", "CREATE TABLE", UNKNOWN),
    ],
)
def test_a_session_without_a_warehouse_or_a_schema_is_told_to_choose_one(
    account: Any, missing: str, name: str, expected: CheckState
) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**account.place, missing: None}])
    check = account.look().check(name)
    assert check.state is expected
    assert "choose a" in (check.advice or "")


def test_a_privilege_of_an_inherited_role_counts(account: Any) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", [grant(privilege, "WRITERS") for privilege in ON_SCHEMA])
    account.has_roles("WRITERS")
    check = account.look().check("CREATE TABLE")
    assert (check.state, check.evidence) == (YES, "SHOW GRANTS ON SCHEMA: role WRITERS has CREATE TABLE")


def test_a_database_role_counts_with_its_database_or_without(account: Any) -> None:
    account.has_database_roles("SNOWFLAKE.CORTEX_USER", "DB.WRITER", 'DB."a b"')
    for name in ("DB.WRITER", "WRITER", "a b"):
        account.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", name, "DATABASE_ROLE")])
        assert account.state("CREATE TABLE") is YES
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", "OTHER", "DATABASE_ROLE")])
    assert account.state("CREATE TABLE") is NO


def test_a_role_that_was_not_told_leaves_a_privilege_unknown_but_not_that_of_the_own_role(account: Any) -> None:
    account.answer("^SELECT IS_ROLE", REFUSED)
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("USAGE"), grant("CREATE TABLE", "WRITERS")])
    found = account.look()
    assert (found.check("USAGE on the schema").state, found.check("CREATE TABLE").state) == (YES, UNKNOWN)
    assert "role WRITERS has it; whether this session has that role was not told" in (
        found.check("CREATE TABLE").evidence
    )


def test_a_privilege_of_a_user_is_unknown_and_the_user_is_not_named(account: Any) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("USAGE", "SOMEBODY", "USER"), grant("CREATE TABLE", "X", "SHARE")])
    found = account.look()
    assert (found.check("USAGE on the schema").state, found.check("CREATE TABLE").state) == (UNKNOWN, NO)
    assert "SOMEBODY" not in str(found)


@pytest.fixture
def secondary(account: Any) -> Any:
    """Return an account whose session has secondary roles, and CREATE TABLE through the role WRITERS."""
    account.answer("^SELECT CURRENT_SECONDARY_ROLES", [{"SECONDARY_ROLES": '{"roles":"A,B","value":"ALL"}'}])
    account.answer("^SHOW GRANTS ON SCHEMA", [grant(privilege, "WRITERS") for privilege in ON_SCHEMA])
    account.has_roles("WRITERS")
    account.answer("^SHOW GRANTS TO ROLE", [])
    return account


def inherits(*names: str, kind: str = "ROLE") -> Rows:
    return [{"privilege": "USAGE", "granted_on": kind, "name": name} for name in names]


def test_a_secondary_role_does_not_count_for_create_but_for_usage(secondary: Any) -> None:
    found = secondary.look()
    assert (found.check("USAGE on the schema").state, found.check("CREATE TABLE").state) == (YES, NO)
    assert found.check("CREATE TABLE").evidence == "SHOW GRANTS ON SCHEMA does not give it to this role"


def test_a_role_that_the_own_one_inherits_counts_for_create_however_deep(secondary: Any) -> None:
    secondary.answer('^SHOW GRANTS TO ROLE "ANALYST"$', inherits("MIDDLE"))
    secondary.answer('^SHOW GRANTS TO ROLE "MIDDLE"$', inherits("WRITERS", "ANALYST"))
    assert secondary.state("CREATE TABLE") is YES


def test_a_database_role_that_the_own_role_inherits_counts_for_create(secondary: Any) -> None:
    secondary.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", "DB.WRITER", "DATABASE_ROLE")])
    secondary.has_database_roles("DB.WRITER", "SNOWFLAKE.CORTEX_USER")
    assert secondary.state("CREATE TABLE") is NO
    secondary.answer('^SHOW GRANTS TO ROLE "ANALYST"$', inherits("DB.WRITER", kind="DATABASE_ROLE"))
    assert secondary.state("CREATE TABLE") is YES


@pytest.mark.parametrize(
    "answer", [REFUSED, inherits(*(f"R{number}" for number in range(30)))], ids=["refused", "many"]
)
def test_where_not_all_is_told_of_what_the_own_role_inherits_create_is_unknown(secondary: Any, answer: Any) -> None:
    secondary.answer("^SHOW GRANTS TO ROLE", answer)
    check = secondary.look().check("CREATE TABLE")
    assert check.state is UNKNOWN
    assert "a secondary role does not count here" in check.evidence
    assert sum(text.startswith("SHOW GRANTS TO ROLE") for text in secondary.texts()) <= 20


@pytest.mark.parametrize("answer", [[{"SECONDARY_ROLES": "no json"}], [{"SECONDARY_ROLES": "[]"}], REFUSED])
def test_secondary_roles_that_are_not_told_are_taken_to_be_there(secondary: Any, answer: Any) -> None:
    secondary.answer("^SELECT CURRENT_SECONDARY_ROLES", answer)
    assert secondary.state("CREATE TABLE") is NO


def test_no_secondary_roles_need_no_look_at_what_the_own_role_inherits(account: Any) -> None:
    account.answer("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE", "WRITERS")])
    account.has_roles("WRITERS")
    assert account.state("CREATE TABLE") is YES
    assert not any("GRANTS TO ROLE" in text for text in account.texts())


@pytest.mark.parametrize("name", ["SNOWFLAKE.CORTEX_USER", "CORTEX_USER"])
def test_where_the_function_for_database_roles_is_refused_the_grants_may_tell(account: Any, name: str) -> None:
    account.answer("^SELECT SYS_CONTEXT", snowflake_error("Unknown function SYS_CONTEXT.", 2140))
    account.answer("^SHOW GRANTS TO ROLE", [])
    found = account.look()
    assert {found.check(role).state for role in ("SNOWFLAKE.CORTEX_USER", "AI_COMPLETE")} == {UNKNOWN}
    account.answer('^SHOW GRANTS TO ROLE "PUBLIC"', inherits(name, kind="DATABASE_ROLE"))
    found = account.look()
    assert {found.check(role).state for role in ("SNOWFLAKE.CORTEX_USER", "AI_COMPLETE")} == {YES}
    assert found.check("SNOWFLAKE.AI_FUNCTIONS_USER").state is UNKNOWN
