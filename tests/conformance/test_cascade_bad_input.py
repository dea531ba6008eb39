"""Calibration that proves nothing: each one clear error, before anything is billed."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cascade_world import DELTA, LABELS, TARGET, TEACHER, TICKETS, World, make_world
from cortex_tickets import (
    Budget,
    CalibrationSample,
    Cascade,
    Certificate,
    InvalidInputError,
    ModelPrice,
    TicketClassifier,
    TicketSource,
    TrainingSetBuilder,
    local,
)
from known_student import KnownStudent

Tickets = list[tuple[str, str, str]]


@pytest.fixture(scope="module")
def world(engine: local.Engine) -> Iterator[World]:
    with engine.session() as session:
        yield make_world(session)


def source_of(world: World, tickets: Tickets) -> TicketSource:
    table = world.fresh()
    world.session.create_dataframe(
        [ticket[:2] for ticket in tickets], schema=["TICKET_ID", "TEXT"]
    ).write.save_as_table(table)
    return TicketSource(table=table, id="TICKET_ID", text="TEXT")


def refused(world: World, sample: Any, words: str, *, target: float = TARGET, **options: Any) -> None:
    """Check that the sample is refused with these words, and that nobody was asked and no attempt was made."""
    into = world.fresh()
    with pytest.raises(InvalidInputError, match=words):
        world.cascade().certify(sample, target, DELTA, into=into, **options)
    assert world.rows(f"SHOW TABLES LIKE '{into}%'") == []


def labelled(world: World, tickets: Tickets, chosen: Tickets | None = None) -> CalibrationSample:
    """Return the sample of these tickets that people labelled, of a table with one more."""
    chosen = chosen or tickets
    unlabelled = [] if len(chosen) < len(tickets) else [("MORE", "Wo ist meine Karte?", "")]
    return CalibrationSample.labelled(source_of(world, [*tickets, *unlabelled]), gold=world.gold(chosen))


def test_calibration_on_what_was_trained_on(world: World) -> None:
    tickets = [*world.in_split("test")[:80], *world.in_split("training")[:7]]
    refused(world, labelled(world, tickets), r"7 of 87 tickets .* have a text that the student was trained on \(T")


def test_calibration_on_what_fitted_the_temperature(world: World) -> None:
    tickets = [*world.in_split("test")[:80], *world.in_split("validation")[:4]]
    refused(world, labelled(world, tickets), "4 of 84 tickets .* the temperature was fitted on")


def test_calibration_on_near_copies_of_what_was_trained_on(world: World) -> None:
    long = [ticket for ticket in world.in_split("training") if len(ticket[1].split()) > 12][:3]
    copies = [(f"C{number}", f"{text} hello", label) for number, (_, text, label) in enumerate(long)]
    tickets = [*world.in_split("test")[:80], *copies]
    refused(world, labelled(world, tickets), r"3 of 83 tickets .* are near-copies .* \(C0, C1, C2\)")


def test_a_draw_of_a_table_that_was_trained_on_is_refused_too(world: World) -> None:
    sample = CalibrationSample.drawn(TicketSource(table="TICKETS", id="TICKET_ID", text="TEXT"), n=100, seed=1)
    refused(world, sample, "have a text that the student was trained on")


def test_a_sample_that_is_balanced(world: World) -> None:
    of_label = defaultdict(list)
    for ticket in world.in_split("test"):
        of_label[ticket[2]].append(ticket)
    least = min(map(len, of_label.values()))
    tickets = [ticket for tickets in of_label.values() for ticket in tickets]
    chosen = [ticket for tickets in of_label.values() for ticket in tickets[:least]]
    refused(world, labelled(world, tickets, chosen), "no simple random sample: its labels are")


def test_a_sample_that_was_deduplicated(world: World) -> None:
    once = world.in_split("test")
    tickets = [*once, *((f"{ticket_id}-{copy}", text, label) for ticket_id, text, label in once for copy in range(4))]
    refused(world, labelled(world, tickets, once[:90]), "no text stands in it twice, and")


def test_a_sample_that_was_copied(world: World) -> None:
    once = world.in_split("test")[:60]
    tickets = [(f"{ticket_id}-{copy}", text, label) for ticket_id, text, label in once for copy in range(4)]
    refused(world, labelled(world, tickets), "each of its 60 texts stands in it exactly 4 times")


def test_a_sample_that_is_the_whole_source(world: World) -> None:
    tickets = world.in_split("test")[:80]
    of_people = CalibrationSample.labelled(source_of(world, tickets), gold=world.gold(tickets))
    refused(world, of_people, "is all 80 tickets of .*, so it was not drawn from them")
    refused(world, CalibrationSample.drawn(source_of(world, tickets), n=400, seed=1), "is all 80 tickets of")


def test_a_sample_that_is_too_small(world: World) -> None:
    tickets = world.in_split("test")
    refused(world, labelled(world, tickets, tickets[:10]), "has 10 tickets, and that is too small: .* takes 11")
    refused(world, labelled(world, tickets, tickets[:44]), "has 44 tickets, .* too small: .* takes 45", target=0.95)


def test_a_sample_of_corrections(world: World) -> None:
    tickets = world.in_split("test")[:80]
    gold = world.gold(tickets, source="correction")
    refused(world, CalibrationSample.labelled(source_of(world, tickets), gold=gold), "the source 'random_sample' only")


def test_labels_from_before_the_moment_do_not_count(world: World) -> None:
    tickets = world.in_split("test")[:80]
    sample = CalibrationSample.labelled(
        source_of(world, tickets), gold=world.gold(tickets), labelled_from=datetime(2026, 11, 21, tzinfo=UTC)
    )
    refused(world, sample, "No ticket of .* has a label of a random sample")


def test_a_gold_label_that_nobody_can_give(world: World) -> None:
    (first_id, text, _), *others = world.in_split("test")[:80]
    refused(world, labelled(world, [(first_id, text, "pin blocked"), *others]), "gold label 'pin blocked' of 1 tickets")


def test_tables_that_are_not_there_or_of_another_form(world: World) -> None:
    refused(world, CalibrationSample.labelled("NOWHERE", gold="TICKETS"), "2 problems")


def test_a_gold_table_that_is_not_there(world: World) -> None:
    refused(world, CalibrationSample.labelled(world.training_set, gold="NOWHERE"), "There is no gold table NOWHERE")


def test_more_tickets_than_there_are_cannot_be_drawn(world: World) -> None:
    refused(world, world.drawn(n=9_000), "9000 tickets were to be drawn from the test split of .*, and it has ")


@pytest.mark.parametrize("n", [None, 0, -5, 10_001])
def test_a_sample_that_is_none_is_not_made(n: int | None) -> None:
    with pytest.raises(InvalidInputError, match="is no number of tickets to draw, from 1 to 10,000"):
        CalibrationSample(source=TICKETS, name="tickets", gold=None, n=n)


def test_everything_that_is_wrong_with_a_sample_is_told_at_once(world: World) -> None:
    tickets = [*world.in_split("training")[:4], *world.in_split("validation")[:3]]
    refused(world, labelled(world, tickets), "3 problems")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": 1}, "target=1 must be a number between 0 and 1"),
        ({"target": "high"}, "target='high' must be"),
        ({"delta": 0}, "delta=0 must be a number between 0 and 1"),
        ({"attempts": 0}, "attempts=0 must be at least 1"),
        ({"timeout": -1}, "timeout=-1 must be more than 0"),
        ({"into": "a.b.c.d"}, "certificates table"),
        ({"answers": ""}, "ledger table"),
        ({"budget": 3}, "budget=3 is no Budget"),
        ({"budget": Budget(platform_credits=1)}, "limits none"),
    ],
)
def test_options_that_cannot_be(world: World, options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        world.cascade().certify(world.drawn(), **options)


@pytest.mark.parametrize("given", ["TICKETS", 400, None])
def test_what_is_no_calibration_sample(world: World, given: Any) -> None:
    with pytest.raises(InvalidInputError, match=r"give CalibrationSample\.labelled"):
        world.cascade().certify(given)


def test_a_student_without_a_probability(world: World) -> None:
    plain = TicketClassifier(world.session, labels=LABELS, model="llama3.1-8b")
    with pytest.raises(InvalidInputError, match=r"gives no probability.* ScoredStudent\(classifier, head\)"):
        world.cascade(student=plain)


@pytest.mark.parametrize("role", ["student", "teacher"])
def test_a_member_that_may_ask_several_models_is_refused(world: World, role: str) -> None:
    several = TicketClassifier(world.session, labels=LABELS, model=[TEACHER, "llama3.1-8b"])
    with pytest.raises(InvalidInputError, match=rf"The {role} may ask any of 2 models \({TEACHER}, llama3\.1-8b\)"):
        world.cascade(**{role: several})


def test_a_certificate_names_the_models_that_answered(world: World) -> None:
    into = world.fresh()
    made = world.cascade().certify(world.drawn(), TARGET, DELTA, into=into)
    assert world.rows(f"SELECT DISTINCT ANSWERED_BY FROM {into}_ANSWERS ORDER BY 1") == [
        {"ANSWERED_BY": made.student},
        {"ANSWERED_BY": made.teacher},
    ]
    again = world.fresh()
    world.session.sql(f"UPDATE {into}_ANSWERS SET ANSWERED_BY = 'another' WHERE ANSWERED_BY = '{TEACHER}'").collect()
    with pytest.raises(InvalidInputError, match=f"the teacher {TEACHER} in .* were answered by another"):
        world.cascade().certify(world.drawn(), TARGET, DELTA, into=again, answers=f"{into}_ANSWERS")


def test_a_head_that_was_trained_under_another_label_set(world: World) -> None:
    other = TicketClassifier(world.session, labels=[*LABELS.names[1:], "pin blocked"], model=TEACHER)
    with pytest.raises(InvalidInputError, match="it lacks pin blocked and also has card arrival"):
        world.cascade(teacher=other)


def test_what_is_no_classifier(world: World) -> None:
    with pytest.raises(InvalidInputError) as raised:
        Cascade("student", None)  # type: ignore[arg-type]
    assert len(raised.value.problems) == 2
    with pytest.raises(InvalidInputError, match="the same classifier"):
        world.cascade(teacher=world.student)


def test_a_student_that_does_not_say_what_it_learned_from(world: World) -> None:
    with pytest.raises(InvalidInputError, match=r"give Cascade\(\.\.\., training_set=\.\.\.\)"):
        Cascade(world.student, world.teacher).certify(world.drawn())


def certificate_of(cascade: Cascade, world: World) -> Certificate:
    return cascade.certify(world.drawn(), TARGET, DELTA, into=world.fresh())


def test_a_teacher_that_the_account_lacks_is_refused_before_the_student_is_paid(world: World) -> None:
    retired = TicketClassifier(world.session, labels=LABELS, model="gemma-7b")
    cascade, into = world.cascade(teacher=retired), world.fresh()
    with pytest.raises(InvalidInputError, match="gemma-7b"):
        cascade.certify(world.drawn(), TARGET, DELTA, into=into)
    assert world.rows(f"SHOW TABLES LIKE '{into}%'") == []


def test_a_budget_needs_the_prices_of_both_before_either_is_asked(world: World) -> None:
    unpriced = KnownStudent(world.session, table="KNOWN", labels=LABELS)
    cascade = world.cascade(student=unpriced)
    with pytest.raises(InvalidInputError, match="The price of a student is unknown"):
        cascade.certify(world.drawn(), TARGET, DELTA, budget=Budget(ai_credits=1), into=world.fresh())
    priced = KnownStudent(world.session, table="KNOWN", labels=LABELS, price=ModelPrice(input=1, output=1))
    assert world.cascade(student=priced, certificate=certificate_of(cascade, world)).certificate is not None


def test_a_certificates_table_that_is_not_there(world: World) -> None:
    with pytest.raises(InvalidInputError, match="There is no certificates table"):
        Cascade.load(world.student, world.teacher, table="NOWHERE")


def test_a_run_that_does_not_say_its_labels_cannot_be_trained_on(world: World) -> None:
    run = world.student.classify_table(TICKETS, into=world.fresh())
    with pytest.raises(InvalidInputError, match=f"The run {run.run_id} in .* does not say which labels"):
        TrainingSetBuilder(world.session).build(TICKETS, into=world.fresh(), labels=run)
