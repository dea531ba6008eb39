"""What a pipeline's objects are called, several beside each other, and names, labels and texts of any letters."""

import re
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import TicketClassifier, TicketSource, export_pipeline
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.table_name import TableName
from pipelines.task_at_work import add, classifier_of_tickets, execute, exported, rows, run, teacher


@pytest.fixture
def classifier(session: Any, request: pytest.FixtureRequest) -> TicketClassifier:
    return classifier_of_tickets(session, request.node.name)


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
