"""The service of the FastAPI page: one session for all threads, bounded time, a status for each error, quiet logs."""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from cortex_tickets import CortexTicketsError, errors, local
from cortex_tickets.testing import FakeSession, snowflake_error

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "fastapi.md"
TEXTS = {
    "Roaming fees": "I was charged {} dollars of roaming fees",
    "Slow data speed": "The data speed is slow since {} days",
    "Lost phone": "I lost my phone {} days ago",
    "Add new line": "Please add a new line number {}",
}
N_THREADS = 8
N_REQUESTS = 4
"""Of each thread."""
SECRET = "4111-1111"  # noqa: S105  a number that a customer might write
ANSWER = {"LABEL": "Lost phone", "OUTCOME": "valid", "ANSWER": "x", "ERROR": None, "REPAIR": None}


@pytest.fixture(scope="module")
def service() -> Iterator[ModuleType]:
    """The page's first block, imported as the file that it is to be saved as."""
    source = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)[0]
    module = ModuleType("ticket_service")
    sys.modules[module.__name__] = module
    exec(compile(source, str(PAGE), "exec"), module.__dict__)  # noqa: S102  the page's own code
    yield module
    del sys.modules[module.__name__]


class Server(uvicorn.Server):
    """A real server in a thread, which says when it listens."""

    def __init__(self, app: Any) -> None:
        super().__init__(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
        self.listens = threading.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.listens.set()

    @property
    def port(self) -> int:
        return int(self.servers[0].sockets[0].getsockname()[1])


def posted(port: int, path: str, body: object) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_eight_threads_share_one_session_and_each_gets_its_own_labels(
    service: ModuleType, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, "cortex_tickets")
    opened: list[Any] = []

    def connect() -> Any:
        opened.append(local.connect())
        return opened[-1]

    server = Server(service.create_app(connect))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert server.listens.wait(30)
        # The engine's own server, in this process too, turned the access log off.
        monkeypatch.setattr(logging.getLogger("uvicorn.access"), "propagate", True)

        def work(worker: int) -> list[tuple[str, int, Any]]:
            done = []
            for number in range(N_REQUESTS):
                label = list(TEXTS)[(worker + number) % len(TEXTS)]
                text = TEXTS[label].format(f"{worker}{number} {SECRET}")
                done.append((label, *posted(server.port, "/label", {"id": f"{worker}-{number}", "text": text})))
            return done

        with ThreadPoolExecutor(N_THREADS) as pool:
            told = list(pool.map(work, range(N_THREADS)))
        refused = posted(server.port, "/label", {"id": "", "text": SECRET})
    finally:
        server.should_exit = True
        thread.join(30)
    for worker, done in enumerate(told):
        for number, (label, status, answer) in enumerate(done):
            assert (status, answer) == (200, {"id": f"{worker}-{number}", "label": label, "outcome": "valid"})
    assert len(opened) == 1
    assert refused[0] == 422
    assert SECRET not in json.dumps(refused[1])
    said = [record.getMessage() for record in caplog.records]
    assert any("POST /label" in line for line in said)
    assert not [line for line in said if SECRET in line]


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (("too many requests", 100351), (503, "TransientCortexError")),
        (("Statement reached its timeout", 630), (504, "StatementTimeoutError")),
        (("The session is closed", 1404), (503, "ConnectionLostError")),
        (("Not Authorized", 512513), (500, "AccessDeniedError")),
        (("something new", 999), (500, "CortexError")),
    ],
)
def test_each_kind_of_error_has_its_status_and_no_answer_or_log_has_the_text(
    service: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    failure: tuple[str, int],
    expected: tuple[int, str],
) -> None:
    monkeypatch.setattr(service, "SECONDS", 0.05)  # no time for a second try
    session = FakeSession()
    session.answer("AI_COMPLETE", snowflake_error(*failure))
    with TestClient(service.create_app(lambda: nullcontext(session))) as client:
        answer = client.post("/label", json={"id": "TR1", "text": f"my card {SECRET}"})
    assert (answer.status_code, answer.json()["error"]) == expected
    assert (answer.headers.get("retry-after") is not None) == (expected[0] == 503)
    assert SECRET not in answer.text
    assert expected[1] in caplog.text
    assert SECRET not in caplog.text


def test_the_text_is_bound_and_the_statement_has_the_time_limit(service: ModuleType) -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", [{**ANSWER, "INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1}])
    with TestClient(service.create_app(lambda: nullcontext(session))) as client:
        answer = client.post("/label", json={"id": "TR1", "text": f"my card {SECRET}"})
    assert answer.json() == {"id": "TR1", "label": "Lost phone", "outcome": "valid"}
    asked = session.sent[-1]
    assert SECRET not in asked.text
    assert asked.values == (f"my card {SECRET}",)
    assert asked.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] == 10


def test_more_tickets_than_one_statement_asks_are_refused_before_anything_is_sent(service: ModuleType) -> None:
    session = FakeSession()
    tickets = [{"id": str(number), "text": "x"} for number in range(501)]
    with TestClient(service.create_app(lambda: nullcontext(session))) as client:
        assert client.post("/labels", json=tickets).status_code == 422
    assert session.sent == []


@pytest.mark.parametrize("kind", [kind for kind in vars(errors).values() if isinstance(kind, type)])
def test_every_error_of_the_package_has_a_status(service: ModuleType, kind: type) -> None:
    if issubclass(kind, CortexTicketsError):
        assert any(parent in service.STATUSES for parent in kind.__mro__)
