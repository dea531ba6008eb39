"""Building training sets of the real tickets on the embedded engine."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import (
    Budget,
    BuildProgress,
    IncompleteRunError,
    InvalidInputError,
    InvalidTrainingSetError,
    Split,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
    load_gold,
    load_tickets,
    samples,
)
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeClock

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


def values(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(query).collect()]


@pytest.fixture(scope="session")
def labelled(shared_session: Any) -> str:
    """The schema with the sample tickets, their gold, and labels that were paid for once for all tests."""
    shared_session.sql("CREATE SCHEMA TO_BE_TRAINED_ON").collect()
    shared_session.use_schema("TO_BE_TRAINED_ON")
    load_tickets(shared_session, samples.support_tickets(), table="SUPPORT_TICKETS")
    load_gold(shared_session, samples.gold_labels(), table="TICKET_GOLD")
    teacher = TicketClassifier(shared_session, labels=LABELS, model="claude-sonnet-4-6")
    assert teacher.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS").is_complete
    return "TO_BE_TRAINED_ON"


@pytest.fixture
def run(session: Any, labelled: str) -> TableRun:
    """Copies of those tables in the test's own schema, and the run that filled the ledger."""
    for table in ("SUPPORT_TICKETS", "TICKET_GOLD", *(f"TICKET_LABELS{end}" for end in ("", "_RUNS", "_LEASES"))):
        session.sql(f"CREATE TABLE {table} AS SELECT * FROM {labelled}.{table}").collect()
    return TableRun.load(session, "TICKET_LABELS")


def build(session: Any, run: TableRun, into: str = "FT", seed: int = 7, **options: Any) -> TrainingSet:
    builder = TrainingSetBuilder(session, seed=seed, clock=FakeClock(), **options)
    return builder.build("SUPPORT_TICKETS", into=into, labels=run, gold="TICKET_GOLD")


def test_every_ticket_has_its_row_and_no_text_is_in_two_splits(session: Any, run: TableRun) -> None:
    built = build(session, run)
    assert values(session, "SELECT COUNT(*), COUNT(DISTINCT TICKET_ID || TEXT_HASH) FROM FT") == [(151, 151)]
    assert values(session, "SELECT MAX(N) FROM (SELECT COUNT(DISTINCT SPLIT) AS N FROM FT GROUP BY TEXT_HASH)") == [
        (1,)
    ]
    assert values(session, "SELECT MAX(N) FROM (SELECT COUNT(DISTINCT SPLIT) AS N FROM FT GROUP BY GROUP_ID)") == [(1,)]
    assert (built.report.n_tickets, built.report.n_texts) == (151, 130)


def test_the_label_that_no_ticket_has_is_reported_and_nothing_fails(session: Any, run: TableRun) -> None:
    report = build(session, run).report
    assert report.missing_labels == ("Lost phone",)
    assert "Lost phone" in str(report)
    assert "macro F1" in str(report)


def test_the_same_input_and_seed_give_the_same_set_byte_for_byte(session: Any, run: TableRun) -> None:
    first, second, other = build(session, run), build(session, run, into="FT2"), build(session, run, seed=8)
    assert first.id == second.id != other.id
    rows = "SELECT * FROM {} WHERE TRAINING_SET_ID = '{}' ORDER BY TICKET_ID, TEXT_HASH"
    assert values(session, rows.format("FT", first.id)) == values(session, rows.format("FT2", second.id))
    # Two sets share the table; building the same one again adds nothing.
    build(session, run)
    assert values(session, "SELECT COUNT(*) FROM FT") == [(302,)]
    assert values(session, "SELECT COUNT(*) FROM FT_MANIFEST") == [(2,)]


def test_the_prompt_is_what_the_student_will_be_asked(session: Any, run: TableRun) -> None:
    built = build(session, run)
    rows = values(session, f"SELECT TEXT, PROMPT FROM FT WHERE TRAINING_SET_ID = '{built.id}'")
    assert all(prompt == built.prompt.render(text) for text, prompt in rows)
    pairs = values(session, built.training_query)
    assert len(pairs) == built.n_training
    assert {completion for _, completion in pairs} <= set(LABELS)
    assert len(values(session, built.validation_query)) == built.n_validation
    assert built.id in built.training_query


