"""Every Python block of the README and the documentation runs, and prints what the page says that it prints.

The blocks of a page are one program, in order. `pytest tests/docs --update-examples` writes printed results anew.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from pytest_examples import CodeExample, EvalExample, find_examples

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "fine_tune_tickets.py"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WIDTH = 118
WORDS_NOT_USED = ("simply", "just", "obviously", "easy", "easily", "robust", "seamless", "seamlessly", "powerful")
REASONS_NOT_TO_RUN = ("get_active_session", "cortex_tickets.connect", "FineTuneTimeoutError")
"""One of these stands in every block that is only compiled: it needs an account, or time."""


def blocks_of(page: Path) -> list[CodeExample]:
    return [example for example in find_examples(str(page)) if example.prefix.startswith("python")]


PAGES_WITH_BLOCKS = [page for page in PAGES if blocks_of(page)]


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("page", PAGES_WITH_BLOCKS, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run_in_order_and_print_what_it_says(page: Path, eval_example: EvalExample) -> None:
    eval_example.set_config(line_length=WIDTH, target_version="py310")
    names: dict[str, Any] = {}
    for block in blocks_of(page):
        if block.source == EXAMPLE.read_text(encoding="utf-8"):
            continue  # a test of its own runs it, from its file
        if is_compiled_only(block):
            compile(block.source, f"{page.name}:{block.start_line}", "exec")
        else:
            names = names_after(block, names, eval_example)


def test_the_first_block_of_the_readme_is_the_example() -> None:
    assert blocks_of(ROOT / "README.md")[0].source == EXAMPLE.read_text(encoding="utf-8")


def test_only_what_needs_an_account_or_much_time_is_not_run() -> None:
    compiled = [
        f"{page.relative_to(ROOT)}:{block.start_line}"
        for page in PAGES
        for block in blocks_of(page)
        if is_compiled_only(block) and not any(reason in block.source for reason in REASONS_NOT_TO_RUN)
    ]
    assert compiled == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_praises_nothing_and_hurries_nobody(page: Path) -> None:
    prose = re.sub(r"```.*?```|`[^`]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(rf"\b(?:{'|'.join(WORDS_NOT_USED)})\b", prose, flags=re.IGNORECASE) == []


def is_compiled_only(block: CodeExample) -> bool:
    return block.prefix_settings().get("test") == "compile"


def names_after(block: CodeExample, names: dict[str, Any], eval_example: EvalExample) -> dict[str, Any]:
    run = eval_example.run_print_update if eval_example.update_examples else eval_example.run_print_check
    try:
        return run(block, module_globals=names, rewrite_assertions=False)
    except Exception as error:  # noqa: BLE001  whatever a block raises is the page's fault, and is told with its line
        reason = f"{type(error).__name__}: {error}"
    # Outside of the handler: the plugin gives the error a traceback that Python 3.11 cannot print.
    pytest.fail(f"{block.path.relative_to(ROOT)}:{block.start_line}: {reason}", pytrace=False)
