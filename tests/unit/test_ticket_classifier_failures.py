"""How labelling fails, how long it may take, and what several threads get."""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, PromptMismatchError, TicketClassifier
from cortex_tickets._cortex import text_blocks
from cortex_tickets.errors import (
    AccessDeniedError,
    ConnectionLostError,
    ModelNotFoundError,
    StatementTimeoutError,
    TransientCortexError,
)
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

LABELS = ["Roaming fees", "Lost phone"]
UNKNOWN = snowflake_error(
    "Request failed for external function COMPLETE with remote service error: '400 'unknown model \"gone\"''", 100351
)
AnswerAll = Callable[..., FakeSession]


def answered(label: str | None = "Lost phone", **changes: Any) -> dict[str, Any]:
    row = {
        "LABEL": label,
        "OUTCOME": "valid",
        "ANSWER": f'{{"label": "{label}"}}',
        "ERROR": None,
        "REPAIR": None,
        "INPUT_TOKENS": 100,
        "OUTPUT_TOKENS": 5,
    }
    return {**row, **changes}


def by_text(text: str) -> Mapping[str, Any]:
    return answered("Roaming fees" if "roaming" in text else "Lost phone", ANSWER=text)


def classifier(session: FakeSession, **options: Any) -> TicketClassifier:
    return TicketClassifier(
        session, **{"labels": LABELS, "model": "claude-sonnet-4-6", "clock": FakeClock(), **options}
    )


def test_the_outcome_error_keeps_snowflakes_words(answer_all: AnswerAll) -> None:
    row = answered(None, OUTCOME="error", ANSWER=None, ERROR="throttled", INPUT_TOKENS=None, OUTPUT_TOKENS=None)
    prediction = classifier(answer_all(lambda _: row)).classify("a")
    assert (prediction.outcome, prediction.error, prediction.label) == (Outcome.ERROR, "throttled", None)


def test_a_model_that_is_not_there_is_bad_input_with_those_that_are() -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", UNKNOWN)
    session.answer("^SHOW CORTEX", [{"name": "llama3.1-8b", "lifecycle_status": "GA"}])
    with pytest.raises(InvalidInputError, match=r"'gone' is not one .*llama3\.1-8b") as raised:
        classifier(session, model="gone").classify("a")
    assert isinstance(raised.value.__cause__, ModelNotFoundError)


def test_a_model_that_is_listed_but_not_in_this_region_keeps_snowflakes_word() -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", UNKNOWN)
    session.answer("^SHOW CORTEX", [{"name": "gone", "lifecycle_status": "GA"}])
    with pytest.raises(ModelNotFoundError):
        classifier(session, model="gone").classify("a")


def test_an_account_that_will_not_list_its_models_keeps_snowflakes_word() -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", UNKNOWN)
    session.answer("^SHOW CORTEX", snowflake_error("syntax error unexpected 'CORTEX'", 1003))
    with pytest.raises(ModelNotFoundError, match='unknown model "gone"'):
        classifier(session, model="gone").classify("a")


def test_a_fine_tuned_model_is_not_looked_for_among_the_base_models() -> None:
    prompt = ClassificationPrompt.short(LABELS)
    model = FineTunedModel(name="DB.S.M", base_model="llama3.1-8b", job_id="j", prompt=prompt, training_set_id=None)
    session = FakeSession()
    session.answer("AI_COMPLETE", UNKNOWN)
    with pytest.raises(ModelNotFoundError):
        TicketClassifier.from_model(session, model).classify("a")
    assert len(session.sent) == 1


