"""Parts a customer's sentences, told in the second person, into clauses that can be joined and shortened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from cortex_tickets.local.language.letter_words import count_words
from cortex_tickets.local.language.retelling import retold, without_salutation
from cortex_tickets.local.language.sentences import is_courtesy, sentences_of
from cortex_tickets.local.language.ticket_details import details_of

_TELLING = "you told us that "
_ASKING = re.compile(
    r"^you (?:asked|believe it would be fair|would appreciate|would like|want|wish|need|require|are looking|"
    r"are requesting|are closing|hope|request)\b"
)
_PLEASED = re.compile(
    r"(?i)\b(?:satisfied|pleased|appreciated?|enjoyed|excellent|great|grateful|happy with|loyal|thankful)\b"
)
_POINTLESS = re.compile(
    r"(?i)\b(?:confirm (?:the )?receipt|confirm you have received|let you know|inform you|letting you know|"
    r"any (?:additional|further|more)|prompt|attention|no longer need|no longer require|steps|assist(?:ance)?|"
    r"a solution|an? (?:detailed )?(?:explanation|breakdown)|resolution|look into)\b"
)
_PRONOUN = re.compile(r"\b(?:it(?! would)|this|that|these|those|them)\b")
_VERB = (
    r"(?:was|were|am|are|is|have|had|has|would|will|need|request|dispute|want|wish|kept|saw|found|went|got|took|paid|"
    r"lost|left|came|made|thought|felt|gave|bought|used|noticed|[a-z]+ed)"
)
_SIDE = r"(?:after|during|on|in|upon|despite|while|since|because|when|as|for|considering|given|following|with)"
_AND = re.compile(
    rf",? (?:and|but) (?=(?:you |then |also )?(?:recently |just )?{_VERB}\b)|,? (?:and|"
    rf"but) (?={_SIDE}\b[^,]{{3,70}}, you )|"
    r", (?:so|as|since|while) (?=you )"
)
_SUCH_AS = re.compile(r",? (?:such as|including|especially|in particular) .*$")
_RELATIVE = re.compile(r",? (?:which|who|that) (?:you|we|was|were|is|are|has|have|had)\b.*$|, [a-z]+ing\b.*$")
_LEAD = re.compile(rf"^(?:{_SIDE}\b[^,]{{3,70}}), (?=(?:you|your|there)\b)", re.IGNORECASE)
_PREPOSITION = (
    r"(?:on|with|for|under|in|during|after|at|from|within|over|across|through|around|throughout|upon|by|about|into|near|"
    r"(?:linked|connected) to|(?:associated|registered) with|be (?=[a-z]+ed\b)|related to|effective|due to|"
    r"because of|as of|to (?=(?:the|your|our|a|an|this|my)\b|[A-Z]))"
)
_PHRASE = re.compile(rf",? \b{_PREPOSITION}\b")
_ADVERBS = re.compile(
    r"(?i)\b(?:recently|just|also|currently|additionally|already|kindly|significantly|consistently|unexpectedly|"
    r"recent|latest|existing|current|further)\s+"
)
_MORE = re.compile(
    r"\b(?P<article>an) (?:additional|extra) (?=(?P<amount>[$\u20ac\u00a3]\d[\d.,]*)(?P<noun> (?:[a-z]+ )?(?:fee|"
    r"charge|bill)\b)?)|"
    r"\b(?:additional|extra|international) (?=[$\u20ac\u00a3]|charges?\b|fees?\b)"
)
_TOTAL = re.compile(
    r"\b(?P<what>charges|fees|costs)\b.*?\b(?P<total>totall?ing (?:about |around )?[$\u20ac\u00a3]\d[\d.,]*\d|"
    r"totall?ing [$\u20ac\u00a3]\d)"
)
_IN_THE_FORM = re.compile(r"(?<=\d) in (?:additional |extra |international |roaming )*(?:fees?|charges?)\b")
_MOST_PHRASES = 6
_GET = re.compile(
    r"^you (?:asked us to|would like to|want to|wish to|need to|asked us to help you|are looking to)\s+"
    r"(?:help you )?(?:add|get|have|order|open|receive|set up|buy|install)\s+(?P<what>(?:an?|another|the|\d+|two|"
    r"three)\b.+)$"
)
_ADDED = re.compile(
    r"^you (?:asked (?:for|that)|need|want|require)\s+(?:the (?:addition|activation|opening|set-?up|"
    r"installation) of\s+)?"
    r"(?P<what>(?:an?|another)\b[^,]*?)(?:\s+(?:to be |be )?(?:added|activated|installed)\b.*)?$"
)


@dataclass(frozen=True, slots=True)
class ToldClause:
    """A clause told back, `you were charged $90 in Japan`, and what of the ticket it holds."""

    text: str
    place: int
    """Its number among the ticket's clauses."""
    kinds: frozenset[tuple[str, str]]
    """Kind and words of each particular."""
    is_request: bool
    worth: float
    """What it is worth beside its particulars."""

    @property
    def n_words(self) -> int:
        """Words of the clause."""
        return count_words(self.text)


