"""Tables: plain ones, and confusion matrices whose cells show by colour how large they are."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets.markup import Child, Markup, element

MAX_MATRIX_LABELS = 15
"""A matrix of more labels is shown as a list of what is confused most."""
MAX_CONFUSED = 20
LONG_TEXT = 60
"""Characters from which a cell is given more width."""
_HOT = 0.75
"""Share of the row from which a cell is so dark that its text turns light."""


def table(columns: Sequence[str], rows: Sequence[Sequence[Child]], *, n_text_columns: int = 1) -> Markup:
    """Return a table; the first `n_text_columns` columns hold text, the others figures."""
    head = [
        element("th", column, scope="col", class_="text" if place < n_text_columns else None)
        for place, column in enumerate(columns)
    ]
    body = [
        element("tr", [_cell(cell, is_text=place < n_text_columns) for place, cell in enumerate(row)]) for row in rows
    ]
    return element(
        "div",
        element("table", element("thead", element("tr", head)), element("tbody", body)),
        class_="wide",
        tabindex=0,
    )


def heat_table(matrix: ConfusionMatrix) -> Markup:
    """Return gold labels against answers: as a matrix, or where there are many labels as a list."""
    if matrix.n_labels > MAX_MATRIX_LABELS:
        confused = matrix.confused()[:MAX_CONFUSED]
        return table(
            ("gold", "said", "tickets"), [(gold, said, str(count)) for gold, said, count in confused], n_text_columns=2
        )
    head = [element("th", "gold / said", scope="col")] + [
        element("th", column, scope="col", class_="outcome" if place >= matrix.n_labels else None)
        for place, column in enumerate(matrix.columns)
    ]
    body = [
        element(
            "tr",
            element("th", row, scope="row"),
            [
                _heat(count, sum(counts), is_right=row == column)
                for column, count in zip(matrix.columns, counts, strict=True)
            ],
        )
        for row, counts in zip(matrix.rows, matrix.counts, strict=True)
    ]
    return element(
        "div",
        element("table", element("thead", element("tr", head)), element("tbody", body), class_="heat"),
        class_="wide",
        tabindex=0,
    )


def _cell(cell: Child, *, is_text: bool) -> Markup:
    if not is_text:
        return element("td", cell, class_="nowrap")
    is_long = isinstance(cell, str) and not isinstance(cell, Markup) and len(cell) > LONG_TEXT
    return element("td", cell, class_="text long" if is_long else "text")


def _heat(count: int, total: int, *, is_right: bool) -> Markup:
    if not count:
        return element("td", "0", class_="empty")
    share = count / total
    kind = "right" if is_right else "wrong"
    return element(
        "td",
        f"{count:,}",
        class_=f"{kind} hot" if share > _HOT else kind,
        style=f"--share:{0.12 + 0.88 * share:.2f}",
        title=f"{share:.0%} of the row",
    )
