"""Which language a text is in: py3langid, whose model lies in its package, and a rule for a few words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock
from typing import Any

_FEWEST_LETTERS = 24
"""What is shorter is too short to tell: English, when it is all ASCII."""
_LONGEST_READ = 600
"""The beginning tells as much as the whole."""
_LOCK = Lock()

CODES = (
    *("ar", "zh", "hr", "cs", "nl", "en", "fi", "fr", "de", "el", "he", "hi"),
    *("it", "ja", "ko", "no", "pl", "pt", "ro", "ru", "es", "sv", "tr"),
)
"""The languages that Snowflake's language functions take."""


def language_of(text: str) -> str:
    """Return the two-letter code of the text's language, `en` where nothing can be told."""
    letters = text[:_LONGEST_READ]
    if sum(map(str.isalpha, letters)) < _FEWEST_LETTERS and letters.isascii():
        return "en"
    with _LOCK:
        return str(_identifier().classify(letters)[0])


def languages_of(texts: Sequence[str]) -> list[str]:
    """Return the code of each text's language, in order."""
    return [language_of(text) for text in texts]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped] # ships no types  # noqa: PLC0415 - reads its model

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(CODES))
    return identifier
