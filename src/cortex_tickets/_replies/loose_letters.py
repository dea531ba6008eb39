"""Reads a letter out of an answer that is not the JSON that was asked for; SQL has read what it could before."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

_THOUGHT = re.compile(r"(?is)<(think|thinking|reasoning)>.*?(?:</\1>|\Z)")
_FENCE = re.compile(r"(?s)```[a-z]*\s*(.*?)(?:```|\Z)", re.IGNORECASE)
_SUBJECT_LINE = re.compile(
    r"(?i)\A\s*(?:\*\*|#+\s*)?(?:subject|betreff|objet|asunto|oggetto)(?:\s+line)?(?:\*\*)?\s*:\s*(?:\*\*)?(?P<subject>[^\n]*?)"
    r"(?:\*\*)?\s*\n+(?P<body>.+)\Z",
    re.DOTALL,
)
_PREAMBLE = re.compile(
    r"(?i)\A\s*(?:sure|certainly|of course|absolutely|okay|ok)?[,.!]?\s*here(?:['’]s|"
    r" is)\b[^\n]{0,80}:\s*\n+(?P<rest>.+)\Z",
    re.DOTALL,
)
_BODY_KEYS = ("body", "message", "text", "content", "reply", "email_body", "sms", "text_message")
_SUBJECT_KEYS = ("subject", "title", "subject_line", "email_subject")
_DEEPEST = 4
_LONGEST = 50_000
"""No letter is longer; what is, is not searched."""


def letter_in(answer: str) -> tuple[str | None, str] | None:
    """Return subject and body of the letter that an answer holds, or `None` where it holds none.

    Understood are JSON in a code fence, after thoughts between tags or inside a sentence, as a list, in another object
    or as a text of its own, with keys written otherwise, with single quotation marks or bare line breaks; and a letter
    as plain text with or without its subject line.
    """
    text = _THOUGHT.sub("", answer[:_LONGEST]).strip()
    for value in _values(text):
        letter = _of_value(value, 0)
        if letter is not None:
            return letter
    if _is_json_like(text):
        return None
    fenced = _FENCE.search(text)
    plain = fenced[1] if fenced and fenced[1].strip() else text
    if preamble := _PREAMBLE.match(plain):
        plain = preamble["rest"]
    if found := _SUBJECT_LINE.match(plain):
        return found["subject"].strip() or None, found["body"].strip()
    return (None, plain.strip()) if plain.strip() else None


def _is_json_like(text: str) -> bool:
    """Tell whether a text is an object, whole or cut off: without a body it is no letter."""
    start = _FENCE.sub(r"\1", text).lstrip()
    return start.startswith(("{", "[", '"'))


def _values(text: str) -> Iterator[Any]:
    for piece in (*(found[1] for found in _FENCE.finditer(text)), text):
        yield from _parsed(piece.strip())
        for start in (at for at, sign in enumerate(piece) if sign in "{["):
            value = _first_value(piece[start:])
            if value is not None:
                yield value
                break
        outer = piece[piece.find("{") : piece.rfind("}") + 1]
        if outer:
            yield from _parsed(outer)


def _parsed(piece: str) -> Iterator[Any]:
    if not piece.startswith(("{", "[", '"')):
        return
    with suppress(ValueError, RecursionError):
        # Bare line breaks inside a text are read as such.
        yield json.loads(piece, strict=False)
    if piece.startswith(("{'", "[{'")):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            yield ast.literal_eval(piece)


def _first_value(piece: str) -> Any:
    try:
        return json.JSONDecoder(strict=False).raw_decode(piece)[0]
    except (ValueError, RecursionError):
        return None


def _of_value(value: Any, depth: int) -> tuple[str | None, str] | None:
    if depth > _DEEPEST:
        return None
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        return next((letter for inner in _parsed(value.strip()) if (letter := _of_value(inner, depth + 1))), None)
    if isinstance(value, list):
        return next((letter for inner in value if (letter := _of_value(inner, depth + 1))), None)
    if not isinstance(value, Mapping):
        return None
    keys = {re.sub(r"[\s-]+", "_", str(key).strip().lower()): said for key, said in value.items()}
    body = next((_said(keys[key]) for key in _BODY_KEYS if _said(keys.get(key))), None)
    if body:
        subject = next((_said(keys[key]) for key in _SUBJECT_KEYS if _said(keys.get(key))), None)
        return subject, body
    return next((letter for inner in value.values() if (letter := _of_value(inner, depth + 1))), None)


def _said(value: Any) -> str | None:
    """Return what a property says: its text, or the paragraphs of its list."""
    if isinstance(value, str):
        return None if value.lstrip().startswith("{") else value.strip() or None
    if isinstance(value, list) and value and all(isinstance(part, str) for part in value):
        return "\n\n".join(part.strip() for part in value).strip() or None
    return None
