"""Texts as vectors of hashed words: of length 1, judged alone, near where words are shared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import HashingVectorizer

from cortex_tickets.local.language import hashed_features
from cortex_tickets.local.language.embedding import embed_many
from cortex_tickets.local.language.hashed_features import PartHashes, placed

DIMENSION, WINDOW = 768, 512
PARTS = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=DIMENSION, norm=None)


@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=60))
def test_a_text_has_the_same_vector_of_length_1_whatever_stands_beside_it(texts: list[str], text: str) -> None:
    (alone,) = embed_many([text], DIMENSION, WINDOW)
    assert np.array_equal(embed_many([*texts, text], DIMENSION, WINDOW)[-1], alone)
    assert alone.shape == (DIMENSION,)
    assert np.linalg.norm(alone) == pytest.approx(1, abs=1e-5)


def test_a_text_without_a_word_is_the_first_unit_vector() -> None:
    assert embed_many([" \n"], DIMENSION, WINDOW)[0].tolist() == [1.0, *[0.0] * (DIMENSION - 1)]


def test_shared_words_and_slips_bring_texts_near() -> None:
    lost, said_otherwise, slipped, other = embed_many(
        ["I lost my card", "My card: I have lost it", "I lost my crad", "What is the rate?"], DIMENSION, WINDOW
    )
    assert lost @ said_otherwise > 0.8
    assert lost @ slipped > lost @ other + 0.2


def test_only_the_tokens_of_the_context_window_count() -> None:
    short, long = embed_many(["card " * 16, "card " * 16 + "phone " * 16], DIMENSION, 16)
    assert np.array_equal(short, long)


@given(st.text(max_size=60))
def test_parts_of_words_are_hashed_as_scikit_learn_hashes_them(text: str) -> None:
    assert np.array_equal(placed([PartHashes().of_text(text)], DIMENSION)[0], PARTS.transform([text]).toarray()[0])


def test_what_is_remembered_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashed_features, "_MOST_REMEMBERED_WORDS", 3)
    parts = PartHashes()
    for text in ("ticket 17: lost card", "ticket 18: lost phone"):
        parts.of_text(text)
    assert set(parts) == {"ticket", "lost", "card"}
