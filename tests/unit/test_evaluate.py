"""`evaluate` on a fake session: what is asked of classifiers, how each figure is counted, what may be concluded."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture

from cortex_tickets._cortex.ticket_key import ticket_key
from cortex_tickets.errors import (
    IncompleteRunError,
    InvalidInputError,
    MissingExtraError,
    ObjectNotFoundError,
    RequirementError,
)
from cortex_tickets.evaluation import BASELINE_NAME, Evaluable, Evaluation, evaluate
from cortex_tickets.progress import RowListener
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import Budget, ModelPrice
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.session import Session
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement
from cortex_tickets.training_set import TrainingSet, TrainingSetReport
from known_certificate import certificate

LABELS = ["Roaming fees", "Lost phone", "Add new line"]
NOW = datetime(2026, 11, 23, tzinfo=UTC)
TICKET_TEXT = "<script>alert('roaming')</script> charged"


def training_set(**changes: Any) -> TrainingSet:
    report = TrainingSetReport(
        n_tickets=9,
        n_texts=9,
        n_groups=9,
        largest_group=1,
        labels=(),
        dropped={},
        split_groups={},
        missing_labels=(),
        teacher_agreement=None,
        n_gold=0,
    )
    given: dict[str, Any] = {
        "id": "ab" * 32,
        "table": "DB.S.FT",
        "prompt": ClassificationPrompt.short(LABELS),
        "seed": 7,
        "teacher_hash": "t" * 64,
        "teacher_model": "claude-sonnet-4-6",
        "labels_table": "DB.S.TICKET_LABELS",
        "gold_table": "DB.S.GOLD",
        "n_training": 6,
        "n_validation": 1,
        "n_test": 4,
        "report": report,
        "created_at": NOW,
    }
    return TrainingSet(**{**given, **changes})


@dataclass
class FakeClassifier:
    session: Session
    model: str = "claude-sonnet-4-6"
    classifier_hash: str = "t" * 64
    labels: LabelSet = field(default_factory=lambda: LabelSet.of(LABELS))
    is_tuned: bool = False
    price: ModelPrice | None = field(default_factory=lambda: ModelPrice(input=2.0, output=10.0))
    state: RunState = RunState.COMPLETE
    ai_credits: float | None = 0.25
    seconds: float = 3.0
    calls: list[dict[str, Any]] = field(default_factory=list)
    clock: FakeClock | None = None

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        chunk_rows: int = 0,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        given = {"source": source, "into": into, "budget": budget, "timeout": timeout, "progress": progress}
        self.calls.append({**given, "chunk_rows": chunk_rows})
        if self.clock is not None:
            self.clock.sleep(self.seconds)
        return TableRun(
            run_id="run1",
            source=str(source),
            into=into,
            classifier_hash=self.classifier_hash,
            model=self.model,
            state=self.state,
            reason=None if self.state is RunState.COMPLETE else "the budget would be crossed",
            n_rows=4,
            n_tickets=4,
            n_left=0 if self.state is RunState.COMPLETE else 2,
            n_by_outcome={"valid": 4},
            n_texts_asked=4,
            input_tokens=400,
            output_tokens=20,
            ai_credits=self.ai_credits,
            seconds=self.seconds,
            started_at=NOW,
        )


@dataclass(frozen=True)
class Said:
    label: str | None
    outcome: str | None = "valid"
    tokens: tuple[int, int] | None = (100, 5)
    probability: float | None = None


def ticket(
    number: int,
    gold: str | None,
    *said: Said,
    text: str | None = None,
    group: str | None = None,
    source: str | None = "random_sample",
    stored: str | None = None,
) -> dict[str, Any]:
    words = text if text is not None else f"{gold or 'nothing'} {number}"
    row: dict[str, Any] = {
        "TICKET_ID": f"TR{number}",
        "TEXT_HASH": hashlib.sha256(words.encode()).hexdigest(),
        "GROUP_ID": group or f"g{number}",
        "LABEL": stored,
        "OUTCOME": "valid" if stored else None,
        "GOLD_LABEL": gold,
        "GOLD_SOURCE": source if gold else None,
        "TEXT": words,
    }
    for place, answer in enumerate(said):
        row[f"LABEL_{place}"] = answer.label
        row[f"OUTCOME_{place}"] = answer.outcome
        row[f"INPUT_TOKENS_{place}"] = answer.tokens[0] if answer.tokens else None
        row[f"OUTPUT_TOKENS_{place}"] = answer.tokens[1] if answer.tokens else None
        row[f"PROBABILITY_{place}"] = answer.probability
    return row


PAIRS = [{"TEXT": f"{label} please {number}", "COMPLETION": label} for label in LABELS for number in range(4)]


def session_with(rows: Sequence[Mapping[str, Any]]) -> FakeSession:
    session = FakeSession()
    session.answer("WITH T AS", rows)
    session.answer("SELECT TEXT, COMPLETION", PAIRS)
    return session


def measured(rows: Sequence[Mapping[str, Any]], n_models: int = 1, *, baseline: bool = False, **on: Any) -> Evaluation:
    session = session_with(rows)
    models = {
        name: FakeClassifier(session, classifier_hash=key * 64, is_tuned=name == "student")
        for name, key in (("teacher", "t"), ("student", "s"), ("other", "o"))[:n_models]
    }
    return evaluate(models, on=training_set(**on), baseline=baseline, clock=FakeClock())


PRICES = ModelPrice(input=0.05, output=0.0), ModelPrice(input=2.0, output=10.0)
CERTIFICATE = certificate(attempts_table="DB.S.CERTIFICATES")
A, B, C = (Said(label) for label in LABELS)


def test_the_test_split_is_labelled_into_the_ledger_of_the_labels() -> None:
    session = session_with([ticket(1, LABELS[0], A)])
    teacher = FakeClassifier(session)
    evaluate({"teacher": teacher}, on=training_set(), baseline=False)
    (call,) = teacher.calls
    assert call["into"] == "DB.S.TICKET_LABELS"
    assert (call["source"].id, call["source"].text) == ("TICKET_ID", "TEXT")
    assert "SPLIT = 'test'" in call["source"].query
    (statement,) = session.texts()
    assert "AI_COMPLETE" not in statement
    assert "T.TEXT," not in statement  # texts stay where they are without the baseline


def test_without_a_ledger_it_has_one_of_its_own() -> None:
    session = session_with([ticket(1, LABELS[0], A)])
    teacher = FakeClassifier(session)
    evaluate({"teacher": teacher}, on=training_set(labels_table=None), baseline=False)
    assert teacher.calls[0]["into"] == "DB.S.FT_EVALUATION"


def test_the_budget_and_the_time_are_shared() -> None:
    clock = FakeClock()
    session = session_with([ticket(1, LABELS[0], A, A, A)])
    models = {
        "teacher": FakeClassifier(session, clock=clock),
        "student": FakeClassifier(session, classifier_hash="s", model="TUNED", ai_credits=None, clock=clock),
        "other": FakeClassifier(session, classifier_hash="o", clock=clock),
    }
    evaluate(models, on=training_set(), budget=Budget(ai_credits=0.2502), timeout=10.0, baseline=False, clock=clock)
    budgets = [model.calls[0]["budget"].ai_credits for model in models.values()]
    assert budgets[:2] == [0.2502, pytest.approx(0.0002)]
    assert 0 < budgets[2] <= 1e-12  # an unknown price counts as the dearest one
    assert [model.calls[0]["timeout"] for model in models.values()] == [10.0, 7.0, 4.0]


def test_each_model_is_asked_in_statements_of_so_many_texts() -> None:
    session = session_with([ticket(1, LABELS[0], A, A)])
    models = {name: FakeClassifier(session, classifier_hash=name * 64) for name in ("t", "s")}
    evaluate(models, on=training_set(), baseline=False, chunk_rows=25)
    evaluate(models, on=training_set(), baseline=False)
    assert [[call["chunk_rows"] for call in model.calls] for model in models.values()] == [[25, 25_000]] * 2
    with pytest.raises(InvalidInputError, match="chunk_rows=0 must be at least 1"):
        evaluate(models, on=training_set(), chunk_rows=0)


def test_a_budget_of_platform_credits_limits_no_labelling() -> None:
    session = session_with([ticket(1, LABELS[0], A)])
    teacher = FakeClassifier(session)
    evaluate({"teacher": teacher}, on=training_set(), baseline=False, budget=Budget(platform_credits=1))
    assert teacher.calls[0]["budget"] == Budget(platform_credits=1, unknown_price="dearest_listed")


def test_an_incomplete_run_is_an_error_unless_it_is_asked_for() -> None:
    session = session_with([ticket(1, LABELS[0], A), ticket(2, LABELS[0], Said(None, None, None))])
    teacher = FakeClassifier(session, state=RunState.INCOMPLETE)
    with pytest.raises(
        IncompleteRunError, match=r"teacher: the budget would be crossed\)\. Call evaluate\(\.\.\.\) again"
    ):
        evaluate({"teacher": teacher}, on=training_set(), baseline=False)
    found = evaluate({"teacher": teacher}, on=training_set(), baseline=False, allow_incomplete=True)
    assert found.scores[0].outcomes == {"valid": 0.5, "unanswered": 0.5}
    assert found.scores[0].accuracy is not None
    assert found.scores[0].accuracy.value == 0.5
    assert "not answered by an incomplete run" in str(found)


def test_every_outcome_without_a_label_counts_as_wrong() -> None:
    lost = [Said(None, outcome, None) for outcome in ("off_label", "error", "blank", "refused")]
    rows = [ticket(number, LABELS[0], answer) for number, answer in enumerate([A, *lost])]
    score = measured(rows).scores[0]
    assert score.accuracy is not None
    assert (score.accuracy.value, score.accuracy.count, score.accuracy.n_tickets) == (0.2, 1, 5)
    assert (score.off_label_rate, score.error_rate) == (0.2, 0.2)
    assert score.confusion is not None
    assert score.confusion.columns == (*LABELS, "off_label", "blank", "refused", "error")
    assert score.confusion.counts[0] == (1, 0, 0, 1, 1, 1, 1)


def test_an_abstention_stands_in_the_column_of_its_label() -> None:
    rows = [
        ticket(1, "Lost phone", Said("Lost phone", "abstained")),
        ticket(2, LABELS[0], Said("Lost phone", "abstained")),
    ]
    found = measured(rows)
    assert found.confusion("teacher").columns == tuple(LABELS)
    assert found.confusion("teacher").counts == ((0, 1, 0), (0, 1, 0), (0, 0, 0))
    assert found.confusion("teacher").confused() == [("Roaming fees", "Lost phone", 1)]
    assert "gold / said" in str(found.confusion("teacher"))
    assert found.scores[0].outcomes == {"abstained": 1.0}


def test_only_gold_of_a_random_sample_is_accuracy() -> None:
    rows = [ticket(1, LABELS[0], A), ticket(2, LABELS[0], B, source="correction"), ticket(3, None, B)]
    found = measured(rows)
    assert found.n_gold == 1
    assert found.scores[0].accuracy is not None
    assert found.scores[0].accuracy.n_tickets == 1
    assert any("1 corrections are no random sample" in note for note in found.notes)
    assert any("1 of 3 test tickets have gold" in note for note in found.notes)


def test_without_gold_there_is_agreement_and_no_accuracy() -> None:
    found = measured([ticket(1, None, A, A), ticket(2, None, A, B)], n_models=2)
    assert [score.accuracy for score in found.scores] == [None, None]
    assert [score.macro_f1 for score in found.scores] == [None, None]
    student = found.score("student")
    assert student.agreement is not None
    assert student.agreement.value == 0.5
    assert found.score("teacher").agreement is None
    assert found.comparisons == ()
    assert "no accuracy can be stated" in found.verdict[0]
    with pytest.raises(InvalidInputError, match="nothing can be confused"):
        found.confusion("student")
    with pytest.raises(InvalidInputError, match="cannot be compared"):
        found.compare("teacher", "student")
    with pytest.raises(RequirementError) as raised:
        found.require(accuracy={"student": 0.5}, no_worse_than={"student": ("teacher", 0.1)})
    assert len(raised.value.failures) == 2
    assert "Agreement with the teacher (no gold" in found.report().page()


def test_the_teacher_is_known_by_its_hash_or_by_name() -> None:
    rows = [ticket(1, LABELS[0], A, B)]
    assert measured(rows, 2).teacher == "teacher"
    session = session_with(rows)
    models = {"one": FakeClassifier(session, classifier_hash="1"), "two": FakeClassifier(session, classifier_hash="2")}
    found = evaluate(models, on=training_set(), teacher="two", baseline=False)
    assert found.teacher == "two"
    assert [score.role for score in found.scores] == ["base", "teacher"]


def test_the_teachers_stored_labels_stand_in_where_it_is_not_among_the_models() -> None:
    session = session_with([ticket(1, LABELS[0], B, stored=LABELS[0]), ticket(2, LABELS[0], A, stored=LABELS[0])])
    found = evaluate({"student": FakeClassifier(session, classifier_hash="s")}, on=training_set(), baseline=False)
    assert [score.name for score in found.scores] == ["teacher (stored)", "student"]
    stored, student = found.scores
    assert stored.accuracy is not None
    assert stored.accuracy.value == 1.0
    assert (stored.ai_credits_per_1000, stored.n_texts_asked) == (None, None)
    assert student.agreement is not None
    assert student.agreement.value == 0.5


def test_without_any_teacher_there_is_no_agreement() -> None:
    session = session_with([ticket(1, LABELS[0], B)])
    found = evaluate({"student": FakeClassifier(session, classifier_hash="s")}, on=training_set(), baseline=False)
    assert found.teacher is None
    assert (found.scores[0].agreement, found.scores[0].kappa) == (None, None)


def test_tokens_are_spread_over_the_tickets_that_share_a_text() -> None:
    rows = [
        ticket(1, LABELS[0], Said(LABELS[0], "valid", (120, 6)), text="same", group="g"),
        ticket(2, LABELS[0], Said(LABELS[0], "valid", (120, 6)), text="same", group="g"),
        ticket(3, LABELS[0], Said(LABELS[0], "valid", (60, 3))),
    ]
    score = measured(rows).scores[0]
    assert score.n_texts == 2
    assert (score.input_tokens_per_ticket, score.output_tokens_per_ticket) == (60.0, 3.0)
    assert (score.input_tokens_per_text, score.output_tokens_per_text) == (90.0, 4.5)
    # (180 * 2 + 9 * 10) / 1e6 credits for 3 tickets
    assert score.ai_credits_per_1000 == pytest.approx((180 * 2 + 9 * 10) / 1e6 / 3 * 1000)


@dataclass
class FakeCascade(FakeClassifier):
    student: FakeClassifier = field(kw_only=True)
    teacher: FakeClassifier = field(kw_only=True)
    certificate: Certificate | None = CERTIFICATE


def of_cascade(
    rows: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str] | None = (),
    prices: tuple[ModelPrice | None, ...] = PRICES,
) -> Evaluation:
    """Return an evaluation of a teacher and a cascade; a row's answers are theirs, then the student's, the teacher's.

    Args:
        rows: The test split.
        keys: Tickets that chose the threshold; `None` where the table of attempts is gone.
        prices: The student's and the teacher's.
    """
    session = session_with(rows)
    if keys is not None:
        session.answer("SELECT TICKET_KEYS", [{"TICKET_KEYS": json.dumps(list(keys))}])
    else:
        session.answer("SELECT TICKET_KEYS", ObjectNotFoundError("no such table"))
    teacher = FakeClassifier(session, price=prices[1])
    student = FakeClassifier(session, classifier_hash="s" * 64, model="small", is_tuned=True, price=prices[0])
    cascade = FakeCascade(
        session,
        student=student,
        teacher=teacher,
        model="small, claude-sonnet-4-6",
        classifier_hash="c" * 64,
        is_tuned=True,
        price=None,
    )
    return evaluate({"teacher": teacher, "cascade": cascade}, on=training_set(), baseline=False, clock=FakeClock())


SURE = Said(LABELS[0], probability=0.9)
SMALL = Said(LABELS[0], "valid", (10, 0), 0.9)
UNSURE = Said(LABELS[1], "valid", (10, 0), 0.2)
WRITTEN_DOWN = Said(LABELS[0], "valid", None)
"""The cascade's own row of a ticket that the teacher answered: nothing was asked for it."""


