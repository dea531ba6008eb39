"""Hostile tickets on the way into files, gold, a training set and a fine-tuned model."""

import csv
from pathlib import Path

import pytest

from cortex_tickets import (
    FineTuneJob,
    InvalidTrainingSetError,
    TableRun,
    TicketClassifier,
    TrainingSet,
    TrainingSetBuilder,
    load_gold,
    load_tickets,
)
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.records.prediction import Outcome
from hostile.pack import (
    LABELS,
    MARK,
    MARKED,
    TEXTS,
    TICKETS,
    around,
    filled,
    of,
    short,
)
from hostile.warehouse import HostileWarehouse

SHORT = [place for place, text in enumerate(TEXTS) if len(text) < 1000]


def arrived(text: str) -> str:
    """Return what a UTF-8 file makes of a text."""
    return clean(text.encode("utf-8", "replace").decode())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def test_every_text_arrives_as_it_stands_in_the_file(hostile: HostileWarehouse) -> None:
    stored = hostile.values("SELECT TICKET_ID, REQUEST, CUSTOMER_NAME, CUSTOMER_EMAIL FROM HOSTILE")
    assert sorted(stored) == sorted(
        (f"{said} {place}", arrived(text), said, said)
        for place, text in enumerate(MARKED)
        for said in [arrived(short(text))]
    )
    assert hostile.values("SELECT WORD FROM CANARY ORDER BY 1") == [("",), ("sings",), (None,)]


def test_hostile_columns_of_a_file_are_columns(hostile: HostileWarehouse, folder: Path) -> None:
    names = {clean(short(TEXTS[place])).strip().upper() for place in SHORT} - {"", "TICKET_ID", "REQUEST"}
    columns = sorted(name for name in names if "\n" not in name and "\r" not in name)
    assert len(columns) > 300
    path = folder / "columns.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["TICKET_ID", "REQUEST", *columns], ["1", "Hello", *columns]])
    with hostile.only("COLUMNS"):
        load_tickets(hostile.session, path, table="COLUMNS")
    (row,) = hostile.plain.table("COLUMNS").collect()
    assert list(row)[2:] == columns


def gold_file(path: Path, rows: list[tuple[str, str, str]]) -> Path:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["TICKET_ID", "TEXT", "LABEL", "SOURCE", "ANNOTATOR"])
        writer.writerows((*row, "random_sample", short(row[1])) for row in rows)
    return path


def test_hostile_gold_is_stored_and_is_refused_where_it_is_no_label(hostile: HostileWarehouse, folder: Path) -> None:
    rows = [(f"{place}", MARKED[place], short(TEXTS[place]).strip() or "x") for place in SHORT]
    rows = [row for row in rows if arrived(row[2]).strip()]
    with hostile.only("BAD_GOLD"):
        load_gold(hostile.session, gold_file(folder / "gold.csv", rows), table="BAD_GOLD")
    assert hostile.values("SELECT COUNT(*) FROM BAD_GOLD") == [(len(rows),)]
    teacher = TicketClassifier(hostile.session, labels=LABELS, model="claude-sonnet-4-6")
    with hostile.only(), pytest.raises(InvalidTrainingSetError, match="is not among the labels") as raised:
        TrainingSetBuilder(hostile.session).build("HOSTILE", into="NO_SET", teacher=teacher, gold="BAD_GOLD")
    assert MARK not in str(raised.value)


@pytest.fixture(scope="session")
def run(hostile: HostileWarehouse) -> TableRun:
    """Labels of the pack and of tickets with orders in them, so that each label has enough to be split."""
    ordered = [
        (f"{about} {number}", f"{MARK} {place} {number}")
        for about, ticket in TICKETS.items()
        for number, entry in enumerate(of("injections")[::6])
        for place in around(ticket, filled(entry))[number % 5 :][:1]
    ]
    hostile.plain.create_dataframe(ordered, schema=["TICKET_ID", "REQUEST"]).write.save_as_table("MIXED")
    hostile.plain.sql("INSERT INTO MIXED SELECT TICKET_ID, REQUEST FROM HOSTILE WHERE LENGTH(REQUEST) < 1000").collect()
    teacher = TicketClassifier(hostile.session, labels=LABELS, model="claude-sonnet-4-6")
    return teacher.classify_table("MIXED", into="L_MIXED")


@pytest.fixture(scope="session")
def training_set(hostile: HostileWarehouse, run: TableRun) -> TrainingSet:
    with hostile.only("PAIRS", "PAIRS_MANIFEST"):
        return TrainingSetBuilder(hostile.session, seed=7).build("MIXED", into="PAIRS", labels=run)


def test_a_training_set_holds_every_ticket_with_its_own_prompt(
    hostile: HostileWarehouse, training_set: TrainingSet
) -> None:
    rows = hostile.values("SELECT TICKET_ID, TEXT, PROMPT, COMPLETION FROM PAIRS ORDER BY 1, 2")
    assert [row[:2] for row in rows] == hostile.values("SELECT TICKET_ID, REQUEST FROM MIXED ORDER BY 1, 2")
    for _, text, prompt, completion in rows:
        assert prompt == training_set.prompt.render(text)
        assert prompt.count("</ticket>") == 1
        assert completion in {*LABELS, None}


@pytest.mark.usefixtures("training_set")
def test_the_same_tickets_give_the_same_set(hostile: HostileWarehouse, run: TableRun) -> None:
    # Its manifest is renewed: it is the newest set of its table again.
    with hostile.only("PAIRS_MANIFEST"):
        again = TrainingSetBuilder(hostile.session, seed=7).build("MIXED", into="PAIRS", labels=run)
    (stored,) = hostile.values("SELECT TRAINING_SET_ID FROM PAIRS_MANIFEST")
    assert stored == (again.id,)


def test_a_model_that_was_trained_on_them_answers_with_its_labels(
    hostile: HostileWarehouse, training_set: TrainingSet
) -> None:
    jobs, ledger = ("CORTEX_TICKETS_JOBS",), ("L_STUDENT", "L_STUDENT_RUNS", "L_STUDENT_LEASES")
    with hostile.only(*jobs, *ledger):
        job = FineTuneJob.start(
            hostile.session, name="HOSTILE_MODEL", base_model="llama3.1-8b", training_set=training_set, max_epochs=1
        )
        student = TicketClassifier.from_model(hostile.session, job.wait(timeout=120))
        found = student.classify_many([MARKED[place] for place in SHORT])
        run = student.classify_table("MIXED", into="L_STUDENT")
    assert {one.label for one in found} <= {*LABELS, None}
    assert {one.outcome for one in found} <= {Outcome.VALID, Outcome.REPAIRED, Outcome.BLANK, Outcome.OFF_LABEL}
    assert run.is_complete
    sent = "\n".join(hostile.session.texts)
    assert "FINETUNE('CREATE'" in sent
    assert "FLATTEN" in sent
    assert MARK not in sent
