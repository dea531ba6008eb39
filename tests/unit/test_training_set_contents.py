"""What a training set is made of: gold, corrections, rows without a label, dates, limits; and reading it back."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cortex_tickets import (
    InvalidInputError,
    InvalidTrainingSetError,
    Split,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
)
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error

BuilderSession = Callable[..., FakeSession]
TOPICS = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo", "lima"]


def ticket(text: str, label: str | None, **changes: Any) -> dict[str, Any]:
    hashed = hashlib.sha256(text.encode()).hexdigest()
    row = {
        "TICKET_ID": f"id of {text}",
        "TEXT_HASH": hashed,
        "TEXT": text,
        "CREATED_AT": None,
        "LABEL": label,
        "OUTCOME": "valid" if label else "off_label",
        "GOLD_LABEL": None,
        "CORRECTION": None,
    }
    return {**row, **changes}


def tickets(**changes: Any) -> list[dict[str, Any]]:
    """Return 24 tickets, twelve of each label, no two alike."""
    return [ticket(f"{topic} {label}", label, **changes) for topic in TOPICS for label in ("A", "B")]


def build(session: FakeSession, run: TableRun | None, **options: Any) -> TrainingSet:
    settings = {name: options.pop(name) for name in ("prompt", "split", "max_per_label", "clock") if name in options}
    builder = TrainingSetBuilder(session, seed=7, **{"clock": FakeClock(), **settings})
    return builder.build(options.pop("source", "T"), **{"into": "FT", "labels": run, **options})


def decisions(session: FakeSession) -> list[Mapping[str, Any]]:
    """Return what was sent of each ticket."""
    (sent,) = [sent for sent in session.sent if re.match("INSERT INTO [^(]*_FREEZE_", sent.text)]
    found: list[Mapping[str, Any]] = json.loads(sent.values[0])
    return found


def test_gold_measures_and_corrections_train(builder_session: BuilderSession, label_run: TableRun) -> None:
    rows = tickets()
    rows[0] |= {"GOLD_LABEL": "B"}
    rows[1] |= {"GOLD_LABEL": "B"}
    rows[2] |= {"CORRECTION": "B"}
    session = builder_session(rows)
    report = build(session, label_run, gold="G").report
    assert (report.n_gold, report.teacher_agreement) == (2, 0.5)
    assert "1 tickets are trained with a corrected label" in report.notes
    assert "teacher's labels equal to gold: 50.0% of 2" in str(report)
    sent = {row["ticket_id"]: row for row in decisions(session)}
    assert sent[rows[2]["TICKET_ID"]]["completion"] == "B"
    assert [sent[row["TICKET_ID"]]["gold_source"] for row in rows[:4]] == [
        "random_sample",
        "random_sample",
        "correction",
        None,
    ]


def test_rows_without_a_label_are_reported_and_not_trained_on(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    unlabelled = [ticket(f"unclear {one} {other}", None) for one in TOPICS for other in TOPICS if one < other]
    session = builder_session([*tickets(), *unlabelled])
    report = build(session, label_run).report
    assert report.labels[-1].label == "(none)"
    assert report.labels[-1].n_training == 0
    assert report.dropped["the teacher gave no label"] == len(unlabelled) - report.labels[-1].n_test
    assert any("validation tickets have no label" in note for note in report.notes)
    assert "not trained on: " in str(report)


def test_one_label_is_nothing_to_learn(builder_session: BuilderSession, label_run: TableRun) -> None:
    session = builder_session([ticket(f"{topic} A", "A") for topic in TOPICS])
    with pytest.raises(InvalidTrainingSetError, match="1 distinct labels, and at least two"):
        build(session, label_run)
    nothing = builder_session([ticket(topic, None) for topic in TOPICS])
    with pytest.raises(InvalidTrainingSetError, match="0 distinct labels"):
        build(nothing, label_run)


def test_dates_split_by_time_and_the_column_must_be_a_timestamp(
    builder_session: BuilderSession, label_run: TableRun
) -> None:
    source = TicketSource(table="T", created_at="OPENED")
    columns = ["TICKET_ID", "REQUEST", "OPENED"]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    dated = [{**row, "CREATED_AT": start + timedelta(days=day)} for day, row in enumerate(tickets())]
    session = builder_session(dated, columns=columns)
    build(session, label_run, source=source)
    sides = {row["ticket_id"]: row["split"] for row in decisions(session)}
    newest = [sides[row["TICKET_ID"]] for row in dated[-6:]]
    assert newest == [Split.TEST.value] * 6
    assert "OPENED" in next(text for text in session.texts() if text.startswith("WITH"))
    by_group = builder_session(dated, columns=columns)
    build(by_group, label_run, source=source, split="group")
    assert {row["ticket_id"]: row["split"] for row in decisions(by_group)} != sides
    days = builder_session(tickets(CREATED_AT=date(2026, 1, 1)), columns=columns)
    with pytest.raises(InvalidInputError, match="is not a timestamp"):
        build(days, label_run, source=source)


def test_a_limit_per_label_drops_the_rest(builder_session: BuilderSession, label_run: TableRun) -> None:
    report = build(builder_session(tickets()), label_run, max_per_label=2).report
    assert [row.n_training for row in report.labels] == [2, 2]
    assert report.dropped["over max_per_label"] > 0


def test_a_set_is_loaded_from_its_manifest(builder_session: BuilderSession, label_run: TableRun) -> None:
    session = builder_session(tickets())
    built = build(session, label_run)
    stored = next(sent.values[1] for sent in session.sent if sent.text.startswith('INSERT INTO "DB"."S"."FT_MANIFEST"'))
    reader = FakeSession()
    reader.answer("^SELECT MANIFEST", [{"MANIFEST": stored}])
    assert TrainingSet.load(reader, "DB.S.FT") == built
    assert TrainingSet.load(reader, "DB.S.FT", built.id) == built
    assert [sent.values for sent in reader.sent] == [(), (built.id,)]
    reader.answer("^SELECT MANIFEST", [])
    with pytest.raises(InvalidInputError, match="FT_MANIFEST holds no training set"):
        TrainingSet.load(reader, "DB.S.FT")
    reader.answer("^SELECT MANIFEST", snowflake_error("Object 'FT_MANIFEST' does not exist", 2003))
    with pytest.raises(InvalidInputError, match="has no manifest"):
        TrainingSet.load(reader, "DB.S.FT")
