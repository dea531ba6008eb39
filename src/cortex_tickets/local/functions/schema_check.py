"""Whether an answer follows its JSON schema, in the keywords that a response format may have."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

VALIDATION_ERROR = "json mode output validation error"
_DEEPEST = 100
_KINDS: dict[str, type] = {
    "array": list,
    "boolean": bool,
    "null": type(None),
    "object": dict,
    "string": str,
}


def checked_answer(answer: str, schema: Mapping[str, object]) -> tuple[str | None, str | None]:
    """An answer as JSON, or the row's error: one of the two. The error quotes no value, which may be a ticket's text.

    Source:
        docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-22.
    """
    try:
        value = json.loads(answer)
    except ValueError:
        return None, f"{VALIDATION_ERROR}: the answer is no JSON"
    problem = _problem(value, schema, schema, "$", _DEEPEST)
    if problem is not None:
        return None, f"{VALIDATION_ERROR}: {problem}"
    return json.dumps(value, ensure_ascii=False), None


def _problem(value: Any, node: Any, root: Mapping[str, object], path: str, depth: int) -> str | None:
    """The first thing that does not fit; `None` where all does."""
    if node is False:
        return f"{path} is not allowed"
    if not isinstance(node, Mapping) or depth == 0:
        return None
    if isinstance(reference := node.get("$ref"), str):
        return _problem(value, _referred(root, reference), root, path, depth - 1)
    return (
        _problem_of_value(value, node, path)
        or _problem_of_choices(value, node, root, path, depth)
        or _problem_inside(value, node, root, path, depth)
    )


def _problem_of_value(value: Any, node: Mapping[str, Any], path: str) -> str | None:
    if (kinds := node.get("type")) is not None:
        names = kinds if isinstance(kinds, list) else [kinds]
        if not any(_is_of_kind(value, name) for name in names):
            return f"{path} is not of type {' or '.join(map(str, names))}"
    if "const" in node and not _same(value, node["const"]):
        return f"{path} is not the value allowed"
    if isinstance(allowed := node.get("enum"), list) and not any(_same(value, item) for item in allowed):
        return f"{path} is none of the values allowed"
    return None


def _problem_of_choices(
    value: Any, node: Mapping[str, Any], root: Mapping[str, object], path: str, depth: int
) -> str | None:
    for part in node.get("allOf") or ():
        if problem := _problem(value, part, root, path, depth - 1):
            return problem
    for key in ("anyOf", "oneOf"):
        if parts := node.get(key):
            n_fitting = sum(_problem(value, part, root, path, depth - 1) is None for part in parts)
            if n_fitting == 0 or (key == "oneOf" and n_fitting > 1):
                return f"{path} fits {n_fitting} of the forms of {key}"
    return None


def _problem_inside(
    value: Any, node: Mapping[str, Any], root: Mapping[str, object], path: str, depth: int
) -> str | None:
    if isinstance(value, Mapping):
        return _problem_of_object(value, node, root, path, depth)
    if isinstance(value, list) and "items" in node:
        found = (_problem(item, node["items"], root, f"{path}[{i}]", depth - 1) for i, item in enumerate(value))
        return next((problem for problem in found if problem), None)
    return None


def _problem_of_object(
    value: Mapping[str, Any], node: Mapping[str, Any], root: Mapping[str, object], path: str, depth: int
) -> str | None:
    required = node.get("required")
    if isinstance(required, Sequence) and (missing := [name for name in required if name not in value]):
        return f"{path} lacks the required field {missing[0]}"
    properties = node.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    others = node.get("additionalProperties", True)
    for name, item in value.items():
        if name in known:
            problem = _problem(item, known[name], root, f"{path}.{name}", depth - 1)
        elif others is False:
            problem = f"{path} has a field that the schema does not have"
        else:
            problem = _problem(item, others, root, f"{path}.*", depth - 1)
        if problem:
            return problem
    return None


def _referred(root: Mapping[str, object], reference: str) -> Any:
    defined = root.get("$defs")
    return defined.get(reference.removeprefix("#/$defs/")) if isinstance(defined, Mapping) else None


def _is_of_kind(value: Any, name: object) -> bool:
    """Whether a value is of a type of JSON's; true and false are no numbers."""
    if name in {"number", "integer"}:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and (name == "number" or value == int(value))
    kind = _KINDS.get(str(name))
    return kind is None or isinstance(value, kind)


def _same(one: Any, other: Any) -> bool:
    """Equal in JSON, where true is not 1."""
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
