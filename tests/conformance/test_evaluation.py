"""Evaluating models of the real tickets on the embedded engine, from labels to the report."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from cortex_tickets import (
    Budget,
    IncompleteRunError,
    InvalidInputError,
    RequirementError,
    TicketClassifier,
    TrainingSet,
    TrainingSetBuilder,
    load_gold,
    load_tickets,
    samples,
)
from cortex_tickets.evaluation import BASELINE_NAME, Evaluation, evaluate
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.testing import FakeClock

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


@pytest.fixture(scope="module")
def schema(shared_session: Any) -> str:
    name = f"T_{uuid4().hex[:12].upper()}"
    shared_session.sql(f"CREATE SCHEMA {name}").collect()
    return name


@pytest.fixture
def session(shared_session: Any, schema: str) -> Any:
    # Making the training set takes most of the time, so the tests of this file share one.
    shared_session.use_schema(schema)
    return shared_session


@pytest.fixture(scope="module")
def teacher(shared_session: Any) -> TicketClassifier:
    return TicketClassifier(shared_session, labels=LABELS, model="claude-sonnet-4-6")


@pytest.fixture
def base(session: Any, request: pytest.FixtureRequest) -> TicketClassifier:
    # A prompt of its own for each test, so that no test finds the answers that another one paid for.
    prompt = ClassificationPrompt.rich(LABELS, instructions=f"Label the ticket ({request.node.name}).")
    return TicketClassifier(session, labels=LABELS, model="llama3.1-8b", prompt=prompt)


@pytest.fixture(scope="module")
def training_set(shared_session: Any, schema: str, teacher: TicketClassifier) -> TrainingSet:
    shared_session.use_schema(schema)
    load_tickets(shared_session, samples.support_tickets(), table="SUPPORT_TICKETS")
    load_gold(shared_session, samples.gold_labels(), table="TICKET_GOLD")
    run = teacher.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS")
    return TrainingSetBuilder(shared_session, seed=7, clock=FakeClock()).build(
        "SUPPORT_TICKETS", into="TICKETS_FT", labels=run, gold="TICKET_GOLD"
    )


def without_times(evaluation: Evaluation) -> dict[str, Any]:
    content = evaluation.model_dump(exclude={"created_at"})
    for score in content["scores"]:
        del score["seconds"], score["n_texts_asked"]
    return content


def test_models_are_measured_and_paid_for_answers_are_not_bought_again(
    session: Any, teacher: TicketClassifier, base: TicketClassifier, training_set: TrainingSet
) -> None:
    found = evaluate({"teacher": teacher, "base": base}, on=training_set)
    assert [score.name for score in found.scores] == ["teacher", "base", BASELINE_NAME]
    assert found.teacher == "teacher"
    assert found.n_tickets == found.n_gold == training_set.n_test
    assert found.score("teacher").n_texts_asked == 0
    assert found.score("base").n_texts_asked == found.n_texts
    for score in found.scores:
        assert score.accuracy is not None
        assert 0 <= score.accuracy.low <= score.accuracy.value <= score.accuracy.high <= 1
        assert score.accuracy.low < score.accuracy.high
        assert sum(score.outcomes.values()) == pytest.approx(1)
    teacher_row = found.score("teacher")
    assert teacher_row.ai_credits_per_1000 is not None
    assert teacher_row.input_tokens_per_ticket is not None
    rows = session.sql(
        f"SELECT SUM(INPUT_TOKENS) FROM TICKET_LABELS WHERE CLASSIFIER_HASH = '{teacher.classifier_hash}' "
        f"AND TEXT_HASH IN (SELECT TEXT_HASH FROM ({training_set.rows_query()}) WHERE SPLIT = 'test')"
    ).collect()
    assert teacher_row.input_tokens_per_ticket == pytest.approx(int(rows[0][0]) / found.n_tickets)


def test_few_easy_tickets_and_the_label_that_none_has_are_told(
    teacher: TicketClassifier, base: TicketClassifier, training_set: TrainingSet
) -> None:
    told = str(evaluate({"teacher": teacher, "base": base}, on=training_set))
    assert "are too few to tell" in told
    assert f"{training_set.n_test} easy test tickets" in told
    assert "Lost phone is not in the test split's gold" in told
    assert "intervals and tests go by group" in told


def test_the_same_again_gives_the_same_figures(
    teacher: TicketClassifier, base: TicketClassifier, training_set: TrainingSet
) -> None:
    first = evaluate({"teacher": teacher, "base": base}, on=training_set)
    second = evaluate({"teacher": teacher, "base": base}, on=training_set)
    assert without_times(first) == without_times(second)
    assert second.score("base").n_texts_asked == 0


def test_the_report_is_a_page_and_figures_that_read_back(
    tmp_path: Path, teacher: TicketClassifier, training_set: TrainingSet
) -> None:
    found = evaluate({"teacher": teacher}, on=training_set)
    found.save(tmp_path / "report.html")
    found.save(tmp_path / "report.json")
    assert "Accuracy against gold" in (tmp_path / "report.html").read_text()
    assert Evaluation.model_validate_json((tmp_path / "report.json").read_text()) == found


def test_gates_compare_bounds(teacher: TicketClassifier, base: TicketClassifier, training_set: TrainingSet) -> None:
    found = evaluate({"teacher": teacher, "base": base}, on=training_set, baseline=False)
    found.require(accuracy={"teacher": 0.5})
    with pytest.raises(RequirementError, match="lower bound below it"):
        found.require(no_worse_than={"base": ("teacher", 0.02)})


def test_a_budget_that_is_too_small_says_so_and_the_next_run_goes_on(
    base: TicketClassifier, teacher: TicketClassifier, training_set: TrainingSet
) -> None:
    with pytest.raises(IncompleteRunError, match="base: the budget"):
        evaluate({"teacher": teacher, "base": base}, on=training_set, budget=Budget(ai_credits=1e-9))
    found = evaluate({"base": base}, on=training_set, budget=Budget(ai_credits=1e-9), allow_incomplete=True)
    assert found.score("base").outcomes == {"unanswered": 1.0}
    assert found.score("base").ai_credits_per_1000 is None
    assert found.teacher == "teacher (stored)"
    assert evaluate({"base": base}, on=training_set, budget=Budget(ai_credits=1)).score("base").n_texts_asked


def test_other_labels_are_refused_before_anything_is_asked(session: Any, training_set: TrainingSet) -> None:
    other = TicketClassifier(session, labels=LABELS[:3], model="llama3.1-8b")
    with pytest.raises(InvalidInputError, match="lacks Add new line, Closing account"):
        evaluate({"other": other}, on=training_set)
