"""The commands of the page about the command line run, in order, and print the lines that it shows."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cortex_tickets import local
from cortex_tickets.cli.commands import app
from cortex_tickets.cli.serve_command import connection_entry
from cortex_tickets.cli.settings_file import settable_keys, variable_name
from cortex_tickets.local.shared_engines import engine_for

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "command-line.md"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    for keys, _ in settable_keys():
        monkeypatch.delenv(variable_name(keys), raising=False)
    yield tmp_path
    engine_for(tmp_path / "engine", as_of=None, seed=0, faults=None).close()


def test_the_page_runs_and_prints_what_it_shows(project: Path) -> None:
    wrong = []
    code = 0
    for language, about, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if "cortex_tickets.toml" in about:
            (project / "cortex_tickets.toml").write_text(text, encoding="utf-8")
        for command, shown in steps(text) if language == "console" else ():
            if command == "echo $?":
                wrong += [] if shown == [str(code)] else [f"exit code {code}, not {shown}"]
                continue
            name, *arguments = shlex.split(command)
            assert name == "cortex-tickets"
            done = CliRunner().invoke(app, arguments)
            code = done.exit_code
            printed = done.output.splitlines()
            wrong += [f"{command}: {line}\n{done.output}" for line in shown if not stands_in(line, printed)]
    assert not wrong, "\n".join(wrong)


def test_the_entry_of_the_page_is_the_one_that_serve_prints() -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    (entry,) = [text for _, about, text in blocks if "connections.toml" in about]
    with local.Engine() as engine:
        printed = connection_entry({**engine.connection_parameters, "port": 8085})
    assert entry == f"{printed}\n"


def steps(block: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each command of a block with the lines that are shown of its output."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, *shown = part.replace("\\\n", " ").rstrip("\n").split("\n")
        yield command, shown


def stands_in(line: str, printed: list[str]) -> bool:
    """Whether a line was printed; the page may leave out its end, such as the time that it took."""
    return any(one.startswith(line) for one in printed)
