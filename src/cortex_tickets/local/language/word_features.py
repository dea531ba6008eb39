"""Words, neighbours and pairs of words as hashed places and signs, for a whole block of texts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils import murmurhash3_32

from cortex_tickets.local.language.synonyms import synonyms
from cortex_tickets.local.language.words import STOP_WORDS, stem, words_of

Floats = npt.NDArray[np.float32]
Codes = npt.NDArray[np.uint32]
Places = npt.NDArray[np.int64]

_MOST_REMEMBERED_WORDS = 50_000
_STOP_WORD_WEIGHT = 0.3
"""Of a word such as `my` or `why`: it tells something, but less than a word that few texts have."""
_SYNONYM_WEIGHT = 0.5
"""Of what means nearly the same as a word of the text."""
_WORD_PLACES, _NEIGHBOUR_PLACES, _PAIR_PLACES = 4, 2, 2
"""In so many places a feature stands: what two words share by chance then matters less."""
_PAIR_DISTANCE = 5
"""Two words with no more than so many steps of words with meaning between them are a pair, in either order."""
_NEIGHBOUR_SALT, _PAIR_SALT = 0x9E3779B9, 0x85EBCA6B


@dataclass(frozen=True, slots=True)
class KnownWord:
    """What is remembered of a word."""

    code: int
    """Hash of its stem."""
    weight: float
    near: tuple[int, ...]
    """Hashes of what means nearly the same."""


class KnownWords(dict[str, KnownWord]):
    """The hashes of each word and its synonyms. Learns words as they come."""

    def __missing__(self, word: str) -> KnownWord:
        stemmed = stem(word)
        is_stop_word = word in STOP_WORDS
        near = () if is_stop_word else tuple(sorted(_code(" ".join(term)) for term in synonyms().get((stemmed,), ())))
        known = KnownWord(_code(stemmed), _STOP_WORD_WEIGHT if is_stop_word else 1.0, near)
        # There is no end of numbers: none is remembered.
        if len(self) < _MOST_REMEMBERED_WORDS and not any(map(str.isdigit, word)):
            self[word] = known
        return known


@dataclass(frozen=True, slots=True)
class WordFeatures:
    """What words say of each text of a block; each has the shape `(n_texts, dimension)`."""

    words: Floats
    """Each distinct word, and what means nearly the same."""
    neighbours: Floats
    """Words that stand beside each other, in their order."""
    pairs: Floats
    """Words with meaning that stand near each other, in any order."""


def word_features(known: KnownWords, texts: Sequence[str], dimension: int) -> WordFeatures:
    """Return the features of a block of texts: of each text the same, whatever stands beside it."""
    told = [[known[word] for word in words_of(text)] for text in texts]
    distinct = [list(dict.fromkeys(words)) for words in told]
    alone = _flat(
        [
            [*((word.code, word.weight) for word in words), *((c, _SYNONYM_WEIGHT) for w in words for c in w.near)]
            for words in distinct
        ]
    )
    in_order = _flat([[(word.code, word.weight) for word in words] for words in told])
    with_meaning = _flat([[(word.code, word.weight) for word in words if word.weight == 1] for words in told])
    shape = (len(texts), dimension)
    return WordFeatures(
        words=_placed(alone, shape, _WORD_PLACES),
        neighbours=_placed(_neighbours(in_order), shape, _NEIGHBOUR_PLACES),
        pairs=_placed(_pairs(with_meaning), shape, _PAIR_PLACES),
    )


@dataclass(frozen=True, slots=True)
class _Flat:
    """Features of all texts of a block, one after the other."""

    text: Places
    code: Codes
    weight: Floats


def _flat(texts: Sequence[Sequence[tuple[int, float]]]) -> _Flat:
    lengths = [len(features) for features in texts]
    return _Flat(
        np.repeat(np.arange(len(texts)), lengths),
        np.fromiter((code for features in texts for code, _ in features), np.uint32, sum(lengths)),
        np.fromiter((weight for features in texts for _, weight in features), np.float32, sum(lengths)),
    )


def _neighbours(words: _Flat) -> _Flat:
    together = words.text[1:] == words.text[:-1]
    first, second = words.code[:-1][together], words.code[1:][together]
    weight = np.sqrt(words.weight[:-1] * words.weight[1:])[together]
    return _Flat(words.text[1:][together], _mixed(_mixed(first, _NEIGHBOUR_SALT) + second, 0), weight)


def _pairs(words: _Flat) -> _Flat:
    texts, codes = [words.text[:0]], [words.code[:0]]
    for distance in range(1, _PAIR_DISTANCE + 1):
        together = words.text[distance:] == words.text[:-distance]
        one, other = words.code[:-distance][together], words.code[distance:][together]
        texts.append(words.text[distance:][together])
        codes.append(_mixed(_mixed(np.minimum(one, other), _PAIR_SALT) + np.maximum(one, other), 0))
    text, code = np.concatenate(texts), np.concatenate(codes)
    return _Flat(text, code, np.ones(len(code), np.float32))


def _placed(features: _Flat, shape: tuple[int, int], places: int) -> Floats:
    """Add each feature's weight, or minus it, at its places."""
    codes = [_mixed(features.code, copy) for copy in range(places)]
    signed = np.concatenate(codes).view(np.int32).astype(np.int64)
    values = np.tile(features.weight, places) * np.where(signed >= 0, np.float32(1), np.float32(-1))
    found = sp.coo_matrix((values, (np.tile(features.text, places), np.abs(signed) % shape[1])), shape=shape)
    placed: Floats = found.toarray()
    return placed


def _mixed(codes: Codes, salt: int) -> Codes:
    """Return other codes, one for each, as unlike each other as may be: the last steps of MurmurHash3."""
    mixed = codes ^ np.uint32(salt * 0x27D4EB2F & 0xFFFFFFFF)
    mixed = (mixed ^ (mixed >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    mixed = (mixed ^ (mixed >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    return mixed ^ (mixed >> np.uint32(16))


def _code(text: str) -> int:
    return int(murmurhash3_32(text.encode("utf-8", "surrogatepass"), positive=True))
