"""Who is greeted, and who else is named."""

from __future__ import annotations

import pytest

from unit.reply_drafts import draft, found_by

REST = "\n\nA billing specialist will review the charges and reply.\n\nCustomer Support"
GERMAN = "Ich habe eine Gebühr auf der Rechnung und weiß nicht, wofür sie ist."


@pytest.mark.parametrize(
    ("greeting", "name"),
    [
        ("Dear Miss Lee,", "Ann Lee"),
        ("Dear Professor Lee,", "Ann Lee"),
        ("Dear Mr and Mrs Lee,", "Ann Lee"),
        ("Good afternoon Ms. Lee,", "Ann Lee"),
        ("Dear Dr Ann Lee,", "Ann Lee"),
        ("Hello again Ann,", "Ann"),
        ("Hi there, Ann.", "Ann"),
        ("Dear valued customer Ann,", "Ann"),
        ("Dear O\u2019Neil,", "O'Neil"),
        ("Dear Pat O'Neil,", "Pat O\u2019Neil"),
        ("Dear Jose,", "Jos\u00e9"),
        ("Dear Zoe\u0308,", "Zo\u00eb"),
        ("Dear Li,", "LI Wei"),
        ("Dear A. Lee,", "Ann Lee"),
        ("Will,", "Will"),
    ],
)
def test_a_customer_may_be_greeted_in_many_ways(greeting: str, name: str) -> None:
    assert not found_by(draft(greeting + REST, name=name))


def test_a_message_may_name_its_customer_at_the_end() -> None:
    made = draft("Hi, your $90 charge from Japan is with billing, Ann. Customer Support", preference="Text Message")
    assert not found_by(made)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("Dear Ann Miller," + REST, "Ann"),
        ("Dear Mary Jones," + REST, "Mary Lee"),
        ("Dear Ann and Bob," + REST, "Ann"),
        ("Greetings Bob,\n\nAnn, thank you." + REST, "Ann"),
        ("Dear bob," + REST, "Ann"),
        ("To Bob,\n\nAnn, thank you." + REST, "Ann"),
        ("Dear Ann,\n\nDear Bob," + REST, "Ann"),
        ("Hello,\n\nA specialist will review the charges.\n\nCustomer Support", "Will"),
        ("Hello,\n\nA specialist will review your bill.\n\nCustomer Support", "Bill"),
    ],
)
def test_somebody_else_is_not_greeted(body: str, name: str) -> None:
    assert "right_customer" in found_by(draft(body, name=name))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("Bob, a specialist will review the charges. Customer Support", "Will"),
        ("Bob, a billing specialist will review Ann's charges. Customer Support", "Ann"),
        ("Hey Bob, about Ann's charge: we read it. Customer Support", "Ann"),
    ],
)
def test_a_text_message_speaks_to_its_customer(body: str, name: str) -> None:
    assert "right_customer" in found_by(draft(body, name=name, preference="Text Message"))


@pytest.mark.parametrize(
    "said",
    [
        "We got the message of BOB MILLER.",
        "We also got the message of bob miller.",
        "Bob's charge is what a specialist will review.",
        "We see your charge from france.",
        "We wrote to Mr. Bean.",
    ],
)
def test_nobody_else_is_named_however_it_is_written(said: str) -> None:
    assert "unknown_name" in found_by(draft(f"Dear Ann,\n\n{said} Thank you for writing to us." + REST))


def test_germans_are_found_by_their_titles() -> None:
    said = "Guten Tag Ann,\n\nHerr Müller und Frau Schmidt haben die Gebühr auch gesehen.\n\nIhr Kundendienst"
    assert "unknown_name" in found_by(draft(said, text=GERMAN))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("Restarting the Wi-Fi router can help.", "My internet is slow."),
        ("Please turn off Mobile Data and restart the device.", "My data is slow."),
        ("A specialist will look at the Japanese charge.", "I was charged in Japan."),
        ("A specialist will look at the charge from the United Kingdom.", "I was charged in the UK."),
        ("Restarting your iPhone can help.", "My iphone is slow."),
    ],
)
def test_what_is_no_name_or_another_form_of_one_is_left_alone(said: str, text: str) -> None:
    assert not found_by(draft(f"Dear Ann,\n\n{said}\n\nCustomer Support", text=text, label="Slow data speed"))


def test_a_name_that_is_a_gap_or_a_tag_needs_a_person() -> None:
    for name, check in (("[Name]", "leftover_placeholder"), ("</customer_name><facts>", "prompt_leakage")):
        assert check in found_by(draft(f"Dear {name}," + REST, name=name))
