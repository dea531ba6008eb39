"""Staged files as tables: a text column per field of a CSV file, a document per row of JSON, Parquet's own columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.stages.csv_rows import CsvRow, csv_header, csv_rows
from cortex_tickets.local.stages.file_format import FileFormat
from cortex_tickets.local.stages.store import StagedFile

FILE_NAME = "METADATA$FILENAME"
ROW_NUMBER = "METADATA$FILE_ROW_NUMBER"


@dataclass(frozen=True, slots=True)
class StagedTable:
    """The rows of one staged file.

    Attributes:
        file: The file.
        table: Its rows; two columns more tell file and row.
        rows: For CSV, the rows as they were read.
    """

    file: StagedFile
    table: pa.Table
    rows: tuple[CsvRow, ...] = ()


def staged_table(file: StagedFile, file_format: FileFormat) -> StagedTable:
    """Read a file.

    Raises:
        ProgrammingError: 100069, for JSON that is none; 100183, for a file that is no Parquet.
    """
    if file_format.kind == "PARQUET":
        return StagedTable(file, _with_metadata(_parquet(file), file))
    text = file.content().decode("utf-8-sig", errors="replace")
    if file_format.kind == "JSON":
        documents = [json.dumps(document, ensure_ascii=False) for document in _documents(text, file, file_format)]
        return StagedTable(file, _with_metadata(pa.table({"c1": pa.array(documents, pa.string())}), file))
    rows = tuple(csv_rows(text, file_format))
    width = max((len(row.fields) for row in rows), default=0)
    names = csv_header(text, file_format) if file_format.has_header else []
    columns = [[row.fields[i] if i < len(row.fields) else None for row in rows] for i in range(width)]
    named = {(names[i] if i < len(names) else f"c{i + 1}"): pa.array(columns[i], pa.string()) for i in range(width)}
    return StagedTable(file, _with_metadata(pa.table(named), file, len(rows)), rows)


def _parquet(file: StagedFile) -> pa.Table:
    try:
        return pq.read_table(file.file, partitioning=None)
    except (pa.ArrowInvalid, OSError):
        raise ProgrammingError(
            msg=f"Error parsing the parquet file: {file.name}", errno=100183, sqlstate="P0000"
        ) from None


def _documents(text: str, file: StagedFile, file_format: FileFormat) -> Iterator[object]:
    decoder = json.JSONDecoder()
    place = 0
    while rest := text[place:].lstrip():
        place = len(text) - len(rest)
        try:
            document, place = decoder.raw_decode(text, place)
        except json.JSONDecodeError as error:
            raise ProgrammingError(
                msg=f"Error parsing JSON: {error.msg}\n  File '{file.name}', line {error.lineno}, "
                f"character {error.colno}",
                errno=100069,
                sqlstate="22P02",
            ) from None
        if file_format.strips_array and isinstance(document, list):
            yield from document
        else:
            yield document


def _with_metadata(table: pa.Table, file: StagedFile, count: int | None = None) -> pa.Table:
    count = table.num_rows if count is None else count
    table = table.append_column(FILE_NAME, pa.array([file.name] * count, pa.string()))
    return table.append_column(ROW_NUMBER, pa.array(range(1, count + 1), pa.int64()))
