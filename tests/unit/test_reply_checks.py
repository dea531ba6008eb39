from __future__ import annotations

from typing import Any

import pytest

from cortex_tickets._replies.checks import CHECKS
from cortex_tickets._replies.checks.check_set import CheckSet, ReplyCheck
from cortex_tickets._replies.checks.claims import claims, unsupported_claims
from cortex_tickets._replies.checks.languages import language_of
from cortex_tickets._replies.checks.lengths import text_message_segments
from cortex_tickets._replies.making import draft_of
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.reply import Finding
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
        email(
            "Dear Ann,\n\nThe Roaming Desk will review the charge of Mrs. Lee.\n\nThe Roaming Desk",
            text="Ask Lee or the Roaming Desk",
        ),
        email(GOOD_EMAIL.replace(" A billing", " Of course We read it; A billing")),
        email(
            "Liebe Ann,\n\nvielen Dank für Ihre Nachricht. Ein Kollege sieht sich die Gebühr an und meldet sich."
            "\n\nMit freundlichen Grüßen\nIhr Kundendienst",
            subject="Ihre Gebühr",
            text="Ich habe eine Gebühr auf der Rechnung und weiß nicht, wofür sie ist.",
        ),
        email("Hello,\n\nA specialist will review the $90 from Japan and reply.\n\nAnn's team", name=None),
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
    "empty_or_truncated": draft("Hi Ann, a billing specialist will review the $90 charge from Japan and"),
    "word_limit": draft("Hi Ann, $90 in Japan: " + "we will look at it " * 5 + "."),
    "character_limit": draft("Hi Ann, $90 in Japan: " + "Donaudampfschifffahrtsgesellschaft" * 14 + "."),
    "other_language": draft(
        "Ann, la factura de $90 de Japan se revisa y le respondemos con detalles. Customer Support"
    ),
    "right_customer": draft(GOOD_MESSAGE.replace("Hi Ann, a", "A")),
    "unknown_name": draft(GOOD_MESSAGE.replace("charge from Japan", "charge from Bob in Japan")),
    "ticket_details_used": draft("Hi Ann, a billing specialist will review the charges and reply. Customer Support"),
    "unsupported_fact": draft(GOOD_MESSAGE.replace("$90 charge", "$90 charge and the $95 charge")),
    "offer_not_allowed": draft("Hi Ann, about $90 in Japan: ask us about our special offer. Customer Support"),
    "promise_not_allowed": draft("Hi Ann, we will refund the $90 charge from Japan. Customer Support"),
    "leftover_placeholder": draft("Hi Ann, [agent name] will review the $90 charge from Japan. Customer Support"),
    "markup_in_text_message": draft("Hi Ann, a specialist will **review** the $90 charge from Japan. Customer Support"),
    "prompt_leakage": draft("Hi Ann, $90, Japan: help the customer get the charges reviewed. Customer Support"),
    "speaks_of_itself": email(
        "Here is the reply:\n\n" + GOOD_EMAIL,
    ),
    "raw_text": email("Subject: Your charge\n\n" + GOOD_EMAIL),
    "known_preference": draft(GOOD_EMAIL, subject="Your charge", preference="Pigeon"),
    "usable_label": draft(GOOD_MESSAGE, label=None),
    "label_in_playbook": draft(
        "Hi Ann, a specialist will read about the $90 in Japan and reply. Customer Support", label="Roaming charges"
    ),
}


@pytest.mark.parametrize("check", [check.__name__ for check in CHECKS])
def test_every_check_has_a_bad_reply_that_only_it_catches(check: str) -> None:
    assert found_by(BAD[check]) == {check}


