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
        return exp.column(exp.to_identifier(_COLUMN, quoted=True))
    if isinstance(node, exp.TableFromRows | exp.Table) and (count := _row_count(node.this)) is not None:
        rows = parse_one(f'SELECT range AS "{_COLUMN}" FROM range({count})', read="duckdb")
        return exp.Subquery(this=rows, alias=node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("_G")))
    return node


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
