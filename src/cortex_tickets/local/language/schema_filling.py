"""Fills a JSON schema from texts, column by column: every property is one question asked of all texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cortex_tickets.local.language import field_answers as answers
from cortex_tickets.local.language.field_answers import Answer, Field
from cortex_tickets.local.language.label_matching import Size

Schema = Mapping[str, Any]
Column = Callable[[Sequence[str]], list[Answer]]
"""Answers one question for many texts."""

_DEEPEST = 24


class UnsatisfiableSchemaError(ValueError):
    """The schema asks for something that no finite JSON value satisfies."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in the schema we are."""

    root: Schema
    field: Field
    entered: tuple[str, ...] = ()
    """The references being followed: one that comes again is recursive, and is kept as small as it may be."""

    @property
    def is_recursive(self) -> bool:
        return len(set(self.entered)) < len(self.entered)

    def at(self, name: str, schema: Schema) -> _Place:
        description = str(schema.get("description", ""))
        return replace(self, field=replace(self.field, name=name, description=description))


def fill(schema: Schema, texts: Sequence[str], instructions: str, size: Size) -> list[Any]:
    """Return a value for each text that satisfies the schema.

    Where the text says nothing: null if the schema allows it, else an empty string, 0, false or an empty
    list; nothing is invented.

    Raises:
        UnsatisfiableSchemaError: When the schema requires itself without an end.
    """
    field = Field(str(schema.get("title", "")), str(schema.get("description", "")), instructions, size)
    return [answer.value for answer in _column(schema, _Place(schema, field))(texts)]


def _column(schema: Schema, place: _Place) -> Column:
    """Choose how a schema is answered."""
    if len(place.entered) > _DEEPEST:
        raise UnsatisfiableSchemaError("The schema requires itself without an end; no finite value satisfies it.")
    for word, answered in _KEYWORDS.items():
        if word in schema:
            return answered(schema, place)
    kind = schema.get("type") or _implied_type(schema)
    if isinstance(kind, list):
        return _any_of([{**schema, "type": one} for one in kind], place)
    return _TYPES.get(kind, _string)(schema, place)


def _implied_type(schema: Schema) -> str:
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def _reference(schema: Schema, place: _Place) -> Column:
    target = _resolved(schema, place)
    entered = replace(place, entered=(*place.entered, str(schema["$ref"])))
    return _column({**target, **{key: schema[key] for key in schema if key != "$ref"}}, entered)


def _resolved(schema: Schema, place: _Place) -> Schema:
    target: Any = place.root
    for part in str(schema["$ref"]).removeprefix("#").strip("/").split("/"):
        if part:
            target = target[part.replace("~1", "/").replace("~0", "~")]
    return dict(target)


def _merged(schema: Schema, place: _Place) -> Schema:
    merged: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    for part in schema["allOf"]:
        for key, value in (_resolved(part, place) if "$ref" in part else part).items():
            if key == "properties":
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required":
                merged[key] = [*merged.get(key, []), *value]
            else:
                merged.setdefault(key, value)
    return merged


def _any_of(branches: Sequence[Schema], place: _Place) -> Column:
    """Answer by the first branch that is not null; by null where it is allowed and the text says nothing."""
    is_nullable = any(_is_null(branch) for branch in branches)
    others = [branch for branch in branches if not _is_null(branch)]
    if not others or (is_nullable and place.is_recursive):
        return lambda texts: [Answer(None, is_found=False)] * len(texts)
    # In a recursion the branch without a reference ends it.
    chosen = min(others, key=lambda branch: "$ref" in branch) if place.is_recursive else others[0]
    column = _column(chosen, place.at(place.field.name, {"description": place.field.description, **chosen}))
    if not is_nullable:
        return column
    return lambda texts: [answer if answer.is_found else Answer(None, is_found=False) for answer in column(texts)]


def _is_null(schema: Schema) -> bool:
    return schema.get("type") == "null" or schema.get("const", "") is None or schema.get("enum") == [None]


def _constant(schema: Schema, _: _Place) -> Column:
    return lambda texts: [Answer(schema["const"])] * len(texts)


