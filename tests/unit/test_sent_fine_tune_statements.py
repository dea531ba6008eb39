"""Every statement that a fine-tune job sends, word for word; the reference shows them."""

import json
from collections.abc import Mapping
from typing import Any

from syrupy.assertion import SnapshotAssertion

from cortex_tickets import FineTuneJob
from cortex_tickets.testing import FakeClock, FakeSession
from unit.statement_layout import sent
from unit.test_fine_tune_start import QUERIES, FakeServer


def described(status: str, **more: object) -> list[Mapping[str, Any]]:
    payload = {"id": "ft_1", "status": status, "base_model": "llama3.1-8b", **more}
    return [{"ANSWER": json.dumps(payload)}]


def test_an_estimate(snapshot: SnapshotAssertion) -> None:
    server = FakeServer()
    FineTuneJob.estimate(server.session, base_model="llama3.1-8b", training_set=QUERIES)
    assert sent(server.session) == snapshot


def test_a_start(snapshot: SnapshotAssertion) -> None:
    server = FakeServer()
    server.start(max_epochs=3)
    assert sent(server.session) == snapshot


def test_a_second_start(snapshot: SnapshotAssertion) -> None:
    server = FakeServer()
    server.start(max_epochs=3)
    server.session.sent.clear()
    assert server.start(max_epochs=3).reused
    assert sent(server.session) == snapshot


def test_a_wait(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    session.answer("SELECT MODEL_NAME", [{"MODEL_NAME": "DB.S.TICKETS"}])
    session.answer(
        "DESCRIBE", described("PENDING"), described("IN_PROGRESS"), described("SUCCESS", model="DB.S.TICKETS_2")
    )
    job = FineTuneJob.attach(session, "ft_1", clock=FakeClock())
    assert job.wait(timeout=600).name == "DB.S.TICKETS_2"
    assert sent(session) == snapshot


def test_a_cancellation(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    session.answer("SELECT MODEL_NAME", [{"MODEL_NAME": "DB.S.TICKETS"}])
    session.answer("DESCRIBE", described("IN_PROGRESS"), described("CANCELLED"))
    session.answer("CANCEL", [{"ANSWER": "Canceled Cortex Fine-tuning job: ft_1"}])
    job = FineTuneJob.attach(session, "ft_1", clock=FakeClock())
    assert job.cancel().status == "CANCELLED"
    assert sent(session) == snapshot
