"""Labelling at the edges: odd names, odd ids, odd labels, several threads, several runs in one ledger."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cortex_tickets import (
    CortexError,
    InvalidInputError,
    RunProgress,
    TableRun,
    Ticket,
    TicketClassifier,
    TicketSource,
    local,
)
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.prediction import Outcome

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
TEXTS = {
    "Roaming fees": "I was charged {n} dollars of roaming fees abroad.",
    "Slow data speed": "My data speed is slow, {n} pages took a minute.",
    "Lost phone": "My phone was lost {n} days ago.",
    "Add new line": "Please add a new line, number {n}.",
    "Closing account": "I am closing account {n}.",
}


def teacher(session: Any, **options: Any) -> TicketClassifier:
    return TicketClassifier(session, **{"labels": LABELS, "model": "claude-sonnet-4-6", **options})


def values(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(query).collect()]


def make(
    session: Any, rows: list[tuple[Any, Any]], table: str = "T", columns: tuple[str, str] = ("TICKET_ID", "REQUEST")
) -> None:
    session.sql(f"CREATE OR REPLACE TABLE {table} ({columns[0]} VARCHAR, {columns[1]} VARCHAR)").collect()
    for row in rows:
        session.sql(f"INSERT INTO {table} SELECT ?, ?", params=list(row)).collect()


@pytest.mark.parametrize("is_thread_safe", [True, False])
def test_eight_threads_share_one_classifier_and_one_session(engine: local.Engine, *, is_thread_safe: bool) -> None:
    parameters = {"PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION": is_thread_safe}
    with engine.session(session_parameters=parameters) as session:
        assert session._conn._thread_safe_session_enabled is is_thread_safe
        ask_from_eight_threads(teacher(session))


def ask_from_eight_threads(shared: TicketClassifier) -> None:
    start = threading.Barrier(8)

    def ask(worker: int) -> list[str | None]:
        start.wait()
        mine = LABELS[worker % 5 :] + LABELS[: worker % 5]
        found = shared.classify_many([TEXTS[label].format(n=worker) for label in mine])
        one = shared.classify(TEXTS[mine[0]].format(n=worker)).label
        assert [prediction.label for prediction in found] == mine
        return [one]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(8)))
    assert answers == [[LABELS[worker % 5]] for worker in range(8)]


def test_threads_fill_ledgers_of_their_own_side_by_side(session: Any) -> None:
    make(session, [(f"{label}{n}", TEXTS[label].format(n=n)) for label in LABELS for n in range(3)])
    shared = teacher(session)
    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(lambda n: shared.classify_table("T", into=f"L{n}", chunk_rows=4), range(4)))
    assert [(run.is_complete, run.n_texts_asked, dict(run.n_by_outcome)) for run in runs] == [
        (True, 15, {"valid": 15})
    ] * 4
    assert values(session, "SELECT COUNT(*), COUNT_IF(STARTSWITH(TICKET_ID, LABEL)) FROM L3") == [(15, 15)]


NAMES = [
    ('"my tickets"', '"the ""id"""', '"what, is; it?"', '"myLedger;1"'),
    ('"$T-é%"', '"select"', '"from"', '"ÄL"'),
    ("TICKETS", "INPUT", "TEXT_HASH", "SOURCE"),
    ("SOURCE", "OUTCOME", "STATE", "MISSING"),
    ("CHOSEN", "TEXT", "TICKET_ID", "DONE"),
    # Of such ledgers there is one above and one below, whose other names are odd too.
    pytest.param("T", "A", "B", '"my ledger"', marks=pytest.mark.soak),
    pytest.param("T", "A", "B", '"L\'s"', marks=pytest.mark.soak),
    ('"It\'s"', '"id\'s"', '"what\'s ""up"""', '"It\'s ""so"""'),
]