def test_training_keeps_each_text_once_and_the_test_keeps_its_mix(session: Any, run: TableRun) -> None:
    build(session, run)
    trained = "SELECT COUNT(*), COUNT(DISTINCT TEXT_HASH) FROM FT WHERE SPLIT = 'training' AND DROPPED IS NULL"
    (n_rows, n_texts) = values(session, trained)[0]
    assert n_rows == n_texts
    assert values(session, "SELECT COUNT(*) FROM FT WHERE SPLIT = 'test' AND DROPPED IS NOT NULL") == [(0,)]


def test_a_frozen_set_is_read_back_whole(session: Any, run: TableRun) -> None:
    built = build(session, run)
    assert TrainingSet.load(session, "FT") == built
    assert TrainingSet.load(session, "FT", built.id) == built
    with pytest.raises(InvalidInputError, match="no training set abc"):
        TrainingSet.load(session, "FT", "abc")
    with pytest.raises(InvalidInputError, match="has no manifest"):
        TrainingSet.load(session, "SUPPORT_TICKETS")


def test_a_set_that_is_built_again_is_the_newest_again(session: Any, run: TableRun) -> None:
    first, second = build(session, run), build(session, run, seed=8)
    assert TrainingSet.load(session, "FT").id == second.id
    build(session, run)
    assert TrainingSet.load(session, "FT").id == first.id
    # The same rows out of another table are the same set, which says where they came from last.
    session.sql("CREATE TABLE MOVED AS SELECT * FROM SUPPORT_TICKETS").collect()
    moved = TrainingSetBuilder(session, seed=7, clock=FakeClock()).build(
        "MOVED", into="FT", labels=run, gold="TICKET_GOLD"
    )
    found = TrainingSet.load(session, "FT")
    assert (found.id, found) == (first.id, moved)
    assert [str(each.source).rpartition(".")[2] for each in (first, found)] == ["SUPPORT_TICKETS", "MOVED"]
    assert values(session, "SELECT COUNT(*) FROM FT_MANIFEST") == [(2,)]


@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_build_that_was_stopped_leaves_nothing_and_is_built_when_asked_again(
    session: Any, run: TableRun, place: int
) -> None:
    told: list[BuildProgress] = []

    def stop(progress: BuildProgress) -> None:
        told.append(progress)
        if len(told) > place:
            raise KeyboardInterrupt

    builder = TrainingSetBuilder(session, seed=7, clock=FakeClock())
    with pytest.raises(KeyboardInterrupt):
        builder.build("SUPPORT_TICKETS", into="FT", labels=run, progress=stop)
    tables = {row["name"] for row in session.sql("SHOW TABLES LIKE 'FT%'").collect()}
    assert tables <= {"FT", "FT_MANIFEST"}
    for table in tables:
        assert values(session, f"SELECT COUNT(*) FROM {table}") == [(0,)]
    built = builder.build("SUPPORT_TICKETS", into="FT", labels=run)
    assert TrainingSet.load(session, "FT") == built
    assert values(session, "SELECT COUNT(*) FROM FT") == [(151,)]


def test_a_build_that_died_before_its_manifest_is_built_anew(session: Any, run: TableRun) -> None:
    built = build(session, run)
    session.sql("DELETE FROM FT_MANIFEST").collect()
    session.sql("DELETE FROM FT WHERE SPLIT = 'test'").collect()
    again = build(session, run)
    assert again.id == built.id
    assert values(session, "SELECT COUNT(*) FROM FT") == [(151,)]
    assert len(values(session, again.rows_query(Split.TEST))) == again.n_test


