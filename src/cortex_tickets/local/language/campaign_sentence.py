"""Works a campaign, which tells a writer what to promote, into a sentence for the customer."""

from __future__ import annotations

import re

_WRITE = r"(?:write|speak|talk|say\s+something|make\s+(?:the\s+)?(?:customers?|them)\s+aware)"
_TO_WHOM = r"(?:(?:to\s+)?(?:the|our|each|every|all)?\s*(?:customers?|them)\s+)?"
_THAT = re.compile(
    rf"(?i)^(?:tell|inform|remind|mention|say|state|explain|note|point\s+out|stress|emphasi[sz]e)\s+{_TO_WHOM}that\s+(?P<said>.+)$"
)
_TO_DO = re.compile(
    r"(?i)^(?:invite|encourage|ask|advise|convince|persuade|get|urge|motivate|recommend|suggest)\s+"
    r"(?:(?:the|our|each|every|all)\s+)?(?:customers?|them)\s+to\s+(?P<deed>.+)$"
)
_ABOUT = re.compile(
    rf"(?i)^(?:(?:tell|inform|remind)\s+{_TO_WHOM}(?:about|of)|{_WRITE}\s+(?:about|of)|promot(?:e|ing)|mention|offer(?:\s+{_TO_WHOM})?|"
    r"advertise|recommend|suggest|include|describe|present|push|sell|upsell|introduce|highlight|pitch|announce|feature|"
    r"market|show|propose|explain|draw\s+attention\s+to|add)\s+(?P<what>.+)$"
)
_FIRST = re.compile(r"(?i)^(?:please|kindly|gently|briefly|politely|also|always|try\s+to|do)[\s,]+")
_THEM = re.compile(r"(?i)\b(?:(?:the|our|each|every|all)\s+)?customers?\b(?!\s+(?:support|service|care))|\bthem\b")
_THEIR = re.compile(r"(?i)\b(?:the\s+|a\s+)?customers?['\u2019]s?(?=\s)|\btheir\b")


def campaign_sentence(campaign: str) -> str:
    """Return `You may like a plan that saves costs.` for `promote a plan that saves costs`.

    What is no order to a writer is a sentence already.
    """
    said = " ".join(campaign.split()).rstrip(".! ")
    while first := _FIRST.match(said):
        said = said[first.end() :]
    if told := _THAT.match(said):
        turned = _turned(told["said"])
        return f"{turned[:1].upper()}{turned[1:]}."
    if told := _TO_DO.match(said):
        return f"You may like to {_turned(told['deed'])}."
    if told := _ABOUT.match(said):
        what = re.sub(r"(?i)\s+to\s+(?:(?:the|our|all)\s+)?customers?$", "", told["what"])
        return f"You may like {_turned(what)}."
    stated = " ".join(campaign.split())
    return stated if stated.endswith((".", "!", "?")) or not stated else f"{stated}."


def _turned(said: str) -> str:
    return _THEM.sub("you", _THEIR.sub("your", said))
