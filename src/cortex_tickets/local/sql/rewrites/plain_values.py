"""Small differences of spelling between Snowflake's functions and DuckDB's."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.engine_macros import macro

_HASHES = {
    "MD5_NUMBER_LOWER64": "sf_md5_lower64",
    "MD5_NUMBER_UPPER64": "sf_md5_upper64",
}


def plain_values(node: exp.Expr) -> exp.Expr:
    """One node, spelt for DuckDB."""
    if isinstance(node, exp.ParseJSON):
        return _parse_json(node)
    if isinstance(node, exp.CountIf):
        # Written as a SUM it would be NULL over no rows, where Snowflake's is 0.
        return exp.Count(this=exp.Case(ifs=[exp.If(this=node.this, true=exp.Literal.number(1))]))
    if isinstance(node, exp.Struct):
        _keep_key_case(node)
    elif isinstance(node, exp.Parameter):
        return _numbered_column(node)
    elif isinstance(node, exp.TableSample):
        _sample_rows(node)
    elif isinstance(node, exp.Anonymous):
        return _call(node)
    return node


def _call(call: exp.Anonymous) -> exp.Expr:
    name = call.name.upper()
    if name in _HASHES:
        return exp.Anonymous(this=macro(_HASHES[name]), expressions=call.expressions)
    if name == "OBJECT_DELETE" and len(call.expressions) > 1:
        # Text, whatever it is given as: a key is no path.
        keys = [exp.Cast(this=key, to=exp.DataType(this=exp.DType.VARCHAR)) for key in call.expressions[1:]]
        arguments = [call.expressions[0], exp.Array(expressions=keys)]
        return exp.Anonymous(this=macro("sf_object_delete"), expressions=arguments)
    return _hash(call.expressions) if name == "HASH" else call


def _parse_json(call: exp.ParseJSON) -> exp.Expr:
    """PARSE_JSON of an empty text is NULL; TRY_PARSE_JSON of a bad one too."""
    text = exp.Anonymous(
        this="NULLIF",
        expressions=[exp.Anonymous(this="TRIM", expressions=[call.this]), exp.Literal.string("")],
    )
    if call.args.get("safe"):
        return exp.TryCast(this=text, to=exp.DataType(this=exp.DType.JSON))
    return exp.Anonymous(this="JSON", expressions=[text])


def _keep_key_case(struct: exp.Struct) -> None:
    for pair in struct.expressions:
        if isinstance(pair, exp.PropertyEQ) and isinstance(pair.this, exp.Identifier):
            pair.this.set("quoted", value=True)


def _numbered_column(parameter: exp.Parameter) -> exp.Expr:
    """`$1` over VALUES is the first column."""
    if isinstance(parameter.this, exp.Literal) and not parameter.this.is_string:
        return exp.column(exp.to_identifier(f"COLUMN{parameter.this.name}", quoted=True))
    return parameter


def _sample_rows(sample: exp.TableSample) -> None:
    if sample.args.get("size") is not None:
        # DuckDB samples a number of rows with a reservoir only.
        sample.set("method", exp.Var(this="RESERVOIR"))


def _hash(arguments: list[exp.Expr]) -> exp.Expr:
    value = arguments[0] if len(arguments) == 1 else exp.Anonymous(this="row", expressions=arguments)
    return exp.Anonymous(this=macro("sf_hash"), expressions=[value])
