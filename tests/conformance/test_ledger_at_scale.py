"""What a table operation promises as tables grow: only what is new is asked, and estimates hold."""

from typing import Any

import pytest

from cortex_tickets import (
    Budget,
    InvalidInputError,
    ResponseGenerator,
    TicketClassifier,
    load_tickets,
    local,
    samples,
)
from cortex_tickets.local import Fault, Faults
from cortex_tickets.testing import FakeClock

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
WORDS = "CASE MOD(SEQ4(), 3) WHEN 0 THEN 'roaming fees' WHEN 1 THEN 'slow data speed' ELSE 'a lost phone' END"


def make(session: Any, *, n_rows: int) -> None:
    session.sql(
        "CREATE OR REPLACE TABLE T AS SELECT SEQ4()::VARCHAR AS TICKET_ID, "
        f"'Ticket ' || SEQ4()::VARCHAR || ': I write about ' || {WORDS} AS REQUEST "
        f"FROM TABLE(GENERATOR(ROWCOUNT => {n_rows}))"
    ).collect()


def teacher(session: Any, **options: Any) -> TicketClassifier:
    return TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6", **options)


def asked(session: Any, run: Any) -> list[str]:
    """Return the prompts that the engine was asked by this run, by its own log."""
    rows = session.sql(
        "SELECT TEXT FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG = ? AND \"FUNCTION\" = 'AI_COMPLETE'",
        params=[run.query_tag],
    ).collect()
    return [row["TEXT"] for row in rows]


def test_a_second_run_asks_exactly_what_is_new_or_edited(session: Any) -> None:
    make(session, n_rows=3_000)
    first = teacher(session).classify_table("T", into="L", chunk_rows=1_000)
    assert len(asked(session, first)) == 3_000
    session.sql(
        "INSERT INTO T SELECT 'new ' || SEQ4()::VARCHAR, 'A new ticket ' || SEQ4()::VARCHAR || ' about my lost phone' "
        "FROM TABLE(GENERATOR(ROWCOUNT => 1000))"
    ).collect()
    session.sql("UPDATE T SET REQUEST = REQUEST || ', please hurry' WHERE LENGTH(TICKET_ID) = 1").collect()
    second = teacher(session).classify_table("T", into="L", chunk_rows=1_000)
    again = asked(session, second)
    assert (second.n_texts_asked, len(again), len(set(again))) == (1_010, 1_010, 1_010)
    assert sum("please hurry" in text for text in again) == 10
    assert sum("A new ticket" in text for text in again) == 1_000
    # The edited tickets' earlier texts keep their rows: they were answered, and may come back.
    assert session.sql("SELECT COUNT(*) FROM L").collect()[0][0] == 4_010
    third = teacher(session).classify_table("T", into="L")
    assert (third.n_texts_asked, asked(session, third)) == (0, [])


def test_another_classifier_stands_beside_the_first_and_each_has_a_view(session: Any) -> None:
    make(session, n_rows=30)
    large = teacher(session).classify_table("T", into="L")
    small = TicketClassifier(session, labels=LABELS, model="llama3.1-8b").classify_table("T", into="L")
    assert large.view is not None
    assert small.view is not None
    assert large.view != small.view
    for run in (large, small):
        hashes = session.sql(f"SELECT DISTINCT CLASSIFIER_HASH FROM {run.view}").collect()
        assert [row[0] for row in hashes] == [run.classifier_hash]
        assert session.table(run.view).count() == 30
    for run in (large, small, large):
        name = run.point_view("CURRENT_LABELS")  # COPY GRANTS, with and without a view that is there
        assert session.sql("SELECT DISTINCT ANSWERED_BY FROM CURRENT_LABELS").collect()[0][0] == run.model
        assert name.endswith(".CURRENT_LABELS")


def test_a_view_takes_no_tables_place(session: Any) -> None:
    make(session, n_rows=3)
    run = teacher(session).classify_table("T", into="L")
    with pytest.raises(InvalidInputError, match=r"The view \S+\.T cannot be made: .* Give the name of a view"):
        run.point_view("T")
    assert session.table("T").count() == 3
    with pytest.raises(InvalidInputError, match="is not a view name"):
        run.point_view("no name")


@pytest.mark.parametrize(
    "model",
    [
        # The tests of estimates label with it, too.
        pytest.param("claude-sonnet-4-6", marks=pytest.mark.soak),
        "llama3.1-8b",
    ],
)
def test_an_estimate_is_within_15_percent_of_the_tokens_used(session: Any, model: str) -> None:
    load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
    labels = TicketClassifier(session, labels=LABELS, model=model)
    estimate = labels.estimate("SUPPORT_TICKETS")
    run = labels.classify_table("SUPPORT_TICKETS", into="L")
    assert run.input_tokens == pytest.approx(estimate.input_tokens, rel=0.15)
    assert run.ai_credits == pytest.approx(estimate.ai_credits, rel=0.15)
    writer = ResponseGenerator(session, model=model)
    replied = writer.reply_table("SUPPORT_TICKETS", labels=run, into="R")
    asked_for = writer.estimate("SUPPORT_TICKETS", labels=run)
    assert replied.input_tokens == pytest.approx(asked_for.input_tokens, rel=0.15)


