"""Chooses what of a ticket to tell back, so that a reply can be told from replies to similar tickets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.retelling import retold, without_salutation
from cortex_tickets.local.language.sentences import is_courtesy, sentences_of
from cortex_tickets.local.language.ticket_details import WORTH, Detail, details_of
from cortex_tickets.local.language.words import content_stems

# What would look like markup, a placeholder, an address or somebody's number when told back.
UNFIT = re.compile(r"[<>{}\[\]@*#_`|\\]|https?:|www\.|\d{6,}")
"""A sentence that is not told back."""
_CONSIDERED = 10
_MOST_SENTENCES = 3
_STEM_WORTH = 0.15
_OPENINGS = ("You told", "You asked", "You wrote:")
_REQUEST_WORTH = 1.5
_COURTESY_LOSS = 2.0
_ASKED = re.compile(r"^you (?:asked|wrote to)\b|^you told us that you (?:need|want|wish|would like)\b")
_PLEASED = re.compile(
    r"(?i)\b(?:satisfied|pleased|appreciated?|enjoyed|excellent|great|grateful|happy with|thankful|look forward)\b"
)


@dataclass(frozen=True, slots=True)
class Retelling:
    """A sentence told back, and what of the ticket it holds."""

    text: str
    place: int
    held: frozenset[str]
    worth: float

    @property
    def n_words(self) -> int:
        """Words of the sentence."""
        return count_words(self.text)


def chosen_retellings(ticket: str, *, max_words: int, avoided: Sequence[str]) -> list[str]:
    """Return the sentences that hold most particulars of a ticket within a limit of words, in its order.

    Args:
        ticket: The ticket's text, in English.
        max_words: Words of all sentences together.
        avoided: Sentences that hold one of these strings are not told.
    """
    candidates = _candidates(ticket, avoided=avoided)
    fitting = [candidate for candidate in candidates if candidate.n_words <= max_words]
    fitting = sorted(fitting, key=lambda one: (-one.worth, one.n_words, one.place))[:_CONSIDERED]
    best: tuple[Retelling, ...] = ()
    for size in range(1, _MOST_SENTENCES + 1):
        for group in combinations(fitting, size):
            if len({one.place for one in group}) == size and sum(one.n_words for one in group) <= max_words:
                best = max(best, group, key=_value)
    return _joined([one.text for one in sorted(best, key=lambda one: one.place)])


def _joined(sentences: Sequence[str]) -> list[str]:
    """Say `also` where a sentence begins as one before it did."""
    joined: list[str] = []
    for sentence in sentences:
        opening = " ".join(sentence.split()[:2])
        repeats = any(earlier.startswith(opening) for earlier in sentences[: len(joined)])
        joined.append(sentence.replace("You ", "You also ", 1) if repeats and opening in _OPENINGS else sentence)
    return joined


def _value(group: Sequence[Retelling]) -> tuple[float, int]:
    """Every particular counts once, however often it is told; of equal groups the shorter is better."""
    held: set[str] = set()
    worth = 0.0
    for one in group:
        fresh = one.held - held
        worth += one.worth * len(fresh) / max(1, len(one.held))
        held |= one.held
    return round(worth, 6), -sum(one.n_words for one in group)


def _candidates(ticket: str, *, avoided: Sequence[str]) -> list[Retelling]:
    found = []
    for place, sentence in enumerate(sentences_of(ticket)):
        if is_courtesy(without_salutation(sentence)) or UNFIT.search(sentence):
            continue
        if any(word.lower() in sentence.lower() for word in avoided):
            continue
        details = details_of(sentence)
        if told := retold(sentence):
            found.append(_retelling(told, sentence, place, details))
    return found


def _retelling(told: str, version: str, place: int, details: Sequence[Detail]) -> Retelling:
    held_details = [detail for detail in details if detail.text in version]
    stems = frozenset(content_stems(version))
    worth = sum(WORTH[detail.kind] for detail in held_details) + _STEM_WORTH * len(stems)
    worth += _REQUEST_WORTH * (_ASKED.match(told) is not None) - _COURTESY_LOSS * (_PLEASED.search(told) is not None)
    return Retelling(f"{told[:1].upper()}{told[1:]}.", place, stems | {detail.text for detail in held_details}, worth)
