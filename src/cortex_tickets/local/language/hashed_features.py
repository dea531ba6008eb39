"""Hashes words and parts of words to places and signs. Each word is hashed once, however often texts hold it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.utils import murmurhash3_32

Hashes = npt.NDArray[np.int32]

_SHORTEST_PART, _LONGEST_PART = 3, 5
_MOST_REMEMBERED_WORDS = 50_000
_NONE: Hashes = np.empty(0, np.int32)


class PartHashes(dict[str, Hashes]):
    """The hashes of each word's runs of 3 to 5 letters, a blank at either end among them. Learns words as they come."""

    def __missing__(self, word: str) -> Hashes:
        hashes = _hashes(_parts(f" {word} "))
        # There is no end of numbers: none is remembered.
        if len(self) < _MOST_REMEMBERED_WORDS and not any(map(str.isdigit, word)):
            self[word] = hashes
        return hashes

    def of_text(self, text: str) -> list[Hashes]:
        """The hashes of every word, in order."""
        return [*map(self.__getitem__, text.lower().split())]


def placed(texts: Sequence[Sequence[Hashes]], dimension: int) -> npt.NDArray[np.float32]:
    """Shape `(n_texts, dimension)`: every hash adds 1 or -1 at its place."""
    flat = np.concatenate([_NONE, *itertools.chain.from_iterable(texts)])
    lengths = [sum(map(len, hashes)) for hashes in texts]
    places = np.abs(flat.astype(np.int64)) % dimension
    signs = np.where(flat >= 0, np.float32(1), np.float32(-1))
    shape = (len(texts), dimension)
    counts: npt.NDArray[np.float32] = sp.csr_matrix((signs, places, np.cumsum([0, *lengths])), shape=shape).toarray()
    return counts


def _hashes(features: Iterable[str]) -> Hashes:
    return np.fromiter(map(_hash, features), np.int32)


def _hash(feature: str) -> int:
    return int(murmurhash3_32(feature.encode("utf-8", "surrogatepass")))


def _parts(padded: str) -> Iterator[str]:
    for length in range(_SHORTEST_PART, _LONGEST_PART + 1):
        yield from (padded[start : start + length] for start in range(max(1, len(padded) - length + 1)))
        if len(padded) <= length:
            return
