"""How often each of a set of terms stands in texts; which terms matter, and how much, is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cortex_tickets.local.language.synonyms import Term
from cortex_tickets.local.language.words import WORD, stem

_LONGEST_TERM = 3
_MOST_REMEMBERED_WORDS = 50_000

Columns = npt.NDArray[np.int64]


class TermCounts:
    """Counts a fixed set of terms, stems and runs of them, in any number of texts.

    Attributes:
        terms: The terms, in the order of the columns.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        known = set(terms)
        self._stems = _StemNumbers(sorted({part for term in known for part in term}))
        self._runs = [_Runs(known, length, self._stems) for length in range(1, _LONGEST_TERM + 1)]
        self.terms: list[Term] = [term for runs in self._runs for term in runs.terms]

    def of(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Return shape `(n_texts, n_terms)`."""
        numbers = self._stems.of_texts(texts)
        lengths = [len(row) for row in numbers]
        stems = np.fromiter(chain.from_iterable(numbers), np.int64, count=sum(lengths))
        rows = np.repeat(np.arange(len(texts)), lengths)
        found_rows, found_terms, first_column = [], [], 0
        for runs in self._runs:
            at, columns = runs.find(stems)
            found_rows.append(rows[at])
            found_terms.append(columns + first_column)
            first_column += len(runs.terms)
        places = (np.concatenate(found_rows), np.concatenate(found_terms))
        return sp.csr_matrix((np.ones(len(places[0]), np.float32), places), shape=(len(texts), len(self.terms)))


class _StemNumbers(dict[str, int]):
    """The number of each word's stem, 0 for the words of no term. Learns words as they come."""

    def __init__(self, stems: Sequence[str]) -> None:
        super().__init__()
        self.number = {stem_: number for number, stem_ in enumerate(stems, 1)}

    def __missing__(self, word: str) -> int:
        if word.isdecimal():
            # Numbers have no forms, and there is no end of them: none is remembered.
            return self.number.get(word, 0)
        number = self.number.get(stem(word), 0)
        if len(self) < _MOST_REMEMBERED_WORDS:
            self[word] = number
        return number

    def of_texts(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the stem numbers of each text, in order; each text ends with a 0 that parts it off."""
        words, number = WORD.findall, self.__getitem__
        return [[*map(number, words(text.lower())), 0] for text in texts]


class _Runs:
    """The terms of one length, found in a run of stem numbers."""

    def __init__(self, terms: Iterable[Term], length: int, stems: _StemNumbers) -> None:
        self._length = length
        self._radix = len(stems.number) + 1
        keyed = sorted(
            (self._key([stems.number[part] for part in term]), term) for term in terms if len(term) == length
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
        # A 0 stands between texts and for the words of no term; no term holds one.
        if not len(self._keys):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        last = len(stems) - self._length + 1
        keys = np.zeros(max(last, 0), np.int64)
        for offset in range(self._length):
            keys = keys * self._radix + stems[offset : last + offset]
        columns = np.minimum(np.searchsorted(self._keys, keys), len(self._keys) - 1)
        at = np.flatnonzero(self._keys[columns] == keys)
        return at, columns[at]
