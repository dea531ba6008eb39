"""Asks a model for replies to a list of tickets: what comes back is checked, and where it fails asked once more."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from cortex_tickets._cortex.candidates import answered
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.replying import Replying, is_unreadable
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_blocks import POSITIONED, blocks, positioned
from cortex_tickets._replies.long_prompts import long_prompts
from cortex_tickets._replies.making import ReplyMaker, better, read_loosely, reply_key, rewritable
from cortex_tickets.errors import CortexError, InvalidInputError
from cortex_tickets.prompts.delimiter import is_blank
from cortex_tickets.records.reply import Reply
from cortex_tickets.records.ticket import Ticket

logger = logging.getLogger("cortex_tickets")


def checked_replies(
    client: CortexClient, maker: ReplyMaker, tickets: Sequence[Ticket], labels: Sequence[str | None]
) -> list[Reply]:
    """Return the replies, those that failed a check asked once more with what was found.

    The first replies are paid for: where asking again fails, they stand, and need review.

    Raises:
        InvalidInputError: If the account does not have the model.
        CortexError: If Snowflake fails for another reason than one ticket.
    """
    replies = _asked(client, maker, tickets, labels, findings=[()] * len(tickets))
    again = [position for position, reply in enumerate(replies) if rewritable(reply)]
    try:
        second = _asked(
            client,
            replace(maker, operation=maker.operation.second_try()) if _has_unreadable(replies) else maker,
            [tickets[position] for position in again],
            [labels[position] for position in again],
            findings=[rewritable(replies[position]) for position in again],
        )
    except (CortexError, InvalidInputError) as error:
        logger.warning("%d replies could not be asked again: %s", len(again), type(error).__name__)
        return replies
    for position, reply in zip(again, second, strict=True):
        kept = better(replies[position], reply)
        # Whichever try is kept, it is this generator's.
        replies[position] = kept.model_copy(update={"generator_hash": maker.operation.hash})
    return replies


def _has_unreadable(replies: Sequence[Reply]) -> bool:
    return any(is_unreadable(reply.error) for reply in replies)


def check_lists(tickets: Sequence[Ticket], labels: Sequence[str | None]) -> None:
    """Check what a caller gave as tickets and labels.

    Raises:
        InvalidInputError: With every problem: no lists, an element that is no ticket or no label, other lengths.
    """
    given: tuple[tuple[str, object], ...] = (("tickets", tickets), ("labels", labels))
    problems = [
        f"{name} must be a list, one for each ticket, not {value!r}."
        for name, value in given
        if isinstance(value, str) or not isinstance(value, Sequence)
    ]
    if problems:
        raise InvalidInputError(problems)
    these: Sequence[object] = tickets
    those: Sequence[object] = labels
    problems += [
        f"tickets[{position}] is a {type(ticket).__name__}, not a Ticket."
        for position, ticket in enumerate(these)
        if not isinstance(ticket, Ticket)
    ]
    problems += [
        f"labels[{position}] is a {type(label).__name__}, not a label's name or None."
        for position, label in enumerate(those)
        if not (label is None or isinstance(label, str))
    ]
    if len(tickets) != len(labels):
        problems.append(f"There are {len(tickets)} tickets and {len(labels)} labels; give one label for each ticket.")
    if problems:
        raise InvalidInputError(problems)


def _asked(
    client: CortexClient,
    maker: ReplyMaker,
    tickets: Sequence[Ticket],
    labels: Sequence[str | None],
    *,
    findings: Sequence[Sequence[str]],
) -> list[Reply]:
    """Ask once for each ticket; only a ticket that stands there twice, customer and all, is one question."""
    keys = [reply_key(maker.prompt, ticket, label) for ticket, label in zip(tickets, labels, strict=True)]
    prompts = {
        key: maker.prompt.render(ticket, label=label, findings=found)
        for key, ticket, label, found in zip(keys, tickets, labels, findings, strict=True)
        if not is_blank(ticket.text)
    }
    # What is known to be refused is not sent; it is told as the row's outcome.
    answers = long_prompts(client, maker.operation, prompts)
    answers |= _answers(client, maker.operation, {key: text for key, text in prompts.items() if key not in answers})
    replies = []
    for key, ticket, label in zip(keys, tickets, labels, strict=True):
        answer = answers.get(key)
        replies.append(maker.made(ticket, answer and read_loosely(answer), label=label, key=key))
        if answer is not None:
            # Tokens stand on the first of equal questions.
            answers[key] = {**answer, "INPUT_TOKENS": None, "OUTPUT_TOKENS": None}
    return replies


def _answers(client: CortexClient, operation: Replying, prompts: dict[str, str]) -> dict[str, Row]:
    answers: dict[str, Row] = {}
    keys = iter(prompts)
    for block in blocks(list(prompts.values())):
        operation, rows = answered(client, operation, partial(_statement, prompts=block))
        answers.update({next(keys): {**row, "ANSWERED_BY": operation.model} for row in rows})
    return answers


def _statement(operation: Replying, prompts: list[str]) -> Statement:
    return positioned(operation.answers_query(POSITIONED, ("POSITION",)), prompts)
