"""Offers where none may be made, and other offers than the one that there is."""

from __future__ import annotations

import pytest

from unit.reply_drafts import draft, found_by, letter

CLOSING = "Please close my account. I found a better plan with a discount and an upgrade elsewhere."


@pytest.mark.parametrize(
    ("said", "label", "text"),
    [
        ("Please stay: we have a discount and an upgrade for you, a better plan.", "Closing account", CLOSING),
        ("Please reconsider. We would love to keep you with our great family plan.", "Closing account", CLOSING),
        ("Would you stay if we lowered your monthly price?", "Closing account", CLOSING),
        ("Buy our newest phone at the shop.", "Lost phone", "I lost my phone."),
        ("You get a free month.", "Lost phone", "I lost my phone."),
        ("We have a loyalty reward for you.", "Lost phone", "I lost my phone."),
        ("We have a gift for you.", "Lost phone", "I lost my phone."),
        ("Switch to our travel pass and pay less.", "Slow data speed", "My data is slow."),
        ("Try our roaming add-on.", "Slow data speed", "My data is slow."),
        ("Sign up for premium.", "Slow data speed", "My data is slow."),
    ],
)
def test_an_offer_is_found_whatever_the_customer_spoke_of(said: str, label: str, text: str) -> None:
    assert "offer_not_allowed" in found_by(draft(letter(said), label=label, text=text))


def test_beside_a_campaign_no_other_offer_may_be_made() -> None:
    said = "We offer you an exclusive coupon, a voucher and a bonus phone."
    assert "offer_not_allowed" in found_by(draft(letter(said), campaign="Our plan saves costs"))
    good = "A billing specialist will review the charges. We can offer a plan that saves you costs."
    assert not found_by(draft(letter(good), campaign="promote a plan that saves costs"))


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("You asked for a different plan.", "I want a different plan or to close my account."),
        ("You found a better plan elsewhere.", CLOSING),
        ("You asked about an upgrade.", "Why should I upgrade? I upgraded last year."),
        ("You believe it would be fair to get compensation, such as a discount.", "Give me a discount, it is fair."),
    ],
)
def test_what_the_customer_spoke_of_may_be_told_back(said: str, text: str) -> None:
    made = draft(letter(f"{said} A specialist will read the request."), label="Closing account", text=text)
    assert "offer_not_allowed" not in found_by(made)


def test_a_campaign_that_is_an_order_is_not_copied_and_one_that_is_copy_may_be() -> None:
    order = "promote a plan that saves costs"
    said = "A billing specialist will review the charges. {} Kind words."
    assert "prompt_leakage" in found_by(draft(letter(said.format("Promote a plan that saves costs.")), campaign=order))
    finished = "You may like a plan that saves costs."
    assert not found_by(draft(letter(said.format(finished)), campaign=finished))
