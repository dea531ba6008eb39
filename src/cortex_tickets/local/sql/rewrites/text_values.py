"""VARIANT as text, trimming and regular expressions, as Snowflake has them."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cortex_tickets.local.sql.engine_macros import macro

_TEXT_TYPES = frozenset({exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.NVARCHAR, exp.DType.CHAR, exp.DType.NCHAR})
# What is text or a plain value already: no VARIANT can come out of these.
_NEVER_VARIANT = (
    exp.Literal,
    exp.Null,
    exp.Concat,
    exp.DPipe,
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.Substring,
    exp.Left,
    exp.Right,
    exp.Replace,
    exp.RegexpReplace,
    exp.Count,
    exp.Boolean,
)
# Where a VARIANT path meets text, Snowflake compares and computes with the text in it.
_TEXT_USERS = (
    exp.EQ,
    exp.NEQ,
    exp.Like,
    exp.ILike,
    exp.DPipe,
    exp.Concat,
    exp.Lower,
    exp.Upper,
    exp.Trim,
    exp.Length,
    exp.In,
    exp.Contains,
    exp.StartsWith,
    exp.EndsWith,
)


def text_values(node: exp.Expr) -> exp.Expr:
    """One node with Snowflake's reading of text."""
    rewrite = _REWRITES.get(type(node))
    return node if rewrite is None else rewrite(node)


def _cast(cast: exp.Expr) -> exp.Expr:
    if not isinstance(cast, exp.Cast):
        return cast
    if cast.to.this == exp.DType.VARIANT and not isinstance(cast.this, exp.Null):
        return exp.Anonymous(this="TO_JSON", expressions=[cast.this])
    if cast.to.this in {exp.DType.BINARY, exp.DType.VARBINARY} and isinstance(cast.this, exp.Literal):
        return exp.Anonymous(this="UNHEX", expressions=[cast.this])
    if cast.to.this not in _TEXT_TYPES:
        return cast
    text = _as_text(cast.this)
    if not cast.to.expressions:
        return text
    # An explicit cast to VARCHAR(n) cuts; only storing a longer value is refused.
    size = cast.to.expressions[0].this
    return exp.Anonymous(this="LEFT", expressions=[text, size.copy()])


def _as_text(value: exp.Expr) -> exp.Expr:
    if isinstance(value, exp.JSONExtract):
        return exp.JSONExtractScalar(this=value.this, expression=value.expression)
    if isinstance(value, exp.JSONExtractScalar):
        return value
    if isinstance(value, (*_NEVER_VARIANT, exp.Placeholder)):
        return exp.Cast(this=value, to=exp.DataType(this=exp.DType.VARCHAR))
    return exp.Anonymous(this=macro("sf_text"), expressions=[value])


def _to_char(call: exp.Expr) -> exp.Expr:
    return call if call.args.get("format") else _as_text(call.this)


def _path(path: exp.Expr) -> exp.Expr:
    return exp.JSONExtractScalar(this=path.this, expression=path.expression) if _is_used_as_text(path) else path


def _get(call: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=macro("sf_get"), expressions=[call.this, call.expression])


def _typeof(call: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=macro("sf_typeof"), expressions=[call.this])


def _array_contains(call: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=macro("sf_array_contains"), expressions=[call.expression, call.this])


def _is_used_as_text(path: exp.Expr) -> bool:
    parent = path.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if not isinstance(parent, _TEXT_USERS):
        return False
    if isinstance(parent, exp.EQ | exp.NEQ):
        other = parent.expression if parent.this is path else parent.this
        return not isinstance(other, exp.Boolean) and not (isinstance(other, exp.Literal) and not other.is_string)
    return True


def _trim(trim: exp.Expr) -> exp.Expr:
    name = {"LEADING": "LTRIM", "TRAILING": "RTRIM"}.get(str(trim.args.get("position") or "").upper(), "TRIM")
    arguments = [_as_text(trim.this)]
    if characters := trim.args.get("expression"):
        arguments.append(characters)
    return exp.Anonymous(this=name, expressions=arguments)


def _regexp_replace(call: exp.Expr) -> exp.Expr:
    occurrence = call.args.get("occurrence")
    position = call.args.get("position")
    if not _is_number(position, "1") or not _is_number(occurrence, "0"):
        raise NotImplementedError("REGEXP_REPLACE from a position or for one occurrence")
    flags = call.args.get("modifiers") or call.args.get("parameters")
    letters = "".join(letter for letter in (flags.name if flags is not None else "") if letter in "ims")
    return exp.Anonymous(
        this="regexp_replace",
        expressions=[
            call.this,
            call.expression,
            call.args.get("replacement") or exp.Literal.string(""),
            exp.Literal.string("g" + letters),
        ],
    )


def _is_number(node: exp.Expr | None, number: str) -> bool:
    return node is None or (isinstance(node, exp.Literal) and node.name == number)


_REWRITES: dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.ToChar: _to_char,
    exp.Trim: _trim,
    exp.RegexpReplace: _regexp_replace,
    exp.GetExtract: _get,
    exp.Typeof: _typeof,
    exp.ArrayContains: _array_contains,
    exp.JSONExtract: _path,
}
