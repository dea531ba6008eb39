"""What is checked of every reply: small named functions, each of which may find something.

A check gets a `Draft` and yields findings. To add one, write it beside its like and put it into `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cortex_tickets._replies.checks.addressee import right_customer
from cortex_tickets._replies.checks.circumstances import known_preference, label_in_playbook, usable_label
from cortex_tickets._replies.checks.facts import unsupported_fact
from cortex_tickets._replies.checks.language import other_language
from cortex_tickets._replies.checks.leaks import prompt_leakage, raw_text, speaks_of_itself
from cortex_tickets._replies.checks.lengths import character_limit, word_limit
from cortex_tickets._replies.checks.names import unknown_name
from cortex_tickets._replies.checks.offers import offer_not_allowed
from cortex_tickets._replies.checks.particulars import ticket_details_used
from cortex_tickets._replies.checks.promises import promise_not_allowed
from cortex_tickets._replies.checks.wholeness import (
    empty_or_truncated,
    leftover_placeholder,
    markup_in_text_message,
)
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    empty_or_truncated,
    word_limit,
    character_limit,
    other_language,
    right_customer,
    unknown_name,
    ticket_details_used,
    unsupported_fact,
    offer_not_allowed,
    promise_not_allowed,
    leftover_placeholder,
    markup_in_text_message,
    prompt_leakage,
    speaks_of_itself,
    raw_text,
    known_preference,
    usable_label,
    label_in_playbook,
)
"""Every check, in the order in which findings are told."""
CHECKS_VERSION = 2
"""Raised whenever a check changes: replies that were checked before are then looked at anew, which asks no model."""
