"""Composes the body of a text message: the request taken up with its particulars, then what happens next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from cortex_tickets.local.language.letter_brief import LetterBrief
from cortex_tickets.local.language.letter_material import LetterMaterial
from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.message_points import particular_facts, shorter_fact
from cortex_tickets.local.language.retelling_choice import UNFIT
from cortex_tickets.local.language.sentences import cut
from cortex_tickets.local.language.ticket_details import Detail, details_of
from cortex_tickets.local.language.told_clauses import ToldClause, requested_thing, shorter_forms, told_clauses
from cortex_tickets.local.language.words import STOP_WORDS

_KIND_WORTH = {"amount": 3.0, "place": 3.0, "date": 3.0, "duration": 2.5, "reason": 1.0, "percent": 1.0, "number": 1.0}
_KIND_WORTH |= {"quoted": 0.3, "service": 0.4}
_FACT_WORTH = 7.0
_SHORT_FACT_WORTH = 6.0
_FURTHER_FACT_WORTH = 1.5
_OFFER_WORTH = 4.0
_WORD_WORTH = 0.06
"""Of two messages that say the same, the one with more of the customer's words."""
_JOINT_WORTH = -0.3
_ABOUT_WORTH = -0.6
_THANKS_WORTH = -1.5
_MERGED_WORTH = -0.8
_CONSIDERED = 8
_FORMS = 24
_SIDE = ("reason", "quoted", "service")
_PAST = re.compile(
    r"^you (?:recently |just )?(?:was|were|had|[a-z]+ed|went|saw|found|took|got|lost|paid|left|came|bought)\b"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """Words of a message and what they are worth; `kinds` of particulars are counted once for the whole."""

    text: str
    kinds: frozenset[str]
    worth: float

    @property
    def n_words(self) -> int:
        return count_words(self.text)


def message_body(brief: LetterBrief, material: LetterMaterial) -> str:
    """Weigh the ways to spend the words and return the best.

    First the request is taken up, then a fact says what happens next, then comes the offer, if there is one: each as
    far as the words go. Where they do not go far enough for all, the particulars are put into the fact itself.
    """
    left = brief.max_words - count_words(brief.name) - count_words(brief.signature)
    if material.phrases.language != "en":
        return _signed(brief, _foreign(material, left))
    openings = _openings(brief, material)
    best = max(_ways(openings, material, left), key=lambda way: way[0], default=(0.0, []))[1]
    if not best:
        received = material.phrases.received
        best = [received] if count_words(received) <= left else []
    return _signed(brief, best)


def _signed(brief: LetterBrief, sentences: Sequence[str]) -> str:
    said = " ".join(part for part in (*sentences, brief.signature) if part)
    body = f"{brief.name}, {_after_comma(said)}" if brief.name and sentences else f"{brief.name} {said}".strip()
    return cut(body, len(body) + 1, brief.max_words)


def _ways(openings: Sequence[_Part], material: LetterMaterial, left: int) -> Iterator[tuple[float, list[str]]]:
    details = details_of(material.fit)
    nexts = [*_next_steps(material), *_particular_steps(material, details), None]
    offers = [material.offer, ""] if material.offer else [""]
    for offer in offers:
        room = left - count_words(offer)
        for step in nexts:
            for opening in (*openings, None):
                parts = [part for part in (opening, step) if part is not None]
                if not parts and not offer:
                    continue
                if sum(part.n_words for part in parts) > room or (opening and step and opening.kinds & step.kinds):
                    continue
                yield _way(opening, step, offer, room, material)


def _way(
    opening: _Part | None, step: _Part | None, offer: str, room: int, material: LetterMaterial
) -> tuple[float, list[str]]:
    parts = [part for part in (opening, step) if part is not None]
    sentences = [part.text for part in parts]
    if opening is not None and step is not None and opening.text.endswith(":"):
        sentences[1] = _after_comma(step.text)
    used = sum(part.n_words for part in parts)
    worth = sum(part.worth for part in parts) + _OFFER_WORTH * bool(offer)
    worth += sum(_KIND_WORTH[kind] for part in parts for kind in part.kinds)
    if step is not None:
        for fact in material.facts:
            if fact not in sentences and not step.text.startswith(fact[:20]) and used + count_words(fact) <= room:
                sentences.append(fact)
                used += count_words(fact)
                worth += _FURTHER_FACT_WORTH
    if opening is not None and opening.text.endswith(":") and step is None:
        sentences[0] = f"{opening.text[:-1]}."
        worth -= 1.0
    return worth + _WORD_WORTH * used, [*sentences, *([offer] if offer else [])]


def _next_steps(material: LetterMaterial) -> list[_Part]:
    steps = []
    for place, fact in enumerate(material.facts):
        for text in dict.fromkeys((fact, shorter_fact(fact))):
            worth = (_FACT_WORTH if text == fact else _SHORT_FACT_WORTH) - 0.1 * place
            steps.append(_Part(text, frozenset(), worth))
    if not steps:
        steps = [_Part(material.goal, frozenset(), 2.0)] if material.goal else []
    return [step for step in steps if not material.is_avoided(step.text)]


def _particular_steps(material: LetterMaterial, details: Sequence[Detail]) -> list[_Part]:
    """Return the facts with the ticket's particulars in them: alone where there is no room to take up the request."""
    steps = []
    for fact in material.facts:
        for version, held in particular_facts(fact, details, material.said):
            for text in dict.fromkeys((version, shorter_fact(version))):
                worth = _FACT_WORTH if text == version else _SHORT_FACT_WORTH
                steps.append(_Part(text, held, worth + _MERGED_WORTH))
    return [step for step in steps if not material.is_avoided(step.text)]


def _openings(brief: LetterBrief, material: LetterMaterial) -> list[_Part]:
    """Return the ways to take up what the customer wrote, each a sentence, or a phrase that ends with a colon."""
    clauses = [
        clause
        for clause in told_clauses(material.said)
        if not UNFIT.search(clause.text) and not material.is_avoided(clause.text)
    ]
    ranked = sorted(clauses, key=lambda clause: (-_worth_of(clause), clause.place))[:_CONSIDERED]
    found: dict[str, _Part] = {}
    for clause in ranked:
        for text in _forms(clause):
            _keep(found, f"{text[:1].upper()}{text[1:]}.", clause.worth)
    for one, other in combinations([clause for clause in ranked if clause.text.startswith("you ")], 2):
        if one.place != other.place or one.text != other.text:
            for text in _joined(*sorted((one, other), key=lambda clause: (not _PAST.match(clause.text), clause.place))):
                _keep(found, f"{text[:1].upper()}{text[1:]}.", max(one.worth, other.worth) + _JOINT_WORTH)
    for text in _requests(clauses):
        _keep(found, f"You asked for {text}.", 2.0)
        _keep(found, f"About {text}:", 2.0 + _ABOUT_WORTH)
    for text in _listed(material):
        _keep(found, f"About {text}:", 2 * _ABOUT_WORTH)
    if brief.label and not material.is_avoided(brief.label):
        label = brief.label if brief.label[:2].isupper() else brief.label[:1].lower() + brief.label[1:]
        _keep(found, f"Thank you for your message about {label}.", _THANKS_WORTH)
    _keep(found, material.phrases.received, _THANKS_WORTH - 0.5)
    return list(found.values())


def _keep(found: dict[str, _Part], text: str, worth: float) -> None:
    kinds = frozenset(detail.kind for detail in details_of(text))
    if text not in found or found[text].worth < worth:
        found[text] = _Part(text, kinds, worth)


def _worth_of(clause: ToldClause) -> float:
    return clause.worth + sum(_KIND_WORTH[kind] for kind in {kind for kind, _ in clause.kinds})


def _forms(clause: ToldClause) -> list[str]:
    """Return a clause in ever fewer words, first with all that it holds and then without what matters less."""
    sides = frozenset(detail for detail in clause.kinds if detail[0] not in _SIDE)
    forms = [*shorter_forms(clause, clause.kinds), *shorter_forms(clause, sides)]
    return list(dict.fromkeys(forms))[: 2 * _FORMS]


def _joined(one: ToldClause, other: ToldClause) -> Iterator[str]:
    """Yield two clauses of one subject as one sentence."""
    kinds = {kind for kind, _ in one.kinds} ^ {kind for kind, _ in other.kinds}
    if not kinds - set(_SIDE):
        return
    shortest = [sorted(_forms(clause), key=count_words) for clause in (one, other)]
    for first in shortest[0][:_FORMS]:
        for second in shortest[1][:_FORMS]:
            if " and " not in first.replace(" and for ", " "):
                yield f"{first} and {second.removeprefix('you ')}"


def _requests(clauses: Sequence[ToldClause]) -> Iterator[str]:
    """Yield what is asked for, with the time that another sentence sets for it."""
    things = [thing for clause in clauses for form in _forms(clause) if (thing := requested_thing(form))]
    times = [
        words.replace("the next ", "") if is_short else words
        for is_short in (False, True)
        for clause in clauses
        if clause.is_request or "need" in clause.text
        for kind, words in sorted(clause.kinds)
        if kind == "duration"
    ]
    reasons = [words for clause in clauses for kind, words in sorted(clause.kinds) if kind == "reason"]
    for thing in dict.fromkeys(things):
        yield thing
        for words in dict.fromkeys((*times, *reasons)):
            further = words.partition(" and ")[0]
            if further not in thing and not further.startswith(("as ", "since ")):
                yield f"{thing} {further}"


def _listed(material: LetterMaterial) -> Iterator[str]:
    """Yield an amount with the other particulars behind it in brackets."""
    details = [detail for detail in details_of(material.fit) if not UNFIT.search(detail.text)]
    details = [detail for detail in details if not material.is_avoided(detail.text)]
    amounts = [detail.text for detail in details if detail.kind == "amount"][:1]
    others = [
        next((detail.text for detail in details if detail.kind == kind), "") for kind in ("place", "date", "duration")
    ]
    others = [text for text in others if text]
    for size in range(len(others), -1, -1):
        kept = others[:size]
        if amounts:
            yield f"the {amounts[0]} ({', '.join(kept)})" if kept else f"the {amounts[0]}"
        elif kept:
            yield f"your message ({', '.join(kept)})"


def _foreign(material: LetterMaterial, left: int) -> list[str]:
    told = material.told(left)
    received = material.phrases.received[:1].upper() + material.phrases.received[1:]
    if sum(map(count_words, (*told, received))) <= left:
        return [received, *told]
    return told


def _after_comma(said: str) -> str:
    """Return a sentence as it goes on after a comma: a word that every sentence may begin with is written small."""
    first = re.split(r"[\s,:]", said, maxsplit=1)[0]
    is_plain = first.isalpha() and first != "I" and (first.lower() in STOP_WORDS or first.endswith("ing"))
    return said[:1].lower() + said[1:] if is_plain or first in ("Thank", "Vielen", "Merci", "Gracias") else said
