"""What can be told of a query's columns from its text alone: arrays, objects, and columns of a stored table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from cortex_tickets.local.sql.temporary_objects import Name, folded, table_name

# Clauses that keep a column what it is; with any other a column is not followed to its table.
_HARMLESS = frozenset({"expressions", "from_", "where", "order", "limit", "offset", "distinct", "qualify", "sample"})
_ARRAYS = (
    exp.Array,
    exp.ArrayAgg,
    exp.ArrayAppend,
    exp.ArrayCompact,
    exp.ArrayConcat,
    exp.ArrayConstructCompact,
    exp.ArrayDistinct,
    exp.ArrayExcept,
    exp.ArrayInsert,
    exp.ArrayIntersect,
    exp.ArrayPrepend,
    exp.ArrayRemove,
    exp.ArraySlice,
    exp.ArrayUnionAgg,
    exp.ArrayUniqueAgg,
    exp.Flatten,
    exp.GenerateSeries,
    exp.JSONKeys,
    exp.SortArray,
    exp.Split,
    exp.StrtokToArray,
    exp.ToArray,
)
_OBJECTS = (exp.JSONObject, exp.ObjectAgg, exp.ObjectInsert, exp.StarMap, exp.Struct, exp.VarMap)
_CALLS = {
    "AI_CLASSIFY": "OBJECT",
    "AI_EXTRACT": "OBJECT",
    "AI_SENTIMENT": "OBJECT",
    "AS_ARRAY": "ARRAY",
    "AS_OBJECT": "OBJECT",
    "OBJECT_DELETE": "OBJECT",
    "OBJECT_PICK": "OBJECT",
    "TO_OBJECT": "OBJECT",
}
_TYPES = {
    exp.DType.ARRAY: "ARRAY",
    exp.DType.LIST: "ARRAY",
    exp.DType.MAP: "OBJECT",
    exp.DType.OBJECT: "OBJECT",
    exp.DType.STRUCT: "OBJECT",
}


@dataclass(frozen=True, slots=True)
class ColumnOrigins:
    """What is known of a query's columns.

    Attributes:
        table: Full name of the one stored table under the query; `None` where it joins, groups or makes rows.
        columns: Name in the table of each column of the query, by its name there; `None` where they are the same.
        kinds: ARRAY or OBJECT, by name, for columns that the query itself makes so.
    """

    table: Name | None = None
    columns: Mapping[str, str] | None = None
    kinds: Mapping[str, str] = field(default_factory=dict)

    def column(self, name: str) -> str | None:
        """The table's column behind a column of the query; `None` where there is none."""
        return name if self.columns is None else self.columns.get(name)


def declared_kind(kind: exp.Expr | None) -> str | None:
    """ARRAY or OBJECT for a type that is one, structured types among them; `None` for any other."""
    return _TYPES.get(kind.this) if isinstance(kind, exp.DataType) else None


def column_origins(query: exp.Expr, database: str | None, schema: str | None) -> ColumnOrigins:
    """What is known of the columns of a query as it was written."""
    if isinstance(query, exp.Subquery) and not query.args.get("joins"):
        return column_origins(query.this, database, schema)
    if isinstance(query, exp.Table):
        is_plain = isinstance(query.this, exp.Identifier) and not query.args.get("joins")
        return ColumnOrigins(table_name(query, database, schema)) if is_plain else ColumnOrigins()
    if not isinstance(query, exp.Select):
        return ColumnOrigins()
    source = query.args.get("from_")
    is_followed = source is not None and not any(query.args[key] for key in query.args if key not in _HARMLESS)
    under = column_origins(source.this, database, schema) if is_followed and source is not None else ColumnOrigins()
    return _given_on(query, under)


def _given_on(query: exp.Select, under: ColumnOrigins) -> ColumnOrigins:
    if [type(item) for item in query.expressions] == [exp.Star] and not any(query.expressions[0].args.values()):
        return under
    columns: dict[str, str] = {}
    kinds: dict[str, str] = {}
    for item in query.expressions:
        value = item.this if isinstance(item, exp.Alias) else item
        name = folded(item.args["alias"]) if isinstance(item, exp.Alias) else None
        if isinstance(value, exp.Column) and isinstance(value.this, exp.Identifier):
            source = folded(value.this)
            if (origin := under.column(source)) is not None:
                columns[name or source] = origin
            if source in under.kinds:
                kinds[name or source] = under.kinds[source]
        elif name is not None and (kind := _kind_of(value)) is not None:
            kinds[name] = kind
    return ColumnOrigins(under.table, columns, kinds)


def _kind_of(value: exp.Expr) -> str | None:
    while isinstance(value, exp.Paren | exp.WithinGroup):
        value = value.this
    if isinstance(value, exp.Cast):
        return declared_kind(value.to)
    if isinstance(value, exp.Anonymous):
        return _CALLS.get(value.name.upper())
    return "ARRAY" if isinstance(value, _ARRAYS) else "OBJECT" if isinstance(value, _OBJECTS) else None
