"""A table of tickets, a pipeline on it, and what became of its task's runs, for tests on the engine."""

from typing import Any

from cortex_tickets import Pipeline, TicketClassifier, export_pipeline

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


def classifier_of_tickets(session: Any, about: str) -> TicketClassifier:
    """Make the table T, and a classifier with a label of its own, so that the engine's log tells its prompts apart."""
    run(session, "CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, STATUS VARCHAR)")
    return teacher(session, labels=[*LABELS, f"Other: {about}"])


def exported(classifier: TicketClassifier, **options: Any) -> Pipeline:
    made = export_pipeline(
        classifier, "T", **{"into": "L", "warehouse": "LABELS_WH", "name": "P", "retry_errors_after": 0, **options}
    )
    run(classifier.session, *made.statements, made.start)
    return made
