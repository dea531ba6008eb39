"""ARRAY and OBJECT columns: kept as JSON by DuckDB, checked and told apart by a constraint of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.sql.column_origins import ColumnOrigins
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.temporary_objects import Name, folded

WRONG_KIND = "SF002023:"
"""What the message of a refused value begins with, on its way out of DuckDB."""

_KINDS = frozenset({"ARRAY", "OBJECT"})
_VECTOR = re.compile(r"^(FLOAT|INTEGER)\[(\d+)\]$")
_NAMES = {
    "FLOAT": "FLOAT",
    "TIMESTAMP_NS": "TIMESTAMP_NTZ(9)",
    '"NULL"': "VARCHAR(16777216)",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "HUGEINT", "UTINYINT", "USMALLINT"), "NUMBER(38,0)"),
    **dict.fromkeys(("UINTEGER", "UBIGINT", "UHUGEINT"), "NUMBER(38,0)"),
}
# The constraint as DuckDB writes it back.
_CHECKED = re.compile(r'NOT \(json_type\("?((?:[^"]|"")+?)"?\) IN \(\'(ARRAY|OBJECT)\'')
_CHECKED_COLUMNS = """
SELECT constraint_text FROM duckdb_constraints()
WHERE database_name = $d AND schema_name = $s AND table_name = $t AND constraint_type = 'CHECK'
"""


Stored = Callable[[Name], Name]


def kind_of_duck_type(kind: str) -> str | None:
    """What a value of a DuckDB type is in Snowflake: ARRAY for a list, OBJECT for a struct or map, else `None`."""
    if kind in _KINDS:
        return kind
    if kind.endswith("]"):
        return None if _VECTOR.match(kind) else "ARRAY"
    return "OBJECT" if kind.startswith(("STRUCT", "MAP")) else None


def json_type() -> exp.DataType:
    """The type under which DuckDB keeps them."""
    return exp.DataType(this=exp.DType.JSON, nested=False)


def kind_check(column: exp.Identifier, kind: str) -> exp.ColumnConstraint:
    """CHECK that refuses a value of another kind with Snowflake's code, as Snowflake does when it compiles."""
    value_type = exp.Anonymous(this="json_type", expressions=[exp.column(column.copy())])
    message = exp.Literal.string(
        f"{WRONG_KIND}Expression type does not match column data type, expecting {kind} but got VARIANT "
        f"for column {column.name}"
    )
    is_other = exp.Not(this=exp.In(this=value_type, expressions=[exp.Literal.string(kind), exp.Literal.string("NULL")]))
    fits = exp.Case(
        ifs=[exp.If(this=is_other, true=exp.Anonymous(this="error", expressions=[message]))], default=exp.true()
    )
    return exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=fits))


def declared_kinds(duck: DuckConnection, table: Name) -> dict[str, str]:
    """ARRAY or OBJECT by name, for the columns of a stored table that are declared so."""
    names = {"d": table[0], "s": table[1], "t": table[2]}
    found = [_CHECKED.search(str(row[0])) for row in duck.rows(_CHECKED_COLUMNS, names)]
    return {match[1].replace('""', '"'): match[2] for match in found if match is not None}


def with_declared_kinds(
    types: Sequence[tuple[str, str]], origins: ColumnOrigins | None, duck: DuckConnection, stored: Stored
) -> tuple[tuple[str, str], ...]:
    """Name and type of each column of a query, with ARRAY or OBJECT for what DuckDB knows as JSON.

    Args:
        types: Names and DuckDB types.
        origins: What the query's text tells; `None` where nothing was asked of it.
        duck: A connection to look a table up on.
        stored: Where a table of a name is kept.
    """
    if origins is None or all(kind != "JSON" for _, kind in types):
        return tuple(types)
    declared = {} if origins.table is None else declared_kinds(duck, stored(origins.table))
    return tuple(
        (name, (origins.kinds.get(name) or declared.get(origins.column(name) or "", kind)) if kind == "JSON" else kind)
        for name, kind in types
    )


def spell_columns_out(create: exp.Create, types: Sequence[tuple[str, str]]) -> None:
    """Write the columns of a table made by a query into its definition.

    Args:
        create: CREATE TABLE .. AS, with names of columns or without; changed in place.
        types: Name and type of each column of the query.
    """
    schema = create.this if isinstance(create.this, exp.Schema) else None
    names = [folded(item) for item in schema.expressions] if schema is not None else [name for name, _ in types]
    if len(names) != len(types):
        raise ProgrammingError(
            msg="SQL compilation error:\nInvalid column definition list", errno=2026, sqlstate="42601"
        )
    if schema is None and not any(kind_of_duck_type(kind) for _, kind in types):
        return
    target = create.this if schema is None else schema.this
    columns = [_definition(name, kind) for name, (_, kind) in zip(names, types, strict=True)]
    create.set("this", exp.Schema(this=target.copy(), expressions=columns))


def _definition(name: str, kind: str) -> exp.ColumnDef:
    identifier = exp.to_identifier(name, quoted=True)
    declared = kind_of_duck_type(kind)
    if declared is not None:
        return exp.ColumnDef(this=identifier, kind=exp.DataType(this=exp.DType[declared], nested=False))
    # A column of nothing but NULL is a text.
    plain = "VARCHAR" if kind == '"NULL"' else kind
    return exp.ColumnDef(this=identifier, kind=exp.DataType(this=exp.DType.USERDEFINED, kind=plain))


def type_name(kind: str) -> str:
    """Snowflake's name in DESCRIBE for a type that only DuckDB's own names are known of."""
    return kind_of_duck_type(kind) or _NAMES.get(kind) or _VECTOR.sub(r"VECTOR(\1, \2)", kind)
