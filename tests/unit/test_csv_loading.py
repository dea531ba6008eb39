from __future__ import annotations

import csv
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets import samples
from cortex_tickets._loading.gold_rows import text_hash
from cortex_tickets._loading.table_writing import Deadline, insert_statements
from cortex_tickets.csv_file import CsvRow, RejectedRow, read_csv
from cortex_tickets.errors import InvalidInputError, StatementTimeoutError, UnexpectedAnswerError
from cortex_tickets.records.table_name import TableName
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error
from cortex_tickets.ticket_loading import load_gold, load_tickets

HEADER = "TICKET_ID,CUSTOMER_NAME,REQUEST,CONTACT_PREFERENCE\n"
GOLD_HEADER = "TICKET_ID,REQUEST,LABEL,SOURCE,ANNOTATOR,LABELLED_AT\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_file(content: str | bytes, name: str = "tickets.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write_file


class Warehouse:
    """A session in which rows arrive; `table` is the description of what is there before."""

    def __init__(self, *, columns: list[str] | None = None, n_rows: int = 0, is_same: bool = False) -> None:
        self.session = FakeSession()
        self.arrived: list[Any] = []
        self.session.answer("", [])
        self.session.answer("EXCEPT", [{"N": 0 if is_same else 1}])
        self.session.answer(r"SELECT COUNT\(\*\) AS N FROM \S+$", [{"N": n_rows}])
        self.session.answer(r"SELECT COUNT\(\*\) AS N FROM \S+_LOAD_", lambda _: [{"N": len(self.arrived)}])
        self.session.answer("^INSERT", self._arrive)
        self.session.answer("CURRENT_DATABASE", [{"DATABASE_NAME": "DB", "SCHEMA_NAME": "PUBLIC"}])
        described: Any = [{"name": name} for name in columns] if columns else snowflake_error("does not exist", 2003)
        self.session.answer("^DESCRIBE", described)

    def _arrive(self, statement: SentStatement) -> list[dict[str, Any]]:
        self.arrived += json.loads(statement.values[0])
        return []

    def verbs(self) -> list[str]:
        return [text.split()[0] for text in self.session.texts()]


def problems_of(path: Path, session: FakeSession | None = None, **options: Any) -> tuple[str, ...]:
    used = session or FakeSession()
    with pytest.raises(InvalidInputError) as caught:
        load_tickets(used, path, table="T", **options)
    assert not used.sent, "nothing may be sent before the file is known to be good"
    return caught.value.problems


def test_the_sample_tickets_are_loaded_row_by_row_and_what_repeats_is_told() -> None:
    warehouse = Warehouse()
    report = load_tickets(warehouse.session, samples.support_tickets(), table="SUPPORT_TICKETS")
    assert (report.n_rows, report.n_texts, report.n_blank, report.n_ids) == (151, 130, 0, 148)
    assert report.repeated_ids == {"TR1567": 2, "TR5141": 2, "TR9701": 2}
    assert report.table == "DB.PUBLIC.SUPPORT_TICKETS"
    assert report.was_written
    assert "VARCHAR(10)" in report.notes[0]
    assert "3 ids repeat: TR1567 (2 rows)" in str(report)
    with samples.support_tickets().open(newline="", encoding="utf-8") as file:
        assert warehouse.arrived == list(csv.reader(file))[1:]


def test_the_table_is_put_in_place_by_one_statement_and_no_column_has_a_length() -> None:
    warehouse = Warehouse()
    load_tickets(warehouse.session, samples.support_tickets(), table="S")
    texts = warehouse.session.texts()
    assert [text for text in texts if '"S"' in text and text.startswith("CREATE")] == [
        text for text in texts if text.startswith('CREATE TABLE "DB"."PUBLIC"."S" AS SELECT "TICKET_ID"')
    ]
    assert "VARCHAR(" not in "".join(texts)
    assert texts[-1].startswith("DROP TABLE IF EXISTS")


