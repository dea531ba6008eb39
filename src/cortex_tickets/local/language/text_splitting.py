"""Long texts in parts of a limited length, split where their form allows it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PLAIN_SEPARATORS = ("\n\n", "\n", " ", "")
"""Paragraphs, lines, words, and between any two characters."""

_MARKDOWN = (r"\n#{1,6} ", r"```\n", r"\n\*\*\*+\n", r"\n---+\n", r"\n___+\n")
"""Where Markdown's own parts begin, as regular expressions: headers, blocks of code, rules."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a Markdown text.

    Attributes:
        text: What stands under the headers, without them.
        headers: Text of each header that it stands under, by the name given to that level.
    """

    text: str
    headers: Mapping[str, str]


def split_text(
    text: str,
    *,
    size: int,
    overlap: int = 0,
    separators: Sequence[str] = PLAIN_SEPARATORS,
    is_markdown: bool = False,
) -> list[str]:
    """The text in parts of at most `size` characters, where the separators allow that.

    It is split at the first separator that occurs; parts that are still too long are split at the next ones, and
    neighbours that fit together are one part. A separator stays with what follows it, and white space around a part
    is dropped.

    Args:
        text: The text.
        size: The most characters of a part.
        overlap: How many characters, at most, a part repeats of the one before it.
        separators: In the order in which they are tried; the empty one splits anywhere.
        is_markdown: Whether Markdown's own parts are tried before.
    """
    patterns = [re.escape(separator) for separator in separators]
    return _split(text, [*_MARKDOWN, *patterns] if is_markdown else patterns, size, overlap)


def sections(text: str, headers: Mapping[str, str]) -> list[Section]:
    """The parts of a Markdown text between the given headers; those in blocks of code are none.

    Args:
        text: The text.
        headers: Name of each level, by its sign: `{"#": "title"}`.
    """
    found: list[Section] = []
    under: dict[int, tuple[str, str]] = {}
    lines: list[str] = []
    is_code = False

    def end() -> None:
        if part := "\n".join(lines).strip():
            found.append(Section(part, {name: said for _, (name, said) in sorted(under.items())}))
        lines.clear()

    for line in text.splitlines():
        sign, _, said = line.strip().partition(" ")
        is_code ^= sign.startswith("```")
        if is_code or sign not in headers:
            lines.append(line)
            continue
        end()
        under = {level: header for level, header in under.items() if level < len(sign)}
        under[len(sign)] = (headers[sign], said.strip())
    end()
    return found


def _split(text: str, patterns: Sequence[str], size: int, overlap: int) -> list[str]:
    place = next((n for n, pattern in enumerate(patterns) if not pattern or re.search(pattern, text)), len(patterns))
    rest = patterns[place + 1 :]
    parts: list[str] = []
    short: list[str] = []
    for piece in _pieces(text, patterns[place] if place < len(patterns) else None):
        if len(piece) < size:
            short.append(piece)
            continue
        parts += _joined(short, size, overlap)
        short = []
        parts += _split(piece, rest, size, overlap) if rest else _joined([piece], size, overlap)
    return parts + _joined(short, size, overlap)


def _pieces(text: str, pattern: str | None) -> list[str]:
    """The text cut before each separator."""
    if pattern is None:
        return [text]
    if not pattern:
        return list(text)
    starts = [0, *(found.start() for found in re.finditer(pattern, text))]
    return [piece for start, end in zip(starts, [*starts[1:], len(text)], strict=True) if (piece := text[start:end])]


def _joined(pieces: Sequence[str], size: int, overlap: int) -> list[str]:
    """Neighbours together, as long as they fit; the end of one part begins the next, as far as the overlap allows."""
    parts: list[str] = []
    current: list[str] = []
    length = 0
    for piece in pieces:
        if current and length + len(piece) > size:
            parts.append("".join(current).strip())
            while current and (length > overlap or length + len(piece) > size):
                length -= len(current.pop(0))
        current.append(piece)
        length += len(piece)
    parts.append("".join(current).strip())
    return [part for part in parts if part]
