"""Looks at what a call on a table of replies was given, so that its caller is told everything at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.models import available_model
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.work import REPLY_COLUMNS, checked_reply_source, replies_to, require_run
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.ledger_name import ledger_name
from cortex_tickets.ledger.schema import described_columns, fully_qualified, ledger_problems
from cortex_tickets.ledger.source_check import SourceCheck
from cortex_tickets.problems import Problems, seconds_problems
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import TableRun


def within(client: CortexClient, timeout: float | None, problems: Problems) -> CortexClient:
    """Return a client whose time is over in `timeout` seconds; what is wrong with these is a problem."""
    wrong = seconds_problems(timeout)
    problems.add(wrong)
    return client if wrong else client.within(timeout)


def checked_ledger(client: CortexClient, maker: ReplyMaker, into: str) -> TableName:
    """Return the name of a ledger that is there, or that can be made.

    Raises:
        InvalidInputError: If it is no name, or a table of another form has it.
    """
    table = fully_qualified(client, ledger_name(into))
    problems = ledger_problems(client, table, {**maker.operation.extra_columns, **REPLY_COLUMNS})
    if problems:
        raise InvalidInputError(problems)
    return table


def existing_ledger(client: CortexClient, maker: ReplyMaker, into: str) -> TableName:
    """Return the name of a ledger that is there.

    Raises:
        InvalidInputError: If it is not, or a table of another form has its name.
    """
    table = checked_ledger(client, maker, into)
    if described_columns(client, table) is None:
        raise InvalidInputError(f"The ledger {table} does not exist. Write it with reply_table(..., into={into!r}).")
    return table


def checked_tickets(
    client: CortexClient, source: Any, labels: TableRun, problems: Problems, *, allow_incomplete: bool
) -> SourceCheck:
    """Return the check of tickets and labels; what speaks against the run itself is a problem.

    Raises:
        InvalidInputError: With everything that speaks against the tickets.
    """
    with problems:
        require_run(labels, allow_incomplete=allow_incomplete)
    return checked_reply_source(client, TicketSource.of(source), labels, allow_incomplete=allow_incomplete)


def available_maker(client: CortexClient, maker: ReplyMaker, problems: Problems) -> ReplyMaker:
    """Return what asks the first model that the account has; if it has none, that is a problem."""
    operation = maker.operation
    model, against = available_model(client, operation.candidates)
    problems.add(against)
    return replace(maker, operation=operation.asking(model or operation.model))


def stored_replies(
    client: CortexClient, maker: ReplyMaker, source: Any, *, labels: TableRun, into: str, problems: Problems
) -> ReplyLedger:
    """Return the rows of replies that were written before.

    Raises:
        InvalidInputError: With every problem: source or ledger are not there, or what was found before.
    """
    with problems:
        table = existing_ledger(client, maker, into)
    with problems:
        check = checked_tickets(client, source, labels, problems, allow_incomplete=True)
    problems.require_none()
    return replies_to(check.source, labels, maker, table)
