"""A cascade on the engine: certified on a sample, then the student for all and the teacher for the uncertain."""

import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cortex_tickets import (
    Budget,
    CalibrationSample,
    Cascade,
    CertificateMismatchError,
    InvalidInputError,
    LabelSet,
    ModelPrice,
    NotCertifiedError,
    RunState,
    Shares,
    Ticket,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
)
from known_student import MODEL, KnownStudent, teach

DATA = Path(__file__).parents[1] / "data" / "banking77" / "train.csv"
TEACHER = "claude-sonnet-4-6"
NAMES = ("card arrival", "lost or stolen card", "exchange rate", "top up failed")
LABELS = LabelSet.of(NAMES)
TICKETS = TicketSource(table="TICKETS", id="TICKET_ID", text="TEXT")
TARGET, DELTA = 0.8, 0.1


class World(NamedTuple):
    """Tables TICKETS, KNOWN and GOLD, and who learned from what."""

    session: Any
    training_set: TrainingSet
    student: KnownStudent
    teacher: TicketClassifier
    gold: dict[str, str]


def questions() -> list[tuple[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"].replace("_", " ")) for row in csv.DictReader(file)]
    return [row for row in rows if row[1] in NAMES]


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def part(text: str, salt: str = "") -> float:
    """Return a number from 0 to 1 that belongs to the text."""
    return int(hashed(salt + text)[:8], 16) / 0xFFFFFFFF


@pytest.fixture
def world(session: Any) -> World:
    """The student is right where it is sure (0.9), and wrong on two of three where it is not (0.3)."""
    tickets = questions()
    session.create_dataframe(
        [(f"T{number}", text) for number, (text, _) in enumerate(tickets)], schema=["TICKET_ID", "TEXT"]
    ).write.save_as_table("TICKETS")
    known = [
        (text, label, 0.9)
        if part(text) < 0.7
        else (text, label if part(text, "x") < 1 / 3 else NAMES[NAMES.index(label) - 1], 0.3)
        for text, label in tickets
    ]
    teach(session, "KNOWN", known)
    teacher = TicketClassifier(session, labels=LABELS, model=TEACHER)
    run = teacher.classify_table(TICKETS, into="TEACHER_LABELS")
    training_set = TrainingSetBuilder(session, seed=3, shares=Shares(0.4, 0.2, 0.4)).build(
        TICKETS, into="FT", labels=run
    )
    gold_of(session, [(f"T{number}", text, label) for number, (text, label) in enumerate(tickets)], "GOLD")
    student = KnownStudent(session, table="KNOWN", labels=LABELS, price=ModelPrice(input=0.05, output=0))
    return World(session, training_set, student, teacher, dict(tickets))


def gold_of(session: Any, rows: list[tuple[str, str, str]], table: str, source: str = "random_sample") -> None:
    session.create_dataframe(
        [(ticket_id, hashed(text), label, source, "Ann") for ticket_id, text, label in rows],
        schema=["TICKET_ID", "TEXT_HASH", "LABEL", "SOURCE", "ANNOTATOR"],
    ).write.save_as_table(f"{table}_ROWS")
    session.sql(
        f"CREATE TABLE {table} AS SELECT *, '2026-11-20 10:00:00 +00:00'::TIMESTAMP_TZ AS LABELLED_AT FROM {table}_ROWS"
    ).collect()


def cascade(world: World, **changes: Any) -> Cascade:
    made = {"student": world.student, "teacher": world.teacher, "training_set": world.training_set, **changes}
    return Cascade(made.pop("student"), made.pop("teacher"), **made)


def drawn(world: World, n: int = 120, seed: int = 5) -> CalibrationSample:
    return CalibrationSample.drawn(world.training_set, n=n, seed=seed)


def rows(session: Any, query: str) -> list[Any]:
    return [row.as_dict() for row in session.sql(query).collect()]


def test_certified_against_the_teacher_the_student_answers_what_it_is_sure_of(world: World) -> None:
    made = cascade(world)
    certificate = made.certify(drawn(world), TARGET, DELTA)
    assert (certificate.reference, certificate.n, certificate.target, certificate.delta) == ("teacher", 120, 0.8, 0.1)
    assert certificate.bound >= TARGET
    assert 0 < certificate.share_escalated < 1
    assert made.certificate == certificate
    assert certificate.training_set_id == world.training_set.id
    assert certificate.credits_per_1000 is not None
    assert certificate.teacher_credits_per_1000 is not None
    assert certificate.credits_per_1000 < certificate.teacher_credits_per_1000
    assert certificate.n_population == len({*rows_of_test(world)})


def rows_of_test(world: World) -> list[tuple[str, str]]:
    test = world.training_set.rows_query().replace("SELECT *", "SELECT TICKET_ID, TEXT_HASH") + " AND SPLIT = 'test'"
    return [(row["TICKET_ID"], row["TEXT_HASH"]) for row in rows(world.session, test)]


def test_a_table_through_the_cascade_says_who_answered_and_how_sure_it_was(world: World) -> None:
    made = cascade(world)
    certificate = made.certify(drawn(world), TARGET, DELTA)
    run = made.classify_table(TICKETS, into="LABELS")
    assert run.is_complete
    assert run.classifier_hash == made.classifier_hash == certificate.cascade_hash
    found = rows(
        world.session,
        "SELECT C.*, S.LABEL AS S_LABEL, S.PROBABILITY AS S_PROBABILITY, T.LABEL AS T_LABEL FROM LABELS C "
        f"JOIN LABELS S ON S.TICKET_ID = C.TICKET_ID AND S.CLASSIFIER_HASH = '{world.student.classifier_hash}' "
        f"LEFT JOIN LABELS T ON T.TICKET_ID = C.TICKET_ID AND T.CLASSIFIER_HASH = '{world.teacher.classifier_hash}' "
        f"WHERE C.CLASSIFIER_HASH = '{made.classifier_hash}'",
    )
    assert len(found) == run.n_tickets == len(world.gold)
    for row in found:
        if row["S_PROBABILITY"] >= certificate.threshold:
            assert (row["LABEL"], row["ANSWERED_BY"], row["PROBABILITY"]) == (row["S_LABEL"], MODEL, 0.9)
            assert row["T_LABEL"] is None  # nobody paid the teacher for what the student was sure of
        else:
            assert (row["LABEL"], row["ANSWERED_BY"], row["PROBABILITY"]) == (row["T_LABEL"], TEACHER, None)
    by_model = Counter(row["ANSWERED_BY"] for row in found if row["OUTCOME"] != "error")
    assert run.n_by_model == by_model
    assert set(by_model) == {MODEL, TEACHER}


def test_a_second_run_asks_nobody(world: World) -> None:
    made = cascade(world)
    made.certify(drawn(world), TARGET, DELTA)
    first = made.classify_table(TICKETS, into="LABELS")
    second = made.classify_table(TICKETS, into="LABELS")
    assert first.n_texts_asked > 0
    assert (second.n_texts_asked, second.is_complete, second.n_by_model) == (0, True, first.n_by_model)
    assert second.ai_credits == 0


def test_what_comes_in_later_goes_the_same_way(world: World) -> None:
    made = cascade(world)
    made.certify(drawn(world), TARGET, DELTA)
    made.classify_table(TICKETS, into="LABELS")
    world.session.sql("INSERT INTO TICKETS SELECT 'NEW', TEXT FROM TICKETS WHERE TICKET_ID = 'T0'").collect()
    world.session.sql("INSERT INTO TICKETS VALUES ('BLANK', '  '), ('STRANGE', 'Wo ist meine Karte?')").collect()
    run = made.classify_table(TICKETS, into="LABELS")
    assert run.n_texts_asked == 2  # the strange text: the student does not know it, so the teacher is asked
    assert run.n_by_outcome["blank"] == 1
    assert run.is_complete
    strange = (
        f"SELECT ANSWERED_BY FROM LABELS WHERE TICKET_ID = 'STRANGE' AND CLASSIFIER_HASH = '{made.classifier_hash}'"
    )
    assert rows(world.session, strange) == [{"ANSWERED_BY": TEACHER}]


def test_one_budget_holds_for_both_and_the_rest_is_left(world: World) -> None:
    made = cascade(world)
    made.certify(drawn(world), TARGET, DELTA)
    of_student = world.student.estimate(TICKETS).ai_credits
    assert of_student is not None
    run = made.classify_table(TICKETS, into="LABELS", budget=Budget(ai_credits=of_student * 1.01))
    assert run.state is RunState.INCOMPLETE
    assert run.reason is not None
    assert run.reason.startswith(f"{TEACHER}: the budget of")
    assert run.n_by_model == {MODEL: run.n_tickets - run.n_left}
    assert 0 < run.n_left < run.n_tickets
    again = made.classify_table(TICKETS, into="LABELS")
    assert again.is_complete
    assert again.n_texts_asked == run.n_texts_left or again.n_texts_asked <= run.n_left


def test_texts_go_the_same_way_as_a_table(world: World) -> None:
    made = cascade(world)
    made.certify(drawn(world), TARGET, DELTA)
    made.classify_table(TICKETS, into="LABELS")
    stored = {
        row["TICKET_ID"]: row
        for row in rows(world.session, f"SELECT * FROM LABELS WHERE CLASSIFIER_HASH = '{made.classifier_hash}'")
    }
    tickets = [Ticket(id=f"T{number}", text=text) for number, (text, _) in enumerate(questions()[:40])]
    said = made.classify_many([*tickets, " "])
    assert said[-1].outcome == "blank"
    assert {prediction.answered_by for prediction in said[:-1]} == {MODEL, TEACHER}
    for ticket, prediction in zip(tickets, said, strict=False):
        row = stored[ticket.id]
        assert (prediction.label, prediction.answered_by, prediction.probability) == (
            row["LABEL"],
            row["ANSWERED_BY"],
            row["PROBABILITY"],
        )
        assert prediction.classifier_hash == made.classifier_hash
    assert made.classify(tickets[0]) == said[0]


def test_one_select_goes_the_same_way_too(world: World) -> None:
    made = cascade(world)
    made.certify(drawn(world), TARGET, DELTA)
    made.classify_table(TICKETS, into="LABELS")
    world.session.sql("INSERT INTO TICKETS SELECT * FROM TICKETS WHERE TICKET_ID = 'T0'").collect()
    world.session.sql("INSERT INTO TICKETS VALUES ('BLANK', '  ')").collect()
    made.to_dataframe(TICKETS).write.save_as_table("SELECTED")
    compared = "TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWERED_BY, PROBABILITY"
    selected = rows(world.session, f"SELECT {compared} FROM SELECTED")
    assert Counter(row["TICKET_ID"] for row in selected)["T0"] == 2
    assert next(row for row in selected if row["TICKET_ID"] == "BLANK")["OUTCOME"] == "blank"
    stored = rows(world.session, f"SELECT {compared} FROM LABELS WHERE CLASSIFIER_HASH = '{made.classifier_hash}'")
    distinct = {tuple(row.values()) for row in selected if row["TICKET_ID"] != "BLANK"}
    assert distinct == {tuple(row.values()) for row in stored}


def test_an_estimate_takes_the_teacher_for_the_share_that_was_escalated(world: World) -> None:
    made = cascade(world)
    certificate = made.certify(drawn(world), TARGET, DELTA)
    first, second, both = (member.estimate(TICKETS) for member in (world.student, world.teacher, made))
    assert first.ai_credits is not None
    assert second.ai_credits is not None
    assert both.ai_credits == pytest.approx(first.ai_credits + certificate.share_escalated * second.ai_credits)
    assert both.n_texts == first.n_texts


def test_without_a_certificate_nothing_is_answered(world: World) -> None:
    made = cascade(world)
    for call in (
        lambda: made.classify("x"),
        lambda: made.classify_many(["x"]),
        lambda: made.classify_table(TICKETS, into="LABELS"),
        lambda: made.to_sql(TICKETS),
        lambda: made.estimate(TICKETS),
        lambda: made.classifier_hash,
    ):
        with pytest.raises(CertificateMismatchError, match="has no certificate"):
            call()


def test_another_student_or_teacher_is_not_what_was_certified(world: World) -> None:
    certificate = cascade(world).certify(drawn(world), TARGET, DELTA)
    other = KnownStudent(world.session, table="KNOWN", labels=LABELS, version="2")
    with pytest.raises(CertificateMismatchError, match="The student a student is not what was certified"):
        cascade(world, student=other, certificate=certificate)
    smaller = TicketClassifier(world.session, labels=LABELS, model="llama3.1-8b")
    with pytest.raises(CertificateMismatchError, match=r"The teacher llama3\.1-8b is not what was certified"):
        cascade(world, teacher=smaller, certificate=certificate)
    with pytest.raises(CertificateMismatchError, match="no certificate of the student"):
        Cascade.load(other, world.teacher)


def test_a_student_that_changes_after_it_was_certified_is_refused_at_the_next_call(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = cascade(world)
    made.certify(drawn(world), TARGET, DELTA)
    made.classify("Where is my card?")
    monkeypatch.setattr(world.student.operation, "version", "2")
    with pytest.raises(CertificateMismatchError, match="not what was certified"):
        made.classify_table(TICKETS, into="LABELS")


def test_a_certificate_is_stored_and_found_again(world: World) -> None:
    certificate = cascade(world).certify(drawn(world), TARGET, DELTA, into="CERTIFIED")
    found = Cascade.load(world.student, world.teacher, table="CERTIFIED")
    assert found.certificate == certificate
    assert found.classify_table(TICKETS, into="LABELS").is_complete


def test_the_same_certification_again_is_the_same_certificate_and_asks_nobody(world: World) -> None:
    first = cascade(world).certify(drawn(world), TARGET, DELTA)
    world.session.sql("DROP TABLE CASCADE_CERTIFICATES_ANSWERS").collect()
    assert cascade(world).certify(drawn(world), TARGET, DELTA) == first


def test_an_attempt_at_a_lower_target_after_a_refusal_is_refused(world: World) -> None:
    made = cascade(world)
    teach(world.session, "IGNORANT", [(text, NAMES[NAMES.index(label) - 1], 0.9) for text, label in questions()])
    ignorant = KnownStudent(world.session, table="IGNORANT", labels=LABELS)
    with pytest.raises(NotCertifiedError, match="It would take") as raised:
        cascade(world, student=ignorant).certify(drawn(world), TARGET, DELTA)
    assert raised.value.n_errors > raised.value.n_allowed
    with pytest.raises(InvalidInputError, match="no fresh proof"):
        made.certify(drawn(world), TARGET, DELTA)
    assert made.certify(drawn(world, n=40, seed=77), TARGET, DELTA, into="OTHER").attempt == 1


def test_certified_against_people_the_teacher_is_measured_too(world: World) -> None:
    certificate = cascade(world).certify(sample_of_people(world), 0.7, DELTA, answers="TEACHER_LABELS")
    assert (certificate.reference, certificate.gold_table) == ("gold", "GOLD")
    judged = rows(
        world.session,
        "SELECT T.OUTCOME, T.LABEL AS TEACHER, S.LABEL AS STUDENT, S.PROBABILITY AS SURE, G.LABEL AS GOLD FROM GOLD G "
        f"JOIN TEACHER_LABELS T ON T.TICKET_ID = G.TICKET_ID AND T.CLASSIFIER_HASH = '{world.teacher.classifier_hash}' "
        f"JOIN TEACHER_LABELS S ON S.TICKET_ID = G.TICKET_ID AND S.CLASSIFIER_HASH = '{world.student.classifier_hash}'",
    )
    assert len(judged) == certificate.n
    answers = [row["STUDENT"] if row["SURE"] >= certificate.threshold else row["TEACHER"] for row in judged]
    wrong = sum(answer != row["GOLD"] for answer, row in zip(answers, judged, strict=True))
    assert wrong == certificate.n_errors


def sample_of_people(world: World) -> CalibrationSample:
    """A sample that was drawn at random from the test split, and labelled by people."""
    keys = sorted(rows_of_test(world), key=lambda key: part(key[1], "drawn"))[:100]
    chosen = ", ".join(f"'{ticket_id}'" for ticket_id, _ in keys)
    world.session.sql(f"DELETE FROM GOLD WHERE TICKET_ID NOT IN ({chosen})").collect()
    return CalibrationSample.labelled(world.training_set, gold="GOLD")
