"""What is found before a fine-tune job bills or writes anything; and what it would cost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cortex_tickets.errors import (
    AccessDeniedError,
    InvalidInputError,
    InvalidTrainingSetError,
)
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.training_queries import TrainingQueries
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error
from cortex_tickets.training_set import TrainingSet, TrainingSetReport

QUERIES = TrainingQueries(
    training_query="SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'training'",
    validation_query="SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'validation'",
)
REPORT = TrainingSetReport(
    n_tickets=100,
    n_texts=100,
    n_groups=100,
    largest_group=1,
    labels=(),
    dropped={},
    split_groups={},
    missing_labels=(),
    teacher_agreement=None,
    n_gold=0,
)
TRAINING_SET = TrainingSet(
    id="ab" * 32,
    table="DB.S.TICKETS_FT",
    prompt=ClassificationPrompt.short(["Roaming fees", "Lost phone"]),
    seed=7,
    teacher_hash=None,
    teacher_model=None,
    labels_table=None,
    gold_table=None,
    n_training=80,
    n_validation=10,
    n_test=10,
    report=REPORT,
    created_at=datetime(2026, 11, 23, tzinfo=UTC),
)


def counts(split: str, **changes: int | None) -> Mapping[str, Any]:
    usual = {
        "N_ROWS": 80,
        "N_EMPTY": 0,
        "N_COMPLETIONS": 5,
        "N_LONG_PROMPTS": 0,
        "N_LONG_COMPLETIONS": 0,
        "N_UNCOUNTED": 0,
        "N_PROMPT_TOKENS": 4000,
        "N_COMPLETION_TOKENS": 200,
    }
    return {"SPLIT": split, **usual, **changes}


USUAL = [counts("training"), counts("validation", N_ROWS=10)]


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession()
    session.answer("^WITH PAIRS", USUAL)
    return session


def start(session: FakeSession, **changes: Any) -> FineTuneJob:
    arguments = {"name": "DB.S.TICKETS", "base_model": "llama3.1-8b", "training_set": QUERIES, "clock": FakeClock()}
    return FineTuneJob.start(session, **{**arguments, **changes})


def problems_of(session: FakeSession, **changes: Any) -> tuple[str, ...]:
    with pytest.raises(InvalidInputError) as caught:
        start(session, **changes)
    assert not any("'CREATE'" in text or not text.startswith(("WITH", "SELECT", "SHOW")) for text in session.texts())
    return caught.value.problems


def test_every_problem_is_told_at_once(session: FakeSession) -> None:
    session.answer("SHOW CORTEX BASE MODELS", snowflake_error("unexpected 'CORTEX'", 1003))
    session.answer("^WITH PAIRS", [counts("training", N_EMPTY=3)])
    problems = problems_of(
        session,
        name="1st model",
        base_model="mistral-7b",
        max_epochs=11,
        budget=Budget(platform_credits=1),
        platform_credits_per_million_tokens=-1.0,
        timeout=0,
    )
    assert [problem.split(" ")[0] for problem in problems] == [
        "The",
        "max_epochs=11",
        "platform_credits_per_million_tokens=-1.0",
        "timeout=0",
        "'1st",
        "The",
        "The",
    ]
    assert "legacy state since 12 August 2026" in problems[0]
    assert "use llama3.1-8b instead" in problems[0]
    assert "3 rows whose prompt or completion is NULL or blank" in problems[5]
    assert "validation query gives no rows" in problems[6]
    # What is counted with is a model that can be: the wrong one would fail the count.
    assert "mistral-7b" not in session.texts()[-1]


def test_wrong_types_are_told_at_once_too(session: FakeSession) -> None:
    problems = problems_of(
        session,
        name=None,
        base_model=7,
        max_epochs="3",
        training_set="FT",
        budget=2,
        platform_credits_per_million_tokens="2",
        timeout="3",
    )
    for problem, words in zip(
        problems,
        (
            "base_model=7 must name a model",
            "max_epochs='3' must be a whole number",
            "training_set is a str. Give what TrainingSetBuilder.build returned",
            "platform_credits_per_million_tokens='2' must be a number, not a str",
            "timeout='3' must be more than 0 seconds, or None for no limit; give a number, not a str.",
            "budget is a int; give Budget(platform_credits=...)",
            "name= must be a text",
        ),
        strict=True,
    ):
        assert words in problem
    assert session.sent == []


@pytest.mark.parametrize("price", [float("nan"), float("inf"), True])
def test_a_price_is_a_number(session: FakeSession, price: float) -> None:
    (problem,) = problems_of(session, platform_credits_per_million_tokens=price)
    assert "platform_credits_per_million_tokens=" in problem


def test_an_estimate_refuses_a_timeout_that_is_none(session: FakeSession) -> None:
    with pytest.raises(InvalidInputError, match="timeout=nan must be more than 0 seconds"):
        FineTuneJob.estimate(session, base_model="llama3.1-8b", training_set=QUERIES, timeout=float("nan"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("1ST", "is not a model"),
        ("A-B", "is not a model"),
        ("A.B.C.D", "is not a model"),
        ("", "is not a model"),
        ("_HIDDEN", "must begin with a letter"),
        ("DB.S.COSTS$", "must begin with a letter"),
        (None, "must be a text"),
        (7, "must be a text"),
    ],
)
def test_a_name_that_is_no_identifier_is_refused(session: FakeSession, name: Any, words: str) -> None:
    (problem,) = problems_of(session, name=name)
    assert words in problem


@pytest.mark.parametrize("max_epochs", [0, -1, 11, 2.5, "3", True])
def test_epochs_are_a_whole_number_from_1_to_10(session: FakeSession, max_epochs: Any) -> None:
    (problem,) = problems_of(session, max_epochs=max_epochs)
    assert "whole number from 1 to 10" in problem


@pytest.mark.parametrize(
    ("base_model", "words"),
    [
        ("snowflake-arctic", "was retired (no date is public)"),
        ("Mixtral-8x7B", "in legacy state since 12 August 2026"),
        ("llama-9", "cannot be fine-tuned. What can be: llama3.1-8b"),
        ("", "must name a model"),
        (None, "must name a model"),
    ],
)
def test_a_base_model_that_cannot_be_tuned_says_what_can(session: FakeSession, base_model: Any, words: str) -> None:
    session.answer("SHOW CORTEX BASE MODELS", [{"name": "LLAMA3.1-8B", "lifecycle_status": "GA"}])
    (problem,) = problems_of(session, base_model=base_model)
    assert words in problem
    assert "llama3.1-8b" in problem


@pytest.mark.parametrize(("lifecycle", "is_open"), [("GA", True), (None, True), ("LEGACY", False), ("EOL", False)])
def test_what_the_account_lists_counts_more_than_the_news(
    *,
    session: FakeSession,
    lifecycle: str | None,
    is_open: bool,
) -> None:
    session.answer("SHOW CORTEX BASE MODELS", [{"name": "MISTRAL-7B", "lifecycle_status": lifecycle}])
    if is_open:
        estimate = FineTuneJob.estimate(session, base_model="mistral-7b", training_set=QUERIES)
        assert estimate.base_model == "mistral-7b"
    else:
        assert "legacy" in problems_of(session, base_model="mistral-7b")[0]


@pytest.mark.parametrize("training_set", [None, "TICKETS_FT", 7])
def test_what_cannot_be_trained_on_is_refused_with_the_ways_that_can(session: FakeSession, training_set: Any) -> None:
    (problem,) = problems_of(session, training_set=training_set)
    assert "TrainingSet.load" in problem
    assert "TrainingQueries" in problem
    assert session.sent == []


@pytest.mark.parametrize(
    ("training", "validation", "words"),
    [
        ({"N_ROWS": 0}, {}, "The training query gives no rows"),
        ({}, {"N_ROWS": 0}, "The validation query gives no rows"),
        ({"N_EMPTY": 2}, {}, "The training query gives 2 rows whose prompt or completion is NULL or blank"),
        ({}, {"N_EMPTY": 2}, "The validation query gives 2 rows"),
        ({"N_LONG_PROMPTS": 1200}, {}, "1,200 prompts of more than 20,000 tokens, which Snowflake cuts without a word"),
        ({}, {"N_LONG_COMPLETIONS": 3}, "3 completions of more than 4,000 tokens, which Snowflake cuts"),
        ({"N_UNCOUNTED": 4}, {}, "4 rows whose tokens Snowflake cannot count"),
        ({"N_COMPLETIONS": 1}, {}, "the same completion, so there is nothing to learn"),
        (
            {"N_ROWS": 50_001},
            {},
            "50,001 rows, and 3 epochs (reckoned with, as max_epochs= is not given) take at most 50,000",
        ),
    ],
    ids=str,
)
def test_pairs_that_cannot_be_trained_on_are_counted(
    session: FakeSession, training: dict[str, int], validation: dict[str, int], words: str
) -> None:
    session.answer("^WITH PAIRS", [counts("training", **training), counts("validation", **validation)])
    with pytest.raises(InvalidTrainingSetError) as caught:
        start(session)
    (problem,) = caught.value.problems
    assert words in problem


@pytest.mark.parametrize(("epochs", "most"), [(1, 150_000), (2, 75_000), (3, 50_000), (10, 15_000)])
def test_the_more_epochs_the_fewer_rows(session: FakeSession, epochs: int, most: int) -> None:
    session.answer("^WITH PAIRS", [counts("training", N_ROWS=most + 1), counts("validation")])
    (problem,) = problems_of(session, max_epochs=epochs)
    assert f"{most + 1:,} rows, and {epochs} epochs take at most {most:,}" in problem


def test_an_account_that_counts_nothing_blames_no_row(session: FakeSession) -> None:
    uncounted = [counts(split, N_UNCOUNTED=80, N_PROMPT_TOKENS=None) for split in ("training", "validation")]
    session.answer("^WITH PAIRS", uncounted)
    session.answer("CREATE TABLE", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):  # the checks let it pass
        start(session)


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        (904, "SQL compilation error: invalid identifier 'COMPLETION'", "invalid identifier 'COMPLETION'"),
        (1003, "SQL compilation error: syntax error line 1 at position 12", "syntax error line 1"),
    ],
)
def test_a_query_that_cannot_run_is_the_callers_mistake(
    session: FakeSession, code: int, message: str, words: str
) -> None:
    session.answer("^WITH PAIRS", snowflake_error(message, code))
    problems = problems_of(session, max_epochs=0)
    assert "max_epochs=0" in problems[0]
    assert words in problems[1]
    assert "PROMPT and COMPLETION" in problems[1]


def test_a_count_that_is_denied_says_so(session: FakeSession) -> None:
    session.answer("^WITH PAIRS", snowflake_error("Insufficient privileges", 3001))
    with pytest.raises(AccessDeniedError):
        start(session)


def test_the_pairs_are_counted_in_one_statement(session: FakeSession) -> None:
    FineTuneJob.estimate(session, base_model=" Llama3.1-8B ", training_set=QUERIES)
    empty = "(TRIM(COALESCE(P, '')) = '' OR TRIM(COALESCE(C, '')) = '')"
    assert session.texts() == [
        (
            "WITH PAIRS AS (SELECT 'training' AS SPLIT, PROMPT::VARCHAR AS P, COMPLETION::VARCHAR AS C FROM "
            "(SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'training') UNION ALL "
            "SELECT 'validation', PROMPT::VARCHAR, COMPLETION::VARCHAR FROM "
            "(SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'validation')), "
            f"COUNTED AS (SELECT SPLIT, C AS COMPLETION, {empty} AS IS_EMPTY, "
            f"IFF({empty}, NULL, AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', P)) AS P_TOKENS, "
            f"IFF({empty}, NULL, AI_COUNT_TOKENS('ai_complete', 'llama3.1-8b', C)) AS C_TOKENS FROM PAIRS) "
            "SELECT SPLIT, COUNT(*) AS N_ROWS, COUNT_IF(IS_EMPTY) AS N_EMPTY, "
            "COUNT(DISTINCT COMPLETION) AS N_COMPLETIONS, COUNT_IF(P_TOKENS > 20000) AS N_LONG_PROMPTS, "
            "COUNT_IF(C_TOKENS > 4000) AS N_LONG_COMPLETIONS, "
            "COUNT_IF(NOT IS_EMPTY AND (P_TOKENS IS NULL OR C_TOKENS IS NULL)) AS N_UNCOUNTED, "
            "SUM(P_TOKENS) AS N_PROMPT_TOKENS, SUM(C_TOKENS) AS N_COMPLETION_TOKENS FROM COUNTED GROUP BY SPLIT"
        )
    ]


def test_an_estimate_is_prompt_tokens_times_epochs(session: FakeSession) -> None:
    estimate = FineTuneJob.estimate(
        session, base_model="llama3.1-8b", training_set=QUERIES, max_epochs=5, platform_credits_per_million_tokens=2.5
    )
    assert (estimate.n_training, estimate.n_validation, estimate.tokens_per_epoch) == (80, 10, 4000)
    assert (estimate.epochs, estimate.trained_tokens, estimate.platform_credits) == (5, 20_000, 0.05)
    assert (estimate.completion_tokens_per_epoch, estimate.platform_credits_at_most) == (200, 0.0525)
    assert str(estimate) == (
        "llama3.1-8b: 80 training and 10 validation pairs, 4,000 prompt tokens x 5 epochs = 20,000 trained tokens; "
        "0.050000 platform credits, 0.052500 if completions are billed"
    )


def test_an_unknown_price_is_unknown_and_not_0(session: FakeSession) -> None:
    session.answer("^WITH PAIRS", [counts("training", N_UNCOUNTED=2), counts("validation")])
    estimate = FineTuneJob.estimate(session, base_model="llama3.1-8b", training_set=QUERIES)
    assert (estimate.platform_credits, estimate.platform_credits_at_most) == (None, None)
    assert estimate.epochs == 3
    assert "(2 pairs could not be counted)" in str(estimate)
    assert "price unknown: give platform_credits_per_million_tokens=" in str(estimate)


def test_an_estimate_tells_all_problems_too(session: FakeSession) -> None:
    with pytest.raises(InvalidInputError) as caught:
        FineTuneJob.estimate(session, base_model="llama-9", training_set=QUERIES, max_epochs=0)
    assert len(caught.value.problems) == 2


@pytest.mark.parametrize(
    ("budget", "price", "words"),
    [
        (Budget(ai_credits=1), 2.0, "paid in platform credits"),
        (Budget(platform_credits=1), None, "A budget needs a price"),
        (Budget(platform_credits=0.0245), 2.0, "up to 0.025200 platform credits (12,000 tokens of prompts, and 600 of"),
    ],
    ids=["other currency", "no price", "too dear"],
)
def test_a_budget_is_a_hard_stop(session: FakeSession, budget: Budget, price: float | None, words: str) -> None:
    (problem,) = problems_of(session, budget=budget, platform_credits_per_million_tokens=price)
    assert words in problem


def test_a_budget_that_suffices_lets_the_job_pass(session: FakeSession) -> None:
    session.answer("CREATE TABLE", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        start(session, budget=Budget(platform_credits=1), platform_credits_per_million_tokens=2.0)


def test_no_budget_can_be_kept_where_tokens_are_not_counted(session: FakeSession) -> None:
    session.answer("^WITH PAIRS", [counts("training", N_UNCOUNTED=80), counts("validation")])
    (problem,) = problems_of(session, budget=Budget(platform_credits=1), platform_credits_per_million_tokens=2.0)
    assert "no budget can be kept" in problem


@pytest.mark.parametrize(
    ("name", "table", "model"),
    [
        ("tickets_llama", "DB.S.TICKETS_FT", "DB.S.TICKETS_LLAMA"),
        ("OTHER.tickets", "DB.S.TICKETS_FT", "DB.OTHER.TICKETS"),
        ("D2.S2.M", "DB.S.TICKETS_FT", "D2.S2.M"),
        ('"My model"', "DB.S.TICKETS_FT", 'DB.S."My model"'),
        ("M", "TICKETS_FT", "CURRENT_DB.CURRENT_S.M"),
    ],
)
def test_a_model_lies_beside_its_training_set(session: FakeSession, name: str, table: str, model: str) -> None:
    session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "CURRENT_DB", "SCHEMA_NAME": "CURRENT_S"}])
    session.answer("CREATE TABLE", [])
    session.answer("INSERT INTO", ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        start(session, name=name, training_set=TRAINING_SET.model_copy(update={"table": table}))
    assert session.sent[-1].values[1] == model


def test_without_a_training_set_the_current_schema_is_meant(session: FakeSession) -> None:
    session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": None, "SCHEMA_NAME": None}])
    (problem,) = problems_of(session, name="M")
    assert "no database and schema" in problem


@pytest.mark.parametrize("query", ["", " ;", "  "])
def test_blank_queries_are_refused(query: str) -> None:
    with pytest.raises(InvalidInputError, match="a query is blank"):
        TrainingQueries(training_query=query, validation_query="SELECT 1")
