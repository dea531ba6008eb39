"""From text to stems: what counts as a word, which words carry no meaning, and one form per word."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from threading import Lock

import snowballstemmer  # type: ignore[import-untyped]  # ships no types; its one call is annotated here

WORD = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")
"""A run of letters and digits, with an inner apostrophe: `don't` is one word, `add_line` two."""

_STEMMER = snowballstemmer.stemmer("english")
_STEMMER_IN_USE = Lock()
"""A stemmer keeps the word it works on in itself; the engine's sessions share this one."""
_REMEMBERED_STEMS = 65_536


def words_of(text: str) -> list[str]:
    """Return the lower-case words of a text, in order."""
    return WORD.findall(text.lower())


STOP_WORDS = frozenset(
    words_of(
        """a about above after again all also am an and any anything are as at be because been before being
    below between both but by can can't cannot could couldn't customer dear did didn't do does doesn't doing
    don't down during each else ever few for from further had has have having he hello her here hers hi him
    his how i i'd i'll i'm i've if in into is it it's its just know let like ll may me might mine more most
    much must my myself of off oh ok okay on once one only or other our ours out over own per please really s
    same shall she should since so some something such t than thank thanks that that's the their theirs them
    then there there's these they they're this those through to too under until up us ve very was we we're
    were what what's when where where's which while who whom whose why will with within would yes you you'd
    you'll you're your yours"""
    )
)


@lru_cache(maxsize=1)
def _irregular_forms() -> dict[str, str]:
    """Read which word an irregular form stands for: `lost` for `lose`."""
    forms: dict[str, str] = {}
    text = resources.files(__package__ or "").joinpath("irregular_forms.txt").read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, *others = line.split()
            forms.update(dict.fromkeys(others, word))
    return forms


@lru_cache(maxsize=_REMEMBERED_STEMS)
def stem(word: str) -> str:
    """Return the stem of a lower-case word, its irregular forms included."""
    plain = word.replace("\u2019", "'").removesuffix("'s")
    if plain.endswith("n't") or plain == "cannot":
        return "not"
    plain = _irregular_forms().get(plain, plain)
    with _STEMMER_IN_USE:
        return str(_STEMMER.stemWord(plain))


def content_stems(text: str) -> list[str]:
    """Return the stems of the words that carry meaning, in order; all stems when every word is a stop word."""
    words = words_of(text)
    return [stem(word) for word in words if word not in STOP_WORDS] or [stem(word) for word in words]