@pytest.mark.parametrize(
    ("made", "check"),
    [
        (draft("  \n"), "empty_or_truncated"),
        (email(GOOD_EMAIL, subject=" "), "empty_or_truncated"),
        (email("Dear Ann,\n\nThank you.\nWe are looking into"), "empty_or_truncated"),
        (email("Dear Ann,\n" + "Donaudampfschifffahrtsgesellschaft" * 50 + "."), "character_limit"),
        (email(GOOD_EMAIL, subject="Your charge " * 12), "character_limit"),
        (draft("Здравствуйте, Ann, мы проверим счет."), "other_language"),
        (
            email(
                "Bonjour Ann,\n\nNous vous remercions pour votre message et le ticket est dans les mains du service.",
                text="I was charged for roaming and do not know why you have done so.",
            ),
            "other_language",
        ),
        (email(GOOD_EMAIL.replace("A billing specialist", "Your colleague Bob Miller")), "unknown_name"),
        (email(GOOD_EMAIL.replace("review the charges", "review the charges of Mr. Bean")), "unknown_name"),
        (email(GOOD_EMAIL.replace("and reply", "and Maria's colleague will reply")), "unknown_name"),
        (email("Dear Ann,\n\nA specialist will review the charge,"), "empty_or_truncated"),
        (email("Dear Ann,\n" + "word " * 100 + "end."), "word_limit"),
        (draft("Hello Bob, Ann asked us about it."), "right_customer"),
        (draft("Hello Bob, we read it.", name=None), "right_customer"),
        (email(GOOD_EMAIL, subject="Your $95 charge"), "unsupported_fact"),
        (draft("Hi Ann, we answer within 24 hours."), "unsupported_fact"),
        (draft("Hi Ann, we answer in a week."), "unsupported_fact"),
        (draft("Hi Ann, we answer on Monday."), "unsupported_fact"),
        (draft("Hi Ann, we answer tomorrow."), "unsupported_fact"),
        (draft("Hi Ann, we answer within a few days."), "unsupported_fact"),
        (draft("Hi Ann, we answer by the 15th."), "unsupported_fact"),
        (draft("Hi Ann, we answer on June 5."), "unsupported_fact"),
        (draft("Hi Ann, we answer at 3 pm."), "unsupported_fact"),
        (draft("Hi Ann, we answer at the end of the week."), "unsupported_fact"),
        (draft("Hi Ann, your ticket is TR9999."), "unsupported_fact"),
        (draft("Hi Ann, we refer to ninety-five dollars."), "unsupported_fact"),
        (draft("Hi Ann, we read of the 90 euros."), "unsupported_fact"),
        (draft("Hi Ann, we read of 3 phones."), "unsupported_fact"),
        (draft("Hi Ann, we read of three phones."), "unsupported_fact"),
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
        (draft("Hi Ann, you will receive a full refund."), "promise_not_allowed"),
        (draft("Hi Ann, your case has already been escalated."), "promise_not_allowed"),
        (draft("Hola Ann, le garantizamos la respuesta.", text="Hola"), "promise_not_allowed"),
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


def test_markup_is_looked_for_in_text_messages_only() -> None:
    assert not found_by(email(GOOD_EMAIL.replace("A billing", "**A** billing")))
    assert "character_limit" not in found_by(email("Dear Ann,\n" + "x" * 900 + "."))


def test_what_a_customer_says_to_do_is_no_promise_of_the_company() -> None:
    said = "Ann, we read that you will cancel the line and that you have closed it. Customer Support"
    assert not found_by(draft(said, text="I will cancel the line and have closed it."))


def test_what_cannot_be_rewritten_says_so() -> None:
    (finding,) = CheckSet().findings(draft(GOOD_MESSAGE, label=None))
    assert not finding.can_be_rewritten


@pytest.mark.parametrize(
    ("text", "n_segments"),
    [
        *[("", 1), ("a" * 160, 1), ("a" * 161, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("é" * 160, 1)],
        *[("ф" * 70, 1), ("ф" * 71, 2), ("😀" * 35, 1), ("😀" * 36, 2)],
        # What takes two places is not parted: 152 and the euro sign make 154, and 66 and an emoji 68.
        *[("a" * 152 + "€" + "a" * 152, 3), ("ф" * 66 + "😀" + "ф" * 66, 3), ("a" * 151 + "€" + "a" * 153, 2)],
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
        ("June 15th, 2024", "15 June 2024"),
        ("2024-06-15", "06/15/2024"),
        ("a few days", "several days"),
        ("three lines", "3 lines"),
        ("twenty-five dollars", "$25"),
        ("two hundred dollars", "$200"),
        ("3 pm", "15:00"),
        ("9 o'clock", "9:00 a.m."),
    ],
)
def test_the_same_fact_may_be_written_in_two_ways(one: str, other: str) -> None:
    found = claims(one)
    assert found
    assert {kind: set(values) for kind, values in found.items()} == {
        kind: set(values) for kind, values in claims(other).items()
    }


def test_words_that_only_look_like_facts_are_left_alone() -> None:
    assert not claims("You may march on. A second line, please; step 1 of it. See section A. It costs twice a week.")
    assert not claims("1. Switch it off.\n2. Switch it on. One of us reads it; 5G and 4G stay.")


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("in June", "on June 15"),
        ("on the 15th", "June 15"),
        ("on 6/7/2024", "7 June 2024"),
        ("on June 7, 2024", "6/7/2024"),
        ("the 90 that you name", "$90"),
        ("two weeks", "for 2 weeks in Japan"),
    ],
)
def test_a_fact_supports_what_follows_from_it(said: str, allowed: str) -> None:
    assert list(unsupported_claims(said, allowed)) == []
    assert list(unsupported_claims(said, "")) != []


@pytest.mark.parametrize(
    ("said", "allowed"),
    [
        ("June 15", "in June"),
        ("June 5", "June 2"),
        ("2023", "June 2024"),
        ("2 weeks", "2 days"),
        ("90 euros", "$90"),
        ("20%", "$20"),
        ("clock.com", "ann@clock.com"),
        ("$90", "90 of them"),
    ],
)
def test_a_fact_does_not_support_what_only_resembles_it(said: str, allowed: str) -> None:
    assert list(unsupported_claims(said, allowed)) != []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("I lost my phone on the train and would like to have it blocked.", "English"),
        ("Ich habe mein Telefon im Zug verloren und möchte es sperren.", "German"),
        ("J'ai perdu mon téléphone dans le train et je ne sais pas quoi faire.", "French"),
        ("He perdido mi teléfono en el tren y no sé qué hacer con la línea.", "Spanish"),
        ("Ho perso il mio telefono sul treno e non so che cosa fare con la linea.", "Italian"),
        ("Perdi o meu telefone no comboio e não sei o que fazer com a minha linha.", "Portuguese"),
        ("Ik heb mijn telefoon in de trein verloren en weet niet wat ik met het nummer moet.", "Dutch"),
        ("Jag har tappat min telefon på tåget och vet inte vad jag ska göra.", "Swedish"),
        ("Zgubiłem telefon w pociągu i nie wiem, co mam zrobić z numerem.", "Polish"),
        ("Я потерял телефон в поезде.", "Cyrillic script"),
        ("電車で電話をなくしました。", "Japanese"),
        ("我在火车上丢了手机。", "Chinese"),
        ("기차에서 전화기를 잃어버렸어요.", "Korean"),
        ("فقدت هاتفي في القطار", "Arabic script"),
        ("Roaming Japan", None),
        ("ქართული ენა არის", None),
        ("Телефон at home, ok, thanks", None),
        ("90", None),
        ("", None),
    ],
)
def test_a_language_is_told_by_its_most_frequent_words_or_its_script(text: str, language: str | None) -> None:
    assert language_of(text) == language


