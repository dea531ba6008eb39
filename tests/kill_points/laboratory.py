"""Kills a labelling process at a chosen point, resumes in another, and tells what ledger and engine say."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from cortex_tickets.table_run import TableRun
from cortex_tickets.ticket_classifier import TicketClassifier

ZYGOTE = Path(__file__).with_name("zygote.py")
LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
WORDS = ("roaming fees abroad", "slow data speed", "a lost phone", "a new line", "closing my account")
N_TEXTS, N_COPIES, N_BLANK, CHUNK_ROWS = 200, 40, 6, 50
N_TICKETS = N_TEXTS + N_COPIES + N_BLANK
ANSWERS = "SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWER FROM {} ORDER BY 1, 2"


@dataclass(frozen=True)
class KillPoint:
    """When the process is killed: so many seconds after it was about to send its statement of that number."""

    statement: int
    seconds: float


@dataclass(frozen=True)
class Aftermath:
    """What a killed process and its resumption left behind."""

    was_killed: bool
    run: TableRun
    ledger: list[tuple[Any, ...]]
    n_tickets: int
    asked: list[int]
    """How often each text was asked, by the engine's own log."""
    states: list[str]


class Laboratory:
    """An engine in a process of its own, and a process that forks the clients."""

    def __init__(self, *options: str) -> None:
        self._engine = subprocess.Popen(
            [sys.executable, "-m", "cortex_tickets.local", *options], stdout=subprocess.PIPE, text=True
        )
        assert self._engine.stdout is not None
        self.parameters: dict[str, Any] = json.loads(self._engine.stdout.readline())
        self._zygote = subprocess.Popen(
            [sys.executable, str(ZYGOTE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._n_trials = 0
        self.session = self._connect()
        self.session.sql("CREATE SCHEMA BASE").collect()
        self.session.sql("CREATE TABLE BASE.T (TICKET_ID VARCHAR, REQUEST VARCHAR)").collect()
        texts = [f"Ticket {n}: I write about {WORDS[n % len(WORDS)]}." for n in range(N_TEXTS)]
        texts += texts[:N_COPIES] + [" "] * N_BLANK
        rows = [{"id": str(n), "text": text} for n, text in enumerate(texts)]
        self.session.sql(
            "INSERT INTO BASE.T SELECT F.VALUE:id::VARCHAR, F.VALUE:text::VARCHAR "
            "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F",
            params=[json.dumps(rows)],
        ).collect()
        self._label("BASE")
        self.undisturbed = self._values(ANSWERS.format("BASE.L"))
        self.n_statements = self._n_sent()

    def _connect(self) -> Any:
        from snowflake.snowpark import Session  # noqa: PLC0415  takes seconds

        return Session.builder.configs(self.parameters).create()

    def _values(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(query).collect()]

    def _label(self, schema: str) -> TableRun:
        self.session.use_schema(schema)
        classifier = TicketClassifier(self.session, labels=LABELS, model="claude-sonnet-4-6")
        return classifier.classify_table("T", into="L", chunk_rows=CHUNK_ROWS)

    def _start(self, schema: str) -> None:
        assert self._zygote.stdin is not None
        order = {"parameters": self.parameters, "schema": schema, "labels": LABELS, "chunk_rows": CHUNK_ROWS}
        self._zygote.stdin.write(json.dumps(order) + "\n")
        self._zygote.stdin.flush()

    def _told(self) -> tuple[int, str]:
        assert self._zygote.stdout is not None
        pid, word = self._zygote.stdout.readline().split()
        return int(pid), word

    def _n_sent(self) -> int:
        """Count the statements of a process that nobody kills."""
        self._start(self._new_schema())
        words: list[str] = []
        while not words or words[-1] != "done":
            words.append(self._told()[1])
        return words.count("statement")

    def _new_schema(self) -> str:
        self._n_trials += 1
        schema = f"TRIAL_{self._n_trials}"
        self.session.sql(f"CREATE SCHEMA {schema}").collect()
        self.session.sql(f"CREATE TABLE {schema}.T AS SELECT * FROM BASE.T").collect()
        return schema

    def killed_and_resumed(self, point: KillPoint) -> Aftermath:
        """Kill a process there, and let this one go on."""
        schema = self._new_schema()
        self._start(schema)
        was_killed = self._kill(point)
        self.session.use_schema(schema)
        tables = {str(row[1]) for row in self.session.sql("SHOW TABLES").collect()}
        if "L_LEASES" in tables:
            # Two minutes pass. What the dead client left on the server may still be under way.
            self.session.sql("UPDATE L_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())").collect()
        run = self._label(schema)
        asked = self._values(
            "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED A JOIN L_RUNS R ON R.QUERY_TAG = A.QUERY_TAG "
            "WHERE A.\"FUNCTION\" = 'AI_COMPLETE' GROUP BY A.TEXT"
        )
        return Aftermath(
            was_killed=was_killed,
            run=run,
            ledger=self._values(ANSWERS.format("L")),
            n_tickets=N_TICKETS,
            asked=[count for (count,) in asked],
            states=[state for (state,) in self._values("SELECT STATE FROM L_RUNS ORDER BY STARTED_AT")],
        )

    def _kill(self, point: KillPoint) -> bool:
        n_statements, current = 0, None
        while True:
            pid, word = self._told()
            if word == "ready":
                current = pid
            if pid != current:
                continue  # what one that was killed before has told last
            if word == "done":
                return False
            n_statements += word == "statement"
            if n_statements == point.statement:
                time.sleep(point.seconds)
                os.kill(pid, signal.SIGKILL)
                while Path(f"/proc/{pid}").exists():
                    time.sleep(0.001)
                return True

    def close(self) -> None:
        """End both processes."""
        self.session.close()
        for process in (self._zygote, self._engine):
            process.terminate()
            process.wait(timeout=30)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
