"""A pipeline on bad days: hostile tickets, and a Snowflake that throttles and gives no answer."""

from typing import Any

from cortex_tickets import TicketClassifier, export_pipeline, local
from hostile.pack import LABELS
from hostile.warehouse import HostileWarehouse
from pipelines.task_at_work import add, classifier_of_tickets, exported, rows, run

COLUMNS = "TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWER, ERROR, REPAIR, ANSWERED_BY, INPUT_TOKENS, OUTPUT_TOKENS"


def test_hostile_tickets_have_the_rows_that_a_client_would_have_written(hostile: HostileWarehouse) -> None:
    session = hostile.plain
    run(session, "CREATE TABLE FOR_TASK LIKE HOSTILE")
    classifier = TicketClassifier(hostile.session, labels=LABELS, model="claude-sonnet-4-6")
    pipeline = export_pipeline(classifier, "FOR_TASK", into="BY_TASK", warehouse="W", name="P")
    run(session, *pipeline.statements)
    with hostile.only("FOR_TASK", "BY_TASK", "BY_TASK_RUNS", "BY_TASK_LEASES"):
        run(session, "INSERT INTO FOR_TASK SELECT * FROM HOSTILE", f"EXECUTE TASK {pipeline.task}")
    by_task = rows(session, f"SELECT {COLUMNS} FROM BY_TASK ORDER BY 1, 2")
    assert len(by_task) > 400
    run(session, *pipeline.teardown)
    classifier.classify_table("HOSTILE", into="BY_CLIENT")
    assert by_task == rows(session, f"SELECT {COLUMNS} FROM BY_CLIENT ORDER BY 1, 2")


def test_through_throttling_and_missing_answers_every_ticket_has_one_row_and_is_answered_once() -> None:
    with local.connect(faults=local.Faults(throttled=0.4, null_rows=0.3)) as session:
        classifier = classifier_of_tickets(session, "bad days")
        pipeline = exported(classifier)
        for day in range(8):
            add(session, *((f"{day}-{n}", f"I lost my phone on day {day}, in place {n % 3}.") for n in range(4)))
            run(session, f"EXECUTE TASK {pipeline.task}")
        struck = dict(rows(session, "SELECT FAULT, COUNT(*) FROM SNOWFLAKE.ENGINE.FAULTS GROUP BY FAULT"))
        assert set(struck) == {"throttled", "null_rows"}
        states = dict(rows(session, "SELECT STATE, COUNT(*) FROM L_RUNS GROUP BY STATE"))
        assert states == {"FAILED": struck["throttled"], "COMPLETE": 8 - struck["throttled"]}
        run_until_all_is_labelled(session, pipeline.task)
        assert rows(session, "SELECT OUTCOME, COUNT(*), COUNT(DISTINCT TICKET_ID) FROM L GROUP BY 1") == [
            ("valid", 33, 33)
        ]
        # Each of the 25 texts was answered once; beyond that only those were asked that got no answer.
        ((n_asked,),) = rows(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED")
        ((n_unanswered,),) = rows(session, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.FAULTS WHERE FAULT = 'null_rows'")
        assert n_asked == 25 + n_unanswered


def run_until_all_is_labelled(session: Any, task: str) -> None:
    add(session, ("last", "Where is my lost phone?"))
    for again in range(40):
        run(session, f"EXECUTE TASK {task}")
        if not rows(
            session, "SELECT 1 FROM T LEFT JOIN L USING (TICKET_ID) WHERE OUTCOME IS NULL OR OUTCOME = 'error'"
        ):
            return
        # A run comes only where something changed; any column will do.
        run(session, f"UPDATE T SET STATUS = '{again}' WHERE TICKET_ID = 'last'")
    raise AssertionError("the tickets are not labelled")
