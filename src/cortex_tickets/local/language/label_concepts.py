"""What a set of labels is about: the stems of names, descriptions and examples, and what each is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from cortex_tickets.local.language.label_options import LabelOption
from cortex_tickets.local.language.synonyms import Term, synonyms
from cortex_tickets.local.language.words import content_stems

# Chosen on a split of BANKING77's training questions (benchmarks/choose_engine_settings.py); no setting looks at a
# label's or a data set's name.
_PAIR_WEIGHT = 0.5
_DESCRIPTION_WEIGHT = 0.5
_EXAMPLE_WEIGHT = 0.25
_SYNONYM_STRENGTH = 0.5
_SPREAD_POWER = 0.5
_LENGTH_POWER = 0.35


class LabelConcepts:
    """The terms that labels are made of, each label's weight for each, and the words that stand for them."""

    def __init__(self, options: Sequence[LabelOption], *, is_rich: bool) -> None:
        self._is_rich = is_rich
        self._named = [_name_terms(option.name) for option in options]
        self._shares = [
            _shares(option, named, is_rich=is_rich) for option, named in zip(options, self._named, strict=True)
        ]
        terms = sorted({term for shares in self._shares for term in shares})
        self.index = {term: position for position, term in enumerate(terms)}

    def weights(self) -> npt.NDArray[np.float32]:
        """Return shape `(n_terms, n_labels)`. A term counts more the fewer labels have it."""
        n_labels = len(self._shares)
        spread = Counter(term for shares in self._shares for term in shares)
        weights = np.zeros((len(self.index), n_labels), np.float32)
        for label, shares in enumerate(self._shares):
            rarity = {term: float(np.log((n_labels + 1) / spread[term])) for term in shares}
            length = sum(rarity[term] for term in self._named[label]) or 1.0
            for term, share in shares.items():
                weights[self.index[term], label] = share * rarity[term] / length**_LENGTH_POWER
        return weights

    def evidence(self) -> dict[Term, list[tuple[int, float]]]:
        """Return for each term that may stand in a text the label terms it speaks for, and how strongly."""
        found: dict[Term, list[tuple[int, float]]] = {term: [(at, 1.0)] for term, at in self.index.items()}
        if not self._is_rich:
            return found
        near: dict[Term, list[int]] = {}
        for term, position in self.index.items():
            for other in synonyms().get(term, ()):
                near.setdefault(other, []).append(position)
        for other, positions in near.items():
            # A word of many meanings speaks for each of them less.
            strength = _SYNONYM_STRENGTH / len(positions) ** _SPREAD_POWER
            found.setdefault(other, []).extend((position, strength) for position in positions)
        return found


def _name_terms(name: str) -> dict[Term, float]:
    stems = content_stems(name.replace("_", " "))
    pairs = list(pairwise(stems))
    return dict.fromkeys(pairs, _PAIR_WEIGHT) | dict.fromkeys(((stem,) for stem in stems), 1.0)


def _shares(option: LabelOption, named: dict[Term, float], *, is_rich: bool) -> dict[Term, float]:
    """Return the terms of one label and how much each counts before rarity."""
    if not is_rich:
        return named
    shares: dict[Term, float] = {}
    for example in option.examples:
        shares |= dict.fromkeys(((stem,) for stem in content_stems(example)), _EXAMPLE_WEIGHT)
    shares |= dict.fromkeys(((stem,) for stem in content_stems(option.description)), _DESCRIPTION_WEIGHT)
    return shares | named
