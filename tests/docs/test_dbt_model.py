"""The dbt model that the documentation shows, rendered as dbt renders it and run on the engine."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, StrictUndefined

from cortex_tickets import Label, TicketClassifier, TicketSource, local

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "dynamic-table-and-dbt.md"
LABELS = [Label(name="Lost phone"), Label(name="Roaming fees", description="{{ this }} {% if %} {# no #}")]
KEY = ("TICKET_ID", "TEXT_HASH", "CLASSIFIER_HASH")


@pytest.fixture
def session() -> Iterator[Any]:
    with local.connect() as session:
        session.sql("CREATE TABLE SUPPORT_TICKETS (TICKET_ID NUMBER, REQUEST VARCHAR)").collect()
        yield session


def block(language: str, having: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    (found,) = [text for text in blocks if having in text]
    return str(found)


def macros(classifier: TicketClassifier, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the file of macros that the page's own block writes."""
    monkeypatch.chdir(folder)
    code = compile(block("python", "classifier_hash"), str(PAGE), "exec")
    exec(code, {"teacher": classifier, "TicketSource": TicketSource, "Path": Path})  # noqa: S102  the page's own code
    return (folder / "label_tickets_macros.sql").read_text(encoding="utf-8")


def rendered(macros: str, *, is_incremental: bool) -> tuple[str, dict[str, Any]]:
    """Return the model's SQL, and what it sets."""
    settings: dict[str, Any] = {}

    def config(**given: Any) -> str:
        settings.update(given)
        return ""

    environment = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701  SQL, not HTML
    sql = environment.from_string(macros + block("jinja", "config(")).render(
        config=config,
        source=lambda _source, table: table,
        is_incremental=lambda: is_incremental,
        this="LABELS",
    )
    return sql, settings


def ask(session: Any, macros: str) -> None:
    """Run the model again, as dbt does by its settings: into a temporary table, which is merged."""
    sql, settings = rendered(macros, is_incremental=True)
    assert tuple(settings["unique_key"]) == KEY
    session.sql(f"CREATE OR REPLACE TEMPORARY TABLE LABELS__DBT_TMP AS {sql}").collect()
    columns = session.table("LABELS").columns
    session.sql(
        f"MERGE INTO LABELS T USING LABELS__DBT_TMP S ON {' AND '.join(f'T.{name} = S.{name}' for name in KEY)} "
        f"WHEN MATCHED THEN UPDATE SET {', '.join(f'{name} = S.{name}' for name in columns)} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(columns)}) VALUES ({', '.join(f'S.{name}' for name in columns)})"
    ).collect()


def add(session: Any, *tickets: tuple[int, str]) -> None:
    for ticket in tickets:
        session.sql("INSERT INTO SUPPORT_TICKETS SELECT ?, ?", params=list(ticket)).collect()


def labels(session: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql("SELECT TICKET_ID, LABEL FROM LABELS ORDER BY 1, 2").collect()]


def n_asked(session: Any) -> int:
    return int(session.sql("SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED").collect()[0][0])


def test_the_model_asks_what_is_new_and_what_had_an_error(
    session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    written = macros(teacher, tmp_path, monkeypatch)
    add(session, (1, "I lost my phone."), (1, "I lost my phone."), (2, "Roaming fees in Japan"), (3, " "))
    session.sql(f"CREATE TABLE LABELS AS {rendered(written, is_incremental=False)[0]}").collect()
    expected = [("1", "Lost phone"), ("2", "Roaming fees"), ("3", None)]
    assert (labels(session), n_asked(session)) == (expected, 2)
    ask(session, written)
    assert (labels(session), n_asked(session)) == (expected, 2)
    session.sql("UPDATE LABELS SET OUTCOME = 'error', LABEL = NULL WHERE TICKET_ID = '2'").collect()
    add(session, (4, "Where is my lost phone?"))
    session.sql("UPDATE SUPPORT_TICKETS SET REQUEST = 'Roaming fees!' WHERE TICKET_ID = 1").collect()
    ask(session, written)
    after = [("1", "Lost phone"), ("1", "Roaming fees"), *expected[1:], ("4", "Lost phone")]
    assert (labels(session), n_asked(session)) == (after, 5)


def test_another_classifier_has_rows_of_its_own(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(session, (1, "I lost my phone."))
    first, second = (
        macros(TicketClassifier(session, labels=LABELS, model=model), tmp_path, monkeypatch)
        for model in ("claude-sonnet-4-6", "llama3.1-8b")
    )
    session.sql(f"CREATE TABLE LABELS AS {rendered(first, is_incremental=False)[0]}").collect()
    ask(session, second)
    ask(session, first)
    assert (labels(session), n_asked(session)) == ([("1", "Lost phone"), ("1", "Lost phone")], 2)
