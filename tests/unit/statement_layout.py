"""Statements laid out to be read: a line for each clause, and what differs from run to run masked."""

import re

from cortex_tickets.testing import FakeSession

_STRING = r"'(?:[^'\\]|''|\\.)*'|\"(?:[^\"]|\"\")*\""
_CLAUSE = (
    r"\b(?:WITH|FROM|LEFT JOIN|JOIN|WHERE|GROUP BY|ORDER BY|QUALIFY|USING|WHEN MATCHED|WHEN NOT MATCHED|SELECT)\b"
    r"|(?<=, )[A-Z_]+ AS \((?=SELECT)"
)
_PIECE = re.compile(rf"(?P<string>{_STRING})|(?P<open>\()|(?P<close>\))|(?P<clause>{_CLAUSE})", re.DOTALL)


def laid_out(sql: str) -> str:
    """Return the statement with a line for each clause of each query; but for white space it stays as it was sent."""
    queries = [True]  # for each open parenthesis, whether a query stands inside
    made, end = "", 0

    def new_line() -> None:
        nonlocal made
        made = made.rstrip(" ") + ("\n" + "  " * (sum(queries) - 1) if made else "")

    for piece in _PIECE.finditer(sql):
        made += sql[end : piece.start()]
        end = piece.end()
        text = piece.group()
        if piece["clause"] and queries[-1] and not made.endswith("DISTINCT "):
            new_line()
        if piece["close"]:
            if queries.pop():
                made = made.rstrip(" ") + "\n" + "  " * (sum(queries) - 1)
        elif text.endswith("(") and not piece["string"]:
            queries.append(sql[end:].startswith(("SELECT", "WITH")))
        made += text
    made += sql[end:]
    assert "".join(made.split()) == "".join(sql.split())
    return made


def sent(session: FakeSession) -> str:
    """Return all statements that were sent, with what was bound to them; what differs from run to run is masked."""
    blocks = []
    for statement in session.sent:
        text = laid_out(statement.text)
        if statement.values:
            text += "\n-- bound: " + ", ".join(repr(value) for value in statement.values)
        blocks.append(text)
    said = "\n\n".join(blocks)
    said = re.sub(r"\b[0-9a-f]{32}\b", "<run id>", said)
    return re.sub(r"_(WORK|FREEZE|CHECK)_[0-9A-F]{12}\b", r"_\1_<ID>", said)
