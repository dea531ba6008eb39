"""What is checked of every reply: small named functions, each of which may find something.

A check gets a `Draft` and yields findings. To add one, write it beside its like and put it into `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cortex_tickets._replies.checks.addressee import known_preference, right_customer, usable_label
from cortex_tickets._replies.checks.draft import Draft
from cortex_tickets._replies.checks.facts import unsupported_fact
from cortex_tickets._replies.checks.lengths import text_message_size, word_limit
from cortex_tickets._replies.checks.promises import offer_not_allowed, promise_not_allowed
from cortex_tickets._replies.checks.wholeness import (
    empty_or_truncated,
    leftover_placeholder,
    markup_in_text_message,
    prompt_leakage,
)
from cortex_tickets.records.reply import Finding

ReplyCheck = Callable[[Draft], Iterator[Finding]]

CHECKS: tuple[ReplyCheck, ...] = (
    empty_or_truncated,
    word_limit,
    text_message_size,
    right_customer,
    unsupported_fact,
    offer_not_allowed,
    promise_not_allowed,
    leftover_placeholder,
    markup_in_text_message,
    prompt_leakage,
    known_preference,
    usable_label,
)
"""Every check, in the order in which findings are told."""


def findings_of(draft: Draft) -> tuple[Finding, ...]:
    """Return what all the checks find."""
    return tuple(finding for check in CHECKS for finding in check(draft))
