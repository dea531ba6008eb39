"""The command line's own words: what the package says of arguments and calls is said of options and commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cortex_tickets
from cortex_tickets._loading.gold_rows import FILE_COLUMNS
from cortex_tickets._loading.ticket_rows import TICKET_COLUMNS
from cortex_tickets.cli.commands import app
from cortex_tickets.cli.wording import PHRASES, in_options

PACKAGE = Path(cortex_tickets.__file__).parent


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        (
            "4,200 trained tokens; price unknown: give platform_credits_per_million_tokens=",
            "4,200 trained tokens; price unknown: give training.platform_credits_per_million_tokens in the settings",
        ),
        (
            "x.csv has no column TEXT. It has: BODY. Name the right ones with columns={...}.",
            "x.csv has no column TEXT. It has: BODY. Name the right ones with --column ROLE=COLUMN.",
        ),
        ("columns= has the unknown role x; it knows id.", "--column has the unknown role x; it knows id."),
        ("; give a larger budget or a smaller chunk_rows", "; give a larger budget or a smaller --chunk-rows"),
        ("FineTuneJob.list(session) shows what there is.", "`cortex-tickets job list` shows what there is."),
        ("with a larger budget= or timeout= where", "with a larger --budget or --timeout where"),
        ("give delimiter=';'.", "give --delimiter ';'."),
        ("Give another table=, or replace=True to put", "Give another --table, or --replace to put"),
        ("load the others with skip_bad_rows=True.", "load the others with --skip-bad-rows."),
        ("timeout=nan must be a number", "--timeout nan must be a number"),
        (
            "No BODY (for text=). It has: ID. Name the right one: TicketSource(table='T', text=...).",
            "No BODY (columns.text of the settings). It has: ID. Name the right one in the settings, as columns.text.",
        ),
        (
            "created_at=...); created_at=None says that there is none.",
            'created_at=...); columns.created_at = "" says that there is none.',
        ),
        (
            "The ledger L has labels of several models: AI_CLASSIFY, M. Name one of them.",
            "The ledger L has labels of several models: AI_CLASSIFY, M. Name one of them with --labelled-by.",
        ),
        (
            "Give prices={model: ModelPrice(...)} to the classifier, or to a cascade's student and teacher.",
            'Give it in the settings, as prices."MODEL".',
        ),
        (
            "T has no manifest (M). Give the table that EmbeddingStudent.train wrote into.",
            "T has no manifest (M). Give the table of heads that `cortex-tickets train --student embedding` wrote.",
        ),
        (
            "T has no manifest (M). Give the table that TrainingSetBuilder.build wrote into.",
            "T has no manifest (M). Give the table that `cortex-tickets train` wrote.",
        ),
        (
            "T holds no head. Train one with EmbeddingStudent.train.",
            "T holds no head. Train one with `cortex-tickets train --student embedding`.",
        ),
        (
            "It is not known. Call FineTuneJob.start again with the same arguments: it looks for it.",
            "It is not known. Run the same command again: it looks for it.",
        ),
        (
            "The job was cancelled. FineTuneJob.start begins a new one.",
            "The job was cancelled. `cortex-tickets job start` begins a new one.",
        ),
        (
            "It lists a, b: give one of these as embedding_model=.",
            "It lists a, b: give one of these as training.embedding_model.",
        ),
        ("give another name, or baseline=False.", "give another name, or --no-baseline."),
        (
            "The job goes on: FineTuneJob.attach(session, 'ft_1').wait() takes it up again.",
            "The job goes on: `cortex-tickets job wait ft_1` takes it up again.",
        ),
    ],
)
def test_arguments_and_calls_become_options_settings_and_commands(said: str, ours: str) -> None:
    assert in_options(said) == ours


@pytest.mark.parametrize(
    "said",
    [
        "--column 'id' must be ROLE=COLUMN, such as id=CASE_NO.",
        "--model 'x' must be NAME=MODEL, such as teacher=claude-sonnet-4-6.",
        "Set CORTEX_TICKETS_TRACEBACK=1 to see the traceback",
        "seed=7; throttled=0.1",
    ],
)
def test_what_is_the_command_lines_already_stands(said: str) -> None:
    assert in_options(said) == said


def test_every_phrase_is_still_said_by_the_package() -> None:
    said = "\n".join(_sentences())
    assert [phrase for phrase in PHRASES if not re.search(phrase, said)] == []


def _sentences() -> Iterator[str]:
    """What stands between quotes in the package, with X for what is put in."""
    for file in PACKAGE.rglob("*.py"):
        if "cli" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_the_help_of_load_names_every_role_of_a_column() -> None:
    shown = " ".join(CliRunner().invoke(app, ["load", "--help"]).stdout.split())
    for roles in (TICKET_COLUMNS, FILE_COLUMNS):
        assert ", ".join(roles).replace("source,", "source (random_sample or correction),") in shown
