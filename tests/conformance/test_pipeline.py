"""An exported pipeline on the engine: what its task labels, asks and writes, statement by statement."""

from typing import Any

import pytest

from cortex_tickets import TicketClassifier, export_pipeline, load_tickets, samples
from cortex_tickets.table_run import RunState, TableRun
from pipelines.task_at_work import (
    KEYS,
    LABELS,
    add,
    classifier_of_tickets,
    execute,
    exported,
    n_asked,
    rows,
    run,
    teacher,
)


@pytest.fixture
def classifier(session: Any, request: pytest.FixtureRequest) -> TicketClassifier:
    return classifier_of_tickets(session, request.node.name)


def test_exactly_the_new_tickets_are_labelled(session: Any, classifier: TicketClassifier) -> None:
    add(session, ("old", "My phone was lost before."))
    pipeline = exported(classifier)
    assert execute(session, pipeline) == ("SKIPPED", None)
    add(session, ("1", "I lost my phone on the train."), ("2", "Roaming fees of $90 in Japan"), ("3", " \u200b"))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT TICKET_ID, LABEL, OUTCOME FROM L ORDER BY TICKET_ID") == [
        ("1", "Lost phone", "valid"),
        ("2", "Roaming fees", "valid"),
        ("3", None, "blank"),
    ]
    assert n_asked(session, classifier) == 2
    assert execute(session, pipeline) == ("SKIPPED", None)


