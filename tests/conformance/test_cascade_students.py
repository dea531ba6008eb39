"""Real students in a cascade: an embedding student, and a fine-tuned model that its head scores."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from cortex_tickets import (
    CalibrationSample,
    Cascade,
    EmbeddingStudent,
    FineTunedModel,
    FineTuneJob,
    InvalidInputError,
    Label,
    RequirementError,
    ScoredStudent,
    Shares,
    Split,
    TableRun,
    TicketClassifier,
    TicketSource,
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
    run: TableRun
    tuned: TicketClassifier
    scored: ScoredStudent


@pytest.fixture(scope="session")
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
        tuned = TicketClassifier.from_model(session, job.wait(timeout=60))
        yield Trained(session, training_set, teacher, head, run, tuned, ScoredStudent(tuned, head))


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
    score = found.score("cascade")
    held_out = trained.training_set.rows_query(Split.TEST)
    labels = trained.session.sql(
        f"SELECT COUNT(*), COUNT_IF(L.PROBABILITY IS NULL) FROM L JOIN ({held_out}) T ON T.TICKET_ID = L.TICKET_ID "
        f"AND T.TEXT_HASH = L.TEXT_HASH WHERE L.CLASSIFIER_HASH = '{cascade.classifier_hash}'"
    ).collect()[0]
    assert (labels[0], score.share_escalated) == (found.n_tickets, labels[1] / labels[0])
    # As both runs were billed, the teacher's for what was escalated only.
    spent = trained.session.sql(
        "SELECT SUM(INPUT_TOKENS) FROM L WHERE INPUT_TOKENS IS NOT NULL AND TEXT_HASH IN "
        f"(SELECT TEXT_HASH FROM ({held_out})) AND (CLASSIFIER_HASH = "
        f"'{trained.head.classifier_hash}' OR CLASSIFIER_HASH = '{trained.teacher.classifier_hash}' AND TEXT_HASH IN "
        f"(SELECT TEXT_HASH FROM L WHERE CLASSIFIER_HASH = '{cascade.classifier_hash}' AND PROBABILITY IS NULL))"
    ).collect()[0][0]
    assert score.input_tokens_per_ticket == pytest.approx(float(spent) / found.n_tickets)
    # It was certified on these very tickets, and so was a cascade that is loaded.
    assert score.n_calibration_tickets == found.n_tickets
    with pytest.raises(RequirementError, match="chose the threshold of cascade"):
        found.require(accuracy={"cascade": 0.1})
    loaded = Cascade.load(trained.head, trained.teacher, table="EVALUATED")
    assert loaded.certificate == cascade.certificate


def test_a_head_whose_rows_were_changed_serves_no_cascade(trained: Trained) -> None:
    head = EmbeddingStudent.train(trained.session, trained.training_set, into="OTHER_HEADS")
    cascade = Cascade(head, trained.teacher)
    cascade.certify(CalibrationSample.labelled(trained.training_set), target=0.9, answers="L", into="CHANGED")
    trained.session.sql("DELETE FROM OTHER_HEADS WHERE LABEL = 'Roaming fees'").collect()
    for call in (lambda: cascade.classify("x"), lambda: cascade.classify_table("SUPPORT_TICKETS", into="L")):
        with pytest.raises(InvalidInputError, match="OTHER_HEADS"):
            call()


def altered(trained: Trained, head: EmbeddingStudent) -> None:
    trained.session.sql(f"UPDATE {head.head.table} SET BIAS = BIAS + 1 WHERE POSITION = 0").collect()


def asked(trained: Trained) -> int:
    """Return how often the engine's models were asked."""
    return int(trained.session.sql("SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED").collect()[0][0])


def head_of_its_own(trained: Trained, table: str) -> EmbeddingStudent:
    """Return a head whose rows a test may change: the same vectors, and so no answer of another test's head."""
    return EmbeddingStudent.train(trained.session, trained.training_set, into=table)


