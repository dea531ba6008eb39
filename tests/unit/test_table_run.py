"""The record of a table operation: what it says, and what it lets you do next."""

import copy
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest

from cortex_tickets import IncompleteRunError, InvalidInputError, TableRun
from cortex_tickets.table_run import RunState
from cortex_tickets.testing import FakeSession


def a_run(**changes: Any) -> TableRun:
    values: dict[str, Any] = {
        "run_id": "r1",
        "source": "T",
        "into": 'DB.S."it\'s"',
        "classifier_hash": "ab12",
        "model": "m",
        "state": RunState.COMPLETE,
        "n_rows": 3,
        "n_tickets": 2,
        "n_left": 0,
        "n_by_outcome": {"valid": 1, "blank": 1},
        "n_texts_asked": 1,
        "input_tokens": 1200,
        "output_tokens": 5,
        "ai_credits": 0.25,
        "seconds": 1.5,
        "started_at": datetime(2026, 11, 23, tzinfo=UTC),
    }
    return TableRun(**{**values, **changes})


STOPPED = {"state": RunState.INCOMPLETE, "reason": "the budget is used up", "n_left": 7}


def test_a_complete_run_may_be_used() -> None:
    run = a_run()
    assert run.require_complete() is run
    assert run.is_complete


def test_an_incomplete_run_must_be_asked_for() -> None:
    with pytest.raises(IncompleteRunError, match=r"7 ticket rows have no answer \(the budget is used up\)") as raised:
        a_run(**STOPPED).require_complete()
    assert (raised.value.run_id, raised.value.n_left) == ("r1", 7)
    with pytest.raises(IncompleteRunError, match="no reason given"):
        a_run(**{**STOPPED, "reason": None}).require_complete()


def test_a_run_says_what_it_did_in_one_line() -> None:
    assert str(a_run()) == (
        "COMPLETE: 3 rows (1 valid, 1 blank); 1 texts asked, 1,200 tokens in, 5 out, 0.250000 AI credits, 1.5 s"
    )
    assert str(a_run(**STOPPED, ai_credits=None)).endswith("AI credits unknown, 1.5 s; 7 left: the budget is used up")


def test_its_rows_are_read_lazily_over_its_session() -> None:
    session = FakeSession()
    session.answer("^SELECT", [{"LABEL": "A"}])
    frame = a_run().attached(session, a_run).to_dataframe()
    assert session.sent == []
    assert frame.collect() == [{"LABEL": "A"}]
    assert session.texts() == ['SELECT * FROM "DB"."S"."it\'s" WHERE CLASSIFIER_HASH = \'ab12\'']


def test_it_goes_on_with_what_it_was_made_by() -> None:
    following = a_run(run_id="r2")
    assert a_run(**STOPPED).attached(FakeSession(), lambda: following).resume() is following


def test_a_record_that_was_read_back_has_no_session_and_says_so() -> None:
    run = TableRun.model_validate_json(a_run().model_dump_json())
    assert run == a_run()
    with pytest.raises(InvalidInputError, match="not attached to a session"):
        run.to_dataframe()
    with pytest.raises(InvalidInputError, match="call the classifier's method again"):
        run.resume()


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert TableRun.model_validate({**a_run().model_dump(), "n_refused": 3}) == a_run()


def test_its_rows_are_those_of_the_source_as_it_stands_where_that_is_known() -> None:
    session = FakeSession()
    session.answer("^SELECT", [])
    session.answer("^CREATE", [])
    run = a_run().attached(session, a_run, current="SELECT 1")
    run.to_dataframe().collect()
    run.point_view("V")
    assert session.texts() == ["SELECT 1", 'CREATE OR REPLACE VIEW "DB"."S"."V" COPY GRANTS AS SELECT 1']


def test_a_record_can_be_copied_and_pickled_and_leaves_its_session_behind() -> None:
    run = a_run().attached(FakeSession(), a_run)
    assert copy.deepcopy(run) is run
    again = pickle.loads(pickle.dumps(run))  # noqa: S301  our own record
    assert again == a_run()
    with pytest.raises(InvalidInputError, match="not attached to a session"):
        again.to_dataframe()
