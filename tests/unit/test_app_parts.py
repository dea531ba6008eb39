"""Small parts of the app: words that stay words, one session for many readers, where the session comes from."""

import logging
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pytest_mock import MockerFixture
from snowflake.connector.errors import DatabaseError

from cortex_tickets import (
    CortexTicketsError,
    IncompleteRunError,
    InvalidInputError,
    ModelNotFoundError,
    ObjectNotFoundError,
    StatementTimeoutError,
)
from cortex_tickets.app import opening
from cortex_tickets.app.asking.overview import RunRow
from cortex_tickets.app.drawing import charts
from cortex_tickets.app.drawing.colours import OPERATIONS, label_colours
from cortex_tickets.app.drawing.plain_text import escaped, on_one_line, shortened
from cortex_tickets.app.reader_words import in_readers_words
from cortex_tickets.app.settings import Settings
from cortex_tickets.app.shared_session import SharedSession


@given(st.text(alphabet="ab <>*_`[](){}#+-.!|~$:^=&\"'\\/1@\n", max_size=60))
def test_markdown_shows_an_escaped_text_as_it_was(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"x {escaped(text)} x")
    (inline,) = [token for token in tokens if token.type == "inline"]
    assert {child.type for child in inline.children or []} <= {"text", "text_special"}
    shown = "".join(child.content for child in inline.children or [])
    # The part without words is Streamlit's own, which CommonMark alone does not know.
    assert shown.replace(":small[]", "").split() == f"x {text} x".split()


def test_colons_and_dollars_are_no_directives_of_streamlit() -> None:
    assert escaped(":red[x] $a$") == "\\:red\\[x\\] \\$a\\$"


def test_a_long_text_is_shown_by_its_beginning_and_its_length() -> None:
    assert shortened("x" * 5) == "x" * 5
    assert shortened("x" * 200_000, 3) == "xxx… (the first 3 of 200,000 characters)"
    assert on_one_line("a\nb  c", 10) == "a b c"
    assert on_one_line("abcdef", 4) == "abc…"


def test_every_label_has_a_colour() -> None:
    assert len(label_colours([str(number) for number in range(20)])) == 20


def test_what_a_run_did_has_its_colour_whatever_stands_beside_it() -> None:
    def colour_of_replies(*operations: str) -> str:
        moment = datetime(2026, 11, 25, tzinfo=UTC)
        runs = [RunRow("L", name, "m", "COMPLETE", moment, 1, 1, 0.1) for name in operations]
        scale = charts.credits_by_model(runs).to_dict()["encoding"]["color"]["scale"]
        return str(scale["range"][scale["domain"].index("reply")])

    assert colour_of_replies("reply") == colour_of_replies("classify", "reply") == OPERATIONS["reply"]


def test_names_of_models_stand_beside_the_chart_of_costs_and_not_over_its_bars() -> None:
    def score(name: str, role: str, ai_credits: float | None) -> Any:
        share = SimpleNamespace(value=0.9, low=0.7, high=1.0)
        return SimpleNamespace(name=name, role=role, accuracy=share, ai_credits_per_1000=ai_credits)

    scores = [
        score("teacher", "teacher", 0.3),
        score("base", "base", 0.01),
        score("student", "student", None),
        score("linear baseline", "baseline", 0.0),
    ]
    drawn = charts.cost_against_accuracy(scores, 2.0).to_dict()
    assert [layer["mark"]["type"] for layer in drawn["layer"]] == ["rule", "point"]
    points = drawn["layer"][1]["encoding"]
    for channel in ("color", "shape"):
        scale = points[channel]["scale"]
        assert scale["domain"] == ["teacher", "base", "linear baseline"]
        assert len(set(scale["range"])) == 3
        assert points[channel]["legend"]["orient"] == "top"


class _Busy:
    """A session that notices when two statements are under way at once."""

    def __init__(self) -> None:
        self.under_way = 0
        self.most = 0
        self.entered = threading.Event()

    def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        del query, params, args, kwargs
        return self

    def collect(self, *args: Any, **kwargs: Any) -> list[int]:
        del args, kwargs
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        self.entered.set()
        self.entered.wait(0.05)
        self.under_way -= 1
        return [1]


