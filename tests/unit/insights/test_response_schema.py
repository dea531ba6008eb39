"""The JSON schema of a Pydantic model, within what Cortex takes; what cannot be said there is told with its field."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar, cast

import pytest
from pydantic import AliasPath, BaseModel, ConfigDict, Field, RootModel, WithJsonSchema
from pydantic.errors import PydanticInvalidForJsonSchema

from cortex_tickets import DefectSummary, InvalidInputError
from cortex_tickets._cortex.response_schema import response_schema
from cortex_tickets.local.functions.response_format import schema_of

TAKEN = {
    "type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "description", "$ref", "$defs"
}  # fmt: skip
T = TypeVar("T")


class Mood(enum.Enum):
    GOOD = "good"
    BAD = "bad"


class Part(BaseModel):
    """A part of the order."""

    name: str
    price: Annotated[float, Field(gt=0, le=1_000, multiple_of=0.01)]
    tags: set[str] = Field(default_factory=set, min_length=1, max_length=3)


class Order(BaseModel):
    number: int = Field(description="The order's number", ge=1)
    mood: Mood = Mood.GOOD
    parts: list[Part]
    main_part: Part = Field(description="The most important one")
    note: str | None = Field(default=None, max_length=20, pattern="^[a-z]+$")
    due: date | None = None
    pair: tuple[int, str] = (1, "a")
    kind: Literal["new"] = "new"
    size: Literal["s", "m", 3]
    amount: Decimal


class Tree(BaseModel):
    name: str
    children: list[Tree]


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int


class Dog(BaseModel):
    kind: Literal["dog"]
    breed: str


class Owner(BaseModel):
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]


class Box(BaseModel, Generic[T]):
    value: T


def nodes(schema: Any) -> Iterator[Mapping[str, Any]]:
    """All schemas inside a schema, itself included; names of fields are none."""
    if isinstance(schema, list):
        for part in schema:
            yield from nodes(part)
    if not isinstance(schema, Mapping):
        return
    yield schema
    for keyword, value in schema.items():
        if keyword in ("properties", "$defs"):
            yield from (node for part in value.values() for node in nodes(part))
        elif keyword in ("items", "anyOf"):
            yield from nodes(value)


def test_a_schema_that_a_field_was_given_is_converted_too() -> None:
    code = response_schema(Told)["properties"]["code"]
    assert code == {"type": "string", "description": "A code (at most 3 characters)"}


@pytest.mark.parametrize("record", [Order, Tree, Owner, Box[int], DefectSummary, Part])
def test_only_what_cortex_takes_is_sent_and_every_property_is_required(record: type[BaseModel]) -> None:
    schema = response_schema(record)
    assert schema["type"] == "object"
    for node in nodes(schema):
        assert set(node) <= TAKEN
        if node.get("type") == "object":
            assert node["additionalProperties"] is False
            assert node["required"] == list(node["properties"])
    schema_of({"type": "json", "schema": schema}, "AI_COMPLETE")  # the engine refuses what Snowflake refuses


def test_nested_models_lists_enums_and_optional_fields_are_said_in_place() -> None:
    properties = response_schema(Order)["properties"]
    assert properties["number"] == {"type": "integer", "description": "The order's number (at least 1)"}
    assert properties["mood"] == {"type": "string", "enum": ["good", "bad"]}
    assert properties["kind"] == {"type": "string", "enum": ["new"]}
    assert properties["size"] == {"enum": ["s", "m", 3]}
    assert properties["due"] == {"anyOf": [{"type": "string", "description": "(as a date)"}, {"type": "null"}]}
    assert properties["pair"]["items"] == {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    part = properties["parts"]["items"]
    assert part["description"] == "A part of the order."
    assert list(part["properties"]) == ["name", "price", "tags"]
    assert properties["main_part"] == {**part, "description": "The most important one"}


def test_what_cortex_refuses_is_told_in_words() -> None:
    properties = response_schema(Order)["properties"]
    part = properties["main_part"]["properties"]
    assert part["price"]["description"] == "(at most 1000, more than 0, a multiple of 0.01)"
    assert part["tags"]["description"] == "(at least 1 items, at most 3 items, each different)"
    assert properties["note"]["anyOf"][0]["description"] == "(at most 20 characters, of the form ^[a-z]+$)"


def test_one_of_several_models_is_any_of_them() -> None:
    pet = response_schema(Owner)["properties"]["pet"]
    assert [branch["properties"]["kind"]["enum"] for branch in pet["anyOf"]] == [["cat"], ["dog"]]


def test_only_what_refers_to_itself_stays_a_reference() -> None:
    schema = response_schema(Tree)
    assert schema["properties"]["children"] == {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    assert list(schema["$defs"]) == ["Tree"]
    assert "$defs" not in response_schema(Order)


def test_the_name_of_a_reference_is_a_key_that_cortex_takes() -> None:
    class Knoten(BaseModel):
        weiter: Knoten | None

    Knoten.__name__ = Knoten.__qualname__ = "Knöten"
    schema = response_schema(Knoten)
    (name,) = schema["$defs"]
    assert name.isascii()
    assert schema["properties"]["weiter"]["anyOf"][0] == {"$ref": f"#/$defs/{name}"}


class Free(BaseModel):
    prices: dict[str, float]
    anything: Any
    many: list[Any]


class Inside(BaseModel):
    free: Free


class Umlaut(BaseModel):
    size: int = Field(alias="größe")
    long: int = Field(alias="a b")


class Uncallable(BaseModel):
    ok: int
    action: Callable[[int], int]


class NotJson(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    lock: FakeLock


class FakeLock:
    """A class that Pydantic knows nothing of."""


class ByPath(BaseModel):
    value: int = Field(validation_alias=AliasPath("a", 0))


class Unwilling(BaseModel):
    ok: int

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        del core_schema, handler
        raise PydanticInvalidForJsonSchema("never")


class Told(BaseModel):
    code: Annotated[str, WithJsonSchema({"allOf": [{"type": "string", "maxLength": 3}], "description": "A code"})]


class Empty(BaseModel):
    """Has no fields."""


NotJson.model_rebuild()


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (Inside, ["Inside.free.prices: ", "Inside.free.anything: ", "Inside.free.many[]: "]),
        (Umlaut, ["Umlaut.größe: ", "Umlaut.a b: "]),
        (Uncallable, ["Uncallable.action: "]),
        (NotJson, ["NotJson.lock: "]),
        (ByPath, ["ByPath.value: "]),
        (Empty, ["Empty: "]),
        (Unwilling, ["Unwilling has no JSON schema (invalid-for-json-schema)"]),
        (RootModel[list[int]], ["RootModel"]),
        (dict, ["not the class dict"]),
        (DefectSummary(product="p", defect="d", summary="s"), ["not a DefectSummary"]),
        (None, ["not a NoneType"]),
    ],
)
def test_a_model_that_cortex_cannot_take_is_refused_with_the_field_and_why(record: object, fields: list[str]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        response_schema(cast("type[BaseModel]", record))
    assert len(caught.value.problems) == len(fields)
    for problem, field in zip(caught.value.problems, fields, strict=True):
        assert field in problem
        assert problem.endswith(".")