@pytest.mark.parametrize("kind", ["head", "scored"])
def test_one_select_with_a_head_that_was_changed_gives_errors_and_asks_nobody(trained: Trained, kind: str) -> None:
    head = head_of_its_own(trained, f"SELECTING_HEADS_{kind}")
    student = head if kind == "head" else ScoredStudent(trained.tuned, head)
    cascade = Cascade(student, trained.teacher)
    sample = CalibrationSample.labelled(trained.training_set)
    cascade.certify(sample, target=0.9, answers="L", into=f"SELECTING_{kind}")
    source = TicketSource(
        query="SELECT TICKET_ID, REQUEST FROM SUPPORT_TICKETS UNION ALL SELECT 'B', ' '", id="TICKET_ID", text="REQUEST"
    )
    query, before = cascade.to_sql(source), asked(trained)
    altered(trained, head)
    rows = [row.as_dict() for row in trained.session.sql(query).collect()]
    assert asked(trained) == before
    blank = [row for row in rows if row["TICKET_ID"] == "B"]
    assert [row["OUTCOME"] for row in blank] == ["blank"]
    others = [row for row in rows if row["TICKET_ID"] != "B"]
    assert {(row["LABEL"], row["OUTCOME"], row["ANSWERED_BY"]) for row in others} == {(None, "error", None)}
    assert all(f"of {head.head.table}) is missing, or was changed" in row["ERROR"] for row in others)
    assert len(others) == trained.session.table("SUPPORT_TICKETS").count()
    assert {row["OUTCOME"] for row in trained.session.sql(student.to_sql(source)).collect()} == {"blank", "error"}


def test_a_head_that_was_changed_is_found_before_an_attempt_is_written_down(trained: Trained) -> None:
    head = head_of_its_own(trained, "CERTIFYING_HEADS")
    altered(trained, head)
    with pytest.raises(InvalidInputError, match=r"CERTIFYING_HEADS\) is missing, or was changed"):
        Cascade(head, trained.teacher).certify(CalibrationSample.labelled(trained.training_set), into="NOT_WRITTEN")
    assert trained.session.sql("SHOW TABLES LIKE 'NOT_WRITTEN%'").collect() == []


class OfTwoSets(NamedTuple):
    """A fine-tuned model of one training set, scored by a head of another."""

    student: ScoredStudent
    of_head: TrainingSet
    of_model: TrainingSet
    model: FineTunedModel


@pytest.fixture(scope="session")
def of_two_sets(trained: Trained) -> OfTwoSets:
    other = TrainingSetBuilder(trained.session, seed=99, shares=Shares(0.8, 0.1, 0.1)).build(
        "SUPPORT_TICKETS", into="OTHER_FT", labels=trained.run, gold="TICKET_GOLD"
    )
    model = FineTuneJob.start(
        trained.session, name="TUNED_ON_OTHER", base_model="llama3.1-8b", training_set=other
    ).wait(timeout=60)
    student = ScoredStudent(TicketClassifier.from_model(trained.session, model), trained.head)
    return OfTwoSets(student, trained.training_set, other, model)


def unseen_by(training_set: TrainingSet, *also: TrainingSet) -> TicketSource:
    """Return the test tickets of a set that none of the others learned from."""
    seen = " UNION ALL ".join(
        f"SELECT GROUP_ID, TEXT_HASH FROM ({one.rows_query()}) WHERE SPLIT <> 'test'" for one in also
    )
    query = f"SELECT TICKET_ID, TEXT FROM ({training_set.rows_query()}) WHERE SPLIT = 'test'"
    query += f" AND TEXT_HASH NOT IN (SELECT TEXT_HASH FROM ({seen}))"
    return TicketSource(query=query, id="TICKET_ID", text="TEXT")


def test_calibration_on_what_the_scored_model_was_trained_on_is_refused(
    trained: Trained, of_two_sets: OfTwoSets
) -> None:
    # The head has not seen these tickets, the model that gives the labels has.
    cascade = Cascade(of_two_sets.student, trained.teacher)
    with pytest.raises(InvalidInputError, match=r"4\d of 56 tickets .* have a text that the student was trained on"):
        cascade.certify(CalibrationSample.labelled(of_two_sets.of_head), target=0.5, into="OF_TWO")
    assert trained.session.sql("SHOW TABLES LIKE 'OF_TWO%'").collect() == []


def test_calibration_on_what_the_head_was_trained_on_is_refused_too(trained: Trained, of_two_sets: OfTwoSets) -> None:
    cascade = Cascade(of_two_sets.student, trained.teacher)
    with pytest.raises(InvalidInputError, match="have a text that the student was trained on"):
        cascade.certify(CalibrationSample.labelled(of_two_sets.of_model), target=0.5)


