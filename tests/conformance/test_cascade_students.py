"""Real students in a cascade: an embedding student, and a fine-tuned model that its head scores."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from cortex_tickets import (
    CalibrationSample,
    Cascade,
    EmbeddingStudent,
    FineTuneJob,
    InvalidInputError,
    ScoredStudent,
    Shares,
    TicketClassifier,
    TrainingSet,
    TrainingSetBuilder,
    evaluate,
    load_gold,
    load_tickets,
    local,
    samples,
)

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


class Trained(NamedTuple):
    """What was made of the sample tickets."""

    session: Any
    training_set: TrainingSet
    teacher: TicketClassifier
    head: EmbeddingStudent
    scored: ScoredStudent


@pytest.fixture(scope="module")
def trained(engine: local.Engine) -> Iterator[Trained]:
    with engine.session() as session:
        session.sql("CREATE SCHEMA CASCADE_STUDENTS").collect()
        load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
        load_gold(session, samples.gold_labels(), table="TICKET_GOLD")
        teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
        run = teacher.classify_table("SUPPORT_TICKETS", into="L")
        training_set = TrainingSetBuilder(session, seed=5, shares=Shares(0.25, 0.15, 0.6)).build(
            "SUPPORT_TICKETS", into="FT", labels=run, gold="TICKET_GOLD"
        )
        head = EmbeddingStudent.train(session, training_set)
        job = FineTuneJob.start(session, name="TUNED", base_model="llama3.1-8b", training_set=training_set)
        scored = ScoredStudent(TicketClassifier.from_model(session, job.wait(timeout=60)), head)
        yield Trained(session, training_set, teacher, head, scored)


@pytest.mark.parametrize("kind", ["head", "scored"])
def test_a_real_student_is_certified_and_serves_one_way_everywhere(trained: Trained, kind: str) -> None:
    student = getattr(trained, kind)
    cascade = Cascade(student, trained.teacher)  # the head says what it was trained on
    sample = CalibrationSample.labelled(trained.training_set)
    certificate = cascade.certify(sample, target=0.9, answers="L", into=f"CERTIFIED_{kind}")
    assert certificate.training_set_id == trained.training_set.id
    assert certificate.n == trained.training_set.report.split_groups["test"]
    run = cascade.classify_table("SUPPORT_TICKETS", into="L")
    assert run.is_complete
    columns = "TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWERED_BY, ROUND(PROBABILITY, 9) AS PROBABILITY"
    stored = trained.session.sql(f"SELECT {columns} FROM L WHERE CLASSIFIER_HASH = '{run.classifier_hash}'").collect()
    selected = trained.session.sql(f"SELECT {columns} FROM ({cascade.to_sql('SUPPORT_TICKETS')})").collect()
    assert {tuple(row) for row in selected} == {tuple(row) for row in stored}
    assert len(stored) == run.n_tickets
    # Its labels can be trained on, as any run's.
    again = TrainingSetBuilder(trained.session, seed=5).build("SUPPORT_TICKETS", into=f"AGAIN_{kind}", labels=run)
    assert again.teacher_hash == cascade.classifier_hash


def test_a_cascade_stands_beside_its_parts_in_an_evaluation(trained: Trained) -> None:
    cascade = Cascade(trained.head, trained.teacher)
    cascade.certify(CalibrationSample.labelled(trained.training_set), target=0.9, answers="L", into="EVALUATED")
    found = evaluate(
        {"teacher": trained.teacher, "student": trained.head, "cascade": cascade},
        on=trained.training_set,
        baseline=False,
    )
    assert {score.name for score in found.scores} >= {"teacher", "student", "cascade"}


def test_a_head_whose_rows_were_changed_serves_no_cascade(trained: Trained) -> None:
    head = EmbeddingStudent.train(trained.session, trained.training_set, into="OTHER_HEADS")
    cascade = Cascade(head, trained.teacher)
    cascade.certify(CalibrationSample.labelled(trained.training_set), target=0.9, answers="L", into="CHANGED")
    trained.session.sql("DELETE FROM OTHER_HEADS WHERE LABEL = 'Roaming fees'").collect()
    for call in (lambda: cascade.classify("x"), lambda: cascade.classify_table("SUPPORT_TICKETS", into="L")):
        with pytest.raises(InvalidInputError, match="OTHER_HEADS"):
            call()


def test_another_training_set_than_the_heads_is_refused(trained: Trained) -> None:
    other = trained.training_set.model_copy(update={"id": "0" * 64})
    cascade = Cascade(trained.head, trained.teacher, training_set=other)
    with pytest.raises(InvalidInputError, match="leave training_set= out"):
        cascade.certify(CalibrationSample.labelled(trained.training_set))
