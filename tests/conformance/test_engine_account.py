"""What the engine says of its account: roles, grants, parameters, plans."""

import json
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

ON_COLUMNS = [
    *("created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option"),
    *("granted_by_role_type", "granted_by"),
]


def rows(session: Any, sql: str, *params: Any) -> list[dict[str, Any]]:
    return [row.as_dict() for row in session.sql(sql, params=list(params) or None).collect()]


def value(session: Any, sql: str) -> Any:
    return session.sql(sql).collect()[0][0]


def refused(session: Any, sql: str) -> tuple[int | None, str]:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value.sql_error_code, str(raised.value.raw_message)


def test_the_account_lets_models_be_asked_in_any_region(session: Any) -> None:
    (row,) = rows(session, "SHOW PARAMETERS LIKE 'cortex_enabled_%' IN ACCOUNT")
    assert list(row) == ["key", "value", "default", "level", "description", "type"]
    assert (row["key"], row["value"], row["level"]) == ("CORTEX_ENABLED_CROSS_REGION", "ANY_REGION", "ACCOUNT")
    assert len(rows(session, "show parameters for account;")) > 1
    assert rows(session, "SHOW PARAMETERS LIKE 'NONE' IN ACCOUNT") == []
    # Those of the session are told as before.
    assert [row["key"] for row in rows(session, "SHOW PARAMETERS LIKE 'TIMEZONE' IN SESSION")] == ["TIMEZONE"]


def test_public_has_ai_functions_and_the_sessions_role_the_rest(session: Any) -> None:
    found = rows(session, "SHOW GRANTS ON ACCOUNT")
    assert [list(row) for row in found] == [ON_COLUMNS] * len(found)
    held = {(row["privilege"], row["grantee_name"]) for row in found}
    assert {("USE AI FUNCTIONS", "PUBLIC"), ("EXECUTE TASK", "ACCOUNTADMIN")} <= held
    assert len(rows(session, "SHOW GRANTS ON ACCOUNT LIMIT 2")) == 2
    assert rows(session, "SHOW GRANTS ON ACCOUNT LIMIT 0") == []


@pytest.mark.works("SQL: statements", "`SHOW GRANTS`")
def test_the_sessions_role_owns_each_object_that_is_there(session: Any) -> None:
    schema = value(session, "SELECT CURRENT_SCHEMA()")
    session.sql('CREATE TABLE "a ""t""" (A INT)').collect()
    session.sql("CREATE VIEW V AS SELECT 1 AS A").collect()
    for kind, name, full_name in (
        ("DATABASE", "CORTEX_TICKETS", "CORTEX_TICKETS"),
        ("SCHEMA", schema, f"CORTEX_TICKETS.{schema}"),
        ("SCHEMA", f"cortex_tickets.{schema}", f"CORTEX_TICKETS.{schema}"),
        ("TABLE", '"a ""t"""', f'CORTEX_TICKETS.{schema}.a "t"'),
        ("VIEW", f"CORTEX_TICKETS.{schema}.V", f"CORTEX_TICKETS.{schema}.V"),
        ("WAREHOUSE", "EMBEDDED_WH", "EMBEDDED_WH"),
    ):
        (row,) = rows(session, f"SHOW GRANTS ON {kind} {name}")
        assert (row["privilege"], row["granted_on"], row["name"]) == ("OWNERSHIP", kind, full_name)
        assert (row["granted_to"], row["grantee_name"]) == ("ROLE", "ACCOUNTADMIN")


@pytest.mark.parametrize("what", ["DATABASE NO_SUCH", "SCHEMA NO_SUCH", "SCHEMA X.Y", "TABLE NO_SUCH", "VIEW A.B.C"])
def test_what_is_not_there_has_no_grants(session: Any, what: str) -> None:
    code, message = refused(session, f"SHOW GRANTS ON {what}")
    assert code == 2003
    assert message.endswith(f"'{what.split()[1]}' does not exist or not authorized.")


def test_kinds_of_objects_that_the_engine_has_not_are_refused(session: Any) -> None:
    assert refused(session, "SHOW GRANTS ON PIPE P")[0] == 2
    for sql in ("SHOW FUTURE GRANTS IN SCHEMA PUBLIC", "SHOW GRANTS TO SHARE S"):
        assert refused(session, sql)[0] in {2, 1003}


