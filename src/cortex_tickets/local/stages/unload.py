"""COPY INTO a stage: the rows of a query as one file."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.dialect import parse_statement
from cortex_tickets.local.sql.refusals import unsupported
from cortex_tickets.local.sql.result import Result, rows_result
from cortex_tickets.local.stages.context import Connect, StageContext
from cortex_tickets.local.stages.file_format import FileFormat, file_format
from cortex_tickets.local.stages.names import Place
from cortex_tickets.local.stages.unload_statement import UnloadStatement
from cortex_tickets.local.stages.unloaded_text import csv_text, json_text
from cortex_tickets.local.stages.words import Option, text_option

_COUNTS = ("rows_unloaded", "input_bytes", "output_bytes")
_DETAILS = (("FILE_NAME", "VARCHAR"), ("FILE_SIZE", "BIGINT"), ("ROW_COUNT", "BIGINT"))
_GZIPS = frozenset({"AUTO", "GZIP"})
_PARQUETS = {"AUTO": "snappy", "SNAPPY": "snappy", "NONE": "none", "LZO": ""}


@dataclass(frozen=True, slots=True)
class Unload:
    """A COPY INTO a stage, ready to run."""

    statement: UnloadStatement
    context: StageContext

    def run(self, connect: Connect) -> Result:
        """Write the file; COPY's own answer.

        Raises:
            ProgrammingError: When a file is there already and is not to be overwritten, and for rows that the
                format cannot hold.

        Source:
            docs.snowflake.com/en/sql-reference/sql/copy-into-location, read 2026-11-25.
        """
        statement = self.statement
        place = self.context.place(statement.stage)
        options = self.context.format_options(statement.options.get("FILE_FORMAT"), place)
        chosen = file_format(options)
        rows, types = self._rows(connect)
        if statement.only_shows:
            return Result(rows, types, 0)
        content, ending, n_read = self._content(rows, types, chosen, options)
        path = self._path(place, ending)
        file = self.context.store.folder(Place(place.stage, path))
        if file.exists() and not statement.is_on("OVERWRITE"):
            # The number of this refusal is documented nowhere.
            raise ProgrammingError(
                msg=f"Files already existing at the unload destination: {statement.stage}. "
                "Use overwrite option to force unloading.",
                errno=1030,
                sqlstate="22000",
            )
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        if statement.is_on("DETAILED_OUTPUT"):
            return rows_result(_DETAILS, [(path, len(content), rows.num_rows)])
        return rows_result([(name, "BIGINT") for name in _COUNTS], [(rows.num_rows, n_read, len(content))])

    def _rows(self, connect: Connect) -> tuple[pa.Table, tuple[tuple[str, str], ...]]:
        sql = self.context.duck_text(parse_statement(self.statement.query))
        with connect(None) as duck:
            return duck.execute(sql).to_arrow_table(), tuple(duck.column_types)

    def _content(
        self,
        rows: pa.Table,
        types: tuple[tuple[str, str], ...],
        chosen: FileFormat,
        options: Mapping[str, Option],
    ) -> tuple[bytes, str, int]:
        """The file's bytes, what its name ends with, and how large they are before they are packed."""
        has_header = self.statement.is_on("HEADER")
        compression = text_option(options, "COMPRESSION", "AUTO").upper()
        if chosen.kind == "PARQUET":
            packed = _PARQUETS.get(compression)
            if not packed:
                raise unsupported(f"COMPRESSION = {compression} for Parquet", "it packs with Snappy or not at all")
            content = _parquet(rows, packed, has_header=has_header)
            return content, f"{'' if packed == 'none' else '.snappy'}.parquet", len(content)
        text = csv_text(rows, types, chosen, options, has_header=has_header)
        if chosen.kind == "JSON":
            text = json_text(rows, types)
        plain = text.encode()
        ending = text_option(options, "FILE_EXTENSION", chosen.kind.lower())
        if compression == "NONE":
            return plain, f".{ending}", len(plain)
        if compression not in _GZIPS:
            raise unsupported(f"COMPRESSION = {compression}", "it packs with GZIP or not at all")
        return gzip.compress(plain, mtime=0), f".{ending}.gz", len(plain)

    def _path(self, place: Place, ending: str) -> str:
        """Where Snowflake would write: the path is the beginning of a name, or all of it for SINGLE."""
        if self.statement.is_on("SINGLE"):
            return f"{place.path}data" if not place.path or place.path.endswith("/") else place.path
        begin = f"{place.path}data" if not place.path or place.path.endswith("/") else place.path
        return f"{begin}_0_0_0{ending}"


def _parquet(rows: pa.Table, packed: str, *, has_header: bool) -> bytes:
    if not has_header:
        rows = rows.rename_columns([f"_COL_{number}" for number in range(rows.num_columns)])
    file = io.BytesIO()
    pq.write_table(rows, file, compression=packed)
    return file.getvalue()