@pytest.mark.parametrize(("table", "id_column", "text_column", "into"), NAMES)
def test_tables_and_columns_may_have_any_name(
    session: Any, table: str, id_column: str, text_column: str, into: str
) -> None:
    rows = [("1", "My phone was lost."), ("2", "My phone was lost."), ("3", "Roaming fees abroad"), ("4", None)]
    make(session, rows, table, (id_column, text_column))
    source = TicketSource(table=table, id=id_column, text=text_column)
    classifier = teacher(session)
    assert classifier.estimate(source).n_texts == 2
    run = classifier.classify_table(source, into=into)
    assert (run.n_tickets, run.n_texts_asked, dict(run.n_by_outcome)) == (4, 2, {"valid": 3, "blank": 1})
    assert classifier.classify_table(source, into=into).n_texts_asked == 0
    found = sorted((row["TICKET_ID"], row["LABEL"]) for row in run.to_dataframe().collect())
    assert found == [("1", "Lost phone"), ("2", "Lost phone"), ("3", "Roaming fees"), ("4", None)]
    lazily = sorted((row["TICKET_ID"], row["LABEL"]) for row in classifier.to_dataframe(source).collect())
    assert lazily == found


ODD_LABELS = [
    "It's broken",
    'The "other" one',
    "Back\\slash \\n",
    "Costs $5 & more",
    "Größe – 大小 \U0001f600",
    "{0} %s ? :1",
    "-- comment",
    "; DROP TABLE T",
]


@pytest.mark.parametrize("function", ["AI_COMPLETE", "AI_CLASSIFY"])
def test_labels_may_have_any_letters_through_one_many_and_a_table(session: Any, function: str) -> None:
    model = "claude-sonnet-4-6" if function == "AI_COMPLETE" else None
    classifier = teacher(session, labels=ODD_LABELS, model=model, function=function)
    texts = [f"This ticket is about: {label}" for label in ODD_LABELS]
    make(session, [(str(n), text) for n, text in enumerate(texts)])
    many = [prediction.label for prediction in classifier.classify_many(texts)]
    run = classifier.classify_table("T", into="L")
    table = [label for (label,) in values(session, "SELECT LABEL FROM L ORDER BY TICKET_ID")]
    one = [classifier.classify(text).label for text in texts[:4]]
    assert many == ODD_LABELS
    assert table == ODD_LABELS
    assert one == ODD_LABELS[:4]
    assert run.rows_query()


def test_seventy_seven_labels_are_a_label_set(session: Any) -> None:
    nouns = ["card", "transfer", "refund", "top-up", "rate", "PIN", "identity", "balance", "fee", "limit", "app"]
    states = ("missing", "declined", "pending", "wrong", "reverted", "unknown", "blocked")
    labels = [f"{noun} {state}" for noun in nouns for state in states]
    assert len(labels) == 77
    classifier = teacher(session, labels=labels)
    texts = [f"Hello, {label}, please help" for label in labels]
    assert [one.label for one in classifier.classify_many(texts)] == labels


def test_a_set_may_have_hundreds_of_labels(session: Any) -> None:
    labels = [f"matter {number} of {number * 7}" for number in range(200)]
    classifier = teacher(session, labels=labels)
    texts = [f"My {label}, please" for label in labels[::20]]
    assert [one.label for one in classifier.classify_many(texts)] == labels[::20]


def test_an_abstain_label_is_an_outcome_of_its_own(session: Any) -> None:
    labels = LabelSet(labels=(*(Label(name=name) for name in LABELS), Label(name="Other")), abstain="Other")
    classifier = teacher(session, labels=labels)
    prediction = classifier.classify("This one is Other, Other and Other.")
    assert (prediction.label, prediction.outcome) == ("Other", Outcome.ABSTAINED)


def test_rows_equal_in_id_and_text_are_one_ticket(session: Any) -> None:
    rows = [
        ("1", "My phone was lost."),
        ("1", "My phone was lost."),
        ("1", "Add a new line"),
        ("2", "My phone was lost."),
        ("3", None),
        ("3", ""),
    ]
    make(session, rows)
    run = teacher(session).classify_table("T", into="L")
    assert (run.n_rows, run.n_tickets, run.n_texts_asked, run.n_left) == (6, 4, 2, 0)
    assert values(session, "SELECT TICKET_ID, LABEL, INPUT_TOKENS IS NULL FROM L ORDER BY 1, 2 NULLS LAST") == [
        ("1", "Add new line", False),
        ("1", "Lost phone", False),
        ("2", "Lost phone", True),
        ("3", None, True),
    ]
    assert values(session, "SELECT N_ROWS, N_TICKETS, N_LEFT, STATE FROM L_RUNS") == [(6, 4, 0, "COMPLETE")]


