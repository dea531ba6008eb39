"""The engine's support table: made of the marks of the conformance tests, with every name that was promised."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests" / "conformance"
PAGE = ROOT / "docs" / "reference" / "engine-support.md"
BEGIN = "<!-- generated: from the conformance tests; `pytest tests/docs --update-examples` writes it anew -->\n"
END = "<!-- end of generated -->\n"
MARKS = {"works": "works", "differs": "differs", "refuses": "refused"}

CLIENTS = (
    "Snowpark",
    "Snowpark: AI functions",
    "snowflake-ml-python",
    "Python connector",
    "The quickstarts",
    "SQL: Cortex functions",
    "SQL: fine-tuning",
    "SQL: statements",
    "Sessions and state",
)
PROMISED = {
    "Snowpark": [
        "`create_dataframe`",
        "`table`",
        "`filter`",
        "`with_column`",
        "`join`",
        "`group_by`",
        "`random_split`",
        "`cache_result`",
        "`write.save_as_table`",
        "`Table.merge`",
        "`Table.update`",
        "`Table.delete`",
        "`to_pandas`",
        "`write_pandas`",
        "`file.put`",
        "`COPY INTO`",
        "`query_tag`",
        "`statement_params`",
        "`collect_nowait`",
        "`cancel`",
        "`VECTOR`",
    ],
    "Snowpark: AI functions": [
        "`ai_complete`",
        "`ai_classify`",
        "`ai_filter`",
        "`ai_sentiment`",
        "`ai_translate`",
        "`ai_extract`",
        "`ai_embed`",
        "`ai_similarity`",
        "`ai_count_tokens`",
        "`ai_redact`",
        "`ai_agg`",
        "`ai_summarize_agg`",
        "`prompt`",
        "`DataFrame.ai.complete`",
        "`DataFrame.ai.classify`",
        "`DataFrame.ai.filter`",
        "`DataFrame.ai.sentiment`",
        "`DataFrame.ai.translate`",
        "`DataFrame.ai.extract`",
        "`DataFrame.ai.embed`",
        "`DataFrame.ai.similarity`",
        "`DataFrame.ai.count_tokens`",
        "`DataFrame.ai.redact`",
        "`DataFrame.ai.agg`",
        "`DataFrame.ai.summarize_agg`",
        "`DataFrame.ai.split_text_markdown_header`",
        "`DataFrame.ai.split_text_recursive_character`",
    ],
    "snowflake-ml-python": [
        "`complete`",
        "`sentiment`",
        "`summarize`",
        "`translate`",
        "`extract_answer`",
        "`classify_text`",
        "`embed_text_768`",
        "`embed_text_1024`",
        "`Finetune.create`",
        "`Finetune.list_jobs`",
        "`FinetuneJob.cancel`",
        "`FinetuneJob.describe`",
    ],
    "SQL: Cortex functions": [
        "`AI_AGG`",
        "`AI_CLASSIFY`",
        "`AI_COMPLETE`",
        "`AI_COUNT_TOKENS`",
        "`AI_EMBED`",
        "`AI_EXTRACT`",
        "`AI_FILTER`",
        "`AI_NULL_IF_ERROR`",
        "`AI_REDACT`",
        "`AI_SENTIMENT`",
        "`AI_SIMILARITY`",
        "`AI_SUMMARIZE`",
        "`AI_SUMMARIZE_AGG`",
        "`AI_THROW_IF_ERROR`",
        "`AI_TRANSLATE`",
        "`CLASSIFY_TEXT`",
        "`COMPLETE`",
        "`COUNT_TOKENS`",
        "`EMBED_TEXT_1024`",
        "`EMBED_TEXT_768`",
        "`ENTITY_SENTIMENT`",
        "`EXTRACT_ANSWER`",
        "`PROMPT`",
        "`SENTIMENT`",
        "`SPLIT_TEXT_MARKDOWN_HEADER`",
        "`SPLIT_TEXT_RECURSIVE_CHARACTER`",
        "`SUMMARIZE`",
        "`TRANSLATE`",
        "`TRY_COMPLETE`",
    ],
}
"""What the engine is for, by name: the names of the clients' own functions."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One mark of one test."""

    client: str
    feature: str
    state: str
    note: str
    test: str


def entries() -> list[Entry]:
    return [entry for file in sorted(TESTS.glob("test_*.py")) for entry in entries_of(file)]


