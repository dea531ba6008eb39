"""Every statement that labelling, building a training set and a preflight send, word for word."""

from collections.abc import Callable
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from cortex_tickets import Budget, TicketClassifier, TicketSource, TrainingSet, TrainingSetBuilder, preflight
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.ledger.schema import LEDGER_COLUMNS, RUN_COLUMNS
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeClock, FakeSession
from unit.statement_layout import laid_out, sent

LABELS = LabelSet(
    labels=(
        Label(name="Roaming fees", description="Charges abroad", examples=("I was charged $90 in Japan.",)),
        Label(name="Customer's \\ other"),
    ),
    abstain="Customer's \\ other",
)
ANSWER = {"LABEL": "Roaming fees", "OUTCOME": "valid", "ANSWER": "x", "ERROR": None, "REPAIR": None}
TOKENS = {"INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1}
LedgerSession = Callable[..., FakeSession]


def classifier(session: FakeSession, **options: Any) -> TicketClassifier:
    return TicketClassifier(
        session, **{"labels": LABELS, "model": "claude-sonnet-4-6", "clock": FakeClock(), **options}
    )


def student(session: FakeSession) -> TicketClassifier:
    prompt = ClassificationPrompt.short(LABELS)
    model = FineTunedModel(name="DB.S.M", base_model="llama3.1-8b", job_id="j", prompt=prompt, training_set_id=None)
    return TicketClassifier.from_model(session, model, clock=FakeClock())


def answering(n_rows: int) -> FakeSession:
    session = FakeSession()
    session.answer("AI_", [{**ANSWER, **TOKENS}] * n_rows)
    return session


def test_one_ticket(snapshot: SnapshotAssertion) -> None:
    session = answering(1)
    classifier(session).classify("I was charged for roaming.")
    assert sent(session) == snapshot


def test_many_tickets(snapshot: SnapshotAssertion) -> None:
    session = answering(2)
    classifier(session).classify_many(["I was charged for roaming.", "I can't pay.", "I can't pay.", " "])
    assert sent(session) == snapshot


def test_one_ticket_with_ai_classify(snapshot: SnapshotAssertion) -> None:
    session = answering(1)
    classifier(session, model=None, function="AI_CLASSIFY").classify("I was charged for roaming.")
    assert sent(session) == snapshot


def test_one_ticket_with_a_fine_tuned_model(snapshot: SnapshotAssertion) -> None:
    session = answering(1)
    student(session).classify("I was charged for roaming.")
    assert sent(session) == snapshot


def test_a_table_whose_texts_are_distinct(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session()
    classifier(session).classify_table("T", into="L")
    assert sent(session) == snapshot


def test_a_table_with_repeated_blank_and_known_texts_in_chunks(
    snapshot: SnapshotAssertion, ledger_session: LedgerSession
) -> None:
    session = ledger_session(work={"N_TO_ASK": 3, "N_WAITING": 4, "N_TO_COPY": 1})
    session.answer('^DESCRIBE TABLE .*"L"$', [{"name": name} for name in LEDGER_COLUMNS])
    session.answer('^DESCRIBE TABLE .*"L_RUNS"$', [{"name": name} for name in RUN_COLUMNS])
    classifier(session).classify_table("T", into='"my ""ledger"""', chunk_rows=2)
    assert sent(session) == snapshot


def test_a_table_whose_errors_are_replaced(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 3, "N_WAITING": 4, "N_TO_COPY": 1, "N_AGAIN": 2})
    classifier(session).classify_table("T", into="DB.S.L")
    assert sent(session) == snapshot


def test_a_table_with_a_budget_that_stops_it(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session(chunks=[(3, 1_000), (2, 1_000_000)], used=[(1_000, 20)], left=2)
    classifier(session).classify_table("T", into="DB.S.L", budget=Budget(ai_credits=1), chunk_rows=3)
    assert sent(session) == snapshot


def test_a_query_as_the_source(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("LIMIT 0$", [])
    source = TicketSource(query="SELECT NO, BODY FROM CASES", id="NO", text="BODY")
    student(session).classify_table(source, into="DB.S.L")
    assert sent(session) == snapshot


@pytest.mark.parametrize("into", [None, "L"])
def test_an_estimate(snapshot: SnapshotAssertion, ledger_session: LedgerSession, into: str | None) -> None:
    session = ledger_session()
    session.answer('^DESCRIBE TABLE .*"L"$', [{"name": name} for name in LEDGER_COLUMNS])
    session.answer(
        "AS N_COUNTED",
        [{"N_TICKETS": 5, "N_TEXTS": 5, "N_COUNTED": 5, "TOKENS": 500, "WRITTEN": 50, "WRITTEN_AT_MOST": 90}],
    )
    classifier(session).estimate("T", into=into)
    assert sent(session) == snapshot


@pytest.mark.parametrize("function", ["AI_COMPLETE", "AI_CLASSIFY"])
def test_a_select_for_a_task(snapshot: SnapshotAssertion, function: str) -> None:
    model = "claude-sonnet-4-6" if function == "AI_COMPLETE" else None
    made = classifier(FakeSession(), model=model, function=function)
    assert laid_out(made.to_sql(TicketSource(table="T", id='"Case No"', text="BODY"))) == snapshot


def test_building_a_training_set(
    snapshot: SnapshotAssertion, builder_session: Callable[..., FakeSession], label_run: TableRun
) -> None:
    rows = [
        {
            "TICKET_ID": f"{label}{n}",
            "TEXT_HASH": f"{label}{n}".encode().hex() * 16,
            "TEXT": f"{label} {('roaming', 'phone', 'speed')[n]}",
            "CREATED_AT": None,
            "LABEL": label,
            "OUTCOME": "valid",
            "GOLD_LABEL": label,
            "CORRECTION": None,
        }
        for label in ("A", "B")
        for n in range(3)
    ]
    session = builder_session(rows)
    built = TrainingSetBuilder(session, seed=7, clock=FakeClock()).build("T", into="FT", labels=label_run, gold="G")
    assert sent(session) == snapshot
    assert laid_out(built.training_query) == snapshot(name="training query")
    assert laid_out(built.validation_query) == snapshot(name="validation query")
    assert laid_out(built.rows_query()) == snapshot(name="rows query")


def test_loading_a_training_set(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    session.answer("^SELECT MANIFEST", [])
    for training_set_id in (None, "ab12"):
        with pytest.raises(ValueError, match="holds no training set"):
            TrainingSet.load(session, "FT", training_set_id)
    assert sent(session) == snapshot


def test_a_preflight(snapshot: SnapshotAssertion) -> None:
    place = {"ROLE_NAME": "ANALYST", "REGION_NAME": "AWS_US_WEST_2", "WAREHOUSE_NAME": "WH", "DATABASE_NAME": "DB"}
    owner = {"privilege": "OWNERSHIP", "granted_to": "ROLE", "grantee_name": "OWNER"}
    writer = {"privilege": "CREATE TABLE", "granted_to": "DATABASE_ROLE", "grantee_name": "DB.WRITER"}
    session = FakeSession()
    session.answer("", [])
    session.answer("^SELECT CURRENT_ROLE", [{**place, "SCHEMA_NAME": "S"}])
    session.answer("^SHOW GRANTS ON", [owner, writer])
    session.answer("^SELECT IS_ROLE", [{"ROLE_0": True}])
    session.answer("^SELECT CURRENT_SECONDARY_ROLES", [{"SECONDARY_ROLES": '{"roles":"OTHER","value":"ALL"}'}])
    preflight(session, schema='"my ""schema"""', clock=FakeClock())
    assert sent(session) == snapshot
