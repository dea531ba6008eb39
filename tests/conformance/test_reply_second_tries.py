"""A table of replies: what its checks find stands in it, and what fails is asked about once more, and only once."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from cortex_tickets import local
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Reply, ReplyStatus
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock
from cortex_tickets.ticket_classifier import TicketClassifier

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
TEXTS = [
    "I lost my phone on the train to Rome and want it blocked.",
    "I was charged $90 for roaming in Japan.",
    "My data is slow at home in Leeds.",
    "Please add a new line for my son within 7 days.",
]
SECOND_PROMPTS = (
    "SELECT TEXT, COUNT(*) AS N FROM SNOWFLAKE.ENGINE.ASKED WHERE \"FUNCTION\" = 'AI_COMPLETE' "
    "AND QUERY_TAG IN (SELECT QUERY_TAG FROM R_RUNS) GROUP BY TEXT"
)


def no_specialist(draft: Draft) -> str | None:
    """The stand-in leaves out what a finding quotes, so its second reply passes."""
    return 'Do not say "specialist".' if "specialist" in draft.body else None


def never_content(_: Draft) -> str:
    return "It could be better."


@pytest.fixture(scope="session")
def labelled(engine: local.Engine) -> Iterator[TableRun]:
    """Make tickets and their labels in a schema of their own; every test reads them and none writes there."""
    with engine.session() as session:
        session.sql("CREATE SCHEMA SECOND_TRIES").collect()
        yield label(session)


@pytest.fixture
def labels(session: Any, labelled: TableRun) -> TableRun:
    session.sql("CREATE VIEW T AS SELECT * FROM CORTEX_TICKETS.SECOND_TRIES.T").collect()
    return labelled


def label(session: Any) -> TableRun:
    session.sql(
        "CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, CUSTOMER_NAME VARCHAR, CONTACT_PREFERENCE VARCHAR)"
    ).collect()
    rows = [[str(number), text, f"Ann{'abcd'[number]}"] for number, text in enumerate(TEXTS)] + [["4", " ", "Bo"]]
    session.sql(
        "INSERT INTO T SELECT F.VALUE[0]::VARCHAR, F.VALUE[1]::VARCHAR, F.VALUE[2]::VARCHAR, 'Email' "
        "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F",
        params=[json.dumps(rows)],
    ).collect()
    return TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="L")


def writer(session: Any, *checks: Any, **options: Any) -> ResponseGenerator:
    return ResponseGenerator(session, model="claude-haiku-4-5", checks=checks, **options)


def replies(session: Any, labels: TableRun, *checks: Any) -> dict[str, Reply]:
    found = writer(session, *checks).replies("T", labels=labels, into="R")
    return {reply.ticket_id: reply for reply in found}


def stored(
    session: Any,
    columns: str,
    where: str = "CLASSIFIER_HASH = (SELECT CLASSIFIER_HASH FROM R_RUNS WHERE OPERATION = 'reply' LIMIT 1)",
) -> dict[str, tuple[Any, ...]]:
    rows = session.sql(f"SELECT TICKET_ID, {columns} FROM R WHERE {where} ORDER BY TICKET_ID").collect()
    return {row[0]: tuple(row)[1:] for row in rows}


def test_a_failing_reply_is_asked_once_more_and_the_better_one_is_kept(session: Any, labels: TableRun) -> None:
    first = writer(session).reply_table("T", labels=labels, into="BEFORE_R")
    run = writer(session, no_specialist).reply_table("T", labels=labels, into="R")
    n_second = run.n_texts_asked - first.n_texts_asked
    assert run.state is RunState.COMPLETE
    assert 0 < n_second < 4
    assert run.n_by_status == {"draft": 4, "needs_review": 1}
    found = replies(session, labels, no_specialist)
    assert Counter(reply.n_tries for reply in found.values()) == {0: 1, 1: 4 - n_second, 2: n_second}
    assert not any("specialist" in (reply.body or "") for reply in found.values())
    again = [reply for reply in found.values() if reply.n_tries == 2]
    # Both tries are paid for, and the kept answer is the second.
    assert all(json.loads(reply.answer or "")["body"] == reply.body for reply in again)
    told = session.sql("SELECT SUM(INPUT_TOKENS) AS READ_TOKENS, SUM(OUTPUT_TOKENS) AS N FROM R").collect()[0]
    assert (run.input_tokens, run.output_tokens) == (told["READ_TOKENS"], told["N"])
    assert sum(reply.input_tokens or 0 for reply in found.values()) == run.input_tokens
    states = session.sql("SELECT OPERATION, STATE, QUERY_TAG FROM R_RUNS ORDER BY STARTED_AT").collect()
    assert [(row["OPERATION"], row["STATE"]) for row in states] == [("reply", "COMPLETE"), ("reply_again", "COMPLETE")]
    assert {row["QUERY_TAG"] for row in states} == {run.query_tag}


def worse_without(draft: Draft) -> list[str]:
    return ['Do not say "specialist".'] if "specialist" in draft.body else ["It says too little.", "It is cold."]


def test_a_second_try_that_is_worse_does_not_replace_the_first(session: Any, labels: TableRun) -> None:
    first = writer(session).reply_table("T", labels=labels, into="BEFORE_R")
    assert first.is_complete
    before = writer(session).replies("T", labels=labels, into="BEFORE_R")
    writer(session, worse_without).reply_table("T", labels=labels, into="R")
    found = replies(session, labels, worse_without)
    kept = [reply for reply in before if "specialist" in (reply.body or "")]
    assert kept
    for reply in kept:
        now = found[reply.ticket_id]
        assert (now.body, now.answer, now.n_tries) == (reply.body, reply.answer, 2)
        assert now.status is ReplyStatus.NEEDS_REVIEW


def test_the_ledger_says_what_was_found_and_what_the_model_was_told(session: Any, labels: TableRun) -> None:
    writer(session, no_specialist, never_content).reply_table("T", labels=labels, into="R")
    rows = stored(session, "STATUS, FINDINGS, N_TRIES, FEEDBACK, BODY")
    assert {row[0] for row in rows.values()} == {"needs_review"}
    assert [row[2] for row in rows.values()] == [2, 2, 2, 2, 0]
    for number in range(4):
        _, findings, _, feedback, body = rows[str(number)]
        assert [finding["check"] for finding in json.loads(findings)] == ["never_content"]
        assert "It could be better." in feedback
        assert body
    assert json.loads(rows["4"][1])[0]["check"] == "answered"
    asked = {row["TEXT"]: row["N"] for row in session.sql(SECOND_PROMPTS).collect()}
    assert len(asked) == 8
    assert set(asked.values()) == {1}
    assert sum("<findings>" in text for text in asked) == 4


def test_the_second_prompt_of_a_table_is_that_of_a_list(session: Any, labels: TableRun) -> None:
    # A campaign of its own, so that the engine's log of all tests tells its prompts from the others'.
    generator = writer(session, never_content, campaign="Second prompts are alike.")
    generator.reply_table("T", labels=labels, into="R")
    tables = {row["TEXT"] for row in session.sql(SECOND_PROMPTS).collect()}
    tag = f"%{generator.generator_hash[:12]}%"
    rows = session.sql("SELECT TICKET_ID, REQUEST, CUSTOMER_NAME FROM T WHERE TICKET_ID <> '4'").collect()
    tickets = [
        Ticket(id=row["TICKET_ID"], text=row["REQUEST"], customer_name=row["CUSTOMER_NAME"], contact_preference="Email")
        for row in rows
    ]
    own = stored(session, "TICKET_LABEL")
    direct = generator.reply_many(tickets, labels=[own[ticket.id][0] for ticket in tickets])
    lists = session.sql(
        "SELECT DISTINCT TEXT FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG LIKE ? AND \"FUNCTION\" = 'AI_COMPLETE'",
        params=[tag],
    ).collect()
    assert {row["TEXT"] for row in lists} == tables
    table = {reply.ticket_id: reply for reply in generator.replies("T", labels=labels, into="R")}
    assert [(reply.body, reply.findings, reply.n_tries) for reply in direct] == [
        (table[reply.ticket_id].body, table[reply.ticket_id].findings, table[reply.ticket_id].n_tries)
        for reply in direct
    ]


def test_a_run_that_died_after_its_last_answer_is_noted_as_over(session: Any, labels: TableRun) -> None:
    writer(session, never_content).reply_table("T", labels=labels, into="R")
    # Its client was killed after the second tries had come, and before it said so.
    session.sql("UPDATE R_RUNS SET STATE = 'RUNNING' WHERE OPERATION = 'reply_again'").collect()
    again = writer(session, never_content).reply_table("T", labels=labels, into="R")
    assert (again.state, again.n_texts_asked) == (RunState.COMPLETE, 0)
    states = {row["STATE"] for row in session.sql("SELECT STATE FROM R_RUNS").collect()}
    assert states == {"COMPLETE", "GIVEN_UP"}


def test_nothing_is_asked_a_third_time(session: Any, labels: TableRun) -> None:
    writer(session, never_content).reply_table("T", labels=labels, into="R")
    before = stored(session, "STATUS, FINDINGS, N_TRIES, KEPT_TRY, BODY")
    again = writer(session, never_content).reply_table("T", labels=labels, into="R")
    assert (again.state, again.n_texts_asked, again.n_by_status) == (RunState.COMPLETE, 0, {"needs_review": 5})
    assert stored(session, "STATUS, FINDINGS, N_TRIES, KEPT_TRY, BODY") == before
    assert writer(session, never_content).estimate("T", labels=labels, into="R").n_texts == 0


def test_other_checks_look_at_stored_replies_anew_and_may_have_them_asked_once_more(
    session: Any, labels: TableRun
) -> None:
    writer(session).reply_table("T", labels=labels, into="R")
    assert {reply.status for reply in replies(session, labels).values() if reply.body} == {ReplyStatus.DRAFT}
    # Reading checks what no run has checked so, and writes nothing.
    seen = replies(session, labels, never_content)
    assert all(
        "never_content" in {finding.check for finding in reply.findings} for reply in seen.values() if reply.body
    )
    assert set(stored(session, "STATUS", "BODY IS NOT NULL").values()) == {("draft",)}
    estimate = writer(session, never_content).estimate("T", labels=labels, into="R")
    assert estimate.n_texts == 0  # what its checks would find, nobody knows before they look
    run = writer(session, never_content).reply_table("T", labels=labels, into="R")
    assert (run.n_texts_asked, run.n_by_status) == (4, {"needs_review": 5})
    # Back to the first checks: looked at, and not asked again.
    run = writer(session).reply_table("T", labels=labels, into="R")
    assert (run.n_texts_asked, run.n_by_status) == (0, {"draft": 4, "needs_review": 1})


def test_the_budget_holds_for_both_tries_together(session: Any, labels: TableRun) -> None:
    generator = writer(session, never_content)
    first = writer(session).reply_table("T", labels=labels, into="BEFORE_R")
    assert first.ai_credits is not None
    # Enough for the first tries and for one more.
    budget = Budget(ai_credits=first.ai_credits * 1.6)
    run = generator.reply_table("T", labels=labels, into="R", budget=budget, chunk_rows=1)
    assert run.state is RunState.INCOMPLETE
    assert "budget" in (run.reason or "")
    assert (run.ai_credits or 0) <= (budget.ai_credits or 0)
    n_second = run.n_texts_asked - 4
    assert 0 <= n_second < 4
    assert run.n_left == 4 - n_second
    assert run.n_by_status == {"needs_review": 5}
    assert generator.estimate("T", labels=labels, into="R").n_texts == 4 - n_second
    done = run.resume() if n_second else generator.reply_table("T", labels=labels, into="R")
    while not done.is_complete:
        done = done.resume()
    assert Counter(stored(session, "N_TRIES").values()) == {(2,): 4, (0,): 1}
    assert {row["N"] for row in session.sql(SECOND_PROMPTS).collect()} == {1}


def test_a_budget_that_the_first_tries_used_up_leaves_the_second_ones(session: Any, labels: TableRun) -> None:
    first = writer(session).reply_table("T", labels=labels, into="BEFORE_R")
    estimate = writer(session).estimate("T", labels=labels)
    assert first.ai_credits is not None
    assert estimate.ai_credits_at_most is not None
    run = writer(session, never_content).reply_table(
        "T", labels=labels, into="R", budget=Budget(ai_credits=estimate.ai_credits_at_most)
    )
    assert (run.state, run.n_left, run.n_texts_asked) == (RunState.INCOMPLETE, 4, 4)
    assert "budget" in (run.reason or "")


class Ending:
    """A session over which a run is stopped at its statement of that number, before or after the server did it."""

    def __init__(self, session: Any, number: int, *, is_done: bool) -> None:
        self._session = session
        self._number = number
        self._is_done = is_done
        self.n_seen = 0

    def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        lazy = self._session.sql(query, params, *args, **kwargs)
        self.n_seen += 1
        if self.n_seen != self._number:
            return lazy
        if self._is_done:
            lazy.collect()
        raise KeyboardInterrupt


@pytest.mark.parametrize("is_done", [False, True])
def test_whatever_a_run_is_stopped_at_the_next_one_goes_on_and_asks_nothing_twice(
    session: Any, labels: TableRun, *, is_done: bool
) -> None:
    assert stop_at_every(40, session, labels, is_done=is_done) >= 1


@pytest.mark.soak
@pytest.mark.parametrize("is_done", [False, True])
def test_stopped_at_every_second_statement(session: Any, labels: TableRun, *, is_done: bool) -> None:
    assert stop_at_every(2, session, labels, is_done=is_done) >= 25


def stop_at_every(step: int, session: Any, labels: TableRun, *, is_done: bool) -> int:
    """Stop a run at the first statement that asks, or its like, and at every so many after it; return how often."""
    columns = "OUTCOME, ANSWER, SUBJECT, BODY, STATUS, FINDINGS, N_TRIES, KEPT_TRY, FEEDBACK"
    whole = Ending(session, sys.maxsize, is_done=is_done)
    writer(whole, no_specialist, never_content).reply_table("T", labels=labels, into="R", chunk_rows=2)
    undisturbed = stored(session, columns)
    numbers = range(14 if is_done else 17, whole.n_seen + 1, step)
    for number in numbers:
        for table in ("R", "R_RUNS", "R_LEASES"):
            session.sql(f"DROP TABLE {table}").collect()
        with pytest.raises(KeyboardInterrupt):
            writer(Ending(session, number, is_done=is_done), no_specialist, never_content).reply_table(
                "T", labels=labels, into="R", chunk_rows=2
            )
        # Two minutes pass, should it have been stopped at giving the lease back.
        session.sql("UPDATE R_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())").collect()
        run = writer(session, no_specialist, never_content).reply_table("T", labels=labels, into="R", chunk_rows=2)
        assert (run.state, run.n_left) == (RunState.COMPLETE, 0)
        assert stored(session, columns) == undisturbed
        assert {row["N"] for row in session.sql(SECOND_PROMPTS).collect()} == {1}
    return len(numbers)


def test_a_run_that_is_out_of_time_says_what_is_left(session: Any, labels: TableRun) -> None:
    clock = FakeClock()

    class Slow:
        def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
            if "_CHECK_" in query:
                clock.sleep(100)
            return session.sql(query, params, *args, **kwargs)

    generator = ResponseGenerator(Slow(), model="claude-haiku-4-5", checks=[never_content], clock=clock)
    run = generator.reply_table("T", labels=labels, into="R", timeout=60)
    assert (run.state, run.n_left, run.n_by_status) == (RunState.INCOMPLETE, 5, {"unchecked": 5})
    assert run.reason == "the timeout of 60 s is over"
    assert "unchecked" in str(run)
    done = writer(session, never_content).reply_table("T", labels=labels, into="R")
    assert (done.state, done.n_by_status) == (RunState.COMPLETE, {"needs_review": 5})


def test_replies_come_to_the_client_in_blocks(session: Any, labels: TableRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cortex_tickets._cortex.reply_ledger.BLOCK_ROWS", 2)
    monkeypatch.setattr("cortex_tickets._cortex.reply_ledger.BLOCK_CHARACTERS", 2_000)
    sizes: list[int] = []

    class Counting:
        def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
            if query.startswith("MERGE") and "PARSE_JSON" in query:
                sizes.append(len(json.loads(params[0])))
            return session.sql(query, params, *args, **kwargs)

    run = writer(Counting()).reply_table("T", labels=labels, into="R")
    assert sizes == [2, 2, 1]
    assert run.n_by_status == {"draft": 4, "needs_review": 1}


def test_progress_is_told_of_both_operations(session: Any, labels: TableRun) -> None:
    told: list[RunProgress] = []
    writer(session, never_content).reply_table("T", labels=labels, into="R", progress=told.append)
    assert [(one.operation, one.n_done) for one in told] == [
        ("reply", 0), ("reply", 4), ("reply_again", 0), ("reply_again", 4)
    ]  # fmt: skip


def test_an_error_is_asked_again_and_then_checked(session: Any, labels: TableRun) -> None:
    writer(session).reply_table("T", labels=labels, into="R")
    session.sql(
        "UPDATE R SET OUTCOME = 'error', ERROR = 'inference timed out', ANSWER = NULL, SUBJECT = NULL, BODY = NULL, "
        "STATUS = 'needs_review', FINDINGS = '[]' WHERE TICKET_ID = '1'"
    ).collect()
    run = writer(session).reply_table("T", labels=labels, into="R")
    assert (run.n_texts_asked, run.n_by_status) == (1, {"draft": 4, "needs_review": 1})
    assert replies(session, labels)["1"].findings == ()


def test_the_model_that_answered_is_asked_again(session: Any, labels: TableRun) -> None:
    models = ["claude-3-5-sonnet", "claude-haiku-4-5"]
    generator = ResponseGenerator(session, model=models, checks=[never_content])
    run = generator.reply_table("T", labels=labels, into="R")
    assert (run.model, run.n_texts_asked) == ("claude-haiku-4-5", 8)
    answered = session.sql("SELECT DISTINCT ANSWERED_BY FROM R WHERE OUTCOME = 'valid'").collect()
    assert [row["ANSWERED_BY"] for row in answered] == ["claude-haiku-4-5"]


def test_while_another_run_asks_again_this_one_says_so(session: Any, labels: TableRun) -> None:
    generator = writer(session, never_content)
    generator.reply_table("T", labels=labels, into="R")
    again = "(SELECT CLASSIFIER_HASH FROM R_RUNS WHERE OPERATION = 'reply_again')"
    session.sql(
        f"UPDATE R_LEASES SET HOLDER = 'other', EXPIRES_AT = DATEADD(hour, 1, CURRENT_TIMESTAMP()) "
        f"WHERE CLASSIFIER_HASH IN {again}"
    ).collect()
    session.sql(f"DELETE FROM R WHERE CLASSIFIER_HASH IN {again}").collect()
    session.sql("UPDATE R SET N_TRIES = 1, KEPT_TRY = 1 WHERE N_TRIES = 2").collect()
    run = generator.reply_table("T", labels=labels, into="R")
    assert (run.state, run.n_left, run.n_texts_asked) == (RunState.INCOMPLETE, 4, 0)
    assert "by run other" in (run.reason or "")
