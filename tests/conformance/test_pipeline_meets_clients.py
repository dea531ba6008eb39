"""A pipeline's task and clients on one ledger: no ticket is lost, and no text is asked twice."""

import threading
from typing import Any

import pytest

from cortex_tickets import LedgerInUseError, TicketClassifier, local
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.table_run import RunState
from pipelines.task_at_work import KEYS, add, classifier_of_tickets, execute, exported, n_asked, rows, run, teacher


@pytest.fixture
def classifier(session: Any, request: pytest.FixtureRequest) -> TicketClassifier:
    return classifier_of_tickets(session, request.node.name)


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
