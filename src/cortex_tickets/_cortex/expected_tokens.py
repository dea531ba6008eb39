"""How many tokens an answer is expected to have: rules of thumb that hold for any data set, for estimates only.

A hard stop does not rest on them: it rests on what an answer has at most.
"""

from __future__ import annotations

from collections.abc import Sequence

TOKENS_PER_WORD = 4 / 3
"""A token is about three quarters of an English word, as the makers of language models say."""
LETTERS_PER_TOKEN = 4
"""About four letters of English text."""
_USED_UP_WORDS = 25
_USED_SHARE = 3 / 4
_SIGNS_OF_OBJECT = 2
_SIGNS_OF_MEMBER = 6
_KEY_TOKENS = 1


def expected_words(limit: int) -> float:
    """Return how many words are written where at most so many are asked for.

    A limit of a sentence or two is used up; of a longer one, which no model counts exactly, about a quarter is left.
    """
    return max(min(limit, _USED_UP_WORDS), limit * _USED_SHARE)


def prose_tokens(limit: int) -> float:
    """Return the tokens of a text that is asked for with at most so many words."""
    return expected_words(limit) * TOKENS_PER_WORD


def object_tokens(n_members: int) -> int:
    """Return the tokens of a JSON object without its values: a token for each brace, quote, colon, comma and key.

    The quotes of values are counted in, as if every value were a text.
    """
    return _SIGNS_OF_OBJECT + n_members * (_KEY_TOKENS + _SIGNS_OF_MEMBER) - bool(n_members)


def name_tokens(names: Sequence[str]) -> float:
    """Return the tokens that one of these names has on average: none has fewer than one."""
    return sum(max(1.0, len(name.encode()) / LETTERS_PER_TOKEN) for name in names) / len(names)


def text_tokens(text: str) -> str:
    """Return an expression of about how many tokens the text has by its letters."""
    return f"LENGTH({text}) / {LETTERS_PER_TOKEN}"
