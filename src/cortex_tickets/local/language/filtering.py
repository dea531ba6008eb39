"""Whether a statement holds of a text, as AI_FILTER asks on the embedded engine: by sentiment, language or words."""

from __future__ import annotations

import re

from cortex_tickets.local.language.field_answers import Field, boolean_answer
from cortex_tickets.local.language.language_of import language_of
from cortex_tickets.local.language.prompt_parts import read_parts
from cortex_tickets.local.language.sentiment import sentiment_score
from cortex_tickets.local.language.words import STOP_WORDS, stem, words_of

_PLEASED = frozenset(
    map(
        stem,
        [
            "happy",
            "pleased",
            "satisfied",
            "positive",
            "enjoy",
            "enjoyed",
            "like",
            "liked",
            "love",
            "praise",
            "delighted",
        ],
    )
)
_DISPLEASED = frozenset(
    map(
        stem,
        [
            "unhappy",
            "displeased",
            "dissatisfied",
            "negative",
            "angry",
            "upset",
            "frustrated",
            "annoyed",
            "dislike",
            "hate",
            "complain",
        ],
    )
) | frozenset(map(stem, ("complaint", "disappointed")))
_DENIED = frozenset(("not", "no", "never", "isn't", "doesn't", "don't", "didn't", "wasn't"))
_LANGUAGES = {"english": "en", "german": "de", "french": "fr", "spanish": "es", "italian": "it", "portuguese": "pt"}
_ABOUT = frozenset(
    map(
        stem,
        [
            "statement",
            "sentence",
            "message",
            "ticket",
            "text",
            "review",
            "reviewer",
            "comment",
            "user",
            "author",
            "person",
            "caller",
            "client",
            "mention",
            "say",
            "talk",
            "state",
            "ask",
            "request",
            "describe",
            "indicate",
            "written",
            "language",
            "true",
            "false",
            "is",
            "the",
            "customer",
        ],
    )
)
_FELT = 0.05
_SPLIT = re.compile(r":\s+|\n+|\?\s+")


def holds(statement: str, text: str) -> bool:
    """Return whether the statement holds of the text. False where nothing in the text speaks for it.

    A statement about feelings is judged by sentiment, one about the language by identification, any other
    by its words: at least half of those that carry meaning, or their synonyms, stand in one sentence that
    does not deny them.
    """
    words = words_of(statement)
    stems = {stem(word) for word in words}
    is_denied = any(word in _DENIED for word in words)
    for word in words:
        if word in _LANGUAGES and ("in" in words or "language" in words or "written" in words):
            return (language_of(text) == _LANGUAGES[word]) != is_denied
    feelings = bool(stems & _DISPLEASED) - bool(stems & _PLEASED)
    if feelings:
        score = sentiment_score(text)
        return (score <= -_FELT if feelings > 0 else score >= _FELT) != is_denied
    telling = [word for word in words if stem(word) not in _ABOUT and word not in STOP_WORDS and word not in _DENIED]
    field = Field(name=" ".join(telling), description="", instructions="", size="large")
    return bool(telling) and bool(boolean_answer(field, text).value) != is_denied


def parted(question: str) -> tuple[str, str]:
    """Return the statement and the text of a question that holds both; the text is empty where there is none."""
    parts = read_parts(question)
    if parts.before.strip() and parts.text.strip():
        return parts.instructions, parts.text
    pieces = _SPLIT.split(question, maxsplit=1)
    return (pieces[0], pieces[1]) if len(pieces) > 1 else (question, "")
