"""Ctrl-C and SIGTERM, in a process of their own: nothing goes on unseen on the server, and the way on is told."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import TicketClassifier, local

CLIENT = Path(__file__).with_name("interrupted_client.py")
N_ROWS = 20_000


@pytest.fixture(scope="module")
def engine() -> Iterator[local.Engine]:
    with local.Engine() as started:
        yield started


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, -signal.SIGINT), (signal.SIGTERM, 143)])
def test_an_interrupted_run_leaves_nothing_running_and_says_how_to_go_on(
    engine: local.Engine, number: signal.Signals, code: int
) -> None:
    with engine.session() as session:
        session.sql(
            "CREATE OR REPLACE TABLE T AS SELECT SEQ4()::VARCHAR AS TICKET_ID, "
            "'Ticket ' || SEQ4()::VARCHAR || ' is about a lost phone' AS REQUEST "
            f"FROM TABLE(GENERATOR(ROWCOUNT => {N_ROWS}))"
        ).collect()
        for table in ("L", "L_RUNS", "L_LEASES"):
            session.sql(f"DROP TABLE IF EXISTS {table}").collect()
        with subprocess.Popen(
            [sys.executable, str(CLIENT), json.dumps(engine.connection_parameters)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as client:
            assert client.stdout is not None
            assert client.stderr is not None
            client.stdout.readline()
            client.send_signal(number)
            said = client.stderr.read()
            assert client.wait(timeout=60) == code, said
        assert "call the same method with the same arguments again" in said
        assert "lost phone" not in said
        (run,) = session.sql("SELECT STATE, SESSION_ID, N_TEXTS_ASKED FROM L_RUNS").collect()
        assert run["STATE"] == "INTERRUPTED"
        assert running(session, run["SESSION_ID"]) == []
        # The lease is free at once, and what is missing is asked, once.
        again = TicketClassifier(session, labels=["Lost phone", "Roaming fees"], model="claude-sonnet-4-6")
        resumed = again.classify_table("T", into="L")
        assert resumed.is_complete
        assert 0 < resumed.n_texts_asked < N_ROWS
        counts = session.sql("SELECT COUNT(*), COUNT(DISTINCT TICKET_ID), COUNT(INPUT_TOKENS) FROM L").collect()
        assert tuple(counts[0]) == (N_ROWS, N_ROWS, N_ROWS)


def running(session: Any, session_id: int) -> list[Any]:
    found: list[Any] = session.sql(
        f"SELECT QUERY_ID FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION(SESSION_ID => {session_id})) "
        "WHERE EXECUTION_STATUS = 'RUNNING'"
    ).collect()
    return found
