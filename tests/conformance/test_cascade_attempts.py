"""The certificates table: attempts are counted whatever becomes of them, and only those that were planned are made."""

from dataclasses import replace
from typing import Any

import pytest

from cortex_tickets._cascading.attempts import Question
from cortex_tickets._cascading.certificates_table import CertificatesTable
from cortex_tickets._cascading.drawing import Drawn, DrawnTicket
from cortex_tickets._cascading.loading import stored_certificate
from cortex_tickets._cascading.sealing import sealed
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.binomial import upper_bound
from cortex_tickets.errors import CertificateMismatchError, InvalidInputError, NotCertifiedError
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.table_name import TableName
from known_certificate import certificate


def sample(first: int, n: int = 100) -> Drawn:
    tickets = [DrawnTicket(str(number), f"{number:064x}", "A", None) for number in range(first, first + n)]
    return Drawn(tickets, 1_000)


QUESTION = Question("student", "teacher", 0.95, 0.05, 1, "gold", sample(0))


@pytest.fixture
def table(session: Any) -> CertificatesTable:
    client = CortexClient(session)
    return CertificatesTable(client, fully_qualified(client, TableName.parse("CERTIFICATES")))


def certified(question: Question) -> Certificate:
    made = certificate(
        target=question.target,
        delta=question.delta,
        n_attempts=question.n_attempts,
        n=100,
        n_errors=0,
        bound=1 - upper_bound(0, 100, 0.05),
        threshold=0.5,
        student_hash=question.student_hash,
        teacher_hash=question.teacher_hash,
        sample_hash=question.sample.hash,
        tickets="T",
    )
    return sealed(made)


def refusal() -> NotCertifiedError:
    return NotCertifiedError("no", n=100, n_errors=9, n_allowed=1, n_needed=None, target_possible=0.84)


def test_an_attempt_that_died_is_the_same_attempt_when_it_is_made_again(table: CertificatesTable) -> None:
    first, again = table.begin(QUESTION), table.begin(QUESTION)
    assert first == again
    assert (first.number, first.certificate) == (1, None)


def test_a_question_that_was_answered_has_its_answer(table: CertificatesTable) -> None:
    table.certify(table.begin(QUESTION), certified(QUESTION))
    assert table.begin(QUESTION).certificate == certified(QUESTION)


def test_a_question_that_was_refused_is_refused_in_the_same_words(table: CertificatesTable) -> None:
    table.refuse(table.begin(QUESTION), refusal())
    with pytest.raises(NotCertifiedError, match=r"^no$") as raised:
        table.begin(QUESTION)
    assert (raised.value.n_errors, raised.value.target_possible) == (9, 0.84)


@pytest.mark.parametrize(
    "change", [{"target": 0.9}, {"delta": 0.1}, {"student_hash": "other"}, {"teacher_hash": "other"}]
)
def test_a_second_attempt_on_a_sample_is_no_fresh_proof(table: CertificatesTable, change: dict[str, Any]) -> None:
    table.begin(QUESTION)
    with pytest.raises(InvalidInputError, match="no fresh proof") as raised:
        table.begin(replace(QUESTION, **change))
    assert "It takes a fresh sample, and a larger delta too" in str(raised.value)


def test_as_many_attempts_as_were_planned_can_be_made_and_none_more(table: CertificatesTable) -> None:
    planned = replace(QUESTION, n_attempts=2)
    assert table.begin(planned).number == 1
    assert table.begin(replace(planned, student_hash="other")).number == 2
    with pytest.raises(InvalidInputError, match="2 attempts were planned"):
        table.begin(replace(planned, student_hash="a third"))
    assert table.begin(planned).number == 1


def test_the_plan_cannot_be_changed_afterwards(table: CertificatesTable) -> None:
    table.begin(replace(QUESTION, n_attempts=2))
    with pytest.raises(InvalidInputError, match="attempts=5, but 2 were planned"):
        table.begin(replace(QUESTION, n_attempts=5, student_hash="other"))


@pytest.mark.parametrize("first", [1, 89])
def test_a_sample_that_shares_more_than_a_tenth_is_the_same(table: CertificatesTable, first: int) -> None:
    table.begin(QUESTION)
    with pytest.raises(InvalidInputError, match="shares more than a tenth"):
        table.begin(replace(QUESTION, sample=sample(first)))


@pytest.mark.parametrize("first", [90, 500])
def test_a_sample_that_shares_less_is_fresh(table: CertificatesTable, first: int) -> None:
    table.begin(QUESTION)
    assert table.begin(replace(QUESTION, sample=sample(first), student_hash="other")).number == 1


def fresh(number: int, **changes: Any) -> Question:
    """Return the question on a sample that shares nothing with the others."""
    return replace(QUESTION, sample=sample(1_000 * number), **changes)


def test_fresh_samples_one_after_the_other_cannot_get_a_certificate(table: CertificatesTable) -> None:
    table.refuse(table.begin(fresh(0)), refusal())
    for number in range(1, 40):
        with pytest.raises(InvalidInputError, match=r"delta=0\.05 is used up"):
            table.begin(fresh(number))
    with pytest.raises(InvalidInputError) as raised:
        table.begin(fresh(40))
    said = str(raised.value)
    assert (
        "This would be attempt 2 of this student and teacher, whatever the sample, and those before it (1 refused;"
        in said
    )
    assert "CERTIFICATES records them) have spent 0.05" in said
    assert "Plan attempts= with the first one, or ask for delta=0.1, which then holds over all of them" in said


