"""Whether a statement holds of a text: by feeling, language or words."""

import pytest

from cortex_tickets.local.language.filtering import holds, parted


@pytest.mark.parametrize(
    ("statement", "text", "answer"),
    [
        ("The customer is angry", "This is terrible service!", True),
        ("The customer is not angry", "This is terrible service!", False),
        ("The customer is satisfied", "Great service, thank you!", True),
        ("The text is written in German", "Ich habe mein Telefon im Zug verloren.", True),
        ("The text is not in German", "Ich habe mein Telefon im Zug verloren.", False),
        ("The customer mentions roaming fees", "The roaming fees are high", True),
        ("The customer mentions roaming fees", "My line is slow", False),
        ("Is it?", "My line is slow", False),
    ],
)
def test_statements_hold_by_feeling_language_or_words(statement: str, text: str, *, answer: bool) -> None:
    assert holds(statement, text) is answer


def test_a_question_is_parted_from_its_text() -> None:
    assert parted("Is it about roaming? My phone is slow") == ("Is it about roaming", "My phone is slow")
    assert parted("It is about roaming") == ("It is about roaming", "")
    assert parted("Classify the ticket.\n<ticket>\nHi\n</ticket>")[1].strip() == "Hi"
