"""Texts as vectors on the embedded engine: hashed words, pairs and parts of words. Alike is what shares words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cortex_tickets.local.language.hashed_features import PartHashes, placed
from cortex_tickets.local.language.sentences import cut
from cortex_tickets.local.language.tokens import count_tokens
from cortex_tickets.local.language.word_features import KnownWords, word_features

Floats = npt.NDArray[np.float32]
_NEIGHBOUR_SHARE, _PAIR_SHARE, _PART_SHARE = 0.5, 0.3, 0.5
"""How long the vectors of neighbours, pairs and parts of words are beside that of the words, before they are added."""
_BLOCK_TEXTS = 2_048
_PARTS = PartHashes()
_WORDS = KnownWords()


def embed_many(texts: Sequence[str], dimension: int, context_window: int) -> list[Floats]:
    """Return a vector of length 1 for each text, in order: the same for the same text on every machine.

    Stems of words with their general synonyms, words beside each other, words near each other in any order, and runs
    of 3 to 5 letters are hashed to places and signs. That is a random projection of the texts' counts to `dimension`
    numbers, so that cosines are kept but for a small noise. Nothing was learnt from texts, and nothing is understood.
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
    told = word_features(_WORDS, texts, dimension)
    mixed = _unit(told.words)
    mixed += np.float32(_NEIGHBOUR_SHARE) * _unit(told.neighbours)
    mixed += np.float32(_PAIR_SHARE) * _unit(told.pairs)
    mixed += np.float32(_PART_SHARE) * _unit(placed([_PARTS.of_text(text) for text in texts], dimension))
    mixed[~mixed.any(axis=1), 0] = 1
    return _unit(mixed)


def _unit(vectors: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    lengths[lengths == 0] = 1
    vectors /= lengths
    return vectors
