"""Promises in every form, and what only sounds like one."""

from __future__ import annotations

import pytest

from unit.reply_drafts import draft, found_by, letter

PROMISES = (
    "We are refunding the $90.",
    "We refunded the $90.",
    "We can refund the $90.",
    "We will be refunding the $90.",
    "We are going to refund the $90.",
    "We shall refund the $90.",
    "We'd be happy to refund the $90.",
    "I've gone ahead and refunded $90.",
    "You can expect a refund.",
    "A refund is on its way.",
    "Your refund of $90 is being processed.",
    "You will get your money back.",
    "We will return the $90.",
    "A credit of $90 was applied to your account.",
    "We have applied a credit of $90.",
    "You do not have to pay the $90.",
    "You no longer owe the $90.",
    "The $90 charge is waived.",
    "Your account is now closed.",
    "We closed your account.",
    "We have now suspended your line.",
    "A technician will visit your home.",
    "We'll call you back.",
    "We will pay back the $90.",
    "The $90 comes back to you.",
    "We will make sure that you get the $90 back.",
    "You will not be charged again.",
    "Your new line is active.",
    "We will have this fixed.",
    "Consider it done.",
    "Rest assured, it will be resolved.",
    "Expect your refund soon.",
    "If you send us the bill, we will refund the $90.",
    "You asked for a refund, and we will refund the $90.",
    "You asked us to refund $90, which has been refunded.",
)
NO_PROMISES = (
    "We cannot promise that the charge will be refunded, but a billing specialist will review it.",
    "A billing specialist will review the charges and decide whether they will be refunded.",
    "You asked us to refund the $90. A billing specialist will review the charges.",
    "You would like your $90 to be refunded. A billing specialist will review it.",
    "A billing specialist will review the charges and reply.",
    "You were charged $90 and were not told about it.",
    "We want to help you get the charges reviewed.",
    "We have received your request and passed it to a billing specialist.",
)


@pytest.mark.parametrize("said", PROMISES)
def test_a_promise_is_found_in_whatever_form(said: str) -> None:
    assert "promise_not_allowed" in found_by(draft(letter(said)))


@pytest.mark.parametrize("said", NO_PROMISES)
def test_what_is_denied_left_open_or_told_back_is_no_promise(said: str) -> None:
    assert not found_by(draft(letter(said)))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("You asked when your account will be closed.", "When will you close my account?"),
        ("You told us that the fee will be removed only if you ask.", "They said the fee will be removed if I ask."),
        ("You told us that you moved and your line was suspended.", "I moved and my line was suspended."),
    ],
)
def test_what_the_customer_said_is_no_promise(said: str, text: str) -> None:
    assert not found_by(draft(letter(f"{said} A specialist will confirm it."), text=text, label="Closing account"))


@pytest.mark.parametrize(
    ("fact", "said", "is_stated"),
    [
        ("We will refund charges only after review.", "We will refund the $90.", False),
        ("We will refund charges only after review.", "We will refund charges only after review.", True),
        ("We can suspend the line.", "We can suspend your line.", True),
        ("We can suspend the line.", "We have suspended your line.", False),
        ("We will refund the deposit.", "We will refund the $90 charge.", False),
        ("We never refund fees.", "We will refund the fees.", False),
        ("Charges are refunded if they were wrong.", "The charges are refunded.", False),
    ],
)
def test_a_fact_allows_its_own_promise_and_no_greater_one(fact: str, said: str, is_stated: bool) -> None:  # noqa: FBT001  a parameter of the test
    assert ("promise_not_allowed" in found_by(draft(letter(said), facts=(fact,)))) is not is_stated


def test_german_promises_are_found_too() -> None:
    body = "Guten Tag Ann,\n\nwir werden die Gebühr prüfen. Ihnen werden 90 $ erstattet.\n\nIhr Kundendienst"
    text = "Ich habe 90 $ Gebühr für Roaming auf der Rechnung, und das ist nicht richtig."
    assert "promise_not_allowed" in found_by(draft(body, text=text))