def _enum(schema: Schema, place: _Place) -> Column:
    values = schema["enum"]
    named = [value for value in values if value is not None]
    if not named:
        return lambda texts: [Answer(None)] * len(texts)
    if len(named) == len(values):
        return lambda texts: answers.enum_answers(place.field, named, texts)
    return lambda texts: [
        answer if answer.is_found else Answer(None, is_found=False)
        for answer in answers.enum_answers(place.field, named, texts)
    ]


def _object(schema: Schema, place: _Place) -> Column:
    required = set(schema.get("required", ()))
    columns = {
        name: _column(part, place.at(name, part))
        for name, part in schema.get("properties", {}).items()
        if name in required or not place.is_recursive
    }
    for name in sorted(required - set(columns)):
        columns[name] = _string({}, place.at(name, {}))

    def objects(texts: Sequence[str]) -> list[Answer]:
        filled = [column(texts) for column in columns.values()]
        rows = zip(*filled, strict=True) if filled else ((),) * len(texts)
        return [
            Answer(
                dict(zip(columns, (answer.value for answer in row), strict=True)),
                any(answer.is_found for answer in row),
            )
            for row in rows
        ]

    return objects


def _array(schema: Schema, place: _Place) -> Column:
    if place.is_recursive:
        return lambda texts: [Answer([], is_found=False)] * len(texts)
    items = schema.get("items", {})
    items = items if isinstance(items, Mapping) else {}
    while "$ref" in items and "enum" in _resolved(items, place):
        items = _resolved(items, place)
    field = replace(place.field, description=f"{place.field.description} {items.get('description', '')}")
    if "enum" in items:
        return lambda texts: answers.enum_list_answers(field, items["enum"], texts)
    kind = items.get("type")
    if kind in ("number", "integer"):
        most = _most_items(field.description)
        return lambda texts: [
            answers.number_list_answer(text, is_integer=kind == "integer", most=most) for text in texts
        ]
    if kind == "string":
        return lambda texts: [answers.string_list_answer(field, text) for text in texts]
    if len(branches := [branch for branch in items.get("anyOf", ()) if not _is_null(branch)]) > 1:
        return _places(branches, place)
    column = _column(items, place)
    return lambda texts: [
        Answer([answer.value], is_found=True) if answer.is_found else Answer([], is_found=False)
        for answer in column(texts)
    ]


def _places(branches: Sequence[Schema], place: _Place) -> Column:
    """Give one item of each kind, in their order: what a list of different kinds is asked for has its places."""
    columns = [_column(branch, place.at(place.field.name, branch)) for branch in branches]

    def lists(texts: Sequence[str]) -> list[Answer]:
        filled = zip(*(column(texts) for column in columns), strict=True)
        return [Answer([one.value for one in row], any(one.is_found for one in row)) for row in filled]

    return lists


def _most_items(description: str) -> int | None:
    found = re.search(r"\bat most (\d+) items\b", description)
    return int(found[1]) if found else None


def _string(_: Schema, place: _Place) -> Column:
    return lambda texts: [answers.string_answer(place.field, text) for text in texts]


def _number(schema: Schema, place: _Place) -> Column:
    is_integer = schema["type"] == "integer"
    return lambda texts: [answers.number_answer(place.field, text, is_integer=is_integer) for text in texts]


def _boolean(_: Schema, place: _Place) -> Column:
    return lambda texts: [answers.boolean_answer(place.field, text) for text in texts]


def _null(_: Schema, __: _Place) -> Column:
    return lambda texts: [Answer(None)] * len(texts)


_KEYWORDS: dict[str, Callable[[Schema, _Place], Column]] = {
    "$ref": _reference,
    "allOf": lambda schema, place: _column(_merged(schema, place), place),
    "anyOf": lambda schema, place: _any_of(schema["anyOf"], place),
    "oneOf": lambda schema, place: _any_of(schema["oneOf"], place),
    "const": _constant,
    "enum": _enum,
}
_TYPES: dict[str, Callable[[Schema, _Place], Column]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
    "null": _null,
}