def told_clauses(ticket: str) -> list[ToldClause]:
    """Return the clauses of an English ticket that can be told back, in its order."""
    found: list[ToldClause] = []
    for sentence in sentences_of(ticket):
        if not is_courtesy(without_salutation(sentence)):
            told = retold(sentence).removeprefix(_TELLING)
            found.extend(_clause(clause, len(found) + place) for place, clause in enumerate(_parted(told)))
    return found


def shorter_forms(clause: ToldClause, wanted: frozenset[tuple[str, str]]) -> Iterator[str]:
    """Yield the clause in ever fewer words; what holds a wanted particular always stays."""
    base = clause.text
    seen: set[str] = set()
    for text in _trimmed(base):
        head, phrases = _phrases(text)
        optional = [at for at in range(len(phrases)) if _is_optional(phrases, at, head, wanted)]
        optional = optional[-_MOST_PHRASES:]
        for size in range(len(optional) + 1):
            for dropped in combinations(optional, size):
                kept = head + "".join(phrase for at, phrase in enumerate(phrases) if at not in dropped)
                if kept not in seen and not _hangs(kept):
                    seen.add(kept)
                    yield kept


def requested_thing(clause: str) -> str:
    """Return what a request asks to get, `a new line`; blank where it asks for something else."""
    found = _ADDED.match(clause) or _GET.match(clause)
    return (
        found["what"].strip()
        if found and not (_POINTLESS.search(found["what"]) or _PRONOUN.search(found["what"]))
        else ""
    )


def _parted(told: str) -> Iterator[str]:
    """Yield the clauses of a sentence, each with its own `you`."""
    said = _SUCH_AS.sub("", told.strip())
    if not said:
        return
    said = _lead_last(said)
    parts = _AND.split(said)
    for number, part in enumerate(parts):
        text = _lead_last(part.strip().rstrip(","))
        if number and not re.match(r"(?:you|your|there)\b", text):
            if not parts[0].startswith("you "):
                continue
            text = f"you {re.sub(r'^(?:then|also) ', '', text)}"
        text = re.sub(r"^(?:and|but) ", "", text)
        if re.match(r"(?:you|your|there|these|the|all|both)\b", text):
            yield re.sub(r"^you was\b", "you were", text)


def _lead_last(said: str) -> str:
    """Say last what stands before the subject, where it has a particular: `during your trip to Asia`."""
    lead = _LEAD.match(said)
    if lead is None:
        return said
    rest, phrase = said[lead.end() :], lead[0].rstrip(", ")
    if not details_of(phrase) or _ADVERBIAL.match(phrase):
        return rest
    end = _AND.search(rest) or re.search(r",|$", rest)
    at = end.start() if end else len(rest)
    return f"{rest[:at]} {phrase[:1].lower()}{phrase[1:]}{rest[at:]}"


