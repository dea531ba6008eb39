"""Facts in other forms: scales, currencies, decimal commas, short units, addresses; and what of a ticket is used."""

from __future__ import annotations

import pytest

from cortex_tickets._replies.checks.check_set import CheckSet
from cortex_tickets._replies.checks.claims import unsupported_claims
from unit.reply_drafts import LEFT_OUT, draft, found_by, letter


@pytest.mark.parametrize(
    "said",
    [
        *("the two thousand dollar charge", "the charge of 90k", "a one dollar fee", "half of it", "½ of it"),
        *(
            "the charge of CHF 90",
            "the 90 yen charge",
            "the EUR 90 charge",
            "the charge of \N{FULLWIDTH DOLLAR SIGN}95",
            "the charge of $٩٥",
        ),
        *("a reply in 24h", "a reply in 48hrs", "a reply within the hour", "a reply in weeks", "a reply in 3 wks"),
        *(
            "a reply on Mon",
            "a reply by friday",
            "a reply by noon",
            "a reply next quarter",
            "it within one billing cycle",
        ),
        *("bit.ly/abc", "wa.me/abc", "refunds.xyz", "help at clock dot com", "one hundred fifty dollars"),
        *("twelve hundred dollars", "a reply before Christmas", "the CAD 90 charge", "2 million dollars"),
    ],
)
def test_what_nobody_stated_is_found_in_every_form(said: str) -> None:
    assert "unsupported_fact" in found_by(draft(letter(f"We see {said} now.")))


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("9,50 €", "9.50 €"),
        ("9.50 €", "9,50 €"),
        ("1234,50 Euro", "1.234,50 €"),
        ("1.234,50 €", "1234,50 €"),
        ("1’234.50 CHF", "CHF 1,234.50"),
        ("USD 90.00", "$90"),
        ("90 US dollars", "$90"),
        ("US$90", "$90"),
        ("two thousand dollars", "$2,000"),
        ("$2k", "2,000 dollars"),
        ("24 hours", "24h"),
        ("in June", "between Jan and june"),
        ("on Friday", "on Fri"),
    ],
)
def test_one_fact_has_many_forms(said: str, allowed: str) -> None:
    assert list(unsupported_claims(said, allowed)) == []


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("950 €", "9,50 €"),
        ("95,0 €", "9,50 €"),
        ("1,5 dollars", "$15"),
        ("12 dollars", "12,000 dollars"),
        ("90 €", "$90"),
    ],
)
def test_other_amounts_only_look_alike(said: str, allowed: str) -> None:
    assert list(unsupported_claims(said, allowed)) != []


def test_when_a_customer_wrote_is_no_fact_to_be_stated() -> None:
    assert not found_by(draft(letter("Thank you for getting in touch today.")))


@pytest.mark.parametrize(
    ("said", "text", "is_used"),
    [
        ("we see the $90 charge from Japan in June 2024", "I was charged $90 in Japan in June 2024.", True),
        ("we see the $90 charge from Japan", "I was charged $90 in Japan in June 2024.", True),
        ("we see the 90 dollar charge from your Japanese trip", "I was charged $90 in Japan.", True),
        ("we see the charge from Japan", "I was charged $90 in Japan.", False),
        ("we see the $90 charge", "I was charged $90 in Japan.", False),
        ("a specialist confirms the closure", "Close my account effective June 2024.", False),
        ("a specialist confirms the closure for 6/2024, June", "Close my account effective June 2024.", True),
        ("a specialist explains the steps", "Add a line within 7 days.", False),
        ("a specialist explains the steps within seven days", "Add a line within 7 days.", True),
        ("a specialist confirms the closure", "Close my account due to relocation.", False),
        ("a specialist confirms the closure for your relocation", "Close my account due to relocation.", True),
        ("we see the charge from the United Kingdom", "I was charged in the UK.", True),
        ("a specialist reads it", "My data is slow. Please help.", True),
        ("a specialist reads it", "I write to you today. Call me tomorrow.", True),
    ],
)
def test_a_reply_uses_what_its_ticket_gives(said: str, text: str, is_used: bool) -> None:  # noqa: FBT001  a parameter of the test
    made = draft(f"Ann, {said}. Customer Support", text=text, preference="Text Message")
    found = {finding.check for finding in CheckSet().findings(made)}
    assert (LEFT_OUT in found) is not is_used
