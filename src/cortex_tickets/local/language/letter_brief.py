"""What a prompt says about a letter to be written: channel, limit, customer, goal, facts, offer."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cortex_tickets.local.language.word_limits import stated_limits

_ASKED = re.compile(
    r"(?i)\b(?:write|draft|compose|craft|create|generate)\b[^.\n]{0,60}\b(?:e-?mail|text message|sms|reply|letter"
    r"|(?:e-?mail|message) response|response (?:to|for) (?:the |this |a |an )?(?:customer|ticket|request|complaint)"
    r"|response to resolve)\b"
)
_SUMMARY_ASKED = re.compile(r"(?i)\b(?:write|create|generate)\b[^.\n]{0,40}\bsummary\b")
_MESSAGE_ASKED = re.compile(r"(?i)\b(?:text message|sms|text)\b")
_EMAIL_ASKED = re.compile(r"(?i)\be-?mail\b")
_PREFERENCE = re.compile(r"(?i)contact[ _]preference[ \t]*(?::|is)[ \t]*(?P<channel>text message|sms|text|e-?mail)")
_NAME = re.compile(r"(?i)\b(?:customer[ _])?name[ \t]*:[ \t]*(?P<name>[^\n,;]{1,60})")
_PROMOTED = re.compile(r"(?i)\bpromot(?:e|es|ing)\s+(?P<offer>[^.\n]{3,120})")
# What stands between these tags is told about the customer or by the company; what is asked stands outside them.
_MATERIAL = re.compile(r"(?is)<(customer_name|label|goal|tone|facts|offer|signature|findings)>.*?</\1>")
_DEFAULT_WORDS = {"email": 100, "text message": 24}
_FACT_MARK = re.compile(r"^[ \t]*(?:[-*\u2022]|\d+[.)])[ \t]+")


@dataclass(frozen=True, slots=True)
class LetterBrief:
    """All that a letter may be made of. Blank where the prompt does not say."""

    is_email: bool
    max_words: int
    name: str
    label: str
    goal: str
    facts: tuple[str, ...]
    offer: str
    signature: str
    findings: str


def asks_for_letter(instructions: str, schema: Mapping[str, Any] | None) -> bool:
    """Tell whether a prompt asks for an email or a text message, and the schema, if any, can hold one."""
    if schema is not None and "body" not in schema.get("properties", {}):
        return False
    asked = _MATERIAL.sub(" ", instructions)
    return _ASKED.search(asked) is not None and _SUMMARY_ASKED.search(asked) is None


def describes_customer(text: str) -> bool:
    """Tell whether a text says who the customer is and how to reach them: then it is no ticket."""
    return _PREFERENCE.search(text) is not None and _NAME.search(text) is not None


def read_brief(instructions: str, *, wants_subject: bool) -> LetterBrief:
    """Read the brief; any part may be missing."""
    asked = _MATERIAL.sub(" ", instructions)
    is_email = wants_subject or _is_email(asked)
    offer = _tag("offer", instructions)
    if not offer and (promoted := _PROMOTED.search(asked)):
        offer = f"promote {promoted['offer'].strip()}"
    stated_name = _NAME.search(asked)
    return LetterBrief(
        is_email=is_email,
        max_words=_limit(asked, is_email=is_email),
        name=_tag("customer_name", instructions) or (stated_name["name"].strip() if stated_name else ""),
        label=_tag("label", instructions),
        goal=_tag("goal", instructions),
        facts=tuple(
            fact for line in _tag("facts", instructions).splitlines() if (fact := _FACT_MARK.sub("", line).strip())
        ),
        offer=offer,
        signature=_tag("signature", instructions),
        findings=_tag("findings", instructions),
    )


def _tag(name: str, instructions: str) -> str:
    found = re.search(rf"(?is)<{name}>(.*?)</{name}>", instructions)
    return html.unescape(found[1]).strip() if found else ""


def _is_email(instructions: str) -> bool:
    if preference := _PREFERENCE.search(instructions):
        return preference["channel"].lower().startswith("e")
    asked = _ASKED.search(instructions)
    first = asked.group() if asked else instructions
    return _EMAIL_ASKED.search(first) is not None or _MESSAGE_ASKED.search(first) is None


def _limit(instructions: str, *, is_email: bool) -> int:
    """Return the most words allowed; of several limits the larger is the email's."""
    limits = stated_limits(instructions)
    if not limits:
        return _DEFAULT_WORDS["email" if is_email else "text message"]
    return max(limits) if is_email else min(limits)
