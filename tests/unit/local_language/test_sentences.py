"""Sentences, their speakers, and extracts."""

import pytest

from cortex_tickets.local.language.sentences import central_sentences, cut, sentences_of, spoken_sentences


def test_sentences_end_at_signs_and_lines_and_entities_are_read() -> None:
    text = 'It cost 3.5 &lt; 4. "Why?" I asked.\nAgent: e.g. this\n\n第一。第二。'

    assert sentences_of(text) == ["It cost 3.5 < 4.", '"Why?', "I asked.", "Agent: e.g. this", "第一。", "第二。"]


def test_staff_is_told_from_customers() -> None:
    text = "Customer: It broke. I am sad.\nAgent: Sorry. Truly.\nMax Kohl: Thanks."

    assert spoken_sentences(text) == [
        ("It broke.", False),
        ("I am sad.", False),
        ("Sorry.", True),
        ("Truly.", True),
        ("Thanks.", False),
    ]


@pytest.mark.parametrize(
    ("max_tokens", "max_words", "expected"),
    [
        (100, None, "The router is down. The router restarts itself every night."),
        (100, 5, "The router is down."),
        (100, 2, "The router"),
        (3, None, "The router"),
        (0, None, ""),
    ],
)
def test_an_extract_keeps_within_its_limits(max_tokens: int, max_words: int | None, expected: str) -> None:
    text = "Hello! The router is down. The router restarts itself every night. Thanks."

    assert central_sentences(text, max_tokens=max_tokens, max_words=max_words) == expected


def test_courtesy_alone_is_kept() -> None:
    assert central_sentences("Hello! Thank you.", max_tokens=50) == "Hello! Thank you."
    assert central_sentences("", max_tokens=50) == ""


def test_cut_counts_tokens_and_words() -> None:
    assert cut("one two three", 2) == "one two"
    assert cut("one two three", 9, 1) == "one"
