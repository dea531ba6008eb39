"""The words of hostile tickets stand in no message and no log, whether things go well or not."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import (
    CortexTicketsError,
    InvalidInputError,
    ResponseGenerator,
    RunProgress,
    Ticket,
    TicketClassifier,
    TicketSource,
    TrainingSetBuilder,
    load_gold,
    load_tickets,
    local,
)
from cortex_tickets.ledger.schema import LEASE_COLUMNS, LEDGER_COLUMNS, RUN_COLUMNS, definition
from hostile.pack import LABELS, MARK, TEXTS, first_of_each_family, marked, short

PLACES = first_of_each_family()
MODEL = "claude-sonnet-4-6"
ROWS = [(str(number), f"{MARK} {TEXTS[place][:1000]}") for number, place in enumerate(PLACES)]
SENDABLE = [(id_, text.encode("utf-8", "replace").decode().replace("\x00", "?")) for id_, text in ROWS]


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> Any:
    """Listen to all that the package says, and find no ticket in it."""
    caplog.set_level(logging.DEBUG, logger="cortex_tickets")
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    said = [record.getMessage() + repr(record.args) + repr(record.exc_text) for record in records]
    assert [message for message in said if MARK in message] == []


@pytest.fixture
def tickets(session: Any) -> Any:
    session.create_dataframe(SENDABLE, schema=["TICKET_ID", "REQUEST"]).write.save_as_table("T")
    return session


def teacher(session: Any, **options: Any) -> TicketClassifier:
    return TicketClassifier(session, **{"labels": LABELS, "model": MODEL, **options})


def fails(call: Callable[[], object]) -> CortexTicketsError:
    """Return the error, in which nobody finds a ticket."""
    with pytest.raises(CortexTicketsError) as raised:
        call()
    error = raised.value
    shown = [*traceback.format_exception(error), str(error), repr(error), repr(error.args), repr(vars(error))]
    assert MARK not in "\n".join(shown)
    return error


def test_where_all_goes_well(tickets: Any, caplog: pytest.LogCaptureFixture) -> None:
    told: list[RunProgress] = []
    run = teacher(tickets).classify_table("T", into="L", progress=told.append)
    teacher(tickets).classify_many([text for _, text in ROWS])
    writer = ResponseGenerator(tickets, model=MODEL)
    replies = writer.reply_table("T", labels=run, into="R")
    writer.reply(Ticket(id="1", text=marked(1, "Hello"), customer_name=MARK), label=MARK)
    assert told
    assert "statement took" in caplog.text
    for record in (run, replies, teacher(tickets).estimate("T"), *told):
        assert MARK not in str(record) + repr(record)


def test_a_model_that_is_not_there(tickets: Any) -> None:
    shared, writer = teacher(tickets, model="nobody-1"), ResponseGenerator(tickets, model="mistral-7b")
    run = teacher(tickets).classify_table("T", into="L")
    ticket = Ticket(id="1", text=ROWS[0][1], customer_name=MARK)
    for call in (
        lambda: shared.classify(ROWS[0][1]),
        lambda: shared.classify_many([text for _, text in ROWS]),
        lambda: shared.classify_table("T", into="M"),
        lambda: shared.estimate("T"),
        lambda: writer.reply(ticket, label=MARK),
        lambda: writer.reply_table("T", labels=run, into="R"),
    ):
        assert isinstance(fails(call), InvalidInputError)


def test_a_statement_whose_error_prints_a_value(tickets: Any) -> None:
    for wanted in ("NUMBER", "DATE", "TIMESTAMP_TZ", "BOOLEAN"):
        query = f"SELECT TICKET_ID, REQUEST::{wanted}::VARCHAR AS REQUEST FROM T"
        error = fails(lambda query=query: teacher(tickets).classify_table(TicketSource(query=query), into="L"))  # type: ignore[misc]
        assert "is not recognized" in str(error)


def ledger(session: Any, into: str, **columns: str) -> None:
    """Make a ledger with these columns of another form."""
    session.sql(f"CREATE TABLE {into} ({definition({**LEDGER_COLUMNS, **columns})})").collect()
    session.sql(f"CREATE TABLE {into}_RUNS ({definition(RUN_COLUMNS)})").collect()
    session.sql(f"CREATE TABLE {into}_LEASES ({definition(LEASE_COLUMNS)})").collect()


def test_a_ledger_that_is_too_narrow(tickets: Any) -> None:
    rows = [(f"{MARK} {text}", text) for _, text in SENDABLE]
    tickets.create_dataframe(rows, schema=["TICKET_ID", "REQUEST"]).write.save_as_table("U")
    ledger(tickets, "NARROW", TICKET_ID="VARCHAR(3)")
    assert "too long" in str(fails(lambda: teacher(tickets).classify_table("U", into="NARROW")))
    ledger(tickets, "STRICT", REPAIR="VARCHAR NOT NULL")
    assert "NULL result" in str(fails(lambda: teacher(tickets).classify_table("U", into="STRICT")))
    assert tickets.table("NARROW").count() == 0


def test_time_that_is_over_and_a_session_that_is_closed(tickets: Any, engine: local.Engine) -> None:
    fails(lambda: teacher(tickets).classify_many([text for _, text in ROWS], timeout=1e-9))
    closed = engine.session()
    closed.close()
    fails(lambda: teacher(closed).classify(ROWS[0][1]))


def test_files_that_cannot_be_loaded(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f'TICKET_ID,REQUEST\n1,{MARK}\n2,{MARK},{MARK}\n,{MARK}\n3,"{MARK}"x\n', encoding="utf-8")
    assert "Row 2" in str(fails(lambda: load_tickets(session, path, table="T")))
    path.write_text(
        f"TICKET_ID,TEXT,LABEL,SOURCE\n1,{MARK},A,random_sample\n1,{MARK},B,random_sample\n2,{MARK},A,nowhere\n",
        encoding="utf-8",
    )
    assert "contradicts" in str(fails(lambda: load_gold(session, path, table="G")))


def test_a_set_that_cannot_be_built(tickets: Any) -> None:
    run = teacher(tickets).classify_table("T", into="L")
    tickets.sql(f"INSERT INTO T SELECT 'new', '{MARK}'").collect()
    fails(lambda: TrainingSetBuilder(tickets).build("T", into="S", labels=run))
    wrong: Any = [Ticket(id="1", text=MARK), MARK]
    fails(lambda: ResponseGenerator(tickets, model=MODEL).reply_many(wrong, labels=[short(MARK)] * 2))
