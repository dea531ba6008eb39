"""What a scripting block consists of."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement of SQL.

    Attributes:
        text: The statement, without the INTO of a SELECT.
        into: Variables that take the one row of a SELECT, upper case.
    """

    text: str
    into: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name := expression`; `None` as the expression is NULL."""

    name: str
    expression: str | None


@dataclass(frozen=True, slots=True)
class Return:
    """`RETURN expression`, which ends the block."""

    expression: str


@dataclass(frozen=True, slots=True)
class Raise:
    """`RAISE name`, or `RAISE` alone in a handler."""

    name: str | None


@dataclass(frozen=True, slots=True)
class If:
    """IF, ELSEIF, ELSE: conditions with what is done where they hold."""

    branches: tuple[tuple[str, tuple[Statement, ...]], ...]
    otherwise: tuple[Statement, ...] = ()


@dataclass(frozen=True, slots=True)
class Handler:
    """`WHEN name OR name THEN`; no names are OTHER."""

    names: tuple[str, ...]
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """DECLARE, BEGIN, EXCEPTION, END.

    Attributes:
        declared: Variables with what they begin with.
        exceptions: Number and message of each declared exception, by name in upper case.
        statements: What is done.
        handlers: What is done when a statement fails.
    """

    declared: tuple[Assignment, ...] = ()
    exceptions: dict[str, tuple[int, str]] = field(default_factory=dict)
    statements: tuple[Statement, ...] = ()
    handlers: tuple[Handler, ...] = ()


Statement = Sql | Assignment | Return | Raise | If | Block
