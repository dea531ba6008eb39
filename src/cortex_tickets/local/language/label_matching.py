"""Matches texts to labels by their words: no statistics of any data set, only the labels and the language."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from cortex_tickets.local.language.label_concepts import LabelConcepts
from cortex_tickets.local.language.label_likeness import LabelLikeness, told_terms
from cortex_tickets.local.language.label_options import LabelOption
from cortex_tickets.local.language.synonyms import Term
from cortex_tickets.local.language.term_counts import TermCounts

Size = Literal["small", "large"]
"""A small stand-in knows only the labels' names; a large one descriptions, examples and synonyms too."""

_SATURATION = 1.0
"""How fast saying the same thing again stops counting."""
_BLOCK_TEXTS = 2_048

Floats = npt.NDArray[np.float32]


class LabelMatcher:
    """Scores texts against one set of labels. Get one from `label_matcher`, which remembers them."""

    def __init__(self, options: Sequence[LabelOption], size: Size) -> None:
        concepts = LabelConcepts(options, is_rich=size == "large")
        self._weights = concepts.weights()
        evidence = concepts.evidence()
        is_told = size == "large" and any(option.description or option.examples for option in options)
        told = told_terms(options) if is_told else []
        self._counts = TermCounts({*evidence, *(term for texts in told for terms in texts for term in terms)})
        self._evidence = _evidence_matrix(self._counts.terms, evidence, len(concepts.index))
        self._likeness = LabelLikeness(told, self._counts.terms) if is_told and self._counts.terms else None

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return how much speaks for each label; shape `(n_texts, n_labels)`, 0 where nothing does."""
        blocks = [self._block(texts[at : at + _BLOCK_TEXTS]) for at in range(0, len(texts), _BLOCK_TEXTS)]
        return np.concatenate(blocks) if blocks else np.empty((0, self._weights.shape[1]), np.float32)

    def _block(self, texts: Sequence[str]) -> Floats:
        counts = self._counts.of(texts)
        strength = counts @ self._evidence
        strength.data *= (1 + _SATURATION) / (strength.data + _SATURATION)
        scores = np.asarray(strength @ self._weights, dtype=np.float32)
        if self._likeness is None:
            return scores
        # Words without content make a text like a label, but they alone speak for none.
        speaks = scores.max(axis=1, keepdims=True) > 0
        likeness = _of_best(self._likeness.of(counts))
        return np.asarray((_of_best(scores) + self._likeness.share * likeness) * speaks, dtype=np.float32)


def _of_best(scores: Floats) -> Floats:
    """Scores as shares of each text's best one."""
    best = scores.max(axis=1, keepdims=True)
    shares: Floats = np.divide(scores, best, out=np.zeros_like(scores), where=best > 0)
    return shares


def _evidence_matrix(
    terms: Sequence[Term], evidence: dict[Term, list[tuple[int, float]]], n_concepts: int
) -> sp.csr_matrix:
    entries = [
        (row, concept, strength) for row, term in enumerate(terms) for concept, strength in evidence.get(term, ())
    ]
    rows, concepts, strengths = zip(*entries, strict=True) if entries else ((), (), ())
    return sp.csr_matrix(
        (np.array(strengths, np.float32), (rows, concepts)), shape=(len(terms), n_concepts), dtype=np.float32
    )


@lru_cache(maxsize=16)
def label_matcher(options: tuple[LabelOption, ...], size: Size) -> LabelMatcher:
    """Return the matcher of a label set, made once."""
    return LabelMatcher(options, size)
