"""Whatever the schema and the text, the value satisfies the schema."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortex_tickets.local.language.schema_filling import UnsatisfiableSchemaError, fill

TICKET = (
    "Hello, I am Maria Lopez. On 3 May 2026 you charged me $120.50 for order #A1234-77. "
    "The blender is broken and I want a refund. Write to maria@example.org or call +1 555 010 9999. "
    "I have bought 3 blenders from you."
)


def fill_one(schema: Mapping[str, Any], text: str = TICKET, instructions: str = "") -> Any:
    return fill(schema, [text], instructions, "large")[0]


KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


def is_valid(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    """Validate the keywords used below; written anew, so that it does not share a fault with the code."""
    if "$ref" in schema:
        return is_valid(value, root["$defs"]["Person"], root)
    if "anyOf" in schema:
        return any(is_valid(value, branch, root) for branch in schema["anyOf"])
    if "enum" in schema:
        return any(value == one and type(value) is type(one) for one in schema["enum"])
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return any(is_of_kind(value, kind, schema, root) for kind in kinds)


def is_of_kind(value: Any, kind: str, schema: Mapping[str, Any], root: Mapping[str, Any]) -> bool:
    if type(value) not in KINDS[kind]:
        return False
    if kind == "array":
        return all(is_valid(one, schema["items"], root) for one in value)
    if kind == "object":
        properties = schema["properties"]
        is_complete = set(schema["required"]) <= set(value) <= set(properties)
        return is_complete and all(is_valid(one, properties[name], root) for name, one in value.items())
    return True


names = st.sampled_from(
    ["amount", "refund_requested", "product", "summary", "customerName", "email", "x", "title", "n"]
)
scalars: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda kind: {"type": kind}, st.sampled_from(["string", "integer", "number", "boolean", "null"])),
    st.builds(lambda values: {"enum": values}, st.lists(st.text(max_size=8), min_size=1, max_size=4, unique=True)),
    st.just({"enum": [1, 2, None]}),
    st.just({"type": ["string", "null"], "description": "the colour, under 5 words"}),
    st.just({"$ref": "#/$defs/Person"}),
)
schemas = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda branch: {"anyOf": [branch, {"type": "null"}]}, inner),
        st.builds(
            lambda properties: {"type": "object", "properties": properties, "required": sorted(properties)},
            st.dictionaries(names, inner, max_size=4),
        ),
    ),
    max_leaves=8,
)
PERSON = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "parent": {"anyOf": [{"$ref": "#/$defs/Person"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/$defs/Person"}},
    },
    "required": ["name", "parent", "children"],
}


@given(schemas, st.one_of(st.just(TICKET), st.text(max_size=60)), st.sampled_from(["small", "large"]))
@settings(deadline=None)
def test_every_value_satisfies_its_schema(schema: dict[str, Any], text: str, size: Any) -> None:
    root = {**schema, "$defs": {"Person": PERSON}}

    (value,) = fill(root, [text], "Extract.", size)

    assert is_valid(value, schema, root)


@pytest.mark.parametrize(
    ("name", "schema", "expected"),
    [
        ("email", {"type": "string"}, "maria@example.org"),
        ("amount", {"type": "string"}, "$120.50"),
        ("date", {"type": "string"}, "3 May 2026"),
        ("order_number", {"type": "string"}, "#A1234-77"),
        ("phone", {"type": "string"}, "+1 555 010 9999"),
        ("customerName", {"type": "string"}, "Maria Lopez"),
        ("defect", {"type": "string"}, "The blender is broken and I want a refund."),
        ("charged_amount", {"type": "number"}, 120.5),
        ("blenders_bought", {"type": "integer"}, 3),
        ("wants_refund", {"type": "boolean"}, True),
        ("wants_umbrella", {"type": "boolean"}, False),
        ("colour", {"type": ["string", "null"]}, None),
        ("colour", {"anyOf": [{"type": "string"}, {"type": "null"}]}, None),
        ("colour", {"type": "string"}, ""),
        ("state", {"enum": ["working", "broken"]}, "broken"),
        ("severity", {"enum": ["low", "medium", "high"]}, "medium"),
        ("topics", {"type": "array", "items": {"enum": ["refund", "blender", "delivery"]}}, ["refund", "blender"]),
        ("kind", {"const": "ticket"}, "ticket"),
        ("kind", {"enum": [None]}, None),
        ("title", {"type": "string"}, "On 3 May 2026 you charged me $120.50 for order"),
        ("product", {"type": "string"}, ""),
        ("discount_percent", {"type": "number"}, 120.5),
        ("has_blender", {"enum": [True, False]}, True),
        ("numbers", {"type": "array", "items": {"type": "integer"}}, [3]),
        ("defects", {"type": "array", "items": {"type": "string"}}, ["The blender is broken and I want a refund."]),
        ("kinds", {"type": "array", "items": {"$ref": "#/$defs/Kind"}}, ["broken"]),
        ("maker", {"properties": {"email": {"type": "string"}}}, {"email": "maria@example.org"}),
        ("defects", {"items": {"type": "string"}}, ["The blender is broken and I want a refund."]),
    ],
)
def test_values_are_read_off_the_text(name: str, schema: dict[str, Any], expected: Any) -> None:
    root = {
        "type": "object",
        "properties": {name: schema},
        "required": [name],
        "$defs": {"Kind": {"enum": ["broken", "lost"]}},
    }

    assert fill_one(root) == {name: expected}


def test_a_required_property_without_a_schema_is_a_text() -> None:
    assert fill_one({"type": "object", "properties": {}, "required": ["email"]}) == {"email": "maria@example.org"}


def test_nothing_is_made_up_for_an_empty_text() -> None:
    properties: dict[str, Any] = {
        "s": {"type": "string"}, "n": {"type": "number"}, "b": {"type": "boolean"},
        "l": {"type": "array", "items": {"type": "string"}},
    }  # fmt: skip

    assert fill_one({"type": "object", "properties": properties}, "") == {"s": "", "n": 0, "b": False, "l": []}


def test_parts_of_a_schema_are_merged() -> None:
    schema = {
        "allOf": [
            {"$ref": "#/$defs/A"},
            {"type": "object", "properties": {"amount": {"type": "number"}}, "required": ["amount"]},
        ],
        "$defs": {"A": {"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]}},
    }

    assert fill_one(schema) == {"email": "maria@example.org", "amount": 120.5}


def test_a_schema_without_an_end_is_refused() -> None:
    endless = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}

    with pytest.raises(UnsatisfiableSchemaError, match="without an end"):
        fill_one(endless)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Bought on 2024-05-03.", "2024-05-03"),
        ("Bought on 3 May 2024.", "2024-05-03"),
        ("Bought on May 3rd, 2024.", "2024-05-03"),
        ("Gekauft am 3.5.2024.", "2024-05-03"),
        ("Bought on 13/05/2024.", "2024-05-13"),
        ("Bought on 99/99/2024, no, on 5/3/2024.", "2024-05-03"),
        ("Bought in May.", ""),
    ],
)
def test_a_text_that_has_to_be_a_date_is_one(text: str, told: str) -> None:
    schema = {"type": "object", "properties": {"when": {"type": "string", "description": "(as a date)"}}}
    assert fill(schema, [text], "", "large") == [{"when": told}]


def test_a_list_of_different_kinds_has_one_of_each_in_their_order() -> None:
    items = {"anyOf": [{"type": "integer"}, {"type": "string"}]}
    schema = {"type": "object", "properties": {"days": {"type": "array", "items": items}}}
    ((number, text),) = [value["days"] for value in fill(schema, ["It broke after 2 days."], "", "large")]
    assert (number, text) == (2, "It broke after 2 days.")
