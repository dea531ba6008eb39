"""How like a text is to all that is told of each label: name, description and examples as one bag of words each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain, pairwise

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
Told = Sequence[Sequence[Counter[Term]]]
"""For each label the terms of each text that is told of it."""


class LabelLikeness:
    """The middle of the told texts of each label. All words count here, `why` and `my` too: how people ask differs.

    Args:
        told: What `told_terms` gives.
        terms: The terms that are counted in texts, at least one, in the order of the columns; those that are not told
            count nothing.

    Attributes:
        share: How much likeness is worth beside the other evidence: from 0, for names alone, to near 1.
    """

    def __init__(self, told: Told, terms: Sequence[Term]) -> None:
        per_label = sum(map(len, told)) / len(told) - 1
        self.share = per_label / (per_label + _HALF_TRUSTED)
        documents = list(chain.from_iterable(told))
        spread = Counter(term for counts in documents for term in counts)
        rarity = {term: np.log((1 + len(documents)) / (1 + found)) + 1 for term, found in spread.items()}
        self._rarity = np.array([rarity.get(term, 0.0) for term in terms], np.float32)
        of_label = sp.csr_matrix((np.ones(len(documents)), np.arange(len(documents)), np.cumsum([0, *map(len, told)])))
        middles = normalize(of_label @ self._weighed(_counts(documents, terms)))
        self._middles = middles.T.toarray().astype(np.float32)

    def of(self, counts: sp.csr_matrix) -> Floats:
        """Return the cosine of each text to each label; shape `(n_texts, n_labels)`."""
        return np.asarray(self._weighed(counts) @ self._middles, dtype=np.float32)

    def _weighed(self, counts: sp.csr_matrix) -> sp.csr_matrix:
        weighed = counts.copy()
        weighed.data = (1 + np.log(counts.data)) * self._rarity[counts.indices]
        return normalize(weighed)


def told_terms(options: Sequence[LabelOption]) -> Told:
    """Count the stems and pairs of stems of each label's name, description and examples."""
    return [
        [_terms(text) for text in (option.name.replace("_", " "), option.description, *option.examples) if text]
        for option in options
    ]


def _terms(text: str) -> Counter[Term]:
    stems = [stem(word) for word in words_of(text)]
    return Counter([*((one,) for one in stems), *pairwise(stems)])


def _counts(documents: Sequence[Counter[Term]], terms: Sequence[Term]) -> sp.csr_matrix:
    column = {term: at for at, term in enumerate(terms)}
    columns = [column[term] for document in documents for term in document]
    found = np.array([count for document in documents for count in document.values()], np.float32)
    return sp.csr_matrix((found, columns, np.cumsum([0, *map(len, documents)])), shape=(len(documents), len(terms)))