def no_fax(made: Draft) -> str | None:
    return "The reply speaks of a fax." if "fax" in made.said else None


def two_things(made: Draft) -> list[Finding | str]:
    return (
        ["One thing.", Finding(check="another_name", message="Another.", can_be_rewritten=False)] if made.body else []
    )


def broken(made: Draft) -> str:
    raise ValueError(made.ticket.text)


def test_a_users_own_checks_come_after_the_others_and_carry_their_names() -> None:
    checks = CheckSet({"no_fax": no_fax, "things": two_things})
    found = checks.findings(draft("Hi Ann, about $90 in Japan: send a fax to [agent name]. Customer Support"))
    assert [(finding.check, finding.can_be_rewritten) for finding in found] == [
        ("leftover_placeholder", True),
        ("no_fax", True),
        ("things", True),
        ("things", False),
    ]
    assert CheckSet([no_fax]).findings(draft(GOOD_MESSAGE)) == ()


@pytest.mark.parametrize(
    "check", [broken, lambda _: 5, lambda _: [""], lambda _: True], ids=["raises", "number", "blank", "bool"]
)
def test_a_check_that_fails_is_a_finding_and_shows_no_text_of_the_ticket(
    check: ReplyCheck, caplog: pytest.LogCaptureFixture
) -> None:
    (finding,) = CheckSet({"mine": check}).findings(draft(GOOD_MESSAGE))
    assert (finding.check, finding.can_be_rewritten) == ("mine", False)
    assert "The check itself failed" in finding.message
    assert TEXT not in finding.message + caplog.text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([lambda _: None], "without a name"),
        ([no_fax, no_fax], "'no_fax', a name that another check has"),
        ({"word_limit": no_fax}, "'word_limit', a name that another check has"),
        ({" ": no_fax}, "without a name"),
        (["no_fax"], "cannot be called"),
        ("no_fax", "must be a list"),
        (5, "must be a list"),
    ],
)
def test_checks_of_another_form_are_refused(given: Any, expected: str) -> None:
    with pytest.raises(InvalidInputError, match=expected):
        CheckSet(given)


def test_other_checks_are_told_by_their_hash() -> None:
    assert CheckSet([no_fax]).hash == CheckSet({"no_fax": no_fax}).hash
    assert len({CheckSet().hash, CheckSet([no_fax]).hash, CheckSet([no_fax, two_things]).hash}) == 3


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
        ("it was 1,234.50 dollars", {"amount": {"1234.5 usd"}}),
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
