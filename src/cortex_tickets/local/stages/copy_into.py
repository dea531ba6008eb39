"""COPY INTO a table: all files or none, unless ON_ERROR says otherwise."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import duckdb
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.sql.dialect import parse_statement
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.errors import to_snowflake
from cortex_tickets.local.sql.result import Result, rows_result, status_result
from cortex_tickets.local.stages.context import Connect, StageContext
from cortex_tickets.local.stages.copy_statement import CopyStatement
from cortex_tickets.local.stages.file_format import FileFormat
from cortex_tickets.local.stages.loaded_rows import BadRow, bad_rows, misread_rows, value_sql
from cortex_tickets.local.stages.names import full_name
from cortex_tickets.local.stages.staged_query import over_staged_columns
from cortex_tickets.local.stages.staged_tables import ROW_NUMBER, StagedTable, staged_table
from cortex_tickets.local.stages.store import Name, StagedFile
from cortex_tickets.local.stages.target_table import Column, chosen, columns_of, insert_into, quoted_name_of

_VIEW = "engine_staged_rows"
_COLUMNS = (
    ("file", "VARCHAR"),
    ("status", "VARCHAR"),
    ("rows_parsed", "BIGINT"),
    ("rows_loaded", "BIGINT"),
    ("error_limit", "BIGINT"),
    ("errors_seen", "BIGINT"),
    ("first_error", "VARCHAR"),
    ("first_error_line", "BIGINT"),
    ("first_error_character", "BIGINT"),
    ("first_error_column_name", "VARCHAR"),
)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of one file."""

    file: StagedFile
    n_parsed: int
    n_loaded: int
    bad: tuple[BadRow, ...] = ()

    def row(self, on_error: str) -> tuple[object, ...]:
        """Its row in COPY's answer."""
        status = "LOADED"
        if self.bad:
            status = "PARTIALLY_LOADED" if self.n_loaded else "LOAD_FAILED"
        limit = self.n_parsed if on_error == "CONTINUE" else 1
        first = self.bad[0] if self.bad else None
        problem = (None,) * 4 if first is None else (first.message, first.line, first.character, first.column)
        return self.file.name, status, self.n_parsed, self.n_loaded, limit, len(self.bad), *problem


