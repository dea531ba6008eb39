"""What a certificate says, what it does not say, and what a refusal says it would take."""

import pickle
from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from cortex_tickets._cascading.certifying import credits_per_1000, proof_of
from cortex_tickets._cascading.fixed_sequence import JudgedTicket
from cortex_tickets._cascading.judging import Answer, AnsweredTicket, error_problems, judged
from cortex_tickets._cascading.sealing import seal_problems, sealed
from cortex_tickets._cascading.thresholds import THRESHOLDS
from cortex_tickets.binomial import upper_bound
from cortex_tickets.calibration_sample import CalibrationSample
from cortex_tickets.errors import InvalidInputError, NotCertifiedError
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.table_name import TableName
from known_certificate import STUDENT, TEACHER, certificate


def test_a_certificate_is_a_statement_that_someone_can_sign() -> None:
    said = str(certificate())
    assert said.startswith(
        "With a confidence of 95 %, this cascade answers at least 95 % of tickets like these as people do."
    )
    for fact in (
        "labels of people on a random sample (TICKET_GOLD)",
        "400 of 12,000 tickets of NEW_TICKETS, drawn at random: 390 different texts in 371 groups of near-copies",
        "12 answered otherwise; exact bound 95.18%",
        "0.5200; 17.0% of the sample go to the teacher",
        "0.4321 AI credits for 1,000 distinct tickets; 2.5000 with the teacher alone",
        "1 of 1 planned on this sample; 1 of this student and teacher so far, 0 refused",
        "counted in DB.S.CASCADE_CERTIFICATES",
        "2026-09-01 to 2026-10-31",
        f"{STUDENT} (aaaaaaaaaaaa)",
        f"{TEACHER} (bbbbbbbbbbbb)",
        "this certificate eeeeeeeeeeee, sample cccccccccccc, training set dddddddddddd",
        "2026-11-25 14:30 UTC",
        "nothing of single labels or customers",
    ):
        assert fact in said


def test_a_certificate_says_how_many_attempts_its_confidence_is_over() -> None:
    said = str(certificate(delta=0.15, level=0.05, n_of_pair=3, n_refused=2))
    assert (
        "3 of this student and teacher so far, 2 refused: the confidence of 85 % is over all of them, this one was "
        "tested at a level of 0.05"
    ) in said


def test_a_certificate_on_groups_says_that_it_is_of_texts_that_differ() -> None:
    said = str(certificate(unit="group", n=86, n_groups=86, n_population=90, tickets="the test split of FT"))
    assert said.startswith(
        "With a confidence of 95 %, this cascade answers at least 95 % of tickets like these as people do, near-copies "
        "counted once."
    )
    assert "86 tickets in 86 groups of near-copies, one of each, of 90 groups in the test split of FT" in said
    assert "nothing of tickets as they come in" in said
    assert "too large for a split" in said


def test_with_the_teacher_as_reference_it_says_what_that_does_not_tell_of_the_truth() -> None:
    said = str(certificate(reference="teacher", gold_table=None, target=0.98, delta=0.01))
    assert said.startswith(
        f"With a confidence of 99 %, this cascade answers at least 98 % of tickets like these as {TEACHER} does."
    )
    assert "the teacher itself; tickets that it answers agree by construction" in said
    assert "if the teacher is right for a share A of the tickets, the cascade is for at least A - 2 %" in said


def test_what_is_not_known_is_said_to_be_unknown() -> None:
    said = str(certificate(credits_per_1000=None, window_from=None, teacher_credits_per_1000=None))
    assert "cost:       unknown" in said
    assert "not known: the source has no column" in said


def test_in_a_notebook_it_is_a_table_whose_names_are_escaped() -> None:
    shown = certificate(tickets="<b>x</b>")._repr_html_()
    assert "<b>" not in shown
    assert "&lt;b&gt;x&lt;/b&gt;" in shown
    assert ">With a confidence of 95 %" in shown


@pytest.mark.parametrize("change", [{"student_hash": "e" * 64}, {"teacher_hash": "e" * 64}, {"threshold": 0.6}])
def test_the_cascades_hash_is_of_both_models_and_the_threshold(change: dict[str, Any]) -> None:
    assert certificate(**change).cascade_hash != certificate().cascade_hash
    assert certificate(n=401, certified_at=datetime(2027, 1, 1, tzinfo=UTC)).cascade_hash == certificate().cascade_hash


