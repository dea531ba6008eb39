"""Answers one property of a schema from a text: what its name and description ask for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cortex_tickets.local.language.classification import best_labels, label_scores
from cortex_tickets.local.language.date_values import asked_date_form, iso_date_in
from cortex_tickets.local.language.label_matching import Size
from cortex_tickets.local.language.label_options import named_options
from cortex_tickets.local.language.sentences import (
    central_sentences,
    cut,
    is_courtesy,
    spoken_sentences,
)
from cortex_tickets.local.language.sentiment import sentiment_score
from cortex_tickets.local.language.synonyms import synonyms
from cortex_tickets.local.language.value_patterns import number_for, numbers_in, person_in, product_in, value_for
from cortex_tickets.local.language.word_limits import strictest_limit
from cortex_tickets.local.language.words import STOP_WORDS, stem, words_of

_CAMEL_BREAK = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_-]+")
_SUMMARY_STEMS = frozenset(
    map(stem, ("summary", "overview", "answer", "response", "result", "text", "content", "output", "description"))
)
_TITLE_STEMS = frozenset(map(stem, ("title", "subject", "headline", "topic")))
_LIGHT_STEMS = frozenset(map(stem, ("want", "need", "request", "ask", "mention", "contain", "include", "require")))
"""What a name such as `wants_refund` asks about is the refund."""
_MIDDLE = ("neutral", "medium", "normal", "unknown", "moderate")
_NEGATED = re.compile(r"(?i)\b(?:not|no|never|without|\w+n['\u2019]t)\b")
_SUMMARY_TOKENS = 256
_TITLE_WORD_COUNT = 10
_MOST_ITEMS = 3
_ALSO_FITS = 0.6
_SYNONYM_STRENGTH = 0.5
_LESSER_VOICE = 0.5


@dataclass(frozen=True, slots=True)
class Answer:
    """A value for one text, and whether anything in the text spoke for it."""

    value: Any
    is_found: bool = True


@dataclass(frozen=True)
class Field:
    """A question: a property's name and description, and what else the prompt says."""

    name: str
    description: str
    instructions: str
    size: Size

    @cached_property
    def name_words(self) -> list[str]:
        """The lower-case words of the name."""
        return words_of(_CAMEL_BREAK.sub(" ", self.name))

    @cached_property
    def strengths(self) -> dict[str, float]:
        """How strongly a stem in a sentence speaks for this field."""
        named = [stem(word) for word in self.name_words if word not in STOP_WORDS]
        described = [stem(word) for word in words_of(self.description) if word not in STOP_WORDS]
        strengths = dict.fromkeys(described, 0.5) | dict.fromkeys(named, 1.0)
        if self.size == "large":
            for word in named:
                for other in synonyms().get((word,), ()):
                    if len(other) == 1:
                        strengths.setdefault(other[0], _SYNONYM_STRENGTH)
        return strengths

    @property
    def most_words(self) -> int | None:
        """The word limit that the description, or else the prompt, states."""
        return strictest_limit(self.description, self.instructions)


def enum_answers(field: Field, values: Sequence[Any], texts: Sequence[str]) -> list[Answer]:
    """Choose one of the values for each text, as labels are chosen."""
    names = [value if isinstance(value, str) else _as_words(value) for value in values]
    offered = named_options(names, f"{field.instructions}\n{field.description}")
    scores = label_scores(texts, offered, field.size)
    best = best_labels(scores, offered)
    found = scores.max(axis=1) > 0
    if offered.abstain is None:
        lowered = [name.lower() for name in names]
        middle = next((lowered.index(name) for name in _MIDDLE if name in lowered), None)
        if middle is not None:
            best = [at if is_found else middle for at, is_found in zip(best, found, strict=True)]
    return [Answer(values[at], bool(is_found)) for at, is_found in zip(best, found, strict=True)]


def enum_list_answers(field: Field, values: Sequence[Any], texts: Sequence[str]) -> list[Answer]:
    """Choose every value that fits a text nearly as well as the best one."""
    names = [value if isinstance(value, str) else _as_words(value) for value in values]
    scores = label_scores(texts, named_options(names, f"{field.instructions}\n{field.description}"), field.size)
    chosen = (scores > 0) & (scores >= _ALSO_FITS * scores.max(axis=1, keepdims=True))
    return [
        Answer([value for value, is_chosen in zip(values, row, strict=True) if is_chosen], bool(row.any()))
        for row in chosen
    ]