def test_texts_are_bound_and_stand_in_no_statement(write: Write) -> None:
    warehouse = Warehouse()
    hostile = "'); DROP TABLE T; -- $1 ? \\ \n\"quoted\" it's {0}"
    path = write(HEADER + f'TR1,Ann,"{hostile.replace(chr(34), chr(34) * 2)}",Email\n')
    load_tickets(warehouse.session, path, table="T")
    assert warehouse.arrived == [["TR1", "Ann", hostile, "Email"]]
    assert not any("DROP TABLE T" in text for text in warehouse.session.texts())


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_arrives_as_it_stands_but_for_nul(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("TICKET_ID", "REQUEST"), ("TR1", text)])
    row = next(read_csv(path).rows())
    assert isinstance(row, CsvRow)
    assert row.values == ("TR1", text.replace("\x00", "\N{REPLACEMENT CHARACTER}"))


def test_a_byte_order_mark_and_a_header_in_lower_case_are_accepted(write: Write) -> None:
    warehouse = Warehouse()
    load_tickets(warehouse.session, write(b"\xef\xbb\xbfticket_id, request \nTR1,Hi\n"), table="T")
    assert warehouse.arrived == [["TR1", "Hi"]]


def test_blank_texts_are_loaded_and_counted(write: Write) -> None:
    warehouse = Warehouse()
    report = load_tickets(warehouse.session, write("TICKET_ID,REQUEST\nTR1,\nTR2,  \nTR3,Hi\n"), table="T")
    assert (report.n_rows, report.n_blank, len(warehouse.arrived)) == (3, 2, 3)


def test_columns_may_have_other_names_and_more_of_them_are_kept(write: Write) -> None:
    warehouse = Warehouse()
    path = write("Case No;Body;Plan name\n7;Hi;Gold\n")
    load_tickets(warehouse.session, path, table="T", columns={"id": "Case no", "text": "Body"}, delimiter=";")
    insert = next(text for text in warehouse.session.texts() if text.startswith("INSERT"))
    assert '("TICKET_ID", "REQUEST", "PLAN NAME")' in insert
    assert warehouse.arrived == [["7", "Hi", "Gold"]]


def test_dates_are_loaded_as_moments_and_what_is_none_is_a_bad_row(write: Write) -> None:
    header = "TICKET_ID,REQUEST,CREATED_AT\n"
    warehouse = Warehouse()
    path = write(header + "1,Hi,2026-01-02\n2,Hi,2026-01-02T03:04:05+02:00\n3,Hi,\n")
    load_tickets(warehouse.session, path, table="T")
    assert [row[2] for row in warehouse.arrived] == ["2026-01-02 00:00:00+00:00", "2026-01-02 01:04:05+00:00", None]
    (problem, advice) = problems_of(write(header + "1,Hi,yesterday\n"))
    assert "Row 1 (line 2) has another CREATED_AT than a date and time" in problem
    assert "skip_bad_rows" in advice


def test_missing_columns_are_all_listed_with_what_is_there(write: Write) -> None:
    (problem,) = problems_of(write("ID,BODY\n1,Hi\n"), columns={"customer_name": "WHO"})
    assert "no column TICKET_ID, REQUEST, WHO" in problem
    assert "It has: ID, BODY" in problem


def test_another_delimiter_is_guessed_in_the_message(write: Write) -> None:
    (problem,) = problems_of(write("TICKET_ID;REQUEST\n1;Hi\n"))
    assert "delimiter=';'" in problem


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            HEADER.encode() + b"TR1,Ann,ok,Email\nTR2,Ren\xe9,Hi,Email\n",
            ("0xe9", "position 75", "line 3", "Windows-1252"),
        ),
        ("TICKET_ID,REQUEST\n".encode("utf-16"), ("0xff", "position 0", "line 1", "UTF-16")),
        (b"\xef\xbb\xbfTICKET_ID,REQUEST\n\xff", ("0xff", "position 21", "line 2")),
    ],
)
def test_another_encoding_is_refused_with_its_place(write: Write, content: bytes, expected: tuple[str, ...]) -> None:
    (problem,) = problems_of(write(content), skip_bad_rows=True)
    assert all(part in problem for part in expected), problem


