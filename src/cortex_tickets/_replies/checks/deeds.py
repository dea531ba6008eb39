"""Verbs for what a company can do about a ticket, in every form that English gives them."""

from __future__ import annotations

from collections.abc import Iterable

_REGULAR = (
    "refund credit waive reimburse compensate remove cancel delete close replace activate resolve fix reverse adjust "
    "reduce lower unlock unblock restore suspend block deactivate disconnect ship deliver transfer process escalate "
    "approve grant schedule terminate reactivate reconnect upgrade repay deduct erase forgive settle correct repair "
    "discount halve extend port reinstate expedite prioritise prioritize"
)
_MINOR = "issue add open file apply return call phone visit text order arrange install"
_IRREGULAR = {
    "send": ("sent", "sent"),
    "give": ("gave", "given"),
    "write off": ("wrote off", "written off"),
    "cut": ("cut", "cut"),
    "take off": ("took off", "taken off"),
    "take care of": ("took care of", "taken care of"),
    "set up": ("set up", "set up"),
    "pay back": ("paid back", "paid back"),
    "give back": ("gave back", "given back"),
    "undo": ("undid", "undone"),
    "drop": ("dropped", "dropped"),
    "call back": ("called back", "called back"),
    "ring": ("rang", "rung"),
}
_DOUBLED = {"ship", "drop", "cut", "set"}
MINOR = frozenset({*_MINOR.split(), "send", "give", "ring", "call back", "process", "schedule", "order"})
"""What is done for other ends, too: a form that was filed, a message that was sent."""


def _third(verb: str) -> str:
    if verb.endswith(("ss", "sh", "ch", "x")):
        return f"{verb}es"
    return f"{verb[:-1]}ies" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}s"


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb}d"
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ed"
    return f"{verb[:-1]}ied" if verb.endswith("y") and verb[-2] not in "aeiou" else f"{verb}ed"


def _gerund(verb: str) -> str:
    if verb.endswith("e"):
        return f"{verb[:-1]}ing"
    return f"{verb}{verb[-1]}ing" if verb in _DOUBLED else f"{verb}ing"


def _forms(verb: str) -> dict[str, str]:
    head, _, rest = verb.partition(" ")
    tail = f" {rest}" if rest else ""
    past, participle = _IRREGULAR.get(verb, (f"{_past(head)}{tail}",) * 2)
    return {
        "base": verb,
        "third": f"{_third(head)}{tail}",
        "past": past,
        "participle": participle,
        "gerund": f"{_gerund(head)}{tail}",
    }


_PARADIGM = {verb: _forms(verb) for verb in (*_REGULAR.split(), *_MINOR.split(), *_IRREGULAR)}
_PARADIGM["cancel"] |= {"past": "cancel(?:l)?ed", "participle": "cancel(?:l)?ed", "gerund": "cancel(?:l)?ing"}
_VERB_OF = {form.replace("(?:l)?", ""): verb for verb, forms in _PARADIGM.items() for form in forms.values()}
_VERB_OF |= {"cancelled": "cancel", "cancelling": "cancel"}


def deed_of(form: str) -> str:
    """Return the verb that a form is of: `refunded` is of `refund`."""
    return _VERB_OF.get(" ".join(form.lower().split()), form.lower())


def is_deed(form: str) -> bool:
    """Tell whether a word is a form of one of the verbs."""
    return form.lower() in _VERB_OF


def alternatives(form: str, *, with_minor: bool = True) -> str:
    """Return the pattern of every verb in one form: `base`, `third`, `past`, `participle` or `gerund`."""
    return _joined(forms[form] for verb, forms in _PARADIGM.items() if with_minor or verb not in MINOR)


def _joined(words: Iterable[str]) -> str:
    # The longer first: `call back` before `call`.
    return "|".join(word.replace(" ", r"\s+") for word in sorted(set(words), key=lambda word: (-len(word), word)))
