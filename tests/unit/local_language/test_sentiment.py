"""How texts sound: VADER for English, a word list for German and French, nothing for the others."""

import pytest

from cortex_tickets.local.language.language_of import languages_of
from cortex_tickets.local.language.sentiment import sentiment_labels, sentiment_score


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this phone, it is great!", "positive"),
        ("The service is terrible and nobody helped me.", "negative"),
        ("The parcel has two sides.", "neutral"),
        ("The phone is great. The service was horrible.", "mixed"),
        ("Ich bin sehr enttäuscht, das Gerät ist schon wieder kaputt.", "negative"),
        ("Vielen Dank, der Kundendienst war freundlich und sehr hilfreich.", "positive"),
        ("Ich bin mit dem neuen Gerät nicht zufrieden, und das seit Wochen.", "negative"),
        ("Je suis très déçue, le produit est arrivé cassé et le service est lent.", "negative"),
        ("Le service était excellent et je suis très satisfaite de la réponse.", "positive"),
        ("Мой телефон снова сломался, и никто мне не помогает.", "unknown"),
    ],
)
def test_the_whole_text_has_one_label(text: str, label: str) -> None:
    assert sentiment_labels(text) == [label]


def test_an_aspect_is_judged_by_the_clauses_that_name_it() -> None:
    text = "The price is great, but the battery is terrible. The box is there. Great camera; the camera is awful, too."
    aspects = ["price", "battery", "box", "camera", "delivery"]
    assert sentiment_labels(text, aspects)[1:] == ["positive", "negative", "neutral", "mixed", "unknown"]


def test_a_language_that_is_not_known_gives_unknown_everywhere_and_no_score() -> None:
    text = "Мой телефон снова сломался, и никто мне не помогает."
    assert sentiment_labels(text, ["price"]) == ["unknown", "unknown"]
    assert sentiment_score(text) == 0.0


def test_scores_keep_within_their_bounds() -> None:
    assert -1 <= sentiment_score("terrible " * 200) < -0.9
    assert 0.9 < sentiment_score("großartig, wunderbar, toll und super und perfekt und klasse " * 20) <= 1
    assert sentiment_labels("") == ["neutral"]


def test_languages_are_told_apart() -> None:
    texts = [
        "I lost my phone on the train to Paris.",
        "Ich habe mein Telefon im Zug verloren.",
        "J'ai perdu mon téléphone dans le train.",
        "Ok",
    ]
    assert languages_of(texts) == ["en", "de", "fr", "en"]
