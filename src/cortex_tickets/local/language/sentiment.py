"""How a text sounds, on the whole and about aspects: VADER for English, a small word list for German and French."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from cortex_tickets.local.language.language_of import language_of
from cortex_tickets.local.language.synonyms import synonyms
from cortex_tickets.local.language.words import content_stems, stem, words_of

Label = Literal["positive", "negative", "neutral", "mixed", "unknown"]

_CLAUSE = re.compile(r"(?<=[.!?;:])\s+|\n+|,\s+(?=but|although|though|however|while|yet|aber|mais)|\s+but\s+")
_FELT = 0.05
"""VADER's own bound between neutral and the rest."""
_STRONG = 0.3
"""A clause this far to one side makes a text mixed when another is as far to the other."""
_SCALE = 15.0
"""VADER's own scale from a sum of words to a number from -1 to 1."""
_WORD_WEIGHT = 2.0
_NEGATION_REACH = 3


@dataclass(frozen=True, slots=True)
class _Words:
    """Words of one language that please, displease and deny."""

    signs: dict[str, int]
    denials: frozenset[str]


def sentiment_score(text: str) -> float:
    """Return how the text sounds, from -1 to 1; 0 also for languages that the engine cannot judge.

    The mean over the clauses that sound like anything: a sum over a long text is near an end of the scale whatever
    stands in it, and what pleases and what displeases would not weigh each other out.
    """
    language = language_of(text)
    felt = [score for clause in _clauses(text) if abs(score := _score(clause, language) or 0.0) >= _FELT]
    return round(sum(felt) / len(felt), 4) if felt else 0.0


def sentiment_labels(text: str, aspects: Sequence[str] = ()) -> list[Label]:
    """Return the overall label, and then one for each aspect; `unknown` for an aspect that is not mentioned.

    An aspect is judged by the clauses that name it or a synonym of it.
    """
    language = language_of(text)
    overall = _score(text, language)
    if overall is None:
        return ["unknown"] * (1 + len(aspects))
    clauses = _clauses(text)
    scores = [_score(clause, language) or 0.0 for clause in clauses] if len(clauses) > 1 else [overall] * len(clauses)
    labels: list[Label] = [_overall(overall, scores)]
    if aspects:
        stems = [set(content_stems(clause)) for clause in clauses]
        labels += [_about(aspect, stems, scores) for aspect in aspects]
    return labels


def _clauses(text: str) -> list[str]:
    return [clause for clause in _CLAUSE.split(text) if clause and clause.strip()]


def _overall(score: float, scores: Sequence[float]) -> Label:
    if scores and max(scores) >= _STRONG and min(scores) <= -_STRONG:
        return "mixed"
    return _label(score)


def _label(score: float) -> Label:
    if score >= _FELT:
        return "positive"
    return "negative" if score <= -_FELT else "neutral"


def _about(aspect: str, stems: Sequence[set[str]], scores: Sequence[float]) -> Label:
    wanted = {stem(word) for word in words_of(aspect)}
    near = wanted | {other[0] for word in wanted for other in synonyms().get((word,), ()) if len(other) == 1}
    labels = {_label(score) for held, score in zip(stems, scores, strict=True) if held & near}
    if not labels:
        return "unknown"
    if {"positive", "negative"} <= labels:
        return "mixed"
    return next(iter(labels - {"neutral"}), "neutral")


def _score(text: str, language: str) -> float | None:
    """Score by the language's words; `None` for a language that is not known."""
    if language == "en":
        return float(_vader().polarity_scores(text)["compound"])
    words = _word_lists().get(language)
    return None if words is None else _word_score(text, words)


def _word_score(text: str, words: _Words) -> float:
    total = 0.0
    denied = 0
    for word in words_of(text):
        sign = words.signs.get(word, 0)
        total += -sign if denied else sign
        denied = _NEGATION_REACH if word in words.denials else max(0, denied - 1)
    weighed = total * _WORD_WEIGHT
    return float(weighed / (weighed * weighed + _SCALE) ** 0.5)


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped] # ships no types  # noqa: PLC0415 - reads its lexicon

    return SentimentIntensityAnalyzer()


@cache
def _word_lists() -> dict[str, _Words]:
    """Read the words of each language."""
    found: dict[str, dict[str, list[str]]] = {}
    text = resources.files(__package__ or "").joinpath("sentiment_words.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            language, sign, *words = line.split()
            found.setdefault(language, {})[sign] = words
    return {
        language: _Words(
            {**dict.fromkeys(signs["+"], 1), **dict.fromkeys(signs["-"], -1)},
            frozenset(signs["!"]),
        )
        for language, signs in found.items()
    }