_ADVERBIAL = re.compile(r"(?i)(?:despite|since|because|while|when|as|considering|given)\b")


def _clause(text: str, place: int) -> ToldClause:
    kinds = frozenset((detail.kind, detail.text) for detail in details_of(text))
    is_request = _ASKING.match(text) is not None
    worth = 1.5 * is_request - 2.5 * (_PLEASED.search(text) is not None) - 1.5 * (_POINTLESS.search(text) is not None)
    # What is said so politely is what the customer wants most.
    worth += 2.0 * text.startswith(("you believe it would be fair", "you would appreciate"))
    worth -= 2.0 * (_PRONOUN.search(text.removeprefix("there")) is not None) + 0.5 * (
        not text.startswith(("you ", "there "))
    )
    return ToldClause(text, place, kinds, is_request, worth)


def _trimmed(text: str) -> Iterator[str]:
    """Yield the clause whole, then without side clauses, adverbs and what only colours it."""
    yield text
    plain = _RELATIVE.sub("", text)
    yield plain
    calm = _ADVERBS.sub("", plain)
    yield calm
    bare = _MORE.sub(_article, calm)
    yield bare
    yield _MORE.sub(_article, _ADVERBS.sub("", _TOTAL.sub(r"\g<what> \g<total>", text)))
    yield _IN_THE_FORM.sub("", bare)
    # "your usage requirements" is "your requirements", too.
    yield re.sub(r"\b(in|of|with|to|on|for) your [a-z-]+ ([a-z]+)$", r"\1 your \2", bare)


def _article(found: re.Match[str]) -> str:
    """Return the article that is left where `an additional $50 charge` becomes `a $50 charge`."""
    if not (found["article"] and found["noun"]):
        return ""
    figures = re.sub(r"\D.*", "", found["amount"][1:])
    return "an " if figures.startswith("8") or figures in ("11", "18") else "a "


def _phrases(text: str) -> tuple[str, list[str]]:
    """Return what stands before the first preposition, and each phrase from one preposition to the next."""
    starts = [found.start() for found in _PHRASE.finditer(text)]
    if not starts:
        return text, []
    ends = [*starts[1:], len(text)]
    return text[: starts[0]], [text[start:end] for start, end in zip(starts, ends, strict=True)]


def _is_optional(phrases: list[str], at: int, head: str, wanted: frozenset[tuple[str, str]]) -> bool:
    """Tell whether a clause can do without a phrase: it holds nothing that is wanted, and nothing hangs on it."""
    phrase = phrases[at]
    if any(words in phrase for _, words in wanted):
        return False
    words = phrase.strip(" ,").split()
    if len(words) < 2 or " and " in _LISTED.sub("", phrase) or words[0] == "be":  # noqa: PLR2004  a preposition alone
        return False
    if " to " in phrase[4:] and not words[0].endswith("ed"):
        return False
    following = phrases[at + 1].split()[0] if at + 1 < len(phrases) else ""
    if following in ("to", "of") and any(words in phrases[at + 1] for _, words in wanted):
        # "from your trip to Africa": the place hangs on the trip.
        return False
    # "asked for a refund", "kept it to a minimum": without what follows the verb says nothing.
    return not (at == 0 and _NEEDS_MORE.search(head))


_LISTED = re.compile(r"\"[^\"]*\" and \"[^\"]*\"")
_NEEDS_MORE = re.compile(
    r"(?:asked|wrote|looking|kept|resulted|went|travell?ed|put|dissatisfied|drop|closure|termination|addition|help|"
    r"assistance|difficulties|slower|issues?|problems?)$"
)


def _hangs(text: str) -> bool:
    return (
        re.search(r"(?i)\b(?:a|an|the|your|our|to|of|for|in|on|with|from|and|or|as|than)$", text.rstrip(" ,"))
        is not None
    )
