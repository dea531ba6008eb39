"""Reads the handler of a stored procedure: a Python file with `main(session)`."""

from __future__ import annotations

import ast
import os
import re
from dataclasses import dataclass
from pathlib import Path

from cortex_tickets.errors import InvalidInputError

FUNCTION = "main"
_FORM = f"def {FUNCTION}(session)"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Handler:
    """A Python file that a stored procedure runs."""

    path: Path
    source: str
    """Its text, without white space at the end."""

    @property
    def name(self) -> str:
        """What the procedure is called unless told otherwise: the file's name in upper case."""
        return self.path.stem.upper()


def read_handler(path: str | os.PathLike[str]) -> Handler:
    """Return the handler.

    Raises:
        InvalidInputError: With everything that is wrong: no such file, no Python, no `main(session)`, or `$$` in it,
            which would end it in the statement.
    """
    file = Path(path)
    shown = repr(str(file))
    if file.suffix != ".py" or not _PLAIN.fullmatch(file.stem):
        raise InvalidInputError(
            f"The handler {shown} must be a Python file whose name is letters, digits and _, such as label_tickets.py."
        )
    try:
        source = file.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInputError(f"The handler {shown} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise InvalidInputError(f"The handler {shown} is not UTF-8 text.") from None
    problems = [*_problems_of(source, shown)]
    if problems:
        raise InvalidInputError(problems)
    return Handler(file, source.rstrip())


def _problems_of(source: str, shown: str) -> list[str]:
    problems = []
    if "$$" in source:
        problems.append(
            f"The handler {shown} has $$ in it, and stands between two $$ in its statement. Write it in another way, "
            'such as "$" * 2.'
        )
    try:
        module = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        return [*problems, f"The handler {shown} is no Python that this interpreter can read{where}."]
    found = [node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == FUNCTION]
    if not found:
        return [*problems, f"The handler {shown} has no function {FUNCTION}; Snowflake calls `{_FORM}`."]
    arguments = found[-1].args
    needed = len(arguments.posonlyargs) + len(arguments.args) - len(arguments.defaults)
    keywords = [name for name, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if not default]
    takes_one = len(arguments.posonlyargs) + len(arguments.args) > 0 or arguments.vararg is not None
    if needed > 1 or keywords or not takes_one:
        problems.append(f"The handler {shown} has a {FUNCTION} that cannot be called as {FUNCTION}(session).")
    return problems