def test_an_edited_ticket_keeps_its_old_row_and_gets_a_new_one(session: Any) -> None:
    make(session, [("1", "My phone was lost.")])
    teacher(session).classify_table("T", into="L")
    session.sql("UPDATE T SET REQUEST = 'Add a new line'").collect()
    run = teacher(session).classify_table("T", into="L")
    assert (run.n_texts_asked, dict(run.n_by_outcome)) == (1, {"valid": 1})
    assert values(session, "SELECT LABEL FROM L ORDER BY 1") == [("Add new line",), ("Lost phone",)]


def test_ids_may_be_numbers_and_a_source_may_be_a_view(session: Any) -> None:
    session.sql("CREATE TABLE N (NO NUMBER(10,0), BODY VARCHAR)").collect()
    session.sql("INSERT INTO N VALUES (7, 'My phone was lost.'), (70, 'Add a new line')").collect()
    session.sql("CREATE VIEW V AS SELECT NO, BODY FROM N").collect()
    run = teacher(session).classify_table(TicketSource(table="V", id="NO", text="BODY"), into="L")
    assert run.n_tickets == 2
    assert values(session, "SELECT TICKET_ID, LABEL FROM L ORDER BY 1") == [("7", "Lost phone"), ("70", "Add new line")]


def test_two_classifiers_and_two_sources_share_a_ledger(session: Any) -> None:
    make(session, [("1", "My phone was lost."), ("2", "Add a new line")])
    make(session, [("1", "My phone was lost."), ("9", "My phone was lost.")], "U")
    small = teacher(session, model="llama3.1-8b")
    assert teacher(session).classify_table("T", into="L").n_texts_asked == 2
    assert small.classify_table("T", into="L").n_texts_asked == 2
    # What the same classifier was asked of another table is known already.
    other = teacher(session).classify_table("U", into="L")
    assert (other.n_texts_asked, other.n_tickets, dict(other.n_by_outcome)) == (0, 2, {"valid": 2})
    assert values(session, "SELECT COUNT(*), COUNT(DISTINCT CLASSIFIER_HASH) FROM L") == [(5, 2)]
    assert sorted(row["TICKET_ID"] for row in other.to_dataframe().collect()) == ["1", "9"]
    assert len(session.sql(other.rows_query()).collect()) == 3


def test_tickets_without_an_id_are_refused_before_anything_is_written(session: Any) -> None:
    make(session, [("1", "My phone was lost."), (None, "Add a new line")])
    with pytest.raises(InvalidInputError, match="1 of 2 rows of T have no TICKET_ID"):
        teacher(session).classify_table("T", into="L")
    assert [row["name"] for row in session.sql("SHOW TABLES").collect()] == ["T"]


def test_a_query_that_cannot_be_read_is_bad_input(session: Any) -> None:
    with pytest.raises(InvalidInputError, match="cannot run"):
        teacher(session).classify_table(TicketSource(query="SELEC * FRM T"), into="L")


def test_a_runs_table_of_another_form_is_refused(session: Any) -> None:
    make(session, [("1", "My phone was lost.")])
    session.sql("CREATE TABLE L_RUNS (A INT)").collect()
    with pytest.raises(InvalidInputError, match=r"L_RUNS, where the runs of .* is a table of another form"):
        teacher(session).classify_table("T", into="L")
    assert values(session, "SELECT COUNT(*) FROM L_RUNS") == [(0,)]


def test_a_session_that_commits_nothing_by_itself_is_refused(session: Any) -> None:
    make(session, [("1", "My phone was lost.")])
    session.sql("ALTER SESSION SET AUTOCOMMIT = FALSE").collect()
    with pytest.raises(InvalidInputError, match="AUTOCOMMIT = FALSE, so what was asked and paid for"):
        teacher(session).classify_table("T", into="L")
    session.sql("ALTER SESSION SET AUTOCOMMIT = TRUE").collect()
    assert teacher(session).classify_table("T", into="L").is_complete