def test_what_a_role_was_granted(session: Any) -> None:
    public = {(row["privilege"], row["granted_on"], row["name"]) for row in rows(session, "SHOW GRANTS TO ROLE PUBLIC")}
    assert ("USAGE", "DATABASE_ROLE", "SNOWFLAKE.CORTEX_USER") in public
    assert ("USE AI FUNCTIONS", "ACCOUNT", "EMBEDDED") in public
    admin = {
        (row["privilege"], row["granted_on"], row["name"]) for row in rows(session, "SHOW GRANTS TO ROLE ACCOUNTADMIN")
    }
    assert {("USAGE", "ROLE", "SYSADMIN"), ("OWNERSHIP", "SCHEMA", "CORTEX_TICKETS.PUBLIC")} <= admin
    assert rows(session, "SHOW GRANTS TO ROLE SYSADMIN") == []
    assert refused(session, "SHOW GRANTS TO ROLE NOBODY")[0] == 2003


def test_which_role_the_user_was_granted(session: Any) -> None:
    for sql in ("SHOW GRANTS", "SHOW GRANTS TO USER ENGINE", "SHOW GRANTS OF ROLE ACCOUNTADMIN"):
        (row,) = rows(session, sql)
        assert (row["name"], row["granted_to"], row["grantee_name"]) == ("ACCOUNTADMIN", "USER", "ENGINE")


def test_a_session_has_its_role_those_below_and_public(session: Any) -> None:
    said = rows(
        session,
        "SELECT IS_ROLE_IN_SESSION('ACCOUNTADMIN') AS OWN, IS_ROLE_IN_SESSION('SYSADMIN') AS BELOW, "
        "IS_ROLE_IN_SESSION('PUBLIC') AS EVERYBODYS, IS_ROLE_IN_SESSION('ANALYST') AS OTHER, "
        "IS_ROLE_IN_SESSION('sysadmin') AS OTHER_CASE, IS_ROLE_IN_SESSION(NULL) AS NONE",
    )
    assert said == [{"OWN": True, "BELOW": True, "EVERYBODYS": True, "OTHER": False, "OTHER_CASE": False, "NONE": None}]
    assert [row["R"] for row in rows(session, "SELECT R FROM (SELECT 'PUBLIC' AS R) WHERE IS_ROLE_IN_SESSION(R)")] == [
        "PUBLIC"
    ]


def test_the_roles_as_json(session: Any) -> None:
    roles = json.loads(value(session, "SELECT CURRENT_AVAILABLE_ROLES()"))
    assert roles == ["ACCOUNTADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN", "PUBLIC"]
    assert json.loads(value(session, "SELECT CURRENT_SECONDARY_ROLES()")) == {"roles": "", "value": ""}


def test_another_role_has_itself_and_public() -> None:
    with local.connect() as session:
        session.sql("USE ROLE ANALYST").collect()
        assert json.loads(value(session, "SELECT CURRENT_AVAILABLE_ROLES()")) == ["ANALYST", "PUBLIC"]
        assert value(session, "SELECT IS_ROLE_IN_SESSION('SYSADMIN')") is False
        assert [row["grantee_name"] for row in rows(session, "SHOW GRANTS ON SCHEMA PUBLIC")] == ["ANALYST"]
        assert refused(session, "SHOW GRANTS TO ROLE ACCOUNTADMIN")[0] == 2003


def test_database_roles_are_known_by_their_full_name_or_in_their_database() -> None:
    full, relative = "'SNOWFLAKE.CORTEX_USER'", "'CORTEX_USER'"
    activated = "SELECT SYS_CONTEXT('SNOWFLAKE$SESSION', 'IS_DATABASE_ROLE_ACTIVATED', {})"
    in_session = "SELECT IS_DATABASE_ROLE_IN_SESSION({})"
    with local.connect() as session:
        assert [value(session, activated.format(name)) for name in (full, relative)] == ["TRUE", "FALSE"]
        assert value(session, activated.format("'SNOWFLAKE.AI_FUNCTIONS_USER'")) == "FALSE"
        assert value(session, f"{activated.format(full)}::BOOLEAN") is True
        assert [value(session, in_session.format(name)) for name in (full, relative)] == [False, False]
        session.sql("USE DATABASE SNOWFLAKE").collect()
        assert [value(session, activated.format(name)) for name in (full, relative)] == ["TRUE", "TRUE"]
        assert [value(session, in_session.format(name)) for name in (full, relative)] == [False, True]


