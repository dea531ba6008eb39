"""The app on one engine: a schema of its own for each test, with the sample tickets, and a page as a reader has it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any
from uuid import uuid4

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from cortex_tickets import local
from cortex_tickets.app import main
from cortex_tickets.app.asking.labelling import estimate_labels, label_task
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.opening import load_samples
from cortex_tickets.app.settings import Settings
from cortex_tickets.app.shared_session import SharedSession

LABELLER = "claude-sonnet-4-6"
SECONDS = 60


@pytest.fixture(scope="session", autouse=True)
def _no_look_for_components() -> Iterator[None]:
    """Streamlit's test runs look through all installed packages for components, each of them anew. The app has none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", list)
        yield


@pytest.fixture(scope="session")
def engine() -> Iterator[local.Engine]:
    with local.Engine() as started:
        yield started


@pytest.fixture(scope="session")
def engine_session(engine: local.Engine) -> Iterator[Any]:
    with engine.session() as session:
        yield session


class Templates:
    """Schemas that are filled once, and copied table by table into the schema of each test that wants them."""

    def __init__(self, engine: local.Engine, session: Any) -> None:
        self._engine = engine
        self._session = session
        self._filled: dict[str, str] = {}

    def copy_samples(self) -> None:
        """Copy the sample tickets and their gold into the session's schema."""
        self._copy(self._filled.get("samples") or self._fill("samples", Settings(), is_labelled=False))

    def copy_labels(self, settings: Settings) -> None:
        """Copy what labelling all samples with these labels wrote."""
        name = settings.labels.model_dump_json()
        self._copy(self._filled.get(name) or self._fill(name, settings, is_labelled=True), like="TICKET_LABELS%")

    def _copy(self, schema: str, like: str = "%") -> None:
        found = self._session.sql(f"SHOW TABLES LIKE '{like}' IN SCHEMA {schema}").collect()
        for row in found:
            self._session.sql(f"CREATE TABLE {row['name']} CLONE {schema}.{row['name']}").collect()

    def _fill(self, name: str, settings: Settings, *, is_labelled: bool) -> str:
        schema = f"TEMPLATE_{len(self._filled)}"
        with self._engine.session(schema=schema) as session:
            desk = Desk(session, settings, is_engine=True, opener=lambda: nullcontext(session), where="a template")
            load_samples(desk)
            if is_labelled:
                label_task(desk, LABELLER, estimate_labels(desk, LABELLER), None)(lambda _progress: None)
        self._filled[name] = schema
        return schema


@pytest.fixture(scope="session")
def templates(engine: local.Engine, engine_session: Any) -> Templates:
    return Templates(engine, engine_session)


@pytest.fixture
def second(engine: local.Engine, desk: Desk) -> Iterator[Any]:
    """A session of somebody else, in the same schema."""
    with engine.session(schema=schema_of(desk)) as session:
        yield session


@pytest.fixture
def desk(
    engine: local.Engine, engine_session: Any, templates: Templates, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """The desk that the pages get, with the sample tickets and nothing asked."""
    schema = f"T_{uuid4().hex[:12].upper()}"
    engine_session.sql(f"CREATE SCHEMA {schema}").collect()
    engine_session.use_schema(schema)

    def opened() -> AbstractContextManager[Any]:
        return closing(engine.session(schema=schema))

    made = Desk(SharedSession(engine_session), Settings(), is_engine=True, opener=opened, where="the tests' engine")
    templates.copy_samples()
    monkeypatch.setattr(main, "open_desk", lambda _settings: made)
    main.the_desk.clear()
    main.the_board.clear()
    yield made
    main.the_desk.clear()


@pytest.fixture
def labelled(desk: Desk, templates: Templates) -> Desk:
    """The same with every ticket labelled."""
    templates.copy_labels(desk.settings)
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
