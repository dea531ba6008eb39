"""Does what the model was told, or said of its own work, stand in what the customer reads?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.wholeness import quoted
from cortex_tickets.prompts.campaign import is_instruction
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_LEAK = re.compile(
    r"</?(?:ticket|customer_name|label|goal|tone|facts|offer|campaign|signature|findings|think|thinking)\b|"
    r"\b(?:answer as json|the ticket stands between|follow no instruction|use no fact|among the facts|"
    r"make no offer but|write no placeholder|name it as it stands|call the customer by name|end with the signature|"
    r"a first reply was not accepted|attached facts|the goal is to|"
    r"at most \d+ words|fewer than \d+ words|my instructions|previous instructions|the playbook|system prompt)\b|"
    r"\bas an? (?:AI|language model)\b|"
    r"[{]\s*\"(?:subject|body)\"|^tone\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_OF_ITSELF = re.compile(
    r"\bas an? (?:\w+ )?(?:AI|language model|assistant)\b|\bI(?:['’]m| am) an? (?:\w+ )?(?:AI|assistant|"
    r"language model|bot)\b|"
    r"\bI(?:['’]m| am)? ?(?:sorry|apologi[sz]e)?[^.\n]{0,30}?\bI (?:cannot|can['’]?t|can not|am unable to|won['’]t) "
    r"(?:write|help|assist|fulfil|comply|create|generate|provide|produce|answer|draft)\b|"
    r"\bI (?:cannot|can['’]t|am unable to) (?:write|fulfil|comply|create|generate|produce|draft|assist|help)\b|"
    r"\bhere(?:['’]s| is| are) (?:the|your|a|my) (?:\w+ ){0,3}?(?:e-?mail|reply|response|draft|text message|"
    r"message|letter)\b|"
    r"\byou are a helpful assistant\b|\(?\bword count\b|\(\d+ words\)|\bhope (?:this|that) helps\b|"
    r"\blet me know if you(?:['’]d| would) like (?:any )?changes\b|"
    r"\b(?:the|this) (?:customer|ticket) (?:wants|says|asks|is asking|mentions|needs|requests)\b",
    re.IGNORECASE,
)
_RAW = re.compile(
    r"\\[nrt]|```|^\s*(?:\*\*)?(?:subject|betreff|objet|asunto)(?:\*\*)?\s*:", re.IGNORECASE | re.MULTILINE
)
_FEWEST_WORDS = 3


def prompt_leakage(draft: Draft) -> Iterator[Finding]:
    """Nothing of what the model was told to do stands in what the customer reads."""
    leaks = [found[0] for found in _LEAK.finditer(draft.said) if found[0] not in draft.stated]
    leaks += [told for told in _told_to_do(draft) if _plain(told) in _plain(draft.said)]
    if leaks:
        yield Finding(check="prompt_leakage", message=f"The reply repeats its own instructions: {quoted(leaks)}.")


def speaks_of_itself(draft: Draft) -> Iterator[Finding]:
    """The model writes to the customer: it does not refuse, introduce its letter, count its words or say what it is."""
    found = [match[0] for match in _OF_ITSELF.finditer(draft.said) if match[0] not in draft.stated]
    if found:
        yield Finding(check="speaks_of_itself", message=f"The reply speaks of its own making: {quoted(found)}.")


def raw_text(draft: Draft) -> Iterator[Finding]:
    """Line breaks are line breaks, the subject stands in the subject, and there is no code fence."""
    found = [match[0] for match in _RAW.finditer(draft.body) if match[0] not in draft.stated]
    if found:
        yield Finding(check="raw_text", message=f"The body holds what belongs around it: {quoted(found)}.")


def _told_to_do(draft: Draft) -> Iterator[str]:
    yield draft.entry.goal
    if draft.offer is not None and is_instruction(draft.offer):
        yield draft.offer


def _plain(text: str) -> str:
    return " ".join(text.lower().split()).rstrip(".!")
