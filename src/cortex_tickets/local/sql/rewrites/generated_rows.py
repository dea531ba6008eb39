"""TABLE(GENERATOR(ROWCOUNT => n)) and SEQ4()/SEQ8() over it."""

from __future__ import annotations

from sqlglot import exp, parse_one

_SEQUENCES = frozenset({"SEQ1", "SEQ2", "SEQ4", "SEQ8"})
_COLUMN = "_FS_SEQUENCE"


def generated_rows(node: exp.Expr) -> exp.Expr:
    """One node, with generated rows as a range."""
    if (isinstance(node, exp.Anonymous) and node.name.upper() in _SEQUENCES) or type(node).__name__ in {
        "Seq1",
        "Seq2",
        "Seq4",
        "Seq8",
    }:
        return _number_of(node)
    if isinstance(node, exp.TableFromRows | exp.Table) and (count := _row_count(node.this)) is not None:
        rows = parse_one(f'SELECT range AS "{_COLUMN}" FROM range({count})', read="duckdb")
        return exp.Subquery(this=rows, alias=node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("_G")))
    return node


def _number_of(call: exp.Expr) -> exp.Expr:
    """The row's number where rows are generated; over others they are counted, which Snowflake may do with gaps."""
    select = call.find_ancestor(exp.Select)
    sources = [] if select is None else [select.args.get("from_"), *(select.args.get("joins") or [])]
    if any(source is not None and _has_generated_rows(source.this) for source in sources):
        return exp.column(exp.to_identifier(_COLUMN, quoted=True))
    if call.find_ancestor(exp.Window, exp.Select) is not select:
        return exp.Literal.number(0)  # inside a window any order will do, as where rows come in none
    rows = exp.Window(this=exp.RowNumber())
    return exp.Paren(this=exp.Sub(this=rows, expression=exp.Literal.number(1)))


def _has_generated_rows(source: exp.Expr) -> bool:
    """Whether the source is rows out of GENERATOR, which may be rewritten already."""
    while isinstance(source, exp.Subquery) and not isinstance(source.this, exp.Select):
        source = source.this
    if isinstance(source, exp.Subquery):
        return any(item.alias_or_name == _COLUMN for item in source.this.expressions)
    return isinstance(source, exp.TableFromRows | exp.Table) and _row_count(source.this) is not None


def _row_count(call: object) -> int | None:
    if isinstance(call, exp.Generator):
        count = call.args.get("rowcount")
    elif isinstance(call, exp.Anonymous) and call.name.upper() == "GENERATOR":
        count = next(
            (
                argument.expression
                for argument in call.expressions
                if isinstance(argument, exp.Kwarg) and argument.this.name.upper() == "ROWCOUNT"
            ),
            None,
        )
    else:
        return None
    if isinstance(count, exp.Kwarg):
        count = count.expression
    return int(count.name) if isinstance(count, exp.Literal) else None
