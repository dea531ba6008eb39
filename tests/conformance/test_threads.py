"""Eight threads at once: over one session and over eight, no answer, tag or time limit is another thread's."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from string import ascii_lowercase
from typing import Any
from uuid import uuid4

import pytest

from cortex_tickets import (
    ResponseGenerator,
    StatementTimeoutError,
    TableRun,
    Ticket,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
    local,
)

N_THREADS = 8
LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
ONE_CURSOR = {"session_parameters": {"PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION": False}}
"""Snowpark's session as most accounts have it; on the engine it has a cursor for each thread unless told so."""


@pytest.fixture
def mark() -> str:
    """Return a word that stands in this test's texts only."""
    return f"q{uuid4().hex[:8]}"


@pytest.fixture(params=[ONE_CURSOR, {}], ids=["one cursor", "a cursor for each"])
def shared(request: pytest.FixtureRequest, engine: local.Engine) -> Iterator[Any]:
    """A session for all threads, in a schema of its own."""
    with engine.session(**request.param) as session:
        assert session._conn._thread_safe_session_enabled is not bool(request.param)
        session.use_schema(made_schema(session))
        yield session


def made_schema(session: Any) -> str:
    schema = f"T_{uuid4().hex[:12].upper()}"
    session.sql(f"CREATE SCHEMA {schema}").collect()
    return schema


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Do the work of all threads at the same time, and return what each returned."""
    start = threading.Barrier(N_THREADS)

    def begin(worker: int) -> Any:
        start.wait(60)
        return work(worker)

    with ThreadPoolExecutor(N_THREADS) as pool:
        return list(pool.map(begin, range(N_THREADS)))


def texts(mark: str, worker: int, n_texts: int = 5) -> list[str]:
    """Return texts of one thread: a label for each, in an order of the thread's own, and other words in each."""
    return [f"{label}: {mark}w{worker} {other_words(worker, n)}" for n, label in enumerate(expected(worker, n_texts))]


def other_words(*numbers: int) -> str:
    """Return words that no other numbers have; digits would count as one word."""
    stem = "".join(ascii_lowercase[number % 26] for number in numbers)
    return " ".join(f"{stem}{letter}v" for letter in ascii_lowercase[:12])


def expected(worker: int, n_texts: int = 5) -> list[str]:
    return [LABELS[(worker + number) % len(LABELS)] for number in range(n_texts)]


def asked(session: Any, mark: str) -> list[tuple[int, dict[str, Any], int]]:
    """Return of each text with the mark, as the engine was asked it: the thread that it is of, its tag, its session."""
    rows = session.sql(
        "SELECT TEXT, QUERY_TAG, SESSION_ID FROM SNOWFLAKE.ENGINE.ASKED WHERE CONTAINS(TEXT, ?)", params=[mark]
    ).collect()
    return [
        (int(row["TEXT"].partition(f"{mark}w")[2][0]), json.loads(row["QUERY_TAG"]), row["SESSION_ID"]) for row in rows
    ]


def make_table(session: Any, name: str, rows: list[str]) -> None:
    numbered = [(f"{name}-{number}", text) for number, text in enumerate(rows)]
    session.create_dataframe(numbered, schema=["TICKET_ID", "REQUEST"]).write.save_as_table(name)


class Everybody:
    """What each of the eight threads does; classifiers, generator and builder are shared by all of them."""

    def __init__(self, session: Any, mark: str) -> None:
        self.session, self.mark = session, mark
        self.large = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
        self.small = TicketClassifier(session, labels=LABELS, model="llama3.1-8b")
        self.writer = ResponseGenerator(session, model="claude-haiku-4-5")
        self.builder = TrainingSetBuilder(session, seed=7)
        for worker in (4, 5, 6):
            make_table(session, f"T{worker}", texts(mark, worker, 40))

    def __call__(self, worker: int) -> Any:
        mine = texts(self.mark, worker)
        match worker:
            case 0 | 1:
                return [one.label for one in self.large.classify_many(mine)]
            case 2:
                return [self.small.classify(text).label for text in mine]
            case 3 | 7:
                tickets = [Ticket(id=text, text=text, customer_name=f"{self.mark}w{worker}") for text in mine]
                return self.writer.reply_many(tickets, labels=expected(worker))
            case 4:
                return self.large.classify_table("T4", into="L4", chunk_rows=15)
            case 5:
                return self.small.classify_table("T5", into="L5", chunk_rows=15)
            case _:
                return self.builder.build("T6", into="S6", teacher=self.large)

    def tag(self, worker: int, returned: Any) -> dict[str, str]:
        """Return the tag that the thread's texts have to be asked with."""
        match worker:
            case 0 | 1:
                what = {"operation": "classify", "classifier": self.large.classifier_hash[:12]}
            case 2:
                what = {"operation": "classify", "classifier": self.small.classifier_hash[:12]}
            case 3 | 7:
                what = {"operation": "reply", "generator": self.writer.generator_hash[:12]}
            case 4 | 5:
                what = {"operation": "classify", "run_id": returned.run_id}
            case _:
                (run_id,) = self.session.sql("SELECT RUN_ID FROM S6_LABELS_RUNS").collect()[0]
                what = {"operation": "classify", "run_id": run_id}
        return {"app": "cortex_tickets", **what}


