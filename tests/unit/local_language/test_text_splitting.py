"""Splitting of long texts: sizes, overlaps, separators, headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets.local.language.text_splitting import sections, split_text


@pytest.mark.parametrize(
    ("text", "size", "overlap", "separators", "parts"),
    [
        (
            "This is a long document. It has multiple sentences.\n\nAnd multiple paragraphs.",
            *(30, 5, ["\n\n", "\n", " ", ""]),
            ["This is a long document. It", "It has multiple sentences.", "And multiple paragraphs."],
        ),
        (
            "def hello():\n    print('Hello')\n\ndef world():\n    print('World')",
            *(30, 0, ["\n\n", "\n", "    ", " ", ""]),
            ["def hello():", "print('Hello')", "def world():", "print('World')"],
        ),
        (
            "First sentence. Second sentence. Third sentence.",
            *(15, 3, [". ", " ", ""]),
            ["First sentence", ". Second", "sentence", ". Third", "sentence."],
        ),
        ("abcdef", 2, 0, [" ", ""], ["ab", "cd", "ef"]),
        ("abcdef", 3, 1, [""], ["abc", "cde", "ef"]),
        ("too long for it", 4, 0, ["|"], ["too long for it"]),
        ("", 4, 0, [" "], []),
    ],
)
def test_parts_are_those_of_snowparks_own_examples(
    text: str, size: int, overlap: int, separators: list[str], parts: list[str]
) -> None:
    assert split_text(text, size=size, overlap=overlap, separators=separators) == parts


def test_markdowns_own_parts_are_tried_first() -> None:
    text = "# Title\n\n## Subtitle\n\nMore content."
    assert split_text(text, size=25, overlap=3, is_markdown=True) == ["# Title", "## Subtitle", "More content."]


@given(st.text(alphabet="ab \n.", max_size=80), st.integers(1, 20))
def test_no_part_is_longer_than_asked_and_no_character_is_lost(text: str, size: int) -> None:
    parts = split_text(text, size=size)
    assert all(0 < len(part) <= size for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


class TestSections:
    def test_a_part_knows_the_headers_above_it(self) -> None:
        text = "Before\n# One\nfirst\n## Deep\nsecond\n# Two\nthird\n### Other\nfourth"
        found = [(part.text, dict(part.headers)) for part in sections(text, {"#": "h1", "##": "h2"})]
        assert found == [
            ("Before", {}),
            ("first", {"h1": "One"}),
            ("second", {"h1": "One", "h2": "Deep"}),
            ("third\n### Other\nfourth", {"h1": "Two"}),
        ]

    def test_a_sign_in_a_block_of_code_is_no_header(self) -> None:
        text = "# One\n```\n# a comment\n```\nafter"
        assert [part.text for part in sections(text, {"#": "h1"})] == ["```\n# a comment\n```\nafter"]
