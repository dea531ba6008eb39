"""Streams in a statement: their changes stand where their names do, and SYSTEM$STREAM_HAS_DATA is a look at them."""

from __future__ import annotations

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.sql.temporary_objects import place, quoted, table_name
from cortex_tickets.local.stages.names import full_name
from cortex_tickets.local.streams.stream import Name, Stream
from cortex_tickets.local.streams.stream_store import no_stream

_HAS_DATA = "SYSTEM$STREAM_HAS_DATA"


def read_streams(statement: exp.Expr, session: EngineSession) -> tuple[Stream, ...]:
    """Write where each stream's changes are in place of its name; the streams whose changes the statement reads.

    Raises:
        ProgrammingError: 091901, for a stream whose table was dropped or replaced; 002003, for one that is not there.
        NotImplementedError: For a view over a stream.
    """
    for call in list(statement.find_all(exp.Anonymous)):
        if call.name.upper() == _HAS_DATA:
            call.replace(_has_data(call, session))
    shadowed = {cte.alias_or_name.upper() for cte in statement.find_all(exp.CTE)}
    found: dict[Name, Stream] = {}
    for table in list(statement.find_all(exp.Table)):
        if not isinstance(table.this, exp.Identifier) or (not table.db and table.name.upper() in shadowed):
            continue
        stream = session.streams.find(table_name(table, session.database, session.schema))
        if stream is not None:
            found[stream.name] = _readable(stream)
            place(table, stream.changes)
            if not table.alias:  # its columns may be named with the stream's name
                table.set("alias", exp.TableAlias(this=exp.to_identifier(stream.name[2], quoted=True)))
    if found and isinstance(statement, exp.Create) and statement.kind == "VIEW":
        raise NotImplementedError("a view over a stream")
    return tuple(found.values())


def _has_data(call: exp.Anonymous, session: EngineSession) -> exp.Expr:
    """Exactly whether there are changes; Snowflake may say yes where there are none.

    Source:
        docs.snowflake.com/en/sql-reference/functions/system_stream_has_data, read 2026-11-25.
    """
    argument = call.expressions[0] if call.expressions else None
    if not isinstance(argument, exp.Literal) or not argument.is_string:
        raise NotImplementedError(f"{_HAS_DATA} of anything but one text")
    name = full_name(argument.name, session.database, session.schema)
    stream = session.streams.find(name)
    if stream is None:
        raise no_stream(name)
    changes = exp.to_table(quoted(_readable(stream).changes), dialect="duckdb")
    return exp.Exists(this=exp.select(exp.Literal.number(1)).from_(changes))


def _readable(stream: Stream) -> Stream:
    if stream.is_stale:
        raise ProgrammingError(
            msg=f"Base table '{'.'.join(stream.table)}' dropped, cannot read from stream '{'.'.join(stream.name)}'",
            errno=91901,
            sqlstate="01000",
        )
    return stream
