"""What became of a statement when something else went wrong: it is sent again only if it is known to have failed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NoReturn

import pytest

from cortex_tickets import Budget, TicketClassifier
from cortex_tickets.errors import (
    AccessDeniedError,
    CallError,
    ConnectionLostError,
    CortexError,
    InvalidInputError,
    ModelNotFoundError,
    TransientCortexError,
)
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

ASKS = "^(INSERT|MERGE) .*AI_COMPLETE"
HISTORY = "AS N_SEEN"
SEEN, AT_WORK = {"N_SEEN": 3, "N_RUNNING": 0}, {"N_SEEN": 3, "N_RUNNING": 1}
INTERNAL = "Request failed with remote service error: '500 'internal error''"
THROTTLED = "Request failed with remote service error: '429 'too many requests''"
TOO_LONG = "Request failed with remote service error: '400 'max tokens of 128000 exceeded''"
LedgerSession = Callable[..., FakeSession]


@pytest.fixture
def watched(ledger_session: LedgerSession) -> LedgerSession:
    """Return a maker of sessions that send asynchronously, and whose history others can read."""

    def make(**options: Any) -> FakeSession:
        session = ledger_session(is_asynchronous=True, **options)
        session.answer("^SELECT CURRENT_SESSION", [{"SESSION_ID": "41"}])
        session.answer(HISTORY, [SEEN])
        session.answer(r"^SELECT QUERY_ID", [])
        session.answer(r"SYSTEM\$CANCEL_QUERY", [{"CANCELLED": "terminated"}])
        session.answer(ASKS, [{"number of rows inserted": 5}])
        return session

    return make


def label(session: Any, **options: Any) -> TableRun:
    models = options.pop("model", "claude-sonnet-4-6")
    prices = options.pop("prices", None)
    clock = options.pop("clock", None) or FakeClock()
    classifier = TicketClassifier(session, labels=["A", "B"], model=models, prices=prices, clock=clock)
    return classifier.classify_table("T", into="DB.S.L", **options)


def asked(session: FakeSession) -> list[str]:
    return [text for text in session.texts() if "AI_COMPLETE" in text and text.startswith(("INSERT", "MERGE"))]


def closed(session: FakeSession) -> list[str]:
    return [s.values[0] for s in session.sent if "_RUNS" in s.text and "SET STATE = ?" in s.text]


def lease_was_given_back(session: FakeSession) -> bool:
    return any("SET HOLDER = NULL" in text for text in session.texts())


def failing(message: str, code: int = 100351) -> Exception:
    return snowflake_error(message, code)


class TestWhatGoesWrongBesideIt:
    def test_a_note_that_fails_is_not_the_statements_failure(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer("SET QUERY_ID", failing(INTERNAL))
        assert label(session).is_complete
        assert len(asked(session)) == 1

    def test_a_sign_of_life_that_fails_is_not_the_statements_failure(self, watched: LedgerSession) -> None:
        session = watched()
        session.n_looks = 100
        session.answer(r"^UPDATE \S*_LEASES\S* SET HEARTBEAT", failing(INTERNAL), [{"number of rows updated": 1}])
        assert label(session).is_complete
        assert len(asked(session)) == 1

    @pytest.mark.parametrize("n_failed", [3, 1000])
    def test_looks_that_fail_say_nothing_of_the_statement(self, watched: LedgerSession, n_failed: int) -> None:
        session = watched()
        with blind(session, n_failed):
            if n_failed < 20:
                assert label(session).is_complete
                assert len(asked(session)) == 1
                return
            with pytest.raises(ConnectionLostError):
                label(session)
        # Nobody knows what became of it: the run stays open, and the next one looks for its statement.
        assert closed(session) == []
        assert session.cancelled == []
        assert lease_was_given_back(session)


@contextmanager
def blind(session: FakeSession, n_failed: int) -> Iterator[None]:
    """Let looks at statements that ask fail that often."""
    made = session.sql
    failures = iter(range(n_failed))

    def sql(query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        lazy = made(query, params, *args, **kwargs)
        if "AI_COMPLETE" not in query or not query.startswith("INSERT"):
            return lazy

        class Lazy:
            def collect_nowait(self, **options: Any) -> Any:
                job = lazy.collect_nowait(**options)
                looks = job.is_done

                def is_done() -> bool:
                    if next(failures, None) is not None:
                        raise failing("TooManyRequests", 290429)
                    done: bool = looks()
                    return done

                job.is_done = is_done
                return job

        return Lazy()

    session.sql = sql  # type: ignore[method-assign] # a test of what a session does in between
    yield


class TestInterrupts:
    def submitting(self, session: FakeSession, error: BaseException) -> FakeSession:
        """Interrupt while the server takes the statement, so that nobody knows its id."""
        made = session.sql

        def sql(query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
            lazy = made(query, params, *args, **kwargs)
            if "AI_COMPLETE" not in query or not query.startswith("INSERT"):
                return lazy

            class Lazy:
                def collect_nowait(self, **options: Any) -> NoReturn:
                    lazy.collect_nowait(**options)
                    raise error

            return Lazy()

        session.sql = sql  # type: ignore[method-assign] # a test of what a session does in between
        return session

    def test_a_statement_without_an_id_is_found_and_cancelled(self, watched: LedgerSession) -> None:
        session = self.submitting(watched(), KeyboardInterrupt())
        session.answer("^SELECT QUERY_ID", [{"QUERY_ID": "q-1"}])
        with pytest.raises(KeyboardInterrupt):
            label(session)
        assert [text for text in session.texts() if "CANCEL_QUERY" in text] == [
            "SELECT SYSTEM$CANCEL_QUERY('q-1') AS CANCELLED"
        ]
        assert closed(session) == ["INTERRUPTED"]

    def test_one_that_cannot_be_cancelled_keeps_its_run_open(self, watched: LedgerSession) -> None:
        session = self.submitting(watched(), KeyboardInterrupt())
        session.answer("^SELECT QUERY_ID", [{"QUERY_ID": "q-1"}])
        session.answer(HISTORY, [SEEN], [AT_WORK])
        with pytest.raises(KeyboardInterrupt):
            label(session)
        assert closed(session) == []
        assert lease_was_given_back(session)

    def test_a_connection_that_is_lost_leaves_the_statement_alone(self, watched: LedgerSession) -> None:
        session = self.submitting(watched(), failing("Session no longer exists. New login required", 390111))
        with pytest.raises(ConnectionLostError):
            label(session)
        assert closed(session) == []
        assert not any("CANCEL_QUERY" in text for text in session.texts())

    def test_a_second_interrupt_while_it_is_cancelled_keeps_its_run_open(self, watched: LedgerSession) -> None:
        class Impatient(FakeClock):
            is_pressed = False

            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                if self.is_pressed:
                    raise KeyboardInterrupt

        session, clock = watched(), Impatient()
        session.answer(HISTORY, [SEEN], [AT_WORK])

        def never_done(_: object) -> None:
            session.n_looks = 10_000
            session.cancelled = _Deaf()
            clock.is_pressed = True

        with pytest.raises(KeyboardInterrupt):
            label(session, clock=clock, progress=never_done)
        assert closed(session) == []


class _Deaf(list[str]):
    """What cancels nothing."""

    def __contains__(self, _: object) -> bool:
        return False


def told(n_rows: int, n_errors: int, error: str | None, tokens: int = 0) -> list[dict[str, Any]]:
    figures = {"READ_TOKENS": tokens, "WRITTEN_TOKENS": 0, "N_ROWS": n_rows, "N_ERRORS": n_errors}
    return [{**figures, "FIRST_ERROR": error, "LAST_ERROR": error}]


class TestFailuresThatEveryRowHas:
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            ("budget exceeded", AccessDeniedError),
            ("Not Authorized", AccessDeniedError),
            ("input schema validation error: x", CallError),
            ("The model m has been in legacy state", ModelNotFoundError),
        ],
    )
    def test_they_end_the_run_at_the_first_chunk(
        self, ledger_session: LedgerSession, error: str, kind: type[CortexError]
    ) -> None:
        session = ledger_session(work={"N_TO_ASK": 40, "N_WAITING": 40})
        session.answer("AS READ_TOKENS", told(10, 10, error))
        with pytest.raises(kind):
            label(session, chunk_rows=10)
        assert len(asked(session)) == 1

    def test_a_passing_one_is_asked_again_in_place(self, ledger_session: LedgerSession) -> None:
        session = ledger_session(work={"N_TO_ASK": 10, "N_WAITING": 10})
        clock = FakeClock()
        session.answer("AS READ_TOKENS.* JOIN ", told(10, 10, "too many requests"), told(10, 0, None, 50))
        assert label(session, clock=clock).is_complete
        assert [text.split(" ")[0] for text in asked(session)] == ["INSERT", "MERGE"]
        assert clock.slept

    def test_one_that_does_not_pass_ends_the_run(self, ledger_session: LedgerSession) -> None:
        session = ledger_session(work={"N_TO_ASK": 10, "N_WAITING": 10})
        session.answer("AS READ_TOKENS.* JOIN ", told(10, 10, "too many requests"))
        with pytest.raises(TransientCortexError):
            label(session)
        assert len(asked(session)) == 5

    def test_a_few_texts_that_always_fail_do_not(self, ledger_session: LedgerSession) -> None:
        session = ledger_session(work={"N_TO_ASK": 2, "N_WAITING": 2})
        session.answer("AS READ_TOKENS.* JOIN ", told(2, 2, "internal error"))
        assert label(session).is_complete

    @pytest.mark.parametrize("error", ["max tokens of 128000 exceeded", "something that no table knows"])
    def test_what_is_each_rows_own_stays_with_it(self, ledger_session: LedgerSession, error: str) -> None:
        session = ledger_session(work={"N_TO_ASK": 10, "N_WAITING": 10})
        session.answer("AS READ_TOKENS.* JOIN ", told(10, 10, error))
        assert label(session).is_complete

    def test_errors_of_several_kinds_are_each_rows_own(self, ledger_session: LedgerSession) -> None:
        session = ledger_session(work={"N_TO_ASK": 10, "N_WAITING": 10})
        (row,) = told(10, 10, "internal error")
        session.answer("AS READ_TOKENS.* JOIN ", [{**row, "LAST_ERROR": "max tokens of 9 exceeded"}])
        assert label(session).is_complete


class TestBudget:
    PRICES: ClassVar = {"m": ModelPrice(input=1_000_000, output=0), "dear": ModelPrice(input=5_000_000, output=0)}

    def session(self, ledger_session: LedgerSession, **options: Any) -> FakeSession:
        session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, chunks=[(4, 40)], left=4, **options)
        session.answer("^SHOW CORTEX", [{"name": name, "lifecycle_status": "GA"} for name in self.PRICES])
        return session

    def test_the_next_model_is_not_asked_beyond_it(self, ledger_session: LedgerSession) -> None:
        session = self.session(ledger_session, used=[(0, 0)])
        session.answer(ASKS, failing("Request failed with remote service error: '400 'unknown model \"m\"''"))
        run = label(session, model=["m", "dear"], prices=self.PRICES, budget=Budget(ai_credits=100))
        assert (run.state, run.n_texts_asked) == (RunState.INCOMPLETE, 0)
        assert "would cost up to 200" in (run.reason or "")
        assert len(asked(session)) == 1

    @pytest.mark.parametrize(("message", "n_asked"), [(TOO_LONG, 5), (THROTTLED, 11)])
    def test_what_a_failed_statement_may_have_cost_counts(
        self, ledger_session: LedgerSession, message: str, n_asked: int
    ) -> None:
        # 79 leave no room to halve a whole of 40, so it begins with a half: 20, and 10 for each of its texts. Of the
        # other half 20 and 10 more make 70. What was turned away has cost nothing, so it is halved to the end.
        session = self.session(ledger_session, used=[(0, 0)])
        session.answer(ASKS, failing(message))
        session.answer("'error' AS OUTCOME", [{"number of rows inserted": 1}])
        try:
            run = label(session, model="m", prices=self.PRICES, budget=Budget(ai_credits=79))
        except TransientCortexError:
            assert message == THROTTLED
        else:
            assert "would be crossed: 70" in (run.reason or "")
        assert len(asked(session)) >= n_asked
        assert (len(asked(session)) == n_asked) == (message == TOO_LONG)

    def test_a_budget_that_is_smaller_than_a_chunk_says_what_to_do(self, ledger_session: LedgerSession) -> None:
        run = label(self.session(ledger_session), model="m", prices=self.PRICES, budget=Budget(ai_credits=10))
        assert (run.reason or "").endswith("give a larger budget or a smaller chunk_rows")


def test_texts_of_a_half_that_was_answered_count_when_the_other_half_stops_the_run(
    ledger_session: LedgerSession,
) -> None:
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, left=2)

    def answer(statement: SentStatement) -> list[Any]:
        if statement.values[:2] == (0, 2):
            return [{"number of rows inserted": 2}]
        if statement.values[:2] == (2, 4):
            return [{"number of rows inserted": 0}]
        raise failing(TOO_LONG)

    session.answer(ASKS, answer)
    session.answer(r"^UPDATE \S*_LEASES\S* SET HEARTBEAT", [{"number of rows updated": 0}])
    session.answer("^SELECT HOLDER", [])
    run = label(session)
    assert (run.state, run.n_texts_asked, run.n_texts_left) == (RunState.INCOMPLETE, 2, 2)


def test_a_text_that_fails_after_its_row_had_an_error_replaces_that(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 1, "N_WAITING": 1})
    refusal = "The model claude-sonnet-4-6 has been in legacy state"
    session.answer("AS READ_TOKENS.* JOIN ", told(1, 1, refusal), told(1, 1, "max tokens"))
    session.answer(ASKS, [{"number of rows inserted": 1}], failing(TOO_LONG))
    session.answer("'error' AS OUTCOME", [{"number of rows updated": 1}])
    assert label(session, model=["claude-sonnet-4-6", "llama3.1-8b"]).is_complete
    (failed,) = [text for text in session.texts() if "'error' AS OUTCOME" in text]
    assert failed.startswith("MERGE")


class TestWhatIsCountedAfterwards:
    @pytest.mark.parametrize("error", [snowflake_error("SQL execution internal error: 300010", 603), INTERNAL])
    def test_a_count_that_fails_is_not_the_chunks_failure(self, watched: LedgerSession, error: Any) -> None:
        session = watched()
        failure = error if isinstance(error, Exception) else failing(error)
        session.answer(r"AS READ_TOKENS.* JOIN ", failure)
        with pytest.raises(CortexError):
            label(session)
        assert len(asked(session)) == 1
        assert closed(session) == ["FAILED"]
        assert lease_was_given_back(session)

    def test_a_run_is_noted_as_failed_though_nothing_can_be_counted(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer("AS READ_TOKENS", failing(INTERNAL))
        session.answer(r"AS READ_TOKENS.* JOIN ", failing(INTERNAL))
        with pytest.raises(TransientCortexError):
            label(session)
        assert closed(session) == ["FAILED"]


def test_a_session_whose_statements_can_be_rolled_back_is_refused(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^SHOW PARAMETERS LIKE 'AUTOCOMMIT'", [{"key": "AUTOCOMMIT", "value": "false"}])
    with pytest.raises(InvalidInputError, match="ALTER SESSION SET AUTOCOMMIT = TRUE"):
        label(session)
    assert not any(text.startswith(("CREATE", "INSERT", "UPDATE")) for text in session.texts())
