"""The codes of languages that translation functions take, by the engine's day."""

from __future__ import annotations

import re

# docs.snowflake.com/en/sql-reference/functions/ai_translate, read 2026-11-22
from cortex_tickets.local.language.language_of import CODES

_CODES = frozenset(CODES)
# docs.snowflake.com/en/sql-reference/functions/translate-snowflake-cortex, read 2026-11-22
_LEGACY_CODES = frozenset(["zh", "nl", "en", "fr", "de", "hi", "it", "ja", "ko", "pl", "pt", "ru", "es", "sv"])
_LOCALE = re.compile(r"(?P<language>[a-z]{2})_[A-Z]{2}")

_NAMES = {
    "ar": "Arabic",
    "cs": "Czech",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sv": "Swedish",
    "tr": "Turkish",
    "zh": "Chinese",
}


def language_name(code: str, *, legacy: bool, takes_locales: bool) -> str | None:
    """English name of a code's language; `None` for a code that the function does not take.

    Args:
        code: As the statement has it.
        legacy: Whether the legacy function asks, which knows fewer languages.
        takes_locales: Whether codes such as `de_DE` are taken, as in the guide of August 2024.
    """
    locale = _LOCALE.fullmatch(code) if takes_locales else None
    short = locale["language"] if locale else code
    return _NAMES[short] if short in (_LEGACY_CODES if legacy else _CODES) else None
