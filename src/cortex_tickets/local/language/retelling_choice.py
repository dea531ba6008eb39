"""Chooses what of a ticket to tell back, so that a reply can be told from replies to similar tickets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, islice

from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.retelling import retold
from cortex_tickets.local.language.sentences import is_courtesy, sentences_of
from cortex_tickets.local.language.ticket_details import WORTH, Detail, details_of
from cortex_tickets.local.language.words import content_stems

_CLAUSE_END = re.compile(
    r",? (?:and|but|which|because|as i|so|that were|labell?ed|can you|could you)\b|[,;:](?=\s)"
    r"| on my \w+(?: \w+)?(?=[ .]|$)|\.$"
)
# What would look like markup, a placeholder, an address or somebody's number when told back.
_UNFIT = re.compile(r"[<>{}\[\]@*#_`|\\]|https?:|www\.|\d{6,}")
_CONSIDERED = 10
_MOST_SENTENCES = 3
_MOST_CLAUSES = 20
"""A sentence of more clauses is no sentence, and each is one more way to cut it."""
_STEM_WORTH = 0.15
_LISTED_KINDS = ("amount", "place", "duration", "date", "percent", "number")
_OPENINGS = ("You told", "You asked", "You wrote:")
_TELLING = "you told us that "


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


def chosen_retellings(ticket: str, *, max_words: int, is_brief: bool, avoided: Sequence[str]) -> list[str]:
    """Return the sentences that hold most particulars of a ticket within a limit of words, in its order.

    Args:
        ticket: The ticket's text, in English.
        max_words: Words of all sentences together.
        is_brief: One sentence at most, cut to a clause where that helps, without `you told us that`.
        avoided: Sentences that hold one of these strings are not told.
    """
    candidates = _candidates(ticket, is_brief=is_brief, avoided=avoided)
    fitting = [candidate for candidate in candidates if candidate.n_words <= max_words]
    fitting = sorted(fitting, key=lambda one: (-one.worth, one.n_words, one.place))[:_CONSIDERED]
    most = 1 if is_brief else _MOST_SENTENCES
    best: tuple[Retelling, ...] = ()
    for size in range(1, most + 1):
        for group in combinations(fitting, size):
            if len({one.place for one in group}) == size and sum(one.n_words for one in group) <= max_words:
                best = max(best, group, key=_value)
    return _joined([one.text for one in sorted(best, key=lambda one: one.place)])


def detail_list(ticket: str, *, max_words: int, avoided: Sequence[str]) -> tuple[str, float]:
    """Return as many particulars of a ticket as fit, parted by commas, and what they are worth."""
    kept: list[str] = []
    worth = 0.0
    details = [detail for detail in details_of(ticket) if detail.kind in _LISTED_KINDS]
    for detail in sorted(details, key=lambda detail: (-WORTH[detail.kind], detail.start)):
        unfit = _UNFIT.search(detail.text) or any(word.lower() in detail.text.lower() for word in avoided)
        if not unfit and count_words(", ".join([*kept, detail.text])) <= max_words:
            kept.append(detail.text)
            worth += WORTH[detail.kind]
    return ", ".join(kept), worth


def retelling_worth(told: str) -> float:
    """Return what a sentence told back is worth, on the scale of `detail_list`."""
    return sum(WORTH[detail.kind] for detail in details_of(told)) + _STEM_WORTH * len(set(content_stems(told)))


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


def _candidates(ticket: str, *, is_brief: bool, avoided: Sequence[str]) -> list[Retelling]:
    found = []
    for place, sentence in enumerate(sentences_of(ticket)):
        if is_courtesy(sentence) or _UNFIT.search(sentence):
            continue
        if any(word.lower() in sentence.lower() for word in avoided):
            continue
        details = details_of(sentence)
        for version in _versions(sentence) if is_brief else [sentence]:
            told = retold(version)
            if told:
                found.append(_retelling(told.removeprefix(_TELLING) if is_brief else told, version, place, details))
    return found


def _versions(sentence: str) -> list[str]:
    """Return a sentence whole and cut at the ends of its clauses."""
    ends = [found.start() for found in islice(_CLAUSE_END.finditer(sentence), _MOST_CLAUSES)]
    return list(dict.fromkeys([sentence, *(sentence[:end] for end in ends if len(sentence[:end].split()) > 3)]))  # noqa: PLR2004  fewer words are no clause


def _retelling(told: str, version: str, place: int, details: Sequence[Detail]) -> Retelling:
    held_details = [detail for detail in details if detail.text in version]
    stems = frozenset(content_stems(version))
    worth = sum(WORTH[detail.kind] for detail in held_details) + _STEM_WORTH * len(stems)
    return Retelling(f"{told[:1].upper()}{told[1:]}.", place, stems | {detail.text for detail in held_details}, worth)
