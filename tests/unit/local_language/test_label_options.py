"""Where a prompt's labels stand, however they are written."""

import pytest

from cortex_tickets.local.language.label_options import LabelOption, named_options, offered_options

RICH = """You label support tickets. Choose the one label that fits the ticket best.
Labels:
- Roaming fees: charges for using the phone abroad
  Example: I paid a lot for calls in Japan.
  e.g. Why is my bill so high after Spain?
- Billing: late: a payment that came late
- Lost phone
Choose None of these only where no other label fits.
"""


def names(prompt: str) -> list[str] | None:
    offered = offered_options(prompt)
    return None if offered is None else [option.name for option in offered.options]


def test_bullets_carry_descriptions_and_examples() -> None:
    offered = offered_options(RICH)

    assert offered is not None
    assert offered.options[0] == LabelOption(
        "Roaming fees",
        "charges for using the phone abroad",
        ("I paid a lot for calls in Japan.", "Why is my bill so high after Spain?"),
    )
    assert offered.abstain == "None of these"
    assert offered.options[-1].name == "None of these"


def test_a_name_with_a_colon_is_known_from_the_schema() -> None:
    offered = named_options(["Roaming fees", "Billing: late", "Lost phone", "None of these"], RICH)

    assert offered.options[1] == LabelOption("Billing: late", "a payment that came late")
    assert offered.abstain == "None of these"


@pytest.mark.parametrize("name", ["Other", "none of the above", "unknown", "Not sure", "n/a", "Something else"])
def test_a_name_alone_can_mean_that_nothing_fits(name: str) -> None:
    assert named_options(["Refund", name], "").abstain == name


@pytest.mark.parametrize(
    "prompt",
    [
        "Label the support ticket.\nLabels: Lost phone | Slow data\n<ticket>",
        "These are the possible types of request categories:\n\nLost phone\nSlow data\n\nReturn the category only.\n",
        "  Possible categories:\n\n     Lost phone\n     Slow data\n\n",
        "Classify the ticket into one of these categories: Lost phone or Slow data. Ticket:",
        "Classify into [Lost phone, Slow data].",
        'Use one of the labels "Lost phone", "Slow data".\n\nLabels: "Lost phone" | "Slow data"\n',
        "Options:\n1. Lost phone\n2) Slow data\n",
        "Sort the message into the categories (Lost phone, Slow data)",
    ],
)
def test_label_sets_are_found(prompt: str) -> None:
    assert names(prompt) == ["Lost phone", "Slow data"]


@pytest.mark.parametrize(
    "prompt",
    ["", "Summarize the text.", "Labels:", "Labels: one", "Tell me about categories of rocks.", "Labels: a | a"],
)
def test_no_label_set_is_made_up(prompt: str) -> None:
    assert offered_options(prompt) is None
