"""Personal data in texts: found by form, and left where only a category's look-alike stands."""

import pytest

from cortex_tickets.local.language.redaction import CATEGORIES, personal_data, redacted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to ann.lee+x@mail.example.com now", "Write to [EMAIL] now"),
        ("Call +1 (650) 253-0000 or 555-1234", "Call [PHONE_NUMBER] or [PHONE_NUMBER]"),
        ("Born on March 3, 1980 in Ohio", "Born on [DATE_OF_BIRTH] in Ohio"),
        ("DOB: 1980-03-03", "DOB: [DATE_OF_BIRTH]"),
        ("Gender: woman", "Gender: [GENDER]"),
        ("I am a female customer", "I am a [GENDER] customer"),
        ("I am 45 and tired", "I am [AGE] and tired"),
        ("a 30-year-old car", "a [AGE] car"),
        ("I live at 123 Main St, Springfield, IL 62701.", "I live at [ADDRESS]."),
        ("It went to SW1A 1AA", "It went to [ADDRESS]"),
        ("SSN 123-45-6789", "SSN [NATIONAL_ID]"),
        ("My passport number is X1234567", "My passport number is [PASSPORT]"),
        ("EIN 12-3456789", "EIN [TAX_IDENTIFIER]"),
        ("card 4111 1111 1111 1111, CVV 123", "card [PAYMENT_CARD_DATA], CVV [PAYMENT_CARD_DATA]"),
        ("Driver's license D1234567", "Driver's license [DRIVERS_LICENSE]"),
        ("from 192.168.0.1 today", "from [IP_ADDRESS] today"),
        ("Dear Mr. Okafor, thanks", "Dear Mr. [NAME], thanks"),
        ("Hello Priya, my name is Olu Adeyemi", "Hello [NAME], my name is [NAME]"),
        ("Please help.\nBest regards,\nXiang Wu", "Please help.\nBest regards,\n[NAME]"),
        ("Contact John Smith", "Contact [NAME]"),
    ],
)
def test_each_category_is_found(text: str, expected: str) -> None:
    assert redacted(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I was charged $90.00 on 2026-01-02 for order 1234567.",
        "card 4111 1111 1111 1112",
        "Hello Support Team, version 1.2.3 fails 3 times in 30 minutes",
        "Slow data in Japan since Monday",
        "",
    ],
)
def test_what_only_looks_alike_stays(text: str) -> None:
    assert redacted(text) == text


def test_categories_limit_what_is_given_and_spans_are_in_order() -> None:
    text = "Ann Lee, ann@example.com, 555-1234"
    assert redacted(text, ["EMAIL"]) == "Ann Lee, [EMAIL], 555-1234"
    spans = personal_data(text)
    assert [span.category for span in spans] == ["NAME", "EMAIL", "PHONE_NUMBER"]
    assert all(text[span.start : span.end] == span.text for span in spans)
    assert len(CATEGORIES) == 13