def test_every_bad_row_is_named_at_once_and_no_text_is_shown(write: Write) -> None:
    path = write(
        HEADER + 'TR1,Ann,Secret,Email,more\nTR2,Bo\n\n,Cy,Secret,Email\nTR4,Di,"Secret"x,Email\nTR5,Ed,Hi,Email\n'
    )
    problems = problems_of(path)
    assert [problem.split(": ", 1)[1] for problem in problems[:-1]] == [
        "Row 1 (line 2) has 5 cells where the header has 4.",
        "Row 2 (line 3) has 2 cells where the header has 4.",
        "Row 3 (line 5) has no ticket id.",
        "Row 4 (line 6) is not well-formed CSV (',' expected after '\"').",
    ]
    assert "skip_bad_rows=True" in problems[-1]
    assert "Secret" not in "".join(problems)


def test_many_bad_rows_are_counted(write: Write) -> None:
    problems = problems_of(write(HEADER + "x\n" * 60))
    assert len(problems) == 52
    assert "10 more rows" in problems[50]


def test_good_rows_are_loaded_when_asked_and_the_others_kept_with_their_reasons(write: Write) -> None:
    warehouse = Warehouse()
    path = write(HEADER + 'TR1,Ann,"line 1\nline 2",Email\nTR2,Bo\n,Cy,"a ""b""\nc",Email\n')
    report = load_tickets(warehouse.session, path, table="T", skip_bad_rows=True)
    assert warehouse.arrived == [["TR1", "Ann", "line 1\nline 2", "Email"]]
    assert report.n_rejected == 2
    assert report.rejected == path.with_name("tickets.rejected.csv")
    assert "2 rows rejected" in str(report)
    with report.rejected.open(newline="", encoding="utf-8") as file:
        assert list(csv.DictReader(file)) == [
            {"ROW_NUMBER": "2", "LINE": "4", "REASON": "has 2 cells where the header has 4", "ROW": "TR2,Bo\n"},
            {"ROW_NUMBER": "3", "LINE": "5", "REASON": "has no ticket id", "ROW": ',Cy,"a ""b""\nc",Email\n'},
        ]


def test_nobody_but_their_owner_may_read_what_is_left_out(write: Write) -> None:
    report = load_tickets(Warehouse().session, write(HEADER + "TR1,Ann,Hi,Email\nTR2\n"), table="T", skip_bad_rows=True)
    assert report.rejected is not None
    assert stat.S_IMODE(report.rejected.stat().st_mode) == 0o600


def test_rejected_rows_that_cannot_be_kept_stop_the_load(write: Write, tmp_path: Path) -> None:
    path = write(HEADER + "TR1,Ann,Hi,Email\nTR2\n")
    (problem,) = problems_of(path, skip_bad_rows=True, rejected=tmp_path / "no" / "folder.csv")
    assert "cannot be kept" in problem


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('TR2,Bo,"never closed,Email\nTR3,Cy,Hi,Email\n', "never closed"),
        ("TR2,Bo," + "x" * 16_777_217 + ",Email\n", "16,777,216"),
    ],
)
def test_a_row_whose_end_nobody_can_find_is_never_skipped(write: Write, row: str, reason: str) -> None:
    problems = problems_of(write(HEADER + "TR1,Ann,Hi,Email\n" + row), skip_bad_rows=True)
    assert len(problems) == 1
    assert reason in problems[0]
    assert "Row 2 (line 3)" in problems[0]


def test_a_long_ticket_is_a_ticket_and_the_limit_of_others_stays(write: Write) -> None:
    warehouse, limit = Warehouse(), csv.field_size_limit()
    load_tickets(warehouse.session, write(HEADER + f"TR1,Ann,{'x' * 200_000},Email\n"), table="T")
    assert warehouse.arrived == [["TR1", "Ann", "x" * 200_000, "Email"]]
    assert csv.field_size_limit() == limit