def test_a_cascade_costs_what_both_are_asked_for_its_tickets() -> None:
    own = replace(SURE, tokens=None)
    rows = [
        ticket(1, LABELS[0], A, own, SMALL, A),
        ticket(2, LABELS[0], A, own, SMALL, A),
        ticket(3, LABELS[0], A, WRITTEN_DOWN, UNSURE, A),
        ticket(4, LABELS[0], A, Said(None, "blank", None), Said(None, "blank", None), Said(None, "blank", None)),
    ]
    found = of_cascade(rows)
    score = found.score("cascade")
    # The teacher's labels of the other tickets stand in the ledger, too; the cascade asked for one of them.
    assert score.share_escalated == 0.25
    assert score.n_texts == 3
    assert (score.input_tokens_per_ticket, score.output_tokens_per_ticket) == ((30 + 100) / 4, 5 / 4)
    assert score.input_tokens_per_text == pytest.approx(130 / 3)
    spent = (30 * 0.05 + 100 * 2 + 5 * 10) / 1e6
    assert score.ai_credits_per_1000 == pytest.approx(spent / 4 * 1000)
    assert found.score("teacher").share_escalated is None
    told = str(found)
    assert "escalated" in told.splitlines()[1]
    assert "25.0%" in told
    assert ">25.0%<" in found.report().page()
    assert '"share_escalated":0.25' in found.model_dump_json()


