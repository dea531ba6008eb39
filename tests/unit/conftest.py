"""Sessions that answer as a warehouse would, for tests of what is sent and what becomes of the answers."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeSession, SentStatement, snowflake_error

MODELS = ("claude-sonnet-4-6", "llama3.1-8b", "claude-opus-5")
NOT_THERE = "Object '{}' does not exist or not authorized."
WORK = {"N_TO_ASK": 5, "N_TO_COPY": 0, "N_WAITING": 5, "N_AGAIN": 0, "N_TICKETS": 5, "N_ROWS": 5}

LedgerSession = Callable[..., FakeSession]
AnswerAll = Callable[..., FakeSession]


def not_there(statement: SentStatement) -> list[Mapping[str, Any]]:
    raise snowflake_error(NOT_THERE.format(statement.text.split()[-1]), 2003)


def told(read: int, wrote: int, *, n_rows: int = 5, n_errors: int = 0, last_error: str | None = None) -> dict[str, Any]:
    """Return what a run's rows say, added up."""
    return {
        "READ_TOKENS": read,
        "WRITTEN_TOKENS": wrote,
        "N_ROWS": n_rows,
        "N_ERRORS": n_errors,
        "FIRST_ERROR": last_error,
        "LAST_ERROR": last_error,
    }


@pytest.fixture
def ledger_session() -> LedgerSession:
    """Return a maker of sessions that answer every statement of a table operation over the table T.

    `used` are a run's tokens after each of its chunks; `runs` the tokens of several runs that have one chunk each.
    """

    def make(
        *,
        n_rows: int = 5,
        columns: Sequence[str] = ("TICKET_ID", "REQUEST"),
        work: Mapping[str, int] | None = None,
        chunks: Sequence[tuple[int, int]] = ((5, 500),),
        used: Sequence[tuple[int, int]] = ((500, 25),),
        runs: Sequence[tuple[int, int]] | None = None,
        outcomes: Mapping[str, int] | None = None,
        left: int = 0,
        is_asynchronous: bool = False,
    ) -> FakeSession:
        session = FakeSession(is_asynchronous=is_asynchronous)
        session.answer(r"^(CREATE|INSERT|MERGE|UPDATE|DROP) ", [])
        session.answer('^UPDATE .*_LEASES" SET', [{"number of rows updated": 1}])
        session.answer("^DESCRIBE TABLE", not_there)
        session.answer("^SELECT MAX[(]SCHEMA_VERSION", not_there)
        session.answer("^SHOW PARAMETERS LIKE 'AUTOCOMMIT'", [{"value": "true"}])
        session.answer('^DESCRIBE TABLE "T"$', [{"name": name} for name in columns])
        session.answer("^SHOW CORTEX BASE MODELS", [{"name": name, "lifecycle_status": "GA"} for name in MODELS])
        session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "DB", "SCHEMA_NAME": "S"}])
        session.answer("AS N_WITHOUT_ID", [{"N_ROWS": n_rows, "N_WITHOUT_ID": 0}])
        session.answer("AS N_TO_ASK", [{**WORK, **(work or {})}])
        session.answer(
            r"FLOOR\(N",
            [
                {
                    "CHUNK": chunk,
                    "N_TEXTS": n_texts,
                    "N_COUNTED": n_texts,
                    "TOKENS": tokens,
                    "WRITTEN": 0,
                    "WRITTEN_AT_MOST": 0,
                }
                for chunk, (n_texts, tokens) in enumerate(chunks)
            ],
        )
        # What is told after each chunk is that chunk's; at the end all of the run is told.
        before = [(0, 0), *used]
        parts = [(now[0] - then[0], now[1] - then[1]) for then, now in zip(before, used, strict=False)]
        session.answer("AS READ_TOKENS", *([told(read, wrote)] for read, wrote in runs or [used[-1]]))
        session.answer(r"AS READ_TOKENS.* JOIN ", *([told(read, wrote)] for read, wrote in runs or [*parts, (0, 0)]))
        session.answer("AS MAY_GO_ON", [])
        found = {"valid": 5} if outcomes is None else outcomes
        session.answer(
            "^SELECT OUTCOME, ANSWERED_BY",
            [{"OUTCOME": outcome, "ANSWERED_BY": MODELS[0], "N": n} for outcome, n in found.items()],
        )
        session.answer(r"^SELECT COUNT\(\*\) AS N FROM .*_WORK_", [{"N": left}])
        work_row = {**WORK, "N_ROWS": n_rows, **(work or {})}
        session.answer("AS N_TO_ASK", [work_row])
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


@pytest.fixture
def builder_session() -> Callable[..., FakeSession]:
    """Return a maker of sessions that answer every statement of building a training set into DB.S.FT."""

    def make(
        tickets: Sequence[Mapping[str, Any]],
        *,
        labels: Sequence[str] = ("A", "B"),
        columns: Sequence[str] = ("TICKET_ID", "REQUEST"),
        gold: Sequence[str] = ("TICKET_ID", "TEXT_HASH", "LABEL", "SOURCE", "LABELLED_AT"),
        frozen: int = 0,
        unknown: int = 0,
    ) -> FakeSession:
        specification = {"prompt": ClassificationPrompt.rich(list(labels)).content()}
        session = FakeSession()
        session.answer(r"^(CREATE|INSERT|UPDATE|DELETE|DROP) ", [])
        session.answer("^DESCRIBE TABLE", not_there)
        session.answer('^DESCRIBE TABLE "T"$', [{"name": name} for name in columns])
        session.answer('^DESCRIBE TABLE "DB"."S"."G"$', [{"name": name} for name in gold])
        session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "DB", "SCHEMA_NAME": "S"}])
        session.answer("AS N_WITHOUT_ID", [{"N_ROWS": len(tickets), "N_WITHOUT_ID": 0}])
        session.answer("^SELECT SPECIFICATION", [{"SPECIFICATION": json.dumps(specification)}])
        session.answer('^DESCRIBE TABLE "DB"."S"."L"$', [{"name": "TICKET_ID"}])
        session.answer("AS N_UNKNOWN", [{"N_TICKETS": len(tickets), "N_UNKNOWN": unknown}])
        session.answer("^SELECT LABEL, COUNT", [])
        session.answer("^WITH CORTEX_TICKETS_ROWS", list(tickets))
        session.answer(r'^SELECT COUNT\(\*\) AS N FROM "DB"."S"."FT"', [{"N": len(tickets)}])
        session.answer(r'^SELECT COUNT\(\*\) AS N FROM "DB"."S"."FT_MANIFEST"', [{"N": frozen}])
        return session

    return make


@pytest.fixture
def label_run() -> TableRun:
    """Return a complete run over T whose ledger is DB.S.L."""
    return TableRun(
        run_id="r1",
        source="T",
        into="DB.S.L",
        classifier_hash="ab12",
        model="claude-sonnet-4-6",
        state=RunState.COMPLETE,
        n_rows=24,
        n_tickets=24,
        n_left=0,
        n_by_outcome={"valid": 24},
        n_texts_asked=24,
        input_tokens=1,
        output_tokens=1,
        ai_credits=0.1,
        seconds=1.0,
        started_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
