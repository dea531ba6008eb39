"""The server ends the app's session, as Snowflake does with one that is idle: the app opens another one."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import load_tickets, local, samples
from cortex_tickets.app.session_lost import SessionLostError
from cortex_tickets.app.shared_session import SharedSession
from served_engine import write_connections

APP = """
import sys
from streamlit.testing.v1 import AppTest

page = "from cortex_tickets.app import main; main.show_page('Overview')"
app = AppTest.from_string(page, default_timeout=60)
for line in sys.stdin:
    app.run()
    told = [*(metric.value for metric in app.metric[:1]), *(error.value for error in app.error)]
    print(*told, *(error.value for error in app.exception), sep=" | ", flush=True)
"""


def test_a_session_that_the_server_has_ended_is_opened_anew_and_pages_go_on(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    engine = local.Engine(kept)
    port = engine.port
    try:
        with engine.session() as session:
            load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
        home = write_connections(engine, tmp_path / "home")
        environment = {**os.environ, "SNOWFLAKE_HOME": str(home), "CORTEX_TICKETS_APP_CONNECTION": "default"}
        with subprocess.Popen(
            [sys.executable, "-c", APP],
            env=environment,
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as app:
            assert app.stdin is not None
            assert app.stdout is not None

            def look() -> str:
                print("look", file=app.stdin, flush=True)
                assert app.stdout is not None
                return app.stdout.readline().strip()

            assert look() == "151"
            engine.close()
            engine = local.Engine(kept, port=port)
            assert look() == "151"
            # What cannot be opened anew says what to do, and is tried again at each look.
            (home / "connections.toml").write_text("[other]\n", encoding="utf-8")
            engine.close()
            engine = local.Engine(kept, port=port)
            first = look().replace("\\", "")
            assert "Snowflake has ended the app's session, and a new one cannot be opened" in first
            assert "Load the page anew in a minute: that tries again." in first
            write_connections(engine, tmp_path / "home")
            assert look() == "151"
            app.stdin.close()
    finally:
        engine.close()


class Answer:
    def __init__(self, error: Exception | None) -> None:
        self._error = error

    def collect(self) -> str:
        if self._error is not None:
            raise self._error
        return "answer"


class OneSession:
    """Fails with these errors, one statement after another, and answers then."""

    def __init__(self, *errors: Exception) -> None:
        self.sent: list[str] = []
        self._errors = list(errors)

    def sql(self, query: str, *_args: Any, **_kwargs: Any) -> Answer:
        self.sent.append(query)
        return Answer(self._errors.pop(0) if self._errors else None)


class CodedError(Exception):
    def __init__(self, **codes: object) -> None:
        super().__init__("no")
        self.__dict__.update(codes)


@pytest.mark.parametrize(
    "codes",
    [{"sql_error_code": 390111}, {"sql_error_code": "390114"}, {"error_code": "1402"}, {"errno": 250002}],
    ids=str,
)
def test_a_statement_that_came_after_the_end_of_its_session_is_sent_once_more(codes: dict[str, object]) -> None:
    lost, other = OneSession(CodedError(**codes)), OneSession()
    shared = SharedSession(lost, lambda: other)
    assert shared.sql("SELECT 1").collect() == "answer"
    assert shared.sql("SELECT 2").collect() == "answer"
    assert (lost.sent, other.sent) == (["SELECT 1"], ["SELECT 1", "SELECT 2"])


def test_a_session_is_opened_anew_once_for_a_statement() -> None:
    lost, other = OneSession(CodedError(errno=390111)), OneSession(CodedError(errno=390111))
    with pytest.raises(CodedError):
        SharedSession(lost, lambda: other).sql("SELECT 1").collect()
    assert (lost.sent, other.sent) == (["SELECT 1"], ["SELECT 1"])


@pytest.mark.parametrize("codes", [{"errno": 250003}, {"sql_error_code": 2003}, {}], ids=str)
def test_a_statement_of_which_nobody_knows_whether_it_ran_is_not_sent_again(codes: dict[str, object]) -> None:
    session, other = OneSession(CodedError(**codes)), OneSession()
    with pytest.raises(CodedError):
        SharedSession(session, lambda: other).sql("INSERT INTO T VALUES (1)").collect()
    assert other.sent == []


def test_where_no_other_session_can_be_opened_the_sentence_says_what_to_do_and_names_nobody() -> None:
    def refused() -> Any:
        raise ConnectionError("user ann at account xy12345")

    with pytest.raises(SessionLostError, match="whoever runs the app has to look at its connection") as caught:
        SharedSession(OneSession(CodedError(errno=390114)), refused).sql("SELECT 1").collect()
    assert "user ann" not in str(caught.value)
