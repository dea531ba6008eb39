"""Which words and phrases mean nearly the same: general English, read from a data file."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib import resources

from cortex_tickets.local.language.words import content_stems, stem, words_of

Term = tuple[str, ...]
"""One stem, or the stems of a phrase of two or three words."""


@cache
def synonyms() -> dict[Term, frozenset[Term]]:
    """Return for each term of the data file the other terms of its groups."""
    near: defaultdict[Term, set[Term]] = defaultdict(set)
    text = resources.files(__package__ or "").joinpath("synonyms.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            group = {term for entry in line.split(",") for term in _terms(entry)}
            for term in group:
                near[term] |= group - {term}
    return {term: frozenset(others) for term, others in near.items()}


def _terms(entry: str) -> list[Term]:
    """Return a word's stem; of a phrase the form as written and the form without its stop words."""
    as_written = tuple(stem(word) for word in words_of(entry))
    content = tuple(content_stems(entry))
    # A phrase that keeps one word of two ("get here") would make that word stand for the phrase.
    return [as_written] if len(content) < len(as_written) else [as_written, content]
