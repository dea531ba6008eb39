"""`llms.txt` lists every page with one line of what it is; every public name stands in the reference."""

import re
from pathlib import Path

import pytest
from mkdocs.config import load_config

import cortex_tickets

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LLMS = DOCS / "llms.txt"
LONGEST_LINE = 240
"""Characters of a page's description: one line is what it is for."""
HEAD = """# cortex-tickets

> A typed Python library that turns a table of support tickets into labels, a training set, a fine-tuned model, a \
measured comparison and replies, with Snowflake Cortex or on an embedded engine without an account.

What it does on Snowflake follows Snowflake's documentation and was never verified on an account. The engine's models \
are stand-ins: no language model is hidden in them. Addresses are relative to this file.
"""


def navigation() -> list[tuple[int, str, str | None]]:
    """Return each entry of the navigation: its depth, its title, its page (`None` for a group)."""
    lines = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").split("\nnav:\n")[1].splitlines()
    found = []
    for line in lines:
        entry = re.fullmatch(r"( *)- (?:(?P<title>[^:]+):)? ?(?P<page>\S+\.md)?", line)
        assert entry is not None, line
        page = entry["page"]
        title = (entry["title"] or title_of(page)).strip('"')
        found.append((len(entry[1]) // 4, title, page))
    return found


def title_of(page: str) -> str:
    return next(
        line.removeprefix("# ")
        for line in (DOCS / page).read_text(encoding="utf-8").splitlines()
        if line.startswith("# ")
    )


def description_of(page: str) -> str:
    """Return what stands at a page's head as `description`, or else its first sentence, without its links."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if text.startswith("---\n"):
        head, text = text.removeprefix("---\n").split("---\n", 1)
        given = re.search(r"^description: (.+)$", head, flags=re.MULTILINE)
        if given:
            return given[1].strip('"')
    text = re.sub(r"^#[^\n]*$|<[^>]*>|^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    parts = [part.strip() for part in re.split(r"\n\s*\n", text)]
    paragraph = next((part for part in parts if part and not part.startswith((":::", "|"))), "")
    words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
    return re.split(r"(?<=[.:?]) (?=[A-Z])", words.replace("**", ""))[0]


def site_map() -> str:
    lines = [HEAD]
    for depth, title, page in navigation():
        if page is None:
            lines += ["", f"{'#' * (depth + 2)} {title}", ""]
        else:
            lines.append(f"- [{title}]({address_of(page)}): {description_of(page)}")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def address_of(page: str) -> str:
    path = page.removesuffix(".md").removesuffix("index")
    return path if path.endswith("/") else f"{path or '.'}/"


def test_the_list_of_pages_for_language_models_is_that_of_the_navigation(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("update_examples"):
        LLMS.write_text(site_map(), encoding="utf-8")
    assert LLMS.read_text(encoding="utf-8") == site_map(), "run: pytest tests/docs --update-examples"


def test_every_page_is_in_the_navigation_once_and_says_what_it_is_in_one_line() -> None:
    pages = [page for _, _, page in navigation() if page is not None]
    assert sorted(pages) == sorted(str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md"))
    assert [page for page in pages if not 0 < len(description_of(page)) <= LONGEST_LINE] == []


def test_every_public_name_stands_in_the_reference() -> None:
    pages = "\n".join(path.read_text(encoding="utf-8") for path in sorted((DOCS / "reference").glob("*.md")))
    shown = set(re.findall(r"^::: cortex_tickets\.([\w.]+)$", pages, flags=re.MULTILINE))
    names = set(cortex_tickets.__all__)
    wholly_shown = {name for name in names if shows_all_of(name, shown)}
    assert sorted(names - shown - wholly_shown) == []


def shows_all_of(name: str, shown: set[str]) -> bool:
    """Whether the name is an error, and the page shows all of their module, or a module with entries of its own."""
    value = getattr(cortex_tickets, name)
    if isinstance(value, type):
        return value.__module__ == "cortex_tickets.errors" and "errors" in shown
    return any(entry.startswith(f"{name}.") for entry in shown)


def test_the_index_of_the_reference_names_every_public_name_that_is_no_error() -> None:
    index = (DOCS / "reference" / "index.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w.]+)`", index))
    missing = [
        name
        for name in cortex_tickets.__all__
        if name not in named
        and not any(entry.startswith(f"{name}.") for entry in named)
        and not (isinstance(value := getattr(cortex_tickets, name), type) and issubclass(value, Exception))
    ]
    assert missing == []


def test_the_site_is_searched_and_is_light_or_dark_as_the_reader_chooses() -> None:
    config = load_config(str(ROOT / "mkdocs.yml"))
    assert "material/search" in config.plugins
    assert [(choice["scheme"], choice["media"]) for choice in config.theme["palette"]] == [
        ("default", "(prefers-color-scheme: light)"),
        ("slate", "(prefers-color-scheme: dark)"),
    ]
    assert all(choice["toggle"]["name"] for choice in config.theme["palette"])
