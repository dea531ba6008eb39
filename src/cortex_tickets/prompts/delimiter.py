"""How untrusted text is put into a prompt: between tags that it cannot close."""

from __future__ import annotations

import re

_NOT_SENDABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return the text without NUL and lone surrogates, which no statement can carry."""
    return _NOT_SENDABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def inert(text: str) -> str:
    """Return the text with every `<` written as `&lt;`, so that it can neither close nor open a tag."""
    return text.replace("<", "&lt;")