def test_one_more_attempt_holds_with_a_larger_delta_over_all_of_them(table: CertificatesTable) -> None:
    table.refuse(table.begin(fresh(0)), refusal())
    second = table.begin(fresh(1, delta=0.1))
    assert second.level == pytest.approx(0.05)
    assert (second.n_of_pair, second.n_refused, second.spent) == (2, 1, 0.05)
    table.refuse(second, refusal())
    third = table.begin(fresh(2, delta=0.11))
    assert third.level == pytest.approx(0.01)
    assert (third.n_of_pair, third.n_refused) == (3, 2)
    with pytest.raises(InvalidInputError, match=r"attempt 4 .*\(2 refused, 1 begun and not over;"):
        table.begin(fresh(3, delta=0.11))


def test_attempts_that_were_planned_may_be_made_on_fresh_samples(table: CertificatesTable) -> None:
    for number in range(3):
        assert table.begin(fresh(number, n_attempts=3)).level == pytest.approx(0.05 / 3)
    with pytest.raises(InvalidInputError, match="is used up"):
        table.begin(fresh(3, n_attempts=3))


def test_what_an_attempt_spends_is_over_all_targets_but_of_one_reference(table: CertificatesTable) -> None:
    table.certify(table.begin(fresh(0)), certified(fresh(0)))
    with pytest.raises(InvalidInputError, match=r"\(1 certified; "):
        table.begin(fresh(1, target=0.5))
    for number, other in enumerate(({"reference": "teacher"}, {"student_hash": "other"}, {"teacher_hash": "other"})):
        assert table.begin(fresh(2 + number, **other)).n_of_pair == 1


def test_an_attempt_that_ended_before_anything_was_looked_at_does_not_count(table: CertificatesTable) -> None:
    table.begin(fresh(0))
    table.pause(fresh(0))
    other = table.begin(fresh(1))
    assert (other.level, other.n_of_pair) == (0.05, 1)
    table.refuse(other, refusal())
    with pytest.raises(InvalidInputError, match="is used up"):  # what it did not spend, another one has
        table.begin(fresh(0))


def test_an_attempt_that_is_made_again_goes_on(table: CertificatesTable) -> None:
    first = table.begin(QUESTION)
    table.pause(QUESTION)
    assert table.begin(QUESTION) == first


def test_a_client_that_was_given_up_by_its_twin_concludes_nothing(table: CertificatesTable) -> None:
    attempt = table.begin(QUESTION)
    table.pause(QUESTION)
    with pytest.raises(InvalidInputError, match="nothing was concluded"):
        table.certify(attempt, certified(QUESTION))


def test_of_two_that_begin_at_once_one_steps_back(table: CertificatesTable, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, calls = table.standing, list[object]()

    def both_look_first(question: Question) -> Any:
        found = whole(question)
        calls.append(question)
        if len(calls) == 1:
            table.begin(fresh(1))  # the other one looks, writes and counts before the first one writes
        return found

    monkeypatch.setattr(table, "standing", both_look_first)
    with pytest.raises(InvalidInputError, match=r"began in .* at the same moment"):
        table.begin(fresh(0))
    monkeypatch.undo()
    assert table.begin(fresh(1)).level == 0.05
    with pytest.raises(InvalidInputError, match="is used up"):
        table.begin(fresh(0))


def test_certificates_of_two_models_are_found_the_newest_first(table: CertificatesTable) -> None:
    table.certify(table.begin(QUESTION), certified(QUESTION))
    later = fresh(1, target=0.9, delta=0.1)
    table.certify(table.begin(later), certified(later))
    table.refuse(table.begin(fresh(2, delta=0.15)), refusal())
    found = [stored_certificate(row) for row in table.of_pair("student", "teacher")]
    assert found == [certified(later), certified(QUESTION)]
    assert table.of_pair("student", "another") == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ("RESULT = REPLACE(RESULT, '\"target\":0.95', '\"target\":0.96')", r"\(target\)"),
        ("RESULT = REPLACE(RESULT, '\"threshold\":0.5', '\"threshold\":0.0')", r"\(threshold\)"),
        ("RESULT = REPLACE(RESULT, '\"n\":100', '\"n\":1000')", r"\(bound\)"),
        ('RESULT = REPLACE(RESULT, \'"tickets":"T"\', \'"tickets":"U"\')', "what it says does not agree"),
        ("DELTA = 0.01", r"\(delta\)"),
        ("CONTENT_HASH = 'x'", r"\(content_hash\)"),
    ],
)
def test_a_row_that_was_edited_certifies_nothing(
    session: Any, table: CertificatesTable, changed: str, field: str
) -> None:
    table.certify(table.begin(QUESTION), certified(QUESTION))
    session.sql(f"UPDATE CERTIFICATES SET {changed}").collect()
    (row,) = table.of_pair("student", "teacher")
    with pytest.raises(CertificateMismatchError, match=field):
        stored_certificate(row)


def test_who_concludes_first_has_concluded(table: CertificatesTable) -> None:
    attempt = table.begin(QUESTION)
    table.certify(attempt, certified(QUESTION))
    table.refuse(attempt, refusal())
    assert table.begin(QUESTION).certificate == certified(QUESTION)


def test_a_table_of_another_form_is_a_problem_and_none_at_all_is_an_error(session: Any) -> None:
    client = CortexClient(session)
    session.sql("CREATE TABLE OTHER (ID INT)").collect()
    assert "is a table of another form" in CertificatesTable(client, TableName.parse("OTHER")).problems()[0]
    with pytest.raises(InvalidInputError, match="There is no certificates table NOT_THERE"):
        CertificatesTable(client, TableName.parse("NOT_THERE")).of_pair("student", "teacher")
