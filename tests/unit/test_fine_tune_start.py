"""A job is started once: twins, crashes at every moment, lost answers, two at a time."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.jobs_table import LEASE_SECONDS
from cortex_tickets.errors import (
    ConnectionLostError,
    CortexError,
    FineTuneRefusedError,
    FineTuneTimeoutError,
    StatementTimeoutError,
    TransientCortexError,
    UnexpectedAnswerError,
)
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.training_queries import TrainingQueries
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

Rows = Sequence[Mapping[str, Any]]

QUERIES = TrainingQueries(
    training_query="SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'training'",
    validation_query="SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'validation';",
)
COUNTS = {
    "N_ROWS": 80,
    "N_EMPTY": 0,
    "N_COMPLETIONS": 5,
    "N_LONG_PROMPTS": 0,
    "N_LONG_COMPLETIONS": 0,
    "N_UNCOUNTED": 0,
    "N_PROMPT_TOKENS": 4000,
    "N_COMPLETION_TOKENS": 200,
}
LOST = type("OperationalError", (Exception,), {"__module__": "snowflake.connector.errors"})
UNKNOWN_JOB = snowflake_error("Fine-tuning job does not exist", 100351)


class FakeServer:
    """Snowflake as far as a start meets it: the jobs it trains, and the rows of one jobs table.

    Each statement is done on Python values, after `before` was called with its kind; what `before` raises is the
    client's death or a lost connection. `after` is called when the statement is done but not yet answered.
    """

    def __init__(self) -> None:
        self.session = FakeSession()
        self.clock = FakeClock()
        self.jobs: dict[str, dict[str, Any]] = {}
        self.rows: list[dict[str, Any]] = []
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}
        for kind, pattern, handler in (
            ("count", "^WITH PAIRS", lambda _: [{"SPLIT": split, **COUNTS} for split in ("training", "validation")]),
            ("table", "^CREATE TABLE IF NOT EXISTS", lambda _: []),
            ("intent", "^INSERT INTO", self._insert),
            ("read", "^SELECT JOB_ID", self._read),
            ("take", "^UPDATE .* SET HOLDER = .,", self._take),
            ("heartbeat", "^UPDATE .* SET LEASE_UNTIL", self._heartbeat),
            ("store", "^UPDATE .* SET JOB_ID", self._store),
            ("release", "^UPDATE .* SET HOLDER = NULL", self._release),
            ("show", r"FINETUNE\('SHOW'\)", self._show),
            ("describe", r"FINETUNE\('DESCRIBE'", self._describe),
            ("create", r"FINETUNE\('CREATE'", self._create),
        ):
            self.session.answer(pattern, self._with_hooks(kind, handler))

    def start(self, **changes: Any) -> FineTuneJob:
        arguments = {"name": "DB.S.TICKETS", "base_model": "llama3.1-8b", "training_set": QUERIES, "clock": self.clock}
        return FineTuneJob.start(self.session, **{**arguments, **changes})

    def end(self, job_id: str, status: str) -> None:
        self.jobs[job_id]["status"] = status

    def sent(self, part: str) -> list[SentStatement]:
        return [statement for statement in self.session.sent if part in statement.text]

    @property
    def n_created(self) -> int:
        return len(self.sent("'CREATE'"))

    def _with_hooks(self, kind: str, handler: Callable[[SentStatement], Rows]) -> Callable[[SentStatement], Rows]:
        def answer(statement: SentStatement) -> Rows:
            self.before.get(kind, lambda: None)()
            rows = handler(statement)
            self.after.get(kind, lambda: None)()
            return rows

        return answer

    def _insert(self, statement: SentStatement) -> Rows:
        identity, model, *_ = statement.values
        if not self._of(identity):
            self.add_row(identity, model)
        return [{"number of rows inserted": 1}]

    def add_row(self, identity: str, model: str = "DB.S.TICKETS") -> dict[str, Any]:
        row: dict[str, Any] = {"IDENTITY": identity, "MODEL_NAME": model}
        row.update(JOB_ID=None, HOLDER=None, LEASE_UNTIL=None, INTENT_AT=None)
        self.rows.append(row)
        return row

    def _of(self, identity: str) -> list[dict[str, Any]]:
        return [row for row in self.rows if row["IDENTITY"] == identity]

    def _is_leased(self, row: Mapping[str, Any]) -> bool:
        return row["LEASE_UNTIL"] is not None and row["LEASE_UNTIL"] > self.clock.now()

    def _read(self, statement: SentStatement) -> Rows:
        rows = [{**row, "IS_LEASED": self._is_leased(row)} for row in self._of(statement.values[0])]
        return sorted(rows, key=lambda row: (not row["IS_LEASED"], row["JOB_ID"] is None))[:1]

    def _take(self, statement: SentStatement) -> Rows:
        holder, model, identity, _, seen = statement.values
        rows = self._of(identity)
        if any(self._is_leased(row) or (row["JOB_ID"] or seen) != seen for row in rows):
            return [{"number of rows updated": 0}]
        now = self.clock.now()
        for row in rows:
            row.update(HOLDER=holder, MODEL_NAME=model, JOB_ID=None, INTENT_AT=now, LEASE_UNTIL=self._later(now))
        return [{"number of rows updated": len(rows)}]

    def _later(self, now: datetime) -> datetime:
        return now + timedelta(seconds=LEASE_SECONDS)

    def _held(self, identity: str, holder: str) -> list[dict[str, Any]]:
        return [row for row in self._of(identity) if row["HOLDER"] == holder]

    def _heartbeat(self, statement: SentStatement) -> Rows:
        rows = [row for row in self._held(*statement.values) if self._is_leased(row)]
        for row in rows:
            row["LEASE_UNTIL"] = self._later(self.clock.now())
        return [{"number of rows updated": len(rows)}]

    def _store(self, statement: SentStatement) -> Rows:
        job_id, *key = statement.values
        rows = self._held(*key)
        for row in rows:
            row.update(JOB_ID=job_id, HOLDER=None, LEASE_UNTIL=None)
        return [{"number of rows updated": len(rows)}]

    def _release(self, statement: SentStatement) -> Rows:
        rows = self._held(*statement.values)
        for row in rows:
            row.update(HOLDER=None, LEASE_UNTIL=None)
        return [{"number of rows updated": len(rows)}]

    def _create(self, statement: SentStatement) -> Rows:
        arguments = [
            part.replace("''", "'") for part in statement.text.split("FINETUNE('CREATE', '")[1][:-2].split("', '")
        ]
        return [{"ANSWER": self.add_job(*arguments[1:])}]

    def add_job(self, base: str, training: str, validation: str, options: str = "{}", status: str = "PENDING") -> str:
        job_id = f"ft_{len(self.jobs) + 1}"
        self.jobs[job_id] = {
            "id": job_id,
            "status": status,
            "base_model": base,
            "training_data": training,
            "validation_data": validation,
            "options": options,
            "created_on": int(self.clock.now().timestamp() * 1000),
            "model": "DB.S.TICKETS_MADE" if status == "SUCCESS" else None,
        }
        return job_id

    def add_twin(self, status: str, **changes: str) -> str:
        request = request_of()
        return self.add_job(
            changes.get("base", request.base_model),
            changes.get("training", request.training_query),
            changes.get("validation", request.validation_query),
            changes.get("options", "{}"),
            status,
        )

    def _show(self, _: SentStatement) -> Rows:
        keys = ("id", "status", "base_model", "created_on")
        return [{"ANSWER": [{key: job[key] for key in keys} for job in self.jobs.values()]}]

    def _describe(self, statement: SentStatement) -> Rows:
        job_id = statement.text.split("', '")[1].removesuffix("')")
        if job_id not in self.jobs:
            raise UNKNOWN_JOB
        return [{"ANSWER": self.jobs[job_id]}]


def request_of(**changes: Any) -> FineTuneRequest:
    arguments = {
        "model": TableName(("DB", "S", "TICKETS")),
        "base_model": "llama3.1-8b",
        "training_query": QUERIES.training_query,
        "validation_query": QUERIES.validation_query,
        "max_epochs": None,
    }
    return FineTuneRequest(**{**arguments, **changes})


def raising(error: BaseException) -> Callable[[], None]:
    def hook() -> None:
        raise error

    return hook


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


def test_a_new_job_is_created_and_its_id_is_stored(server: FakeServer) -> None:
    job = server.start(max_epochs=3)
    assert (job.id, job.reused, job.name, job.base_model) == ("ft_1", False, "DB.S.TICKETS", "llama3.1-8b")
    assert (job.status.status, job.status.max_epochs) == ("PENDING", 3)
    (row,) = server.rows
    assert (row["JOB_ID"], row["HOLDER"], row["LEASE_UNTIL"]) == ("ft_1", None, None)
    assert row["IDENTITY"] == request_of(max_epochs=3).identity


def test_create_is_one_statement_of_quoted_constants(server: FakeServer) -> None:
    server.start(max_epochs=3)
    assert [statement.text for statement in server.sent("'CREATE'")] == [
        (
            "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'DB.S.TICKETS', 'llama3.1-8b', "
            "'SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = ''training''', "
            "'SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = ''validation''', '{\"max_epochs\": 3}')"
        )
    ]
    assert server.sent("'CREATE'")[0].parameters["STATEMENT_TIMEOUT_IN_SECONDS"] == 120


def test_the_intent_stands_before_create_is_sent(server: FakeServer) -> None:
    seen: list[dict[str, Any]] = []
    server.before["create"] = lambda: seen.extend(dict(row) for row in server.rows)
    server.start()
    assert seen[0]["JOB_ID"] is None
    assert seen[0]["HOLDER"] is not None
    assert seen[0]["INTENT_AT"] == server.clock.now()


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "RUNNING", "SUCCESS", "EVALUATING"])
def test_a_live_or_successful_twin_is_returned(server: FakeServer, status: str) -> None:
    server.start()
    server.end("ft_1", status)
    again = server.start(name="DB.S.ANOTHER_NAME")
    assert (again.id, again.reused, again.name) == ("ft_1", True, "DB.S.TICKETS")
    assert server.n_created == 1


@pytest.mark.parametrize("status", ["ERROR", "CANCELLED"])
def test_a_failed_twin_is_never_returned(server: FakeServer, status: str) -> None:
    server.start()
    server.end("ft_1", status)
    again = server.start(name="DB.S.SECOND")
    assert (again.id, again.reused, again.name) == ("ft_2", False, "DB.S.SECOND")
    assert [row["JOB_ID"] for row in server.rows] == ["ft_2"]
    assert server.rows[0]["MODEL_NAME"] == "DB.S.SECOND"


def test_a_job_that_snowflake_has_forgotten_is_not_returned(server: FakeServer) -> None:
    server.start()
    server.jobs.clear()
    server.jobs["ft_0"] = {"id": "ft_0", "status": "ERROR", "base_model": "llama3.1-8b", "created_on": 0}
    assert server.start().reused is False
    assert server.n_created == 2


UNLISTED = {
    "603": snowflake_error("SQL execution error: processing aborted", 603),
    "606": snowflake_error("No active warehouse selected in the current session", 606),
    "90073": snowflake_error("Warehouse cannot be resumed", 90073),
    "400": snowflake_error("remote service error: 400 'bad request'", 100351),
    "other object": snowflake_error("Database 'SNOWFLAKE' does not exist or not authorized.", 2003),
    "not a statement": snowflake_error("remote service error: 404 'Not Found'", 100351),
}
ENGINES_WORDS = snowflake_error(
    "Request failed for external function FINETUNE with remote service error: "
    '400 \'"fine-tuning job \\"ft_1\\" does not exist"\'',
    100351,
)


@pytest.mark.parametrize("error", [*UNLISTED.values(), UNKNOWN_JOB, ENGINES_WORDS], ids=[*UNLISTED, "none", "engine"])
@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS", "SUCCESS", "EVALUATING"])
def test_a_stored_job_that_is_listed_is_reused_though_it_cannot_be_described(
    server: FakeServer, error: Exception, status: str
) -> None:
    server.start()
    server.end("ft_1", status)
    server.before["describe"] = raising(error)
    for _ in range(2):
        again = server.start()
        assert (again.id, again.reused, again.name, again.status.status) == ("ft_1", True, "DB.S.TICKETS", status)
    assert server.n_created == 1


@pytest.mark.parametrize("error", UNLISTED.values(), ids=UNLISTED)
def test_a_stored_job_is_not_taken_for_gone_unless_snowflake_says_so(server: FakeServer, error: Exception) -> None:
    server.start()
    job = server.jobs.pop("ft_1")
    server.before["describe"] = raising(error)
    for _ in range(2):
        with pytest.raises(CortexError) as caught:
            server.start()
        assert "Fine-tune job ft_1 does the same and may be alive" in caught.value.__notes__[0]
    server.jobs["ft_1"] = job
    assert server.start().reused is True
    assert server.n_created == 1


def test_a_job_is_not_gone_if_nobody_can_look_into_the_list(server: FakeServer) -> None:
    server.start()
    server.jobs.clear()
    server.before["show"] = raising(UNLISTED["606"])
    with pytest.raises(CortexError, match="no such fine-tune job") as caught:
        server.start()
    assert isinstance(caught.value.__cause__, CortexError)
    assert server.n_created == 1


def test_a_stored_job_that_is_listed_as_failed_is_replaced(server: FakeServer) -> None:
    server.start()
    server.end("ft_1", "ERROR")
    server.before["describe"] = raising(UNLISTED["400"])
    assert server.start().id == "ft_2"


@pytest.mark.parametrize("error", UNLISTED.values(), ids=UNLISTED)
def test_nothing_is_paid_while_a_listed_job_may_be_the_one(server: FakeServer, error: Exception) -> None:
    server.before["store"] = raising(Killed())
    with pytest.raises(Killed):
        server.start()
    server.clock.sleep(LEASE_SECONDS)
    server.before["describe"] = raising(error)
    del server.before["store"]
    with pytest.raises(CortexError):
        server.start()
    assert server.rows[0]["HOLDER"] is None
    del server.before["describe"]
    assert server.start().id == "ft_1"
    assert server.n_created == 1


def test_a_job_that_may_not_be_seen_is_not_taken_for_gone(server: FakeServer) -> None:
    server.start()
    server.before["describe"] = raising(snowflake_error("Insufficient privileges", 3001))
    with pytest.raises(CortexError, match="Insufficient privileges"):
        server.start()
    assert server.n_created == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"max_epochs": 5},
        {"training_set": QUERIES.model_copy(update={"training_query": "SELECT 1"})},
        {"training_set": QUERIES.model_copy(update={"validation_query": "SELECT 1"})},
    ],
    ids=["epochs", "training", "validation"],
)
def test_another_request_is_another_job(server: FakeServer, changes: dict[str, Any]) -> None:
    server.start()
    assert server.start(**changes).id == "ft_2"


@pytest.mark.parametrize("status", ["IN_PROGRESS", "SUCCESS"])
def test_a_twin_that_was_made_elsewhere_is_found_in_snowflakes_list(server: FakeServer, status: str) -> None:
    server.add_twin(status)
    job = server.start()
    assert (job.id, job.reused) == ("ft_1", True)
    assert job.name == ("DB.S.TICKETS_MADE" if status == "SUCCESS" else None)
    assert server.n_created == 0
    assert server.rows[0]["JOB_ID"] == "ft_1"


@pytest.mark.parametrize(
    "changes",
    [
        {"base": "mistral-7b"},
        {"training": "SELECT 2"},
        {"validation": ""},
        {"options": '{"max_epochs": 9}'},
        {"status": "ERROR"},
        {"status": "CANCELLED"},
    ],
    ids=str,
)
def test_no_other_job_is_taken_for_a_twin(server: FakeServer, changes: dict[str, str]) -> None:
    server.add_twin(**{"status": "SUCCESS", **changes})
    assert server.start().reused is False


def test_a_job_that_fails_between_show_and_describe_is_no_twin(server: FakeServer) -> None:
    job_id = server.add_twin("RUNNING")
    server.before["describe"] = lambda: server.end(job_id, "ERROR")
    assert server.start().reused is False


def test_a_listed_job_that_cannot_be_described_is_passed_over(server: FakeServer) -> None:
    job_id = server.add_twin("RUNNING")
    server.before["describe"] = raising(UNKNOWN_JOB)
    assert server.start().id != job_id


def status_with(options: dict[str, Any] | None) -> FineTuneStatus:
    request = request_of()
    return FineTuneStatus.model_validate(
        {
            "job_id": "ft_1",
            "state": "RUNNING",
            "status": "RUNNING",
            "base_model": "Llama3.1-8B",
            "training_query": request.training_query,
            "validation_query": request.validation_query,
            "options": options,
        }
    )


@pytest.mark.parametrize(
    ("asked", "told", "is_same"),
    [
        (None, None, True),
        (None, {}, True),
        (None, {"max_epochs": 3}, True),
        (None, {"max_epochs": 5}, False),
        (5, None, True),
        (5, {"max_epochs": 5}, True),
        (5, {"max_epochs": 3}, False),
        (5, {}, False),
    ],
    ids=str,
)
def test_options_that_are_not_told_contradict_nothing(
    *, asked: int | None, told: dict[str, Any] | None, is_same: bool
) -> None:
    assert request_of(max_epochs=asked).is_answered_by(status_with(told)) is is_same


# Crashes: the client dies at a moment, and a new one starts the same job.


class Killed(BaseException):
    """The client's process is gone."""


