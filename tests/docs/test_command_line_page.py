"""The commands of the page about the command line run, in order, and print what it shows; `…` says what is left out."""

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
            wrong += [] if is_output(shown, done.output) else [f"{command}: {shown}\n{done.output}"]
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


def is_output(shown: list[str], printed: str) -> bool:
    """Whether this was printed; `…` stands for lines that the page leaves out, or for the end of a line."""
    lines = [r"(?:.*\n)+" if line == "…" else re.escape(line).replace("…", ".*") + r"\n" for line in shown]
    return re.fullmatch("".join(lines), printed.rstrip("\n") + "\n") is not None
