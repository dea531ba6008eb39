"""What the user builds: bad values are refused at once, all of them together."""

from pathlib import Path

import pytest

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.budget import Budget, ModelPrice
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.table_name import TableName, column_sql
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource


def test_a_plain_list_of_names_is_a_label_set() -> None:
    assert LabelSet.of(["Roaming fees", "Lost phone"]).names == ("Roaming fees", "Lost phone")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (["Roaming fees"], "at least two labels"),
        ([], "at least two labels"),
        (["Lost phone", "lost PHONE"], "but for case"),
        (["Lost phone", "Lost phone"], "stands twice"),
        (["Lost phone", "  "], "blank"),
        (["Lost phone", "Roaming\nfees"], "cannot be printed"),
        ("Lost phone", "must be a list"),
        (["Lost phone", 3], "not int"),
        (None, "must be a list of names, not None"),
    ],
)
def test_bad_labels_are_refused(labels: object, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        LabelSet.of(labels)  # type: ignore[arg-type]  # a user's mistake


def test_all_problems_of_a_label_set_come_together() -> None:
    with pytest.raises(InvalidInputError) as raised:
        LabelSet.of(["", "A", "a"])
    assert len(raised.value.problems) == 2


def test_an_abstain_label_must_be_in_the_set() -> None:
    with pytest.raises(InvalidInputError, match="add it to them"):
        LabelSet(labels=(Label(name="A"), Label(name="B")), abstain="Other")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_label_set_from_toml(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "labels.toml"
    path.write_text(
        'abstain = "Other"\n[[labels]]\nname = "Roaming fees"\ndescription = "Charges abroad"\n'
        'examples = ["$90 in Japan"]\n[[labels]]\nname = "Other"\n',
        encoding=encoding,
    )
    labels = LabelSet.from_toml(path)
    assert labels.names == ("Roaming fees", "Other")
    assert labels.labels[0].examples == ("$90 in Japan",)
    with pytest.raises(InvalidInputError, match="cannot be read"):
        LabelSet.from_toml(tmp_path / "missing.toml")


def test_an_error_about_a_ticket_does_not_hold_its_text() -> None:
    with pytest.raises(InvalidInputError) as raised:
        Ticket(id="1", text="my secret", unknown="x")  # type: ignore[call-arg]  # a user's mistake
    assert "secret" not in str(raised.value)
    assert "unknown" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("tickets", ("TICKETS",)),
        ("Db.Schema.Tickets", ("DB", "SCHEMA", "TICKETS")),
        ('"My table"', ("My table",)),
        ('a."b""c"', ("A", 'b"c')),
    ],
)
def test_a_table_name_is_kept_as_snowflake_stores_it(name: str, parts: tuple[str, ...]) -> None:
    table = TableName.parse(name)
    assert table.parts == parts
    assert TableName.parse(str(table)) == table
    assert TableName.parse(table.sql) == table


@pytest.mark.parametrize("name", ["", "1a", "a b", "a.b.c.d", "a;drop table b", "a.", ".a", 'a"b', "a--", '""'])
def test_what_is_no_table_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="is not a table name"):
        TableName.parse(name)


def test_a_sibling_and_a_qualified_name() -> None:
    assert TableName.parse("a.b").sibling("_RUNS").parts == ("A", "B_RUNS")
    assert TableName.parse("t").within("D", "S").parts == ("D", "S", "T")
    assert TableName.parse("s.t").within("D", "X").parts == ("D", "S", "T")
    assert TableName.parse("d.s.t").within("X", "X").parts == ("D", "S", "T")


def test_a_column_name_is_quoted() -> None:
    assert column_sql("Request") == '"REQUEST"'
    assert column_sql('"Request"') == '"Request"'
    with pytest.raises(InvalidInputError, match="is not a column name"):
        column_sql("a b; drop")


def test_a_source_is_a_table_or_a_query() -> None:
    assert TicketSource.of("tickets").relation == '"TICKETS"'
    assert TicketSource(query="SELECT 1").relation == "(SELECT 1)"
    assert TicketSource(table="t").column("created_at") == "NULL"
    with pytest.raises(InvalidInputError, match="either table= or query="):
        TicketSource()
    with pytest.raises(InvalidInputError, match="pandas"):
        TicketSource.of([1])


class _Frame:
    def __init__(self, queries: list[str], params: list[object] | None = None) -> None:
        self.queries = {"queries": queries, "post_actions": []}
        query = type("Query", (), {"params": params})()
        self._plan = type("Plan", (), {"queries": [query]})()


def test_a_dataframe_of_one_query_is_a_source() -> None:
    assert TicketSource.of(_Frame(["SELECT * FROM T;"])).query == "SELECT * FROM T"


@pytest.mark.parametrize("frame", [_Frame(["A", "B"]), _Frame(["SELECT ?"], [1])])
def test_a_dataframe_of_several_queries_or_with_binds_is_refused(frame: _Frame) -> None:
    with pytest.raises(InvalidInputError, match="save_as_table"):
        TicketSource.of(frame)


def test_a_budget_limits_something() -> None:
    assert Budget(ai_credits=2).ai_credits == 2
    with pytest.raises(InvalidInputError, match="needs ai_credits"):
        Budget()
    with pytest.raises(InvalidInputError, match="greater than 0"):
        Budget(ai_credits=0)


def test_a_price_is_per_million_tokens() -> None:
    assert ModelPrice(input=1, output=10).credits(1_000_000, 100_000) == pytest.approx(2.0)
