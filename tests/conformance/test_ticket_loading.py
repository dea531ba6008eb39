from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import samples
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ticket_loading import load_gold, load_tickets

HOSTILE = [
    "'); DROP TABLE T; --", "a $plan", "\\n \\ \\\\", "line\r\nbreak\nx", "\"q\" '' \"\"", "$90 {0} ? :1 %s",
    "日本 🎉 é", "null", "[1,2]", '{"a":1}', "true", "  lead ", "", "123", "1.0", "\N{LINE SEPARATOR}",
]  # fmt: skip


def write_csv(path: Path, rows: list[tuple[str, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


def values(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.as_dict().values()) for row in session.sql(query).collect()]


def test_hostile_texts_arrive_as_they_stand(session: Any, tmp_path: Path) -> None:
    rows = [(f"T{number:02}", text, text) for number, text in enumerate(HOSTILE)]
    path = write_csv(tmp_path / "t.csv", [("TICKET_ID", "REQUEST", 'Case "no"'), *rows])
    load_tickets(session, path, table="T")
    assert values(session, 'SELECT TICKET_ID, REQUEST, "CASE ""NO""" FROM T ORDER BY TICKET_ID') == rows
    assert not load_tickets(session, path, table="T").was_written


def test_the_samples_are_loaded_and_every_ticket_has_its_gold_label(session: Any) -> None:
    for was_written in (True, False):
        assert load_tickets(session, samples.support_tickets(), table="TICKETS").was_written is was_written
        assert load_gold(session, samples.gold_labels(), table="GOLD").was_written is was_written
    joined = (
        "SELECT COUNT(*) AS N FROM TICKETS T JOIN GOLD G "
        "ON G.TICKET_ID = T.TICKET_ID AND G.TEXT_HASH = SHA2(T.REQUEST, 256)"
    )
    assert values(session, joined) == [(151,)]
    assert values(session, "SELECT COUNT(*) AS N FROM TICKETS WHERE CONTACT_PREFERENCE = 'Text Message'") == [(89,)]
    moments = "SELECT DISTINCT LABELLED_AT::DATE::VARCHAR AS D, SOURCE FROM GOLD"
    assert values(session, moments) == [("2026-11-22", "random_sample")]


def test_a_table_with_other_rows_is_kept_or_replaced_as_asked(session: Any, tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [("TICKET_ID", "REQUEST"), ("1", "a"), ("1", "a"), ("2", "b")])
    second = write_csv(tmp_path / "b.csv", [("TICKET_ID", "REQUEST"), ("1", "a"), ("2", "b"), ("2", "b")])
    load_tickets(session, first, table="T")
    with pytest.raises(InvalidInputError, match="replace=True"):
        load_tickets(session, second, table="T")
    assert len(values(session, "SELECT * FROM T WHERE TICKET_ID = '1'")) == 2
    assert load_tickets(session, second, table="T", replace=True).was_written
    assert len(values(session, "SELECT * FROM T WHERE TICKET_ID = '2'")) == 2


def test_nothing_but_the_table_is_left_behind(session: Any, tmp_path: Path) -> None:
    load_tickets(session, write_csv(tmp_path / "a.csv", [("TICKET_ID", "REQUEST"), ("1", "a")]), table="T")
    assert [row["name"] for row in session.sql("SHOW TABLES").collect()] == ["T"]
