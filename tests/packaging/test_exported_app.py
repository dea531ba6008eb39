"""The app where exactly its exported requirements are installed, as in Snowflake's container runtime."""

import json
from pathlib import Path
from typing import Any

import pytest

from cortex_tickets import Deployment, export_app, load_gold, load_tickets, local, samples
from packaging_tools import PAGE_READER, MakeEnvironment, packages_in, run
from served_engine import write_connections

pytestmark = pytest.mark.packaging
TITLES = ("Overview", "Triage", "Fine-tune", "Compare", "Replies", "Playground")


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    folder = tmp_path_factory.mktemp("deploy")
    return export_app(folder, schema="SUPPORT.PUBLIC", compute_pool="POOL", warehouse="WH", tickets="SUPPORT_TICKETS")


@pytest.fixture(scope="module")
def runtime(exported: Deployment, make_environment: MakeEnvironment) -> Path:
    """A Python that has what the exported requirements name, and nothing beside."""
    return make_environment("-r", "requirements.txt", cwd=exported.files[0].parent)


@pytest.fixture(scope="module")
def said(exported: Deployment, runtime: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a reader there sees of each page, before and after the tickets were labelled and models compared."""
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "token").touch()
    with local.Engine() as engine:
        with engine.session() as session:
            load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
            load_gold(session, samples.gold_labels(), table="TICKET_GOLD")
        home = write_connections(engine, folder / "home")
        done = run(
            runtime,
            PAGE_READER,
            "streamlit_app.py",
            folder / "token",
            cwd=exported.files[0].parent,
            SNOWFLAKE_HOME=str(home),
        )
    return json.loads(done.stdout)


def test_neither_the_engine_nor_the_command_line_comes_along(runtime: Path) -> None:
    installed = packages_in(runtime).keys()
    assert {"cortex-tickets", "streamlit", "altair", "scikit-learn"} <= installed
    assert installed & {"duckdb", "fakesnow", "typer"} == set()


def test_the_file_that_snowflake_runs_shows_the_tickets(said: Any) -> None:
    assert said["start"] == {"headings": ["Overview"], "errors": []}


def test_long_work_comes_to_its_end_there(said: Any) -> None:
    assert [line.partition(":")[0] for line in said["work"]] == ["done"] * 4, said["work"]


@pytest.mark.parametrize("title", TITLES)
def test_each_page_shows_its_heading_and_no_error(said: Any, title: str) -> None:
    assert said["pages"][title] == {"headings": [title], "errors": []}