def test_calibration_that_neither_has_seen_is_certified_and_both_sets_are_named(
    trained: Trained, of_two_sets: OfTwoSets
) -> None:
    unseen = unseen_by(of_two_sets.of_head, of_two_sets.of_model)
    # One ticket was not chosen: a sample that is all there is was drawn from nothing.
    trained.session.sql(
        "CREATE TABLE UNSEEN_GOLD AS SELECT * FROM TICKET_GOLD "
        f"WHERE TICKET_ID <> (SELECT MIN(TICKET_ID) FROM ({unseen.query}))"
    ).collect()
    for given in (None, of_two_sets.of_model):  # whoever gives the set of the model is right, too
        cascade = Cascade(of_two_sets.student, trained.teacher, training_set=given)
        sample = CalibrationSample.labelled(unseen, gold="UNSEEN_GOLD")
        certificate = cascade.certify(sample, target=0.5, delta=0.2, answers="L", into="UNSEEN")
        assert certificate.training_set_id == of_two_sets.of_model.id
        assert certificate.further_training_set_ids == (of_two_sets.of_head.id,)
        assert f"{of_two_sets.of_model.id[:12]} and {of_two_sets.of_head.id[:12]}" in str(certificate)


def test_a_model_that_was_made_elsewhere_has_to_be_told_what_it_learned_from(
    trained: Trained, of_two_sets: OfTwoSets
) -> None:
    elsewhere = of_two_sets.model.model_copy(update={"training_set_id": None, "training_table": None})
    student = ScoredStudent(TicketClassifier.from_model(trained.session, elsewhere), trained.head)
    sample = CalibrationSample.labelled(of_two_sets.of_head)
    with pytest.raises(InvalidInputError, match=r"Nothing says what .*TUNED_ON_OTHER.* was trained on"):
        Cascade(student, trained.teacher).certify(sample, target=0.5)
    told = Cascade(student, trained.teacher, training_set=of_two_sets.of_model)
    with pytest.raises(InvalidInputError, match="have a text that the student was trained on"):
        told.certify(sample, target=0.5)
    with pytest.raises(InvalidInputError, match="training_set= has a str"):
        Cascade(student, trained.teacher, training_set=["OTHER_FT"])  # type: ignore[list-item]  # what a user may give


def test_student_and_teacher_of_two_sessions_are_refused(trained: Trained, engine: local.Engine) -> None:
    with engine.session() as session:
        teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
        with pytest.raises(InvalidInputError, match="Student and teacher are of two sessions"):
            Cascade(trained.head, teacher)


def test_a_teacher_with_a_score_is_no_student_of_itself(trained: Trained) -> None:
    with pytest.raises(InvalidInputError, match="it would be asked twice and agree with itself"):
        Cascade(ScoredStudent(trained.teacher, trained.head), trained.teacher)


def test_a_teacher_that_was_shown_the_sample_is_no_judge_of_it(trained: Trained) -> None:
    shown = trained.session.sql(
        f"SELECT TEXT, GOLD_LABEL FROM ({trained.training_set.rows_query(Split.TEST)})"
    ).collect()
    labels = [Label(name=name, examples=[row[0] for row in shown if row[1] == name][:2]) for name in LABELS]
    teacher = TicketClassifier(trained.session, labels=labels, model="claude-sonnet-4-6")
    with pytest.raises(InvalidInputError, match=r"tickets of the calibration sample are examples in a prompt"):
        Cascade(trained.head, teacher).certify(CalibrationSample.labelled(trained.training_set), target=0.5)


def test_another_training_set_than_the_heads_is_refused(trained: Trained) -> None:
    other = trained.training_set.model_copy(update={"id": "0" * 64})
    cascade = Cascade(trained.head, trained.teacher, training_set=other)
    with pytest.raises(InvalidInputError, match="leave training_set= out"):
        cascade.certify(CalibrationSample.labelled(trained.training_set))


@pytest.mark.parametrize("kind", ["head", "scored"])
def test_a_students_run_labels_a_training_set_as_any_classifiers(trained: Trained, kind: str) -> None:
    student = getattr(trained, kind)
    run = student.classify_table("SUPPORT_TICKETS", into=f"LABELS_{kind}")
    made = TrainingSetBuilder(trained.session, seed=5).build("SUPPORT_TICKETS", into=f"BY_{kind}", labels=run)
    assert made.teacher_hash == student.classifier_hash
    # Those that no training row had are among them: the next student is asked for all.
    assert list(made.prompt.labels.names) == LABELS


def test_a_cascade_of_two_heads_labels_a_training_set_too(trained: Trained) -> None:
    other = EmbeddingStudent.train(
        trained.session, trained.training_set, into="SMALL_HEADS", embedding_model="snowflake-arctic-embed-m-v1.5"
    )
    cascade = Cascade(trained.head, other)
    cascade.certify(CalibrationSample.labelled(trained.training_set), target=0.5, answers="L", into="OF_TWO_HEADS")
    run = cascade.classify_table("SUPPORT_TICKETS", into="L")
    made = TrainingSetBuilder(trained.session, seed=5).build("SUPPORT_TICKETS", into="BY_TWO_HEADS", labels=run)
    assert list(made.prompt.labels.names) == LABELS
