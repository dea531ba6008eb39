"""Sessions that answer as a warehouse would, for tests of what is sent and what becomes of the answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from cortex_tickets.testing import FakeSession, SentStatement, snowflake_error

MODELS = ("claude-sonnet-4-6", "llama3.1-8b", "claude-opus-5")
NOT_THERE = "Object '{}' does not exist or not authorized."
WORK = {"N_TO_ASK": 5, "N_TO_COPY": 0, "N_WAITING": 5, "N_AGAIN": 0, "N_TICKETS": 5}

LedgerSession = Callable[..., FakeSession]
AnswerAll = Callable[..., FakeSession]


def not_there(statement: SentStatement) -> list[Mapping[str, Any]]:
    raise snowflake_error(NOT_THERE.format(statement.text.split()[-1]), 2003)


@pytest.fixture
def ledger_session() -> LedgerSession:
    """Return a maker of sessions that answer every statement of a table operation over the table T."""

    def make(
        *,
        n_rows: int = 5,
        columns: Sequence[str] = ("TICKET_ID", "REQUEST"),
        work: Mapping[str, int] | None = None,
        chunks: Sequence[tuple[int, int]] = ((5, 500),),
        used: Sequence[tuple[int, int]] = ((500, 25),),
        outcomes: Mapping[str, int] | None = None,
        left: int = 0,
    ) -> FakeSession:
        session = FakeSession()
        session.answer(r"^(CREATE|INSERT|MERGE|UPDATE|DROP) ", [])
        session.answer("^DESCRIBE TABLE", not_there)
        session.answer('^DESCRIBE TABLE "T"$', [{"name": name} for name in columns])
        session.answer("^SHOW CORTEX BASE MODELS", [{"name": name, "lifecycle_status": "GA"} for name in MODELS])
        session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "DB", "SCHEMA_NAME": "S"}])
        session.answer("AS N_WITHOUT_ID", [{"N_ROWS": n_rows, "N_WITHOUT_ID": 0}])
        session.answer("AS N_TO_ASK", [{**WORK, **(work or {})}])
        session.answer(
            r"FLOOR\(N",
            [
                {"CHUNK": chunk, "N_TEXTS": n_texts, "N_COUNTED": n_texts, "TOKENS": tokens}
                for chunk, (n_texts, tokens) in enumerate(chunks)
            ],
        )
        session.answer("AS READ_TOKENS", *([{"READ_TOKENS": read, "WRITTEN_TOKENS": wrote}] for read, wrote in used))
        found = {"valid": 5} if outcomes is None else outcomes
        session.answer("^SELECT L.OUTCOME", [{"OUTCOME": outcome, "N": n} for outcome, n in found.items()])
        session.answer(r"^SELECT COUNT\(\*\) AS N FROM .*_WORK_", [{"N": left}])
        return session

    return make


@pytest.fixture
def answer_all() -> AnswerAll:
    """Return a maker of sessions that answer each text that is asked with a row made by a function."""

    def make(answer: Callable[[str], Mapping[str, Any]]) -> FakeSession:
        def rows(statement: SentStatement) -> list[dict[str, Any]]:
            (bound,) = statement.values
            texts = json.loads(bound) if "FLATTEN" in statement.text else [bound]
            return [{"POSITION": position, **answer(text)} for position, text in enumerate(texts)]

        session = FakeSession()
        session.answer("AI_COMPLETE|AI_CLASSIFY", rows)
        session.answer("^SHOW CORTEX BASE MODELS", [{"name": name, "lifecycle_status": "GA"} for name in MODELS])
        return session

    return make
