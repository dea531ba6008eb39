"""What the pages say of tables and commands is what the code says."""

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal, get_args, get_origin

import pytest
import typer
from pydantic import BaseModel

from cortex_tickets._cascading.certificates_table import COLUMNS as CERTIFICATE_COLUMNS
from cortex_tickets._cortex.extracting import FIRST_PROBLEMS, Extracting
from cortex_tickets._cortex.jobs_table import _COLUMNS as JOB_COLUMNS
from cortex_tickets._cortex.replying import Replying
from cortex_tickets._cortex.sentiment_question import SentimentQuestion
from cortex_tickets._cortex.summarizing import Summarizing
from cortex_tickets._cortex.translating import Translating
from cortex_tickets._heads.storing import MANIFEST_COLUMNS as HEAD_MANIFEST_COLUMNS
from cortex_tickets._heads.storing import head_columns
from cortex_tickets._loading.ticket_rows import TICKET_COLUMNS, column_type
from cortex_tickets._replies.work import REPLY_COLUMNS
from cortex_tickets._training.freezing import MANIFEST_COLUMNS, ROW_COLUMNS
from cortex_tickets.app.asking.kept_records import RECORD_COLUMNS
from cortex_tickets.cli.commands import app
from cortex_tickets.cli.examples import HEADING
from cortex_tickets.cli.exit_codes import MEANINGS, ExitCode
from cortex_tickets.cli.model_spec import KINDS
from cortex_tickets.cli.settings import Settings
from cortex_tickets.cli.settings_file import settable_keys, variable_name
from cortex_tickets.ledger.schema import LEASE_COLUMNS, LEDGER_COLUMNS, RUN_COLUMNS
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.gold_label import GOLD_COLUMNS
from cortex_tickets.records.playbook import Playbook

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
SUBJECT_AND_BODY = Replying(model="m", prompt=ReplyPrompt(playbook=Playbook.default())).extra_columns

TABLES: Mapping[str, Mapping[str, str]] = {
    "The ledger": LEDGER_COLUMNS,
    "Columns that only replies have": {**SUBJECT_AND_BODY, **REPLY_COLUMNS},
    "Columns that only translations have": Translating.extra_columns,
    "Columns that only sentiments have": SentimentQuestion.extra_columns,
    "Columns that only summaries have": Summarizing.extra_columns,
    "Columns that only records have": {**Extracting.extra_columns, FIRST_PROBLEMS: "VARCHAR"},
    "The runs": RUN_COLUMNS,
    "The leases": LEASE_COLUMNS,
    "The training set": ROW_COLUMNS,
    "The manifest": MANIFEST_COLUMNS,
    "The heads": head_columns("n"),
    "The manifest of heads": HEAD_MANIFEST_COLUMNS,
    "The certificates": CERTIFICATE_COLUMNS,
    "The jobs": JOB_COLUMNS,
    "Gold": GOLD_COLUMNS,
    "The app's records": RECORD_COLUMNS,
    "Tickets": {name: column_type(name) for name in TICKET_COLUMNS.values()},
}
BEGIN = "<!-- generated: from the {}; `pytest tests/docs --update-examples` writes it anew -->\n"
END = "<!-- end of generated -->\n"


@pytest.mark.parametrize("heading", TABLES)
def test_the_columns_of_the_page_are_the_columns_that_are_written(heading: str) -> None:
    assert list(documented_tables()[heading]) == [(name, kind) for name, kind in TABLES[heading].items()]


def test_every_table_of_the_page_is_one_of_the_codes() -> None:
    assert set(documented_tables()) == set(TABLES)


def test_the_page_of_the_command_line_is_what_the_code_says(request: pytest.FixtureRequest) -> None:
    page = REFERENCE / "cli.md"
    text = generated = page.read_text(encoding="utf-8")
    for what, made in (
        ("commands", commands()),
        ("kinds of models", rows("Written", "Is", KINDS.items())),
        ("settings", settings()),
        ("exit codes", rows("Code", "Meaning", [(str(int(code)), MEANINGS[code]) for code in ExitCode])),
    ):
        before, rest = generated.split(BEGIN.format(what))
        generated = before + BEGIN.format(what) + made + END + rest.split(END, maxsplit=1)[1]
    if request.config.getoption("update_examples"):
        page.write_text(generated, encoding="utf-8")
    assert text == generated, "run: pytest tests/docs --update-examples"


