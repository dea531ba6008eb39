"""The app on one engine: a schema of its own for each test, with the sample tickets, and a page as a reader has it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cortex_tickets import local
from cortex_tickets.app import main
from cortex_tickets.app.asking.labelling import estimate_labels, label_task
from cortex_tickets.app.background import WorkBoard, WorkState
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.opening import load_samples
from cortex_tickets.app.settings import Settings
from cortex_tickets.app.shared_session import SharedSession

LABELLER = "claude-sonnet-4-6"
SECONDS = 60


@pytest.fixture(scope="session")
def engine() -> Iterator[local.Engine]:
    with local.Engine() as started:
        yield started


@pytest.fixture(scope="session")
def engine_session(engine: local.Engine) -> Iterator[Any]:
    with engine.session() as session:
        yield session


@pytest.fixture
def second(engine: local.Engine, desk: Desk) -> Iterator[Any]:
    """A session of somebody else, in the same schema."""
    with engine.session(schema=schema_of(desk)) as session:
        yield session


@pytest.fixture
def desk(engine: local.Engine, engine_session: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The desk that the pages get, with the sample tickets and nothing asked."""
    schema = f"T_{uuid4().hex[:12].upper()}"
    engine_session.sql(f"CREATE SCHEMA {schema}").collect()
    engine_session.use_schema(schema)

    def opened() -> AbstractContextManager[Any]:
        return closing(engine.session(schema=schema))

    made = Desk(SharedSession(engine_session), Settings(), is_engine=True, opener=opened, where="the tests' engine")
    load_samples(made)
    monkeypatch.setattr(main, "open_desk", lambda _settings: made)
    main.the_desk.clear()
    main.the_board.clear()
    yield made
    main.the_desk.clear()


@pytest.fixture
def labelled(desk: Desk) -> Desk:
    """The same with every ticket labelled."""
    task = label_task(desk, LABELLER, estimate_labels(desk, LABELLER), None)
    work = WorkBoard().start("labels", "Labels", task)
    assert work.wait(SECONDS)
    assert work.state is WorkState.DONE, work.said
    return desk


@pytest.fixture
def opened_page(desk: Desk) -> Callable[..., AppTest]:
    """Opens a page as a reader who comes in anew."""
    del desk

    def open_page(title: str, **query: str) -> AppTest:
        page = AppTest.from_function(_script, default_timeout=SECONDS, args=(title,))
        for name, value in query.items():
            page.query_params[name] = value
        return page.run()

    return open_page


def _script(title: str) -> None:
    from cortex_tickets.app import main as app  # noqa: PLC0415  Streamlit runs this function's source by itself

    app.show_page(title)


def schema_of(desk: Desk) -> str:
    return str(desk.rows("SELECT CURRENT_SCHEMA() AS S")[0]["S"])