@pytest.mark.parametrize(
    ("content", "options", "expected"),
    [
        ("", {}, "no header"),
        ("\n", {}, "no header"),
        ('"TICKET_ID', {}, "header cannot be read"),
        (HEADER, {}, "no rows after its header"),
        (HEADER + "x\n", {"skip_bad_rows": True}, "no rows that can be loaded"),
        ("TICKET_ID,ticket_id,REQUEST\n1,2,3\n", {}, "TICKET_ID stands more than once"),
        ("TICKET_ID,,REQUEST\n1,2,3\n", {}, "column 2 has no name"),
        ("TICKET_ID,REQUEST,BODY\n1,2,3\n", {"columns": {"text": "body"}}, "REQUEST beside the one"),
        (HEADER + "1,2,3,4\n", {"columns": {"tekst": "body"}}, "unknown role tekst"),
        (HEADER + "1,2,3,4\n", {"delimiter": "||"}, "delimiter='||'"),
        (HEADER + "1,2,3,4\n", {"rejected": "r.csv"}, "skip_bad_rows=True leaves out"),
        (HEADER + "1,2,3,4\n", {"timeout": 0.0}, "timeout=0.0"),
    ],
)
def test_what_cannot_be_loaded_is_refused(write: Write, content: str, options: dict[str, Any], expected: str) -> None:
    assert expected in "\n".join(problems_of(write(content), **options))