TRUE_FIGURES: dict[str, Any] = {"bound": 1 - upper_bound(12, 400, 0.05), "threshold": THRESHOLDS[-1]}


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"target": 0.999}, " (target)"),
        ({"delta": 1e-9}, " (delta)"),
        ({"level": 0.01}, " (bound)"),
        ({"n_attempts": 2}, " (delta)"),
        ({"threshold": 0.0}, " (threshold)"),
        ({"bound": 0.99}, " (bound)"),
        ({"n": 4_000}, " (bound)"),
        ({"n_errors": 0}, " (bound)"),
        ({"n_errors": -1}, " (n_errors)"),
        ({"share_escalated": 0.01}, " does"),
        ({"reference": "teacher"}, " does"),
        ({"window_until": None}, " does"),
        ({"content_hash": ""}, " does"),
        ({"threshold": 0.0, "target": 0.999, "delta": 1e-9}, " (delta, target, threshold)"),
    ],
)
def test_a_certificate_that_was_edited_is_none(changes: dict[str, Any], fields: str) -> None:
    true = sealed(certificate(**TRUE_FIGURES))
    assert seal_problems(true) == []
    assert seal_problems(Certificate.model_validate_json(true.model_dump_json())) == []
    (problem,) = seal_problems(true.model_copy(update=changes))
    assert f"what it says{fields}" in problem


def test_a_certificate_is_read_back_as_it_was() -> None:
    assert Certificate.model_validate_json(certificate().model_dump_json()) == certificate()


def tickets(*, wrong: int, n: int = 400, teacher_wrong: int = 0, probability: float | None = 0.9) -> list[JudgedTicket]:
    return [
        JudgedTicket(probability, student_is_right=number >= wrong, teacher_is_right=number >= teacher_wrong)
        for number in range(n)
    ]


def test_a_proof_has_the_exact_bound_of_its_threshold() -> None:
    proof = proof_of(tickets(wrong=12), target=0.95, level=0.05, teacher=TEACHER, further=0.1)
    assert proof.bound == pytest.approx(1 - 0.048154, abs=1e-6)
    assert proof.chosen.n_errors == 12


def test_a_refusal_says_how_many_tickets_or_which_target_it_would_take() -> None:
    with pytest.raises(NotCertifiedError) as raised:
        proof_of(tickets(wrong=16), target=0.95, level=0.05, teacher=TEACHER, further=0.1)
    error = raised.value
    assert (error.n, error.n_errors, error.n_allowed, error.target_possible) == (400, 16, 12, 0.939)
    assert error.n_needed is not None
    assert 1_000 < error.n_needed < 1_500
    assert f"{error.n_needed:,} tickets with the same share of them or a target of at most 0.939" in str(error)
    assert "at the same level it takes delta=0.1, which then holds over all attempts" in str(error)


def test_where_no_number_of_tickets_helps_only_a_lower_target_is_named() -> None:
    with pytest.raises(NotCertifiedError) as raised:
        proof_of(tickets(wrong=80), target=0.95, level=0.05, teacher=TEACHER, further=0.1)
    assert (raised.value.n_needed, raised.value.target_possible) == (None, 0.764)
    assert "with the same share" not in str(raised.value)


def test_a_teacher_that_is_not_good_enough_itself_is_named() -> None:
    with pytest.raises(NotCertifiedError, match="claude-sonnet-4-6 alone answers 40 otherwise") as raised:
        proof_of(tickets(wrong=0, teacher_wrong=40), target=0.95, level=0.05, teacher=TEACHER, further=0.1)
    assert raised.value.n_errors == 40


def test_a_student_that_never_answers_is_no_cascade() -> None:
    with pytest.raises(NotCertifiedError):
        proof_of(tickets(wrong=400, probability=None), target=0.95, level=0.05, teacher=TEACHER, further=0.1)


def test_a_refusal_can_be_pickled() -> None:
    with pytest.raises(NotCertifiedError) as raised:
        proof_of(tickets(wrong=16), target=0.95, level=0.05, teacher=TEACHER, further=0.1)
    again = pickle.loads(pickle.dumps(raised.value))  # noqa: S301  made the line before
    assert (str(again), again.n_needed) == (str(raised.value), raised.value.n_needed)


def answer(label: str | None, probability: float | None = None, outcome: str = "valid", tokens: int = 10) -> Answer:
    return Answer(label, outcome, probability, tokens, 1)


def answered(gold: str | None, student: Answer, teacher: Answer) -> AnsweredTicket:
    return AnsweredTicket("hash", gold, student, teacher)


def test_people_judge_both_and_the_teacher_judges_only_the_student() -> None:
    ticket = answered("A", answer("B", 0.8), answer("B"))
    assert judged([ticket], "gold") == [JudgedTicket(0.8, student_is_right=False, teacher_is_right=False)]
    assert judged([ticket], "teacher") == [JudgedTicket(0.8, student_is_right=True, teacher_is_right=True)]


