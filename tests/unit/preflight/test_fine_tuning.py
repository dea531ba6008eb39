"""What a preflight concludes about fine-tuning."""

from typing import Any

import pytest

from cortex_tickets import CheckState, PreflightCheck
from cortex_tickets.testing import snowflake_error

YES, NO, UNKNOWN = CheckState.YES, CheckState.NO, CheckState.UNKNOWN
JOB = '[{"id": "ft_1", "status": "SUCCESS", "base_model": "llama3.1-8b", "created_on": 1717004388348}]'
GONE: dict[str, Any] = {"name": "LLAMA3.1-8B", "lifecycle_status": "EOL"}
OTHER: dict[str, Any] = {"name": "CLAUDE-SONNET-4-6", "lifecycle_status": "GA"}
REFUSED = snowflake_error("something else", 1)
UNKNOWN_FUNCTION = snowflake_error("SQL compilation error: Unknown function AI_COMPLETE.", 2140)


def grant(privilege: str, grantee: str = "ANALYST", kind: str = "ROLE") -> dict[str, str]:
    return {"privilege": privilege, "granted_to": kind, "grantee_name": grantee}


def tuning(session: Any) -> PreflightCheck:
    check: PreflightCheck = session.look().check("fine-tuning llama3.1-8b")
    return check


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
    account: Any, jobs: str, expected: CheckState
) -> None:
    account.answer("FINETUNE", [{"F": jobs}])
    check = tuning(account)
    assert check.state is expected
    assert "deprecation announced for Q1 2027" in check.evidence
    assert ("never tuned it before 2026-08-12 may be refused" in check.evidence) == (expected is UNKNOWN)


def test_a_job_is_told_with_its_day(account: Any) -> None:
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
def test_training_runs_in_few_regions(account: Any, region: str | None, expected: CheckState) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**account.place, "REGION_NAME": region}])
    account.answer("FINETUNE", [{"F": "[]"}])
    found = account.look()
    assert found.check("training region").state is expected
    assert found.check("fine-tuning llama3.1-8b").state is (NO if expected is NO else UNKNOWN)


def test_a_job_that_ran_here_answers_for_the_region_and_not_for_the_role(account: Any) -> None:
    account.answer("^SELECT CURRENT_ROLE", [{**account.place, "REGION_NAME": "MOON_BASE_1"}])
    assert tuning(account).state is YES
    account.answer("^SHOW GRANTS ON SCHEMA", REFUSED)
    check = tuning(account)
    assert (check.state, "CREATE MODEL: SHOW GRANTS ON SCHEMA was refused" in check.evidence) == (UNKNOWN, True)


@pytest.mark.parametrize(
    ("rule", "answer", "said"),
    [
        ("FINETUNE", UNKNOWN_FUNCTION, "FINETUNE: FINETUNE('SHOW') was refused"),
        ("^SELECT SYS_CONTEXT", [{"ROLE_0": "TRUE", "ROLE_1": "FALSE"}], "SNOWFLAKE.CORTEX_USER: "),
        ("^SHOW GRANTS ON SCHEMA", [grant("CREATE TABLE")], "CREATE MODEL: "),
        ("^SHOW CORTEX BASE MODELS", [GONE], "base model llama3.1-8b: at its end"),
        ("^SHOW CORTEX BASE MODELS", [OTHER], "base model llama3.1-8b: the account does not list it"),
    ],
    ids=["function", "database role", "privilege", "end of life", "not listed"],
)
def test_fine_tuning_needs_all_of_its_parts_and_says_which_is_missing(
    account: Any, rule: str, answer: Any, said: str
) -> None:
    account.answer(rule, answer)
    check = tuning(account)
    assert check.state is NO
    assert said in check.evidence
    assert "AI_CLASSIFY" in (check.advice or "")


def test_a_refusal_of_another_kind_leaves_the_function_unknown(account: Any) -> None:
    account.answer("FINETUNE", REFUSED)
    assert {account.state(name) for name in ("FINETUNE", "fine-tuning llama3.1-8b")} == {UNKNOWN}
