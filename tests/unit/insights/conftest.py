"""Sessions whose model answers each text as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cortex_tickets.testing import FakeSession, SentStatement

ROW: Mapping[str, Any] = {
    "ANSWER": "an answer",
    "ERROR": None,
    "OUTCOME": "valid",
    "REPAIR": None,
    "INPUT_TOKENS": 100,
    "OUTPUT_TOKENS": 20,
}
"""What every answer's row has."""

Asked = list[list[Any]]
Answering = Callable[[Callable[[Any], Mapping[str, Any]]], tuple[FakeSession, Asked]]


@pytest.fixture
def answering() -> Answering:
    """Return a maker of sessions that answer each text, or pair of text and problems, with what a function says."""

    def make(answer: Callable[[Any], Mapping[str, Any]]) -> tuple[FakeSession, Asked]:
        asked: Asked = []

        def rows(statement: SentStatement) -> list[dict[str, Any]]:
            texts = json.loads(statement.values[0])
            asked.append(texts)
            return [{**ROW, "POSITION": position, **answer(text)} for position, text in enumerate(texts)]

        session = FakeSession()
        session.answer("AI_(COMPLETE|TRANSLATE|SENTIMENT|SUMMARIZE)", rows)
        session.answer("AS TOKENS FROM", lambda statement: [{"TOKENS": 10} for _ in json.loads(statement.values[0])])
        return session, asked

    return make
