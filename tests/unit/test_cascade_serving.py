"""A cascade whose time or budget runs out between its runs, told by members that are told what to do."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cortex_tickets._cascading.members import Member
from cortex_tickets._cascading.serving import TableWork, classify_source, left_of
from cortex_tickets._cascading.settling import is_sure
from cortex_tickets._cascading.texts import stands
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.errors import StatementTimeoutError
from cortex_tickets.ledger.source_check import SourceCheck
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.prediction import Outcome, Prediction
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession
from known_certificate import certificate

CERTIFICATE = certificate(reference="teacher", gold_table=None, threshold=0.6)


def run_of(model: str, classifier_hash: str, **changes: Any) -> TableRun:
    made: dict[str, Any] = {
        "run_id": f"run of {model}",
        "source": "T",
        "into": "DB.S.L",
        "classifier_hash": classifier_hash,
        "model": model,
        "state": RunState.COMPLETE,
        "n_rows": 10,
        "n_tickets": 10,
        "n_left": 0,
        "n_by_outcome": {"valid": 10},
        "n_texts_asked": 10,
        "input_tokens": 100,
        "output_tokens": 0,
        "ai_credits": 1.0,
        "ai_credits_counted": 1.0,
        "seconds": 1.0,
        "started_at": datetime(2026, 11, 25, tzinfo=UTC),
        "query_tag": f"tag of {model}",
    }
    return TableRun(**{**made, **changes})


class Told:
    """A classifier that returns the run it is told, and may take its time."""

    def __init__(self, run: TableRun, then: Callable[[], None] = lambda: None) -> None:
        self.model, self.budgets, self._run, self._then = run.model, list[Budget | None](), run, then
        self.operation = SimpleNamespace(specification=dict)

    def classify_table(self, _: Any, *, budget: Budget | None = None, **_options: Any) -> TableRun:
        self.budgets.append(budget)
        self._then()
        return self._run


def work(student: Told, teacher: Told, budget: Budget | None = None) -> TableWork:
    source = TicketSource(table="T", customer_name=None)
    return TableWork(
        CERTIFICATE,
        cast("Member", student),
        cast("Member", teacher),
        SourceCheck(source, 10, ()),
        TableName.parse("DB.S.L"),
        budget,
        25_000,
        progress=False,
    )


def session(n_uncertain: int, *counted: tuple[str | None, str | None, int]) -> FakeSession:
    made = FakeSession()
    made.answer("^SELECT COUNT", [{"N": n_uncertain}])
    rows = [{"OUTCOME": outcome, "ANSWERED_BY": by, "N": n} for outcome, by, n in counted]
    made.answer("AND L.CLASSIFIER_HASH", rows)
    return made


def test_time_that_is_over_after_the_student_leaves_the_rest() -> None:
    clock = FakeClock()
    student = Told(run_of("small", "s" * 64), lambda: clock.sleep(100))
    teacher = Told(run_of("large", "t" * 64))
    client = CortexClient(session(4, (None, None, 10)), clock=clock).within(60)
    run = classify_source(client, work(student, teacher))
    assert (run.state, run.reason, run.n_left, run.n_tickets) == (RunState.INCOMPLETE, "the timeout is over", 10, 10)
    assert teacher.budgets == []
    assert run.n_texts_asked == 10
    assert run.seconds == 100


def test_a_time_limit_that_is_the_accounts_is_raised() -> None:
    def stopped() -> None:
        raise StatementTimeoutError("Statement reached its statement timeout")

    student, teacher = Told(run_of("small", "s" * 64)), Told(run_of("large", "t" * 64), stopped)
    with pytest.raises(StatementTimeoutError):
        classify_source(CortexClient(session(4)), work(student, teacher))


def test_the_teacher_gets_what_the_student_left_of_the_budget() -> None:
    clock = FakeClock()
    student = Told(run_of("small", "s" * 64))
    stopped = run_of("large", "t" * 64, state=RunState.INCOMPLETE, reason="the budget", n_texts_left=3, ai_credits=None)
    teacher = Told(stopped, lambda: clock.sleep(100))
    counted = (("valid", "small", 6), ("error", "large", 1), (None, None, 3))
    client = CortexClient(session(4, *counted), clock=clock).within(60)
    run = classify_source(client, work(student, teacher, Budget(ai_credits=5)))
    assert teacher.budgets == [Budget(ai_credits=4)]
    assert (run.reason, run.n_left, run.n_by_model) == ("large: the budget", 3, {"small": 6})
    assert run.n_by_outcome == {"valid": 6, "error": 1}
    assert (run.ai_credits, run.ai_credits_counted, run.input_tokens) == (None, 2.0, 200)
    assert (run.n_texts_asked, run.n_texts_left) == (20, 3)
    assert run.further_query_tags == ("tag of small",)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({}, 1.0),
        ({"ai_credits_counted": 1.5}, 0.5),
        ({"ai_credits_counted": None}, 1.0),
        ({"ai_credits_counted": None, "ai_credits": None}, 1e-12),
        ({"ai_credits_counted": 3.0}, 1e-12),
    ],
)
def test_what_is_left_of_a_budget_is_never_more_than_is_known_to_be_left(changes: dict[str, Any], left: float) -> None:
    assert left_of(Budget(ai_credits=2), run_of("small", "s", **changes)) == Budget(ai_credits=left)
    assert left_of(None, run_of("small", "s", **changes)) is None


@pytest.mark.parametrize(
    ("outcome", "probability", "is_answered"),
    [
        (Outcome.VALID, 0.6, True),
        (Outcome.REPAIRED, 0.7, True),
        (Outcome.VALID, 0.599, False),
        (Outcome.VALID, None, False),
        (Outcome.ABSTAINED, 0.99, False),
        (Outcome.ERROR, None, False),
        (Outcome.BLANK, None, True),
    ],
)
def test_a_students_answer_stands_where_it_is_a_label_and_sure(
    outcome: Outcome,
    probability: float | None,
    is_answered: bool,  # noqa: FBT001  a parametrized value
) -> None:
    answer = Prediction(label="A", outcome=outcome, probability=probability, classifier_hash="s")
    assert stands(answer, 0.6) is is_answered


def test_the_rule_in_sql_names_the_same_outcomes() -> None:
    assert is_sure("O", "P", 0.6) == "COALESCE(O IN ('valid', 'repaired') AND P >= 0.6::FLOAT, FALSE)"
