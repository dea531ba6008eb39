"""A Pydantic model's JSON schema within what Cortex takes as `response_format`.

Keywords that Cortex refuses are left out and told in the description of their field; the model itself checks them when
the answer is there. What cannot be said without them is a problem, told with its field.

Source:
    docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-22: keys of
    `[a-zA-Z0-9_-]{1,64}`, references to `#/$defs/` only, no constraints on numbers, lengths and forms; for OpenAI's
    models every property required and no further ones.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import AliasPath, BaseModel, RootModel, TypeAdapter
from pydantic.errors import PydanticUserError

from cortex_tickets.errors import InvalidInputError

Schema = Mapping[str, Any]

_KEY = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_REFERENCE = "#/$defs/"
_TOLD: Mapping[str, str] = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "exclusiveMinimum": "more than {}",
    "exclusiveMaximum": "less than {}",
    "multipleOf": "a multiple of {}",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
    "pattern": "of the form {}",
    "format": "as a {}",
}
"""What is said in words of the keywords that Cortex refuses, or is not known to take."""


def response_schema(record: type[BaseModel], *, with_descriptions: bool = True) -> dict[str, Any]:
    """Return the schema that the answers of a model are held to.

    Args:
        record: The Pydantic model.
        with_descriptions: Whether fields are described, and what Cortex is not told otherwise is said there in words.
            It costs tokens in every row; a prompt that says all of it does not need it.

    Raises:
        InvalidInputError: If it is no Pydantic model, or one that Cortex cannot be held to, with every field that is
            why.
    """
    given: object = record
    if not (inspect.isclass(given) and issubclass(given, BaseModel)):
        raise InvalidInputError(
            f"The record must be a Pydantic model, a class of BaseModel, not {_described(given)}. "
            "Write class Found(BaseModel): ... and give Found."
        )
    if issubclass(record, RootModel):
        raise InvalidInputError(
            f"{record.__name__} is a RootModel, and Cortex answers with an object of named fields. "
            "Put the value into a field of a BaseModel."
        )
    problems = list(_alias_problems(record))
    try:
        made = record.model_json_schema(mode="validation")
    except PydanticUserError as error:
        raise InvalidInputError([*problems, *_unwritable(record, error)]) from None
    converter = _Converter(record.__name__, made.get("$defs", {}), with_descriptions=with_descriptions)
    schema = converter.root(made)
    problems += converter.problems
    if problems:
        raise InvalidInputError(list(dict.fromkeys(problems)))
    return schema


def _told_kind(place: Schema) -> str:
    """Return in words what stands at a place of a tuple."""
    kinds = {"integer": "a whole number", "number": "a number", "string": "a text", "boolean": "true or false"}
    return kinds.get(str(place.get("type")), str(place.get("title") or place.get("type") or "a value"))


class _Converter:
    """Converts one model's schema, and gathers what cannot be.

    References are put in place, since Cortex's limits on them differ from model to model; only what refers to itself
    stays in `$defs`.
    """

    def __init__(self, name: str, definitions: Schema, *, with_descriptions: bool) -> None:
        self._with_descriptions = with_descriptions
        self.problems: list[str] = []
        self._name = name
        self._definitions = definitions
        self._recursive = {name for name in definitions if name in _reached(definitions[name], definitions)}

    def root(self, made: Schema) -> dict[str, Any]:
        """Return the whole schema."""
        top = self._definitions[_target(made)] if "$ref" in made else made
        schema = self._described(self._object(top, self._name), top)
        if self._recursive:
            schema["$defs"] = {
                self._safe(name): self._converted(self._definitions[name], name) for name in sorted(self._recursive)
            }
        return schema

    def _converted(self, node: Schema, path: str) -> dict[str, Any]:
        if "$ref" in node:
            return self._referred(node, path)
        if len(node.get("allOf", ())) == 1:
            return self._converted({**node["allOf"][0], **_without(node, "allOf")}, path)
        branches = node.get("anyOf") or node.get("oneOf")
        if branches:
            return self._described({"anyOf": [self._converted(branch, path) for branch in branches]}, node)
        return self._described(self._typed(node, path), node)

    def _referred(self, node: Schema, path: str) -> dict[str, Any]:
        name = _target(node)
        if name in self._recursive:
            return {"$ref": _REFERENCE + self._safe(name)}
        return self._converted({**self._definitions[name], **_without(node, "$ref")}, path)

    def _typed(self, node: Schema, path: str) -> dict[str, Any]:
        kind = node.get("type")
        if "const" in node or "enum" in node:
            values = list(node["enum"]) if "enum" in node else [node["const"]]
            return {"enum": values} if kind is None else {"type": kind, "enum": values}
        if kind == "object":
            return self._object(node, path)
        if kind == "array":
            return {"type": "array", "items": self._items(node, path)}
        if kind is None:
            return self._refuse(path, "it takes any value", "give it a type, such as str")
        return {"type": kind}

    def _object(self, node: Schema, path: str) -> dict[str, Any]:
        properties: Schema = node.get("properties", {})
        if not properties:
            what = "it has keys that nobody knows beforehand" if path != self._name else "it has no fields"
            return self._refuse(path, what, "use a list of a model with a key and a value, or name the fields")
        for key in properties:
            if not _KEY.fullmatch(key):
                self._refuse(
                    f"{path}.{key}",
                    "its key has other signs than a-z, A-Z, 0-9, _ and -, or more than 64",
                    "give it another alias",
                )
        return {
            "type": "object",
            "properties": {key: self._converted(part, f"{path}.{key}") for key, part in properties.items()},
            "required": list(properties),
            "additionalProperties": False,
        }

    def _items(self, node: Schema, path: str) -> dict[str, Any]:
        places = node.get("prefixItems")
        if not places:
            return self._converted(node.get("items", {}), f"{path}[]")
        # The form of a tuple is among what Cortex refuses; which value stands where is checked here.
        kinds = [self._converted(place, f"{path}[{number}]") for number, place in enumerate(places)]
        distinct = list({json.dumps(kind, sort_keys=True): kind for kind in kinds}.values())
        return distinct[0] if len(distinct) == 1 else {"anyOf": distinct}

    def _described(self, made: dict[str, Any], node: Schema) -> dict[str, Any]:
        """Add the description, and in it what Cortex is not told otherwise."""
        if not self._with_descriptions:
            return made
        told = [words.format(node[keyword]) for keyword, words in _TOLD.items() if keyword in node]
        told += ["each different"] if node.get("uniqueItems") else []
        if node.get("prefixItems"):
            kinds = ", ".join(_told_kind(place) for place in node["prefixItems"])
            told.append(f"in this order: {kinds}")
        parts = [str(node.get("description", "")).strip(), f"({', '.join(told)})" if told else ""]
        description = " ".join(part for part in parts if part)
        return {**made, "description": description} if description else made

    def _refuse(self, path: str, why: str, what_to_do: str) -> dict[str, Any]:
        self.problems.append(f"{path}: Cortex cannot be held to this field, because {why}; {what_to_do}.")
        return {"type": "string"}

    def _safe(self, name: str) -> str:
        """The name of a definition as a key that Cortex takes."""
        number = sorted(self._definitions).index(name)
        return name if _KEY.fullmatch(name) else f"{re.sub('[^a-zA-Z0-9_-]', '_', name)[:50]}_{number}"


def _reached(node: object, definitions: Schema) -> set[str]:
    """Return the names of all definitions that a part of the schema refers to, however indirectly."""
    found: set[str] = set()
    todo = [node]
    while todo:
        for name in _references(todo.pop()):
            if name not in found:
                found.add(name)
                todo.append(definitions[name])
    return found


def _references(node: object) -> Iterator[str]:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REFERENCE)
        for part in node.values():
            yield from _references(part)
    elif isinstance(node, list):
        for part in node:
            yield from _references(part)


def _target(node: Schema) -> str:
    return str(node["$ref"]).removeprefix(_REFERENCE)


def _without(node: Schema, keyword: str) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != keyword}


def _alias_problems(record: type[BaseModel]) -> Iterator[str]:
    for name, field in record.model_fields.items():
        if isinstance(field.validation_alias, AliasPath):
            yield (
                f"{record.__name__}.{name}: its alias is a path into another value, and the answer has one value for "
                "each field; give it a plain alias."
            )


def _unwritable(record: type[BaseModel], error: PydanticUserError) -> Iterator[str]:
    """Say which fields have no JSON schema: the error itself names none."""
    found = False
    for name, field in record.model_fields.items():
        try:
            TypeAdapter(field.rebuild_annotation()).json_schema(mode="validation")
        except PydanticUserError:
            found = True
            yield (
                f"{record.__name__}.{name}: Cortex cannot be held to this field, because its type has no JSON schema; "
                "give it a type such as str, int, a list or a model."
            )
    if not found:
        yield f"{record.__name__} has no JSON schema ({error.code}). Give its fields types that can be written as JSON."


def _described(value: object) -> str:
    return f"the class {value.__name__}" if inspect.isclass(value) else f"a {type(value).__name__}"