def entries_of(file: Path) -> Iterator[Entry]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    named = constants_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for name, call in marks_of(node):
                yield from entries_of_mark(name, call, named, f"`{file.stem}`: {words_of(node.name)}")


def constants_of(module: ast.Module) -> dict[str, Any]:
    """The module's own constants, which a mark may name."""
    return {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def marks_of(node: ast.FunctionDef | ast.ClassDef) -> Iterator[tuple[str, ast.Call]]:
    """The marks on a test or a class, those of its parameters among them."""
    for decorator in node.decorator_list:
        for call in ast.walk(decorator):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in MARKS:
                yield call.func.attr, call


def entries_of_mark(name: str, call: ast.Call, named: dict[str, Any], test: str) -> Iterator[Entry]:
    def value(node: ast.expr) -> Any:
        return named[node.id] if isinstance(node, ast.Name) else ast.literal_eval(node)

    client, *features = (str(value(argument)) for argument in call.args)
    given: dict[str, Any] = {str(item.arg): value(item.value) for item in call.keywords}
    note = ""
    if name == "differs":
        note = given["how"]
    elif name == "refuses":
        code = f"{given['code']:06d} " if given.get("code") else ""
        note = f"{code}*{given['words']}* {given['why']}"
    for feature in features:
        yield Entry(client, feature, MARKS[name], note, test)


def words_of(name: str) -> str:
    return (
        re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removeprefix("test_").removeprefix("Test")).replace("_", " ").lower()
    )


def tables() -> str:
    found = entries()
    parts = []
    for client in CLIENTS:
        rows: dict[str, list[Entry]] = {}
        for entry in found:
            if entry.client == client:
                rows.setdefault(entry.feature, []).append(entry)
        parts.append(f"\n## {client}\n\n| What | State | How, or why | Shown by |\n|---|---|---|---|\n")
        parts += [row(feature, rows[feature]) for feature in sorted(rows, key=sorting)]
    return "".join(parts) + "\n"


def row(feature: str, of_it: list[Entry]) -> str:
    states = {entry.state for entry in of_it}
    state = next(name for name in ("refused", "differs", "works") if name in states)
    notes = " ".join(dict.fromkeys(entry.note for entry in of_it if entry.note))
    tests = "; ".join(dict.fromkeys(entry.test for entry in of_it))
    cells = (feature, state, notes, tests)
    return f"| {' | '.join(cell.replace('|', chr(92) + '|').replace(chr(10), ' ') for cell in cells)} |\n"


def sorting(feature: str) -> str:
    return feature.strip("`").lower()


def test_the_page_is_what_the_tests_show(request: pytest.FixtureRequest) -> None:
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    generated = before + BEGIN + tables() + END + rest.split(END)[1]
    if request.config.getoption("update_examples"):
        PAGE.write_text(generated, encoding="utf-8")
        return
    assert text == generated, "run: pytest tests/docs --update-examples"


def test_every_client_of_a_mark_has_its_table() -> None:
    assert {entry.client for entry in entries()} == set(CLIENTS)


@pytest.mark.parametrize("client", PROMISED)
def test_everything_that_was_promised_by_name_has_its_row(client: str) -> None:
    shown = {entry.feature for entry in entries() if entry.client == client}
    assert [name for name in PROMISED[client] if name not in shown] == []


def test_no_feature_is_both_refused_and_shown_to_work() -> None:
    states: dict[tuple[str, str], set[str]] = {}
    for entry in entries():
        states.setdefault((entry.client, entry.feature), set()).add(entry.state)
    assert [key for key, found in states.items() if "refused" in found and len(found) > 1] == []


def test_a_refusal_is_checked_in_the_words_that_the_page_has() -> None:
    unchecked = []
    for file in sorted(TESTS.glob("test_*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any(name == "refuses" for name, _ in marks_of(node)):
                takes = {argument.arg for argument in (*node.args.args, *node.args.kwonlyargs)}
                if "is_refused" not in takes:
                    unchecked.append(f"{file.name}: {node.name}")
    assert unchecked == []


def test_no_client_test_is_skipped_or_expected_to_fail() -> None:
    ways_out = re.compile(r"\b(?:pytest|mark)\.(?:skip|skipif|xfail|importorskip)\b")
    assert [file.name for file in TESTS.glob("*.py") if ways_out.search(file.read_text(encoding="utf-8"))] == []
