"""CREATE TABLE as Snowflake reads it: lengths of text are checked, keys are not, temporary ends with us."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.column_origins import declared_kind
from cortex_tickets.local.sql.semi_structured import json_type, kind_check

_TEXT_TYPES = frozenset({exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.NVARCHAR, exp.DType.CHAR})
# Accepted by Snowflake and without effect on what a statement returns.
_DROPPED_PROPERTIES = (
    exp.TransientProperty,
    exp.TemporaryProperty,
    exp.Cluster,
    exp.ClusteredByProperty,
    exp.ClusterProperty,
)
# Snowflake keeps these as information only; NOT NULL alone is enforced.
_UNENFORCED = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint, exp.Constraint, exp.Reference)
_UNENFORCED_ON_COLUMN = (
    exp.PrimaryKeyColumnConstraint,
    exp.UniqueColumnConstraint,
    exp.Reference,
    exp.CommentColumnConstraint,
    exp.CollateColumnConstraint,
)


def is_temporary(create: exp.Create) -> bool:
    """Whether the table ends with the session."""
    properties = create.args.get("properties")
    return properties is not None and any(isinstance(item, exp.TemporaryProperty) for item in properties.expressions)


def drop_temporary(create: exp.Create) -> None:
    """Drop the word: the object is made where the session's temporary ones are."""
    properties = create.args.get("properties") or exp.Properties(expressions=[])
    kept = [item for item in properties.expressions if not isinstance(item, exp.TemporaryProperty)]
    create.set("properties", exp.Properties(expressions=kept) if kept else None)


def define_table(create: exp.Create) -> list[exp.Expr]:
    """The statements that make the table: one, or two where a query fills columns that are checked."""
    _drop_properties(create)
    schema = create.this
    if not isinstance(schema, exp.Schema):
        return [create]
    schema.set("expressions", [item for item in schema.expressions if not isinstance(item, _UNENFORCED)])
    is_checked = False
    for column in schema.expressions:
        if isinstance(column, exp.ColumnDef):
            is_checked |= _define_column(column)
    query = create.args.get("expression")
    if query is None or not is_checked or not _has_types(schema):
        return [create]
    table_only = create.copy()
    table_only.set("expression", None)
    insert = exp.Insert(this=schema.this.copy(), expression=query.copy())
    return [table_only, insert]


def _drop_properties(create: exp.Create) -> None:
    properties = create.args.get("properties")
    if properties is None:
        return
    kept = [item for item in properties.expressions if not isinstance(item, _DROPPED_PROPERTIES)]
    create.set("properties", exp.Properties(expressions=kept) if kept else None)


def _has_types(schema: exp.Schema) -> bool:
    return any(isinstance(column, exp.ColumnDef) and column.args.get("kind") for column in schema.expressions)


def _define_column(column: exp.ColumnDef) -> bool:
    """Drop what is not enforced, check what is; says whether the column has a check."""
    constraints = [
        item
        for item in column.args.get("constraints") or []
        if not isinstance(item.args.get("kind"), _UNENFORCED_ON_COLUMN)
    ]
    kind = column.args.get("kind")
    length = None
    if isinstance(kind, exp.DataType) and kind.this in _TEXT_TYPES:
        if kind.expressions:
            length = int(kind.expressions[0].this.name)
        elif kind.this == exp.DType.CHAR:
            length = 1
    if length is not None:
        constraints.append(_length_check(column.this, length))
    if (declared := declared_kind(kind)) is not None:
        column.set("kind", json_type())
        constraints.append(kind_check(column.this, declared))
    column.set("constraints", constraints)
    return length is not None or declared is not None


def _length_check(column: exp.Identifier, length: int) -> exp.ColumnConstraint:
    """CHECK that raises with Snowflake's own words, the value included."""
    value = exp.column(column.copy())
    message = exp.DPipe(
        this=exp.DPipe(this=exp.Literal.string("SF100078:String '"), expression=value.copy()),
        expression=exp.Literal.string("' is too long and would be truncated"),
    )
    fits = exp.Case(
        ifs=[
            exp.If(
                this=exp.GT(
                    this=exp.Anonymous(this="length", expressions=[value.copy()]),
                    expression=exp.Literal.number(length),
                ),
                true=exp.Anonymous(this="error", expressions=[message]),
            )
        ],
        default=exp.true(),
    )
    return exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=fits))
