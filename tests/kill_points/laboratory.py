"""Kills a process at a chosen point of its work, resumes in another, and tells what ledger and engine say."""

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
from kill_points.works import WORKS, Work, classify

TESTS = Path(__file__).parent.parent
ZYGOTE = Path(__file__).with_name("zygote.py")
WORDS = ("roaming fees abroad", "slow data speed", "a lost phone", "a new line", "closing my account")
N_TEXTS, N_COPIES, N_BLANK = 200, 40, 6
N_TICKETS = N_TEXTS + N_COPIES + N_BLANK


@dataclass(frozen=True)
class KillPoint:
    """When the process is killed: so many seconds after it was about to send its statement of that number."""

    statement: int
    seconds: float


@dataclass(frozen=True)
class Aftermath:
    """What a process and, where it was killed, its resumption left behind."""

    was_killed: bool
    run: TableRun
    ledger: list[tuple[Any, ...]]
    asked: list[int]
    """How often each text was asked, by the engine's own log."""
    states: list[str]


class Laboratory:
    """An engine in a process of its own, and a process that forks the clients.

    Args:
        *options: Passed to the engine.
    """

    def __init__(self, *options: str) -> None:
        self._engine = subprocess.Popen(
            [sys.executable, "-m", "cortex_tickets.local", *options], stdout=subprocess.PIPE, text=True
        )
        assert self._engine.stdout is not None
        self.parameters: dict[str, Any] = json.loads(self._engine.stdout.readline())
        paths = [str(TESTS), *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
        self._zygote = subprocess.Popen(
            [sys.executable, str(ZYGOTE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
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
        self.session.use_schema("BASE")
        self.labels = classify(self.session)
        self._undisturbed: dict[str, Aftermath] = {}
        self._n_sent: dict[str, int] = {}

    def _connect(self) -> Any:
        from snowflake.snowpark import Session  # noqa: PLC0415  takes seconds

        return Session.builder.configs(self.parameters).create()

    def _values(self, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.session.sql(query).collect()]

    def undisturbed(self, kind: str) -> Aftermath:
        """Return what such work leaves behind where nobody is killed."""
        if kind not in self._undisturbed:
            work = WORKS[kind]
            self.session.use_schema(self._new_schema(work))
            self._undisturbed[kind] = self._aftermath(work, work.go_on(self.session, self.labels), was_killed=False)
        return self._undisturbed[kind]

    def n_statements(self, kind: str) -> int:
        """Count the statements of a process at such work that nobody kills."""
        if kind not in self._n_sent:
            self._start(kind, self._new_schema(WORKS[kind]))
            current, count, word = None, 0, ""
            while word != "done":
                pid, told = self._told()
                current = pid if told == "ready" else current
                if pid == current:  # and not what one that was killed before has told last
                    word = told
                    count += word == "statement"
            self._n_sent[kind] = count
        return self._n_sent[kind]

    def _start(self, kind: str, schema: str) -> None:
        assert self._zygote.stdin is not None
        order = {
            "parameters": {**self.parameters, "schema": schema},
            "kind": kind,
            "labels": self.labels.model_dump_json(),
        }
        self._zygote.stdin.write(json.dumps(order) + "\n")
        self._zygote.stdin.flush()

    def _told(self) -> tuple[int, str]:
        assert self._zygote.stdout is not None
        pid, word = self._zygote.stdout.readline().split()
        return int(pid), word

    def _new_schema(self, work: Work) -> str:
        self._n_trials += 1
        schema = f"TRIAL_{self._n_trials}"
        self.session.sql(f"CREATE SCHEMA {schema}").collect()
        for table in work.tables:
            self.session.sql(f"CREATE TABLE {schema}.{table} AS SELECT * FROM BASE.{table}").collect()
        if work.prepare is not None:
            self.session.use_schema(schema)
            self.session.sql(work.prepare).collect()
        return schema

    def killed_and_resumed(self, kind: str, point: KillPoint) -> Aftermath:
        """Kill a process there, and let this one go on."""
        work = WORKS[kind]
        schema = self._new_schema(work)
        self._start(kind, schema)
        was_killed = self._kill(point)
        self.session.use_schema(schema)
        leases = f"{work.into}_LEASES"
        tables = {str(row[1]) for row in self.session.sql("SHOW TABLES").collect()}
        if leases in tables:
            # Two minutes pass. What the dead client left on the server may still be under way.
            self.session.sql(f"UPDATE {leases} SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())").collect()
        return self._aftermath(work, work.go_on(self.session, self.labels), was_killed=was_killed)

    def _aftermath(self, work: Work, run: TableRun, *, was_killed: bool) -> Aftermath:
        runs = f"(SELECT * FROM {work.into}_RUNS WHERE RUN_ID <> '{self.labels.run_id}')"
        asked = self._values(
            f"SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG IN (SELECT QUERY_TAG FROM {runs}) "
            'GROUP BY "FUNCTION", TEXT'
        )
        return Aftermath(
            was_killed=was_killed,
            run=run,
            ledger=self._values(f"SELECT {work.columns} FROM {work.into} ORDER BY 1, 2, 3"),
            asked=[count for (count,) in asked],
            states=[state for (state,) in self._values(f"SELECT STATE FROM {runs} ORDER BY STARTED_AT")],
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
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    # It was done and gone before the moment came.
                    while self._told() != (pid, "done"):
                        pass
                    return False
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