def test_a_fine_tuned_model_is_asked_its_own_prompt_and_answers_the_bare_label(answer_all: AnswerAll) -> None:
    prompt = ClassificationPrompt.short(LABELS)
    model = FineTunedModel(name="DB.S.M", base_model="llama3.1-8b", job_id="j", prompt=prompt, training_set_id=None)
    session = answer_all(by_text)
    student = TicketClassifier.from_model(session, model, prices={"DB.S.M": ModelPrice(input=0.2, output=0.2)})
    assert (student.prompt, student.model) == (prompt, "DB.S.M")
    assert student.price == ModelPrice(input=0.2, output=0.2)
    student.classify("a")
    assert "response_format" not in session.sent[0].text
    assert student.classifier_hash[:12] in str(session.sent[0].parameters["QUERY_TAG"])
    assert TicketClassifier.from_model(session, model, prompt=prompt).classifier_hash == student.classifier_hash
    with pytest.raises(PromptMismatchError, match="leave prompt= out"):
        TicketClassifier.from_model(session, model, prompt=ClassificationPrompt.short(LABELS[::-1]))
    elsewhere = model.model_copy(update={"prompt": None})
    with pytest.raises(InvalidInputError, match="made elsewhere"):
        TicketClassifier.from_model(session, elsewhere)
    assert TicketClassifier.from_model(session, elsewhere, prompt=prompt).prompt == prompt


def test_the_time_is_for_the_whole_call_and_not_for_each_statement(
    answer_all: AnswerAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_TEXTS", 1)
    clock = FakeClock()

    def slowly(text: str) -> Mapping[str, Any]:
        clock.sleep(20)
        return by_text(text)

    session = answer_all(slowly)
    with pytest.raises(StatementTimeoutError, match="time that was given is over"):
        classifier(session, clock=clock).classify_many(["a", "b", "c", "d"], timeout=50)
    assert [sent.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for sent in session.sent] == [50, 30, 10]


def test_a_retry_has_only_the_time_that_is_left() -> None:
    clock = FakeClock()

    def throttled(_: SentStatement) -> list[dict[str, Any]]:
        clock.sleep(6)
        raise snowflake_error("remote service error: '429 'too many requests''", 100351)

    session = FakeSession()
    session.answer("AI_COMPLETE", throttled)
    with pytest.raises(TransientCortexError):
        classifier(session, clock=clock).classify("a", timeout=10)
    first, second = [sent.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for sent in session.sent]
    assert first == 10
    assert second <= 4


def test_without_a_timeout_the_sessions_own_limit_holds(answer_all: AnswerAll) -> None:
    session = answer_all(by_text)
    classifier(session).classify("a")
    assert list(session.sent[0].parameters) == ["QUERY_TAG"]


@pytest.mark.parametrize("timeout", [0, -1.5])
def test_a_timeout_of_no_time_is_refused(timeout: float) -> None:
    session = FakeSession()
    for call in (
        lambda: classifier(session).classify("a", timeout=timeout),
        lambda: classifier(session).estimate("T", timeout=timeout),
    ):
        with pytest.raises(InvalidInputError, match="must be more than 0 seconds"):
            call()
    assert session.sent == []


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (snowflake_error("403 Not Authorized", 100351), AccessDeniedError),
        (snowflake_error("Statement reached its statement timeout", 630), StatementTimeoutError),
        (snowflake_error("Session no longer exists", 390111), ConnectionLostError),
    ],
)
def test_snowflakes_failures_are_typed(error: Exception, expected: type[Exception]) -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", error)
    with pytest.raises(expected):
        classifier(session).classify("a")


def test_eight_threads_share_one_classifier_and_get_their_own_answers(answer_all: AnswerAll) -> None:
    session = answer_all(by_text)
    shared = classifier(session)

    def ask(worker: int) -> list[str | None]:
        texts = [f"text {worker}-{n}" for n in range(40)]
        assert [one.answer for one in shared.classify_many(texts)] == texts
        return [shared.classify(text).answer for text in texts]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers == [[f"text {worker}-{n}" for n in range(40)] for worker in range(8)]
    assert len(session.sent) == 8 * 41


def test_no_text_of_a_ticket_stands_in_a_log_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    said_by_customer = "My PIN is 4711 and I can't log in"
    session = FakeSession()
    session.answer("AI_COMPLETE", snowflake_error(f"String '{said_by_customer}' is too long to be stored", 100078))
    with caplog.at_level(logging.DEBUG), pytest.raises(Exception, match="is too long") as raised:
        classifier(session).classify(said_by_customer)
    for said in (str(raised.value), repr(raised.value), repr(vars(raised.value)), caplog.text):
        assert "4711" not in said
        assert "log in" not in said
    assert "statement failed: CortexError" in caplog.text
