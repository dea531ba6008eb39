"""An exported pipeline on the engine: stream, task and ledger, statement by statement, beside a client at work."""

import re
import threading
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import (
    LedgerInUseError,
    Pipeline,
    TicketClassifier,
    TicketSource,
    export_pipeline,
    load_tickets,
    local,
    samples,
)
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.records.table_name import TableName
from cortex_tickets.table_run import RunState, TableRun

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
KEYS = "SELECT COUNT(*), COUNT(DISTINCT TICKET_ID || TEXT_HASH || CLASSIFIER_HASH) FROM L"


def rows(session: Any, sql: str, *values: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql, params=list(values) or None).collect()]


def run(session: Any, *statements: str) -> None:
    for statement in statements:
        session.sql(statement).collect()


def teacher(session: Any, **options: Any) -> TicketClassifier:
    return TicketClassifier(session, **{"labels": LABELS, "model": "claude-sonnet-4-6", **options})


def add(session: Any, *tickets: tuple[str, str | None], table: str = "T") -> None:
    for ticket in tickets:
        session.sql(f"INSERT INTO {table} (TICKET_ID, REQUEST) SELECT ?, ?", params=list(ticket)).collect()


def n_asked(session: Any, classifier: TicketClassifier) -> int:
    """Texts that were asked with the classifier's prompt, by the engine's own log."""
    ((count,),) = rows(
        session,
        "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE MODEL = ? AND STARTSWITH(TEXT, ?)",
        classifier.model,
        classifier.prompt.prefix,
    )
    return int(count)


def execute(session: Any, pipeline: Pipeline) -> tuple[str, str | None]:
    """Run the task once, and return the run's state and message."""
    run(session, f"EXECUTE TASK {pipeline.task}")
    name, schema = pipeline.task.rsplit(".", 1)[1], session.get_current_schema().strip('"')
    newest = rows(
        session,
        "SELECT STATE, ERROR_MESSAGE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY()) "
        "WHERE NAME = ? AND SCHEMA_NAME = ? ORDER BY SCHEDULED_TIME DESC LIMIT 1",
        name.strip('"'),
        schema,
    )
    return newest[0][0], newest[0][1]


@pytest.fixture
def classifier(session: Any, request: pytest.FixtureRequest) -> TicketClassifier:
    run(session, "CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, STATUS VARCHAR)")
    # A label of the test's own, so that the engine's log tells its prompts from those of other tests.
    return teacher(session, labels=[*LABELS, f"Other: {request.node.name}"])


def exported(classifier: TicketClassifier, **options: Any) -> Pipeline:
    made = export_pipeline(
        classifier, "T", **{"into": "L", "warehouse": "LABELS_WH", "name": "P", "retry_errors_after": 0, **options}
    )
    run(classifier.session, *made.statements, made.start)
    return made


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


def test_while_a_client_has_the_lease_the_tickets_wait_and_none_is_lost(
    session: Any, classifier: TicketClassifier
) -> None:
    add(session, *((f"old{n}", f"Old ticket {n} about a lost phone") for n in range(4)))
    pipeline = exported(classifier)
    seen: list[tuple[str, str | None]] = []

    def meanwhile(progress: RunProgress) -> None:
        if progress.n_done == 2:
            add(session, ("new", "Roaming fees in Japan"))
            seen.append(execute(session, pipeline))
            assert rows(session, f"SELECT SYSTEM$STREAM_HAS_DATA('{pipeline.stream}')") == [(True,)]

    labelled = classifier.classify_table("T", into="L", chunk_rows=2, progress=meanwhile)
    assert (labelled.state, labelled.n_texts_asked) == (RunState.COMPLETE, 4)
    assert seen == [("SUCCEEDED", None)]
    assert rows(session, "SELECT COUNT(*) FROM L WHERE TICKET_ID = 'new'") == [(0,)]
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT LABEL FROM L WHERE TICKET_ID = 'new'") == [("Roaming fees",)]
    assert (n_asked(session, classifier), rows(session, KEYS)) == (5, [(5, 5)])