def test_the_volume_from_which_a_cascade_pays() -> None:
    found = of_cascade([ticket(1, LABELS[0], A, SURE, SMALL, A), ticket(2, LABELS[0], A, SURE, SMALL, A)])
    cascade, teacher = (found.score(name).ai_credits_per_1000 for name in ("cascade", "teacher"))
    assert cascade is not None
    assert teacher is not None
    pays = found.break_even("cascade", training_dollars=12, months_in_use=6)
    saved = (teacher - cascade) * found.dollars_per_ai_credit
    assert pays.tickets_per_month == pytest.approx(12 / 6 / saved * 1000)


def test_a_cascade_that_asked_its_teacher_nothing_costs_what_its_student_does() -> None:
    score = of_cascade([ticket(1, LABELS[0], A, SURE, SMALL, A)], prices=(PRICES[0], None)).score("cascade")
    assert score.ai_credits_per_1000 == pytest.approx(10 * 0.05 / 1e6 * 1000)
    assert score.share_escalated == 0


def test_a_cascades_cost_is_unknown_where_one_of_both_is() -> None:
    found = of_cascade([ticket(1, LABELS[0], A, WRITTEN_DOWN, UNSURE, A)], prices=(None, PRICES[1]))
    assert found.score("cascade").ai_credits_per_1000 is None
    assert "to a cascade's student and teacher" in str(found)