def string_answer(field: Field, text: str) -> Answer:
    """Read the value off the text by its form, or give the sentence that speaks most of the field."""
    if (form := asked_date_form(field.description)) is not None:
        told = iso_date_in(text, form)
        return Answer(told or "", told is not None)
    stems = {stem(word) for word in field.name_words}
    if stems & _SUMMARY_STEMS or not stems:
        return Answer(
            central_sentences(text, max_tokens=_SUMMARY_TOKENS, max_words=field.most_words), bool(text.strip())
        )
    if stems & _TITLE_STEMS:
        first = central_sentences(text, max_tokens=_SUMMARY_TOKENS, at_most=1)
        return Answer(cut(first, _SUMMARY_TOKENS, _TITLE_WORD_COUNT).rstrip(".,;:"), bool(first))
    formed = value_for(field.name_words, text)
    if formed is None and "product" in field.name_words:
        formed = product_in(text)
    elif formed is None and "name" in field.name_words:
        formed = person_in(text)
    if formed is not None:
        return Answer(formed)
    best = _best_sentences(field, text)
    return Answer(cut(best[0], _SUMMARY_TOKENS, field.most_words)) if best else Answer("", is_found=False)


def string_list_answer(field: Field, text: str) -> Answer:
    """Give the sentences that speak most of the field."""
    best = _best_sentences(field, text)[:_MOST_ITEMS]
    return Answer(best, bool(best))


def number_answer(field: Field, text: str, *, is_integer: bool) -> Answer:
    """Give the number in the sentence that speaks most of the field, else the first number, else 0."""
    if not is_integer and _asks_for_sentiment(field):
        return Answer(sentiment_score(text))
    formed = number_for(field.name_words, text)
    if formed is not None and (not is_integer or formed.is_integer()):
        return Answer(int(formed) if is_integer else formed)
    for sentence in (*_best_sentences(field, text), text):
        for number in numbers_in(sentence):
            if not is_integer:
                return Answer(number)
            if number.is_integer():
                return Answer(int(number))
    return Answer(0, is_found=False)


def _asks_for_sentiment(field: Field) -> bool:
    """Tell whether a number is asked for that says how the text sounds, from -1 to 1."""
    asked = f"{field.description} {field.instructions}"
    return bool({"score", "sentiment", "polarity"} & set(field.name_words)) and (
        "sentiment" in words_of(f"{field.name} {asked}") and "-1" in asked
    )


def number_list_answer(text: str, *, is_integer: bool, most: int | None = None) -> Answer:
    """Give all numbers of the text, or the first ones."""
    numbers = [number for number in numbers_in(text) if not is_integer or number.is_integer()][:most]
    return Answer([int(number) if is_integer else number for number in numbers], bool(numbers))


def boolean_answer(field: Field, text: str) -> Answer:
    """Say true when a sentence speaks of what the name says, and does not deny it."""
    named = {stem(word) for word in field.name_words if word not in STOP_WORDS}
    wanted = named - _LIGHT_STEMS or named
    for sentence in _best_sentences(field, text):
        held = {stem(word) for word in words_of(sentence)}
        near = {other[0] for word in wanted for other in synonyms().get((word,), ()) if len(other) == 1}
        hits = sum(1 for word in wanted if word in held) + 0.5 * bool(near & held) * (field.size == "large")
        if wanted and hits * 2 >= len(wanted):
            return Answer(_NEGATED.search(sentence) is None)
    return Answer(value=False, is_found=False)


def _best_sentences(field: Field, text: str) -> list[str]:
    """Return the sentences that speak of the field, those that say most of it first."""
    ranked = []
    for place, (said, is_staff) in enumerate(spoken_sentences(text)):
        held = {stem(word) for word in words_of(said)}
        score = sum(field.strengths.get(word, 0.0) for word in held)
        # What a ticket is about is said by the customer, and not in a greeting or a question.
        score *= _LESSER_VOICE if is_staff or said.endswith("?") or is_courtesy(said) else 1.0
        if score > 0:
            ranked.append((-score, place, said))
    return [said for _, _, said in sorted(ranked)]


def _as_words(value: object) -> str:
    """Write a value that is no string in words that may stand in a text."""
    if isinstance(value, bool):
        return "yes true" if value else "no false"
    return str(value)
