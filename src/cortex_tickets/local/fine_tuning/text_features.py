"""Texts to sparse TF-IDF rows: words, word pairs and character n-grams within words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

Floats = npt.NDArray[np.float32]

_RARE_ROWS = 20_000
"""From this many texts on, an n-gram seen once is left out: it costs memory and teaches nothing."""


def _word_vectorizer(**options: object) -> TfidfVectorizer:
    return TfidfVectorizer(
        ngram_range=(1, 2),
        token_pattern=r"(?u)\b\w+\b",  # noqa: S106  a pattern for words, no password
        sublinear_tf=True,
        dtype=np.float32,
        **options,
    )


def _character_vectorizer(**options: object) -> TfidfVectorizer:
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, dtype=np.float32, **options)


@dataclass(frozen=True, slots=True)
class TextFeatures:
    """Fitted vocabularies and weights. Immutable, so one object serves any number of threads."""

    words: TfidfVectorizer
    characters: TfidfVectorizer

    @classmethod
    def fit(cls, texts: Sequence[str], max_features: int) -> tuple[TextFeatures, sp.csr_matrix]:
        """Learn vocabularies of at most `max_features` entries in all; return them and the texts' rows."""
        options = {"max_features": max(1, max_features // 2), "min_df": 2 if len(texts) > _RARE_ROWS else 1}
        words, characters = _word_vectorizer(**options), _character_vectorizer(**options)
        blocks = [_fitted(words, texts), _fitted(characters, texts)]
        return cls(words, characters), sp.hstack(blocks).tocsr()

    def rows(self, texts: Sequence[str]) -> sp.csr_matrix:
        """Return one row per text. A text without any known n-gram is a row of zeros."""
        return sp.hstack([self.words.transform(texts), self.characters.transform(texts)]).tocsr()

    def to_arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """Return everything needed to rebuild this object, as arrays that numpy stores without pickle."""
        arrays: dict[str, npt.NDArray[np.generic]] = {}
        for name, vectorizer in (("words", self.words), ("characters", self.characters)):
            terms = "\n".join(_escaped(term) for term in vectorizer.get_feature_names_out())
            arrays[f"{name}_terms"] = np.frombuffer(terms.encode(), dtype=np.uint8)
            arrays[f"{name}_idf"] = np.asarray(vectorizer.idf_, dtype=np.float32)
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> TextFeatures:
        """Rebuild from `to_arrays`."""
        return cls(_rebuilt(_word_vectorizer, arrays, "words"), _rebuilt(_character_vectorizer, arrays, "characters"))


def _fitted(vectorizer: TfidfVectorizer, texts: Sequence[str]) -> sp.csr_matrix:
    try:
        return vectorizer.fit_transform(texts)
    except ValueError:
        # No term is left, as in texts of punctuation alone: one term that no text has keeps the shape.
        vectorizer.set_params(min_df=1)
        vectorizer.fit(["\N{REPLACEMENT CHARACTER} none none"])
        return vectorizer.transform(texts)


def _rebuilt(
    make: Callable[..., TfidfVectorizer], arrays: Mapping[str, npt.NDArray[np.generic]], name: str
) -> TfidfVectorizer:
    terms = [_unescaped(term) for term in arrays[f"{name}_terms"].tobytes().decode().split("\n")]
    vectorizer = make(vocabulary={term: column for column, term in enumerate(terms)})
    vectorizer.idf_ = arrays[f"{name}_idf"]
    return vectorizer


def _escaped(term: str) -> str:
    return term.replace("\\", "\\\\").replace("\n", "\\n")


def _unescaped(term: str) -> str:
    return term.replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")
