"""Composes the body of a text message: a few words, the ticket's particulars first."""

from __future__ import annotations

from cortex_tickets.local.language.letter_brief import LetterBrief
from cortex_tickets.local.language.letter_material import LetterMaterial, total_words
from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.retelling_choice import detail_list, retelling_worth
from cortex_tickets.local.language.sentences import cut

_FEWEST_LISTED_WORDS = 4
_POINT_WORTH = 3.0
"""A message that also says what happens next is worth as much more as one that gives an amount."""
_LIST_OPENING_WORDS = 3
_LOWERED_OPENERS = ("You ", "Your ", "We ", "There ", "During ", "After ", "About ", "Thank ", "Vielen ")


def message_body(brief: LetterBrief, material: LetterMaterial) -> str:
    """Weigh the ways to spend the words and return the best.

    The ticket is told in a sentence or as a list of its particulars; words are kept free for one of the
    points, or for none.
    """
    left = brief.max_words - count_words(brief.name) - count_words(brief.signature)
    costs = {count_words(point) for point in material.points}
    reserves = [0, *sorted(cost for cost in costs if left - cost >= _FEWEST_LISTED_WORDS)]
    ways = [_sentence_first(material, left, reserved) for reserved in reserves]
    if material.phrases.language == "en":
        ways += [_list_first(material, left, reserved) for reserved in reserves]
    sentences = max(ways, key=lambda way: way[0])[1]
    received = material.phrases.received[:1].upper() + material.phrases.received[1:]
    if len(sentences) <= 1 and total_words([*sentences, received]) <= left:
        sentences = [received, *sentences]
    said = " ".join(part for part in (*sentences, brief.signature) if part)
    body = f"{brief.name}, {_after_comma(said)}" if brief.name and said else said or brief.name
    return cut(body, len(body) + 1, brief.max_words)


def _sentence_first(material: LetterMaterial, left: int, reserved: int) -> tuple[float, list[str]]:
    told = material.told(left - reserved, is_brief=True)
    points = material.points_within(left - total_words(told))
    return sum(map(retelling_worth, told)) + _POINT_WORTH * bool(points), [*told, *points]


def _list_first(material: LetterMaterial, left: int, reserved: int) -> tuple[float, list[str]]:
    listed, worth = detail_list(
        material.said, max_words=left - reserved - _LIST_OPENING_WORDS, avoided=material.avoided
    )
    if not listed:
        return 0.0, []
    opening = f"About your message ({listed})"
    points = material.points_within(left - count_words(opening))
    if points:
        points[0] = _after_comma(points[0])
    # One particular alone says less of a ticket than its own words do.
    point_worth = _POINT_WORTH if ", " in listed else 0.0
    return worth + point_worth * bool(points), [f"{opening}{':' if points else '.'}", *points]


def _after_comma(said: str) -> str:
    return said[:1].lower() + said[1:] if said.startswith(_LOWERED_OPENERS) else said
