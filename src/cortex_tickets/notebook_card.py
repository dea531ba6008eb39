"""How a record shows in a notebook: a line that says what it is, figures, tables, texts; not the evaluation's report.

Colours are the notebook's own, or half transparent, so that they are readable on light and on dark paper alike,
whatever chose between the two. There is no script and no style sheet, which a notebook that is not trusted would drop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

from cortex_tickets.markup import Child, Markup, element

_LINE = "1px solid rgba(128,128,128,.3)"
_CELL = f"padding:3px 12px 3px 0;border:0;border-bottom:{_LINE};vertical-align:top;background:none;"
_NAME = f"{_CELL}text-align:left;font-weight:normal;opacity:.75;white-space:nowrap"
_TEXT = f"{_CELL}text-align:left;white-space:pre-line;overflow-wrap:anywhere"
_FIGURE = f"{_CELL}text-align:right;white-space:nowrap"
# A notebook's own style stretches tables, and gives each column the same width.
_TABLE = (
    "border-collapse:collapse;border:0;margin:2px 0 6px 0;width:auto;table-layout:auto;"
    "font-variant-numeric:tabular-nums"
)


class Tone(Enum):
    """Whether a word is good news, bad news or neither."""

    GOOD = "rgba(43,160,108,.25)"
    """It went as it should."""
    BAD = "rgba(220,90,60,.3)"
    """Somebody has to look."""
    PLAIN = "rgba(128,128,128,.2)"
    """Neither."""


def card(title: Child, *parts: Child) -> str:
    """Return a record's HTML: its title, and under it the parts, of which `None` is left out."""
    head = element("div", element("strong", title), style="margin:0 0 4px 0")
    return element("div", head, *parts, style="max-width:60em;line-height:1.45;text-align:left")


def title(text: str, word: str, tone: Tone) -> list[Child]:
    """Return a title with a word beside it, such as an outcome."""
    style = f"font-weight:normal;border-radius:9px;padding:1px 9px;background:{tone.value}"
    return [text, Markup(" "), element("span", word, style=style)]


def facts(values: Mapping[str, Child]) -> Markup | None:
    """Return names and values, one under the other; what is `None` is left out."""
    rows = [
        element("tr", element("th", name, scope="row", style=_NAME), element("td", value, style=_TEXT))
        for name, value in values.items()
        if value is not None
    ]
    return element("table", element("tbody", rows), style=_TABLE) if rows else None


def table(columns: Sequence[str], rows: Sequence[Sequence[Child]], *, n_text_columns: int = 1) -> Markup:
    """Return a table; the first `n_text_columns` columns hold text, the others figures."""
    styles = [_TEXT if place < n_text_columns else _FIGURE for place in range(len(columns))]
    head = [
        element("th", column, scope="col", style=style + ";opacity:.75;font-weight:normal")
        for column, style in zip(columns, styles, strict=True)
    ]
    body = [
        element("tr", [element("td", cell, style=style) for cell, style in zip(row, styles, strict=True)])
        for row in rows
    ]
    made = element("table", element("thead", element("tr", head)), element("tbody", body), style=_TABLE)
    return element("div", made, style="overflow-x:auto")


def letter(text: str | None) -> Markup | None:
    """Return a text as it was written, line breaks and all; `None` for none."""
    style = "white-space:pre-line;margin:4px 0 8px 0;padding:2px 0 2px 12px;border-left:3px solid rgba(128,128,128,.4)"
    return None if text is None else element("div", text, style=style)


def listed(texts: Sequence[str]) -> Markup | None:
    """Return sentences one under the other; nothing where there are none."""
    items = [element("li", text) for text in texts]
    return element("ul", items, style="margin:0;padding-left:1.2em") if items else None


def counted(counts: Mapping[str, int]) -> str | None:
    """Return counts as a text, such as `140 valid, 11 blank`; `None` where there are none."""
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or None


def tokens(read: int | None, written: int | None) -> str | None:
    """Return tokens as a text; `None` where neither is known."""
    if read is None and written is None:
        return None
    told = ("unknown" if count is None else f"{count:,}" for count in (read, written))
    return "{} read, {} written".format(*told)


def percent(share: float | None) -> str | None:
    """Return a share as per cent; `None` for none."""
    return None if share is None else f"{share:.1%}"
