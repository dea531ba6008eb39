"""What was asked and is not in the table yet, in a file beside the databases, where a killed engine leaves it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

_PREFIX = "asked-"
_SUFFIX = ".arrows"


class AskedJournal:
    """Blocks in files of rising numbers; a block is with the operating system when `write` returns.

    That survives the end of the process, however it ends. It is not forced to the disk, which a power cut would need.

    Args:
        folder: Where the files are.
        schema: Of the blocks.
    """

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self._folder = folder
        self._schema = schema
        self._file: pa.NativeFile | None = None
        self._writer: pa.ipc.RecordBatchStreamWriter | None = None

    def left(self, number: int) -> Iterator[pa.RecordBatch]:
        """Blocks that an earlier engine wrote and did not bring into the table.

        Args:
            number: The first file that is not in the table.
        """
        for path in self._files():
            if self._number(path) >= number:
                yield from _read(path, self._schema)

    def start(self, number: int, blocks: Iterable[pa.RecordBatch] = ()) -> None:
        """Begin the file of that number with blocks; earlier ones stay until they are forgotten."""
        self.close()
        self._file = pa.OSFile(str(self._folder / f"{_PREFIX}{number:012d}{_SUFFIX}"), "wb")
        self._writer = pa.ipc.new_stream(self._file, self._schema)
        for block in blocks:
            self._writer.write_batch(block)

    def forget_before(self, number: int) -> None:
        """The blocks of all files before that number are in the table."""
        for path in self._files():
            if self._number(path) < number:
                path.unlink(missing_ok=True)

    def write(self, block: pa.RecordBatch) -> None:
        """Put a block behind the others."""
        if self._writer is not None:
            self._writer.write_batch(block)

    def close(self) -> None:
        """Close the file; what is in it stays."""
        if self._writer is not None:
            self._writer.close()
        if self._file is not None:
            self._file.close()
        self._writer = self._file = None

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob(f"{_PREFIX}*{_SUFFIX}"))

    def _number(self, path: Path) -> int:
        digits = path.name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        return int(digits) if digits.isdigit() else 0


def _read(path: Path, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Every whole block of a file; the last may have been cut by the end of its process."""
    try:
        with pa.OSFile(str(path), "rb") as file, pa.ipc.open_stream(file) as stream:
            if stream.schema == schema:
                yield from stream
    except (pa.ArrowInvalid, OSError):
        return