def test_problems_of_options_and_file_come_together(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as caught:
        load_tickets(FakeSession(), tmp_path / "none.csv", table="no table!", rejected="r.csv")
    assert len(caught.value.problems) == 3
    assert "No such file" in str(caught.value)


def test_the_file_itself_is_no_place_for_its_rejected_rows(write: Write) -> None:
    path = write(HEADER + "1,2,3,4\nx\n")
    assert "file to be loaded" in problems_of(path, skip_bad_rows=True, rejected=path)[0]


COLUMNS = ["TICKET_ID", "CUSTOMER_NAME", "REQUEST", "CONTACT_PREFERENCE"]
ONE_ROW = HEADER + "TR1,Ann,Hi,Email\n"


def test_a_table_that_holds_the_rows_already_is_left_alone(write: Write) -> None:
    for replace in (False, True):
        warehouse = Warehouse(columns=COLUMNS, n_rows=1, is_same=True)
        report = load_tickets(warehouse.session, write(ONE_ROW), table="T", replace=replace)
        assert not report.was_written
        assert "unchanged" in str(report)
        assert not any(text.startswith(("CREATE TABLE", "CREATE OR REPLACE")) for text in warehouse.session.texts())


@pytest.mark.parametrize(
    ("columns", "n_rows", "what", "verbs"),
    [
        (["TICKET_ID", "OTHER"], 1, "other columns", ["SELECT", "DESCRIBE"]),
        (COLUMNS, 2, "other rows", ["SELECT", "DESCRIBE", "SELECT"]),
    ],
)
def test_a_table_that_is_seen_to_differ_is_refused_before_anything_is_written(
    write: Write, columns: list[str], n_rows: int, what: str, verbs: list[str]
) -> None:
    warehouse = Warehouse(columns=columns, n_rows=n_rows)
    with pytest.raises(InvalidInputError, match=what):
        load_tickets(warehouse.session, write(ONE_ROW), table="T")
    assert warehouse.verbs() == verbs


def test_a_table_with_other_rows_is_replaced_only_when_asked(write: Write) -> None:
    warehouse = Warehouse(columns=COLUMNS, n_rows=1, is_same=False)
    with pytest.raises(InvalidInputError, match="replace=True"):
        load_tickets(warehouse.session, write(ONE_ROW), table="T")
    warehouse = Warehouse(columns=COLUMNS, n_rows=1, is_same=False)
    assert load_tickets(warehouse.session, write(ONE_ROW), table="T", replace=True).was_written
    assert any(
        text.startswith('CREATE OR REPLACE TABLE "DB"."PUBLIC"."T" COPY GRANTS') for text in warehouse.session.texts()
    )


def test_a_load_that_fails_half_way_leaves_the_table_and_clears_up(write: Write) -> None:
    warehouse = Warehouse()
    warehouse.session.answer("^INSERT", snowflake_error("SQL compilation error", 1003))
    with pytest.raises(Exception, match="compilation"):
        load_tickets(warehouse.session, write(ONE_ROW), table="T")
    assert warehouse.verbs()[-1] == "DROP"
    assert not any(text.startswith('CREATE TABLE "DB"."PUBLIC"."T"') for text in warehouse.session.texts())


def test_rows_that_did_not_arrive_are_noticed(write: Write) -> None:
    warehouse = Warehouse()
    warehouse.session.answer("^INSERT", [])
    with pytest.raises(UnexpectedAnswerError, match="of 1 rows that were sent, 0 arrived"):
        load_tickets(warehouse.session, write(ONE_ROW), table="T")


def test_many_rows_go_in_bounded_statements(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cortex_tickets._loading.table_writing.BLOCK_ROWS", 2)
    monkeypatch.setattr("cortex_tickets._loading.table_writing.BLOCK_CHARACTERS", 60)
    warehouse = Warehouse()
    path = write("TICKET_ID,REQUEST\n" + "1,a\n2,b\n3,c\n" + "4," + "x" * 100 + "\n5,y\n")
    load_tickets(warehouse.session, path, table="T")
    inserts = [json.loads(sent.values[0]) for sent in warehouse.session.sent if sent.text.startswith("INSERT")]
    assert [[row[0] for row in block] for block in inserts] == [["1", "2"], ["3"], ["4"], ["5"]]


def test_no_rows_are_no_statement() -> None:
    assert list(insert_statements(TableName.parse("T"), {"A": "VARCHAR"}, [])) == []


def test_statements_share_the_timeout(write: Write) -> None:
    warehouse = Warehouse()
    load_tickets(warehouse.session, write(ONE_ROW), table="T", timeout=30)
    insert = next(sent for sent in warehouse.session.sent if sent.text.startswith("INSERT"))
    assert 1 <= insert.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] <= 30
    assert '"operation": "load"' in insert.parameters["QUERY_TAG"]


def test_a_deadline_that_is_over_raises() -> None:
    clock = FakeClock()
    deadline = Deadline(clock, 5)
    clock.sleep(5)
    with pytest.raises(StatementTimeoutError, match="the table is as it was"):
        deadline.left()


# --- gold ---


def test_the_packaged_gold_names_every_ticket_by_id_and_the_hash_of_its_text() -> None:
    with samples.support_tickets().open(newline="", encoding="utf-8") as file:
        tickets = list(csv.DictReader(file))
    with samples.gold_labels().open(newline="", encoding="utf-8") as file:
        gold = list(csv.DictReader(file))
    assert [(row["TICKET_ID"], row["TEXT_HASH"]) for row in gold] == [
        (row["TICKET_ID"], text_hash(row["REQUEST"])) for row in tickets
    ]
    assert {row["SOURCE"] for row in gold} == {"random_sample"}
    assert {row["LABELLED_AT"] for row in gold} == {"2026-11-22"}
    assert {row["ANNOTATOR"] for row in gold} == {"cortex-tickets"}


def test_the_licence_notice_is_packaged_beside_the_samples() -> None:
    assert "Apache License 2.0" in (samples.support_tickets().parent / "NOTICE.txt").read_text()


def test_gold_is_loaded_with_its_labels_counted() -> None:
    warehouse = Warehouse()
    report = load_gold(warehouse.session, samples.gold_labels(), table="TICKET_GOLD")
    assert report.n_rows == 151
    assert report.n_texts == 130
    assert report.n_by_label == {"Roaming fees": 77, "Add new line": 29, "Closing account": 28, "Slow data speed": 17}
    assert "Roaming fees 77" in str(report)
    assert warehouse.arrived[0][2:] == [
        "Roaming fees", "random_sample", "cortex-tickets", "2026-11-22 00:00:00+00:00"
    ]  # fmt: skip


def test_gold_with_the_text_gets_its_hash_and_what_says_the_same_is_kept_once(write: Write) -> None:
    warehouse = Warehouse()
    path = write(GOLD_HEADER + "TR1,Hi,Other , CORRECTION,,\nTR1,Hi,Other,correction,Bo,2026-11-22T10:00:00+02:00\n")
    report = load_gold(warehouse.session, path, table="G")
    assert warehouse.arrived == [["TR1", text_hash("Hi"), "Other", "correction", None, None]]
    assert report.n_duplicates == 1
    assert "1 duplicates left out" in str(report)


def test_a_correction_and_a_label_of_a_random_sample_are_both_kept_whatever_they_say(write: Write) -> None:
    warehouse = Warehouse()
    path = write(
        GOLD_HEADER
        + "TR1,Hi,A,correction,,\nTR1,Hi,A,random_sample,,\nTR2,Hi,A,correction,,\nTR2,Hi,B,random_sample,,\n"
    )
    report = load_gold(warehouse.session, path, table="G")
    assert [row[2:4] for row in warehouse.arrived] == [
        ["A", "correction"], ["A", "random_sample"], ["A", "correction"], ["B", "random_sample"]
    ]  # fmt: skip
    assert report.n_duplicates == 0


def test_a_gold_file_may_have_the_hash_in_capitals_and_no_annotator(write: Write) -> None:
    warehouse = Warehouse()
    path = write(
        f"CASE,TEXT_HASH,LABEL,SOURCE,LABELLED_AT\n1,{text_hash('Hi').upper()},A,random_sample,2026-11-22T10:00:00+02:00\n"
    )
    load_gold(warehouse.session, path, table="G", columns={"ticket_id": "case"})
    assert warehouse.arrived == [["1", text_hash("Hi"), "A", "random_sample", None, "2026-11-22 08:00:00+00:00"]]


def gold_problems(path: Path, **options: Any) -> str:
    session = FakeSession()
    with pytest.raises(InvalidInputError) as caught:
        load_gold(session, path, table="G", **options)
    assert not session.sent
    return str(caught.value)


def test_gold_rows_that_cannot_be_gold_are_refused_together(write: Write) -> None:
    path = write(
        "TICKET_ID,TEXT_HASH,TEXT,LABEL,SOURCE,LABELLED_AT\n"
        f",{text_hash('a')},a, ,teacher,\n1,abc,a,A,correction,\n2,{text_hash('b')},a,A,correction,\n"
        f"3,{text_hash('a')},a,A,correction,yesterday\nshort\n"
    )
    problems = gold_problems(path)
    assert (
        "Row 1 (line 2) has no ticket id; has no label; has a text of 7 characters as its source; expected" in problems
    )
    assert "Row 2 (line 3) has a text hash that is not 64" in problems
    assert "Row 3 (line 4) has a text hash that is not that of its text" in problems
    assert "Row 4 (line 5) has a text of 9 characters as its date; expected" in problems
    assert "Row 5 (line 6) has 1 cells" in problems


CARD = "My name is Ann Smith, my card is 4111"


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("source", f"has a text of {len(CARD)} characters as its source; expected random_sample or correction"),
        ("labelled_at", f"has a text of {len(CARD)} characters as its date; expected one such as 2026-11-22"),
    ],
)
def test_a_column_of_texts_that_is_named_for_another_role_is_told_by_its_length(
    role: str, expected: str, write: Write
) -> None:
    path = write(f'TICKET_ID,REQUEST,LABEL,SOURCE\n1,"{CARD}",A,correction\n')
    problems = gold_problems(path, columns={role: "REQUEST"})
    assert f"Row 1 (line 2) {expected}" in problems
    assert "Ann" not in problems


