from __future__ import annotations

import pytest

from cortex_tickets._replies.checks import CHECKS
from cortex_tickets._replies.checks.check_set import CheckSet
from cortex_tickets._replies.checks.claims import claims
from cortex_tickets._replies.checks.lengths import text_message_segments
from cortex_tickets._replies.making import draft_of
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.ticket import Ticket

TEXT = "I was charged $90 for roaming in Japan in June 2024, for two weeks. Write to me at ann@clock.com."
GOOD_MESSAGE = "Hi Ann, a billing specialist will review the $90 charge from Japan and reply. Customer Support"
GOOD_EMAIL = (
    "Dear Ann,\n\nThank you for writing about the $90 roaming charge in Japan. A billing specialist will review the "
    "charges and reply.\n\nKind regards,\nCustomer Support"
)


def draft(
    body: str,
    *,
    subject: str | None = None,
    preference: str | None = "Text Message",
    label: str | None = "Roaming fees",
    text: str = TEXT,
    name: str | None = "Ann",
    campaign: str | None = None,
) -> Draft:
    ticket = Ticket(
        id="TR1", text=text, customer_name=name, customer_email="ann@clock.com", contact_preference=preference
    )
    prompt = ReplyPrompt(playbook=Playbook.default(), campaign=campaign)
    return draft_of(prompt, ticket, label=label, subject=subject, body=body)


def email(body: str, subject: str | None = "Your roaming charge", **options: str | None) -> Draft:
    return draft(body, subject=subject, preference="Email", **options)  # type: ignore[arg-type]  # names and values fit


def found_by(made: Draft) -> set[str]:
    return {finding.check for finding in CheckSet().findings(made)}


@pytest.mark.parametrize(
    "made",
    [
        draft(GOOD_MESSAGE),
        draft(
            "Hi ANN: two weeks in Japan, $90.00, June 2024. We will read it"[:-1] + "t.", preference=" text message "
        ),
        email(GOOD_EMAIL),
        email(GOOD_EMAIL.replace("Dear Ann", "Dear Ms. Lee"), name="Ann Lee"),
        email("Hello,\n\nA specialist will review the charges and reply.\n\nAnn's team", name=None),
        email(GOOD_EMAIL + "\nP.S. Save money with us.", campaign="Save money with us"),
        draft(
            "Ann, we read that you want a new line within 7 days.",
            text="Add a line within seven days",
            label="Add new line",
        ),
        draft("Ann, you lost [phone] at St. James Street. Customer Support", text="Lost [phone] at St. James Street"),
    ],
)
def test_a_good_reply_has_no_findings(made: Draft) -> None:
    assert not CheckSet().findings(made)


BAD = {
    "empty_or_truncated": draft("Hi Ann, a billing specialist will review the $90 charge and"),
    "word_limit": draft("Hi Ann, " + "we will look at it " * 5 + "."),
    "character_limit": draft("Hi Ann, " + "Donaudampfschifffahrtsgesellschaft" * 14 + "."),
    "right_customer": draft(GOOD_MESSAGE.replace("Ann", "Bob")),
    "unsupported_fact": draft(GOOD_MESSAGE.replace("$90", "$95")),
    "offer_not_allowed": draft("Hi Ann, ask us about our special offer. Customer Support"),
    "promise_not_allowed": draft("Hi Ann, we will refund the $90 charge from Japan. Customer Support"),
    "leftover_placeholder": draft("Hi Ann, [agent name] will review the $90 charge. Customer Support"),
    "markup_in_text_message": draft("Hi Ann, a specialist will **review** the $90 charge. Customer Support"),
    "prompt_leakage": draft("Hi Ann, help the customer get the charges reviewed. Customer Support"),
    "known_preference": draft(GOOD_EMAIL, subject="Your charge", preference="Pigeon"),
    "usable_label": draft(GOOD_MESSAGE, label=None),
}


@pytest.mark.parametrize("check", [check.__name__ for check in CHECKS])
def test_every_check_has_a_bad_reply_that_only_it_catches(check: str) -> None:
    assert found_by(BAD[check]) == {check}


