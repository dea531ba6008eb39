"""How like a text is to all that is told of each label: name, description and examples as one bag of words each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from cortex_tickets.local.language.label_options import LabelOption
from cortex_tickets.local.language.synonyms import Term
from cortex_tickets.local.language.words import stem, words_of

# Chosen on a split of BANKING77's training questions (benchmarks/choose_engine_settings.py).
_HALF_TRUSTED = 2.0
"""With this many told texts per label, likeness counts half as much as what speaks for a label by its terms."""

Floats = npt.NDArray[np.float32]


class LabelLikeness:
    """The middle of the told texts of each label. All words count here, `why` and `my` too: how people ask differs.

    Args:
        options: The labels.

    Attributes:
        share: How much likeness is worth beside the other evidence: from 0, for names alone, to near 1.
    """

    def __init__(self, options: Sequence[LabelOption]) -> None:
        told = [_told(option) for option in options]
        per_label = sum(map(len, told)) / len(options) - 1
        self.share = per_label / (per_label + _HALF_TRUSTED)
        documents = [_terms(text) for texts in told for text in texts]
        labels = np.repeat(np.arange(len(options)), list(map(len, told)))
        spread = Counter(term for counts in documents for term in counts)
        self._rarity = {term: np.log((1 + len(documents)) / (1 + found)) + 1 for term, found in spread.items()}
        self._documents = documents
        self._of_label = sp.csr_matrix((np.ones(len(labels)), (labels, np.arange(len(labels)))))
        self._column_rarity = np.empty(0, np.float32)
        self._middles = np.empty((0, 0), np.float32)

    @property
    def terms(self) -> set[Term]:
        """The terms that must be counted in texts."""
        return set(self._rarity)

    def learn_columns(self, terms: Sequence[Term]) -> None:
        """Take the order in which terms are counted; terms of others among them count nothing."""
        column = {term: at for at, term in enumerate(terms)}
        self._column_rarity = np.array([self._rarity.get(term, 0.0) for term in terms], np.float32)
        entries = [
            (row, column[term], found) for row, of_one in enumerate(self._documents) for term, found in of_one.items()
        ]
        rows, columns, counts = zip(*entries, strict=True)
        documents = sp.csr_matrix(
            (np.array(counts, np.float32), (rows, columns)), shape=(len(self._documents), len(terms))
        )
        self._middles = normalize(self._of_label @ self._weighed(documents)).T.toarray().astype(np.float32)

    def of(self, counts: sp.csr_matrix) -> Floats:
        """Return the cosine of each text to each label; shape `(n_texts, n_labels)`."""
        return np.asarray(self._weighed(counts) @ self._middles, dtype=np.float32)

    def _weighed(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        weighed = counts.copy()
        weighed.data = (1 + np.log(counts.data)) * self._column_rarity[counts.indices]
        return normalize(weighed)


def _told(option: LabelOption) -> list[str]:
    return [text for text in (option.name.replace("_", " "), option.description, *option.examples) if text]


def _terms(text: str) -> Counter[Term]:
    stems = [stem(word) for word in words_of(text)]
    return Counter([*((one,) for one in stems), *pairwise(stems)])
