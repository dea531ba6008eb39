"""Tables of other shapes than the sample's: dates that nobody can read, and columns of other names."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import keys, told
from cortex_tickets import CortexError
from cortex_tickets.app import main
from cortex_tickets.app.asking import overview
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.refusals import said_without_values
from cortex_tickets.app.settings import Settings

OpenPage = Callable[..., AppTest]
Anew = Callable[[Settings], Desk]
ASKING_PAGES = ("Overview", "Triage", "Replies")


@pytest.fixture
def looked_at_anew(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Anew:
    """Makes a desk that has not looked at the tables yet; the pages get it from then on."""

    def anew(settings: Settings) -> Desk:
        made = Desk(desk.session, settings, is_engine=True, opener=desk.own_session, where="x")
        monkeypatch.setattr(main, "open_desk", lambda _settings: made)
        main.the_desk.clear()
        return made

    return anew


def subheaders(page: AppTest) -> list[str]:
    return [str(line.value) for line in page.subheader]


@pytest.fixture
def with_one_bad_date(desk: Desk, looked_at_anew: Anew) -> Desk:
    desk.rows("CREATE OR REPLACE TABLE SUPPORT_TICKETS (TICKET_ID VARCHAR, REQUEST VARCHAR, CREATED_AT VARCHAR)")
    for name, day in (("A", "2026-01-05"), ("B", "2026-01-06 10:00:00"), ("C", "not a date"), ("D", None)):
        desk.rows("INSERT INTO SUPPORT_TICKETS VALUES (?, ?, ?)", name, f"text {name}", day)
    return looked_at_anew(desk.settings)


def test_rows_without_a_readable_date_are_counted_and_the_others_are_drawn(with_one_bad_date: Desk) -> None:
    days = overview.by_day(with_one_bad_date, "none")
    assert [day.day.isoformat() for day in days.drawn] == ["2026-01-05", "2026-01-06"]
    assert days.n_undated == 2


def test_a_date_that_nobody_can_read_takes_nothing_from_the_page(
    opened_page: OpenPage, with_one_bad_date: Desk
) -> None:
    del with_one_bad_date
    page = opened_page("Overview")
    assert not page.error
    assert subheaders(page) == ["Tickets by label", "Tickets over time", "Label the tickets", "What runs have cost"]
    assert "labels_ask" in keys(page)
    assert any("2 tickets have no date that can be read" in str(line.value) for line in page.caption)


@pytest.mark.parametrize("kind", ["VARCHAR", "DATE"])
@pytest.mark.parametrize("odd", ["0000-01-01", "20000-01-01"])
def test_a_day_that_no_calendar_has_is_counted_and_the_others_are_drawn(
    desk: Desk, opened_page: OpenPage, looked_at_anew: Anew, kind: str, odd: str
) -> None:
    desk.rows(f"CREATE OR REPLACE TABLE SUPPORT_TICKETS (TICKET_ID VARCHAR, REQUEST VARCHAR, CREATED_AT {kind})")
    for name, day in (("A", "0001-01-01"), ("B", odd), ("C", "9999-12-31")):
        desk.rows("INSERT INTO SUPPORT_TICKETS SELECT ?, ?, ?", name, f"text {name}", day)
    days = overview.by_day(looked_at_anew(desk.settings), "none")
    assert [day.day.isoformat() for day in days.drawn] == ["0001-01-01", "9999-12-31"]
    assert days.n_undated == 1
    page = opened_page("Overview")
    assert not page.error
    assert any("1 ticket has no date that can be read" in str(line.value) for line in page.caption)
    tickets = opened_page("Triage")
    assert not tickets.error
    assert any(line.value == "3 tickets" for line in tickets.caption)


@pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "VARCHAR"])
def test_dates_of_every_type_are_drawn(desk: Desk, looked_at_anew: Anew, kind: str) -> None:
    desk.rows(f'CREATE OR REPLACE TABLE SUPPORT_TICKETS (TICKET_ID VARCHAR, REQUEST VARCHAR, "opened at" {kind})')
    desk.rows(f"INSERT INTO SUPPORT_TICKETS SELECT 'A', 'one', '2026-01-05'::{kind}")
    desk.rows("INSERT INTO SUPPORT_TICKETS SELECT 'B', 'two', NULL")
    days = overview.by_day(looked_at_anew(Settings(columns={"created_at": '"opened at"'})), "none")
    assert [(day.day.isoformat(), day.n_tickets) for day in days.drawn] == [("2026-01-05", 1)]
    assert days.n_undated == 1


@pytest.mark.parametrize("asks", ["by_label", "by_day", "runs"])
def test_an_error_in_one_section_takes_no_other_section_away(
    opened_page: OpenPage, monkeypatch: pytest.MonkeyPatch, asks: str
) -> None:
    def refused(*_values: object) -> object:
        raise CortexError("no such luck")

    monkeypatch.setattr(overview, asks, refused)
    page = opened_page("Overview")
    assert told(page) == ["no such luck"]
    assert "Label the tickets" in subheaders(page)
    assert "What runs have cost" in subheaders(page)
    assert "labels_ask" in keys(page)


@pytest.mark.parametrize("title", ASKING_PAGES)
def test_a_table_of_other_columns_is_refused_with_its_columns_and_the_remedy(
    opened_page: OpenPage, labelled: Desk, looked_at_anew: Anew, title: str
) -> None:
    labelled.rows('CREATE TABLE NOTEXT (TICKET_ID VARCHAR, BODY VARCHAR, "how long" NUMBER)')
    looked_at_anew(Settings(tickets="NOTEXT"))
    (said,) = told(opened_page(title))
    assert said == (
        'The table NOTEXT has no column REQUEST (text), but BODY, TICKET_ID, "how long": say in cortex_tickets.toml, '
        'under [columns], what it calls them (text = "..."), and start the app again'
    )


def test_the_settings_may_name_the_columns_in_any_case_and_what_they_name_must_be_there(
    opened_page: OpenPage, desk: Desk, looked_at_anew: Anew
) -> None:
    desk.rows('CREATE TABLE NOTEXT ("case no" VARCHAR, BODY VARCHAR)')
    named = {"id": '"case no"', "text": "body"}
    looked_at_anew(Settings(tickets="NOTEXT", columns=named))
    assert not opened_page("Overview").error
    looked_at_anew(Settings(tickets="NOTEXT", columns={**named, "customer_name": "WHO"}))
    (said,) = told(opened_page("Triage"))
    assert "has no column WHO (customer_name)" in said
    looked_at_anew(Settings(tickets="NOTEXT"))
    (said,) = told(opened_page("Triage"))
    assert "no column TICKET_ID (id) and no column REQUEST (text)" in said


def test_what_snowflake_refuses_is_told_with_the_name_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(CortexError, match="invalid identifier 'NOPE'"):
        desk.rows("SELECT NOPE FROM SUPPORT_TICKETS")


def test_what_snowflake_refuses_is_told_without_the_cell_that_it_quotes(desk: Desk) -> None:
    with pytest.raises(CortexError) as caught:
        desk.rows("SELECT TO_DATE(REQUEST) AS DAY FROM SUPPORT_TICKETS")
    assert str(caught.value) == "A value in the table is not of the form that this page needs"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (
            "SQL compilation error: error line 1 at position 7\ninvalid identifier 'T.BODY'",
            "invalid identifier 'T.BODY'",
        ),
        ("SQL compilation error:\nObject 'DB.S.TICKETS' does not exist or not authorized.", "'DB.S.TICKETS' does not"),
        ("Object 'SECRET' does not exist", "Object '…'"),
        ("Value 'it's Object 'TICKETS' secret' is odd", "Value '…'"),
        ("odd: 'BODY' and \"secret\"", "odd: '…'"),
        ("", "Snowflake gave no reason"),
    ],
)
def test_only_names_of_the_statement_are_told(message: str, said: str) -> None:
    heard = said_without_values(message, 'SELECT "BODY" FROM TICKETS T')
    assert said in heard
    assert "secret" not in heard.lower()