def test_a_row_is_what_a_client_would_have_written(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    tickets = [
        ("1", "I lost my phone."),
        ("2", "I lost my phone."),
        ("3", None),
        ("4", "qqq zzz"),
        ("5", "Add new line"),
    ]
    add(session, *tickets)
    execute(session, pipeline)
    classifier.classify_table("T", into="BY_CLIENT")
    columns = (
        "TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWER, ERROR, REPAIR, ANSWERED_BY, PROBABILITY, CLASSIFIER_HASH, "
        "INPUT_TOKENS, OUTPUT_TOKENS"
    )
    by_task = rows(session, f"SELECT {columns} FROM L ORDER BY TICKET_ID")
    assert len(by_task) == 5
    assert by_task == rows(session, f"SELECT {columns} FROM BY_CLIENT ORDER BY TICKET_ID")
    asked = rows(
        session,
        "SELECT TEXT, COUNT(*), COUNT(DISTINCT QUERY_TAG) FROM SNOWFLAKE.ENGINE.ASKED "
        "WHERE STARTSWITH(TEXT, ?) GROUP BY 1",
        classifier.prompt.prefix,
    )
    assert sorted(asked) == sorted(
        (classifier.prompt.render(text), 2, 2) for text in ("I lost my phone.", "qqq zzz", "Add new line")
    )


def test_an_edited_ticket_has_a_row_for_its_new_text_beside_the_old(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."))
    execute(session, pipeline)
    run(session, "UPDATE T SET REQUEST = 'Roaming fees, I mean.' WHERE TICKET_ID = '1'")
    execute(session, pipeline)
    assert rows(session, "SELECT LABEL FROM L ORDER BY ANSWERED_AT") == [("Lost phone",), ("Roaming fees",)]


def test_what_an_edited_or_deleted_ticket_said_before_is_not_asked(session: Any, classifier: TicketClassifier) -> None:
    add(session, ("edited", "My phone was lost."), ("deleted", "Roaming fees"))
    pipeline = exported(classifier)
    run(
        session,
        "UPDATE T SET REQUEST = 'Add new line' WHERE TICKET_ID = 'edited'",
        "DELETE FROM T WHERE REQUEST LIKE 'R%'",
    )
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT TICKET_ID, LABEL FROM L") == [("edited", "Add new line")]


def test_a_change_of_another_column_and_a_deletion_ask_nothing(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."), ("2", "Add new line"))
    execute(session, pipeline)
    run(session, "UPDATE T SET STATUS = 'closed'", "DELETE FROM T WHERE TICKET_ID = '2'")
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, KEYS) == [(2, 2)]
    assert n_asked(session, classifier) == 2
    assert execute(session, pipeline) == ("SKIPPED", None)


def test_equal_texts_are_asked_once_over_the_whole_ledger(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."), ("2", "I lost my phone."), ("2", "I lost my phone."))
    execute(session, pipeline)
    add(session, ("3", "I lost my phone."), ("1", "Add new line"))
    execute(session, pipeline)
    assert n_asked(session, classifier) == 2
    assert rows(session, "SELECT TICKET_ID, LABEL, ANSWERED_BY, INPUT_TOKENS IS NULL FROM L ORDER BY 1, 2") == [
        ("1", "Add new line", "claude-sonnet-4-6", False),
        ("1", "Lost phone", "claude-sonnet-4-6", False),
        ("2", "Lost phone", "claude-sonnet-4-6", True),
        ("3", "Lost phone", "claude-sonnet-4-6", True),
    ]


def test_a_row_without_an_id_names_no_ticket(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    session.sql("INSERT INTO T (REQUEST) VALUES ('I lost my phone.')").collect()
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT * FROM L") == []
    assert n_asked(session, classifier) == 0


def test_an_error_is_kept_with_its_message_and_replaced_by_a_later_run(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(teacher(session, labels=classifier.labels, model="claude-haiku-4-5"))
    add(session, ("long", "word " * 210_000), ("1", "I lost my phone."))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    ((label, outcome, error, tokens),) = rows(
        session, "SELECT LABEL, OUTCOME, ERROR, INPUT_TOKENS FROM L WHERE TICKET_ID = 'long'"
    )
    assert (label, outcome, tokens) == (None, "error", None)
    assert "exceeded" in error
    # Another row fails in passing, as by a throttled request; the first one fails again.
    run(
        session,
        "UPDATE L SET OUTCOME = 'error', LABEL = NULL, ERROR = 'throttled', INPUT_TOKENS = NULL WHERE TICKET_ID = '1'",
    )
    add(session, ("2", "Add new line"))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT TICKET_ID, LABEL, OUTCOME, ERROR FROM L ORDER BY TICKET_ID") == [
        ("1", "Lost phone", "valid", None),
        ("2", "Add new line", "valid", None),
        ("long", None, "error", error),
    ]
    assert rows(session, KEYS) == [(3, 3)]
    assert rows(session, "SELECT STATE, N_TICKETS, N_TEXTS_ASKED FROM L_RUNS ORDER BY STARTED_AT") == [
        ("COMPLETE", 2, 2),
        ("COMPLETE", 3, 3),
    ]


@pytest.mark.parametrize("after", [None, 3600])
def test_an_error_is_left_alone_until_it_is_old_enough(
    session: Any, classifier: TicketClassifier, after: int | None
) -> None:
    pipeline = exported(classifier, retry_errors_after=after)
    add(session, ("1", "I lost my phone."))
    execute(session, pipeline)
    run(session, "UPDATE L SET OUTCOME = 'error', LABEL = NULL, ERROR = 'throttled'")
    add(session, ("2", "Add new line"), ("1", "I lost my phone."))
    execute(session, pipeline)
    assert rows(session, "SELECT OUTCOME FROM L WHERE TICKET_ID = '1'") == [("error",)]
    run(session, "UPDATE L SET ANSWERED_AT = DATEADD(second, -3601, CURRENT_TIMESTAMP())")
    add(session, ("3", "Roaming fees"))
    execute(session, pipeline)
    expected = "error" if after is None else "valid"
    assert rows(session, "SELECT OUTCOME FROM L WHERE TICKET_ID = '1'") == [(expected,)]
    assert n_asked(session, classifier) == 3 + (after is not None)


def test_after_the_task_a_client_asks_nothing_again_and_the_other_way_round(session: Any) -> None:
    load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
    own = teacher(session, labels=[*LABELS, "Other: both ways"])
    pipeline = export_pipeline(own, "SUPPORT_TICKETS", into="L", warehouse="W", retry_errors_after=0)
    run(session, *pipeline.statements)
    backlog = own.classify_table("SUPPORT_TICKETS", into="L")
    assert (backlog.n_texts_asked, n_asked(session, own)) == (130, 130)
    add(session, ("new", "Where is my phone?"), ("known", "Where is my phone?"), table="SUPPORT_TICKETS")
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert n_asked(session, own) == 131
    again = own.classify_table("SUPPORT_TICKETS", into="L")
    assert (again.state, again.n_texts_asked, again.n_tickets) == (RunState.COMPLETE, 0, 153)
    add(session, ("later", "Add a line, please."), table="SUPPORT_TICKETS")
    by_client = own.classify_table("SUPPORT_TICKETS", into="L")
    assert by_client.n_texts_asked == 1
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert n_asked(session, own) == 132
    assert rows(session, KEYS) == [(154, 154)]


def test_a_run_that_would_ask_too_much_asks_nothing_and_keeps_the_tickets(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier, max_texts=2)
    add(session, ("1", "I lost my phone."), ("2", "Add new line"), ("3", "Roaming fees"), ("4", "Roaming fees"))
    state, message = execute(session, pipeline)
    assert (state, "More than 2 texts are to be asked" in str(message)) == ("FAILED", True)
    assert (n_asked(session, classifier), rows(session, "SELECT * FROM L")) == (0, [])
    assert rows(session, "SELECT STATE, REASON FROM L_RUNS") == [
        ("FAILED", "3 texts are to be asked, and a run may ask 2")
    ]
    assert classifier.classify_table("T", into="L").n_texts_asked == 3
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert (n_asked(session, classifier), rows(session, KEYS)) == (3, [(4, 4)])


def test_a_run_that_fails_gives_the_lease_back_and_keeps_the_tickets(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."))
    run(session, "ALTER TABLE L RENAME COLUMN REPAIR TO MENDED")
    state, _ = execute(session, pipeline)
    assert state == "FAILED"
    assert rows(session, "SELECT STATE, STARTSWITH(REASON, 'Snowflake error ') FROM L_RUNS") == [("FAILED", True)]
    assert rows(session, "SELECT HOLDER, EXPIRES_AT FROM L_LEASES") == [(None, None)]
    run(session, "ALTER TABLE L RENAME COLUMN MENDED TO REPAIR")
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT LABEL FROM L") == [("Lost phone",)]


def test_without_an_account_s_warehouse_and_with_ai_classify(session: Any, classifier: TicketClassifier) -> None:
    managed = teacher(session, labels=classifier.labels, model=None, function="AI_CLASSIFY")
    pipeline = exported(managed, warehouse=None)
    add(session, ("1", "I lost my phone."), ("2", ""))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT LABEL, OUTCOME, INPUT_TOKENS FROM L ORDER BY TICKET_ID") == [
        ("Lost phone", "valid", None),
        (None, "blank", None),
    ]


def test_a_client_s_run_over_the_same_ledger_counts_the_task_s_rows(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."), ("2", "Add new line"))
    execute(session, pipeline)
    labelled: TableRun = classifier.classify_table("T", into="L")
    assert dict(labelled.n_by_outcome) == {"valid": 2}
