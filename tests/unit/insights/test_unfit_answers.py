"""A table of records after its run: what is checked, what is asked for again, and what stops that."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from cortex_tickets import Budget, ModelPrice, RunState, StatementTimeoutError, TicketInsights
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

LedgerSession = Callable[..., FakeSession]
HASHES = ["a" * 64, "b" * 64]


class Found(BaseModel):
    number: int


def table(session: FakeSession, *, answers: list[str | None] | None = None, n_unfit: int = 1) -> FakeSession:
    """Let the ledger have these answers, once, and one row less of them after each check."""
    values = ['{"number": 1}', '{"number": "many"}'] if answers is None else answers
    page = [
        {"TEXT_HASH": hash_, "VALUE": value, "IS_AGAIN": False} for hash_, value in zip(HASHES, values, strict=True)
    ]
    session.answer("^SELECT TEXT_HASH, MIN", page, [])
    session.answer("^MERGE", [{"number of rows updated": 2}])
    session.answer(r"^SELECT COUNT\(\*\) AS N FROM \(SELECT K", [{"N": n_unfit}])
    session.answer("^SELECT L.OUTCOME, COUNT", [{"OUTCOME": "valid", "N": 4}, {"OUTCOME": "error", "N": 1}])
    return session


def verdicts(session: FakeSession) -> list[Any]:
    return [
        json.loads(str(sent.values[0])) for sent in session.sent if sent.text.startswith("MERGE") and "S.H" in sent.text
    ]


def extract(session: FakeSession, **options: Any) -> Any:
    clock = options.pop("clock", FakeClock())
    insights = TicketInsights(session, model="llama3.1-8b", clock=clock)
    return insights.extract_table("T", Found, into="DB.S.L", **options)


def test_each_answer_is_checked_and_told_with_the_reason(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(runs=[(500, 25), (100, 5)]))
    run = extract(session)
    assert run.state is RunState.COMPLETE
    problem = "number: Input should be a valid integer, unable to parse string as an integer"
    assert verdicts(session) == [
        [
            ["a" * 64, None, None, None, None],
            ["b" * 64, "error", None, problem, "the answer does not fit Found: see PROBLEMS"],
        ]
    ]
    assert "many" not in " ".join(session.texts())


def test_tokens_credits_and_seconds_of_both_tries_are_added_up(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(runs=[(500, 25), (100, 5)]))
    run = extract(session)
    assert (run.input_tokens, run.output_tokens, run.n_texts_asked) == (600, 30, 10)
    assert run.ai_credits == pytest.approx(630 * 0.11 / 1e6)
    assert len(run.further_query_tags) == 1
    assert run.query_tag not in run.further_query_tags


def test_where_all_fit_there_is_no_second_run(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(), n_unfit=0)
    run = extract(session)
    assert (run.state, run.n_texts_asked, run.further_query_tags) == (RunState.COMPLETE, 5, ())
    assert run.n_by_outcome == {"valid": 4, "error": 1}


def test_what_another_run_settled_meanwhile_is_left_to_it(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(), n_unfit=0)
    session.answer("^SELECT TEXT_HASH, MIN", [{"TEXT_HASH": HASHES[0], "VALUE": "{}", "IS_AGAIN": False}])
    session.answer("^MERGE", [{"number of rows updated": 0}])
    assert extract(session).is_complete
    assert len(verdicts(session)) == 1


def test_a_run_that_a_budget_stopped_is_checked_and_nothing_is_asked_again(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(chunks=[(3, 1_000), (2, 10_000_000)], used=[(1_000, 20)], left=2))
    run = extract(session, budget=Budget(ai_credits=1), chunk_rows=3)
    assert run.state is RunState.INCOMPLETE
    assert run.reason.startswith("the budget of 1 AI credits would be crossed")
    assert (len(verdicts(session)), run.further_query_tags) == (1, ())


def test_a_budget_that_the_first_try_used_up_leaves_the_rest_for_the_next_run(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(used=[(10_000_000, 25)]))
    run = extract(session, budget=Budget(ai_credits=1))
    assert run.state is RunState.INCOMPLETE
    assert run.reason == "the budget of 1 AI credits is used up, and 1 answers do not fit"


def test_the_second_try_has_what_the_first_left_of_the_budget(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(runs=[(5_000_000, 0), (0, 0)], chunks=[(5, 4_000_000)]))
    run = extract(session, budget=Budget(ai_credits=0.9))
    assert run.state is RunState.INCOMPLETE
    assert run.reason.startswith("the budget of 0.35 AI credits would be crossed: 0.000000 are spent")


def test_a_price_that_nobody_knows_is_the_dearest_in_both_tries(ledger_session: LedgerSession) -> None:
    session = table(ledger_session(runs=[(200_000, 0), (0, 0)]))
    session.answer("^SHOW CORTEX", [{"name": "new", "lifecycle_status": "GA"}])
    insights = TicketInsights(session, model="new", clock=FakeClock())
    budget = Budget(ai_credits=1, unknown_price="dearest_listed")
    run = insights.extract_table("T", Found, into="DB.S.L", budget=budget)
    assert run.reason == "the budget of 1 AI credits is used up, and 1 answers do not fit"
    assert run.ai_credits is None
    priced = TicketInsights(session, model="new", prices={"new": ModelPrice(input=0, output=0)}, clock=FakeClock())
    assert priced.extract_table("T", Found, into="DB.S.L", budget=budget).n_texts_asked > 0


def test_a_second_run_that_another_one_keeps_out_leaves_the_rest_for_the_next(ledger_session: LedgerSession) -> None:
    session = table(ledger_session())
    session.answer('^UPDATE .*_LEASES" SET HOLDER', [{"number of rows updated": 1}], [{"number of rows updated": 0}])
    session.answer("^SELECT HOLDER", [])
    run = extract(session)
    assert run.state is RunState.INCOMPLETE
    assert "answers that do not fit were not asked for again" in run.reason
    assert run.n_by_outcome == {"valid": 4, "error": 1}


def test_time_that_is_over_while_answers_are_checked_is_a_reason(ledger_session: LedgerSession) -> None:
    clock = FakeClock()

    def late(_: SentStatement) -> list[dict[str, Any]]:
        clock.sleep(100)
        raise snowflake_error("Statement reached its statement or warehouse timeout", 630)

    session = table(ledger_session())
    session.answer("^SELECT TEXT_HASH, MIN", late)
    run = extract(session, timeout=60, clock=clock)
    assert run.state is RunState.INCOMPLETE
    assert run.reason.startswith("the timeout of 60 s is over")
    session.answer("^SELECT TEXT_HASH, MIN", snowflake_error("Statement reached its timeout", 630))
    with pytest.raises(StatementTimeoutError):
        extract(session)  # the account's own limit is no result
