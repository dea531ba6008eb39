"""How many tokens a text counts as."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets.local.language.tokens import count_tokens, count_tokens_many


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" \n\t", 0),
        ("data", 1),
        ("roaming", 2),
        ("I was overcharged $90.", 7),
        ("don't", 3),
        ("你好", 2),
        ("snake_case", 3),
    ],
)
def test_counts_word_pieces_signs_and_dense_characters(text: str, tokens: int) -> None:
    assert count_tokens(text) == tokens


@given(st.text(), st.text())
def test_texts_joined_by_a_space_count_as_both(first: str, second: str) -> None:
    assert count_tokens(f"{first} {second}") == count_tokens(first) + count_tokens(second)


@given(st.text())
def test_never_more_tokens_than_characters(text: str) -> None:
    assert 0 <= count_tokens(text) <= len(text)


@given(st.lists(st.text()))
def test_many_counts_each_in_order(texts: list[str]) -> None:
    assert count_tokens_many(texts) == [count_tokens(text) for text in texts]
