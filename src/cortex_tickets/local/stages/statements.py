"""Statements on stages and file formats: what each is, read from its words, and what each does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

import pyarrow as pa
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.result import Result, rows_result, status_result
from cortex_tickets.local.stages.context import StageContext
from cortex_tickets.local.stages.names import Place
from cortex_tickets.local.stages.store import Stage, missing
from cortex_tickets.local.stages.words import Words, is_on, text_option

_STATUS = 0x0000
_KINDS = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:(?P<create>CREATE\s+(?:OR\s+REPLACE\s+)?(?:SCOPED\s+)?(?:TEMP(?:ORARY)?\s+)?"
    r"(?P<made>STAGE|FILE\s+FORMAT)\b)|(?P<drop>DROP\s+(?P<dropped>STAGE|FILE\s+FORMAT)\b)"
    r"|(?P<alter>ALTER\s+STAGE\b)|(?P<verb>PUT|GET|LIST|LS|REMOVE|RM)(?=\s))",
    re.IGNORECASE | re.DOTALL,
)


def run_stage_statement(sql: str, context: StageContext) -> Result | None:
    """Do what a statement on stages says; `None` when it is no such statement."""
    found = _KINDS.match(sql)
    if found is None:
        return None
    words = Words(sql[found.end() :], context.values)
    if found["create"]:
        head = " ".join(found["create"].upper().split())
        return _create(head, words, context, is_stage=found["made"].upper() == "STAGE")
    if found["drop"]:
        return _drop(words, context, is_stage=found["dropped"].upper() == "STAGE")
    if found["alter"]:
        return status_result(_STATUS, "Statement executed successfully.")
    return _FILES[found["verb"].upper()](words, context)


def is_stage_statement(sql: str) -> bool:
    """Whether the statement is one on stages or file formats."""
    return _KINDS.match(sql) is not None


def _create(head: str, words: Words, context: StageContext, *, is_stage: bool) -> Result:
    exists_is_fine = words.accept("IF", "NOT", "EXISTS")
    name = context.name(words.name())
    exists_is_fine |= words.accept("IF", "NOT", "EXISTS")
    options = words.options()
    store = context.store
    if name in (store.stages if is_stage else store.formats) and "OR REPLACE" not in head:
        if exists_is_fine:
            return status_result(_STATUS, f"{name[2]} already exists, statement succeeded.")
        raise ProgrammingError(
            msg=f"SQL compilation error:\nObject '{'.'.join(name)}' already exists.", errno=2002, sqlstate="42710"
        )
    if is_stage:
        store.create_stage(name, Stage(text_option(options, "URL"), options.get("FILE_FORMAT", {})))
    else:
        context.format(options)  # refuses what it does not know
        store.create_format(name, options)
    if " TEMP" in head:
        drop = store.drop_stage if is_stage else store.drop_format
        context.session.at_end(lambda: drop(name))
    what = "Stage area" if is_stage else "File format"
    return status_result(_STATUS, f"{what} {name[2]} successfully created.")


def _drop(words: Words, context: StageContext, *, is_stage: bool) -> Result:
    missing_is_fine = words.accept("IF", "EXISTS")
    name = context.name(words.name())
    store = context.store
    was_there = store.drop_stage(name) if is_stage else store.drop_format(name)
    if not was_there and not missing_is_fine:
        raise missing("Stage" if is_stage else "File format", name)
    state = "successfully dropped." if was_there else "already dropped, statement succeeded."
    return status_result(_STATUS, f"{name[2]} {state}")


def _list(words: Words, context: StageContext) -> Result:
    place = context.place(words.name())
    files = context.store.files(place, text_option(words.options(), "PATTERN"))
    rows = [
        (
            file.name,
            file.file.stat().st_size,
            hashlib.md5(file.file.read_bytes(), usedforsecurity=False).hexdigest(),
            format_datetime(datetime.fromtimestamp(file.file.stat().st_mtime, UTC), usegmt=True),
        )
        for file in files
    ]
    columns = ("name", "VARCHAR"), ("size", "BIGINT"), ("md5", "VARCHAR"), ("last_modified", "VARCHAR")
    return rows_result(columns, rows)


def _remove(words: Words, context: StageContext) -> Result:
    place = context.place(words.name())
    files = context.store.files(place, text_option(words.options(), "PATTERN"))
    for file in files:
        file.file.unlink()
    return rows_result((("name", "VARCHAR"), ("result", "VARCHAR")), [(file.name, "removed") for file in files])


def _put(words: Words, context: StageContext) -> Result:
    source = _local_path(words.take().value)
    place = context.place(words.name())
    options = words.options()
    folder = context.store.folder(place)
    folder.mkdir(parents=True, exist_ok=True)
    return _transfer(
        {
            "command": "UPLOAD",
            "src_locations": [source],
            "stageInfo": _stage_info(context, place),
            "autoCompress": is_on(options, "AUTO_COMPRESS", default=True),
            "sourceCompression": text_option(options, "SOURCE_COMPRESSION", "auto_detect").lower(),
            "overwrite": is_on(options, "OVERWRITE"),
            "parallel": int(text_option(options, "PARALLEL", "4")),
        }
    )


def _get(words: Words, context: StageContext) -> Result:
    place = context.place(words.name())
    target = _local_path(words.take().value)
    options = words.options()
    files = context.store.files(place, text_option(options, "PATTERN"))
    return _transfer(
        {
            "command": "DOWNLOAD",
            "src_locations": [file.path for file in files],
            "localLocation": target,
            "stageInfo": _stage_info(context, Place(place.stage)),
            "autoCompress": False,
            "sourceCompression": "none",
            "overwrite": True,
            "parallel": int(text_option(options, "PARALLEL", "10")),
        }
    )


def _stage_info(context: StageContext, place: Place) -> Mapping[str, object]:
    return {"locationType": "LOCAL_FS", "location": f"{context.store.folder(place)}/", "creds": {}}


def _transfer(transfer: Mapping[str, object]) -> Result:
    return Result(pa.table({}), (), _STATUS, transfer=transfer)


def _local_path(url: str) -> str:
    """The path of `file://…`, as the client wrote it."""
    if not url.lower().startswith("file://"):
        raise ProgrammingError(
            msg=f"SQL compilation error:\n'{url}' is no local file: file:// is missing.", errno=1003, sqlstate="42000"
        )
    parts = urlsplit(url.replace("%", "%25").replace("?", "%3F").replace("#", "%23"))
    return unquote(f"{'' if parts.netloc == 'localhost' else parts.netloc}{parts.path}")


_FILES: Mapping[str, Callable[[Words, StageContext], Result]] = {
    "LIST": _list,
    "LS": _list,
    "REMOVE": _remove,
    "RM": _remove,
    "PUT": _put,
    "GET": _get,
}
