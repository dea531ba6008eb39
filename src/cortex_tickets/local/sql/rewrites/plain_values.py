"""Small differences of spelling between Snowflake's functions and DuckDB's."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cortex_tickets.local.sql.engine_macros import macro

_HASHES = {
    "MD5_NUMBER_LOWER64": "sf_md5_lower64",
    "MD5_NUMBER_UPPER64": "sf_md5_upper64",
}


def plain_values(node: exp.Expr) -> exp.Expr:
    """One node, spelt for DuckDB."""
    rewrite = _REWRITES.get(type(node))
    return node if rewrite is None else rewrite(node)


def _count_if(call: exp.Expr) -> exp.Expr:
    """Written as a SUM it would be NULL over no rows, where Snowflake's is 0."""
    return exp.Count(this=exp.Case(ifs=[exp.If(this=call.this, true=exp.Literal.number(1))]))


def _octet_length(call: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=macro("sf_octet_length"), expressions=[call.this])


def _call(call: exp.Expr) -> exp.Expr:
    name = call.name.upper()
    if name in _HASHES:
        return exp.Anonymous(this=macro(_HASHES[name]), expressions=call.expressions)
    if name == "OBJECT_DELETE" and len(call.expressions) > 1:
        # Text, whatever it is given as: a key is no path.
        keys = [exp.Cast(this=key, to=exp.DataType(this=exp.DType.VARCHAR)) for key in call.expressions[1:]]
        arguments = [call.expressions[0], exp.Array(expressions=keys)]
        return exp.Anonymous(this=macro("sf_object_delete"), expressions=arguments)
    return _hash(call.expressions) if name == "HASH" else call


def _object_insert(call: exp.Expr) -> exp.Expr:
    value = call.args["value"]
    if not isinstance(value, exp.Null):
        value = exp.Anonymous(this="to_json", expressions=[value])
    key = exp.Cast(this=call.args["key"], to=exp.DataType(this=exp.DType.VARCHAR))
    arguments = [call.this, key, value, call.args.get("update_flag") or exp.false()]
    return exp.Anonymous(this=macro("sf_object_insert"), expressions=arguments)


def _parse_json(call: exp.Expr) -> exp.Expr:
    """PARSE_JSON of an empty text is NULL; TRY_PARSE_JSON of a bad one too."""
    text = exp.Anonymous(
        this="NULLIF",
        expressions=[exp.Anonymous(this="TRIM", expressions=[call.this]), exp.Literal.string("")],
    )
    if call.args.get("safe"):
        return exp.TryCast(this=text, to=exp.DataType(this=exp.DType.JSON))
    return exp.Anonymous(this="JSON", expressions=[text])


def _keep_key_case(struct: exp.Expr) -> exp.Expr:
    for pair in struct.expressions:
        if isinstance(pair, exp.PropertyEQ) and isinstance(pair.this, exp.Identifier):
            pair.this.set("quoted", value=True)
    return struct


def _numbered_column(parameter: exp.Expr) -> exp.Expr:
    """`$1` over VALUES is the first column."""
    if isinstance(parameter.this, exp.Literal) and not parameter.this.is_string:
        return exp.column(exp.to_identifier(f"COLUMN{parameter.this.name}", quoted=True))
    return parameter


def _sample_rows(sample: exp.Expr) -> exp.Expr:
    if sample.args.get("size") is not None:
        # DuckDB samples a number of rows with a reservoir only.
        sample.set("method", exp.Var(this="RESERVOIR"))
    return sample


def _hash(arguments: list[exp.Expr]) -> exp.Expr:
    value = arguments[0] if len(arguments) == 1 else exp.Anonymous(this="row", expressions=arguments)
    return exp.Anonymous(this=macro("sf_hash"), expressions=[value])


_REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Anonymous: _call,
    exp.ByteLength: _octet_length,
    exp.CountIf: _count_if,
    exp.ObjectInsert: _object_insert,
    exp.Parameter: _numbered_column,
    exp.ParseJSON: _parse_json,
    exp.Struct: _keep_key_case,
    exp.TableSample: _sample_rows,
}
