"""What a preflight sends, what comes of accounts that have all, nothing or only refusals, and the record."""

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import cortex_tickets
from cortex_tickets import CheckGroup, CheckState, InvalidInputError, Preflight, preflight
from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

YES, NO, UNKNOWN = CheckState.YES, CheckState.NO, CheckState.UNKNOWN
Rows = Sequence[Mapping[str, Any]]

ON_SCHEMA = ("USAGE", "CREATE TABLE", "CREATE VIEW", "CREATE MODEL", "CREATE STREAM", "CREATE TASK")
REFUSED = snowflake_error("something else", 1)
UNKNOWN_FUNCTION = snowflake_error("SQL compilation error: Unknown function AI_COMPLETE.", 2140)
FREE = re.compile(
    r"SELECT CURRENT_ROLE\(\) AS |SHOW |SELECT IS_ROLE_IN_SESSION\('|SELECT SYS_CONTEXT\('SNOWFLAKE\$SESSION', "
    r"|SELECT CURRENT_SECONDARY_ROLES\(\) AS SECONDARY_ROLES$|EXPLAIN USING TEXT SELECT (AI_|CREDITS FROM )"
    r"|SELECT SNOWFLAKE\.CORTEX\.FINETUNE\('SHOW'\)$"
)


def grant(privilege: str, grantee: str = "ANALYST", kind: str = "ROLE") -> dict[str, str]:
    return {"privilege": privilege, "granted_to": kind, "grantee_name": grantee}


def states(found: Preflight) -> dict[str, CheckState]:
    return {check.name: check.state for check in found.checks}


def look(session: FakeSession) -> Preflight:
    return preflight(session, clock=FakeClock())


def test_an_account_that_has_everything_says_yes_with_evidence_and_without_advice(account: Any) -> None:
    found = account.look()
    assert [check.name for check in found.checks if check.state is not YES] == ["SNOWFLAKE.AI_FUNCTIONS_USER"]
    assert [check.name for check in found.checks if check.state is YES and check.advice] == []
    assert [check.name for check in found.checks if not check.evidence] == []
    assert (found.role, found.region, found.warehouse) == ("ANALYST", "AWS_US_WEST_2", "WH")
    assert (found.schema_name, found.cross_region, found.is_engine) == ("DB.S", "AWS_US", False)
    assert found.available_models == ("claude-sonnet-4-6", "llama3.1-8b")


def test_every_function_privilege_and_model_is_checked_in_the_order_of_the_groups(account: Any) -> None:
    found = account.look()
    assert list(dict.fromkeys(check.group for check in found.checks)) == list(CheckGroup)
    assert [check.name for check in found.checks] == [
        *("AI_CLASSIFY", "AI_COMPLETE", "AI_COUNT_TOKENS", "AI_EMBED", "AI_SENTIMENT", "AI_SUMMARIZE", "AI_TRANSLATE"),
        *("USE AI FUNCTIONS", "SNOWFLAKE.CORTEX_USER", "SNOWFLAKE.AI_FUNCTIONS_USER"),
        *("USAGE on the warehouse", "USAGE on the database", "USAGE on the schema", *ON_SCHEMA[1:], "EXECUTE TASK"),
        *("claude-sonnet-4-6", "llama3.1-8b"),
        "cross-region inference",
        *("FINETUNE", "training region", "fine-tuning llama3.1-8b"),
        *("price table", "usage view"),
    ]


def test_an_account_that_has_nothing_says_no_to_everything_but_the_price_table(account: Any) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**account.place, "REGION_NAME": "AWS_SA_EAST_1", "WAREHOUSE_NAME": None}])
    account.answer("^SHOW GRANTS ON", [grant("USE AI FUNCTIONS", "OTHER"), grant("OWNERSHIP", "OWNER")])
    account.has_roles()
    account.has_database_roles()
    account.answer("^EXPLAIN", UNKNOWN_FUNCTION)
    account.answer("^SHOW CORTEX BASE MODELS", [{**account.models[0], "lifecycle_status": "EOL"}])
    account.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "DISABLED"}])
    account.answer("FINETUNE", snowflake_error("Unknown user-defined function SNOWFLAKE.CORTEX.FINETUNE", 2140))
    found = account.look()
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
    # That the usage view can be read is told by the statement that compiles, not by its rows.
    assert {name for name, state in states(found).items() if state is YES} == {"price table", "usage view"}


def test_only_free_statements_are_sent(account: Any) -> None:
    account.look()
    assert [text for text in account.texts() if not FREE.match(text)] == []
    assert all(not statement.values for statement in account.sent)
    assert len(account.texts()) <= 19


def test_a_call_of_an_ai_function_is_compiled_only_and_over_no_rows(account: Any) -> None:
    account.look()
    with_a_call = [text for text in account.texts() if "AI_" in text.replace("AI_FUNCTIONS", "")]
    assert len(with_a_call) == len(AI_FUNCTIONS)
    assert all(text.startswith("EXPLAIN USING TEXT SELECT ") for text in with_a_call)
    assert all(text.endswith(" WHERE FALSE") for text in with_a_call)


def test_every_ai_function_that_the_package_calls_is_checked() -> None:
    source = Path(cortex_tickets.__file__).parent
    parts = [path for path in source.rglob("*.py") if "local" not in path.relative_to(source).parts]
    called = {name for path in parts for name in re.findall(r"\b(AI_[A-Z_]+)\(", path.read_text(encoding="utf-8"))}
    assert called == {function.name for function in AI_FUNCTIONS}


def test_statements_are_tagged_and_share_one_time_limit(account: Any) -> None:
    account.look(timeout=30)
    assert {statement.parameters["QUERY_TAG"] for statement in account.sent} == {
        '{"app": "cortex_tickets", "operation": "preflight"}'
    }
    assert {statement.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for statement in account.sent} == {30}


