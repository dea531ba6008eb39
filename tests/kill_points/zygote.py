"""Has everything loaded, and forks a process that does the work of each line on standard input.

What the process is about to do is told on standard output, a line each, so that whoever reads it can kill the process
there, from outside: `<pid> ready`, `<pid> statement` before a statement is sent, `<pid> done`.
"""

import json
import os
import signal
import sys
from typing import Any

from snowflake.snowpark import Session

from cortex_tickets.table_run import TableRun
from kill_points.works import WORKS


def tell(word: str) -> None:
    os.write(1, f"{os.getpid()} {word}\n".encode())


class TellingSession:
    """Snowpark's own session, which tells of each statement before it is sent."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        tell("statement")
        return self._session.sql(query, params, *args, **kwargs)


def work(order: dict[str, Any]) -> None:
    session = Session.builder.configs(order["parameters"]).create()
    tell("ready")
    WORKS[order["kind"]].begin(TellingSession(session), TableRun.model_validate_json(order["labels"]))
    tell("done")


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # a child that was killed is gone at once
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            work(json.loads(line))
            os._exit(0)


if __name__ == "__main__":
    main()
