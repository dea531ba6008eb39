"""Writes replies: one, many, or a table; every one of them is checked, and none is ever sent from here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.models import available_model
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._cortex.reply_source import stored_replies
from cortex_tickets._cortex.replying import Replying
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._replies.asking import ask_for_replies, check_lists, stored_reply
from cortex_tickets._replies.making import better, rewritable
from cortex_tickets._replies.work import REPLY_COLUMNS, checked_reply_source, reply_work, require_run
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.estimating import estimate_operation
from cortex_tickets.ledger.run import run_operation
from cortex_tickets.ledger.schema import described_columns, fully_qualified, ledger_problems
from cortex_tickets.ledger.settings import CHUNK_ROWS, RunSettings
from cortex_tickets.problems import (
    Problems,
    model_name_problems,
    model_names,
    seconds_problems,
    whole_number_problems,
)
from cortex_tickets.progress import RowListener, run_listener
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.reply import Reply
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun

MAX_REPLIES = 10_000
"""Replies that `replies` brings to the client in one call, at most."""


class ResponseGenerator:
    """Writes an e-mail or a text message for each ticket, by its contact preference, and checks it.

    A reply says only what stands in its ticket and in the playbook. It is a draft for a person: nothing is sent. The
    constructor stores and checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        model: A Cortex model, such as `claude-haiku-4-5`, or several in the order in which they are to be tried: the
            next one is asked where one is retired, in legacy state, or not in this region.
        playbook: What replies may say, label by label; by default `Playbook.default()`.
        campaign: What may be offered, in a sentence, to customers whose playbook entry allows an offer: "promote a
            plan that saves costs". `None` for no offer.
        prices: Prices that the packaged table lacks or has wrong, by model.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem in the model and the campaign.

    Examples:
        >>> from cortex_tickets import ResponseGenerator, Ticket, local
        >>> ticket = Ticket(id="TR1", text="I lost my phone.", customer_name="Ann", contact_preference="Text Message")
        >>> with local.connect() as session:
        ...     reply = ResponseGenerator(session, model="claude-haiku-4-5").reply(ticket, label="Lost phone")
        >>> reply.channel.value, reply.status.value, reply.n_words < 25
        ('text_message', 'draft', True)
    """

    def __init__(
        self,
        session: Session,
        *,
        model: str | Sequence[str],
        playbook: Playbook | None = None,
        campaign: str | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        wrong = model_name_problems(model, "AI_COMPLETE")
        if wrong:
            raise InvalidInputError(wrong)
        models = model_names(model)
        prompt = ReplyPrompt(playbook=playbook or Playbook.default(), campaign=campaign)
        self._operation = Replying(model=models[0], models=models, prompt=prompt)
        self._prices = packaged_prices().with_prices(prices)
        self._session = session
        tag = {"app": "cortex_tickets", "operation": "reply", "generator": self._operation.hash[:12]}
        self._client = CortexClient(session, tag=json.dumps(tag), clock=clock)

    @property
    def model(self) -> str:
        """The model that it asks, the first one of several."""
        return self._operation.model

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, in order."""
        return self._operation.candidates

    @property
    def playbook(self) -> Playbook:
        """What its replies may say."""
        return self._operation.prompt.playbook

    @property
    def prompt(self) -> ReplyPrompt:
        """What it asks."""
        return self._operation.prompt

    @property
    def generator_hash(self) -> str:
        """SHA-256, in hexadecimal, of all that can change a reply: model, playbook, campaign, parameters."""
        return self._operation.hash

    def reply(self, ticket: Ticket, *, label: str | None, timeout: float | None = None) -> Reply:
        """Return the reply to one ticket.

        Sends one billed statement, a second one if the first reply fails a check, and none for a blank ticket.

        Args:
            ticket: What is answered, and whom.
            label: The ticket's label; `None` if it has none. The playbook has its
                generic entry for one that it does not know.
            timeout: Seconds for each statement, retries included; `None` for the session's own limit.

        Raises:
            InvalidInputError: If the account does not have the model.
            CortexError: If Snowflake fails for another reason than this ticket.
        """
        return self.reply_many([ticket], labels=[label], timeout=timeout)[0]

    def reply_many(
        self, tickets: Sequence[Ticket], *, labels: Sequence[str | None], timeout: float | None = None
    ) -> list[Reply]:
        """Return the replies to a list of tickets.

        Sends one billed statement for each block of 500 prompts or a million characters; replies that fail a check
        are asked once more, with what was found, and the better of the two is kept. Nothing is stored: for a table,
        use `reply_table`.

        Args:
            tickets: Shape `(n_tickets,)`. Order is kept. Empty is allowed and sends nothing.
            labels: Shape `(n_tickets,)`; `None` where a ticket has no label.
            timeout: Seconds for each statement, retries included; `None` for the session's own limit.

        Returns:
            Shape `(n_tickets,)`; element `i` is for `tickets[i]`. A reply in which a check found something has the
            status `needs_review`. Tokens stand on the first of replies with the same prompt.

        Raises:
            InvalidInputError: If an element is no ticket, the lengths differ, or the account does not have the model.
            CortexError: If Snowflake fails for another reason than one ticket.
        """
        check_lists(tickets, labels)
        labels = [None if label is None else clean(label) for label in labels]
        replies = ask_for_replies(
            self._client, self._operation, tickets, labels, findings=[()] * len(tickets), timeout=timeout
        )
        again = [position for position, reply in enumerate(replies) if rewritable(reply)]
        findings = [rewritable(replies[position]) for position in again]
        asked = [tickets[position] for position in again]
        their_labels = [labels[position] for position in again]
        second = ask_for_replies(self._client, self._operation, asked, their_labels, findings=findings, timeout=timeout)
        for position, reply in zip(again, second, strict=True):
            replies[position] = better(replies[position], reply)
        return replies

    def reply_table(
        self,
        source: Any,
        *,
        labels: TableRun,
        into: str,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
        allow_incomplete: bool = False,
    ) -> TableRun:
        """Write a reply for every ticket of a table that has none yet, and return the run's record.

        Writes the tables `into` (one row per ticket and generator, with SUBJECT and BODY), `<into>_RUNS` and
        `<into>_LEASES`. The ledger's key is the whole prompt: two customers with the same words get a letter each,
        and another label, name or playbook gives another letter. A ticket without a usable label gets the playbook's
        generic entry, a blank one the outcome `blank`.

        The model is asked once for each ticket. Replies are checked on the client, when `replies` reads them; what
        fails there has the status `needs_review`, and is not asked a second time as `reply_many` does.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.
            labels: The run of `TicketClassifier.classify_table` over these tickets.
            into: The ledger table. It is made if it is not there.
            budget: A hard stop before the chunk that could cross it; `None` for no limit.
            chunk_rows: Prompts in one statement.
            timeout: Seconds for the whole run, checks included; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk with a `RunProgress`.
            allow_incomplete: Write for an incomplete run, or for tickets that it does not know, too: what has no
                label gets the generic entry.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason when budget or time ran out, or another run took over since
            this one gave no sign of life.

        Raises:
            IncompleteRunError: If `labels` is incomplete and `allow_incomplete` is false.
            InvalidInputError: Before anything is billed or written, with every problem: no such table or column, no
                rows, tickets that the run did not label, a model that the account lacks, an `into` that is another
                table.
            LedgerInUseError: If another run of this generator works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        problems, client = Problems(), self._client
        with problems:
            settings = RunSettings(
                operation=self._operation,
                budget=budget,
                prices=self._prices,
                chunk_rows=chunk_rows,
                timeout=timeout,
                listener=run_listener(progress, "writing replies", client.clock),
            )
            client = client.within(timeout)
        with problems:
            table = fully_qualified(client, TableName.parse(into, role="ledger table"))
            columns = {**self._operation.extra_columns, **REPLY_COLUMNS}
            problems.add(ledger_problems(client, table, columns))
        with problems:
            require_run(labels, allow_incomplete=allow_incomplete)
        with problems:
            check = checked_reply_source(client, TicketSource.of(source), labels, allow_incomplete=allow_incomplete)
        operation = self._available(client, problems)
        problems.require_none()
        work = reply_work(check.source, labels, self.prompt)
        settings = replace(settings, operation=operation)
        run = run_operation(client, source=work, into=table, n_rows=check.n_rows, settings=settings)

        def again() -> TableRun:
            return self.reply_table(
                source,
                labels=labels,
                into=into,
                budget=budget,
                chunk_rows=chunk_rows,
                timeout=timeout,
                progress=progress,
                allow_incomplete=allow_incomplete,
            )

        return run.attached(self._session, again)

    def replies(
        self, source: Any, *, labels: TableRun, into: str, limit: int = 1_000, timeout: float | None = None
    ) -> list[Reply]:
        """Return the replies that `reply_table` wrote for these tickets, checked.

        Sends one statement that is not billed but for the warehouse. The checks need ticket and reply side by side on
        the client, so this is for a bounded number of them.

        Args:
            source: The tickets, as for `reply_table`; a `TicketSource` with a query for some of them.
            labels: The run whose labels the replies were written with.
            into: The ledger table.
            limit: Replies to return, at most; 1 to 10,000.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            At most `limit` replies in the order of ticket id and prompt hash; tickets that have none yet are left out.

        Raises:
            InvalidInputError: If source or ledger are not there, or `limit` is out of range.
        """
        problems, client = Problems(), self._client
        problems.add(seconds_problems(timeout))
        if not seconds_problems(timeout):
            client = client.within(timeout)
        wrong = whole_number_problems("limit", limit)
        if not wrong and not 1 <= limit <= MAX_REPLIES:
            wrong = [f"limit={limit} must be 1 to {MAX_REPLIES:,}: the replies come to the client."]
        problems.add(wrong)
        with problems:
            table = TableName.parse(into, role="ledger table")
            if described_columns(client, table) is None:
                problems.add([f"The ledger {table} does not exist. Write it with reply_table(..., into={into!r})."])
        with problems:
            require_run(labels, allow_incomplete=True)
        with problems:
            check = checked_reply_source(client, TicketSource.of(source), labels, allow_incomplete=True)
        problems.require_none()
        work = reply_work(check.source, labels, self.prompt)
        query = stored_replies(work.relation, table, self.generator_hash, limit)
        rows = client.rows(Statement(query))
        return [stored_reply(self._operation, row) for row in rows]

    def estimate(
        self, source: Any, *, labels: TableRun, into: str | None = None, timeout: float | None = None
    ) -> Estimate:
        """Return what `reply_table` would ask and cost. Nothing is billed but the warehouse.

        Args:
            source: As for `reply_table`.
            labels: As for `reply_table`.
            into: The ledger; replies that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: With every problem: no such table or column, no rows, a model that the account lacks.
        """
        problems, client = Problems(), self._client
        ledger: TableName | None = None
        problems.add(seconds_problems(timeout))
        if not seconds_problems(timeout):
            client = client.within(timeout)
        if into is not None:
            with problems:
                table = TableName.parse(into, role="ledger table")
                ledger = table if described_columns(client, table) is not None else None
        with problems:
            require_run(labels, allow_incomplete=True)
        with problems:
            check = checked_reply_source(client, TicketSource.of(source), labels, allow_incomplete=True)
        operation = self._available(client, problems)
        problems.require_none()
        work = reply_work(check.source, labels, self.prompt)
        return estimate_operation(client, operation, work, self._prices, into=ledger)

    def _available(self, client: CortexClient, problems: Problems) -> Replying:
        """Return what is asked of the first model that the account has; if it has none, that is a problem."""
        model, against = available_model(client, self.models)
        problems.add(against)
        return self._operation.asking(model or self.model)
