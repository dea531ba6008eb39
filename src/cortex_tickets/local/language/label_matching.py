"""Matches texts to labels by their words: no statistics of any data set, only the labels and the language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cortex_tickets.local.language.label_concepts import LabelConcepts
from cortex_tickets.local.language.label_options import LabelOption
from cortex_tickets.local.language.synonyms import Term
from cortex_tickets.local.language.words import WORD, stem

Size = Literal["small", "large"]
"""A small stand-in knows only the labels' names; a large one descriptions, examples and synonyms too."""

_SATURATION = 1.0
"""How fast saying the same thing again stops counting."""
_BLOCK_TEXTS = 2_048
_MOST_REMEMBERED_WORDS = 200_000

Floats = npt.NDArray[np.float32]
Columns = npt.NDArray[np.int64]


class LabelMatcher:
    """Scores texts against one set of labels. Get one from `label_matcher`, which remembers them."""

    def __init__(self, options: Sequence[LabelOption], size: Size) -> None:
        concepts = LabelConcepts(options, is_rich=size == "large")
        self._weights = concepts.weights()
        evidence = concepts.evidence()
        self._stems = _StemNumbers(sorted({part for term in evidence for part in term}))
        self._phrases = [_Phrases(evidence, length, self._stems) for length in (1, 2, 3)]
        terms = [term for phrases in self._phrases for term in phrases.terms]
        self._evidence = _evidence_matrix(terms, evidence, len(concepts.index))

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return how much speaks for each label; shape `(n_texts, n_labels)`, 0 where nothing does."""
        blocks = [self._block(texts[at : at + _BLOCK_TEXTS]) for at in range(0, len(texts), _BLOCK_TEXTS)]
        return np.concatenate(blocks) if blocks else np.empty((0, self._weights.shape[1]), np.float32)

    def _block(self, texts: Sequence[str]) -> Floats:
        numbers = self._stems.of_texts(texts)
        ends = np.cumsum([len(row) for row in numbers])
        stems = np.fromiter(chain.from_iterable(numbers), np.int64, count=int(ends[-1]))
        rows = np.repeat(np.arange(len(texts)), [len(row) for row in numbers])
        found_rows, found_terms, first_column = [], [], 0
        for phrases in self._phrases:
            at, columns = phrases.find(stems)
            found_rows.append(rows[at])
            found_terms.append(columns + first_column)
            first_column += len(phrases.terms)
        places = (np.concatenate(found_rows), np.concatenate(found_terms))
        counts = sp.csr_matrix(
            (np.ones(len(places[0]), np.float32), places), shape=(len(texts), self._evidence.shape[0])
        )
        strength = counts @ self._evidence
        strength.data *= (1 + _SATURATION) / (strength.data + _SATURATION)
        return np.asarray(strength @ self._weights, dtype=np.float32)


class _StemNumbers(dict[str, int]):
    """The number of each word's stem, 0 for the words that no label asks for. Learns words as they come."""

    def __init__(self, stems: Sequence[str]) -> None:
        super().__init__()
        self.number = {stem_: number for number, stem_ in enumerate(stems, 1)}

    def __missing__(self, word: str) -> int:
        number = self.number.get(stem(word), 0)
        if len(self) < _MOST_REMEMBERED_WORDS:
            self[word] = number
        return number

    def of_texts(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the stem numbers of each text, in order; each text ends with a 0 that parts it off."""
        words, number = WORD.findall, self.__getitem__
        return [[*map(number, words(text.lower())), 0] for text in texts]


class _Phrases:
    """The terms of one length, found in a run of stem numbers."""

    def __init__(self, evidence: dict[Term, list[tuple[int, float]]], length: int, stems: _StemNumbers) -> None:
        self._length = length
        self._radix = len(stems.number) + 1
        keyed = sorted(
            (self._key([stems.number[part] for part in term]), term) for term in evidence if len(term) == length
        )
        self._keys = np.array([key for key, _ in keyed], dtype=np.int64)
        self.terms = [term for _, term in keyed]

    def _key(self, numbers: Sequence[int]) -> int:
        key = 0
        for number in numbers:
            key = key * self._radix + number
        return key

    def find(self, stems: Columns) -> tuple[Columns, Columns]:
        """Return where terms begin in the run, and which terms they are."""
        # A 0 stands between texts and for words that no label asks for; no term holds one.
        if not len(self._keys):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        last = len(stems) - self._length + 1
        keys = np.zeros(max(last, 0), np.int64)
        for offset in range(self._length):
            keys = keys * self._radix + stems[offset : last + offset]
        columns = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        at = np.flatnonzero(self._keys[columns] == keys)
        return at, columns[at]


def _evidence_matrix(
    terms: Sequence[Term], evidence: dict[Term, list[tuple[int, float]]], n_concepts: int
) -> sp.csr_matrix:
    entries = [(row, concept, strength) for row, term in enumerate(terms) for concept, strength in evidence[term]]
    rows, concepts, strengths = zip(*entries, strict=True) if entries else ((), (), ())
    return sp.csr_matrix(
        (np.array(strengths, np.float32), (rows, concepts)), shape=(len(terms), n_concepts), dtype=np.float32
    )


@lru_cache(maxsize=64)
def label_matcher(options: tuple[LabelOption, ...], size: Size) -> LabelMatcher:
    """Return the matcher of a label set, made once."""
    return LabelMatcher(options, size)
