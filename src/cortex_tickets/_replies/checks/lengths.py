"""Is the reply short enough for its channel?"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from cortex_tickets.prompts.reply_prompt import MAX_EMAIL_WORDS, MAX_TEXT_MESSAGE_WORDS
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Channel, Finding

MAX_SEGMENTS = 3
"""Segments that a text message may have; each is billed as one. 24 words of Cyrillic, or with an emoji, take three."""
MAX_EMAIL_CHARACTERS = 1_500
"""Characters of an e-mail's body: 100 words have about 600, in languages of long words 1,000."""
MAX_SUBJECT_CHARACTERS = 120
"""Characters of a subject; mail programs show some 70."""
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_DOUBLE = frozenset("^{}\\[~]|€\x0c")
_DENSE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uff66-\uff9f]")
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese; Korean has spaces."""
_SIGNS_PER_WORD = 2
_LIMITS = {Channel.EMAIL: MAX_EMAIL_WORDS, Channel.TEXT_MESSAGE: MAX_TEXT_MESSAGE_WORDS}


def word_limit(draft: Draft) -> Iterator[Finding]:
    """At most 100 words in an e-mail's body, fewer than 25 in a text message."""
    n_words, limit = count_words(draft.body), _LIMITS[draft.channel]
    if n_words > limit:
        yield Finding(check="word_limit", message=f"The body has {n_words} words; the limit is {limit} words.")


def count_words(text: str) -> int:
    """Return the words of a text; where it is written without spaces, two signs count as one."""
    dense = _DENSE.findall(text)
    return len(_DENSE.sub(" ", text).split()) + math.ceil(len(dense) / _SIGNS_PER_WORD) if dense else len(text.split())


def character_limit(draft: Draft) -> Iterator[Finding]:
    """A text message takes at most three segments; an e-mail has at most 1,500 characters, its subject 120."""
    if draft.channel is Channel.TEXT_MESSAGE:
        n_segments = text_message_segments(draft.body)
        if n_segments > MAX_SEGMENTS:
            yield _too_long(f"The text message takes {n_segments} segments ({len(draft.body)} characters)", "segments")
        return
    if len(draft.body) > MAX_EMAIL_CHARACTERS:
        yield _too_long(f"The body has {len(draft.body)} characters", "body")
    if len(draft.subject or "") > MAX_SUBJECT_CHARACTERS:
        yield _too_long(f"The subject has {len(draft.subject or '')} characters", "subject")


def text_message_segments(text: str) -> int:
    """Return how many segments a text message takes.

    Source:
        GSM 03.38 and 03.40: 160 characters of the seven-bit alphabet in one message, 153 in each of several; 70 and
        67 where any other character stands in it. A character that takes two places is not parted.
    """
    if all(character in _GSM_7 or character in _GSM_7_DOUBLE for character in text):
        places = [2 if character in _GSM_7_DOUBLE else 1 for character in text]
        one, each = 160, 153
    else:
        places = [2 if ord(character) > 0xFFFF else 1 for character in text]  # noqa: PLR2004  the last that UTF-16 writes in one
        one, each = 70, 67
    if sum(places) <= one:
        return 1
    n_segments, left = 1, each
    for n_places in places:
        if n_places > left:
            n_segments, left = n_segments + 1, each
        left -= n_places
    return n_segments


def _too_long(what: str, part: str) -> Finding:
    limit = {
        "segments": f"{MAX_SEGMENTS} segments",
        "body": f"{MAX_EMAIL_CHARACTERS} characters",
        "subject": f"{MAX_SUBJECT_CHARACTERS} characters",
    }[part]
    return Finding(check="character_limit", message=f"{what}; the limit is {limit}.")
