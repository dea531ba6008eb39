"""Groups identical and near-identical texts, exactly: no two texts as alike as the threshold are apart.

Alike is measured as the Jaccard index of the sets of words, numbers counting as one word. The pairs are found with
the prefix filter of set similarity joins, which misses none: two sets as alike as `t` share a word among the rarest
`|x| - ceil(t |x|) + 1` of each. Groups are the connected components of these pairs.

Source: Chaudhuri, Ganti, Kaushik, "A Primitive Operator for Similarity Joins in Data Cleaning", ICDE 2006;
Bayardo, Ma, Srikant, "Scaling Up All Pairs Similarity Search", WWW 2007.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping

SIMILARITY = 0.8
"""Texts this alike, or more, are near-copies. Fixed beforehand, and never chosen by a result."""
_TOLD_EVERY = 100
"""Texts between two words of how far the search is."""

_WORD = re.compile(r"\w+")
_DIGITS = re.compile(r"\d+")
# Scripts that are written without blanks: a sentence would be one word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def group_texts(
    texts: Mapping[str, str], *, similarity: float = SIMILARITY, tell: Callable[[int], None] | None = None
) -> dict[str, str]:
    """Return, for each text's hash, the name of its group: the least hash in it.

    Args:
        texts: Texts by their hash.
        similarity: Jaccard index, 0 to 1, from which two texts are near-copies.
        tell: Is told how many texts were looked at, now and then, and at the end.

    Returns:
        The group of every hash.
    """
    links, distinct = _Links(texts), dict[frozenset[str], str]()
    for key, text in texts.items():
        # Texts that differ in numbers alone are one: among thousands of them every pair would be a near one.
        links.join(key, distinct.setdefault(_words(text), key))
    words = {key: members for members, key in distinct.items()}
    told, n_equal = tell or _nobody, len(texts) - len(words)
    _join_near(links, words, similarity, lambda n_texts: told(n_equal + n_texts))
    return {key: links.root(key) for key in texts}


def _words(text: str) -> frozenset[str]:
    found: set[str] = set()
    for word in _WORD.findall(_DIGITS.sub("0", text.lower())):
        if _UNSPACED.search(word):
            found.update(word[start : start + 2] for start in range(max(1, len(word) - 1)))
        else:
            found.add(word)
    return frozenset(found) or frozenset({text.strip()})


def _nobody(_n_texts: int) -> None:
    """Is told, and does nothing."""


def _join_near(
    links: _Links, words: Mapping[str, frozenset[str]], similarity: float, tell: Callable[[int], None]
) -> None:
    frequency = Counter(word for members in words.values() for word in members)
    by_word: defaultdict[str, list[str]] = defaultdict(list)
    # From short to long, so that a candidate that is too short for the threshold can be left out by its length.
    for place, key in enumerate(sorted(words, key=lambda key: (len(words[key]), key))):
        if place % _TOLD_EVERY == 0:
            tell(place)
        members = words[key]
        rarest = sorted(members, key=lambda word: (frequency[word], word))
        prefix = rarest[: len(rarest) - math.ceil(similarity * len(rarest)) + 1]
        candidates = {other for word in prefix for other in by_word[word]}
        for other in candidates:
            # Who is in the group already need not be looked at: of one template's thousands, nearly all are.
            if (
                len(words[other]) >= similarity * len(members)
                and not links.are_joined(key, other)
                and _is_near(members, words[other], similarity)
            ):
                links.join(key, other)
        for word in prefix:
            by_word[word].append(key)
    tell(len(words))


def _is_near(one: frozenset[str], other: frozenset[str], similarity: float) -> bool:
    shared = len(one & other)
    return shared >= similarity * (len(one) + len(other) - shared)


class _Links:
    """Disjoint sets; the root of each is its least member, so that the order of joining does not matter."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._parent = {key: key for key in keys}

    def root(self, key: str) -> str:
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def are_joined(self, one: str, other: str) -> bool:
        return self.root(one) == self.root(other)

    def join(self, one: str, other: str) -> None:
        first, second = sorted((self.root(one), self.root(other)))
        self._parent[second] = first


def group_sizes(groups: Mapping[str, str]) -> Counter[str]:
    """Return the number of distinct texts in each group."""
    return Counter(groups.values())
