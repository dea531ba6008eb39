"""What a preflight concludes about models, regions and prices."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cortex_tickets import CheckGroup, CheckState, PreflightCheck
from cortex_tickets.testing import FakeClock, snowflake_error

YES, NO, UNKNOWN = CheckState.YES, CheckState.NO, CheckState.UNKNOWN
REFUSED = snowflake_error("something else", 1)


def model(session: Any, **columns: Any) -> PreflightCheck:
    session.answer("^SHOW CORTEX BASE MODELS", [{**session.models[0], **columns}])
    check: PreflightCheck = session.look().check(columns.get("name", "llama3.1-8b"))
    return check


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
    account: Any, stage: str | None, expected: CheckState, said: str
) -> None:
    check = model(account, lifecycle_status=stage)
    assert check.state is expected
    assert said in check.evidence


def test_a_model_tells_its_dates_its_price_and_what_to_use_instead(account: Any) -> None:
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
    account: Any, setting: str, scopes: object, expected: CheckState
) -> None:
    account.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": setting}])
    check = model(account, in_region_availability=None, cross_region_availability=scopes)
    assert check.state is expected
    if expected is NO:
        assert "Ask an ACCOUNTADMIN to set CORTEX_ENABLED_CROSS_REGION to one of ANY_REGION" in (check.advice or "")


def test_a_model_that_no_setting_reaches_is_not_worth_asking_for(account: Any) -> None:
    check = model(account, in_region_availability='["AWS_EU_WEST_1"]', cross_region_availability=None)
    assert check.state is NO
    assert "Use another model" in (check.advice or "")


@pytest.mark.parametrize("rule", ["^SELECT CURRENT_ROLE", "^SHOW PARAMETERS"])
def test_where_region_or_setting_is_not_told_a_model_of_other_regions_is_unknown(account: Any, rule: str) -> None:
    account.answer("^SHOW PARAMETERS", [{"key": "CORTEX_ENABLED_CROSS_REGION", "value": "DISABLED"}])
    account.answer(rule, REFUSED)
    check = model(account, in_region_availability='["AWS_EU_WEST_1"]')
    assert (check.state, check.evidence.split("; ")[1]) == (
        UNKNOWN,
        "whether it is reached from this region is not told",
    )


@pytest.mark.parametrize(("answer", "said"), [([], "lists none for this role"), (REFUSED, "it was refused: ")])
def test_models_that_are_not_listed_are_one_check_that_says_why(account: Any, answer: Any, said: str) -> None:
    account.answer("^SHOW CORTEX BASE MODELS", answer)
    found = account.look()
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
def test_the_cross_region_setting(account: Any, answer: Any, expected: CheckState) -> None:
    account.answer("^SHOW PARAMETERS", answer)
    check = account.look().check("cross-region inference")
    assert check.state is expected
    assert (check.advice is None) == (expected is YES)


@pytest.mark.parametrize(
    ("now", "expected"),
    [(datetime(2026, 11, 25, tzinfo=UTC), YES), (datetime(2027, 11, 25, tzinfo=UTC), UNKNOWN)],
)
def test_the_price_table_tells_its_date_and_is_not_relied_on_when_old(
    account: Any, now: datetime, expected: CheckState
) -> None:
    found = account.look(clock=FakeClock(now))
    check = found.check("price table")
    assert check.state is expected
    assert found.price_date.isoformat() in check.evidence
    assert found.looked_at == now
    assert "2 usable models 2 are in it" in check.evidence
    assert ("368 days ago" in check.evidence) == (expected is UNKNOWN)


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (snowflake_error("Object 'SNOWFLAKE.ACCOUNT_USAGE.X' does not exist or not authorized.", 2003), NO),
        (snowflake_error("Insufficient privileges to operate on view", 3001), NO),
        (REFUSED, UNKNOWN),
    ],
)
def test_the_usage_view_may_be_shut_to_the_role(account: Any, refusal: Exception, expected: CheckState) -> None:
    assert account.state("usage view") is YES
    account.answer("^EXPLAIN USING TEXT SELECT CREDITS", refusal)
    check = account.look().check("usage view")
    assert check.state is expected
    assert "GRANT DATABASE ROLE SNOWFLAKE.USAGE_VIEWER TO ROLE ANALYST;" in (check.advice or "")


def test_models_without_a_price_are_counted_and_the_advice_says_what_to_give(account: Any) -> None:
    account.answer("^SHOW CORTEX BASE MODELS", [*account.models, {**account.models[0], "name": "NEW-MODEL"}])
    check = account.look().check("price table")
    assert (check.state, "of 3 usable models 2 are in it" in check.evidence) == (YES, True)
    assert "prices=" in (check.advice or "")
