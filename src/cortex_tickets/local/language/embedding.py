"""Texts as vectors on the embedded engine: hashed words and character n-grams. Alike is what shares words."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cortex_tickets.local.language.sentences import cut
from cortex_tickets.local.language.tokens import count_tokens
from cortex_tickets.local.language.words import content_stems

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import HashingVectorizer

Floats = npt.NDArray[np.float32]
_WORD_SHARE = 0.8
"""How much of a vector's length the words' stems make; the rest are parts of words, for slips and other languages."""
_BLOCK_TEXTS = 2_048


def embed_many(texts: Sequence[str], dimension: int, context_window: int) -> list[Floats]:
    """Return a vector of length 1 for each text, in order: the same for the same text on every machine.

    Every word stem and every run of 3 to 5 letters is hashed to a place and a sign. That is a random
    projection of the texts' counts to `dimension` numbers, so that cosines are kept but for a small noise.
    Only the first `context_window` tokens count. A text without any word is the first unit vector.
    """
    vectors: list[Floats] = []
    for start in range(0, len(texts), _BLOCK_TEXTS):
        block = [_within(text, context_window) for text in texts[start : start + _BLOCK_TEXTS]]
        vectors.extend(_block(block, dimension))
    return vectors


def _within(text: str, context_window: int) -> str:
    return cut(text, context_window) if len(text) > context_window and count_tokens(text) > context_window else text


def _block(texts: Sequence[str], dimension: int) -> Floats:
    words, parts = _vectorizers(dimension)
    told = _unit(words.transform([content_stems(text) for text in texts]).toarray())
    spelt = _unit(parts.transform(texts).toarray())
    mixed = _WORD_SHARE * told + (1 - _WORD_SHARE) * spelt
    mixed[~mixed.any(axis=1), 0] = 1
    return _unit(mixed)


def _unit(vectors: npt.NDArray[np.floating]) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    lengths[lengths == 0] = 1
    unit: Floats = (vectors / lengths).astype(np.float32)
    return unit


@cache
def _vectorizers(dimension: int) -> tuple[HashingVectorizer, HashingVectorizer]:
    from sklearn.feature_extraction.text import HashingVectorizer  # noqa: PLC0415 - takes half a second

    words = HashingVectorizer(analyzer=_pairs_and_stems, n_features=dimension, norm=None)
    parts = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=dimension, norm=None)
    return words, parts


def _pairs_and_stems(stems: list[str]) -> list[str]:
    """Each stem twice, so that it weighs more, and neighbours together."""
    return [*stems, *stems, *(f"{one} {two}" for one, two in itertools.pairwise(stems))]
