"""Constants in SQL: whatever the value, it comes back as it went."""

import re

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import TokenType, exp

from cortex_tickets._cortex.quoting import constant, literal
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt, one_line
from cortex_tickets.prompts.delimiter import clean, inert
from cortex_tickets.prompts.reply_prompt import ReplyPrompt, channel_of, single_line
from cortex_tickets.records.label_set import Label
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.table_name import TableName, column_sql
from cortex_tickets.records.ticket import Ticket
from hostile.pack import ENTRIES, Entry


@given(st.text())
def test_a_quoted_text_is_one_string_with_the_same_value(text: str) -> None:
    parsed = sqlglot.parse_one(f"SELECT {literal(text)}", read="snowflake")
    (only,) = parsed.expressions
    assert isinstance(only, exp.Literal)
    assert only.is_string
    assert only.this == clean(text)


@pytest.mark.parametrize("text", ["'; DROP TABLE T; --", "\\'; --", "\\", "$$", "$x", "{0}", "?", "%s", ":1"])
def test_nothing_gets_out_of_its_quotes(text: str) -> None:
    statements = sqlglot.parse(f"SELECT {literal(text)}", read="snowflake")
    assert len(statements) == 1
    assert [found.this for found in statements[0].find_all(exp.Literal)] == [text]  # type: ignore[union-attr]


def test_json_like_values_become_constants() -> None:
    value = {"type": "json", "n": [1, 2.5, True, None], "it's": "a\\b"}
    assert constant(value) == "{'type': 'json', 'n': [1, 2.5, TRUE, NULL], 'it''s': 'a\\\\b'}"


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        constant({"a": [b"x"]})


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if len(entry.text) < 1000], ids=lambda entry: entry.id)
def test_every_text_of_the_hostile_pack_is_one_string(entry: Entry) -> None:
    (statement,) = sqlglot.parse(f"SELECT {literal(entry.text)} AS A, 1 AS B", read="snowflake")
    assert statement is not None
    first, second = statement.expressions
    assert (first.alias, first.this.this, second.alias) == ("A", clean(entry.text), "B")


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON_LIKE)
def test_a_json_like_value_is_its_strings_in_order_and_nothing_else_of_theirs(value: object) -> None:
    tokens = sqlglot.tokenize(f"{constant(value)}", read="snowflake")
    assert [token.text for token in tokens if token.token_type is TokenType.STRING] == list(map(clean, texts_in(value)))
    # What is not a string is punctuation, a number or a constant's name: no text got out of its quotes.
    others = [token.text for token in tokens if token.token_type is not TokenType.STRING]
    assert all(re.fullmatch(r"[{}\[\]:,-]|\d+|NULL|TRUE|FALSE", other) for other in others)


def texts_in(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case list():
            return [text for item in value for text in texts_in(item)]
        case dict():
            return [text for key, item in value.items() for text in (key, *texts_in(item))]
        case _:
            return []


@given(st.text(min_size=1, max_size=255))
def test_a_quoted_name_is_one_identifier_or_is_refused(text: str) -> None:
    written = '"' + text.replace('"', '""') + '"'
    if clean(text) != text:
        with pytest.raises(InvalidInputError):
            TableName.parse(written)
        return
    table = TableName.parse(f"DB.{written}.{written}")
    assert table.parts == ("DB", text, text)
    assert TableName.parse(str(table)) == table
    (statement,) = sqlglot.parse(f"SELECT {column_sql(written)} FROM {table.sql}", read="snowflake")
    assert statement is not None
    named = [found.this for found in statement.find_all(exp.Identifier)]
    assert sorted(named) == sorted([text, text, text, "DB"])


@given(st.text())
def test_a_name_as_it_stands_is_plain_or_refused(text: str) -> None:
    try:
        table = TableName.parse(text)
    except InvalidInputError:
        return
    assert len(table.parts) <= 3
    assert not any(set(part) & set("\x00") for part in table.parts)


@given(st.text(), st.text(), st.text(), st.sampled_from(["Email", "Text Message", None]))
def test_no_part_of_a_ticket_can_leave_its_place_in_a_reply_prompt(
    text: str, name: str, label: str, preference: str | None
) -> None:
    prompt = ReplyPrompt(playbook=Playbook.default())
    ticket = Ticket(id="1", text=text, customer_name=name, contact_preference=preference)
    rendered = prompt.render(ticket, label=label)
    channel = channel_of(preference)
    before, _, rest = rendered.removeprefix(prompt.opening(channel)).partition(prompt.before_label())
    assert rendered.startswith(prompt.opening(channel))
    assert rendered.endswith(prompt.closing(channel))
    assert before == single_line(name)
    assert rest.startswith(single_line(label) + prompt.after_label(prompt.playbook.entry_for(label)))
    assert rest.endswith(prompt.before_text() + inert(clean(text)) + prompt.closing(channel))
    assert not set(before + single_line(label) + inert(clean(text))) & {"<"}
    assert "\n" not in before
    rendered.encode()


@given(st.text(), st.lists(st.text(), max_size=3))
def test_descriptions_and_examples_stay_on_their_lines(description: str, examples: list[str]) -> None:
    labels = (Label(name="A", description=description, examples=tuple(examples)), Label(name="B"))
    lines = ClassificationPrompt.rich(labels).prefix.split("\n")
    shown = f"- A: {one_line(description)}" if description else "- A"
    assert lines[lines.index("Labels:") :] == [
        "Labels:",
        shown,
        *(f"  Example: {one_line(example)}" for example in examples),
        "- B",
        "<ticket>",
        "",
    ]