def test_what_chose_the_threshold_measures_nothing_and_meets_no_gate() -> None:
    rows = [ticket(number, LABELS[0], A, SURE, SMALL, A, group=f"g{number // 2}") for number in range(200)]
    keys = [ticket_key(rows[number]["TICKET_ID"], rows[number]["TEXT_HASH"]) for number in (0, 2)]
    found = of_cascade(rows, keys=keys)
    assert found.score("cascade").n_calibration_tickets == 4  # near-copies chose it, too
    assert any("cascade chose its threshold on 4 of these tickets" in note for note in found.notes)
    with pytest.raises(RequirementError) as raised:
        found.require(accuracy={"cascade": 0.5}, no_worse_than={"cascade": ("teacher", 0.5)})
    assert [line.count("4 of these tickets chose the threshold of cascade") for line in raised.value.failures] == [1, 1]
    with pytest.raises(RequirementError, match="chose the threshold of cascade"):
        found.require(no_worse_than={"teacher": ("cascade", 0.5)})
    found.require(accuracy={"teacher": 0.5})


def test_other_tickets_measure_a_cascade() -> None:
    found = of_cascade([ticket(number, LABELS[0], A, SURE, SMALL, A) for number in range(200)], keys=["another"])
    assert found.score("cascade").n_calibration_tickets == 0
    assert "threshold" not in " ".join(found.notes)
    found.require(accuracy={"cascade": 0.5})


def test_a_threshold_that_nobody_knows_the_choice_of_is_told() -> None:
    found = of_cascade([ticket(1, LABELS[0], A, SURE, SMALL, A)], keys=None)
    assert found.score("cascade").n_calibration_tickets is None
    assert any("It is not known whether cascade chose its threshold on some" in note for note in found.notes)


def test_many_groups_of_which_a_few_are_large_are_few() -> None:
    rows = [ticket(number, LABELS[0], A, B if number % 9 else A) for number in range(150)]
    rows += [ticket(1000 + number, LABELS[0], A, A, group=f"large {number % 3}") for number in range(120)]
    found = measured(rows, n_models=2)
    assert found.comparisons[0].n_groups == 153
    assert found.comparisons[0].n_equal_groups == pytest.approx(270**2 / (150 + 3 * 40**2))
    assert "in 153 groups, which tell as much as 15 of equal size, are too few to tell most models apart" in str(found)


def test_unknown_cost_is_not_zero() -> None:
    rows = [ticket(1, LABELS[0], A)]
    session = session_with(rows)
    found = evaluate({"student": FakeClassifier(session, price=None)}, on=training_set(), baseline=False)
    assert found.scores[0].ai_credits_per_1000 is None
    assert "unknown" in str(found)
    assert any("Cost is unknown, not 0, for student" in note for note in found.notes)
    untold = measured([ticket(1, LABELS[0], Said(LABELS[0], "valid", None)), ticket(2, LABELS[0], A)]).scores[0]
    assert (untold.input_tokens_per_ticket, untold.ai_credits_per_1000) == (None, None)


