"""Extraction and embedding of texts: read off, never made up."""

import numpy as np
import pytest

from cortex_tickets.local.language.embedding import embed_many
from cortex_tickets.local.language.extraction import extracted

TEXT = (
    "Hi, my name is Ann Miller. I was charged $90 for roaming in Japan on 2026-01-02 because of a billing mistake. "
    "My PhoneMax router is slow, my email is ann@example.com. I have waited for three weeks."
)


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        ("who", "Who is the customer?", "Ann Miller"),
        ("x", "What is the last name?", "Miller"),
        ("x", "How much was charged?", "$90"),
        ("x", "When did it happen?", "2026-01-02"),
        ("x", "Where was it?", "Japan"),
        ("email", "What is the email address?", "ann@example.com"),
        ("x", "Why did it happen?", "because of a billing mistake"),
        ("x", "Which product is it?", "PhoneMax router"),
        ("x", "How long?", "for three weeks"),
    ],
)
def test_answers_are_read_off_by_form(name: str, question: str, answer: str) -> None:
    found = extracted(name, question, TEXT)
    assert found.value == answer
    assert found.score > 0.5


def test_other_answers_are_sentences_lists_or_nothing() -> None:
    assert "slow" in str(extracted("x", "What is slow?", TEXT).value)
    assert extracted("x", "List: Which fruit?", "We sell apples, pears and plums here.").value[1] == "pears"
    assert extracted("x", "List: slow things", "My router is slow").value == ["My router is slow"]
    assert extracted("x", "List: Which fruit?", "Nothing here").value == []
    assert extracted("x", "Which galaxy?", "My router is slow").value is None


def test_embeddings_are_near_for_texts_that_share_words() -> None:
    lost, gone, fees, blank = embed_many(
        ["I lost my phone", "My phone got lost today", "roaming fees abroad", ""], 768, 512
    )
    assert lost @ gone > 0.6
    assert abs(lost @ fees) < 0.3
    assert all(np.linalg.norm(vector) == pytest.approx(1, abs=1e-5) for vector in (lost, gone, fees, blank))
    assert np.array_equal(embed_many(["I lost my phone"], 768, 512)[0], lost)
    cut, whole = embed_many(["one two three", "one two three four five six"], 1024, 3)
    assert np.array_equal(cut, whole)
