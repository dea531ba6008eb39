"""A day on which statements fail, connections break and answers are lost: in the end every ticket is answered once."""

import time
from typing import Any

import pytest
from snowflake.connector.errors import DatabaseError
from snowflake.connector.vendored.requests.exceptions import RequestException

from cortex_tickets import CortexError, LedgerInUseError, TableRun, TicketClassifier
from cortex_tickets.clock import SYSTEM_CLOCK
from cortex_tickets.local import Engine, Fault, Faults
from cortex_tickets.testing import FakeClock

LABELS = ["Roaming fees", "Slow data speed", "Lost phone"]
N_TEXTS, N_COPIES = 120, 20
MOST_TRIES = 300
"""A run that has nothing left to ask still sends some twenty-five statements, of which one in nine goes wrong."""


class HurriedClock(FakeClock):
    """Real time for what takes time, and next to none for pauses."""

    def monotonic(self) -> float:
        return SYSTEM_CLOCK.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.005))


def bad_day(seed: int) -> Faults:
    mine = "CORTEX_TICKETS_LEDGER"
    return Faults(
        seed=seed,
        too_many_requests=0.2,
        throttled=0.1,
        server_errors=0.1,
        timeouts=0.1,
        lost_answers=Fault(rate=0.06, matching=mine),
        orphaned_statements=Fault(rate=0.06, matching=mine),
        orphan_seconds=0.2,
    )


@pytest.mark.parametrize("seed", [1])
def test_in_the_end_every_ticket_is_answered_once(seed: int) -> None:
    live_through(bad_day(seed))


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 32))
def test_thirty_bad_days(seed: int) -> None:
    live_through(bad_day(seed))


def live_through(faults: Faults) -> None:
    with Engine(faults=faults) as engine, engine.session() as session:
        make(session)
        runs, n_failed = label_until_complete(engine)
        assert n_failed or len(runs) == 1
        assert value(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.FAULTS") > 0
        ledger = "SELECT COUNT(*), COUNT(DISTINCT TICKET_ID), COUNT(INPUT_TOKENS) FROM CORTEX_TICKETS_LEDGER"
        n = N_TEXTS + N_COPIES
        assert tuple(answered(engine, ledger)[0]) == (n, n, N_TEXTS)
        asked = session.sql(
            "SELECT TEXT, COUNT(*) AS N FROM SNOWFLAKE.ENGINE.ASKED WHERE \"FUNCTION\" = 'AI_COMPLETE' GROUP BY TEXT"
        ).collect()
        assert len(asked) == N_TEXTS
        assert {row["N"] for row in asked} == {1}


def make(session: Any) -> None:
    session.sql(
        "CREATE TABLE T AS SELECT SEQ4()::VARCHAR AS TICKET_ID, "
        f"'Ticket ' || MOD(SEQ4(), {N_TEXTS})::VARCHAR || ' is about a lost phone' AS REQUEST "
        f"FROM TABLE(GENERATOR(ROWCOUNT => {N_TEXTS + N_COPIES}))"
    ).collect()


def label_until_complete(engine: Engine) -> tuple[list[TableRun], int]:
    """Call again after each failure, on a new connection, as a person would."""
    n_failed = 0
    for _ in range(MOST_TRIES):
        with engine.session() as session:
            classifier = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6", clock=HurriedClock())
            try:
                run = classifier.classify_table("T", into="CORTEX_TICKETS_LEDGER", chunk_rows=25)
            except LedgerInUseError:
                # Two minutes pass: the lease of a run whose last word was lost is over.
                answered(
                    engine,
                    "UPDATE CORTEX_TICKETS_LEDGER_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())",
                )
            except CortexError:
                n_failed += 1
            else:
                if run.is_complete:
                    return [run], n_failed
    raise AssertionError(f"not complete after {MOST_TRIES} tries")


def answered(engine: Engine, statement: str) -> Any:
    """The rows of the test's own statement about the ledger, whose answers get lost on such a day as any others do."""
    for _ in range(MOST_TRIES):
        with engine.session() as session:
            try:
                return session.sql(statement).collect()
            except (DatabaseError, RequestException):
                continue
    raise AssertionError(f"no answer after {MOST_TRIES} tries")


def value(session: Any, query: str) -> Any:
    return session.sql(query).collect()[0][0]