def test_the_label_that_no_ticket_has_is_told_with_what_it_does_to_macro_f1() -> None:
    found = measured([ticket(1, LABELS[0], A), ticket(2, LABELS[2], C)])
    score = found.scores[0]
    assert [label.support for label in score.labels] == [1, 0, 1]
    assert (score.labels[1].precision, score.labels[1].recall, score.labels[1].f1) == (None, None, None)
    assert score.macro_f1 == 1.0
    assert any("Lost phone is not in the test split's gold" in note and "0.667" in note for note in found.notes)


def test_gold_outside_the_label_set_is_told_and_wrong() -> None:
    found = measured([ticket(1, "Stolen car", A), ticket(2, LABELS[0], A)])
    assert found.labels == (*LABELS, "Stolen car")
    assert found.scores[0].accuracy is not None
    assert found.scores[0].accuracy.value == 0.5
    assert any("outside the label set" in note for note in found.notes)


def test_the_linear_baseline_learns_from_training_rows_only() -> None:
    rows = [ticket(number, label, A, text=f"{label} {number}") for number, label in enumerate(LABELS)]
    rows.append(ticket(9, LABELS[0], A, text=" "))
    session = session_with(rows)
    found = evaluate({"teacher": FakeClassifier(session)}, on=training_set(), clock=FakeClock())
    baseline = found.scores[-1]
    assert (baseline.name, baseline.role, baseline.ai_credits_per_1000) == (BASELINE_NAME, "baseline", 0.0)
    assert baseline.accuracy is not None
    assert baseline.accuracy.count == 3
    assert baseline.outcomes == {"valid": 0.75, "blank": 0.25}
    (read, learned) = session.texts()
    assert "T.TEXT," in read
    assert "SPLIT = 'training'" in learned
    assert "DROPPED IS NULL" in learned
    again = evaluate({"teacher": FakeClassifier(session_with(rows))}, on=training_set(), clock=FakeClock())
    assert again.scores[-1].accuracy == baseline.accuracy


@pytest.mark.parametrize("pairs", [[], PAIRS[:4]])
def test_a_baseline_with_one_label_or_none_does_not_fail(pairs: list[dict[str, str]]) -> None:
    session = session_with([ticket(1, LABELS[0], A)])
    session.answer("SELECT TEXT, COMPLETION", pairs)
    found = evaluate({"teacher": FakeClassifier(session)}, on=training_set())
    accuracy = found.score(BASELINE_NAME).accuracy
    assert accuracy is not None
    assert accuracy.value == (1.0 if pairs else 0.0)


def test_without_scikit_learn_nothing_is_billed(mocker: MockerFixture) -> None:
    session = session_with([ticket(1, LABELS[0], A)])
    teacher = FakeClassifier(session)
    mocker.patch("cortex_tickets._evaluation.baseline.find_spec", return_value=None)
    with pytest.raises(MissingExtraError, match="evaluate"):
        evaluate({"teacher": teacher}, on=training_set())
    assert (teacher.calls, session.sent) == ([], [])
    evaluate({"teacher": teacher}, on=training_set(), baseline=False)


def test_every_bad_input_is_told_at_once_and_nothing_is_sent() -> None:
    session = FakeSession()
    wrong = FakeClassifier(session, labels=LabelSet.of(["Roaming fees", "Stolen car"]), classifier_hash="w")
    models: dict[str, Any] = {
        " ": FakeClassifier(session),
        "twin": FakeClassifier(session),
        "wrong": wrong,
        "text": "no classifier",
        BASELINE_NAME: FakeClassifier(session, classifier_hash="x"),
        "teacher (stored)": FakeClassifier(session, classifier_hash="y"),
    }
    with pytest.raises(InvalidInputError) as raised:
        evaluate(models, on=training_set(n_test=0), teacher="nobody")
    told = "\n".join(raised.value.problems)
    assert len(raised.value.problems) == 8
    for part in (
        "' '",
        "'twin' and ' ' are the same classifier",
        "lacks Add new line, Lost phone and also has Stolen car",
        "'text' is a str",
        "built-in baseline's",
        "kept for the labels",
        "teacher='nobody'",
        "no test tickets",
    ):
        assert part in told
    assert session.sent == []
    assert wrong.calls == []
    with pytest.raises(InvalidInputError, match="no classifier"):
        evaluate({}, on=training_set())
    with pytest.raises(InvalidInputError, match="at most 200,000"):
        evaluate({"teacher": FakeClassifier(session)}, on=training_set(n_test=200_001))


def test_a_classifier_is_an_evaluable() -> None:
    assert isinstance(FakeClassifier(FakeSession()), Evaluable)


def rows_of(n: int, first_right: int, second_right: int, group_size: int = 1) -> list[dict[str, Any]]:
    """`n` tickets with gold A; the first model has the first ones right, the second its first ones."""
    return [
        ticket(
            number,
            LABELS[0],
            A if number < first_right else B,
            A if number < second_right else B,
            group=f"g{number // group_size}",
        )
        for number in range(n)
    ]


def test_a_comparison_is_paired_corrected_and_turns_round() -> None:
    found = measured(rows_of(40, 40, 30), n_models=2)
    comparison = found.compare("teacher", "student")
    assert comparison.difference == 0.25
    assert (comparison.n_only_first, comparison.n_only_second, comparison.method) == (10, 0, "tango")
    assert comparison.p_value == pytest.approx(2 * 0.5**10)
    assert comparison.is_significant
    turned = found.compare("student", "teacher")
    assert (turned.difference, turned.low, turned.high) == (-0.25, -comparison.high, -comparison.low)
    assert "student is 25.0 points less accurate than teacher" in str(turned)
    assert str(turned).endswith(": a difference.")
    even = measured(rows_of(40, 30, 30), n_models=2).compare("teacher", "student")
    assert "equally accurate" in str(even)


