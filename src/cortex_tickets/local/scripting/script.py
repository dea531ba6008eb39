"""Runs a scripting block, statement by statement, each with its own transaction as outside of a block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.scripting.block import Assignment, Block, Handler, If, Raise, Return, Sql, Statement
from cortex_tickets.local.scripting.reader import is_block, read_block
from cortex_tickets.local.scripting.tokens import tokens
from cortex_tickets.local.scripting.variables import bound, bound_expression
from cortex_tickets.local.sql.errors import to_snowflake
from cortex_tickets.local.sql.result import Result, rows_result
from cortex_tickets.local.stages.words import unquoted

RunSql = Callable[[str, Sequence[object]], Result]
"""Runs one statement with bound values."""

_COLUMN = "anonymous block"
_ROWS = "number of rows "


class _ReturnedError(Exception):
    """RETURN was met."""

    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value


class _RaisedError(ProgrammingError):
    """An exception that the block declares was raised."""

    def __init__(self, name: str, code: int, message: str) -> None:
        super().__init__(msg=message, errno=code, sqlstate="P0001")
        self.name = name


@dataclass(frozen=True, slots=True)
class Script:
    """A block, or a text given to EXECUTE IMMEDIATE, ready to run.

    Source:
        docs.snowflake.com/en/developer-guide/snowflake-scripting (blocks, variables, exceptions, dml-status),
        read 2026-11-25. What is not there (loops, cursors, result sets) is refused.

    Attributes:
        text: The block or the statement.
    """

    text: str

    def run(self, run_sql: RunSql, is_stopped: Callable[[], bool]) -> Result:
        """Run it, and give what it returned."""
        if not is_block(self.text):
            return run_sql(self.text, ())
        try:
            _Run(run_sql, is_stopped).block(read_block(self.text))
        except _ReturnedError as returned:
            return _value_result(returned.value)
        except _RaisedError as raised:
            raise ProgrammingError(
                msg=f"Uncaught exception of type '{raised.name}' : {raised.raw_msg}",
                errno=raised.errno,
                sqlstate=raised.sqlstate,
            ) from None
        return _value_result(None)


def script_of(sql: str) -> Script | None:
    """The script, when a statement is a block or EXECUTE IMMEDIATE of a text.

    Raises:
        NotImplementedError: For EXECUTE IMMEDIATE of a variable, a file, or with values.
    """
    if is_block(sql):
        return Script(sql)
    found = tokens(sql)
    if [token.text for token in islice(found, 2)] != ["EXECUTE", "IMMEDIATE"]:
        return None
    given = [token for token in found if token.text != ";"]
    if len(given) != 1 or given[0].kind != "quoted" or given[0].text.startswith('"'):
        raise NotImplementedError("EXECUTE IMMEDIATE of anything but one text")
    text = given[0].text
    return Script(text[2:-2] if text.startswith("$$") else unquoted(text))


@dataclass(slots=True)
class _Run:
    run_sql: RunSql
    is_stopped: Callable[[], bool]
    variables: dict[str, object] = field(default_factory=dict)
    exceptions: dict[str, tuple[int, str]] = field(default_factory=dict)
    handled: ProgrammingError | None = None

    def block(self, block: Block) -> None:
        self.variables |= dict.fromkeys(("SQLROWCOUNT", "SQLFOUND", "SQLNOTFOUND"))
        self.exceptions |= block.exceptions
        for declared in block.declared:
            self._assign(declared)
        try:
            self._statements(block.statements)
        except _ReturnedError:
            raise
        except Exception as raised:
            error = to_snowflake(raised)
            handler = _handler(block, error)
            # A statement that was cancelled, or that met its time limit, is no exception that a block could handle.
            if handler is None or self.is_stopped():
                raise
            self._handle(handler, error)

    def _handle(self, handler: Handler, error: ProgrammingError) -> None:
        outer, self.handled = self.handled, error
        self.variables |= {"SQLCODE": error.errno, "SQLERRM": str(error.raw_msg), "SQLSTATE": error.sqlstate}
        self._statements(handler.statements)
        self.handled = outer

    def _statements(self, statements: Sequence[Statement]) -> None:
        for statement in statements:
            self._statement(statement)

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Sql():
                self._sql(statement)
            case Assignment():
                self._assign(statement)
            case Return():
                raise _ReturnedError(self._value(statement.expression))
            case Raise():
                raise self._raised(statement.name)
            case If():
                self._statements(self._chosen(statement))
            case Block():
                self.block(statement)

    def _assign(self, assignment: Assignment) -> None:
        value = None if assignment.expression is None else self._value(assignment.expression)
        self.variables[assignment.name] = value

    def _chosen(self, choice: If) -> tuple[Statement, ...]:
        for condition, statements in choice.branches:
            if self._value(condition):
                return statements
        return choice.otherwise

    def _raised(self, name: str | None) -> ProgrammingError:
        if name is None:
            if self.handled is None:
                raise ProgrammingError(msg="RAISE stands outside of a handler.", errno=1003, sqlstate="42000")
            return self.handled
        if name not in self.exceptions:
            raise ProgrammingError(
                msg=f"SQL compilation error:\nException '{name}' is not declared.", errno=904, sqlstate="42000"
            )
        return _RaisedError(name, *self.exceptions[name])

    def _value(self, expression: str) -> object:
        text, values = bound_expression(expression, self.variables)
        return _rows(self.run_sql(text, values))[0][0]

    def _sql(self, statement: Sql) -> None:
        text, values = bound(statement.text, self.variables)
        result = self.run_sql(text, values)
        if statement.into:
            rows = _rows(result)
            if len(rows) != 1:
                raise ProgrammingError(
                    msg=f"SELECT INTO expects exactly 1 returned row, but got {len(rows)}.",
                    errno=100132,
                    sqlstate="P0000",
                )
            self.variables |= dict(zip(statement.into, rows[0], strict=True))
        count = _changed_rows(result)
        self.variables |= {
            "SQLROWCOUNT": count,
            "SQLFOUND": None if count is None else count > 0,
            "SQLNOTFOUND": None if count is None else count == 0,
        }


def _handler(block: Block, error: ProgrammingError) -> Handler | None:
    name = error.name if isinstance(error, _RaisedError) else "STATEMENT_ERROR"
    return next((handler for handler in block.handlers if not handler.names or name in handler.names), None)


def _rows(result: Result) -> list[list[object]]:
    columns = [column.to_pylist() for column in result.table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _changed_rows(result: Result) -> int | None:
    """How many rows a statement changed; `None` for one that changes none by its kind."""
    if not result.is_change:
        return None
    return sum(int(result.table[name][0].as_py()) for name in result.table.column_names if name.startswith(_ROWS))


def _value_result(value: object) -> Result:
    if isinstance(value, int) and not isinstance(value, bool):
        return rows_result(((_COLUMN, "BIGINT"),), [(value,)])
    return rows_result(((_COLUMN, "VARCHAR"),), [(None if value is None else str(value),)])