def test_the_usage_view_knows_what_the_run_knows(session: Any) -> None:
    make(session, n_rows=50)
    run = teacher(session).classify_table("T", into="L", chunk_rows=20)
    cost = run.actual_cost()
    assert (cost.input_tokens, cost.output_tokens) == (run.input_tokens, run.output_tokens)
    assert (cost.n_statements, cost.is_final, cost.ai_credits) == (3, True, 0.0)
    nothing = teacher(session).classify_table("T", into="L").actual_cost()
    assert (nothing.n_statements, nothing.is_final, nothing.input_tokens) == (0, False, 0)


def test_a_budget_stops_before_the_chunk_that_could_cross_it(session: Any) -> None:
    make(session, n_rows=60)
    price = teacher(session).estimate("T").ai_credits
    assert price is not None
    run = teacher(session).classify_table("T", into="L", chunk_rows=10, budget=Budget(ai_credits=price / 2))
    assert run.ai_credits is not None
    assert run.ai_credits <= price / 2
    assert 0 < run.n_texts_asked < 60
    assert run.n_texts_left == 60 - run.n_texts_asked == run.n_left
    assert run.ai_credits_left == pytest.approx(price * run.n_texts_left / 60, rel=0.2)


def test_one_poisoned_text_never_stops_a_budget_for_good() -> None:
    """A run whose first chunk fails as a whole writes rows all the same, so that resuming comes to an end."""
    with local.connect(faults=Faults(failing_rows=Fault(1.0, matching="Ticket 17:"))) as session:
        make(session, n_rows=64)
        classifier = teacher(session, clock=FakeClock())
        most = classifier.estimate("T").ai_credits_at_most
        assert most is not None
        run = classifier.classify_table("T", into="L", budget=Budget(ai_credits=most))
        n_runs, n_left = 1, run.n_left
        while not run.is_complete:
            assert run.n_texts_asked > 0
            assert run.n_texts_left == n_left
            assert 0 < (run.ai_credits_counted or 0.0) <= most * 1.001
            # Also where it stopped within a chunk.
            assert run.ai_credits_left == pytest.approx(most * n_left / 64, rel=0.2)
            run = run.resume()
            n_runs, n_left = n_runs + 1, run.n_left
        assert run.n_by_outcome == {"valid": 63, "error": 1}
        assert 1 < n_runs < 7


def test_a_model_that_is_retired_is_left_for_the_next(session: Any) -> None:
    make(session, n_rows=20)
    run = teacher(session).classify_table("T", into="L")
    careful = TicketClassifier(session, labels=LABELS, model=["mistral-large", "snowflake-arctic", "claude-sonnet-4-6"])
    chosen = careful.classify_table("T", into="L")
    assert (chosen.n_by_model, chosen.is_complete) == ({"claude-sonnet-4-6": 20}, True)
    assert chosen.classifier_hash != run.classifier_hash
    assert careful.classify("I lost my phone").answered_by == "claude-sonnet-4-6"


def test_the_history_of_a_session_shows_what_runs_and_outlives_the_engine(tmp_path: Any) -> None:
    with local.Engine(tmp_path) as engine, engine.session() as session:
        number = session.sql("SELECT CURRENT_SESSION()").collect(statement_params={"QUERY_TAG": "mine"})[0][0]
        history = (
            "SELECT QUERY_TAG, UPPER(EXECUTION_STATUS), END_TIME IS NULL FROM TABLE(INFORMATION_SCHEMA."
            f"QUERY_HISTORY_BY_SESSION(SESSION_ID => {number}, RESULT_LIMIT => 10)) WHERE QUERY_TAG <> '' "
            "ORDER BY START_TIME"
        )
        found = session.sql(history).collect(statement_params={"QUERY_TAG": "looking"})
        assert [tuple(row) for row in found] == [("mine", "SUCCESS", False), ("looking", "RUNNING", True)]
        with engine.session() as other:
            assert other.sql("SELECT CURRENT_SESSION()").collect()[0][0] != number
            assert (
                other.sql("SELECT COUNT(*) FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_USER())").collect()[0][0] > 2
            )
    with local.Engine(tmp_path) as engine, engine.session() as session:
        assert session.sql("SELECT CURRENT_SESSION()").collect()[0][0] != number
        found = session.sql(history).collect()
        assert [tuple(row) for row in found] == [("mine", "SUCCESS", False), ("looking", "SUCCESS", False)]
