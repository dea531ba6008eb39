"""A preflight as text in columns, and as an HTML table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck

_ADVICE = "-> "
_STATE_WIDTH = max(len(state.value) for state in CheckState)


def text_table(head: Sequence[str], checks: Sequence[PreflightCheck]) -> str:
    """Return the checks as lines, by group; advice stands below the line that it is for."""
    width = max((len(check.name) for check in checks), default=0)
    lines = [*head]
    for group, found in _by_group(checks):
        lines += ["", group.value]
        for check in found:
            lines.append(f"  {check.state.value:<{_STATE_WIDTH}}  {check.name:<{width}}  {check.evidence}")
            if check.advice is not None:
                lines.append(f"  {'':<{_STATE_WIDTH}}  {'':<{width}}  {_ADVICE}{check.advice}")
    return "\n".join(lines)


def html_table(head: Sequence[str], checks: Sequence[PreflightCheck]) -> str:
    """Return the checks as one table with a section for each group; every text is escaped."""
    body = []
    for group, found in _by_group(checks):
        rows = "".join(_html_row(check) for check in found)
        body.append(f'<tbody><tr><th colspan="4" scope="rowgroup">{escape(group.value)}</th></tr>{rows}</tbody>')
    told = "<br>".join(escape(line) for line in head)
    columns = "".join(f'<th scope="col">{name}</th>' for name in ("can", "what", "evidence", "what to do"))
    return f"<table><caption>{told}</caption><thead><tr>{columns}</tr></thead>{''.join(body)}</table>"


def _by_group(checks: Sequence[PreflightCheck]) -> Iterator[tuple[CheckGroup, list[PreflightCheck]]]:
    for group in CheckGroup:
        found = [check for check in checks if check.group is group]
        if found:
            yield group, found


def _html_row(check: PreflightCheck) -> str:
    cells = (check.name, check.evidence, check.advice or "")
    state = f"<strong>{check.state.value}</strong>" if check.state is CheckState.NO else check.state.value
    return f"<tr><td>{state}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"