def test_every_thread_has_its_own_answers_and_tags(shared: Any, mark: str) -> None:
    everybody = Everybody(shared, mark)
    returned = at_once(everybody)
    for worker in (0, 1, 2):
        assert returned[worker] == expected(worker)
    for worker in (3, 7):
        assert [reply.ticket_id for reply in returned[worker]] == texts(mark, worker)
        assert {reply.customer_name for reply in returned[worker]} == {f"{mark}w{worker}"}
        for reply in returned[worker]:
            assert f"{mark}w{worker}" in str(reply.body)
            assert str(reply.body).count(f"{mark}w") == str(reply.body).count(f"{mark}w{worker}")
    for worker in (4, 5):
        run = returned[worker]
        assert isinstance(run, TableRun)
        assert (run.n_texts_asked, run.is_complete) == (40, True)
        stored = shared.sql(f"SELECT TICKET_ID, LABEL FROM L{worker}").collect()
        labels = dict(zip([f"T{worker}-{n}" for n in range(40)], expected(worker, 40), strict=True))
        assert {row["TICKET_ID"]: row["LABEL"] for row in stored} == labels
    assert isinstance(returned[6], TrainingSet)
    found = asked(shared, mark)
    # Each text of a list once, each reply once or, after a finding, twice, and the three tables.
    assert {worker for worker, _, _ in found} == set(range(N_THREADS))
    tags = [everybody.tag(worker, returned[worker]) for worker in range(N_THREADS)]
    assert [(worker, tag) for worker, tag, _ in found if tag != tags[worker]] == []


def test_eight_builds_of_one_builder(shared: Any, mark: str) -> None:
    builder = TrainingSetBuilder(shared, seed=7)
    make_table(shared, "T", [text for worker in range(N_THREADS) for text in texts(mark, worker, 20)])
    run = TicketClassifier(shared, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="L")

    def build(worker: int) -> TrainingSet:
        source = TicketSource(query=f"SELECT * FROM T WHERE CONTAINS(REQUEST, '{mark}w{worker}')")
        return builder.build(source, into=f"S{worker}", labels=run)

    together = at_once(build)
    for worker, made in enumerate(together):
        rows = shared.sql(f"SELECT TEXT, TRAINING_SET_ID FROM S{worker}").collect()
        assert sorted(row["TEXT"] for row in rows) == sorted(texts(mark, worker, 20))
        assert {row["TRAINING_SET_ID"] for row in rows} == {made.id}
    assert len({made.id for made in together}) == N_THREADS
    assert build(3).id == together[3].id


def test_eight_sessions(engine: local.Engine, mark: str) -> None:
    sessions = [engine.session(**(ONE_CURSOR if worker % 2 else {})) for worker in range(N_THREADS)]
    try:
        classifiers = [
            TicketClassifier(session, labels=LABELS[worker % 2 :] + LABELS[: worker % 2], model="claude-sonnet-4-6")
            for worker, session in enumerate(sessions)
        ]
        found = at_once(lambda worker: [one.label for one in classifiers[worker].classify_many(texts(mark, worker))])
        assert found == [expected(worker) for worker in range(N_THREADS)]
        told = asked(sessions[0], mark)
        assert len(told) == N_THREADS * len(LABELS)
        by_thread = {worker: {session for other, _, session in told if other == worker} for worker in range(N_THREADS)}
        assert [len(own) for own in by_thread.values()] == [1] * N_THREADS
        assert len(set().union(*by_thread.values())) == N_THREADS
        tags = [
            {"app": "cortex_tickets", "operation": "classify", "classifier": one.classifier_hash[:12]}
            for one in classifiers
        ]
        assert [(worker, tag) for worker, tag, _ in told if tag != tags[worker]] == []
    finally:
        for session in sessions:
            session.close()


def test_the_time_limit_of_one_thread_is_no_other_threads(shared: Any, mark: str) -> None:
    classifier = TicketClassifier(shared, labels=LABELS, model="claude-sonnet-4-6")

    def ask(worker: int) -> list[str | None] | str:
        try:
            found = classifier.classify_many(texts(mark, worker), timeout=1e-9 if worker % 2 else 600)
        except StatementTimeoutError:
            return "too late"
        return [one.label for one in found]

    found = at_once(ask)
    assert found == ["too late" if worker % 2 else expected(worker) for worker in range(N_THREADS)]
    assert {worker for worker, _, _ in asked(shared, mark)} == {0, 2, 4, 6}
    (limit,) = shared.sql("SHOW PARAMETERS LIKE 'STATEMENT_TIMEOUT_IN_SECONDS' IN SESSION").collect() or (None,)
    assert limit is None or int(limit["value"]) in (0, 172_800)
