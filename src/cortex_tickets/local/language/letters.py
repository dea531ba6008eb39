"""Composes a reply from a prompt alone: nothing stands in it that stands neither in the ticket nor the facts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cortex_tickets.local.language.letter_brief import LetterBrief, asks_for_letter, describes_customer, read_brief
from cortex_tickets.local.language.letter_material import LetterMaterial, total_words
from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.sentences import cut
from cortex_tickets.local.language.text_message import message_body
from cortex_tickets.local.language.ticket_details import details_of

__all__ = ["asks_for_letter", "describes_customer", "letter_json", "letter_text"]

_RETELLING_SHARE = 0.5
"""The share of an email that may tell back the ticket whatever else there is to say; more, where words are left."""
_FEWEST_RETELLING_WORDS = 8
_THANKS_SHARE = 0.25
_SUBJECT_WORDS = 10
_SUBJECT_KINDS = ("amount", "place", "duration", "date")
_SHORTER = 0.8
_TOO_LONG = re.compile(r"(?i)\b(?:words?|long|length|limit|characters?|segments?|truncated)\b")


def letter_json(instructions: str, ticket: str, schema: Mapping[str, Any]) -> str:
    """Return the letter as JSON with the schema's properties: `subject` where it is asked for, and `body`."""
    properties = schema["properties"]
    subject, body = _compose(read_brief(instructions, wants_subject="subject" in properties), ticket)
    parts = {"subject": subject, "body": body}
    return json.dumps({name: parts.get(name, "") for name in properties}, ensure_ascii=False)


def letter_text(instructions: str, ticket: str) -> str:
    """Return the letter as plain text, an email with its subject line."""
    brief = read_brief(instructions, wants_subject=False)
    subject, body = _compose(brief, ticket)
    return f"Subject: {subject}\n\n{body}" if brief.is_email else body


def _compose(brief: LetterBrief, ticket: str) -> tuple[str, str]:
    if _TOO_LONG.search(brief.findings):
        brief = replace(brief, max_words=max(1, int(brief.max_words * _SHORTER)))
    material = LetterMaterial.of(brief, ticket)
    if not brief.is_email:
        return "", message_body(brief, material)
    subject = _subject(brief, material)
    # Whoever counts the words may count the subject with the body or not: the limit holds both ways.
    return subject, _email_body(replace(brief, max_words=brief.max_words - count_words(subject)), material)


def _subject(brief: LetterBrief, material: LetterMaterial) -> str:
    """Return the label with as many of the ticket's particulars as fit behind it."""
    title = brief.label or material.phrases.subject
    subject = cut(title, len(title) + 1, _SUBJECT_WORDS)
    joint = ": "
    for detail in sorted(details_of(material.fit), key=lambda detail: detail.start):
        longer = f"{subject}{joint}{detail.text}"
        is_fit = detail.kind in _SUBJECT_KINDS and not material.is_avoided(detail.text)
        if is_fit and count_words(longer) <= _SUBJECT_WORDS:
            subject, joint = longer, ", "
    return subject


def _email_body(brief: LetterBrief, material: LetterMaterial) -> str:
    phrases = material.phrases
    greeting = phrases.greeting.format(name=brief.name) if brief.name else phrases.nameless
    closing = f"{phrases.closing}\n{brief.signature}" if brief.signature else phrases.closing
    left = brief.max_words - count_words(greeting) - count_words(closing)
    opening = [phrases.received] if count_words(phrases.received) <= left * _THANKS_SHARE else []
    left -= total_words(opening)
    room = max(left - total_words(material.points), int(left * _RETELLING_SHARE))
    share = max(room, min(left, _FEWEST_RETELLING_WORDS)) if material.points else left
    told = material.told(share)
    points = material.points_within(left - total_words(told))
    paragraphs = [greeting, " ".join([*opening, *told]), " ".join(points), closing]
    body = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    # Only a limit too small for greeting and closing is cut; all else was measured before.
    return body if count_words(body) <= brief.max_words else cut(body, len(body) + 1, max(1, brief.max_words))