def test_a_run_that_dies_is_finished_by_the_next(session: Any) -> None:
    make(session, [(f"{n}", f"My phone was lost {n} days ago.") for n in range(9)])

    def die(progress: RunProgress) -> None:
        if progress.n_done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        teacher(session).classify_table("T", into="L", chunk_rows=3, progress=die)
    assert values(session, "SELECT STATE, REASON, N_TEXTS_ASKED, INPUT_TOKENS > 0 FROM L_RUNS") == [
        ("INTERRUPTED", "KeyboardInterrupt", 6, True)
    ]
    run = teacher(session).classify_table("T", into="L", chunk_rows=3)
    assert (run.n_texts_asked, run.is_complete) == (3, True)
    assert values(session, "SELECT COUNT(*), COUNT(DISTINCT TICKET_ID) FROM L") == [(9, 9)]


def test_an_error_on_one_of_equal_texts_is_mended_without_asking(session: Any) -> None:
    make(session, [("1", "My phone was lost."), ("2", "My phone was lost."), ("3", "Add a new line")])
    teacher(session).classify_table("T", into="L")
    session.sql("UPDATE L SET OUTCOME = 'error', LABEL = NULL, ERROR = 'x' WHERE TICKET_ID IN ('2', '3')").collect()
    run = teacher(session).classify_table("T", into="L")
    assert (run.n_texts_asked, run.is_complete) == (1, True)
    assert values(session, "SELECT TICKET_ID, LABEL, ERROR FROM L ORDER BY 1") == [
        ("1", "Lost phone", None),
        ("2", "Lost phone", None),
        ("3", "Add new line", None),
    ]


def test_a_record_reads_back_and_its_rows_are_a_dataframe(session: Any) -> None:
    make(session, [("1", "My phone was lost."), ("2", " ")])
    run = teacher(session).classify_table("T", into="L")
    assert TableRun.model_validate_json(run.model_dump_json()) == TableRun.model_validate(run.model_dump())
    frame = run.to_dataframe()
    assert frame.filter("OUTCOME = 'blank'").count() == 1
    assert frame.filter("LABEL = 'Lost phone'").count() == 1


def test_a_very_long_text_is_one_text(session: Any) -> None:
    long = "My phone was lost. " * 60_000
    make(session, [("1", long)])
    assert teacher(session).classify_many([long, "Add a new line"])[0].label == "Lost phone"
    assert dict(teacher(session).classify_table("T", into="L").n_by_outcome) == {"valid": 1}


def test_white_space_is_blank_alike_in_a_list_and_a_table(session: Any) -> None:
    texts = ["\t\r\n ", "\N{NO-BREAK SPACE}", "\x0b", ""]
    make(session, [(str(n), text) for n, text in enumerate(texts)])
    teacher(session).classify_table("T", into="L")
    table = [outcome == "blank" for (outcome,) in values(session, "SELECT OUTCOME FROM L ORDER BY TICKET_ID")]
    assert [one.outcome is Outcome.BLANK for one in teacher(session).classify_many(texts)] == table


def test_no_word_of_a_ticket_is_logged(session: Any, caplog: pytest.LogCaptureFixture) -> None:
    make(session, [("1", "Zanzibar, and I can't roam.")])
    with caplog.at_level(logging.DEBUG, logger="cortex_tickets"):
        teacher(session).classify(Ticket(id="1", text="Zanzibar, and I can't roam."))
        teacher(session).classify_table("T", into="L")
        with pytest.raises(CortexError) as raised:
            teacher(session).classify_table(
                TicketSource(query="SELECT TICKET_ID, REQUEST::NUMBER::VARCHAR AS REQUEST FROM T"), into="M"
            )
    assert "statement took" in caplog.text
    assert "Zanzibar" not in caplog.text
    assert "Zanzibar" not in str(raised.value)
    assert "roam" not in str(raised.value)