def test_readers_of_one_session_take_turns() -> None:
    busy = _Busy()
    shared = SharedSession(busy)
    readers = [threading.Thread(target=lambda: shared.sql("SELECT 1").collect()) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(10)
    assert busy.most == 1


@pytest.fixture
def in_a_container(mocker: MockerFixture, tmp_path: Path) -> Any:
    """The container runtime, and Streamlit's connection in it."""
    token = tmp_path / "token"
    token.touch()
    mocker.patch.object(opening, "_TOKEN", token)
    return mocker.patch.object(streamlit, "connection")


def test_in_the_container_runtime_pages_have_streamlits_connection_and_long_work_its_own(
    in_a_container: Any, mocker: MockerFixture
) -> None:
    opened = mocker.patch.object(opening, "default_session").return_value
    desk = opening.open_desk(Settings())
    assert not desk.is_engine
    in_a_container.assert_called_once_with("snowflake")
    with desk.own_session() as session:
        assert session == opened
        opened.close.assert_not_called()
    opened.close.assert_called_once()


@pytest.mark.usefixtures("in_a_container")
def test_where_no_connection_can_be_opened_long_work_shares_the_session_and_the_log_says_so_once(
    mocker: MockerFixture, caplog: pytest.LogCaptureFixture
) -> None:
    mocker.patch.object(opening, "default_session", side_effect=DatabaseError("user ANN, password x"))
    desk = opening.open_desk(Settings())
    with desk.own_session() as session:
        assert session is desk.session
    (said,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "no connection can be opened for long work (DatabaseError)" in said.getMessage()
    assert "ANN" not in caplog.text


def test_in_the_warehouse_runtime_it_is_the_active_session_for_long_work_too(
    mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    mocker.patch.object(opening, "find_spec", return_value=True)
    active = mocker.patch("snowflake.snowpark.context.get_active_session")
    default = mocker.patch.object(opening, "default_session")
    monkeypatch.setitem(sys.modules, "_snowflake", ModuleType("_snowflake"))
    assert opening.is_in_snowflake()
    assert opening.snowflake_session() is active.return_value
    desk = opening.open_desk(Settings())
    with desk.own_session() as session:
        assert session is desk.session
    default.assert_not_called()


def test_a_named_connection_is_opened_for_pages_and_anew_for_long_work(mocker: MockerFixture) -> None:
    connect = mocker.patch.object(opening, "connect")
    desk = opening.open_desk(Settings(connection="mine"))
    assert desk.where == "Snowflake, connection mine"
    with desk.own_session():
        assert connect.call_count == 2
    connect.return_value.close.assert_called_once()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            IncompleteRunError(run_id="r", n_left=2, reason="the budget is over"),
            "2 tickets have no answer yet. Label the tickets on the page Overview, and try again.",
        ),
        (
            StatementTimeoutError("It took too long", code=630),
            "It took too long. Try again; if it stays so, an administrator can allow statements more time.",
        ),
        (
            ModelNotFoundError("unknown model x", advice="Give one of preflight(session).available_models."),
            "unknown model x. Choose another model.",
        ),
        (
            ObjectNotFoundError("Object 'my_table' does not exist", code=2003),
            "Object 'my_table' does not exist (code 2003)",
        ),
        (
            InvalidInputError("T has no rows. Load tickets first, for example with load_tickets(...)."),
            "T has no rows.",
        ),
        (
            InvalidInputError(["The label 'new_line' has too few groups.", "budget is over. Give budget=Budget(...)."]),
            "2 problems:\n- The label 'new_line' has too few groups.\n- budget is over.",
        ),
        (
            InvalidInputError("3 of 151 tickets of T are not in the run labels=ab12: they came later, or give x=True."),
            "3 of 151 tickets have no answer yet. Label the tickets on the page Overview.",
        ),
        (
            InvalidInputError("PlaybookEntry.goal: String should have at least 1 character"),
            "Fill in the field goal.",
        ),
        (
            InvalidInputError("labels[0] (ticket TR1): T has no ticket of this id with this text. Read it again."),
            "Ticket TR1: T has no ticket of this id with this text. Read it again.",
        ),
    ],
)
def test_an_error_says_to_a_reader_what_a_reader_can_do(error: CortexTicketsError, said: str) -> None:
    assert in_readers_words(error) == said