def test_what_was_not_asked_in_time_is_unknown(account: Any) -> None:
    clock = FakeClock()

    def late(_: SentStatement) -> Rows:
        clock.sleep(61)
        return [grant("USE AI FUNCTIONS", "PUBLIC")]

    account.answer("^SHOW GRANTS ON ACCOUNT", late)
    found = account.look(clock=clock)
    assert found.check("USE AI FUNCTIONS").state is YES
    assert found.check("CREATE TABLE").state is UNKNOWN
    assert "The time that was given is over" in found.check("CREATE TABLE").evidence
    assert account.texts()[-1] == "SHOW GRANTS ON ACCOUNT"


def test_a_probe_that_is_throttled_is_tried_once_more_and_no_longer(account: Any) -> None:
    account.answer("^SHOW PARAMETERS", snowflake_error("too many requests", 1))
    assert account.state("cross-region inference") is UNKNOWN
    assert sum("SHOW PARAMETERS" in text for text in account.texts()) == 2


def test_names_out_of_the_account_are_quoted(account: Any) -> None:
    account.answer(
        "^SELECT CURRENT_ROLE", [{**account.place, "ROLE_NAME": "o'r", "DATABASE_NAME": 'd"b', "SCHEMA_NAME": "s;"}]
    )
    account.answer('^SHOW GRANTS ON (DATABASE|SCHEMA) "d""b"', [grant("USAGE", "it's; DROP")])
    account.has_roles()
    found = account.look()
    assert 'SHOW GRANTS ON SCHEMA "d""b"."s;"' in account.texts()
    assert any("IS_ROLE_IN_SESSION('it''s; DROP') AS ROLE_" in text for text in account.texts())
    assert found.schema_name == '"d""b"."s;"'
    assert 'GRANT CREATE TABLE ON SCHEMA "d""b"."s;" TO ROLE "o\'r";' in (found.check("CREATE TABLE").advice or "")


def test_many_roles_are_asked_about_fifty_at_a_time(account: Any) -> None:
    account.answer("^SHOW GRANTS ON DATABASE", [grant("USAGE", f"R{number}") for number in range(120)])
    account.has_roles("R119")
    assert account.state("USAGE on the database") is YES
    assert sum(text.startswith("SELECT IS_ROLE") for text in account.texts()) == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"schema": "A.B.C"}, "schema='A.B.C' must be one name or two"),
        ({"schema": "no schema"}, "'no schema' is not a schema name"),
        ({"schema": 3}, "The schema name is a int"),
        ({"timeout": 0}, "timeout=0 must be more than 0 seconds"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_sent(account: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=re.escape(said)):
        account.look(**options)
    assert account.sent == []


def test_all_wrong_arguments_are_told_at_once(account: Any) -> None:
    with pytest.raises(InvalidInputError, match="2 problems"):
        account.look(schema="", timeout=-1)


@pytest.mark.parametrize(("given", "asked"), [("t", '"DB"."T"'), ('other."s t"', '"OTHER"."s t"')])
def test_another_schema_can_be_asked_about(account: Any, given: str, asked: str) -> None:
    account.answer("^SHOW GRANTS ON (DATABASE|SCHEMA)", [grant("OWNERSHIP")])
    account.look(schema=given)
    assert f"SHOW GRANTS ON SCHEMA {asked}" in account.texts()


def test_a_check_is_found_by_its_name_and_another_name_is_told_those_that_are_there(account: Any) -> None:
    found = account.look()
    assert found.check("ai_complete") is found.check("AI_COMPLETE")
    with pytest.raises(InvalidInputError, match=r"'AI_NONE' is not one of the checks.*AI_COMPLETE"):
        found.check("AI_NONE")


def test_it_prints_as_a_table_by_group_with_advice_below_the_line(account: Any) -> None:
    account.answer("^SHOW GRANTS ON WAREHOUSE", [grant("MONITOR")])
    lines = str(account.look()).splitlines()
    assert lines[0] == (
        "role ANALYST, region AWS_US_WEST_2, warehouse WH, schema DB.S, cross-region AWS_US; "
        "looked at 2026-11-23 00:00 UTC, prices of 2026-11-22"
    )
    assert [line for line in lines if line and not line.startswith(" ")][1:] == [group.value for group in CheckGroup]
    at = next(place for place, line in enumerate(lines) if "USAGE on the warehouse" in line)
    assert lines[at].split()[:4] == ["no", "USAGE", "on", "the"]
    assert lines[at + 1].strip().startswith("-> For every statement")


def test_a_group_without_checks_is_not_shown(account: Any) -> None:
    found = account.look()
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


def test_in_a_notebook_it_is_a_table_whose_texts_are_escaped(account: Any) -> None:
    account.answer(
        "^SELECT CURRENT_ROLE", [{**account.place, "ROLE_NAME": "<script>x</script>", "WAREHOUSE_NAME": None}]
    )
    found = account.look()
    page = _Texts()
    page.feed(found._repr_html_())
    assert page.tags == {"table", "caption", "thead", "tbody", "tr", "th", "td", "strong"}
    told_texts = "".join(page.texts)
    assert "role <script>x</script>," in told_texts
    assert all(check.name in told_texts and check.evidence in told_texts for check in found.checks)


def test_it_goes_through_json_unchanged_and_cannot_be_changed(account: Any) -> None:
    found: Preflight = account.look()
    assert Preflight.model_validate_json(found.model_dump_json()) == found
    with pytest.raises(ValueError, match="frozen"):
        found.role = "X"  # type: ignore[misc] # that it is refused is what is tested
