"""Asks a model for replies to a list of tickets, and reads stored ones: what comes back is checked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from cortex_tickets._cortex.candidates import answered
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.replying import Replying
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_blocks import POSITIONED, blocks, positioned
from cortex_tickets._replies.making import made_reply, text_hash
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.prompts.delimiter import is_blank
from cortex_tickets.records.reply import Reply
from cortex_tickets.records.ticket import Ticket


def ask_for_replies(
    client: CortexClient,
    operation: Replying,
    tickets: Sequence[Ticket],
    labels: Sequence[str | None],
    *,
    findings: Sequence[Sequence[str]],
    timeout: float | None,
) -> list[Reply]:
    """Ask once for each ticket. Equal prompts are one question, and its tokens stand on the first of them.

    Raises:
        InvalidInputError: If the account does not have the model.
        CortexError: If Snowflake fails for another reason than one ticket.
    """
    prompts = [
        None if is_blank(ticket.text) else operation.prompt.render(ticket, label=label, findings=found)
        for ticket, label, found in zip(tickets, labels, findings, strict=True)
    ]
    distinct = [prompt for prompt in dict.fromkeys(prompts) if prompt is not None]
    answers = _answers(client, operation, distinct, timeout)
    replies = []
    for ticket, label, prompt in zip(tickets, labels, prompts, strict=True):
        row = None if prompt is None else answers[prompt]
        replies.append(_made(operation, ticket, label, prompt, row))
        if prompt is not None:
            answers[prompt] = {**answers[prompt], "INPUT_TOKENS": None, "OUTPUT_TOKENS": None}
    return replies


def stored_reply(operation: Replying, row: Row) -> Reply:
    """Return the reply that stands in the ledger, checked anew."""
    ticket = Ticket(
        id=row["TICKET_ID"],
        text=row["TICKET_TEXT"] or "",
        customer_name=row["CUSTOMER_NAME"],
        customer_email=row["CUSTOMER_EMAIL"],
        contact_preference=row["CONTACT_PREFERENCE"],
    )
    return _made(operation, ticket, row["TICKET_LABEL"], row["INPUT"], row)


def check_lists(tickets: Sequence[Ticket], labels: Sequence[str | None]) -> None:
    """Check what a caller gave as tickets and labels.

    Raises:
        InvalidInputError: With every problem: an element is no ticket, or the lengths differ.
    """
    if isinstance(labels, str):
        raise InvalidInputError(f"labels must be a list, one for each ticket, not the text {labels!r}.")
    given: Sequence[object] = tickets
    problems = [
        f"tickets[{position}] is a {type(ticket).__name__}, not a Ticket."
        for position, ticket in enumerate(given)
        if not isinstance(ticket, Ticket)
    ]
    if len(tickets) != len(labels):
        problems.append(f"There are {len(tickets)} tickets and {len(labels)} labels; give one label for each ticket.")
    if problems:
        raise InvalidInputError(problems)


def _answers(client: CortexClient, operation: Replying, prompts: list[str], timeout: float | None) -> dict[str, Row]:
    answers: dict[str, Row] = {}
    for block in blocks(prompts):
        operation, rows = answered(client, operation, partial(_statement, prompts=block), timeout=timeout)
        answers.update(
            (prompt, {**row, "ANSWERED_BY": operation.model}) for prompt, row in zip(block, rows, strict=True)
        )
    return answers


def _statement(operation: Replying, prompts: list[str]) -> Statement:
    return positioned(operation.answers_query(POSITIONED, ("POSITION",)), prompts)


def _made(operation: Replying, ticket: Ticket, label: str | None, prompt: str | None, row: Row | None) -> Reply:
    return made_reply(
        operation.prompt,
        ticket,
        row,
        label=label,
        model=operation.model if row is None else row["ANSWERED_BY"],
        generator_hash=operation.hash,
        prompt_hash=None if prompt is None else text_hash(prompt),
    )
