"""Letters that are no letters yet: refusals, gaps, raw text, letters that say nothing or stop half-way."""

from __future__ import annotations

import pytest

from unit.reply_drafts import draft, found_by, letter

STEP = "A billing specialist will review the charges and reply."


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("I'm sorry, Ann, but I cannot write this email.", "speaks_of_itself"),
        ("Dear Ann,\n\nI'm an AI assistant and cannot decide.\n\nCustomer Support", "speaks_of_itself"),
        (f"Sure! Here is the email you asked for:\n\n{letter(STEP)}", "speaks_of_itself"),
        (f"{letter(STEP)}\n\n(12 words)", "speaks_of_itself"),
        (letter("<think>They want money.</think> " + STEP), "prompt_leakage"),
        (letter("Tone: friendly.\n" + STEP).replace("Tone", "\nTone"), "prompt_leakage"),
        (
            letter("[insert the name of the specialist who is going to review it]. " + STEP),
            "leftover_placeholder",
        ),
        (letter("Your specialist %NAME% reviews this."), "leftover_placeholder"),
        (letter("Your charge of $?? is reviewed."), "leftover_placeholder"),
        (letter("Your Agent Name reviews this."), "leftover_placeholder"),
        (f"Dear Ann,\\n\\n{STEP}\\n\\nCustomer Support", "raw_text"),
        (f"Subject: Roaming\n\n{letter(STEP)}", "raw_text"),
        (f"```\n{letter(STEP)}\n```", "raw_text"),
        ("Dear Ann.", "empty_or_truncated"),
        ("Ann.", "empty_or_truncated"),
        (letter("A billing specialist will"), "empty_or_truncated"),
        (f"Dear Ann,\n\n{STEP}", "empty_or_truncated"),
    ],
)
def test_what_is_no_letter_yet_is_found(body: str, check: str) -> None:
    assert check in found_by(draft(body))


@pytest.mark.parametrize("said", ["a *specialist* _reviews_ it", "~~no~~ we read it", "this:\n1. Restart\n2. Wait"])
def test_markup_is_found_in_text_messages(said: str) -> None:
    made = draft(f"Ann, {said}. Customer Support", preference="Text Message")
    assert "markup_in_text_message" in found_by(made)


def test_words_are_counted_where_they_have_no_spaces_between_them() -> None:
    text = "我的手机账单上有漫游费用。请退款给我。"
    assert "word_limit" in found_by(draft("Ann: " + "我们会看您的账单。" * 30 + "\n\nCustomer Support", text=text))
    assert "word_limit" in found_by(draft("Ann: " + "我们会看您的账单。" * 10, text=text, preference="Text Message"))
    assert not found_by(draft("Ann: 我们会看您的账单。", text=text, preference="Text Message"))


@pytest.mark.parametrize(
    "body",
    [
        "Guten Tag Ann,\n\nvielen Dank. Sie schrieben: „Ich habe mein Telefon verloren.“\n\nIhr Dienst",
        "Bonjour Ann,\n\nMerci. Vous avez écrit : « J'ai perdu mon téléphone. »\n\nLe service",
    ],
)
def test_a_letter_of_the_tickets_own_words_is_none(body: str) -> None:
    assert "empty_or_truncated" in found_by(draft(body, text=body, label="Lost phone"))


def test_a_few_words_of_the_playbooks_language_tell_a_tickets_language() -> None:
    body = "Hallo Ann,\n\nwir prüfen das und melden uns bei Ihnen, sobald es geht.\n\nIhr Kundendienst"
    assert "other_language" in found_by(draft(body, text="Roaming charge Japan $90 refund"))


def test_a_sentence_in_another_language_is_found_among_others() -> None:
    said = "Thank you for your message. Ein Kollege sieht sich die Gebühr an und wird sich bei Ihnen melden."
    assert "other_language" in found_by(draft(letter(said)))


@pytest.mark.parametrize("end", [" 🙂", ". Customer Support 🙂", "."])
def test_a_message_may_end_with_a_smile(end: str) -> None:
    made = draft(f"Ann, a billing specialist will review the $90 charge from Japan{end}", preference="Text Message")
    assert not found_by(made)