def test_the_context_of_the_session(session: Any) -> None:
    assert value(session, "SELECT SYS_CONTEXT('SNOWFLAKE$SESSION', 'ROLE')") == "ACCOUNTADMIN"
    assert value(session, "SELECT SYS_CONTEXT('SNOWFLAKE$CURRENT', 'IS_ROLE_ACTIVATED', 'X', 'PUBLIC')") == "TRUE"
    assert value(session, "SELECT SYS_CONTEXT('SNOWFLAKE$SESSION', 'IS_ROLE_ACTIVATED', 'X')") == "FALSE"
    for arguments in ("'SNOWFLAKE$SESSION'", "'SNOWFLAKE$SESSION', 'MOON'", "'OTHER', 'ROLE'"):
        assert refused(session, f"SELECT SYS_CONTEXT({arguments})")[0] == 2141


@pytest.mark.differs("SQL: statements", "`EXPLAIN`", how="In Snowflake's columns, with the plan of DuckDB.")
@pytest.mark.parametrize(
    ("using", "columns"),
    [
        ("USING TEXT ", ["content"]),
        ("USING JSON ", ["content"]),
        ("USING TABULAR ", ["step", "id", "parentOperators", "operation"]),
        ("", ["step", "id", "parentOperators", "operation"]),
    ],
)
def test_a_plan_comes_in_the_columns_of_its_form(session: Any, using: str, columns: list[str]) -> None:
    (row,) = rows(session, f"EXPLAIN {using}SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 3))")
    assert list(row)[: len(columns)] == columns
    if "JSON" in using:
        assert json.loads(row["content"])["Operations"]


def test_an_explained_statement_is_not_run(session: Any) -> None:
    asked = value(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED")
    session.sql("CREATE TABLE T (A VARCHAR)").collect()
    rows(session, "EXPLAIN INSERT INTO T VALUES ('x')")
    rows(session, "EXPLAIN USING TEXT SELECT AI_COMPLETE('llama3.1-8b', 'Say something.')")
    rows(session, "EXPLAIN USING TEXT SELECT AI_COMPLETE('llama3.1-8b', A) FROM T WHERE A = ?", "x")
    assert value(session, "SELECT COUNT(*) FROM T") == 0
    assert value(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED") == asked


def test_an_explained_statement_has_to_compile(session: Any) -> None:
    assert refused(session, "EXPLAIN SELECT AI_NONE('x')")[0] == 2141
    assert refused(session, "EXPLAIN USING TEXT SELECT * FROM NO_SUCH_TABLE")[0] == 2003
    assert refused(session, "EXPLAIN USING TEXT SELECT AI_COMPLETE('llama3.1-8b')")[0] != 2
    assert refused(session, "EXPLAIN CREATE TABLE X (A INT)")[0] == 2
    assert refused(session, "EXPLAIN USING SELECT 1")[0] == 1003


def test_snowparks_own_plan_is_shown(session: Any, capsys: pytest.CaptureFixture[str]) -> None:
    session.sql("SELECT 1 AS A").explain()
    assert "Logical Execution Plan" in capsys.readouterr().out


@pytest.mark.differs(
    "SQL: statements",
    "`GRANT`, `CREATE ROLE`, `DROP ROLE`, `USE SECONDARY ROLES`, `ALTER ACCOUNT SET`",
    how="They are answered as done and change nothing: everybody may do everything already.",
)
@pytest.mark.parametrize(
    ("sql", "status"),
    [
        ("GRANT USAGE ON DATABASE CORTEX_TICKETS TO ROLE ANALYST", "Statement executed successfully."),
        ("GRANT DATABASE ROLE SNOWFLAKE.CORTEX_USER TO ROLE ANALYST", "Statement executed successfully."),
        ("ALTER ACCOUNT SET CORTEX_ENABLED_CROSS_REGION = 'ANY_REGION'", "Statement executed successfully."),
        ("USE SECONDARY ROLES ALL", "Statement executed successfully."),
        ("CREATE ROLE IF NOT EXISTS analyst", "Role ANALYST successfully created."),
        ('CREATE OR REPLACE ROLE "my role"', "Role my role successfully created."),
        ("DROP ROLE IF EXISTS ANALYST", "ANALYST successfully dropped."),
    ],
)
def test_rights_are_given_in_words_alone(session: Any, sql: str, status: str) -> None:
    assert session.sql(sql).collect()[0][0] == status
