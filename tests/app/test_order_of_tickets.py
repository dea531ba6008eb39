"""Triage shows tickets in the order of their ids: numbers as numbers, texts as texts, page after page."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import press
from cortex_tickets.app.asking import triage
from cortex_tickets.app.desk import Desk

OpenPage = Callable[..., AppTest]


def with_ids(desk: Desk, kind: str, ids: list[str]) -> None:
    desk.rows(f"CREATE OR REPLACE TABLE SUPPORT_TICKETS (TICKET_ID {kind}, REQUEST VARCHAR)")
    for name in ids:
        desk.rows(f"INSERT INTO SUPPORT_TICKETS SELECT ?::{kind}, ?", name, f"text of {name}")


def in_order(desk: Desk) -> list[str]:
    found = triage.find(desk, "none")
    assert found.n_tickets == len(found.tickets)
    return [ticket.ticket_id for ticket in found.tickets]


@pytest.mark.parametrize(
    ("kind", "ids"),
    [
        ("NUMBER", ["-3", "1", "2", "10", "9007199254740992", "9007199254740993", "9223372036854775807"]),
        ("NUMBER(9,1)", ["1.5", "2.0", "10.0"]),
        ("VARCHAR", ["1", "10", "2", "A1", "a1"]),
    ],
)
def test_numbers_are_in_the_order_of_numbers_and_texts_in_that_of_texts(desk: Desk, kind: str, ids: list[str]) -> None:
    with_ids(desk, kind, ids[::-1])
    assert in_order(desk) == ids


def test_tickets_of_one_id_stand_together(desk: Desk) -> None:
    with_ids(desk, "NUMBER", ["2", "10", "1"])
    desk.rows("INSERT INTO SUPPORT_TICKETS VALUES (2, 'another text')")
    assert in_order(desk) == ["1", "2", "2", "10"]


def test_the_next_page_goes_on_where_the_last_one_ended(desk: Desk, opened_page: OpenPage) -> None:
    with_ids(desk, "NUMBER", [str(number) for number in range(12, 0, -1)])

    def shown(page: AppTest) -> list[str]:
        return [line.split("**")[1] for line in (str(mark.value) for mark in page.markdown) if line.startswith("**")]

    page = opened_page("Triage")
    assert shown(page) == [str(number) for number in range(1, 11)]
    assert shown(press(page, "triage_later")) == ["11", "12"]
    assert shown(press(page, "triage_earlier"))[0] == "1"
