"""What becomes of a model's answer that is struck: cut short, or no label."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cortex_tickets.local.faults.gate import AnsweredRows
from cortex_tickets.local.functions.row_answers import as_json_text

OFF_LABEL = "a label that nobody listed"
ROW_ERROR = "internal error"
FAILING_ROW = "max tokens of 128000 exceeded"
_CLASSIFIERS = frozenset({"AI_CLASSIFY", "SNOWFLAKE.CORTEX.CLASSIFY_TEXT"})


def can_be_struck(kind: str, rows: AnsweredRows) -> bool:
    """Whether a kind of fault can happen to rows of this call."""
    match kind:
        case "truncated_json":
            return rows.are_completions
        case "off_label":
            return rows.function in _CLASSIFIERS or (
                rows.are_completions and (rows.schema is None or bool(_labelled(rows.schema)))
            )
        case _:
            return True


def is_json(answer: str) -> bool:
    """Whether an answer has the look of a JSON object or list."""
    return answer.lstrip().startswith(("{", "["))


def strike(kind: str, rows: AnsweredRows, row: int, answer: str) -> None:
    """Change one row as a kind of fault does."""
    match kind:
        case "failing_rows":
            rows.answers[row], rows.errors[row] = None, FAILING_ROW
        case "null_rows":
            rows.answers[row], rows.errors[row] = None, ROW_ERROR
        case "truncated_json":
            cut = answer[: max(1, len(answer) // 2)]
            # Where a schema promised an object, the value has to stay JSON: a string with what there is.
            rows.answers[row] = cut if rows.schema is None else as_json_text(cut)
        case _:
            rows.answers[row] = _without_label(rows, answer)


def _without_label(rows: AnsweredRows, answer: str) -> str:
    if not rows.are_completions:
        return json.dumps({"labels": [OFF_LABEL]})
    if rows.schema is None:
        return OFF_LABEL
    try:
        value = json.loads(answer)
    except ValueError:  # a real model's
        value = None
    kept = value if isinstance(value, dict) else {}
    return json.dumps({**kept, **dict.fromkeys(_labelled(rows.schema), OFF_LABEL)}, ensure_ascii=False)


def _labelled(schema: Mapping[str, object]) -> list[str]:
    """The properties whose values are of a closed set."""
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return []
    return [str(name) for name, part in properties.items() if isinstance(part, Mapping) and "enum" in part]