@pytest.mark.parametrize(
    ("made", "check"),
    [
        (draft("  \n"), "empty_or_truncated"),
        (email(GOOD_EMAIL, subject=" "), "empty_or_truncated"),
        (email("Dear Ann,\n\nA specialist will review the charge,"), "empty_or_truncated"),
        (email("Dear Ann,\n" + "word " * 100 + "end."), "word_limit"),
        (draft("Hello Bob, Ann asked us about it."), "right_customer"),
        (draft("Hello Bob, we read it.", name=None), "right_customer"),
        (email(GOOD_EMAIL, subject="Your $95 charge"), "unsupported_fact"),
        (draft("Hi Ann, we answer within 24 hours."), "unsupported_fact"),
        (draft("Hi Ann, we answer in a week."), "unsupported_fact"),
        (draft("Hi Ann, we answer on Monday."), "unsupported_fact"),
        (draft("Hi Ann, we answer tomorrow."), "unsupported_fact"),
        (draft("Hi Ann, see www.example.com/help."), "unsupported_fact"),
        (draft("Hi Ann, call 1-800-555-0199."), "unsupported_fact"),
        (draft("Hi Ann, write to help@example.com."), "unsupported_fact"),
        (draft("Hi Ann, that is 20% less."), "unsupported_fact"),
        (draft("Hi Ann, that is 90 euros and 35 cents."), "unsupported_fact"),
        (draft("Hi Ann, ask for form 1234."), "unsupported_fact"),
        (draft("Hi Ann, you save money with a new plan.", label="Lost phone", campaign="A plan"), "offer_not_allowed"),
        (draft("Hi Ann, your account has been closed."), "promise_not_allowed"),
        (draft("Hi Ann, we'll waive it. That is guaranteed."), "promise_not_allowed"),
        (draft("Hi Ann, it is free of charge."), "promise_not_allowed"),
        (draft("Hi {customer_name}, Ann."), "leftover_placeholder"),
        (draft("Hi Ann, call XXX."), "leftover_placeholder"),
        (draft("Ann: - one\n- two."), "markup_in_text_message"),
        (draft("Ann, see <b>this</b>."), "markup_in_text_message"),
        (draft("Ann, it says &lt;here."), "markup_in_text_message"),
        (draft("Ann, as an AI language model I read it."), "prompt_leakage"),
        (draft("Ann, the ticket stands between two tags."), "prompt_leakage"),
        (draft('{"body": "Hi Ann."'), "prompt_leakage"),
        (email("<ticket>Dear Ann.</ticket> Bye."), "prompt_leakage"),
    ],
)
def test_each_check_knows_several_ways_of_being_wrong(made: Draft, check: str) -> None:
    assert check in found_by(made)


def test_markup_is_looked_for_in_text_messages_only_and_size_too() -> None:
    assert not found_by(email(GOOD_EMAIL.replace("A billing", "**A** billing")))
    assert "character_limit" not in found_by(email("Dear Ann,\n" + "x" * 900 + "."))


def test_what_cannot_be_rewritten_says_so() -> None:
    (finding,) = CheckSet().findings(draft(GOOD_MESSAGE, label=None))
    assert not finding.can_be_rewritten


@pytest.mark.parametrize(
    ("text", "n_segments"),
    [
        *[("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("é" * 160, 1)],
        *[("ф" * 70, 1), ("ф" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2)],
    ],
)
def test_segments_are_counted_as_telephones_do(text: str, n_segments: int) -> None:
    assert text_message_segments(text) == n_segments


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$90", "90.00 dollars"),
        ("1,000 USD", "$1000"),
        ("two weeks", "2 weeks"),
        ("a one-week trip", "1 week"),
        ("7 business days", "seven days"),
        ("24-48 hours", "24 to 48 hours"),
        ("a couple of days", "2 days"),
        ("20 percent", "20%"),
        ("https://www.example.com/", "example.com"),
        ("(800) 555-0199", "800 555 0199"),
        ("JUNE@example.com", "june@example.com"),
    ],
)
def test_the_same_fact_may_be_written_in_two_ways(one: str, other: str) -> None:
    found = claims(one)
    assert found
    assert {kind: set(values) for kind, values in found.items()} == {
        kind: set(values) for kind, values in claims(other).items()
    }


def test_words_that_only_look_like_facts_are_left_alone() -> None:
    assert not claims("You may march on. A second line, please; step 1 of it. See section A.")


# What makes a search that gives back what it took slow: with the square of the length these would take hours.
SLOW = (
    "1",
    "1,",
    "1,,",
    "1.",
    "1 ",
    "a",
    "a-",
    "a.",
    "a@",
    "@",
    ".",
    "www.",
    "http://",
    "(1",
    "$1",
    "1-1 ",
    "ten ",
    "<a",
)


@pytest.mark.parametrize("piece", SLOW)
def test_claims_are_found_in_time_that_grows_with_the_text_only(piece: str) -> None:
    assert isinstance(claims((piece * 100_000)[:100_000]), dict)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("it was 1,234.50 dollars", {"amount": {"1234.5"}}),
        ("pay,5% of it", {"percentage": {"5"}}),
        ("..example.com is it", {"web address": {"example.com"}}),
        ("a.b+c-d@mail.example.org, she wrote", {"e-mail address": {"a.b+c-d@mail.example.org"}}),
        ("12.34.56%", {"percentage": {"34.56"}, "number": {"12"}}),
        ("in 1,000 days", {"duration": {"1000 day"}}),
    ],
)
def test_what_stands_close_together_is_still_told_apart(text: str, found: dict[str, set[str]]) -> None:
    assert {kind: set(values) for kind, values in claims(text).items()} == found


def test_a_name_of_a_hundred_thousand_words_is_looked_for_in_no_time() -> None:
    assert "right_customer" in found_by(draft(GOOD_MESSAGE, name="Xyz " * 50_000 + "zzyx"))
