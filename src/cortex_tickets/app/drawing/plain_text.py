"""Untrusted words where Streamlit reads Markdown: shown as they are, never as markup."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&\"'])")
# What Streamlit looks for in words after their escapes were read: addresses, which it makes links, then arrows and
# other signs, and names of icons and of emoji.
_FOUND_LATER = re.compile(
    r"(?<=http)(?=:)|(?<=https)(?=:)|(?<=www)(?=\.)|(?=@)"
    r"|(?<=-)(?=[->])|(?<=[<>~])(?=[-=])"
    r"|(?<=:)(?=material/|100:|1234:|[\w+-]*[a-z+-][\w+-]*:)",
    re.IGNORECASE,
)
_BREAK = ":small[]"
"""A part without words: what stands around it is looked at by itself, and is copied as if it were not there."""
SHOWN = 4_000
"""Characters of a text that a page shows, at most."""


def escaped(text: str) -> str:
    """Return the text so that Markdown shows each of its characters, on one line.

    A badge of Streamlit's would show some of the escapes: `parts.badge` does not.
    """
    parts = _FOUND_LATER.split(" ".join(text.split()))
    return _BREAK.join(_MARKUP.sub(r"\\\1", part) for part in parts)


def escaped_lines(text: str) -> str:
    """Return the text so that Markdown shows each of its characters, its lines as paragraphs."""
    return "\n\n".join(escaped(line) for line in text.splitlines() if line.strip())


def shortened(text: str, most: int = SHOWN) -> str:
    """Return the text, or its beginning and how long it is."""
    return text if len(text) <= most else f"{text[:most]}… (the first {most:,} of {len(text):,} characters)"


def on_one_line(text: str, most: int) -> str:
    """Return the beginning of a text on one line."""
    line = " ".join(text[: most * 2].split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