def test_copies_are_one_observation() -> None:
    found = measured(rows_of(40, 40, 30, group_size=10), n_models=2)
    comparison = found.compare("teacher", "student")
    assert comparison.p_value == 1.0  # one group of four differs
    assert comparison.method == "cluster bootstrap"
    assert comparison.low < 0 < comparison.high
    assert found.scores[0].accuracy is not None
    assert found.scores[0].accuracy.low < 0.6
    assert any("40 tickets stand in 4 groups" in note for note in found.notes)


def test_names_that_do_not_exist_are_told() -> None:
    found = measured(rows_of(10, 10, 9), n_models=2)
    with pytest.raises(InvalidInputError, match="no model 'nobody'"):
        found.score("nobody")
    with pytest.raises(InvalidInputError, match="no model 'nobody'"):
        found.compare("teacher", "nobody")
    with pytest.raises(InvalidInputError, match="with itself"):
        found.compare("teacher", "teacher")
    with pytest.raises(InvalidInputError) as raised:
        found.require(accuracy={"nobody": 2.0}, no_worse_than={"teacher": ("teacher", -1)})
    assert len(raised.value.problems) == 4
    with pytest.raises(InvalidInputError, match="Nothing is required"):
        found.require()


@pytest.mark.parametrize(
    ("gates", "words"),
    [
        ({"accuracy": {"teacher": "0.9"}}, r"accuracy\['teacher'\]='0.9' is not between 0 and 1"),
        ({"accuracy": {"teacher": True}}, r"accuracy\['teacher'\]=True is not between"),
        ({"accuracy": {"teacher": float("nan")}}, r"=nan is not between"),
        ({"accuracy": 0.9}, r"accuracy= is a float; give accuracy=\{'student': 0.9\}"),
        (
            {"no_worse_than": {"teacher": "x"}},
            r"no_worse_than\['teacher'\]='x' must be another model's name and a margin",
        ),
        ({"no_worse_than": {"teacher": ("student", "x")}}, "has the margin 'x', which is not between"),
        ({"no_worse_than": ["teacher"]}, "no_worse_than= is a list"),
    ],
)
def test_gates_that_are_no_numbers_are_told(gates: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words) as raised:
        measured(rows_of(10, 10, 9), n_models=2).require(**gates)
    assert len(raised.value.problems) == 1


def test_amounts_that_are_no_numbers_are_told() -> None:
    found = measured(rows_of(10, 10, 9), n_models=2)
    with pytest.raises(InvalidInputError) as raised:
        found.break_even("student", training_dollars="10", months_in_use="6")  # type: ignore[arg-type]  # a user's mistake
    assert [problem.split(" is ")[0] for problem in raised.value.problems] == [
        "training_dollars='10'",
        "months_in_use='6'",
    ]


def test_requirements_compare_bounds() -> None:
    found = measured(rows_of(100, 97, 95), n_models=2)
    share = found.score("teacher").accuracy
    assert share is not None
    assert share.low < 0.95 < share.value
    assert found.require(accuracy={"teacher": 0.9}, no_worse_than={"student": ("teacher", 0.1)}) is found
    with pytest.raises(RequirementError) as raised:
        found.require(accuracy={"teacher": 0.95}, no_worse_than={"student": ("teacher", 0.02)})
    accuracy, margin = raised.value.failures
    assert "measured 97.0% [91.5%, 99.0%], lower bound below it (100 tickets in 100 groups)" in accuracy
    assert "student at most 2.0 points less accurate than teacher: measured -2.0 points" in margin


def test_few_easy_tickets_are_said_to_be_too_few() -> None:
    found = measured(rows_of(25, 25, 25), n_models=2)
    assert found.verdict[0].startswith("25 easy test tickets in 25 groups are too few to tell models apart")
    assert "They are easy: student has 100.0% right." in found.verdict[0]
    assert "not told apart" in found.verdict[1]


def test_one_model_alone_is_measured_but_not_judged() -> None:
    found = measured([ticket(1, LABELS[0], A), ticket(2, LABELS[0], B)])
    assert found.scores[0].accuracy is not None
    assert found.comparisons == ()
    assert found.verdict[0].startswith("Only one model was measured")
    page = found.report().page()
    assert "Accuracy against gold" in page
    assert "Differences between models" not in page


def test_a_notebook_shows_the_report() -> None:
    shown = measured([ticket(1, LABELS[0], A, B), ticket(2, None, A, A)], n_models=2)._repr_html_()
    assert "Models side by side" in shown
    assert "Differences between models" in shown


def test_without_gold_and_teacher_there_is_nothing_to_draw() -> None:
    session = session_with([ticket(1, None, B)])
    student = FakeClassifier(session, classifier_hash="s", price=None)
    page = evaluate({"student": student}, on=training_set(), baseline=False).report().page()
    assert "<svg" not in page
    assert "unknown" in page


def test_many_labels_are_folded() -> None:
    names = [f"label {number}" for number in range(25)]
    session = session_with([ticket(1, names[3], Said(names[3]))])
    teacher = FakeClassifier(session, labels=LabelSet.of(names))
    on = training_set(prompt=ClassificationPrompt.short(names))
    assert "Show all 25 labels" in evaluate({"teacher": teacher}, on=on, baseline=False).report().page()


def test_a_large_test_tells_what_it_can() -> None:
    apart = measured(rows_of(200, 200, 150), n_models=2)
    assert apart.verdict[0].startswith("200 easy test tickets in 200 groups tell 1 of 1 pairs of models apart.")
    assert apart.verdict[1].startswith("student is worse than the teacher")
    alike = measured(rows_of(200, 150, 149), n_models=2)
    assert "do not tell these models apart" in alike.verdict[0]
    some = measured(rows_of(50, 50, 20), n_models=2)
    assert "too few to tell most models apart" in some.verdict[0]