@pytest.mark.parametrize("moment", ["table", "intent", "read", "take", "show", "heartbeat"])
def test_a_client_that_died_before_create_is_followed_by_one_create(server: FakeServer, moment: str) -> None:
    server.before[moment] = raising(Killed())
    with pytest.raises(Killed):
        server.start()
    server.before.clear()
    assert server.start().reused is False
    assert server.n_created == 1


def test_the_client_dies_between_create_and_the_stored_id(server: FakeServer) -> None:
    server.before["store"] = raising(Killed())
    with pytest.raises(Killed):
        server.start()
    server.before.clear()
    assert [row["JOB_ID"] for row in server.rows] == [None]
    job = server.start()
    assert (job.id, job.reused, job.name) == ("ft_1", True, "DB.S.TICKETS")
    assert server.clock.slept == []
    server.clock.sleep(LEASE_SECONDS)
    assert server.start().id == "ft_1"
    assert server.rows[0]["JOB_ID"] == "ft_1"  # stored by the first who could take the lease
    assert server.n_created == 1


def test_a_dead_clients_lease_is_waited_out_before_anybody_pays(server: FakeServer) -> None:
    server.before["create"] = raising(Killed())
    with pytest.raises(Killed):
        server.start()
    server.before.clear()
    assert server.start().reused is False
    # While the lease lived, the dead one's CREATE might still have been under way on the server.
    assert LEASE_SECONDS <= server.clock.monotonic() < LEASE_SECONDS + 20
    assert len(server.jobs) == 1