def test_while_the_task_has_the_lease_a_client_is_told_who_has_it(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."))
    execute(session, pipeline)
    # As it stands while the task's one statement runs, or after Snowflake has stopped the task in it.
    ((run_id,),) = rows(session, "SELECT RUN_ID FROM L_RUNS")
    run(
        session,
        f"UPDATE L_LEASES SET HOLDER = '{run_id}', EXPIRES_AT = DATEADD(second, 60, CURRENT_TIMESTAMP())",
        "UPDATE L_RUNS SET STATE = 'RUNNING', FINISHED_AT = NULL",
    )
    with pytest.raises(LedgerInUseError, match="P_TASK:"):
        classifier.classify_table("T", into="L")
    run(session, "UPDATE L_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())")
    add(session, ("2", "Add new line"))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    states = rows(session, "SELECT STATE, REASON LIKE '%took over' FROM L_RUNS ORDER BY STARTED_AT")
    assert states == [("GIVEN_UP", True), ("COMPLETE", None)]


def leave_a_dead_run(session: Any, classifier: TicketClassifier, *, seconds_ago: int) -> None:
    """Leave the row of a client's run that died with its statement under way, as far as anybody knows."""
    tag = "a run that died"
    session.sql("SELECT 1").collect(statement_params={"QUERY_TAG": tag})
    session.sql(
        "INSERT INTO L_RUNS (RUN_ID, CLASSIFIER_HASH, STATE, QUERY_TAG, SESSION_ID, STARTED_AT, ALIVE_AT) "
        f"SELECT 'dead', ?, 'RUNNING', ?, CURRENT_SESSION()::NUMBER, DATEADD(second, -{seconds_ago + 100}, "
        f"CURRENT_TIMESTAMP()), DATEADD(second, -{seconds_ago}, CURRENT_TIMESTAMP())",
        params=[classifier.classifier_hash, tag],
    ).collect()


def test_while_a_dead_client_s_statement_may_still_ask_the_tickets_wait(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier)
    leave_a_dead_run(session, classifier, seconds_ago=7_100)
    add(session, ("1", "I lost my phone."))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert (rows(session, "SELECT * FROM L"), n_asked(session, classifier)) == ([], 0)
    assert rows(session, "SELECT STATE FROM L_RUNS") == [("RUNNING",)]
    assert rows(session, "SELECT HOLDER, EXPIRES_AT FROM L_LEASES") == [(None, None)]
    # A client can look for the statement, sees that it is over, and says so.
    assert classifier.classify_table("T", into="L").n_texts_asked == 1
    add(session, ("2", "Add new line"))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert (rows(session, KEYS), n_asked(session, classifier)) == ([(2, 2)], 2)


def test_when_a_dead_client_s_statement_is_over_for_certain_the_task_goes_on(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier)
    leave_a_dead_run(session, classifier, seconds_ago=7_300)
    add(session, ("1", "I lost my phone."))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT LABEL FROM L") == [("Lost phone",)]
    assert rows(session, "SELECT STATE, REASON LIKE '%took over', FINISHED_AT IS NULL FROM L_RUNS ORDER BY 1") == [
        ("COMPLETE", None, False),
        ("GIVEN_UP", True, False),
    ]


def test_task_and_clients_at_once_ask_each_text_once(
    engine: local.Engine, session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier)
    add(session, *((str(n), f"Ticket {n % 15} about a lost phone") for n in range(30)))
    schema = session.get_current_schema().strip('"')
    start = threading.Barrier(4)
    failed: list[BaseException] = []

    def by_client() -> None:
        with engine.session(schema=schema) as own:
            start.wait()
            try:
                teacher(own, labels=classifier.labels).classify_table("T", into="L", chunk_rows=4)
            except LedgerInUseError:
                pass
            except BaseException as error:  # noqa: BLE001 - told by the test itself
                failed.append(error)

    def by_task() -> None:
        with engine.session(schema=schema) as own:
            start.wait()
            run(own, f"EXECUTE TASK {pipeline.task}")

    threads = [threading.Thread(target=work) for work in (by_client, by_task, by_task, by_client)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    execute(session, pipeline)
    assert failed == []
    assert rows(session, KEYS) == [(30, 30)]
    assert n_asked(session, classifier) == 15
    assert rows(session, "SELECT COUNT(*) FROM L_LEASES WHERE HOLDER IS NOT NULL") == [(0,)]


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


def test_two_classifiers_have_pipelines_of_their_own_into_one_ledger(
    session: Any, classifier: TicketClassifier
) -> None:
    small = teacher(session, labels=classifier.labels, model="llama3.1-8b")
    pipelines = [export_pipeline(one, "T", into="L", warehouse="W") for one in (classifier, small)]
    assert len({pipeline.stream for pipeline in pipelines}) == 2
    for pipeline in pipelines:
        run(session, *pipeline.statements)
    add(session, ("1", "I lost my phone."))
    assert [execute(session, pipeline) for pipeline in pipelines] == [("SUCCEEDED", None)] * 2
    assert rows(session, "SELECT ANSWERED_BY FROM L ORDER BY 1") == [("claude-sonnet-4-6",), ("llama3.1-8b",)]


def test_under_its_name_another_classifier_goes_on_where_the_stream_is(
    session: Any, classifier: TicketClassifier
) -> None:
    add(session, ("before", "Slow data speed"))
    exported(classifier)
    add(session, ("1", "I lost my phone."))
    better = exported(teacher(session, labels=classifier.labels, model="llama3.1-8b"))
    add(session, ("2", "Add new line"))
    assert execute(session, better) == ("SUCCEEDED", None)
    assert rows(session, "SELECT TICKET_ID, ANSWERED_BY FROM L ORDER BY 1") == [
        ("1", "llama3.1-8b"),
        ("2", "llama3.1-8b"),
    ]


def test_made_again_it_keeps_its_place_and_ended_it_leaves_the_ledger(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."))
    run(session, *pipeline.statements)
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    run(session, *pipeline.teardown, *pipeline.teardown)
    with pytest.raises(SnowparkSQLException, match="does not exist"):
        run(session, f"EXECUTE TASK {pipeline.task}")
    assert rows(session, "SELECT TICKET_ID FROM L") == [("1",)]


def test_without_an_account_s_warehouse_and_with_ai_classify(session: Any, classifier: TicketClassifier) -> None:
    managed = teacher(session, labels=classifier.labels, model=None, function="AI_CLASSIFY")
    pipeline = exported(managed, warehouse=None)
    add(session, ("1", "I lost my phone."), ("2", ""))
    assert execute(session, pipeline) == ("SUCCEEDED", None)
    assert rows(session, "SELECT LABEL, OUTCOME, INPUT_TOKENS FROM L ORDER BY TICKET_ID") == [
        ("Lost phone", "valid", None),
        (None, "blank", None),
    ]


ODD = LabelSet(
    labels=(
        Label(
            name="It's broken", description="Costs $$5 & more; -- or '' less\nor $$$", examples=("'; DROP TABLE L; --",)
        ),
        Label(name='The "other" one \\ $$'),
        Label(name="-- comment"),
        Label(name="Größe 大小 \U0001f600 {0} :run_id"),
    ),
)


ODD_NAMES = [
    (
        TicketSource(table='"my ""tickets"""', id='"the ""id"""', text='"what, is; it?"'),
        '"myLedger;1"',
        "\"p; -- 'q'\"",
    ),
    (TicketSource(table='"$T-é%"', id='"select"', text='"from"'), '"ÄL"', None),
    (TicketSource(table='"two\nlines"', id='"It\'s"', text='"two\n  lines"'), '"one -- two"', '"n;"'),
    (TicketSource(table="TICKETS", id="INPUT", text="TEXT_HASH"), "CHANGED", None),
    (TicketSource(table="WORK", id="STATE", text="TICKET_ID"), "DONE", "MISSING"),
]


@pytest.mark.parametrize(("source", "into", "name"), ODD_NAMES)
def test_names_and_labels_may_have_any_letters(session: Any, source: TicketSource, into: str, name: str | None) -> None:
    run(session, f"CREATE TABLE {source.relation} ({source.column('id')} VARCHAR, {source.column('text')} VARCHAR)")
    own = teacher(session, labels=ODD)
    pipeline = export_pipeline(own, source, into=into, warehouse="\"my wh; '1'\"", name=name)
    run(session, *pipeline.statements, pipeline.start)
    texts = [f"This ticket is about: {label.name}" for label in ODD.labels]
    for number, text in enumerate([*texts, "'; DELETE FROM T; --", "$$ :run_id \\"]):
        session.sql(f"INSERT INTO {source.relation} SELECT ?, ?", params=[f"'{number}", text]).collect()
    run(session, f"EXECUTE TASK {TableName.parse(pipeline.task).sql}")
    found = rows(session, f"SELECT TICKET_ID, LABEL FROM {into} WHERE LABEL IS NOT NULL ORDER BY TICKET_ID")
    expected = [(f"'{number}", label.name) for number, label in enumerate(ODD.labels)]
    assert found[: len(expected)] == expected
    assert own.classify_table(source, into=into).n_texts_asked == 0
    run(session, *pipeline.teardown)


def test_the_record_names_what_it_made(session: Any, classifier: TicketClassifier) -> None:
    made = exported(classifier)
    schema = f"CORTEX_TICKETS.{session.get_current_schema().strip(chr(34))}"
    assert made.task == f"{schema}.P_TASK"
    assert re.fullmatch(rf"{schema}\.P_[0-9A-F]{{8}}_STREAM", made.stream)
    assert (made.source, made.into) == (f"{schema}.T", f"{schema}.L")
    assert (made.model, made.classifier_hash) == (classifier.model, classifier.classifier_hash)
    assert str(made) == f"{made.stream} and {schema}.P_TASK: {schema}.T into {schema}.L with claude-sonnet-4-6"
    assert all(statement.rstrip(";") in made.sql for statement in made.statements)


def test_the_classifier_s_rows_are_in_a_view_that_a_client_takes_for_its_own(
    session: Any, classifier: TicketClassifier
) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."))
    execute(session, pipeline)
    labelled = classifier.classify_table("T", into="L")
    assert labelled.n_texts_asked == 0
    assert rows(session, f"SELECT TICKET_ID, LABEL FROM {labelled.view}") == [("1", "Lost phone")]
    assert any(f"_BY_{classifier.classifier_hash[:12].upper()}" in text for text in pipeline.statements)


def test_a_client_s_run_over_the_same_ledger_counts_the_task_s_rows(session: Any, classifier: TicketClassifier) -> None:
    pipeline = exported(classifier)
    add(session, ("1", "I lost my phone."), ("2", "Add new line"))
    execute(session, pipeline)
    labelled: TableRun = classifier.classify_table("T", into="L")
    assert dict(labelled.n_by_outcome) == {"valid": 2}