def test_texts_that_are_named_as_labels_are_told_by_their_length_or_refused_by_their_number(write: Write) -> None:
    columns = {"label": "BODY"}
    lines = write('TICKET_ID,REQUEST,BODY,SOURCE\n1,Hi,"Dear\nAnn",correction\n')
    told = str(load_gold(Warehouse().session, lines, table="G", columns=columns))
    assert ("a text of 8 characters 1" in told, "Ann" in told) == (True, False)
    many = "".join(f"{number},Hi,Ann {number},correction\n" for number in range(501))
    problems = gold_problems(write(f"TICKET_ID,REQUEST,BODY,SOURCE\n{many}"), columns=columns)
    assert "The column of labels has 501 different ones, and a label set has 500 at most." in problems
    assert "Ann" not in problems
    path = write(f"TICKET_ID,REQUEST,BODY,SOURCE\n1,Hi,{CARD * 2},correction\n".replace(", my", " my"))
    report = load_gold(Warehouse().session, path, table="G", columns=columns)
    assert "Ann" not in str(report) + report._repr_html_()
    assert f"a text of {len(CARD) * 2 - 2} characters 1" in str(report)


def test_the_column_of_texts_is_none_of_labels(write: Write) -> None:
    path = write(f'TICKET_ID,REQUEST,LABEL,SOURCE\n1,"{CARD}",A,correction\n')
    problems = gold_problems(path, columns={"label": "request"})
    assert "has REQUEST as the ticket's text and as its label; name the column of labels with columns={...}" in problems
    assert "Ann" not in problems


