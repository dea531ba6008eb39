"""Chunks that fail: the text that makes one fail is found, the model that does not answer is left, the rest is done."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cortex_tickets import TicketClassifier
from cortex_tickets.errors import CortexError, InvalidInputError, ModelNotFoundError, TransientCortexError
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

ASKS = "^(INSERT|MERGE) .*AI_COMPLETE"
FAILED_TEXT = r"^INSERT .*'error' AS OUTCOME"
TOO_LONG = "Request failed with remote service error: '400 'max tokens of 128000 exceeded''"
BROKEN = "Request failed with remote service error: '500 'internal error''"
NEW = "Request failed with remote service error: '400 'something that no table knows''"
GONE = "Request failed with remote service error: '400 'unknown model \"claude-sonnet-4-6\"''"
LedgerSession = Callable[..., FakeSession]


def label(session: FakeSession, **options: Any) -> TableRun:
    models = options.pop("model", "claude-sonnet-4-6")
    classifier = TicketClassifier(session, labels=["A", "B"], model=models, clock=FakeClock())
    return classifier.classify_table("T", into="DB.S.L", **options)


def bounds(statement: SentStatement) -> range:
    first, last = statement.values[:2]
    return range(first, last)


def failing_on(bad: set[int], message: str, code: int = 512513) -> Callable[[SentStatement], list[Any]]:
    """Answer as a server does that fails every statement with one of the bad texts in it."""

    def answer(statement: SentStatement) -> list[Any]:
        if bad & set(bounds(statement)):
            raise snowflake_error(message, code)
        return [{"number of rows inserted": len(bounds(statement))}]

    return answer


def asked(session: FakeSession) -> list[range]:
    return [bounds(sent) for sent in session.sent if "AI_COMPLETE" in sent.text and sent.text.startswith("INSERT")]


@pytest.mark.parametrize("message", [TOO_LONG, BROKEN, NEW])
def test_one_bad_text_never_costs_the_chunk(ledger_session: LedgerSession, message: str) -> None:
    session = ledger_session(work={"N_TO_ASK": 8, "N_WAITING": 8})
    session.answer(ASKS, failing_on({5}, message))
    session.answer(FAILED_TEXT, [{"number of rows inserted": 1}])
    assert label(session).is_complete
    (failed,) = [sent for sent in session.sent if "'error' AS OUTCOME" in sent.text]
    assert failed.values[1] == 5
    assert failed.values[0].startswith("Cortex: ") or "something that no table knows" not in failed.values[0]
    done = [text for chunk in asked(session) if 5 not in chunk for text in chunk]
    assert sorted(done) == [0, 1, 2, 3, 4, 6, 7]


def test_texts_that_are_refused_may_be_many(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 8, "N_WAITING": 8})
    session.answer(ASKS, failing_on(set(range(8)), TOO_LONG))
    session.answer(FAILED_TEXT, [{"number of rows inserted": 1}])
    assert label(session).is_complete
    assert len([text for text in session.texts() if "'error' AS OUTCOME" in text]) == 8


@pytest.mark.parametrize("message", [BROKEN, NEW])
def test_a_service_that_fails_for_every_text_ends_the_run(ledger_session: LedgerSession, message: str) -> None:
    session = ledger_session(work={"N_TO_ASK": 64, "N_WAITING": 64})
    session.answer(ASKS, failing_on(set(range(64)), message))
    session.answer(FAILED_TEXT, [{"number of rows inserted": 1}])
    with pytest.raises(CortexError) as raised:
        label(session)
    assert isinstance(raised.value, TransientCortexError) == (message == BROKEN)
    assert len([text for text in session.texts() if "'error' AS OUTCOME" in text]) == 3


@pytest.mark.parametrize(
    ("message", "code"),
    [("Insufficient privileges", 3001), ("invalid options object", 512513), ("Division by zero", 100051)],
)
def test_what_no_text_is_to_blame_for_is_not_looked_for_among_the_texts(
    ledger_session: LedgerSession, message: str, code: int
) -> None:
    session = ledger_session(work={"N_TO_ASK": 8, "N_WAITING": 8})
    session.answer(ASKS, snowflake_error(message, code))
    with pytest.raises(CortexError):
        label(session)
    assert asked(session) == [range(8)]


def model_of(statement: SentStatement) -> str:
    return "claude-sonnet-4-6" if "model => 'claude-sonnet-4-6'" in statement.text else "llama3.1-8b"


def test_the_next_model_is_asked_where_one_is_refused_and_the_run_says_so(
    ledger_session: LedgerSession, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(statement: SentStatement) -> list[Any]:
        # Retired between two statements: the first chunk is answered, the second is not.
        if model_of(statement) == "claude-sonnet-4-6" and bounds(statement).start > 0:
            raise snowflake_error(GONE, 512513)
        return [{"number of rows inserted": 2}]

    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4})
    session.answer(ASKS, answer)
    by_model: list[dict[str, Any]] = [
        {"OUTCOME": "valid", "ANSWERED_BY": "claude-sonnet-4-6", "N": 2},
        {"OUTCOME": "valid", "ANSWERED_BY": "llama3.1-8b", "N": 2},
        {"OUTCOME": "error", "ANSWERED_BY": "llama3.1-8b", "N": 1},
        {"OUTCOME": "blank", "ANSWERED_BY": None, "N": 1},
    ]
    session.answer("^SELECT OUTCOME, ANSWERED_BY", by_model)
    with caplog.at_level(logging.WARNING):
        run = label(session, chunk_rows=2, model=["claude-sonnet-4-6", "llama3.1-8b"])
    assert run.n_by_model == {"claude-sonnet-4-6": 2, "llama3.1-8b": 2}
    assert run.n_by_outcome == {"valid": 4, "error": 1, "blank": 1}
    assert "answered by claude-sonnet-4-6 (2), llama3.1-8b (2)" in str(run)
    assert "claude-sonnet-4-6 does not answer" in caplog.text
    assert run.model == "llama3.1-8b"


def test_without_a_further_model_the_refusal_is_told(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(ASKS, snowflake_error(GONE, 512513))
    with pytest.raises(ModelNotFoundError):
        label(session, model=["claude-sonnet-4-6", "llama3.1-8b"])
    assert len(asked(session)) == 2


def test_a_refusal_in_every_row_is_a_refusal(ledger_session: LedgerSession) -> None:
    counts = iter([(4, 4), (4, 0), (4, 0)])

    def told(_: SentStatement) -> list[Any]:
        n_rows, n_errors = next(counts)
        error = 'unknown model "claude-sonnet-4-6"' if n_errors else None
        tokens = 0 if n_errors else 9
        figures = {"READ_TOKENS": tokens, "WRITTEN_TOKENS": tokens, "N_ROWS": n_rows}
        return [{**figures, "N_ERRORS": n_errors, "FIRST_ERROR": error, "LAST_ERROR": error}]

    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4})
    session.answer("AS READ_TOKENS", told)
    assert label(session, model=["claude-sonnet-4-6", "llama3.1-8b"]).is_complete
    sent = [text for text in session.texts() if "AI_COMPLETE" in text]
    assert [text.split(" ")[0] for text in sent] == ["INSERT", "MERGE"]
    assert "'llama3.1-8b' AS ANSWERED_BY" in sent[1]


def test_a_refusal_in_every_row_without_a_further_model_is_an_error(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4})
    refused = {"READ_TOKENS": 0, "WRITTEN_TOKENS": 0, "N_ROWS": 4, "N_ERRORS": 4}
    refusal = "The model m has been in legacy state"
    session.answer("AS READ_TOKENS", [{**refused, "FIRST_ERROR": refusal, "LAST_ERROR": refusal}])
    with pytest.raises(ModelNotFoundError, match="in every row"):
        label(session)


def test_errors_of_rows_stay_with_the_rows(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4})
    failed = {"READ_TOKENS": 0, "WRITTEN_TOKENS": 0, "N_ROWS": 4, "N_ERRORS": 4}
    session.answer("AS READ_TOKENS", [{**failed, "LAST_ERROR": "too many requests"}])
    assert label(session).is_complete


def test_the_first_model_that_the_account_lists_is_asked(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    run = label(session, model=["mistral-large", "llama3.1-8b"])
    assert run.model == "llama3.1-8b"
    with pytest.raises(InvalidInputError) as raised:
        label(session, model=["mistral-large", "reka-flash"])
    assert len(raised.value.problems) == 2


@pytest.mark.parametrize("model", [[], "", ["a", ""], ["a", "a"], 3, ["a", 3]])
def test_models_that_are_no_names_are_refused(model: Any) -> None:
    with pytest.raises(InvalidInputError, match="model="):
        TicketClassifier(FakeSession(), labels=["A", "B"], model=model)


def test_several_models_are_part_of_the_hash_and_one_alone_is_as_it_was() -> None:
    def hash_of(model: Any) -> str:
        return TicketClassifier(FakeSession(), labels=["A", "B"], model=model).classifier_hash

    assert hash_of("m") == hash_of(["m"]) == hash_of(" m ")
    assert len({hash_of("m"), hash_of(["m", "n"]), hash_of(["n", "m"])}) == 3