def test_the_drawing_of_the_house_has_every_layer_that_the_import_contract_has() -> None:
    contract = (ROOT / ".importlinter").read_text(encoding="utf-8")
    layers = contract.split("\nlayers =")[1].split("\n\n")[0]
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    drawing = page.split("```text")[1].split("```")[0]
    names = re.findall(r"[a-z_]+", layers)
    drawn = [name for line in drawing.splitlines() for name in itertools.takewhile(names.__contains__, line.split())]
    assert drawn == names


def documented_tables() -> dict[str, list[tuple[str, str]]]:
    text = (REFERENCE / "tables.md").read_text(encoding="utf-8")
    sections = re.split(r"^#+ (.+)\n", text, flags=re.MULTILINE)[1:]
    rows = {
        heading: re.findall(r"^\| ([A-Z_]+) \| ([A-Z_]+(?:\((?:\d+,\d+|FLOAT, n)\))?) \|", body, flags=re.MULTILINE)
        for heading, body in zip(sections[::2], sections[1::2], strict=True)
    }
    return {heading: found for heading, found in rows.items() if found}


def commands() -> str:
    group: Any = typer.main.get_command(app)
    return "\n".join(sections("cortex-tickets", group))


def sections(called: str, group: Any) -> Iterator[str]:
    for name, command in sorted(group.commands.items()):
        if hasattr(command, "commands"):
            yield f"\n### {called} {name}\n\n{command.help}\n{example_block(command)}"
            yield from (section.replace("\n### ", "\n#### ", 1) for section in sections(f"{called} {name}", command))
        else:
            yield command_section(f"{called} {name}", command)


def command_section(called: str, command: Any) -> str:
    return "\n".join(
        [
            f"\n### {called}\n",
            f"{command.help}\n",
            "| Option | Default | What it does |",
            "|---|---|---|",
            *(option_row(parameter) for parameter in command.params),
            example_block(command),
        ]
    )


def example_block(command: Any) -> str:
    _, _, example = command.epilog.partition(f"{HEADING}\n")
    return f"\n```text\n{dedent(example)}\n```\n"


def option_row(option: Any) -> str:
    names = [*option.opts, *option.secondary_opts] if option.param_type_name == "option" else [option.name.upper()]
    default = "" if option.default is None or option.default is False else f"`{option.default}`"
    return f"| `{', '.join(names)}` | {default} | {option.help} |"


def rows(first: str, second: str, found: Iterable[tuple[str, str]]) -> str:
    return "\n".join(["", f"| {first} | {second} |", "|---|---|", *(f"| `{a}` | {b} |" for a, b in found), "", ""])


def settings() -> str:
    """The keys of the settings record, section by section, with their types, defaults, variables and meanings."""
    sections: dict[str, type[BaseModel]] = {"": Settings}
    for name, field in Settings.model_fields.items():
        record = record_of(field.annotation)
        if record is not None:
            sections[name] = record
    variables = {keys: variable_name(keys) for keys, _ in settable_keys()}
    return "\n".join(section_rows(name, record, variables) for name, record in sections.items())


def section_rows(name: str, record: type[BaseModel], variables: Mapping[tuple[str, ...], str]) -> str:
    heading = {"": "At the top", "labels": "[[labels]]", "prices": '[prices."MODEL"]'}.get(name, f"[{name}]")
    about = "" if record is Settings else f"\n{record.__doc__}\n"
    lines = [f"\n### {heading}\n{about}", "| Key | Type | Default | What it says |", "|---|---|---|---|"]
    for key, field in record.model_fields.items():
        if record is Settings and record_of(field.annotation) is not None:
            continue
        keys = (name, key) if name else (key,)
        variable = f" Variable: `{variables[keys]}`." if keys in variables else ""
        meaning = " ".join(str(field.description).split())
        lines.append(f"| `{key}` | {kind_of(field.annotation)} | {default_of(field)} | {meaning}{variable} |")
    return "\n".join([*lines, ""])


def record_of(annotation: Any) -> type[BaseModel] | None:
    found = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
    return next((kind for kind in found if issubclass(kind, BaseModel)), None)


def kind_of(annotation: Any) -> str:
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not type(None)]
    if get_origin(annotation) is Literal:
        return " or ".join(f"`{value}`" for value in kinds)
    if get_origin(annotation) in (list, dict):
        return {list: "list of texts", dict: "texts by name"}[get_origin(annotation)]
    return plain[kinds[0]]


def default_of(field: Any) -> str:
    if field.is_required():
        return "must be given"
    value = field.get_default(call_default_factory=True)
    return "" if value is None or value in ([], {}) else f"`{json.dumps(value)}`"
