"""What there is to say in one letter: the ticket, told back, and the points of the brief."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cortex_tickets.local.language.campaign_sentence import campaign_sentence
from cortex_tickets.local.language.letter_brief import LetterBrief
from cortex_tickets.local.language.letter_phrases import Phrases, phrases_for
from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.retelling_choice import UNFIT, chosen_retellings
from cortex_tickets.local.language.sentences import central_sentences, sentences_of

_NO_ORDER = re.compile(r"(?i)^(?:the|a|an|our|we|this|that|it|customers?|no|not|to)\b")
_FINDING_VALUES = re.compile(r"[\"'\u201c`]([^\"'\u201d`]{2,80})[\"'\u201d`]|([$\u20ac\u00a3]?\d[\w.,%-]*)")
_MANY_TOKENS = 100_000


@dataclass(frozen=True, slots=True)
class LetterMaterial:
    """The ticket and the points, less what was found wrong with an earlier letter."""

    said: str
    phrases: Phrases
    goal: str
    """The goal, turned to the customer."""
    facts: tuple[str, ...]
    """What may be stated, in order."""
    offer: str
    """The offer in a sentence; blank for none."""
    avoided: tuple[str, ...]
    """Strings that the findings name: what holds one is not said again."""

    @classmethod
    def of(cls, brief: LetterBrief, ticket: str) -> LetterMaterial:
        """Gather what a letter may say.

        Points in another language than the ticket's are left out: nothing here can translate them.
        """
        # A table's export doubles quotation marks.
        said = html.unescape(ticket).strip().replace('""', '"')
        phrases = phrases_for(said)
        avoided = tuple(value for found in _FINDING_VALUES.findall(brief.findings) if (value := found[0] or found[1]))
        goal = _goal_sentence(brief.goal)
        facts = [_sentence(fact) for fact in brief.facts if fact]
        offer = campaign_sentence(brief.offer)
        if goal or facts or offer:
            company = " ".join((goal, *facts, offer))
            if phrases_for(company).language != phrases.language:
                goal, facts, offer = "", [], ""
        goal, offer = ("" if _holds(point, avoided) else point for point in (goal, offer))
        return cls(said, phrases, goal, tuple(fact for fact in facts if not _holds(fact, avoided)), offer, avoided)

    @property
    def points(self) -> tuple[str, ...]:
        """Sentences for the customer, the most important first."""
        return tuple(point for point in (self.goal, *self.facts, self.offer) if point)

    @property
    def fit(self) -> str:
        """The ticket's sentences that may be told back: without markup, addresses and numbers to call."""
        return " ".join(sentence for sentence in sentences_of(self.said) if not UNFIT.search(sentence))

    def is_avoided(self, text: str) -> bool:
        """Tell whether a text holds what an earlier letter was faulted for."""
        return _holds(text, self.avoided)

    def told(self, max_words: int) -> list[str]:
        """Tell back the ticket: in the second person in English, quoted in other languages."""
        if self.phrases.language == "en":
            return chosen_retellings(self.said, max_words=max_words, avoided=self.avoided)
        room = max_words - count_words(self.phrases.quoted.format(said=""))
        if room <= 0:
            return []
        quoted = central_sentences(self.said, max_tokens=_MANY_TOKENS, max_words=room, at_most=1)
        while quoted and count_words(self.phrases.quoted.format(said=quoted)) > max_words:
            quoted = quoted.rpartition(" ")[0]
        return [self.phrases.quoted.format(said=quoted)] if quoted and not self.is_avoided(quoted) else []

    def points_within(self, max_words: int) -> list[str]:
        """Return the points that fit, in order; a long one gives way to shorter ones after it."""
        kept: list[str] = []
        left = max_words
        for point in self.points:
            if (n_words := count_words(point)) <= left:
                kept.append(point)
                left -= n_words
        return kept


def total_words(sentences: Sequence[str]) -> int:
    """Count the words of all sentences."""
    return sum(map(count_words, sentences))


def _sentence(point: str) -> str:
    return point if point.endswith((".", "!", "?")) else f"{point}."


def _goal_sentence(goal: str) -> str:
    """Turn a goal, an order to the writer, into a sentence for the customer."""
    goal = goal.strip().rstrip(".")
    if not goal:
        return ""
    turned = re.sub(r"(?i)\b(?:the |a |this )?customer's\b", "your", goal)
    turned = re.sub(r"(?i)\b(?:the|a|this) customer\b", "you", turned)
    if turned != goal:
        turned = re.sub(r"(?i)\btheir\b", "your", re.sub(r"(?i)\b(?:them|they)\b", "you", turned))
    if _NO_ORDER.match(goal):
        return f"Our aim: {turned}."
    return f"We want to {turned[:1].lower()}{turned[1:]}."


def _holds(text: str, values: Sequence[str]) -> bool:
    return any(value.lower() in text.lower() for value in values)