def test_added_tickets_move_nothing_where_the_earlier_splits_are_kept(session: Any, run: TableRun) -> None:
    first = build(session, run)
    session.sql(
        "INSERT INTO SUPPORT_TICKETS (TICKET_ID, REQUEST) "
        "SELECT 'N' || TICKET_ID, REQUEST || ' Thanks' FROM SUPPORT_TICKETS"
    ).collect()
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    later = teacher.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS")
    builder = TrainingSetBuilder(session, seed=7, clock=FakeClock())
    second = builder.build("SUPPORT_TICKETS", into="FT", labels=later, gold="TICKET_GOLD", keep_splits_of=first)
    moved = values(
        session,
        f"SELECT A.SPLIT, B.SPLIT FROM ({first.rows_query()}) A JOIN ({second.rows_query()}) B "
        "ON A.TICKET_ID = B.TICKET_ID AND A.TEXT_HASH = B.TEXT_HASH WHERE A.SPLIT <> B.SPLIT",
    )
    assert [(before, after) for before, after in moved if after != "training"] == []
    assert len(moved) <= 3
    assert second.report.n_tickets == 302


def test_corrections_train_and_are_never_measured(session: Any, run: TableRun) -> None:
    first = build(session, run)
    ((ticket, text_hash),) = values(
        session,
        f"SELECT TICKET_ID, TEXT_HASH FROM FT WHERE TRAINING_SET_ID = '{first.id}' AND SPLIT = 'training' "
        "AND DROPPED IS NULL AND LABEL = 'Roaming fees' ORDER BY 1, 2 LIMIT 1",
    )
    session.sql(f"DELETE FROM TICKET_GOLD WHERE TICKET_ID = '{ticket}' AND TEXT_HASH = '{text_hash}'").collect()
    session.sql(
        "INSERT INTO TICKET_GOLD (TICKET_ID, TEXT_HASH, LABEL, SOURCE, ANNOTATOR, LABELLED_AT) "
        f"SELECT '{ticket}', '{text_hash}', 'Lost phone', 'correction', 'someone', CURRENT_TIMESTAMP()"
    ).collect()
    built = build(session, run, into="CORRECTED")
    assert values(
        session,
        "SELECT COMPLETION, LABEL, GOLD_SOURCE FROM CORRECTED "
        f"WHERE TICKET_ID = '{ticket}' AND TEXT_HASH = '{text_hash}'",
    ) == [("Lost phone", "Roaming fees", "correction")]
    assert built.report.n_gold == 150


def test_a_gold_label_outside_the_set_is_refused_before_anything_is_written(session: Any, run: TableRun) -> None:
    session.sql("UPDATE TICKET_GOLD SET LABEL = 'Billing' WHERE TICKET_ID = 'TR0098'").collect()
    with pytest.raises(InvalidTrainingSetError, match="'Billing' on 1 tickets"):
        build(session, run)
    assert session.sql("SHOW TABLES LIKE 'FT%'").collect() == []


def test_an_incomplete_run_must_be_asked_for(session: Any, run: TableRun) -> None:
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    assert run.ai_credits is not None
    stopped = teacher.classify_table(
        "SUPPORT_TICKETS", into="PART", chunk_rows=25, budget=Budget(ai_credits=run.ai_credits * 0.8)
    )
    assert not stopped.is_complete
    with pytest.raises(IncompleteRunError, match="ticket rows have no answer"):
        build(session, stopped)
    builder = TrainingSetBuilder(session, seed=7, clock=FakeClock())
    built = builder.build("SUPPORT_TICKETS", into="FT", labels=stopped, gold="TICKET_GOLD", allow_incomplete=True)
    assert built.report.dropped["the teacher gave no label"] > 0


def test_a_teacher_may_be_given_instead_of_a_run(session: Any, run: TableRun) -> None:
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    built = TrainingSetBuilder(session, seed=7).build("SUPPORT_TICKETS", into="FT", teacher=teacher, gold="TICKET_GOLD")
    assert built.id == build(session, run, into="FT2").id
    assert built.labels_table is not None
    assert built.labels_table.endswith("FT_LABELS")


