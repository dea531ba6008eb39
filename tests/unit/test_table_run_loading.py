"""A run's record, read back from its ledger by a process that did not make it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, TableRun
from cortex_tickets.table_run import RunState
from cortex_tickets.testing import FakeSession, snowflake_error

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
ROW = {
    "RUN_ID": "r1",
    "CLASSIFIER_HASH": "ab12",
    "MODEL": "large",
    "SOURCE": "DB.S.T",
    "STATE": "COMPLETE",
    "REASON": None,
    "N_ROWS": 5,
    "N_TICKETS": 4,
    "N_LEFT": 0,
    "N_TEXTS_ASKED": 3,
    "INPUT_TOKENS": 100,
    "OUTPUT_TOKENS": 9,
    "AI_CREDITS": 0.5,
    "STARTED_AT": NOON,
    "QUERY_TAG": "tag",
    "SECONDS": 1.5,
    "DATABASE_NAME": "DB",
    "SCHEMA_NAME": "S",
}


def a_ledger(*changes: dict[str, Any]) -> FakeSession:
    session = FakeSession()
    session.answer("FROM .*_RUNS", [{**ROW, **change} for change in changes])
    session.answer("^SELECT OUTCOME", [{"OUTCOME": "valid", "N": 3}, {"OUTCOME": "blank", "N": 1}])
    return session


def test_the_record_says_what_the_ledger_keeps_and_can_read_its_rows() -> None:
    session = a_ledger({})
    run = TableRun.load(session, "L")
    assert (run.run_id, run.into, run.classifier_hash, run.model) == ("r1", "DB.S.L", "ab12", "large")
    assert (run.n_rows, run.n_tickets, run.n_left, run.n_texts_asked) == (5, 4, 0, 3)
    assert (run.n_by_outcome, run.seconds, run.ai_credits) == ({"valid": 3, "blank": 1}, 1.5, 0.5)
    assert run.require_complete() is run
    assert session.sent[1].values == ("ab12",)
    run.to_dataframe()
    with pytest.raises(InvalidInputError, match="was read back"):
        run.resume()


def test_a_run_that_never_ended_is_incomplete_and_all_may_be_left() -> None:
    empty = dict.fromkeys(("N_TICKETS", "N_LEFT", "N_TEXTS_ASKED", "SECONDS", "INPUT_TOKENS", "OUTPUT_TOKENS"))
    run = TableRun.load(a_ledger({"STATE": "RUNNING", **empty}), "L")
    assert (run.state, run.reason, run.n_left) == (RunState.INCOMPLETE, "its state is RUNNING", 5)
    stopped = TableRun.load(a_ledger({"STATE": "INCOMPLETE", "REASON": "the budget", "N_LEFT": 2}), "L")
    assert (stopped.reason, stopped.n_left) == ("the budget", 2)


def test_of_several_models_one_has_to_be_named() -> None:
    ledger = a_ledger({}, {"MODEL": "small", "RUN_ID": "r2"})
    with pytest.raises(InvalidInputError, match="labels of several models: large, small"):
        TableRun.load(ledger, "L")
    assert TableRun.load(ledger, "L", model="small").run_id == "r2"
    with pytest.raises(InvalidInputError, match=r"has no run of 'tiny'\. It has those of: large, small"):
        TableRun.load(ledger, "L", model="tiny")


def test_the_runs_of_a_source_hide_those_of_an_evaluation() -> None:
    ledger = a_ledger({}, {"MODEL": "small", "SOURCE": "the query", "RUN_ID": "r2"})
    for name in ("t", "S.T", "DB.S.T"):
        assert TableRun.load(ledger, "L", source=name).run_id == "r1"
    with pytest.raises(InvalidInputError, match="several models"):
        TableRun.load(ledger, "L", source="ANOTHER")


def test_the_newest_of_a_models_runs_is_taken() -> None:
    later = {"RUN_ID": "r0", "STARTED_AT": NOON + timedelta(hours=1), "SOURCE": "the query"}
    assert TableRun.load(a_ledger(later, {}), "L").run_id == "r0"


def test_a_table_without_runs_is_no_ledger() -> None:
    session = FakeSession()
    session.answer("_RUNS", snowflake_error("Object 'L_RUNS' does not exist or not authorized.", 2003))
    with pytest.raises(InvalidInputError, match="L is no ledger: L_RUNS is not there"):
        TableRun.load(session, "L")
    with pytest.raises(InvalidInputError, match="has no labelling run"):
        TableRun.load(a_ledger(), "L")
    with pytest.raises(InvalidInputError, match="is not a ledger name"):
        TableRun.load(FakeSession(), "L L")


def test_of_two_label_sets_of_one_model_the_classifiers_own_run_is_taken() -> None:
    earlier = {"RUN_ID": "r0", "CLASSIFIER_HASH": "other", "STARTED_AT": NOON - timedelta(hours=1)}
    assert TableRun.load(a_ledger({}, earlier), "L").run_id == "r1"
    assert TableRun.load(a_ledger({}, earlier), "L", classifier_hash="other").run_id == "r0"
    with pytest.raises(InvalidInputError, match="has no labelling run"):
        TableRun.load(a_ledger({}, earlier), "L", classifier_hash="neither")
