"""Texts as vectors on the embedded engine: hashed words and character n-grams. Alike is what shares words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cortex_tickets.local.language.hashed_features import PartHashes, placed, stem_hashes
from cortex_tickets.local.language.sentences import cut
from cortex_tickets.local.language.tokens import count_tokens
from cortex_tickets.local.language.words import content_stems

Floats = npt.NDArray[np.float32]
_WORD_SHARE = 0.8
"""How much of a vector's length the words' stems make; the rest are parts of words, for slips and other languages."""
_BLOCK_TEXTS = 2_048
_PARTS = PartHashes()


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
    told = _unit(placed([[stem_hashes(content_stems(text))] for text in texts], dimension))
    spelt = _unit(placed([_PARTS.of_text(text) for text in texts], dimension))
    mixed = np.float32(_WORD_SHARE) * told + np.float32(1 - _WORD_SHARE) * spelt
    mixed[~mixed.any(axis=1), 0] = 1
    return _unit(mixed)


def _unit(vectors: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    lengths[lengths == 0] = 1
    vectors /= lengths
    return vectors
