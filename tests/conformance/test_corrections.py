"""Labels that people give, on real tickets: corrections train and never measure; a blind sample measures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import (
    Corrections,
    GoldSource,
    InvalidInputError,
    LabelSample,
    TicketClassifier,
    TicketLabel,
    TicketSource,
    TrainingSetBuilder,
    evaluate,
    load_gold,
    load_tickets,
    samples,
)

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


@pytest.fixture
def corrections(session: Any) -> Corrections:
    load_tickets(session, samples.support_tickets(), table="TICKETS")
    return Corrections(session, table="GOLD", tickets="TICKETS", labels=LABELS)


def labels_of(sample: LabelSample, label: str = "Lost phone") -> list[TicketLabel]:
    return [TicketLabel(ticket_id=t.ticket_id, text_hash=t.text_hash, label=label) for t in sample.tickets]


def stored(session: Any, table: str = "GOLD") -> list[Any]:
    return [tuple(row) for row in session.sql(f"SELECT TICKET_ID, LABEL, SOURCE, ANNOTATOR FROM {table}").collect()]


def test_adding_twice_writes_once_and_a_changed_mind_is_a_new_row(corrections: Corrections) -> None:
    ticket = corrections.label_sample(1, seed=1).tickets[0]

    def add(label: str, annotator: str) -> int:
        given = TicketLabel(ticket_id=ticket.ticket_id, text=ticket.text, label=label)
        return corrections.add([given], annotator=annotator)

    assert [add("Lost phone", "Ann"), add("Lost phone", "Ann")] == [1, 0]
    assert [add("Lost phone", "Bo"), add("Lost phone", "Bo"), add("Lost phone", "Ann")] == [1, 0, 0]
    assert [add("Add new line", "Bo"), add("Lost phone", "Ann"), add("Lost phone", "Ann")] == [1, 1, 0]
    assert [(gold.label, gold.annotator) for gold in corrections.list()] == [
        ("Lost phone", "Ann"), ("Add new line", "Bo"), ("Lost phone", "Bo"), ("Lost phone", "Ann")
    ]  # fmt: skip
    assert {gold.source for gold in corrections.list()} == {GoldSource.CORRECTION}
    assert all(gold.labelled_at is not None for gold in corrections.list())


def test_a_sample_is_reproducible_blind_and_without_what_a_sample_has_labelled(
    session: Any, corrections: Corrections
) -> None:
    first = corrections.label_sample(20, seed=7)
    assert corrections.label_sample(20, seed=7) == first
    assert corrections.label_sample(20, seed=8) != first
    assert first.n_population == 151
    assert corrections.label_sample(10, seed=7).tickets == first.tickets[:10]
    assert corrections.add(labels_of(first), annotator="Ann", sample=first) == 20
    assert corrections.add(labels_of(first), annotator="Ann", sample=first) == 0
    assert {(source, annotator) for _, _, source, annotator in stored(session)} == {("random_sample", "Ann")}
    second = corrections.label_sample(500, seed=7)
    assert (second.n_population, len(second.tickets)) == (131, 131)
    assert not {(t.ticket_id, t.text_hash) for t in first.tickets} & {
        (t.ticket_id, t.text_hash) for t in second.tickets
    }


def test_a_sample_is_a_fair_draw(corrections: Corrections) -> None:
    drawn: dict[tuple[str, str], int] = {}
    for seed in range(100, 112):
        for ticket in corrections.label_sample(75, seed=seed).tickets:
            key = (ticket.ticket_id, ticket.text_hash)
            drawn[key] = drawn.get(key, 0) + 1
    # Each of the 151 is expected 12 * 75 / 151 = 6.0 times, with a standard deviation of 1.7.
    assert max(drawn.values()) < 12
    assert len(drawn) >= 150
    assert sum((count - 6) ** 2 for count in drawn.values()) / 151 < 1.4 * 1.7**2


def test_a_blank_ticket_is_not_drawn_and_rows_equal_in_id_and_text_are_one(session: Any) -> None:
    session.sql("CREATE TABLE T (NO VARCHAR, BODY VARCHAR, LABEL VARCHAR)").collect()
    session.sql(
        "INSERT INTO T VALUES ('1', 'a', 'x'), ('1', 'a', 'y'), ('1', 'b', 'x'), ('2', ' ', 'x'), ('3', NULL, 'x')"
    ).collect()
    source = TicketSource(table="T", id="NO", text="BODY")
    sample = Corrections(session, table="G", tickets=source, labels=LABELS).label_sample(9, seed=1)
    assert sorted((ticket.ticket_id, ticket.text) for ticket in sample.tickets) == [("1", "a"), ("1", "b")]
    assert sample.n_population == 2


def test_a_ticket_has_to_be_in_the_source_with_its_text(corrections: Corrections) -> None:
    ticket = corrections.label_sample(1, seed=1).tickets[0]
    good = TicketLabel(ticket_id=ticket.ticket_id, text=ticket.text, label="Lost phone")
    for wrong in (
        TicketLabel(ticket_id=ticket.ticket_id, text="another secret text", label="Lost phone"),
        TicketLabel(ticket_id="TR none", text=ticket.text, label="Lost phone"),
    ):
        with pytest.raises(InvalidInputError, match=r"labels\[1\] .* no ticket of this id with this text") as caught:
            corrections.add([good, wrong], annotator="Ann")
        assert ticket.text not in str(caught.value)
        assert "secret" not in str(caught.value)
    assert corrections.list() == []


def test_what_is_exported_is_what_load_gold_reads(session: Any, corrections: Corrections, tmp_path: Path) -> None:
    sample = corrections.label_sample(5, seed=7)
    corrections.add(labels_of(sample), annotator="Ann", sample=sample)
    corrections.add(labels_of(sample, "Add new line")[:2], annotator="Ann")
    corrections.add(labels_of(sample, "Closing account")[:1], annotator="Bo")
    path = tmp_path / "gold.csv"
    assert corrections.export(path) == 7  # of two corrections of one ticket the newest
    assert load_gold(session, path, table="AGAIN").n_rows == 7
    assert ("Closing account", "correction", "Bo") in {row[1:] for row in stored(session, "AGAIN")}
    assert corrections.export(path, source="correction") == 2
    assert corrections.export(path, source=GoldSource.RANDOM_SAMPLE) == 5


def test_corrections_are_what_is_trained_on(session: Any, corrections: Corrections) -> None:
    load_gold(session, samples.gold_labels(), table="GOLD")
    run = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("TICKETS", into="LABELS")
    # Gold of the samples is in the way of a draw, so another table's is asked.
    every = Corrections(session, table="OTHER", tickets="TICKETS", labels=LABELS).label_sample(500, seed=1)
    given = [*labels_of(every, "Closing account")[:75], *labels_of(every, "Lost phone")[75:]]
    assert corrections.add(given, annotator="Ann") == 151
    training_set = TrainingSetBuilder(session, seed=7).build("TICKETS", into="FT", labels=run, gold="GOLD")
    rows = session.sql(f"SELECT TICKET_ID, TEXT_HASH, COMPLETION FROM ({training_set.rows_query()})").collect()
    wanted = {(label.ticket_id, label.text_hash): label.label for label in given}
    assert {(row["TICKET_ID"], row["TEXT_HASH"]): row["COMPLETION"] for row in rows} == wanted


def test_accuracy_is_measured_with_the_random_sample_alone(session: Any, corrections: Corrections) -> None:
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    run = teacher.classify_table("TICKETS", into="LABELS")
    answers = {
        (row["TICKET_ID"], row["TEXT_HASH"]): row["LABEL"]
        for row in session.sql("SELECT TICKET_ID, TEXT_HASH, LABEL FROM LABELS").collect()
    }
    sample = corrections.label_sample(75, seed=7)
    right = [
        TicketLabel(ticket_id=t.ticket_id, text_hash=t.text_hash, label=answers[t.ticket_id, t.text_hash])
        for t in sample.tickets
    ]
    corrections.add(right, annotator="Ann", sample=sample)
    # The other tickets are corrected, each one to a label that its teacher did not give.
    rest = corrections.label_sample(500, seed=7)
    wrong = [
        TicketLabel(
            ticket_id=t.ticket_id,
            text_hash=t.text_hash,
            label=next(label for label in LABELS if label != answers[t.ticket_id, t.text_hash]),
        )
        for t in rest.tickets
    ]
    corrections.add(wrong, annotator="Ann")
    training_set = TrainingSetBuilder(session, seed=7).build("TICKETS", into="FT", labels=run, gold="GOLD")
    evaluation = evaluate({"teacher": teacher}, on=training_set, baseline=False)
    split = session.sql(
        f"SELECT GOLD_SOURCE, COUNT(*) AS N FROM ({training_set.rows_query()}) WHERE SPLIT = 'test' GROUP BY 1"
    ).collect()
    by_source = {row["GOLD_SOURCE"]: row["N"] for row in split}
    assert by_source["correction"] > 0
    assert evaluation.n_gold == by_source["random_sample"] > 0
    (score,) = evaluation.scores
    assert score.accuracy is not None
    assert score.accuracy.value == 1.0  # every label of the sample is the teacher's, no correction is
    assert any(f"{by_source['correction']} corrections are no random sample" in note for note in evaluation.notes)


def test_a_label_without_a_date_gives_way_to_one_that_has_one(session: Any, corrections: Corrections) -> None:
    ticket = corrections.label_sample(1, seed=1).tickets[0]
    given = TicketLabel(ticket_id=ticket.ticket_id, text=ticket.text, label="Lost phone")
    corrections.add([given], annotator="Ann")
    session.sql("UPDATE GOLD SET LABELLED_AT = NULL").collect()
    corrections.add([given.model_copy(update={"label": "Add new line"})], annotator="Ann")
    run = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("TICKETS", into="LABELS")
    training_set = TrainingSetBuilder(session, seed=7).build("TICKETS", into="FT", labels=run, gold="GOLD")
    rows = session.sql(f"SELECT GOLD_LABEL FROM ({training_set.rows_query()}) WHERE GOLD_LABEL IS NOT NULL").collect()
    assert [row["GOLD_LABEL"] for row in rows] == ["Add new line"]
