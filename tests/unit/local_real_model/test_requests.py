"""Requests to the model server: how long it waits, what it reads from the environment, what it says of failures."""

import socket
from typing import Any

import pytest

from cortex_tickets.local.real_model import requests_to
from cortex_tickets.local.real_model.model import RealModel
from cortex_tickets.local.real_model.requests_to import ModelServerError, ask
from cortex_tickets.local.real_model.settings import ModelSettings, settings_from


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://localhost:11434", "http://localhost:11434/v1"),
        ("http://localhost:11434/", "http://localhost:11434/v1"),
        ("https://models.example/api/v3", "https://models.example/api/v3"),
        ("https://models.example/v1/chat/completions", "https://models.example/v1"),
    ],
)
def test_the_address_is_read_in_every_usual_form(url: str, base: str) -> None:
    found = settings_from({"CORTEX_TICKETS_LLM_URL": url, "CORTEX_TICKETS_LLM_MODEL": "m"})
    assert found is not None
    assert (found.base, found.model, found.api_key) == (base, "m", None)


def test_without_an_address_there_is_no_real_model() -> None:
    assert settings_from({}) is None
    assert settings_from({"CORTEX_TICKETS_LLM_URL": " "}) is None


def test_a_server_that_is_not_there_is_asked_again_after_growing_pauses() -> None:
    slept: list[float] = []
    with socket.socket() as deaf:  # bound, and never listening
        deaf.bind(("127.0.0.1", 0))
        settings = ModelSettings(f"http://127.0.0.1:{deaf.getsockname()[1]}/v1", attempts=4)
        with pytest.raises(ModelServerError, match=r"cannot be reached .*after 4 attempts"):
            ask(settings, "/models", sleep=slept.append)
        answers, errors = RealModel(settings, sleep=lambda _: None).answer_texts("Repeat.", ["text"])
    assert slept == [0.5, 1.0, 2.0]
    assert answers == [None]
    assert "cannot be reached" in str(errors[0])
    assert "text" not in str(errors[0])


def test_a_server_that_does_not_answer_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def late(*_: Any) -> Any:
        raise TimeoutError

    monkeypatch.setattr(requests_to, "_asked_once", late)
    with pytest.raises(ModelServerError, match="did not answer within 3 seconds, after 1 attempts"):
        ask(ModelSettings("http://localhost/v1", timeout=3, attempts=1), "/models")


@pytest.mark.parametrize(
    ("answer", "wording"), [({"data": []}, "lists no model"), (ValueError("<html>"), "is no JSON")]
)
def test_answers_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch, answer: Any, wording: str) -> None:
    def answered(*_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(requests_to, "_asked_once", answered)
    _, errors = RealModel(ModelSettings("http://localhost/v1")).answer_texts("Repeat.", ["text"])
    assert wording in str(errors[0])
    assert RealModel(ModelSettings("http://localhost/v1")).answer_texts("Repeat.", []) == ([], [])
