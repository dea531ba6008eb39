"""A customer's sentence, told back to the customer."""

import pytest

from cortex_tickets.local.language.retelling import retold


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("I was charged $90.", "you told us that you were charged $90"),
        ("Hi, I'm off and was told that you keep it.", "you told us that you are off and were told that we keep it"),
        ("However, my phone is slow.", "you told us that your phone is slow"),
        ("Please help me close my account.", "you asked us to help you close your account"),
        ("Could you please send it to me?", "you asked us to send it to you"),
        ("I ask you to call me.", "you asked us to call you"),
        ("Dear support team, we've told you our wish.", "you told us that you have told us your wish"),
        ("Nothing works for me.", "you wrote: Nothing works for you"),
        ("How can this be?", ""),
        ("Hello!", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_persons_are_turned(said: str, told: str) -> None:
    assert retold(said) == told