def test_the_client_dies_after_create_and_the_job_fails(server: FakeServer) -> None:
    server.after["create"] = raising(Killed())
    with pytest.raises(Killed):
        server.start()
    server.after.clear()
    server.end("ft_1", "ERROR")
    assert server.start().id == "ft_2"


def test_an_id_that_cannot_be_stored_is_returned_all_the_same(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.before["store"] = raising(LOST("gone"))
    with caplog.at_level(logging.WARNING):
        assert server.start().id == "ft_1"
    assert "ft_1 could not be stored" in caplog.text


# Lost answers: CREATE is not answered, or not with an id.

SERVER_ERROR = snowflake_error("Request failed with remote service error: 503 'overloaded'", 100351)
THROTTLED = snowflake_error("Request failed with remote service error: 429 'too many requests'", 100351)
BROKEN_OFF = snowflake_error("SQL execution error: processing aborted", 603)
GATEWAY = snowflake_error("504 Gateway Timeout", 290504)
TIME_LIMIT = snowflake_error("Statement reached its statement or warehouse timeout", 630)


@pytest.mark.parametrize(
    "error",
    [LOST("gone"), SERVER_ERROR, TIME_LIMIT, BROKEN_OFF, GATEWAY],
    ids=["lost", "server error", "time limit", "broken off", "gateway"],
)
def test_a_job_whose_create_was_not_answered_is_found(server: FakeServer, error: Exception) -> None:
    server.after["create"] = raising(error)
    job = server.start()
    assert (job.id, job.reused, job.name) == ("ft_1", False, "DB.S.TICKETS")
    assert server.n_created == 1
    assert server.rows[0]["JOB_ID"] == "ft_1"


def test_the_found_job_is_ours_even_if_it_has_failed_by_now(server: FakeServer) -> None:
    def fail() -> None:
        server.end("ft_1", "ERROR")
        raise LOST("gone")

    server.after["create"] = fail
    job = server.start()
    assert (job.id, job.status.status) == ("ft_1", "ERROR")


def test_an_older_failed_job_is_not_taken_for_the_lost_one(server: FakeServer) -> None:
    server.add_twin("ERROR")
    server.clock.sleep(60)
    server.before["create"] = raising(LOST("gone"))
    with pytest.raises(ConnectionLostError):
        server.start()


def test_a_listing_that_lags_is_looked_at_again(server: FakeServer) -> None:
    server.before["create"] = raising(LOST("gone"))
    looks = iter(range(10))

    def appear() -> None:
        if next(looks) == 3:
            server.add_twin("PENDING")

    server.before["show"] = appear
    assert server.start().id == "ft_1"
    assert server.clock.slept == [0.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("error", "raised", "is_released"),
    [
        (LOST("gone"), ConnectionLostError, False),
        (TIME_LIMIT, StatementTimeoutError, False),
        (SERVER_ERROR, TransientCortexError, False),
        (THROTTLED, TransientCortexError, True),
        (BROKEN_OFF, CortexError, False),
        (GATEWAY, CortexError, False),
    ],
    ids=["lost", "time limit", "server error", "throttled", "broken off", "gateway"],
)
def test_where_no_job_is_found_the_real_error_says_what_to_do(
    *,
    server: FakeServer,
    error: Exception,
    raised: type[CortexError],
    is_released: bool,
) -> None:
    server.before["create"] = raising(error)
    with pytest.raises(raised) as caught:
        server.start()
    assert "looks for the job before it pays again" in caught.value.__notes__[0]
    assert server.n_created == 1
    assert (server.rows[0]["HOLDER"] is None) is is_released


def test_after_a_lost_answer_the_next_start_looks_first(server: FakeServer) -> None:
    server.before["create"] = raising(LOST("gone"))
    with pytest.raises(ConnectionLostError):
        server.start()
    server.before.clear()
    server.clock.sleep(LEASE_SECONDS)
    server.add_twin("RUNNING")  # the server went on with what its client had left
    job = server.start()
    assert (job.id, job.reused) == ("ft_1", True)
    assert server.n_created == 1


def test_an_answer_without_an_id_is_looked_after_too(server: FakeServer) -> None:
    server.session.answer("'CREATE'", [{"ANSWER": None}])
    with pytest.raises(UnexpectedAnswerError, match="without a job id"):
        server.start()
    assert server.n_created == 1


def test_a_connection_that_stays_lost_raises_the_first_error(
    server: FakeServer, caplog: pytest.LogCaptureFixture
) -> None:
    def lose() -> None:
        server.before["read"] = raising(LOST("still gone"))
        raise LOST("gone")

    server.before["create"] = lose
    with caplog.at_level(logging.WARNING), pytest.raises(ConnectionLostError):
        server.start()
    assert "could not look" in caplog.text


# Two at a time: whoever has the lease creates, the other waits for the job id.


class WatchedClock(FakeClock):
    """Tells of each sleep before it happens."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._tell(len(self.slept))


def test_the_second_of_two_waits_for_the_firsts_job(server: FakeServer) -> None:
    row = server.add_row(request_of().identity, "DB.S.OF_THE_FIRST")
    row.update(HOLDER="first", INTENT_AT=server.clock.now(), LEASE_UNTIL=server.clock.now() + timedelta(hours=1))

    def first_goes_on(n_slept: int) -> None:
        if n_slept == 3:
            row.update(JOB_ID=server.add_twin("PENDING"), HOLDER=None, LEASE_UNTIL=None)

    job = server.start(clock=WatchedClock(first_goes_on))
    assert (job.id, job.reused, job.name) == ("ft_1", True, "DB.S.OF_THE_FIRST")
    assert server.n_created == 0


def test_the_second_creates_if_the_first_gives_up(server: FakeServer) -> None:
    row = server.add_row(request_of().identity)
    row.update(HOLDER="first", INTENT_AT=server.clock.now(), LEASE_UNTIL=server.clock.now() + timedelta(hours=1))
    job = server.start(clock=WatchedClock(lambda _: row.update(HOLDER=None, LEASE_UNTIL=None)))
    assert (job.id, job.reused) == ("ft_1", False)


def test_while_one_creates_another_never_does(server: FakeServer) -> None:
    def second() -> None:
        server.before.clear()
        with pytest.raises(FineTuneTimeoutError, match="Another start of the same job"):
            server.start(timeout=30)

    server.before["create"] = second
    assert server.start().id == "ft_1"
    assert server.n_created == 1


def test_without_a_timeout_the_wait_for_the_other_is_bounded_too(server: FakeServer) -> None:
    row = server.add_row(request_of().identity)
    row.update(HOLDER="first", LEASE_UNTIL=datetime(2999, 1, 1, tzinfo=UTC))
    with pytest.raises(FineTuneTimeoutError) as caught:
        server.start()
    assert caught.value.job_id is None
    assert server.clock.monotonic() == pytest.approx(900)


def test_of_two_that_see_a_free_lease_one_gets_it(server: FakeServer) -> None:
    ids: list[str] = []

    def second() -> None:
        server.before.clear()
        ids.append(server.start().id)

    server.before["take"] = second
    first = server.start()
    assert ([*ids, first.id], first.reused) == (["ft_1", "ft_1"], True)
    assert server.n_created == 1


def test_rows_that_were_inserted_twice_are_one_identity(server: FakeServer) -> None:
    # Snowflake enforces no keys: the other's INSERT commits after our lease was taken.
    def other_commits() -> None:
        server.before.clear()
        server.add_row(request_of().identity)
        with pytest.raises(FineTuneTimeoutError):
            server.start(timeout=30)

    server.before["create"] = other_commits
    assert server.start().id == "ft_1"
    assert server.start().reused is True
    assert server.n_created == 1


def test_a_lease_that_was_lost_on_the_way_is_noticed_before_paying(server: FakeServer) -> None:
    def somebody_else_takes_it() -> None:
        server.before.clear()
        server.rows[0].update(HOLDER="other", LEASE_UNTIL=server.clock.now() + timedelta(seconds=10))

    server.before["heartbeat"] = somebody_else_takes_it
    assert server.start().id == "ft_1"
    assert server.n_created == 1
    assert server.clock.monotonic() >= 10


def test_a_failed_job_is_replaced_by_one_starter_only(server: FakeServer) -> None:
    server.start()
    server.end("ft_1", "ERROR")

    def second() -> None:
        server.before.clear()
        assert server.start().id == "ft_2"

    server.before["take"] = second
    assert server.start().id == "ft_2"
    assert server.n_created == 2


def test_when_the_time_is_over_nothing_is_bought(server: FakeServer) -> None:
    server.before["heartbeat"] = lambda: server.clock.sleep(60)
    with pytest.raises(FineTuneTimeoutError, match="nothing was started"):
        server.start(timeout=60)
    assert server.n_created == 0
    assert server.rows[0]["HOLDER"] is None


# Refusals: Snowflake says no, the lease is given back, and the error says what to do.


@pytest.mark.parametrize(
    ("message", "code", "advice"),
    [
        (
            "Insufficient privileges to operate on schema 'S'",
            3001,
            r"SNOWFLAKE\.CORTEX_USER.*CREATE MODEL on the schema DB\.S",
        ),
        ("remote service error: 403 'Not Authorized'", 100351, r"AI_FUNCTIONS_USER is not enough"),
        ("Unknown function SNOWFLAKE.CORTEX.FINETUNE", 2140, r"retired.*us-west-2.*Cortex Training"),
        ("remote service error: 400 'fine-tuning is no longer supported'", 100351, "retired"),
        ("The model you requested is unavailable in your region. To access it, enable", 100351, "AWS us-east-1"),
        (
            "remote service error: 400 'model llama3.1-8b has been in legacy state'",
            100351,
            r"12 August 2026.*AI_CLASSIFY",
        ),
        ("remote service error: 400 'unknown model \"llama3.1-8b\"'", 100351, "cannot be fine-tuned by this account"),
        ("Model llama3.1-8b does not support fine-tuning", 100351, "cannot be fine-tuned by this account"),
    ],
)
def test_a_refusal_says_what_to_do(server: FakeServer, message: str, code: int, advice: str) -> None:
    server.before["create"] = raising(snowflake_error(message, code))
    with pytest.raises(FineTuneRefusedError, match=advice) as caught:
        server.start()
    assert isinstance(caught.value.__cause__, CortexError)
    assert caught.value.__cause__.code == code
    assert server.rows[0]["HOLDER"] is None


@pytest.mark.parametrize("code", [603, 290_400])
def test_a_refusal_in_words_is_one_whatever_its_code(server: FakeServer, code: int) -> None:
    server.before["create"] = raising(snowflake_error("Fine-tuning does not run in this region", code))
    with pytest.raises(FineTuneRefusedError, match="AWS us-east-1"):
        server.start()
    assert server.rows[0]["HOLDER"] is None
    assert server.clock.slept == []


def test_another_error_of_create_stays_what_it_is(server: FakeServer) -> None:
    server.before["create"] = raising(snowflake_error("remote service error: 400 'something new'", 100351))
    with pytest.raises(CortexError, match="100351") as caught:
        server.start()
    assert type(caught.value) is CortexError
    assert server.rows[0]["HOLDER"] is None


def test_an_error_while_looking_gives_the_lease_back(server: FakeServer, caplog: pytest.LogCaptureFixture) -> None:
    server.before["show"] = raising(snowflake_error("Not Authorized", 100351))
    server.before["release"] = raising(LOST("gone"))
    with caplog.at_level(logging.WARNING), pytest.raises(CortexError):
        server.start()
    assert "it ends by itself" in caplog.text


def test_statements_carry_a_tag_and_no_session_setting_is_touched(server: FakeServer) -> None:
    server.start()
    assert all("fine_tune" in statement.parameters["QUERY_TAG"] for statement in server.session.sent)
    assert not any(text.startswith(("ALTER", "USE")) for text in server.session.texts())


def test_the_statements_of_the_jobs_table(server: FakeServer) -> None:
    server.start()
    table = '"DB"."S"."CORTEX_TICKETS_JOBS"'
    assert [statement.text for statement in server.sent(table)] == [
        (
            f"CREATE TABLE IF NOT EXISTS {table} (IDENTITY VARCHAR, MODEL_NAME VARCHAR, BASE_MODEL VARCHAR, "
            "TRAINING_QUERY VARCHAR, VALIDATION_QUERY VARCHAR, OPTIONS VARCHAR, JOB_ID VARCHAR, HOLDER VARCHAR, "
            "LEASE_UNTIL TIMESTAMP_TZ, INTENT_AT TIMESTAMP_TZ, SCHEMA_VERSION NUMBER(38,0))"
        ),
        (
            f"INSERT INTO {table} (IDENTITY, MODEL_NAME, BASE_MODEL, TRAINING_QUERY, VALIDATION_QUERY, OPTIONS, "
            "SCHEMA_VERSION) SELECT ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, ?::VARCHAR, "
            f"?::NUMBER(38,0) FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM {table} WHERE IDENTITY = ?)"
        ),
        (
            "SELECT JOB_ID, MODEL_NAME, INTENT_AT, COALESCE(LEASE_UNTIL > CURRENT_TIMESTAMP(), FALSE) AS IS_LEASED "
            f"FROM {table} WHERE IDENTITY = ? "
            "ORDER BY IS_LEASED DESC, IFF(JOB_ID IS NULL, 1, 0), INTENT_AT DESC LIMIT 1"
        ),
        (
            f"UPDATE {table} SET HOLDER = ?, MODEL_NAME = ?, JOB_ID = NULL, INTENT_AT = CURRENT_TIMESTAMP(), "
            "LEASE_UNTIL = DATEADD(second, 300, CURRENT_TIMESTAMP()) WHERE IDENTITY = ? AND NOT EXISTS (SELECT 1 FROM "
            f"{table} OTHER WHERE OTHER.IDENTITY = ? AND "
            "(OTHER.LEASE_UNTIL > CURRENT_TIMESTAMP() OR OTHER.JOB_ID <> ?))"
        ),
        (
            f"UPDATE {table} SET LEASE_UNTIL = DATEADD(second, 300, CURRENT_TIMESTAMP()) "
            "WHERE IDENTITY = ? AND HOLDER = ? AND LEASE_UNTIL > CURRENT_TIMESTAMP()"
        ),
        f"UPDATE {table} SET JOB_ID = ?, HOLDER = NULL, LEASE_UNTIL = NULL WHERE IDENTITY = ? AND HOLDER = ?",
    ]
