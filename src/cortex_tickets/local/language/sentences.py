"""Sentences of a text, and which of them say most of it."""

from __future__ import annotations

import html
import re
from collections import Counter

from cortex_tickets.local.language.tokens import count_tokens
from cortex_tickets.local.language.words import content_stems

# "am 3. Mai" is a date, and no end.
_DAY_MONTH = (
    r"(?!(?<=\d\.\s)(?:Januar|Februar|M\u00e4rz|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember)\b)"
)
_END = re.compile(rf"(?<=[.!?])[\"'\u201d)]?\s+(?=[\"'\u201c(]?[^\s\W_a-z]){_DAY_MONTH}|\n+|(?<=[\u3002\uff01\uff1f])")
_SPEAKER = re.compile(r"^(?:[A-Z][\w .'-]{0,30}|\w{1,20}):\s+")
_COURTESY = re.compile(
    r"(?i)^(?:hi|hello|hey|dear|good (?:day|morning|afternoon|evening)|greetings|thanks?|thank you|regards|"
    r"best regards|sincerely|i hope (?:this|you)|to whom|i look forward|looking forward|bye|goodbye|yes|no|ok|sure)\b"
)
_MOST_WORDS_OF_A_COURTESY = 14
_STAFF = re.compile(
    r"(?i)^(?:(?:support|customer) )?(?:agent|advisor|assistant|operator|representative|rep|staff|support"
    r"|mitarbeiter(?:in)?|berater(?:in)?|kundendienst|conseill(?:er|\u00e8re)|agente)\b[^:]{0,20}:\s"
)
_PIECE = re.compile(r"\S+\s*")
_CENTRAL_START = 0.15
"""How much a sentence's place counts: what matters tends to be said early."""


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text, in order, as they stand but for spaces at their ends."""
    return [sentence for part in _END.split(html.unescape(text)) if part and (sentence := part.strip())]


def is_courtesy(sentence: str) -> bool:
    """Tell whether a sentence greets or thanks, and says nothing of the matter."""
    return (
        _COURTESY.match(_SPEAKER.sub("", sentence)) is not None and len(sentence.split()) <= _MOST_WORDS_OF_A_COURTESY
    )


def without_speaker(sentence: str) -> str:
    """Return a line of a transcript without the name before it."""
    return _SPEAKER.sub("", sentence)


def spoken_sentences(text: str) -> list[tuple[str, bool]]:
    """Return each sentence without the name before it, and whether a member of staff speaks."""
    spoken = []
    is_staff = False
    for sentence in sentences_of(text):
        if _SPEAKER.match(sentence):
            is_staff = _STAFF.match(sentence) is not None
        spoken.append((without_speaker(sentence), is_staff))
    return spoken


def central_sentences(text: str, *, max_tokens: int, max_words: int | None = None, at_most: int = 5) -> str:
    """Return the sentences that share most words with the rest of the text, in the text's order."""
    sentences = list(dict.fromkeys(sentences_of(text)))
    telling = [sentence for sentence in sentences if not is_courtesy(sentence)] or sentences
    stems = [set(content_stems(sentence)) for sentence in telling]
    spread = Counter(stem for words in stems for stem in words)
    ranked = sorted(
        range(len(telling)),
        key=lambda at: (-_centrality(stems[at], spread) * (1 - _CENTRAL_START * at / len(telling)), at),
    )
    chosen: list[int] = []
    for at in ranked[:at_most]:
        together = " ".join(telling[kept] for kept in sorted([*chosen, at]))
        fits_words = max_words is None or len(together.split()) <= max_words
        if fits_words and count_tokens(together) <= max_tokens:
            chosen.append(at)
    if not chosen and telling:
        return cut(without_speaker(telling[ranked[0]]), max_tokens, max_words)
    return " ".join(without_speaker(telling[at]) for at in sorted(chosen))


def cut(text: str, max_tokens: int, max_words: int | None = None) -> str:
    """Return the beginning of a text that keeps within the limits, cut between words where there are any."""
    kept, tokens = [], 0
    for number, piece in enumerate(_PIECE.findall(text), 1):
        tokens += count_tokens(piece)
        if tokens > max_tokens or (max_words is not None and number > max_words):
            break
        kept.append(piece)
    return "".join(kept).rstrip()


def _centrality(stems: set[str], spread: Counter[str]) -> float:
    return sum(spread[stem] for stem in stems) / (len(stems) + 3)
