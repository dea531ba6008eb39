"""A cascade on the engine: certified on a sample, then the student for all and the teacher for the uncertain."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from cascade_world import DELTA, LABELS, NAMES, SURE, TARGET, TEACHER, TICKETS, World, make_world, part, wrong_label
from cortex_tickets import (
    Budget,
    CalibrationSample,
    Cascade,
    CertificateMismatchError,
    IncompleteRunError,
    InvalidInputError,
    NotCertifiedError,
    RunState,
    Ticket,
    TicketClassifier,
    TicketSource,
    local,
)
from cortex_tickets._cascading import serving
from known_student import MODEL, KnownStudent, teach


@pytest.fixture(scope="module")
def world(engine: local.Engine) -> Iterator[World]:
    with engine.session() as session:
        yield make_world(session)


@pytest.fixture(scope="module")
def made(world: World) -> Cascade:
    """A cascade that is certified against the teacher, and has labelled TICKETS into LABELS."""
    cascade = world.cascade()
    cascade.certify(world.drawn(), TARGET, DELTA)
    run = cascade.classify_table(TICKETS, into="LABELS")
    assert run.is_complete
    return cascade


def copied(world: World, *more: tuple[str, str], only: Sequence[tuple[str, str, str]] | None = None) -> TicketSource:
    """Make a table of the tickets, or of some of them, and some more."""
    table = f"COPY_{uuid4().hex[:12].upper()}"
    kept = "" if only is None else f" WHERE TICKET_ID IN ({', '.join(repr(ticket_id) for ticket_id, _, _ in only)})"
    world.session.sql(f"CREATE TABLE {table} AS SELECT * FROM TICKETS{kept}").collect()
    for ticket_id, text in more:
        world.session.sql(f"INSERT INTO {table} VALUES (?, ?)", params=[ticket_id, text]).collect()
    return TicketSource(table=table, id="TICKET_ID", text="TEXT")


def labelled(world: World, made: Cascade, into: str = "LABELS") -> dict[str, Any]:
    query = f"SELECT * FROM {into} WHERE CLASSIFIER_HASH = '{made.classifier_hash}'"
    return {row["TICKET_ID"]: row for row in world.rows(query)}


def test_certified_against_the_teacher_the_student_answers_what_it_is_sure_of(world: World, made: Cascade) -> None:
    certificate = made.certificate
    assert certificate is not None
    assert (certificate.reference, certificate.n, certificate.target, certificate.delta) == ("teacher", 120, 0.8, 0.1)
    assert certificate.bound >= TARGET
    assert 0 < certificate.share_escalated < 1
    assert certificate.training_set_id == world.training_set.id
    groups = world.rows(
        f"SELECT COUNT(DISTINCT GROUP_ID) AS N FROM ({world.training_set.rows_query()}) WHERE SPLIT = 'test'"
    )
    assert [{"N": certificate.n_population}] == groups
    assert certificate.credits_per_1000 is not None
    assert certificate.teacher_credits_per_1000 is not None
    assert certificate.credits_per_1000 < certificate.teacher_credits_per_1000


def test_a_table_through_the_cascade_says_who_answered_and_how_sure_it_was(world: World, made: Cascade) -> None:
    run = made.classify_table(TICKETS, into="LABELS")
    assert made.certificate is not None
    threshold = made.certificate.threshold
    found = world.rows(
        "SELECT C.*, S.LABEL AS S_LABEL, S.PROBABILITY AS S_PROBABILITY, T.LABEL AS T_LABEL FROM LABELS C "
        f"JOIN LABELS S ON S.TICKET_ID = C.TICKET_ID AND S.CLASSIFIER_HASH = '{world.student.classifier_hash}' "
        f"LEFT JOIN LABELS T ON T.TICKET_ID = C.TICKET_ID AND T.CLASSIFIER_HASH = '{world.teacher.classifier_hash}' "
        f"WHERE C.CLASSIFIER_HASH = '{made.classifier_hash}'"
    )
    assert len(found) == run.n_tickets == len(world.tickets)
    for row in found:
        if row["S_PROBABILITY"] >= threshold:
            assert (row["LABEL"], row["ANSWERED_BY"], row["PROBABILITY"]) == (row["S_LABEL"], MODEL, SURE)
            assert row["T_LABEL"] is None  # nobody paid the teacher for what the student was sure of
        else:
            assert (row["LABEL"], row["ANSWERED_BY"], row["PROBABILITY"]) == (row["T_LABEL"], TEACHER, None)
    by_model = Counter(row["ANSWERED_BY"] for row in found if row["OUTCOME"] != "error")
    assert run.n_by_model == by_model
    assert set(by_model) == {MODEL, TEACHER}
    assert len(run.to_dataframe().collect()) == len(found)


def test_a_second_run_asks_nobody(made: Cascade) -> None:
    run = made.classify_table(TICKETS, into="LABELS")
    assert (run.n_texts_asked, run.is_complete, run.ai_credits) == (0, True, 0)
    assert (run.classifier_hash, run.model) == (made.classifier_hash, f"{MODEL}, {TEACHER}")


def test_what_comes_in_later_goes_the_same_way(world: World, made: Cascade) -> None:
    source = copied(world, ("NEW", world.tickets[0][1]), ("BLANK", "  "), ("STRANGE", "Wo ist meine Karte?"))
    run = made.classify_table(source, into="LABELS")
    assert run.n_texts_asked == 2  # one text, both models: the student does not know it, so the teacher is asked
    assert run.n_by_outcome["blank"] == 1
    assert run.is_complete
    rows = labelled(world, made)
    assert rows["STRANGE"]["ANSWERED_BY"] == TEACHER
    assert rows["BLANK"]["ANSWERED_BY"] is None
    assert rows["NEW"]["LABEL"] == rows["T0"]["LABEL"]


def test_one_budget_holds_for_both_and_the_rest_is_left(world: World, made: Cascade) -> None:
    of_student = world.student.estimate(TICKETS).ai_credits
    assert of_student is not None
    into = world.fresh()
    run = made.classify_table(TICKETS, into=into, budget=Budget(ai_credits=of_student * 1.01))
    assert run.state is RunState.INCOMPLETE
    assert run.reason is not None
    assert run.reason.startswith(f"{TEACHER}: the budget of")
    assert run.n_by_model == {MODEL: run.n_tickets - run.n_left}
    assert 0 < run.n_left < run.n_tickets
    again = run.model_copy().attached(world.session, lambda: made.classify_table(TICKETS, into=into)).resume()
    assert again.is_complete
    assert (again.n_left, again.n_texts_asked) == (0, run.n_texts_left)


def test_texts_go_the_same_way_as_a_table(world: World, made: Cascade) -> None:
    stored = labelled(world, made)
    tickets = [Ticket(id=ticket_id, text=text) for ticket_id, text, _ in world.tickets[:40]]
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
    assert made.classify_many([]) == []


def test_one_select_goes_the_same_way_too(world: World, made: Cascade) -> None:
    source = copied(world, world.tickets[0][:2], ("BLANK", "  "))
    made.to_dataframe(source).write.save_as_table("SELECTED")
    compared = ("TICKET_ID", "TEXT_HASH", "LABEL", "OUTCOME", "ANSWERED_BY", "PROBABILITY")
    selected = world.rows(f"SELECT {', '.join(compared)} FROM SELECTED")
    assert Counter(row["TICKET_ID"] for row in selected)["T0"] == 2
    assert next(row for row in selected if row["TICKET_ID"] == "BLANK")["OUTCOME"] == "blank"
    stored = labelled(world, made)
    for row in selected:
        if row["TICKET_ID"] != "BLANK":
            assert row == {name: stored[row["TICKET_ID"]][name] for name in compared}


def test_an_estimate_takes_the_teacher_for_the_share_that_was_escalated(world: World, made: Cascade) -> None:
    assert made.certificate is not None
    first, second, both = (member.estimate(TICKETS) for member in (world.student, world.teacher, made))
    assert first.ai_credits is not None
    assert second.ai_credits is not None
    assert both.ai_credits == pytest.approx(first.ai_credits + made.certificate.share_escalated * second.ai_credits)
    assert both.n_texts == first.n_texts
    assert made.estimate(TICKETS, into="LABELS").n_texts == 0


def test_without_a_certificate_nothing_is_answered(world: World) -> None:
    bare = world.cascade()
    for call in (
        lambda: bare.classify("x"),
        lambda: bare.classify_many(["x"]),
        lambda: bare.classify_table(TICKETS, into="LABELS"),
        lambda: bare.to_sql(TICKETS),
        lambda: bare.estimate(TICKETS),
        lambda: bare.classifier_hash,
    ):
        with pytest.raises(CertificateMismatchError, match="has no certificate"):
            call()


def test_another_student_or_teacher_is_not_what_was_certified(world: World, made: Cascade) -> None:
    other = KnownStudent(world.session, table="KNOWN", labels=LABELS, version="2")
    with pytest.raises(CertificateMismatchError, match="The student a student is not what was certified"):
        world.cascade(student=other, certificate=made.certificate)
    smaller = TicketClassifier(world.session, labels=LABELS, model="llama3.1-8b")
    with pytest.raises(CertificateMismatchError, match=r"The teacher llama3\.1-8b is not what was certified"):
        world.cascade(teacher=smaller, certificate=made.certificate)
    with pytest.raises(CertificateMismatchError, match="no certificate of the student"):
        Cascade.load(other, world.teacher)


def test_a_student_that_changes_after_it_was_certified_is_refused_at_the_next_call(world: World, made: Cascade) -> None:
    changing = KnownStudent(world.session, table="KNOWN", labels=LABELS)
    cascade = world.cascade(student=changing, certificate=made.certificate)
    cascade.classify(world.tickets[0][1])
    changing.known.version = "2"
    with pytest.raises(CertificateMismatchError, match="not what was certified"):
        cascade.classify_table(TICKETS, into="LABELS")


def test_a_certificate_is_stored_and_found_again(world: World, made: Cascade) -> None:
    found = Cascade.load(world.student, world.teacher)
    assert found.certificate == made.certificate
    assert found.classify_table(TICKETS, into="LABELS").n_texts_asked == 0


def test_a_certificate_that_was_edited_serves_nothing(world: World, made: Cascade) -> None:
    assert made.certificate is not None
    edited = made.certificate.model_copy(update={"threshold": 0.0, "target": 0.999, "delta": 1e-9})
    with pytest.raises(CertificateMismatchError, match=r"what it says \(delta, target, threshold\)"):
        world.cascade(certificate=edited)


def test_of_several_certificates_one_is_asked_for(world: World) -> None:
    into = world.fresh()
    tickets = world.in_split("test")
    some, others = copied(world, only=tickets[:110]), copied(world, only=tickets[110:])
    of_people, of_teacher = (
        CalibrationSample.labelled(some, gold=world.gold(tickets[:100])),
        CalibrationSample.drawn(others, n=40, seed=1),
    )
    strong = world.cascade().certify(of_people, 0.7, DELTA, into=into, answers="TEACHER_LABELS")
    weak = world.cascade().certify(of_teacher, 0.5, 0.5, into=into, answers="TEACHER_LABELS")

    def loaded(**options: Any) -> object:
        return Cascade.load(world.student, world.teacher, table=into, **options).certificate

    with pytest.raises(InvalidInputError, match=r"several .*target=0\.5, .*'teacher'; target=0\.7, "):
        loaded()
    assert loaded(target=0.7) == loaded(reference="gold") == loaded(delta=DELTA) == strong
    assert loaded(target=0.5, delta=0.5, reference="teacher") == weak
    with pytest.raises(CertificateMismatchError, match=r"with target=0\.9\. There are: target"):
        loaded(target=0.9)
    with pytest.raises(InvalidInputError, match="2 problems"):
        loaded(target=2, reference="Ann")


def test_the_same_certification_again_is_the_same_certificate_and_asks_nobody(world: World, made: Cascade) -> None:
    count = "SELECT COUNT(*) AS N FROM CASCADE_CERTIFICATES_ANSWERS_RUNS"
    before = world.rows(count)
    assert world.cascade().certify(world.drawn(), TARGET, DELTA) == made.certificate
    assert world.rows(count) == before


def test_a_refusal_says_what_it_would_take_and_a_second_attempt_is_no_fresh_proof(world: World) -> None:
    teach(world.session, "IGNORANT", [(text, wrong_label(label), SURE) for _, text, label in world.tickets])
    ignorant = KnownStudent(world.session, table="IGNORANT", labels=LABELS)
    into = world.fresh()
    for _ in range(2):  # asked again, the same is said, and it is no further attempt
        with pytest.raises(NotCertifiedError, match="It would take") as raised:
            world.cascade(student=ignorant).certify(world.drawn(), TARGET, DELTA, into=into)
        assert raised.value.n_errors > raised.value.n_allowed
    with pytest.raises(InvalidInputError, match="no fresh proof"):
        world.cascade().certify(world.drawn(), TARGET, DELTA, into=into)


def test_drawing_again_and_again_gets_no_certificate(world: World) -> None:
    """A student that is right on fewer tickets than the target: a lucky draw of 11 would pass."""
    into = world.fresh()
    teach(world.session, "MEDIOCRE", [(text, _mediocre(text, label), SURE) for _, text, label in world.tickets])
    cascade = world.cascade(student=KnownStudent(world.session, table="MEDIOCRE", labels=LABELS))
    outcomes = Counter[str]()
    for seed in range(12):
        try:
            cascade.certify(world.drawn(n=11, seed=seed), TARGET, DELTA, into=into)
        except (NotCertifiedError, InvalidInputError) as error:
            outcomes[type(error).__name__] += 1
        else:
            outcomes["certified"] += 1
    assert outcomes == {"NotCertifiedError": 1, "InvalidInputError": 11}
    assert world.rows(f"SELECT STATE FROM {into}") == [{"STATE": "REFUSED"}]
    asked = world.rows(f"SELECT COUNT(DISTINCT TICKET_ID) AS N FROM {into}_ANSWERS")
    assert asked == [{"N": 11}]  # nobody was asked anything for a draw that was refused


def _mediocre(text: str, label: str) -> str:
    return label if part(text, "m") < 0.75 else wrong_label(label)


def test_a_certification_that_runs_out_of_budget_goes_on_as_the_same_attempt(world: World) -> None:
    into = world.fresh()
    with pytest.raises(IncompleteRunError, match="Certify again with a larger budget="):
        world.cascade().certify(world.drawn(), TARGET, DELTA, into=into, budget=Budget(ai_credits=0.0001))
    assert world.rows(f"SELECT STATE FROM {into}") == [{"STATE": "PAUSED"}]
    certificate = world.cascade().certify(world.drawn(), TARGET, DELTA, into=into, budget=Budget(ai_credits=5))
    assert (certificate.attempt, world.rows(f"SELECT STATE FROM {into}")) == (1, [{"STATE": "CERTIFIED"}])


def test_rows_that_failed_are_no_answers_and_do_not_pass_as_wrong_ones(world: World) -> None:
    teach(world.session, "FORGETFUL", [(text, label, SURE) for _, text, label in world.tickets[::2]])
    forgetful = KnownStudent(world.session, table="FORGETFUL", labels=LABELS)
    into = world.fresh()
    with pytest.raises(InvalidInputError, match="of 120 tickets of the sample have an error of the student"):
        world.cascade(student=forgetful).certify(world.drawn(), TARGET, DELTA, into=into)
    assert world.rows(f"SELECT STATE FROM {into}") == [{"STATE": "PAUSED"}]


def test_one_ticket_that_nobody_can_answer_does_not_make_a_sample_useless(world: World) -> None:
    """Neither the student knows it nor the teacher."""
    tickets = world.in_split("test")[:121]
    poisoned = ("POISON", "a ticket that nobody can answer", NAMES[0])
    source = copied(world, poisoned[:2], only=tickets)
    sample = CalibrationSample.labelled(source, gold=world.gold([*tickets[:100], poisoned]))
    into = world.fresh()
    refusing = KnownStudent(world.session, table="KNOWN", labels=LABELS, version="as a teacher")
    certificate = world.cascade(teacher=refusing).certify(sample, 0.5, DELTA, into=into)
    assert (certificate.n, certificate.n_student_failed, certificate.n_teacher_failed) == (101, 1, 1)
    assert certificate.n_errors >= 1


def test_the_certificate_has_the_window_of_its_tickets(world: World) -> None:
    tickets = world.in_split("test")[:101]
    ids = ", ".join(f"'{ticket_id}'" for ticket_id, _, _ in tickets)
    source = TicketSource(
        query=(
            "SELECT TICKET_ID, TEXT, DATEADD(day, SUBSTR(TICKET_ID, 2)::INT, '2026-01-01'::TIMESTAMP_NTZ) AS OPENED "
            f"FROM TICKETS WHERE TICKET_ID IN ({ids})"
        ),
        id="TICKET_ID",
        text="TEXT",
        created_at="OPENED",
    )
    tickets = tickets[:100]
    sample = CalibrationSample.labelled(source, gold=world.gold(tickets))
    certificate = world.cascade().certify(sample, 0.7, DELTA, into=world.fresh(), answers="TEACHER_LABELS")
    days = [int(ticket_id[1:]) for ticket_id, _, _ in tickets]
    began = datetime(2026, 1, 1, tzinfo=UTC)
    assert certificate.window_from == began + timedelta(days=min(days))
    assert certificate.window_until == began + timedelta(days=max(days))


def test_attempts_that_were_planned_divide_delta(world: World) -> None:
    into = world.fresh()
    first = world.cascade().certify(world.drawn(), TARGET, DELTA, attempts=2, into=into)
    second = world.cascade().certify(world.drawn(), 0.75, DELTA, attempts=2, into=into)
    assert [(first.attempt, first.n_attempts), (second.attempt, second.n_attempts)] == [(1, 2), (2, 2)]
    single = world.cascade().certify(world.drawn(), TARGET, DELTA, into=world.fresh())
    assert first.threshold >= single.threshold
    assert first.bound < single.bound or first.n_errors < single.n_errors
    assert [(made.n_of_pair, made.level) for made in (first, second)] == [(1, DELTA / 2), (2, DELTA / 2)]
    assert first.attempts_table.endswith(f".{into}")


def test_certified_against_people_the_teacher_is_measured_too(world: World) -> None:
    gold = world.gold(world.in_split("test")[:100])
    into = world.fresh()
    sample = CalibrationSample.labelled(copied(world, only=world.in_split("test")), gold=gold)
    certificate = world.cascade().certify(sample, 0.7, DELTA, into=into, answers="TEACHER_LABELS")
    assert (certificate.reference, certificate.gold_table, certificate.n) == ("gold", gold, 100)
    judged = world.rows(
        f"SELECT T.LABEL AS TEACHER, S.LABEL AS STUDENT, S.PROBABILITY AS SURE, G.LABEL AS GOLD FROM {gold} G "
        f"JOIN TEACHER_LABELS T ON T.TICKET_ID = G.TICKET_ID AND T.CLASSIFIER_HASH = '{world.teacher.classifier_hash}' "
        f"JOIN TEACHER_LABELS S ON S.TICKET_ID = G.TICKET_ID AND S.CLASSIFIER_HASH = '{world.student.classifier_hash}'"
    )
    answers = [row["STUDENT"] if row["SURE"] >= certificate.threshold else row["TEACHER"] for row in judged]
    wrong = sum(answer != row["GOLD"] for answer, row in zip(answers, judged, strict=True))
    assert (len(judged), wrong) == (100, certificate.n_errors)


@pytest.mark.parametrize("dies_at", ["_settled", "_asked"])
def test_a_client_that_dies_between_two_of_its_runs_loses_nothing(
    world: World, made: Cascade, monkeypatch: pytest.MonkeyPatch, dies_at: str
) -> None:
    whole = getattr(serving, dies_at)
    calls: list[object] = []

    def dying(*given: Any) -> Any:
        calls.append(given)
        if dies_at == "_settled" or len(calls) > 1:  # the first one asked is the student
            raise SystemExit(143)
        return whole(*given)

    into = world.fresh()
    monkeypatch.setattr(serving, dies_at, dying)
    with pytest.raises(SystemExit):
        made.classify_table(TICKETS, into=into)
    monkeypatch.undo()
    run = made.classify_table(TICKETS, into=into)
    assert run.is_complete
    asked = world.rows(f"SELECT TEXT_HASH, CLASSIFIER_HASH FROM {into} WHERE INPUT_TOKENS IS NOT NULL")
    assert len(asked) == len({tuple(row.values()) for row in asked})  # nobody was asked anything twice
    assert run.n_texts_asked == (
        0 if dies_at == "_settled" else run.n_by_model[TEACHER] + run.n_by_outcome.get("error", 0)
    )
    whole_run = labelled(world, made)
    assert {key: row["LABEL"] for key, row in labelled(world, made, into).items()} == {
        ticket_id: whole_run[ticket_id]["LABEL"] for ticket_id, _, _ in world.tickets
    }
