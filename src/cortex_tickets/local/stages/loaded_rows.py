"""Texts of a staged file as values of a table's columns: which rows do not fit, and why."""

from __future__ import annotations

from dataclasses import dataclass

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.stages.csv_rows import CsvRow
from cortex_tickets.local.stages.staged_tables import ROW_NUMBER, StagedTable
from cortex_tickets.local.stages.target_table import Column, quoted_name_of

_ADVICE = (
    "If you would like to continue loading when an error is encountered, use other values such as 'SKIP_FILE' or "
    "'CONTINUE' for the ON_ERROR option. For more information on loading options, please run 'info loading_data' in "
    "a SQL client."
)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that does not fit.

    Attributes:
        number: Which row of the file, from 1.
        line: Line that it begins on.
        character: Where in the line the value begins.
        column: Snowflake's words for the column.
        message: What is wrong.
        code: Snowflake's error number.
        sqlstate: SQL state.
    """

    number: int
    line: int
    character: int
    column: str
    message: str
    code: int
    sqlstate: str

    def error(self, file: str) -> ProgrammingError:
        """The error that ends a COPY."""
        return ProgrammingError(
            msg=f"{self.message}\n  File '{file}', line {self.line}, character {self.character}\n"
            f"  Row {self.number}, column {self.column}\n  {_ADVICE}",
            errno=self.code,
            sqlstate=self.sqlstate,
        )


def value_sql(column: Column, field: str, *, truncates: bool) -> str:
    """DuckDB's text for a field as a value of the column; NULL where it is none."""
    if column.kind == "VARCHAR":
        return f"left({field}, {column.length})" if truncates and column.length else field
    if column.kind == "JSON":
        return f"to_json({field})"
    if column.kind == "BLOB":
        return f"from_hex({field})"
    return f"TRY_CAST({field} AS {column.kind})"


def bad_rows(
    duck: DuckConnection, view: str, staged: StagedTable, table: str, columns: list[Column], *, truncates: bool
) -> list[BadRow]:
    """The rows whose texts do not fit the columns, by number; at most one value each.

    Args:
        duck: A connection on which `view` is registered.
        view: The file's rows.
        staged: The same, as read.
        table: The table's own name.
        columns: The columns, in the order of the fields.
        truncates: Whether longer texts are cut rather than refused.
    """
    names = staged.table.column_names
    cases = []
    for place, column in enumerate(columns):
        field = quoted_name_of(names[place]) if place < len(names) - 2 else "NULL"
        wrong = [f"({field} IS NOT NULL AND {value_sql(column, field, truncates=truncates)} IS NULL)"]
        if column.length is not None and not truncates:
            wrong.append(f"length({field}) > {column.length}")
        if not column.nullable:
            wrong.append(f"{field} IS NULL")
        cases.append(f"WHEN {' OR '.join(wrong)} THEN {place}")
    number = quoted_name_of(ROW_NUMBER)
    found = duck.execute(
        f"SELECT {number}, CASE {' '.join(cases)} END AS place FROM {view} WHERE place IS NOT NULL ORDER BY 1"
    ).fetchall()
    return [_bad_row(staged.rows[row - 1], row, table, columns[place], place) for row, place in found]


def misread_rows(staged: StagedTable, table: str, n_columns: int, *, counts_columns: bool) -> list[BadRow]:
    """The rows that could not be read, or have another number of fields than the table has columns."""
    found = []
    for number, row in enumerate(staged.rows, start=1):
        if row.problem:
            found.append(BadRow(number, row.line, row.places[-1], f'"{table}"', row.problem, 100016, "22000"))
        elif counts_columns and len(row.fields) != n_columns:
            message = (
                f"Number of columns in file ({len(row.fields)}) does not match that of the corresponding table "
                f"({n_columns}), use file format option error_on_column_count_mismatch=false to ignore this error"
            )
            column = f'"{table}"[{len(row.fields)}]'
            found.append(BadRow(number, row.line, row.places[-1], column, message, 100080, "22000"))
    return found


def _bad_row(row: CsvRow, number: int, table: str, column: Column, place: int) -> BadRow:
    value = row.fields[place] if place < len(row.fields) else None
    character = row.places[place] if place < len(row.places) else row.places[-1]
    shown = f'"{table}"["{column.name}":{column.position}]'
    return BadRow(number, row.line, character, shown, *_problem(column, value))


def _problem(column: Column, value: str | None) -> tuple[str, int, str]:
    if value is None:
        return f"NULL result in a non-nullable column '{column.name}'", 100072, "22000"
    if column.length is not None:
        return f"User character length limit ({column.length}) exceeded by string '{value}'", 100074, "54000"
    for prefix, (what, code, sqlstate) in _KINDS.items():
        if column.kind.startswith(prefix):
            return f"{what} '{value}' is not recognized", code, sqlstate
    return f"Numeric value '{value}' is not recognized", 100038, "22018"


_KINDS = {
    "DATE": ("Date", 100040, "22007"),
    "TIMESTAMP": ("Timestamp", 100035, "22007"),
    "TIME": ("Time", 100108, "22007"),
    "BOOLEAN": ("Boolean value", 100037, "22018"),
}
