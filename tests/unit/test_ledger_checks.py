"""What is looked at before a run begins, so that nothing is billed or written in vain."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from cortex_tickets import Budget, InvalidInputError, TicketClassifier, TicketSource
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.errors import (
    CortexError,
)
from cortex_tickets.ledger.schema import LEDGER_COLUMNS, RUN_COLUMNS
from cortex_tickets.ledger.source_check import check_source, without_absent_columns
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

INTO = "DB.S.L"
LedgerSession = Callable[..., FakeSession]
ASKS = "^(INSERT|MERGE) .*AI_COMPLETE"


def label(session: FakeSession, clock: FakeClock | None = None, *, table: str = "T", **options: Any) -> TableRun:
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6", clock=clock or FakeClock())
    return classifier.classify_table(table, **{"into": INTO, **options})


def test_every_problem_is_told_before_anything_is_written(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^DESCRIBE", [{"name": "OTHER"}])
    with pytest.raises(InvalidInputError) as raised:
        TicketClassifier(session, labels=["A", "B"], model="gone").classify_table(
            "T", into=INTO, chunk_rows=0, timeout=-1, budget=Budget(platform_credits=1)
        )
    said = str(raised.value)
    for problem in (
        "chunk_rows=0",
        "timeout=-1",
        "limits none",
        "into='DB.S.L' is a table of another form",
        "DB.S.L_RUNS, where the runs",
        "DB.S.L_LEASES, where the leases",
        "no column TICKET_ID",
        "no column REQUEST",
        "'gone' is not one that this account lists",
    ):
        assert problem in said
    assert len(raised.value.problems) == 9
    assert all(text.startswith(("DESCRIBE", "SHOW", "SELECT")) for text in session.texts())


def test_a_ledger_that_was_made_before_is_taken(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer('^DESCRIBE TABLE .*"L"$', [{"name": name} for name in LEDGER_COLUMNS])
    session.answer('^DESCRIBE TABLE .*"L_RUNS"$', [{"name": name} for name in RUN_COLUMNS])
    assert label(session).is_complete


@pytest.mark.parametrize(
    ("context", "into", "expected"),
    [
        (("DB", "S"), "L", "DB.S.L"),
        (("DB", None), "X.L", "DB.X.L"),
        ((None, None), "L", None),
        (("DB", None), "L", None),
        ((None, None), "X.L", None),
    ],
)
def test_a_ledger_has_its_whole_name(
    ledger_session: LedgerSession, context: tuple[str | None, ...], into: str, expected: str | None
) -> None:
    session = ledger_session()
    session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": context[0], "SCHEMA_NAME": context[1]}])
    session.answer('^DESCRIBE TABLE "DB"."S"."T"$', [{"name": "TICKET_ID"}, {"name": "REQUEST"}])
    if expected is None:
        with pytest.raises(InvalidInputError, match=r"Write DATABASE\.SCHEMA\.TABLE"):
            label(session, table="DB.S.T", into=into)
    else:
        assert label(session, table="DB.S.T", into=into).into == expected


def test_tickets_without_an_id_are_refused(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("AS N_WITHOUT_ID", [{"N_ROWS": 5, "N_WITHOUT_ID": 2}])
    with pytest.raises(InvalidInputError, match="2 of 5 rows of T have no TICKET_ID"):
        label(session)


def test_a_query_that_snowflake_cannot_read_is_bad_input_and_other_failures_are_not(
    ledger_session: LedgerSession,
) -> None:
    source = TicketSource(query="SELEC 1")
    session = ledger_session()
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6")
    session.answer("LIMIT 0$", snowflake_error("SQL compilation error: syntax error unexpected 'SELEC'.", 1003))
    with pytest.raises(InvalidInputError, match="or cannot run"):
        classifier.classify_table(source, into=INTO)
    session.answer("LIMIT 0$", snowflake_error("Insufficient privileges to operate on table 'T'", 3001))
    with pytest.raises(CortexError):
        classifier.classify_table(source, into=INTO)


def test_a_budget_that_is_a_number_is_refused(ledger_session: LedgerSession) -> None:
    wrong: Any = 2.0
    with pytest.raises(InvalidInputError, match="no Budget"):
        label(ledger_session(), budget=wrong)


def test_the_columns_that_a_query_lacks_are_left_out(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("LIMIT 0$", [])
    session.answer('"(CUSTOMER_EMAIL|SERVICE_TYPE)"', not_there)
    source = TicketSource(query="SELECT * FROM T", contact_preference=None)
    kept = without_absent_columns(CortexClient(session, clock=FakeClock()), source)
    assert (kept.customer_name, kept.customer_email, kept.service_type) == ("CUSTOMER_NAME", None, None)
    assert len(session.sent) == 4  # all three together, and then one by one


def test_the_columns_of_a_query_are_tried_together_and_those_named_by_hand_are_not_tried_again(
    ledger_session: LedgerSession,
) -> None:
    session = ledger_session()
    session.answer("LIMIT 0$", [])
    client = CortexClient(session, clock=FakeClock())
    source = TicketSource(query="SELECT * FROM T", id="NO", text="BODY", customer_name="WHO")
    check = check_source(client, source)
    assert without_absent_columns(client, check.source) == source
    tried = [statement.split(" FROM ")[0] for statement in session.texts() if statement.endswith("LIMIT 0")]
    assert tried == [
        'SELECT "NO", "BODY", "WHO"',
        'SELECT "CUSTOMER_EMAIL", "SERVICE_TYPE", "CONTACT_PREFERENCE"',
    ]


def test_a_table_is_not_tried_column_by_column(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    source = TicketSource(table="T")
    assert without_absent_columns(CortexClient(session, clock=FakeClock()), source) == source
    assert session.sent == []


def not_there(_: SentStatement) -> NoReturn:
    raise snowflake_error("invalid identifier", 904)


def test_a_ledger_of_a_later_version_is_left_alone(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^SELECT MAX[(]SCHEMA_VERSION", [{"LATEST": 99}])
    with pytest.raises(InvalidInputError, match=r"later version .* form 99; .* Upgrade cortex-tickets"):
        label(session)
    assert not any(text.startswith(("CREATE", "INSERT")) for text in session.texts())
    session.answer("^SELECT MAX[(]SCHEMA_VERSION", [{"LATEST": None}])
    assert label(session).is_complete