def test_a_header_that_says_a_text_twice_does_not_show_it(write: Write) -> None:
    text = CARD.replace(",", "") * 2
    (problem,) = problems_of(write(f"{text},{text}\n1,a\n"))
    assert f"a text of {len(text)} characters stands more than once in the header" in problem


def test_of_many_labels_the_first_are_shown_and_the_others_counted(write: Write) -> None:
    rows = "".join(f"{number},Hi,L{number:02},correction,,\n" for number in range(23))
    report = load_gold(Warehouse().session, write(GOLD_HEADER + rows), table="G")
    assert "L19 1, (3 other labels) 3" in str(report)
    assert "1 L19, 3 (3 other labels)" in report._repr_html_()


def test_texts_that_are_named_as_ids_are_not_shown(write: Write) -> None:
    text = CARD.replace(",", "") * 2
    tickets = load_tickets(
        Warehouse().session, write(f"ID,REQUEST\n{text},a\n{text},b\n"), table="T", columns={"id": "ID"}
    )
    assert f"1 ids repeat: a text of {len(text)} characters (2 rows)" in str(tickets)
    assert "Ann" not in tickets._repr_html_()
    problems = gold_problems(write(GOLD_HEADER + f"{text},a,A,correction,,\n{text},a,B,correction,,\n"))
    assert f"the same ticket a text of {len(text)} characters (rows 1, 2)" in problems


def test_a_file_without_a_header_shows_no_text_of_its_first_row(write: Write) -> None:
    text = CARD.replace(",", "") * 2
    (problem,) = problems_of(write(f"1,{text}\n"))
    assert f"It has: 1, a text of {len(text)} characters." in problem


def test_gold_rows_that_contradict_each_other_are_refused_or_left_out_together(write: Write) -> None:
    path = write(GOLD_HEADER + "TR1,Hi,A,correction,,\nTR2,Hi,B,correction,,\nTR1,Hi,B,correction,,\n")
    assert "contradicts another row about the same ticket TR1 (rows 1, 3)" in gold_problems(path)
    warehouse = Warehouse()
    report = load_gold(warehouse.session, path, table="G", skip_bad_rows=True)
    assert (report.n_rows, report.n_rejected) == (1, 2)


@pytest.mark.parametrize(
    ("header", "options", "expected"),
    [
        ("TICKET_ID,LABEL,SOURCE", {}, "neither TEXT_HASH nor"),
        ("TEXT,ANNOTATOR", {}, "no column TICKET_ID, LABEL, SOURCE"),
        (
            "TICKET_ID,TEXT,LABEL",
            {},
            "SOURCE says how the ticket was chosen: random_sample if it was drawn blind, corr",
        ),
        ("TICKET_ID,TEXT,LABEL,HOW", {"columns": {"source": "ORIGIN"}}, "ORIGIN says how the ticket was chosen"),
        ("TICKET_ID,TEXT,LABEL,SOURCE", {"columns": {"tag": "x"}}, "unknown role tag"),
        ("TICKET_ID,TEXT,LABEL,SOURCE", {"columns": {"annotator": "WHO"}}, "no column WHO"),
    ],
)
def test_a_gold_file_without_what_it_needs_is_refused(
    write: Write, header: str, options: dict[str, Any], expected: str
) -> None:
    assert expected in gold_problems(write(f"{header}\n{','.join('a' * (header.count(',') + 1))}\n"), **options)


def test_gold_counts_blank_texts(write: Write) -> None:
    warehouse = Warehouse()
    assert load_gold(warehouse.session, write(GOLD_HEADER + "TR1,,A,correction,,\n"), table="G").n_blank == 1


def test_bad_rows_of_a_file_are_records_without_text_in_their_repr(write: Write) -> None:
    rows = list(read_csv(write(HEADER + "TR1,Secret\nTR2,Bo,Secret,Email\n")).rows())
    assert isinstance(rows[0], RejectedRow)
    assert "Secret" not in repr(rows)
