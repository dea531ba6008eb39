"""Whether a change can be made again and comes out the same."""

from __future__ import annotations

from sqlglot import exp

_VOLATILE = (
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.CurrentTimestampLTZ,
    exp.Localtime,
    exp.Localtimestamp,
    exp.NextValueFor,
    exp.Normal,
    exp.Rand,
    exp.Randstr,
    exp.TableSample,
    exp.Uniform,
    exp.Uuid,
    exp.Zipf,
)


def is_repeatable(statement: exp.Expr) -> bool:
    """Whether it calls no model and reads neither clock, chance nor sequence."""
    if any(True for _ in statement.find_all(*_VOLATILE)):
        return False
    if any(name.name.upper() in {"CORTEX", "NEXTVAL"} for name in statement.find_all(exp.Identifier)):
        return False
    calls = (call.name.upper() for call in statement.find_all(exp.Anonymous))
    return not any(name.startswith(("AI_", "SYSTEM$")) for name in calls)


def reads_other_tables(statement: exp.Expr) -> bool:
    """Whether it names another table than the one that it changes."""
    return len({table.sql() for table in statement.find_all(exp.Table)}) > 1