@dataclass(frozen=True, slots=True)
class CopyInto:
    """A COPY INTO, ready to run."""

    statement: CopyStatement
    context: StageContext

    @property
    def table(self) -> Name:
        """Full name of the table."""
        return self.context.stored_name(self.statement.table)

    def run(self, connect: Connect) -> Result:
        """Load the files; COPY's own answer."""
        statement, store = self.statement, self.context.store
        place = self.context.place(statement.stage)
        file_format = self.context.format(statement.options.get("FILE_FORMAT"), place)
        names = statement.options.get("FILES")
        pattern = statement.options.get("PATTERN", "")
        files = store.files(place, str(pattern), names if isinstance(names, list) else None)
        table, key = self.table, ".".join(self.table)
        if not statement.is_on("FORCE"):
            files = [file for file in files if not store.was_loaded(key, file)]
        versions = {file.name: file.version() for file in files}
        with connect(key) as duck:
            columns = columns_of(duck, table)
            loaded = self._all_or_none(duck, files, columns, file_format)
        done = {item.file.name: versions[item.file.name] for item in loaded if item.n_loaded}
        self.context.session.when_committed(lambda: store.note_loaded(key, done))
        if statement.is_on("PURGE"):
            for item in loaded:
                if not item.bad:
                    item.file.file.unlink()
        if not loaded:
            return status_result(0, "Copy executed with 0 files processed.")
        return rows_result(_COLUMNS, [item.row(statement.on_error) for item in loaded])

    def _all_or_none(
        self, duck: DuckConnection, files: list[StagedFile], columns: list[Column], file_format: FileFormat
    ) -> list[Loaded]:
        if self.context.session.in_transaction:
            return [self._load(duck, file, columns, file_format) for file in files]
        duck.begin()
        try:
            loaded = [self._load(duck, file, columns, file_format) for file in files]
        except BaseException:
            with suppress(duckdb.Error):  # DuckDB may have undone it already
                duck.rollback()
            raise
        duck.commit()
        return loaded

    def _load(self, duck: DuckConnection, file: StagedFile, columns: list[Column], file_format: FileFormat) -> Loaded:
        staged = staged_table(file, file_format)
        duck.duck.register(_VIEW, staged.table)
        try:
            if self.statement.query:
                return self._load_query(duck, staged, columns, file_format)
            if self.statement.matches_names != "NONE" or file_format.kind != "CSV":
                return self._load_documents(duck, staged, columns, file_format)
            return self._load_texts(duck, staged, columns, file_format)
        finally:
            with suppress(duckdb.Error):  # a failed transaction takes no statement; the next file takes the name
                duck.duck.unregister(_VIEW)

    def _load_texts(
        self, duck: DuckConnection, staged: StagedTable, columns: list[Column], file_format: FileFormat
    ) -> Loaded:
        """A delimited file, field by field."""
        table, truncates = self.table, self.statement.truncates
        columns = chosen(columns, [full_name(name, None, None)[2] for name in self.statement.columns])
        bad = misread_rows(staged, table[2], len(columns), counts_columns=file_format.counts_columns)
        unread = {item.number for item in bad}
        unfit = bad_rows(duck, _VIEW, staged, table[2], columns, truncates=truncates) if staged.rows else []
        bad = sorted([*bad, *(item for item in unfit if item.number not in unread)], key=lambda item: item.number)
        if bad and self.statement.on_error == "ABORT_STATEMENT":
            raise bad[0].error(staged.file.path.rsplit("/", 1)[-1])
        if not staged.rows or (bad and self.statement.on_error == "SKIP_FILE"):
            return Loaded(staged.file, len(staged.rows), 0, tuple(bad))
        fields = staged.table.column_names[:-2]
        filled = list(zip(columns, fields, strict=False))
        values = ", ".join(value_sql(column, quoted_name_of(name), truncates=truncates) for column, name in filled)
        left_out = ", ".join(str(item.number) for item in bad) or "0"
        number = quoted_name_of(ROW_NUMBER)
        insert = insert_into(table, [column for column, _ in filled])
        duck.execute(f"{insert} SELECT {values} FROM {_VIEW} WHERE {number} NOT IN ({left_out}) ORDER BY {number}")
        return Loaded(staged.file, len(staged.rows), len(staged.rows) - len(bad), tuple(bad))

    def _load_documents(
        self, duck: DuckConnection, staged: StagedTable, columns: list[Column], file_format: FileFormat
    ) -> Loaded:
        """JSON or Parquet, or CSV by its header: by name, or as one VARIANT."""
        fields = staged.table.column_names[:-2]
        how = self.statement.matches_names
        if how == "NONE":
            columns = chosen(columns, [full_name(name, None, None)[2] for name in self.statement.columns])
            if len(columns) != 1 or columns[0].kind != "JSON":
                raise ProgrammingError(
                    msg=f"SQL compilation error:\n{file_format.kind} file format can produce one and only one column "
                    "of type variant, object, or array. Load data into separate columns using the "
                    "MATCH_BY_COLUMN_NAME copy option or copy with transformation.",
                    errno=2019,
                    sqlstate="0A000",
                )
            pairs = [(columns[0], "$1")]
        elif file_format.kind == "JSON":
            pairs = [(column, f"$1:{quoted_name_of(column.name)}::{_variant_type(column)}") for column in columns]
        else:
            folded = {(name if how == "CASE_SENSITIVE" else name.upper()): name for name in fields}
            keys = [(column, column.name if how == "CASE_SENSITIVE" else column.name.upper()) for column in columns]
            pairs = [
                (
                    column,
                    f"${fields.index(folded[key]) + 1}"
                    if file_format.kind == "CSV"
                    else f"$1:{quoted_name_of(folded[key])}",
                )
                for column, key in keys
                if key in folded
            ]
        query = f"SELECT {', '.join(text for _, text in pairs)} FROM @staged"
        return self._insert(duck, staged, [column for column, _ in pairs], query, file_format)

    def _load_query(
        self, duck: DuckConnection, staged: StagedTable, columns: list[Column], file_format: FileFormat
    ) -> Loaded:
        """The SELECT of the statement, over this file."""
        columns = chosen(columns, [full_name(name, None, None)[2] for name in self.statement.columns])
        return self._insert(duck, staged, columns, self.statement.query, file_format)

    def _insert(
        self, duck: DuckConnection, staged: StagedTable, columns: list[Column], query: str, file_format: FileFormat
    ) -> Loaded:
        select = parse_statement(query)
        over_staged_columns(select, staged.table, file_format)
        for source in list(select.find_all(exp.Table)):
            if source.name.startswith("@"):
                view = exp.Table(this=exp.to_identifier(_VIEW, quoted=True), alias=source.args.get("alias"))
                source.replace(view)
        sql = f"{insert_into(self.table, columns)} {self.context.duck_text(select)}"
        try:
            changed = duck.execute(sql).fetchone()
        except duckdb.Error as error:
            if self.statement.on_error == "ABORT_STATEMENT" or isinstance(error, duckdb.InterruptException):
                raise
            told = to_snowflake(error)
            bad = BadRow(1, 1, 1, f'"{self.table[2]}"', str(told.raw_msg), told.errno, str(told.sqlstate))
            return Loaded(staged.file, staged.table.num_rows, 0, (bad,))
        count = int(changed[0]) if changed else 0
        return Loaded(staged.file, count, count)


def _variant_type(column: Column) -> str:
    return "VARIANT" if column.kind == "JSON" else column.kind
