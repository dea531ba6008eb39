"""Wrong types at the border: a clear sentence for each, all together, and nothing is written."""

from collections.abc import Callable
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, TicketClassifier, evaluate, load_tickets
from cortex_tickets.problems import Problems, seconds_problems, whole_number_problems
from cortex_tickets.records.table_name import TableName
from cortex_tickets.testing import FakeSession

NO: Any = None


@pytest.mark.parametrize("timeout", ["3", float("nan"), float("inf"), 0, -1.5, True])
def test_a_timeout_is_a_number_of_seconds(timeout: object) -> None:
    assert seconds_problems(timeout) == [f"timeout={timeout!r} must be more than 0 seconds, or None."]


def test_a_whole_number_is_one() -> None:
    assert whole_number_problems("seed", "x") == ["seed='x' must be a whole number."]
    assert whole_number_problems("seed", value=True) == ["seed=True must be a whole number."]
    assert whole_number_problems("n", 0, least=1) == ["n=0 must be at least 1."]
    assert whole_number_problems("n", 1, least=1) == seconds_problems(2.5) == seconds_problems(None) == []


def test_a_tables_name_is_text() -> None:
    with pytest.raises(InvalidInputError, match="ledger table name is a NoneType; give it as text"):
        TableName.parse(NO, role="ledger table")


def test_a_table_operation_tells_all_of_them(ledger_session: Callable[..., FakeSession]) -> None:
    session = ledger_session()
    wrong: Any = {"into": None, "chunk_rows": 2.5, "timeout": "3", "budget": 2}
    with pytest.raises(InvalidInputError) as raised:
        TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6").classify_table("T", **wrong)
    assert len(raised.value.problems) == 4
    assert all(text.startswith(("DESCRIBE", "SHOW", "SELECT")) for text in session.texts())


def test_an_evaluation_is_on_a_training_set() -> None:
    models: Any = []
    wrong: Any = {"on": "FT", "seed": "x", "timeout": "3", "budget": 2}
    with pytest.raises(InvalidInputError, match=r"on= must be a TrainingSet, not a str") as raised:
        evaluate({}, **wrong)
    assert len(raised.value.problems) == 4
    with pytest.raises(InvalidInputError, match="The classifiers are a list"):
        evaluate(models, **wrong)


def test_a_file_has_a_name() -> None:
    session = FakeSession()
    with pytest.raises(InvalidInputError, match="path= is a NoneType"):
        load_tickets(session, NO, table="T")
    assert session.sent == []


def test_one_error_alone_stays_what_it_is_and_nothing_added_changes_that() -> None:
    class SpecialError(InvalidInputError):
        pass

    problems = Problems()
    with problems:
        raise SpecialError("one")
    problems.add([])
    with pytest.raises(SpecialError):
        problems.require_none()
    problems.add(["two"])
    with pytest.raises(InvalidInputError, match="2 problems"):
        problems.require_none()