@pytest.mark.parametrize(
    ("student", "learnable", "expected"),
    [
        (A, True, "Do not fine-tune or train a student on this evidence: student is not shown to be better"),
        (B, True, "the linear baseline is better than student"),
        (A, False, "student is better than the linear baseline"),
    ],
)
def test_the_verdict_may_be_not_to_fine_tune(student: Said, learnable: bool, expected: str) -> None:  # noqa: FBT001  a case
    words = LABELS[0] if learnable else LABELS[1]
    rows = [ticket(number, LABELS[0], A, student, text=f"{words} please {number}") for number in range(120)]
    found = measured(rows, 2, baseline=True)
    assert any(expected in sentence for sentence in found.verdict)


@pytest.mark.parametrize(
    ("base", "expected"),
    [(A, "are not told apart"), (B, "student is better than other, which was not tuned")],
)
def test_the_student_is_held_against_the_model_that_was_not_tuned(base: Said, expected: str) -> None:
    found = measured([ticket(number, LABELS[0], A, A, base) for number in range(120)], 3)
    assert [score.role for score in found.scores] == ["teacher", "student", "base"]
    assert expected in found.verdict[1]
    assert found.verdict[2].startswith("student and the teacher are not told apart")


def test_a_student_that_tuning_made_worse_is_told() -> None:
    found = measured([ticket(number, LABELS[0], A, B, A) for number in range(120)], 3)
    assert "student is worse than other, which was not tuned" in found.verdict[1]


def test_a_teacher_alone_is_held_against_the_baseline() -> None:
    rows = [ticket(number, LABELS[0], A, text=f"{LABELS[0]} {number}") for number in range(30)]
    found = measured(rows, baseline=True)
    assert any("teacher is not shown to be better than the linear baseline" in line for line in found.verdict)
    assert "the linear baseline alone has 100.0% right" in found.verdict[0]


class EngineSession(FakeSession):
    """A session that says, as those of the embedded engine do, that it is one of them."""

    cortex_tickets_engine = True


def test_the_embedded_engine_is_told() -> None:
    session = EngineSession()
    session.answer("WITH T AS", [ticket(1, LABELS[0], A)])
    found = evaluate({"teacher": FakeClassifier(session)}, on=training_set(), baseline=False, notes=("Read me.",))
    assert found.notes[0] == "Read me."
    assert "the tuned stand-in is itself a linear text model" in found.notes[-1]


def test_no_ticket_text_is_kept() -> None:
    rows = [ticket(1, LABELS[0], A, text=TICKET_TEXT), ticket(2, LABELS[1], B, text=f"{TICKET_TEXT} 2")]
    found = measured(rows, baseline=True)
    for written in (found.model_dump_json(), found.report().page(), str(found), repr(found)):
        assert "roaming')" not in written


def test_the_table_is_aligned_and_has_a_record_for_each_model() -> None:
    found = measured(rows_of(10, 10, 9), n_models=2)
    assert [score.name for score in found.table()] == ["teacher", "student"]
    lines = str(found).splitlines()
    assert lines[0] == "10 test tickets, 10 distinct texts, 10 groups; 10 with gold"
    assert len({len(line) for line in lines[1:4]}) == 1
    assert "90.0% [59.6%, 98.2%]" in lines[3]


