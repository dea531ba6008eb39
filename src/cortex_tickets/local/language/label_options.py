"""The closed set of labels that a prompt offers: where it stands and how it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_KIND = r"(?:labels?|categor(?:y|ies)|classes|class|options?|intents?|topics?|types?|choices|tags|values)"
_LIST_LINE = re.compile(rf"(?im)^[^\n:]*\b{_KIND}\b[^\n:]*:[ \t]*(?P<names>[^\n]*\|[^\n]*)$")
_HEADER = re.compile(rf"(?im)^[^\n]*\b{_KIND}\b[^\n]*:[ \t]*$")
_BULLET = re.compile(r"^[ \t]*(?:[-*\u2022]|\d{1,3}[.)])[ \t]+(?P<item>\S.*)$")
_EXAMPLE = re.compile(r"(?i)^[ \t]+(?:[-*\u2022][ \t]+)?(?:examples?|e\.g\.|for example)[ \t]*:?[ \t]*(?P<text>\S.*)$")
_INLINE = re.compile(
    rf"(?is)\b(?:{_KIND}\b[^.\n\[(:]{{0,60}}[:\[(]|(?:classify|categori[sz]e|label|sort)\b[^.\n]{{0,80}}?"
    r"\b(?:into|as|in)\b[^.\n\[(:]{0,40}[:\[(]?)[ \t]*(?P<names>[^.\n\])]+)"
)
_ABSTAIN_RULE = re.compile(
    r"(?im)\b(?:choose|use|answer|return|pick|say|select|reply|give|respond)\b(?: with| only)*[ \t]+"
    r"[\"'`\u201c]?(?P<name>[^\"'`\u201d\n]{1,80}?)[\"'`\u201d]?,?[ \t]+(?:only[ \t]+)?"
    r"(?:where|when|if|unless|in case)\b[^\n]*\b(?:no|none|nothing|not|neither|unsure|any)\b"
)
_ABSTAIN_NAME = re.compile(
    r"(?i)^(?:none(?:[ _-]of[ _-](?:these|the[ _-]above|them))?|others?|unknown|unclear|undecided|unsure|not[ _-]sure"
    r"|abstain|something[ _-]else|miscellaneous|no[ _-]label|not[ _-]applicable|n/?a|uncategori[sz]ed)$"
)
_SEARCHED_LETTERS = 30_000
_LONGEST_NAME = 80
_LONGEST_LINE_NAME = 60


@dataclass(frozen=True, slots=True)
class LabelOption:
    """One label as the prompt shows it."""

    name: str
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelOptions:
    """The labels of a prompt, in order."""

    options: tuple[LabelOption, ...]
    abstain: str | None
    """The name of the option for texts that fit no other, where the prompt offers one."""
    end: int
    """Where the list ends in the prompt: the text under judgement may follow."""


def named_options(names: Sequence[str], instructions: str) -> LabelOptions:
    """Describe labels whose names are known (a schema's enum) by what the instructions say of them."""
    bullets = {option.name.casefold(): option for option in _bulleted(instructions.splitlines(), names)}
    options = tuple(
        LabelOption(name, found.description, found.examples)
        if (found := bullets.get(name.casefold()))
        else LabelOption(name)
        for name in names
    )
    return LabelOptions(options, _abstain(names, instructions), 0)


def offered_options(prompt: str) -> LabelOptions | None:
    """Find the label set that a prompt offers in its own words, or `None`."""
    # A list stands near the beginning; a bound keeps the search short in prompts of any length.
    head = prompt[:_SEARCHED_LETTERS]
    found = _headed_list(head) or _list_line(head) or _inline_list(head)
    if found is None:
        return None
    options, end = found
    names = [option.name for option in options]
    abstain = _abstain(names, prompt)
    if abstain is None:
        abstain = next((rule["name"].strip() for rule in _ABSTAIN_RULE.finditer(prompt, end)), None)
    if abstain is not None and abstain not in names:
        options = [*options, LabelOption(abstain)]
    return LabelOptions(tuple(options), abstain, end)


def _abstain(names: Sequence[str], instructions: str) -> str | None:
    ruled = {rule["name"].strip().casefold() for rule in _ABSTAIN_RULE.finditer(instructions)}
    return next((name for name in names if name.casefold() in ruled or _ABSTAIN_NAME.match(name)), None)


def _headed_list(prompt: str) -> tuple[list[LabelOption], int] | None:
    """Find lines under a heading such as `Labels:`, with bullets or as plain short lines."""
    for header in _HEADER.finditer(prompt):
        lines = prompt[header.end() :].splitlines(keepends=True)
        first = 0
        while first < len(lines) and not lines[first].strip():
            first += 1
        last = first
        is_bulleted = first < len(lines) and _BULLET.match(lines[first].rstrip()) is not None
        while last < len(lines) and _belongs(lines[last].rstrip(), is_bulleted=is_bulleted):
            last += 1
        block = [line.rstrip() for line in lines[first:last]]
        options = _bulleted(block) if is_bulleted else [LabelOption(line.strip()) for line in block]
        if _is_label_set(options):
            return options, header.end() + sum(map(len, lines[:last]))
    return None


def _belongs(line: str, *, is_bulleted: bool) -> bool:
    if not line.strip():
        return False
    if is_bulleted:
        return bool(_BULLET.match(line) or _EXAMPLE.match(line))
    return len(line.strip()) <= _LONGEST_LINE_NAME and not line.rstrip().endswith((".", ":", "?", "!", ">"))


def _bulleted(lines: Sequence[str], known: Sequence[str] = ()) -> list[LabelOption]:
    """Read `- Name: description` lines with the indented `Example:` lines beneath them.

    A known name may itself hold a colon: the longest one that the line begins with is taken.
    """
    options: list[LabelOption] = []
    for line in lines:
        if (example := _EXAMPLE.match(line)) and options:
            last = options[-1]
            options[-1] = LabelOption(last.name, last.description, (*last.examples, example["text"]))
        elif bullet := _BULLET.match(line):
            item = bullet["item"].strip()
            fitting = [name for name in known if item == name or item.startswith((f"{name}: ", f"{name}:"))]
            name = max(fitting, key=len, default=item.partition(": ")[0])
            description = item[len(name) :].removeprefix(":")
            options.append(LabelOption(_bare(name.rstrip(":")), description.strip()))
    return options


def _list_line(prompt: str) -> tuple[list[LabelOption], int] | None:
    """Find a line such as `Labels: a | b | c`."""
    for line in _LIST_LINE.finditer(prompt):
        options = [LabelOption(_bare(name)) for name in line["names"].split("|") if name.strip()]
        if _is_label_set(options):
            return options, line.end()
    return None


def _inline_list(prompt: str) -> tuple[list[LabelOption], int] | None:
    """Find a list inside a sentence: `one of these categories: a, b or c`, `into [a, b, c]`."""
    for found in _INLINE.finditer(prompt):
        names = re.split(r"[,;|]\s*(?:(?:and|or)\s+)?|\s+or\s+", found["names"].strip())
        options = [LabelOption(_bare(name)) for name in names if _bare(name)]
        if _is_label_set(options):
            return options, found.end()
    return None


def _bare(name: str) -> str:
    return name.strip().strip("\"'`*\u201c\u201d\u2018\u2019").strip()


def _is_label_set(options: Sequence[LabelOption]) -> bool:
    names = [option.name for option in options]
    return len(names) > 1 and len(set(names)) == len(names) and all(0 < len(n) <= _LONGEST_NAME for n in names)
