"""Does the reply name somebody, or something, that nobody told it of?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.languages import FREQUENT_WORDS, language_of
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NAME = re.compile(
    # Inside a sentence: after a word, a comma or a title. What begins a sentence is written large in any case.
    r"(?:(?<=[^\W\d_]\s)|(?<=\d\s)|(?<=,\s)|(?<=['’]s\s)|(?<=\bMr\.\s)|(?<=\bMs\.\s)|(?<=\bMrs\.\s)|(?<=\bDr\.\s))"
    r"[A-ZÀ-ÖØ-Þ][^\W\d_]*[a-zß-öø-ÿ][^\W\d_]*"
)
_ORDINARY = FREQUENT_WORDS | frozenset(
    word
    for words in (
        "customer customers client clients support service services care team department desk center centre help",
        "billing technical account accounts sales success relations english internet sim esim wi-fi wifi",
        "kind kindest best warm warmest regards wishes sincerely yours truly faithfully respectfully",
        "dear hi hello hey greetings thank thanks good morning afternoon evening all there valued",
        "mr ms mrs dr miss sir madam i i'm i've i'll i'd",
        "monsieur madame cordialement bonjour merci",
        "atentamente saludos hola gracias estimado estimada señor señora usted",
        "cordiali saluti gentile salve grazie atenciosamente olá obrigado obrigada groet groeten geachte",
    )
    for word in words.split()
)
"""And of greetings, closings and signatures."""
_CAPITALISES_NOUNS = "German"


def unknown_name(draft: Draft) -> Iterator[Finding]:
    """Whoever and whatever is named inside a sentence is named in the ticket or in the playbook, too.

    So no other customer's name comes into a letter, nor a product or place that somebody made up. Not looked at: lines
    that write most words large, as titles do; German, which writes all nouns so; what is too short to tell.
    """
    if language_of(draft.said) in (None, _CAPITALISES_NOUNS):
        return
    known = _ORDINARY.union(map(_bare, _WORD.findall(draft.allowed)))
    unknown = dict.fromkeys(
        found[0]
        for line in draft.said.splitlines()
        if not _is_title(line)
        for found in _NAME.finditer(line)
        if _bare(found[0]) not in known
    )
    if unknown:
        listed = ", ".join(f'"{name}"' for name in unknown)
        yield Finding(
            check="unknown_name", message=f"{listed} is named neither in the ticket nor among the facts; leave it out."
        )


def _bare(word: str) -> str:
    """Return the word in lower case and without a possessive s: `Ann's` is Ann."""
    return re.sub(r"['’]s$", "", word.lower())


def _is_title(line: str) -> bool:
    words: list[str] = [word for word in _WORD.findall(line) if len(word) > 3]  # noqa: PLR2004  articles and the like
    return sum(word[0].isupper() for word in words) > len(words) / 2
