"""Does the reply promise what nobody allowed?

The forms that are looked for are English, with the plainest of German, French and Spanish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cortex_tickets._replies.checks.commitments import Commitment, commitments
from cortex_tickets._replies.checks.deeds import is_deed
from cortex_tickets._replies.checks.languages import FREQUENT_WORDS
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_CONDITION = re.compile(
    r"(?i)\b(?:only|if|once|when|unless|until|after|before|provided|subject\s+to|as\s+soon\s+as|where|"
    r"for\s+(?:customers|accounts|contracts))\b.*"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_SAME = 5
"""Letters that two forms of one word share: `charge`, `charges`, `charged`."""


def promise_not_allowed(draft: Draft) -> Iterator[Finding]:
    """Nothing is promised or called done that the playbook does not state in the same way and on the same condition."""
    # Where a promise is made in words that one kind of pattern finds in another, it is told once, by its longest words.
    made = list(commitments(draft.said, ticket=draft.ticket.text))
    if not made:
        return
    stated = [one for text in draft.company_text for one in commitments(text)]
    words = list(dict.fromkeys(one.words for one in made if not _is_stated(one, stated)))
    if words:
        listed = ", ".join(f'"{word}"' for word in words if not any(word != other and word in other for other in words))
        yield Finding(check="promise_not_allowed", message=f"The playbook promises nothing of this: {listed}.")


def _is_stated(made: Commitment, stated: Sequence[Commitment]) -> bool:
    said = _stems(made.sentence)
    return any(
        one.deed == made.deed
        and one.strength >= made.strength
        # The whole condition stands in the reply, too, and it is about the same thing.
        and _stems(" ".join(_CONDITION.findall(one.sentence))) <= said
        and _is_about_the_same(_stems(_CONDITION.sub("", one.sentence)), said)
        for one in stated
    )


def _is_about_the_same(stated: set[str], said: set[str]) -> bool:
    return not stated or bool(stated & said)


def _stems(text: str) -> set[str]:
    """Return the beginnings of the words that say what a sentence is about."""
    words = (word.lower() for word in _WORD.findall(text))
    return {word[:_SAME].removesuffix("s") for word in words if word not in FREQUENT_WORDS and not is_deed(word)}