def test_with_dates_the_newest_are_the_test(session: Any, run: TableRun) -> None:
    start = datetime(2026, 1, 1)  # noqa: DTZ001  a TIMESTAMP_NTZ
    session.sql(
        f"CREATE TABLE DATED AS SELECT *, DATEADD(day, ROW_NUMBER() OVER (ORDER BY REQUEST), '{start}'::TIMESTAMP_NTZ) "
        "AS OPENED FROM SUPPORT_TICKETS"
    ).collect()
    source = TicketSource(table="DATED", created_at="OPENED")
    built = TrainingSetBuilder(session, clock=FakeClock()).build(source, into="FT", labels=run)
    found = values(
        session,
        "SELECT F.SPLIT, MEDIAN(DATEDIFF(day, '2026-01-01'::TIMESTAMP_NTZ, D.OPENED)) FROM FT F "
        "JOIN DATED D ON D.TICKET_ID = F.TICKET_ID AND SHA2(D.REQUEST, 256) = F.TEXT_HASH GROUP BY 1",
    )
    medians = dict(found)
    assert medians["training"] < medians["test"]
    assert built.report.n_gold == 0


def test_a_loaded_file_with_dates_can_be_split_by_time(session: Any, tmp_path: Path) -> None:
    path = tmp_path / "dated.csv"
    days = [f"2026-01-{day:02}" for day in range(1, 31)]
    texts = [
        f"{'roaming' if n % 2 else 'slow data'} {chr(97 + n % 26) * 5} {n % 7}{chr(98 + n % 24) * 4}" for n in range(30)
    ]
    rows = [f"{n},{text},{day}" for n, (text, day) in enumerate(zip(texts, days, strict=True))]
    path.write_text("TICKET_ID,REQUEST,CREATED_AT\n" + "\n".join(rows) + "\n", encoding="utf-8")
    load_tickets(session, path, table="DATED")
    teacher = TicketClassifier(session, labels=["Roaming", "Slow data"], model="claude-sonnet-4-6")
    source = TicketSource(table="DATED", created_at="CREATED_AT")
    run = teacher.classify_table(source, into="LABELS")
    TrainingSetBuilder(session, split="time").build(source, into="FT", labels=run)
    spans = values(
        session,
        "SELECT F.SPLIT, MIN(D.CREATED_AT)::DATE::VARCHAR, MAX(D.CREATED_AT)::DATE::VARCHAR FROM FT F "
        "JOIN DATED D ON D.TICKET_ID = F.TICKET_ID GROUP BY 1",
    )
    dates = {split: (first, last) for split, first, last in spans}
    assert dates["training"][1] < dates["validation"][0] < dates["test"][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"max_per_label": 0}, "max_per_label=0 must be at least 1"),
        ({"max_texts": 0}, "max_texts=0 must be at least 1"),
        ({"split": "random"}, "neither 'group' nor 'time'"),
    ],
)
def test_bad_settings_are_refused_at_once(session: Any, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        TrainingSetBuilder(session, **options)


def test_bad_input_lists_every_problem(session: Any, run: TableRun) -> None:
    builder = TrainingSetBuilder(session, split="time")
    with pytest.raises(InvalidInputError) as raised:
        builder.build("SUPPORT_TICKETS", into="SUPPORT_TICKETS", labels=run, gold="NO_GOLD")
    assert len(raised.value.problems) == 3
    with pytest.raises(InvalidInputError, match="either labels= "):
        builder.build("SUPPORT_TICKETS", into="FT")


def test_a_label_too_rare_to_split_says_so(session: Any, run: TableRun) -> None:
    few = TicketSource(query="SELECT * FROM SUPPORT_TICKETS ORDER BY TICKET_ID, REQUEST LIMIT 12")
    with pytest.raises(InvalidTrainingSetError, match="too few to split"):
        TrainingSetBuilder(session, seed=7).build(few, into="FT", labels=run)


def test_of_too_many_texts_the_warehouse_draws_a_sample(session: Any, run: TableRun) -> None:
    built = build(session, run, max_texts=80)
    assert built.report.n_texts == 80
    assert build(session, run, into="FT2", max_texts=80).id == built.id
