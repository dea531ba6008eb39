"""Every command line that README and documentation show is one that the command takes; what is no command is listed.

Nothing is started: the words of `cortex-tickets` go through its own parser, and `make`, `pip` and `python -m` are held
against the Makefile, the extras and the modules. The blocks of the page about the command line run, in its own test.
"""

import argparse
import importlib
import importlib.util
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import NoReturn

import pytest
from pytest_mock import MockerFixture

from command_lines import parsed, shown_lines
from cortex_tickets.local import Faults

ROOT = Path(__file__).parents[2]
PAGES = [*(ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "SECURITY")), *sorted(ROOT.glob("docs/**/*.md"))]
BLOCK = re.compile(r"^[ >]*```([\w-]*)[^\n]*\n(.*?)^[ >]*```$", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`(cortex-tickets [^`\[]+)`")
MAY_HOLD_COMMANDS = ("text", "console", "bash", "sh", "shell", "")
"""Languages of such blocks; the others are run, or are no shell's."""
RUN_WHOLE = {("docs/how-to/command-line.md", "console"): "test_command_line_page.py runs them, wrong ones among them"}
NO_COMMANDS = {
    "a drawing": [
        ("docs/explanation/architecture.md", "   cli  app"),
        ("docs/explanation/architecture.md", "check         table"),
        ("docs/explanation/architecture.md", "sample        which"),
        ("docs/explanation/architecture.md", "lease         the same"),
        ("docs/explanation/architecture.md", "first tries    a table"),
        ("docs/explanation/architecture.md", "intent row"),
        ("docs/explanation/architecture.md", "profile"),
    ],
    "a formula": [
        ("docs/explanation/what-the-guarantee-says.md", "P( R(T)"),
        ("docs/explanation/what-the-guarantee-says.md", "p(t) ="),
    ],
    "SQL for an administrator, which the engine has no use for": [
        ("docs/how-to/roles-and-privileges.md", "REVOKE DATABASE ROLE"),
        ("docs/how-to/roles-and-privileges.md", "ALTER TABLE SUPPORT.TICKETS"),
        ("docs/how-to/run-the-app-in-snowflake.md", "CREATE COMPUTE POOL"),
    ],
}
"""Blocks that hold no command lines, by why: the page, and how the block begins."""
PROGRAMS_OF_OTHERS = {
    "uvicorn": "test_fastapi_page.py starts the service with it",
    "jupyter": "test_notebook.py runs the notebook",
    "pre-commit": "tests/packaging looks at the hooks",
    "exit": "the shell's own",
}
OPERATORS = set("|&;<>()")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))


class ParsedError(Exception):
    """The words were taken; what they would start is not wanted."""


def blocks(page: Path) -> list[tuple[str, str]]:
    found = BLOCK.findall(page.read_text(encoding="utf-8"))
    return [(language, text) for language, text in found if language in MAY_HOLD_COMMANDS]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def is_listed(name: str, text: str) -> bool:
    return any(name == page and text.startswith(start) for entries in NO_COMMANDS.values() for page, start in entries)


PAGES_WITH_COMMANDS = [page for page in PAGES if blocks(page) or INLINE.search(page.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("page", PAGES_WITH_COMMANDS, ids=name_of)
def test_every_command_line_of_a_page_is_one_that_its_command_takes(page: Path, mocker: MockerFixture) -> None:
    name = name_of(page)
    shown = [
        line
        for language, text in blocks(page)
        if (name, language) not in RUN_WHOLE and not is_listed(name, text)
        for line in command_lines(language, text)
    ]
    shown += INLINE.findall(BLOCK.sub("", page.read_text(encoding="utf-8")))
    wrong = [f"{line}: {reason}" for line in shown for reason in wrong_with(line, mocker)]
    assert wrong == []


def test_what_is_listed_as_no_command_is_there_and_is_none() -> None:
    there = [(name_of(page), text) for page in PAGES for _, text in blocks(page)]
    for page, start in (entry for entries in NO_COMMANDS.values() for entry in entries):
        (text,) = [text for name, text in there if name == page and text.startswith(start)]
        first = re.match(r"[!$ ]*(\S+)", text)
        assert first is not None
        assert first[1] not in ("cortex-tickets", "make", "pip", "python", *PROGRAMS_OF_OTHERS)


@pytest.mark.parametrize(
    "line",
    [
        "cortex-tickets evaluate --gate accuracy:student=0.9",
        "cortex-tickets evalute --yes || exit 1",
        "make tests",
        "make bench OPTIONS=--full",
        "pip install '.[local,evaluation]'",
        "pip install ./cortex_tickets-9.9.9-py3-none-any.whl",
        "python -m cortex_tickets.engine",
        "python -m cortex_tickets.local --prot 8085",
        "CORTEX_TICKETS_FAULTS='throtled=0.1' cortex-tickets serve",
        "export CORTEX_TICKETS_ENCODERS=/path",
        "npm install",
        "The cat sat on the mat",
    ],
)
def test_a_line_that_would_not_run_would_be_seen(line: str, mocker: MockerFixture) -> None:
    assert list(wrong_with(line, mocker)) != []


def command_lines(language: str, text: str) -> list[str]:
    if language != "console":
        return shown_lines(text)
    return [line.removeprefix("$ ") for line in shown_lines(text) if line.startswith("$ ")]


def wrong_with(line: str, mocker: MockerFixture) -> Iterator[str]:
    """Yield why the line would not run."""
    lexer = shlex.shlex(line.removeprefix("!"), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    while words:
        command = list(takewhile(lambda word: not set(word) <= OPERATORS, words))
        is_a_file = len(words) > len(command) and set(words[len(command)]) <= {"<", ">"}
        words = words[len(command) + 1 + is_a_file :]
        if not command:
            continue
        try:
            yield from wrong_with_one(command, mocker)
        except ParsedError:
            continue
        except (Exception, SystemExit) as error:  # noqa: BLE001  each parser refuses in a way of its own
            yield f"{type(error).__name__}: {error}"


def wrong_with_one(command: list[str], mocker: MockerFixture) -> Iterator[str]:
    for assignment in takewhile(is_assignment, command[command[0] == "export" :]):
        yield from wrong_variable(*assignment.split("=", 1))
    if command[0] == "export":
        return
    program, *words = dropwhile(is_assignment, command)
    match program:
        case "cortex-tickets":
            parsed(words)
        case "make":
            yield from (f"no target {word}" for word in words if "=" not in word and word not in TARGETS)
            given = [word.partition("=")[0] for word in words if "=" in word]
            yield from (f"no variable {name}" for name in given if f"$({name})" not in MAKEFILE)
        case "pip":
            yield from wrong_with_pip(words)
        case "python":
            yield from run_by_name(words, mocker)
        case _ if program not in PROGRAMS_OF_OTHERS:
            yield f"{program} is no program that is known here; say in NO_COMMANDS why the block holds no commands"


def wrong_variable(name: str, value: str) -> Iterator[str]:
    if name == "CORTEX_TICKETS_FAULTS":
        Faults.from_text(value)
    elif not any(name in file.read_text(encoding="utf-8") for file in ROOT.glob("src/cortex_tickets/**/*.py")):
        yield f"no part of the package reads {name}"


def wrong_with_pip(words: list[str]) -> Iterator[str]:
    assert words[0] == "install"
    for word in words[1:]:
        where, _, extras = word.removesuffix("]").partition("[")
        yield from (f"no extra {name}" for name in extras.split(",") if name and name not in optional())
        if where.endswith(".whl") and f"cortex_tickets-{PROJECT['version']}-" not in where:
            yield f"{where} is not of version {PROJECT['version']}"


def optional() -> set[str]:
    return set(PROJECT["optional-dependencies"])


def run_by_name(words: list[str], mocker: MockerFixture) -> Iterator[str]:
    """Call the module's main function up to where its words are parsed."""
    option, module, *arguments = words
    assert option == "-m"
    if importlib.util.find_spec(module) is None:
        yield f"no module {module}"
        return
    parse = argparse.ArgumentParser.parse_args

    def and_no_further(parser: argparse.ArgumentParser, given: list[str]) -> NoReturn:
        parse(parser, given)
        raise ParsedError

    mocker.patch.object(argparse.ArgumentParser, "parse_args", and_no_further)
    importlib.import_module(f"{module}.__main__").main(arguments)


def is_assignment(word: str) -> bool:
    return re.fullmatch(r"[A-Z_]+=.*", word, flags=re.DOTALL) is not None
