"""Parts a prompt into what is asked and the text that it is asked about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets.local.language.label_options import offered_options

_TAG_NAMES = (
    "ticket|text|request|transcript|message|document|email|review|conversation|comment|question|input|content|feedback"
)
_LINE_TAG = re.compile(rf"(?im)^[ \t]*<(?P<tag>{_TAG_NAMES})>")
_ANY_TAG = re.compile(rf"(?i)<(?P<tag>{_TAG_NAMES})>")
_SIGN = re.compile(rf"(?i)</?(?:{_TAG_NAMES})>|\[/?INST\]")
_MARKER = re.compile(
    rf"(?im)(?:^[ \t]*|(?<=[.:!?][ \n])|\bhere is )(?:(?:the|this|support|customer|user|following)[ \t]+)*"
    rf"(?:{_TAG_NAMES})[ \t]*:[ \t]*\n?"
)
_ANSWER_RULE = re.compile(
    r"(?i)\b(?:return|respond|answer|reply|output|give|print)\b[^.\n]*\b(?:only|just|exactly|alone|json|format)\b"
    r"|\bonly (?:return|respond|answer|output|include)\b|\b(?:no other words|no explanations?|do not explain)\b"
    r"|^(?:label|category|answer|output|response|summary)[ \t]*:?$"
)
_ORDER = re.compile(
    r"(?i)^(?:please\s+|now\s+)?(?:you(?:'re| are)\b|your (?:task|job|role|goal)\b|act as\b|"
    r"(?:summari[sz]e|classify|categori[sz]e|label|extract|translate|identify|determine|decide|detect|analy[sz]e|"
    r"write|draft|compose|put|list|return|respond|output|provide|give|try|read|rate|choose|select|assign|rewrite|"
    r"describe|explain|convert|format|fill|generate|create|predict|tell|what|which|is|does|use|include|limit|keep)\b)"
)
_ABOUT_TEXT = re.compile(
    rf"(?i)\b(?:{_TAG_NAMES}|summary|tickets|calls?|passage|paragraph|article|words?|sentences?|json|labels?|"
    r"category|categories|agent|assistant|below|following|customer service)\b"
)
_UNIT = re.compile(r"[^\n]*?[.!?:](?=\s|$)|[^\n]+")


@dataclass(frozen=True, slots=True)
class PromptParts:
    """A prompt is `before`, the text, `after`; what is asked stands in the first and the last."""

    before: str
    text: str
    after: str

    @property
    def instructions(self) -> str:
        """All that is not the text."""
        return f"{self.before}\n{self.after}" if self.after.strip() else self.before


class PromptReader:
    """Parts prompts, quickly where one has the frame of the one before it."""

    def __init__(self) -> None:
        self._last: PromptParts | None = None

    def read(self, prompt: str) -> PromptParts:
        """Return the parts of a prompt: what `read_parts` returns, whatever was read before."""
        last = self._last
        if (
            last is not None
            and len(prompt) >= len(last.before) + len(last.after)
            and prompt.startswith(last.before)
            and prompt.endswith(last.after)
        ):
            text = prompt[len(last.before) : len(prompt) - len(last.after)]
            if not _may_hold_sign(text):
                return PromptParts(last.before, text, last.after)
        parts = read_parts(prompt)
        # Tags fix where the text stands, whatever it says; after mere instructions the text itself decides.
        self._last = parts if parts.after.startswith("</") else None
        return parts


def read_parts(prompt: str) -> PromptParts:
    """Find the text under judgement: between tags, else after a marker, else after the instructions."""
    return _tagged(prompt) or _untagged(prompt)


def _may_hold_sign(text: str) -> bool:
    return ("<" in text or "[" in text) and _SIGN.search(text) is not None


def _tagged(prompt: str) -> PromptParts | None:
    openings = list(_LINE_TAG.finditer(prompt)) or list(_ANY_TAG.finditer(prompt))
    for opening in reversed(openings):
        start = opening.end()
        # The last closing tag: a text that was not made inert may hold one of its own.
        closings = [found.start() for found in re.finditer(rf"(?ia)</{opening['tag']}>", prompt)]
        if closings and closings[-1] >= start:
            end = closings[-1]
            return PromptParts(prompt[:start], prompt[start:end], prompt[end:])
    return None


def _untagged(prompt: str) -> PromptParts:
    opening, closing = prompt.find("[INST]"), prompt.rfind("[/INST]")
    first = opening + len("[INST]") if opening >= 0 else 0
    last = closing if closing >= first else len(prompt)
    start = first + _text_start(prompt[first:last])
    end = start + len(prompt[start:last]) if closing >= first else start + _text_end(prompt[start:last])
    if not prompt[start:end].strip():
        return PromptParts(prompt[:first], prompt[first:last], prompt[last:])
    return PromptParts(prompt[:start], prompt[start:end], prompt[end:])


def _text_start(body: str) -> int:
    offered = offered_options(body)
    after_list = offered.end if offered else 0
    marker = _MARKER.search(body, after_list)
    if marker and (offered or marker.start() == 0 or _all_orders(body[: marker.start()])):
        return marker.end()
    at = after_list
    for unit in _UNIT.finditer(body, after_list):
        words = unit.group().strip().strip("#").strip()
        if words and not _is_order(words):
            return unit.start() + (len(unit.group()) - len(unit.group().lstrip("# \t")))
        at = unit.end()
    return at


def _all_orders(head: str) -> bool:
    return all(_is_order(unit.group().strip("# \t")) for unit in _UNIT.finditer(head) if unit.group().strip("# \t"))


def _is_order(words: str) -> bool:
    return bool(_ANSWER_RULE.search(words) or (_ORDER.match(words) and _ABOUT_TEXT.search(words)))


def _text_end(text: str) -> int:
    """Leave out what is asked in the last lines, after the text."""
    end = len(text.rstrip())
    while (line_start := text.rfind("\n", 0, end)) >= 0 and _ANSWER_RULE.search(text[line_start:end].strip()):
        end = len(text[:line_start].rstrip())
    return end if end < len(text.rstrip()) else len(text)
