"""Is the reply short enough for its channel?"""

from __future__ import annotations

from collections.abc import Iterator

from cortex_tickets._replies.checks.draft import Draft
from cortex_tickets.prompts.reply_prompt import MAX_EMAIL_WORDS, MAX_TEXT_MESSAGE_WORDS
from cortex_tickets.records.reply import Channel, Finding

MAX_SEGMENTS = 3
"""Segments that a text message may have; each is billed as one. 24 words of Cyrillic, or with an emoji, take three."""
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_DOUBLE = frozenset("^{}\\[~]|€")
_LIMITS = {Channel.EMAIL: MAX_EMAIL_WORDS, Channel.TEXT_MESSAGE: MAX_TEXT_MESSAGE_WORDS}


def word_limit(draft: Draft) -> Iterator[Finding]:
    """At most 100 words in an e-mail's body, fewer than 25 in a text message."""
    n_words, limit = len(draft.body.split()), _LIMITS[draft.channel]
    if n_words > limit:
        yield Finding(check="word_limit", message=f"The body has {n_words} words; the limit is {limit} words.")


def text_message_size(draft: Draft) -> Iterator[Finding]:
    """A text message takes at most three segments."""
    if draft.channel is not Channel.TEXT_MESSAGE:
        return
    n_segments = text_message_segments(draft.body)
    if n_segments > MAX_SEGMENTS:
        yield Finding(
            check="text_message_size",
            message=f"The text message takes {n_segments} segments ({len(draft.body)} characters); "
            f"the limit is {MAX_SEGMENTS} segments.",
        )


def text_message_segments(text: str) -> int:
    """Return how many segments a text message takes.

    Source:
        GSM 03.38 and 03.40: 160 characters of the seven-bit alphabet in one message, 153 in each of several; 70 and
        67 where any other character stands in it.
    """
    if all(character in _GSM_7 or character in _GSM_7_DOUBLE for character in text):
        size = len(text) + sum(character in _GSM_7_DOUBLE for character in text)
        one, each = 160, 153
    else:
        size = len(text.encode("utf-16-le")) // 2
        one, each = 70, 67
    return 1 if size <= one else -(-size // each)