def test_a_student_that_abstains_or_fails_has_no_probability_that_counts() -> None:
    for outcome in ("abstained", "off_label", "error"):
        ticket = answered("A", answer("A", 0.99, outcome), answer("A"))
        assert judged([ticket], "gold")[0].probability is None


@pytest.mark.parametrize("reference", ["gold", "teacher"])
def test_what_the_teacher_cannot_answer_counts_as_answered_otherwise(reference: Literal["gold", "teacher"]) -> None:
    failed = answer(None, outcome="error")
    assert judged([answered("A", answer("B", 0.9), failed)], reference) == [
        JudgedTicket(0.9, student_is_right=False, teacher_is_right=False)
    ]


def test_what_the_student_cannot_answer_goes_to_the_teacher() -> None:
    assert judged([answered("A", answer(None, outcome="error"), answer("A"))], "gold") == [
        JudgedTicket(None, student_is_right=False, teacher_is_right=True)
    ]


def failing(n_failed: int, error: str, n: int = 400) -> list[AnsweredTicket]:
    failed = Answer(None, "error", None, None, None, error=error)
    return [answered("A", failed if number < n_failed else answer("A", 0.9), answer("A")) for number in range(n)]


LEDGER = TableName.parse("DB.S.L")
REMOTE = "Request failed for external function COMPLETE$V6 with remote service error: "
OF_THE_TEXT, PASSING = f"{REMOTE}400 'max tokens of 512 exceeded'", f"{REMOTE}429 'too many requests'"


@pytest.mark.parametrize(("n_failed", "n"), [(0, 400), (8, 400), (1, 59), (1, 20)])
def test_a_few_texts_may_have_an_error_of_their_own(n_failed: int, n: int) -> None:
    assert error_problems(failing(n_failed, OF_THE_TEXT, n), LEDGER) == []


@pytest.mark.parametrize(
    ("n_failed", "error", "why"),
    [
        (9, OF_THE_TEXT, "more than the 8"),
        (1, PASSING, "1 of them of a kind that passes"),
        (400, PASSING, "400 of them"),
    ],
)
def test_a_service_that_is_down_is_no_error_of_the_texts(n_failed: int, error: str, why: str) -> None:
    (problem,) = error_problems(failing(n_failed, error), LEDGER)
    assert f"{n_failed} of 400 tickets of the sample have an error of the student in DB.S.L" in problem
    assert why in problem
    assert "no attempt is spent" in problem


def test_errors_stand_on_the_certificate() -> None:
    said = str(certificate(n_student_failed=2, n_teacher_failed=1))
    assert "errors of the student on 2, which go to the teacher, and of the teacher on 1, which count as" in said
    assert "errors of" not in str(certificate())


def test_where_the_teacher_has_no_label_no_label_is_as_it_says() -> None:
    ticket = answered(None, answer("A", 0.9), answer(None, outcome="off_label"))
    assert judged([ticket], "teacher") == [JudgedTicket(0.9, student_is_right=False, teacher_is_right=True)]


def test_the_cost_of_a_thousand_texts_counts_each_text_once() -> None:
    price = ModelPrice(input=2, output=4)
    twice = [("one", answer("A", tokens=10)), ("one", answer("A", tokens=10)), ("other", answer("A", tokens=40))]
    assert credits_per_1000(twice, price) == pytest.approx(1_000 * (25 * 2 + 1 * 4) / 1e6)
    assert credits_per_1000(twice, None) is None
    assert credits_per_1000([("one", Answer("A", "valid", None, None, None))], price) is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: CalibrationSample.labelled("T"), "gold= names no table"),
        (lambda: CalibrationSample.labelled("T", gold="a.b.c.d"), "a.b.c.d"),
        (lambda: CalibrationSample.labelled(42, gold="G"), "cannot be read from a int"),
        (lambda: CalibrationSample.labelled("T", gold="G", labelled_from=datetime(2026, 1, 1)), "timezone"),  # noqa: DTZ001
        (lambda: CalibrationSample.drawn("T", n=0, seed=1), "n=0 must be at least 1"),
        (lambda: CalibrationSample.drawn("T", n=10_001, seed=1), "more than 10,000"),
        (lambda: CalibrationSample.drawn("T", n=True, seed="x"), "2 problems"),  # type: ignore[arg-type]
    ],
)
def test_what_is_wrong_with_a_sample_is_said_where_it_is_made(make: Any, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        make()


def test_a_sample_says_who_is_the_reference() -> None:
    assert CalibrationSample.labelled("T", gold="G").reference == "gold"
    assert CalibrationSample.drawn("T", n=400, seed=1).reference == "teacher"
