"""The stages, file formats and load history of an engine, and where the files of a stage are."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.stages.names import Place
from cortex_tickets.local.stages.words import Option

_GZIP = b"\x1f\x8b"
Name = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage.

    Attributes:
        url: Folder that stands in a bucket's place; empty for an internal stage.
        file_format: Its own FILE_FORMAT, as given.
    """

    url: str = ""
    file_format: Option = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A file on a stage.

    Attributes:
        name: As Snowflake tells it: the stage's name or its URL, and the path.
        path: Path in the stage.
        file: Where it is.
    """

    name: str
    path: str
    file: Path

    def content(self) -> bytes:
        """What is in it, unpacked."""
        content = self.file.read_bytes()
        return gzip.decompress(content) if content.startswith(_GZIP) else content

    def version(self) -> str:
        """Changes when the file does."""
        state = self.file.stat()
        return f"{state.st_size}/{state.st_mtime_ns}"


class StageStore:
    """Stages, file formats, and which file went into which table.

    Args:
        folder: The engine's folder; without one, files live in a temporary folder until `close`.
    """

    def __init__(self, folder: Path | None) -> None:
        self._temporary = None if folder is not None else Path(tempfile.mkdtemp(prefix="cortex_tickets_stages_"))
        self._root = (folder / "stages") if folder is not None else self._temporary or Path()
        self._file = None if folder is None else folder / "stages.json"
        self._lock = threading.RLock()
        self.stages: dict[Name, Stage] = {}
        self.formats: dict[Name, dict[str, Option]] = {}
        self._loaded: dict[str, dict[str, str]] = {}
        if self._file is not None and self._file.exists():
            self._read(json.loads(self._file.read_text(encoding="utf-8")))

    def stage(self, name: Name) -> Stage:
        """The stage of a name; every table and every user has one.

        Raises:
            ProgrammingError: 002003, when there is none.
        """
        found = self.stages.get(name)
        if found is None and not name[2].startswith(("%", "~")):
            raise missing("Stage", name)
        return found or Stage()

    def format(self, name: Name) -> Mapping[str, Option]:
        """The options of a named file format.

        Raises:
            ProgrammingError: 002003, when there is none.
        """
        if name not in self.formats:
            raise missing("File format", name)
        return self.formats[name]

    def create_stage(self, name: Name, stage: Stage) -> None:
        """Make a stage, empty."""
        with self._lock:
            self.drop_stage(name)
            self.stages[name] = stage
            self._write()

    def drop_stage(self, name: Name) -> bool:
        """Forget a stage and its files; says whether it was there."""
        with self._lock:
            found = self.stages.pop(name, None)
            if found is not None and not found.url:
                shutil.rmtree(self._internal(name), ignore_errors=True)
            self._write()
        return found is not None

    def create_format(self, name: Name, options: dict[str, Option]) -> None:
        """Keep a file format."""
        with self._lock:
            self.formats[name] = options
            self._write()

    def drop_format(self, name: Name) -> bool:
        """Forget a file format; says whether it was there."""
        with self._lock:
            found = self.formats.pop(name, None)
            self._write()
        return found is not None

    def forget_database(self, database: str) -> None:
        """Drop the stages and formats of a database, and forget what was loaded into its tables."""
        with self._lock:
            for name in [name for name in self.stages if name[0] == database]:
                self.drop_stage(name)
            self.formats = {name: options for name, options in self.formats.items() if name[0] != database}
            self._loaded = {key: files for key, files in self._loaded.items() if not key.startswith(f"{database}.")}
            self._write()

    def folder(self, place: Place) -> Path:
        """Where the files of a place are.

        Raises:
            ProgrammingError: 091016 for a URL that is no local folder; 001003 for a path out of the stage.
        """
        stage = self.stage(place.stage)
        root = _local_folder(stage.url) if stage.url else self._internal(place.stage)
        folder = (root / place.path).resolve()
        if not folder.is_relative_to(root.resolve()):
            raise ProgrammingError(msg="The path leads out of the stage.", errno=1003, sqlstate="42000")
        return folder

    def files(self, place: Place, pattern: str = "", names: list[str] | None = None) -> list[StagedFile]:
        """The files whose path begins with the place's, by name.

        Args:
            place: The stage and path.
            pattern: Regular expression that the whole name must match.
            names: Paths behind the place's; others are left out.
        """
        self.folder(place)  # refuses a path out of the stage
        stage = self.stage(place.stage)
        root = self.folder(Place(place.stage))
        wanted = None if names is None else {"/".join(p for p in (place.path.strip("/"), n) if p) for n in names}
        shown = stage.url.rstrip("/") if stage.url else place.stage[2].lower()
        found = []
        for file in sorted(root.rglob("*")) if root.is_dir() else ():
            path = file.relative_to(root).as_posix()
            if not file.is_file() or not path.startswith(place.path) or (wanted is not None and path not in wanted):
                continue
            if not pattern or re.fullmatch(pattern, path):
                name = path if place.stage[2].startswith(("%", "~")) else f"{shown}/{path}"
                found.append(StagedFile(name, path, file))
        return found

    def was_loaded(self, table: str, file: StagedFile) -> bool:
        """Whether this version of the file is in the table already."""
        return self._loaded.get(table, {}).get(file.name) == file.version()

    def note_loaded(self, table: str, files: Mapping[str, str]) -> None:
        """Remember versions of files, by name."""
        with self._lock:
            self._loaded.setdefault(table, {}).update(files)
            self._write()

    def swap_loaded(self, one: str, other: str) -> None:
        """Two tables have changed names; what was loaded into each goes with its rows."""
        with self._lock:
            first, second = self._loaded.pop(one, None), self._loaded.pop(other, None)
            if first:
                self._loaded[other] = first
            if second:
                self._loaded[one] = second
            self._write()

    def forget_loaded(self, table: str) -> None:
        """A table that is new or emptied has no history."""
        with self._lock:
            if self._loaded.pop(table, None):
                self._write()

    def close(self) -> None:
        """Remove what was temporary."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def _internal(self, name: Name) -> Path:
        # No part may be read as "..".
        return self._root.joinpath(*[f"_{quote(part, safe='')}" for part in name])

    def _write(self) -> None:
        if self._file is None:
            return
        kept = {
            "stages": [[*name, asdict(stage)] for name, stage in self.stages.items()],
            "formats": [[*name, options] for name, options in self.formats.items()],
            "loaded": self._loaded,
        }
        written = self._file.with_suffix(".new")
        written.write_text(json.dumps(kept), encoding="utf-8")
        written.replace(self._file)

    def _read(self, kept: dict[str, Any]) -> None:
        self.stages = {(a, b, c): Stage(**stage) for a, b, c, stage in kept["stages"]}
        self.formats = {(a, b, c): options for a, b, c, options in kept["formats"]}
        self._loaded = kept["loaded"]


def missing(what: str, name: Name) -> ProgrammingError:
    """002003: there is no such object."""
    return ProgrammingError(
        msg=f"SQL compilation error:\n{what} '{'.'.join(name)}' does not exist or not authorized.",
        errno=2003,
        sqlstate="02000",
    )


def _local_folder(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise ProgrammingError(
            msg=f"The embedded engine reads no {parts.scheme or 'such'} location. Put the files into a folder and "
            "give the stage URL = 'file:///that/folder/'.",
            errno=91016,
            sqlstate="22000",
        )
    return Path(unquote(parts.path))
