"""The languages of AI_TRANSLATE: codes, English names, and the forms in which older guides write them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic",
    "zh": "Chinese",
    "hr": "Croatian",
    "cs": "Czech",
    "nl": "Dutch",
    "en": "English",
    "fi": "Finnish",
    "fr": "French",
    "de": "German",
    "el": "Greek",
    "he": "Hebrew",
    "hi": "Hindi",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "es": "Spanish",
    "sv": "Swedish",
    "tr": "Turkish",
}
"""English names by the two-letter codes that AI_TRANSLATE takes. Anything else it answers with NULL.

docs.snowflake.com/en/sql-reference/functions/ai_translate, read 2026-11-22.
"""
_OWN_NAMES: Mapping[str, str] = {
    "deutsch": "de",
    "fran\u00e7ais": "fr",
    "espa\u00f1ol": "es",
    "italiano": "it",
    "portugu\u00eas": "pt",
    "nederlands": "nl",
    "svenska": "sv",
    "norsk": "no",
    "polski": "pl",
    "suomi": "fi",
    "hrvatski": "hr",
    "rom\u00e2n\u0103": "ro",
    "t\u00fcrk\u00e7e": "tr",
    "\u0440\u0443\u0441\u0441\u043a\u0438\u0439": "ru",
    "\u65e5\u672c\u8a9e": "ja",
    "\u4e2d\u6587": "zh",
    "\ud55c\uad6d\uc5b4": "ko",
}
"""What some languages call themselves: not taken, but known where a name is wrong."""
_SHOWN = 60
"""Characters of a wrong name that a message shows."""
_LOCALE = re.compile(r"([A-Za-z]{2})(?:[_-][A-Za-z0-9]+)*")
_BY_NAME = {name.lower(): code for code, name in LANGUAGES.items()}


def target_code(language: object) -> tuple[str, list[str]]:
    """Return the two-letter code of the language to translate into, and what is wrong with it."""
    return _code(language, "target_language")


def source_code(language: object) -> tuple[str, list[str]]:
    """Return the two-letter code of the text's language, empty for `None`, and what is wrong with it."""
    return ("", []) if language is None else _code(language, "source_language")


def _code(language: object, role: str) -> tuple[str, list[str]]:
    if not isinstance(language, str):
        return "", [f"{role}= is a {type(language).__name__}; give a language such as 'de' or 'German'."]
    given = language.strip()
    code = _BY_NAME.get(given.lower())
    locale = _LOCALE.fullmatch(given)
    if code is None and locale and locale[1].lower() in LANGUAGES:
        code = locale[1].lower()
    return (code, []) if code else ("", [_unknown(language, role)])


def _unknown(language: str, role: str) -> str:
    own = _OWN_NAMES.get(language.strip().lower())
    near = difflib.get_close_matches(language.strip().lower(), _BY_NAME, n=1)
    code = own or (_BY_NAME[near[0]] if near else None)
    meant = f" Did you mean {LANGUAGES[code]}?" if code else ""
    known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
    return f"{role}={language[:_SHOWN]!r} is no language of AI_TRANSLATE.{meant} It has: {known}."
