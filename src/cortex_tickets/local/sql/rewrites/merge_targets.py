"""MERGE for DuckDB, which has it as one statement: assigned columns stand without their table."""

from __future__ import annotations

from sqlglot import exp


def plain_merge_targets(merge: exp.Merge) -> None:
    """Write `SET T.A = ..` and `INSERT (T.A)` as `SET A = ..` and `INSERT (A)`."""
    whens = merge.args["whens"]
    for when in whens.expressions if isinstance(whens, exp.Whens) else whens:
        then = when.args.get("then")
        if isinstance(then, exp.Update):
            for assignment in then.expressions:
                if isinstance(assignment, exp.EQ) and isinstance(assignment.this, exp.Column):
                    assignment.set("this", exp.column(assignment.this.this.copy()))
        elif isinstance(then, exp.Insert) and isinstance(then.this, exp.Tuple):
            then.this.set(
                "expressions",
                [
                    exp.column(item.this.copy()) if isinstance(item, exp.Column) else item
                    for item in then.this.expressions
                ],
            )


def merge_operations(merge: exp.Merge) -> tuple[str, ...]:
    """Which of inserted, updated, deleted the statement can do, in the order of Snowflake's columns."""
    found = set()
    whens = merge.args["whens"]
    for when in whens.expressions if isinstance(whens, exp.Whens) else whens:
        then = when.args.get("then")
        if isinstance(then, exp.Insert):
            found.add("inserted")
        elif isinstance(then, exp.Update):
            found.add("updated")
        else:
            found.add("deleted")
    return tuple(name for name in ("inserted", "updated", "deleted") if name in found)
