"""Which languages may be named, and how: codes, names, and the locales of the quickstart."""

import pytest

from cortex_tickets import InvalidInputError, TicketInsights
from cortex_tickets._insights.languages import LANGUAGES
from cortex_tickets.testing import FakeSession


def translating() -> tuple[FakeSession, TicketInsights]:
    session = FakeSession()
    row = {"ANSWER": "Hi", "ERROR": None, "OUTCOME": "valid", "REPAIR": None, "TRANSLATION": "Hi"}
    session.answer("AI_TRANSLATE", [{"POSITION": 0, **row, "INPUT_TOKENS": None, "OUTPUT_TOKENS": None}])
    return session, TicketInsights(session)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("de", "de"), ("DE", "de"), ("German", "de"), (" german ", "de"), ("de_DE", "de"), ("de-AT", "de"),
        ("en_XX", "en"), ("zh-Hant-TW", "zh"), ("Norwegian", "no"), ("Greek", "el"),
    ],
)  # fmt: skip
def test_a_language_may_be_a_code_a_name_or_a_locale(given: str, sent: str) -> None:
    session, insights = translating()
    found = insights.translate("Text", target_language=given)
    assert f"AI_TRANSLATE(INPUT, '', '{sent}', return_error_details => TRUE)" in session.texts()[0]
    assert (found.target_language, found.source_language) == (sent, None)


def test_the_quickstarts_call_is_sent_in_todays_codes() -> None:
    session, insights = translating()
    found = insights.translate("Hallo", source_language="de_DE", target_language="en_XX")
    assert "AI_TRANSLATE(INPUT, 'de', 'en'" in session.texts()[0]
    assert (found.source_language, found.target_language, found.translation) == ("de", "en", "Hi")


def test_every_language_of_ai_translate_is_known_by_code_and_name() -> None:
    codes = "ar zh hr cs nl en fi fr de el he hi it ja ko no pl pt ro ru es sv tr"  # the contract's list
    assert sorted(LANGUAGES) == sorted(codes.split())
    for code, name in LANGUAGES.items():
        for given in (code, name):
            session, insights = translating()
            other = "fr" if code == "en" else "en"
            assert insights.translate("Text", source_language=given, target_language=other).source_language == code
            assert f"'{code}', '{other}'" in session.texts()[0]


@pytest.mark.parametrize("given", ["Klingon", "xx", "da", "", "deutsch", "de.DE", "en_", None, 5, "Geman"])
def test_another_language_is_refused_with_the_list_before_anything_is_sent(given: object) -> None:
    session, insights = translating()
    with pytest.raises(InvalidInputError, match="target_language="):
        insights.translate_many(["Text"], target_language=given)  # type: ignore[arg-type] # that is the test
    assert not session.sent


def test_both_languages_that_are_wrong_are_told_at_once_and_the_near_one_is_offered() -> None:
    with pytest.raises(InvalidInputError) as caught:
        translating()[1].translate("Text", target_language="Geman", source_language="Frensh")
    first, second = caught.value.problems
    assert "target_language='Geman'" in first
    assert "Did you mean German?" in first
    assert "de (German)" in first
    assert "source_language='Frensh'" in second
    assert "Did you mean French?" in second


def test_a_language_into_itself_is_a_mistake() -> None:
    with pytest.raises(InvalidInputError, match="'German' and source_language='de_DE' are the same language"):
        translating()[1].translate("Text", target_language="German", source_language="de_DE")