def test_saved_figures_read_back(tmp_path: Path) -> None:
    found = measured(rows_of(10, 10, 9), n_models=2)
    found.save(tmp_path / "report.json")
    assert Evaluation.model_validate_json((tmp_path / "report.json").read_text()) == found
    found.save(str(tmp_path / "report.html"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    found = measured(rows_of(10, 10, 9), n_models=2)
    with pytest.raises(InvalidInputError) as raised:
        found.save(tmp_path / "missing" / "report.pdf")
    assert len(raised.value.problems) == 2
    (tmp_path / "report.html").mkdir()
    with pytest.raises(InvalidInputError, match="is a folder"):
        found.save(tmp_path / "report.html")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, mocker: MockerFixture) -> None:
    found = measured(rows_of(10, 10, 9), n_models=2)
    (tmp_path / "report.json").write_text("old")
    mocker.patch("pathlib.Path.replace", side_effect=OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        found.save(tmp_path / "report.json")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_the_statement_reads_each_classifiers_rows_once() -> None:
    session = FakeSession()
    sent: list[str] = []

    def answer(statement: SentStatement) -> list[dict[str, Any]]:
        sent.append(statement.text)
        return [ticket(1, LABELS[0], A, B)]

    session.answer("WITH T AS", answer)
    models = {"teacher": FakeClassifier(session), "student": FakeClassifier(session, classifier_hash="it's")}
    evaluate(models, on=training_set(), baseline=False)
    (text,) = sent
    assert text.count("LEFT JOIN") == 2
    assert "CLASSIFIER_HASH = 'it''s'" in text
    assert '"DB"."S"."TICKET_LABELS"' in text


class TestTheTeacherHeldAgainstGold:
    def test_labels_it_never_gives_and_pairs_it_confuses_are_told_in_words(self) -> None:
        rows = [ticket(number, LABELS[0], A) for number in range(20)]
        rows += [ticket(20 + number, LABELS[1], C) for number in range(8)]
        rows += [ticket(40 + number, LABELS[2], C) for number in range(12)]
        found = measured(rows).teacher_audit
        assert found is not None
        assert found.never_given == {LABELS[1]: 8}
        (pair,) = found.confused
        assert (pair.gold, pair.said, pair.n_tickets, pair.n_of) == (LABELS[1], LABELS[2], 8, 8)
        assert pair.is_significant
        assert found.n_pairs == 6
        said = str(found)
        assert "teacher never gives 'Lost phone', which is the gold label of 8 test tickets" in said
        assert "teacher says 'Add new line' for 8 of 8 tickets whose gold label is 'Lost phone'" in said

    def test_near_copies_count_once(self) -> None:
        rows = [ticket(number, LABELS[0], A) for number in range(10)]
        rows += [ticket(20 + number, LABELS[1], C, group="one") for number in range(8)]
        found = measured(rows).teacher_audit
        assert found is not None
        (pair,) = found.confused
        assert (pair.n_tickets, pair.n_groups, pair.n_groups_of) == (8, 1, 1)
        assert not pair.is_significant
        assert "No pair of labels is confused more than chance explains" in str(found)

    def test_one_without_an_error_has_none(self) -> None:
        found = measured([ticket(1, LABELS[0], A), ticket(2, LABELS[1], B)]).teacher_audit
        assert found is not None
        assert found.confused == ()
        assert "teacher has none of the test tickets with gold wrong." in str(found)

    def test_without_gold_or_without_a_teacher_nothing_is_audited(self) -> None:
        assert measured([ticket(1, None, A)]).teacher_audit is None
        assert measured([ticket(1, LABELS[0], A)], teacher_hash="z" * 64).teacher_audit is None


class TestBreakEven:
    def test_training_is_paid_back_by_what_each_ticket_saves(self) -> None:
        found = measured([ticket(1, LABELS[0], A, A)], 2)
        # 100 tokens in at 2 credits and 5 out at 10 credits per million; 2 dollars a credit.
        even = found.break_even("student", training_dollars=60, months_in_use=6, dollars_per_1000={"student": 0.1})
        assert even.dollars_per_1000_against == pytest.approx((100 * 2 + 5 * 10) / 1e6 * 1000 * 2)
        assert even.tickets_per_month == pytest.approx(10 / 0.4 * 1000)
        assert even.saving(25_000) == pytest.approx(0)
        assert even.saving(50_000) == pytest.approx(10)
        assert "it pays from 25,000 tickets a month on" in str(even)

    def test_one_that_is_no_cheaper_never_pays(self) -> None:
        even = measured([ticket(1, LABELS[0], A, A)], 2).break_even("student", training_dollars=1, months_in_use=1)
        assert even.tickets_per_month is None
        assert "it never pays" in str(even)

    def test_every_problem_is_told(self) -> None:
        found = measured([ticket(1, LABELS[0], replace(A, tokens=None), A)], 2)
        with pytest.raises(InvalidInputError) as raised:
            found.break_even(
                "nobody", training_dollars=-1, months_in_use=0, dollars_per_month=float("nan"), against="teacher"
            )
        told = "\n".join(raised.value.problems)
        for part in ("training_dollars=-1", "months_in_use=0", "dollars_per_month=nan", "no model 'nobody'"):
            assert part in told
        assert "What teacher costs is not known here; give dollars_per_1000={'teacher': ...}" in told
        with pytest.raises(InvalidInputError, match="cannot replace itself"):
            found.break_even("student", training_dollars=1, months_in_use=1, against="student")
        without = measured([ticket(1, LABELS[0], A)], teacher_hash="z" * 64)
        with pytest.raises(InvalidInputError, match="has no teacher; give against="):
            without.break_even("teacher", training_dollars=1, months_in_use=1)


class TestProbabilities:
    def test_the_surest_tickets_are_answered_first(self) -> None:
        rows = [ticket(n, LABELS[0], replace(A if n < 15 else B, probability=0.95 - n / 100)) for n in range(20)]
        (score,) = measured(rows).scores
        assert [point.n_tickets for point in score.risk_coverage] == list(range(1, 21))
        three_quarters = score.risk_coverage[14]
        assert (three_quarters.coverage, three_quarters.accuracy) == (0.75, 1.0)
        assert three_quarters.threshold == pytest.approx(0.81)
        assert score.risk_coverage[-1].accuracy == 0.75
        assert score.reliability == ()
        assert score.calibration_error is None

    def test_tickets_without_an_answer_are_never_covered(self) -> None:
        rows = [ticket(1, LABELS[0], replace(A, probability=0.9)), ticket(2, LABELS[0], Said(None, "error"))]
        (point,) = measured(rows).scores[0].risk_coverage
        assert (point.coverage, point.n_tickets) == (0.5, 1)

    def test_a_reliability_diagram_takes_500_tickets(self) -> None:
        def rows(count: int) -> list[dict[str, Any]]:
            return [
                ticket(n, LABELS[0], replace(A if n % 10 < 8 else B, probability=0.6 + (n % 4) / 10))
                for n in range(count)
            ]

        assert measured(rows(499)).scores[0].reliability == ()
        (score,) = measured(rows(500)).scores
        assert sum(part.n_tickets for part in score.reliability) == 500
        assert [part.lowest for part in score.reliability] == pytest.approx(
            [0.6, 0.7, 0.8, 0.9]
        )  # never one probability in two
        assert score.calibration_error == pytest.approx(0.1, abs=0.02)

    def test_the_report_shows_them(self, tmp_path: Path) -> None:
        rows = [ticket(n, LABELS[0], replace(A if n % 7 else B, probability=n / 600)) for n in range(600)]
        measured(rows).save(tmp_path / "r.html")
        page = (tmp_path / "r.html").read_text()
        assert "How sure the models are" in page
        assert "share right by probability" in page
        assert "The teacher against gold" in page
