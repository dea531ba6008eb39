"""Writes replies: one, many, or a table; every one of them is checked, and none is ever sent from here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._cortex.replying import Replying
from cortex_tickets._replies.asking import check_lists, checked_replies
from cortex_tickets._replies.checks.check_set import CheckSet, ReplyCheck
from cortex_tickets._replies.estimating import estimate_replies
from cortex_tickets._replies.gathering import available_maker, checked_ledger, checked_tickets, within
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.review_verbs import ReviewVerbs
from cortex_tickets._replies.work import replies_to
from cortex_tickets._replies.writing import ReplyWriter
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.ledger.settings import CHUNK_ROWS, RunSettings
from cortex_tickets.problems import Problems, model_name_problems, model_names
from cortex_tickets.progress import RowListener, run_listener
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.reply import Reply
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun


class ResponseGenerator(ReviewVerbs):
    """Writes an e-mail or a text message for each ticket, by its contact preference, and checks it.

    A reply says only what stands in its ticket and in the playbook. It is a draft for a person: nothing is sent. One
    that fails a check is asked once more, with what was found, and needs review if that does not mend it. The
    constructor stores and checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        model: A Cortex model, such as `claude-haiku-4-5`, or several in the order in which they are to be tried: the
            next one is asked where one is retired, in legacy state, or not in this region.
        playbook: What replies may say, label by label; by default `Playbook.default()`.
        campaign: What the model is to promote to customers whose playbook entry allows an offer, as you would tell a
            colleague: "promote a plan that saves costs". The model works it into a sentence; a reply that copies an
            order word for word is found. `None` for no offer.
        checks: Checks of your own, after the built-in ones: functions that are given a `Draft` and return what they
            found, as a sentence, a `Finding`, a list of these, or `None`. A list of named functions, or functions by
            name. One that raises an exception becomes a finding itself.
        guardrails: Have Cortex Guard look at every answer: what it keeps back has the outcome `refused`. It reads
            prompt and answer; its tokens count as tokens that the model reads.
        prices: Prices that the packaged table lacks or has wrong, by model.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem in the model, the campaign and the checks.

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
        checks: Sequence[ReplyCheck] | Mapping[str, ReplyCheck] = (),
        guardrails: bool = False,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        problems = Problems()
        problems.add(model_name_problems(model, "AI_COMPLETE"))
        with problems:
            check_set = CheckSet(checks)
        with problems:
            prompt = ReplyPrompt(playbook=playbook or Playbook.default(), campaign=campaign)
        problems.require_none()
        operation = Replying.of(model_names(model), prompt, guardrails=guardrails)
        self._maker = ReplyMaker(operation, check_set)
        self._prices = packaged_prices().with_prices(prices)
        self._session = session
        tag = {"app": "cortex_tickets", "operation": "reply", "generator": operation.hash[:12]}
        self._client = CortexClient(session, tag=json.dumps(tag), clock=clock)

    @property
    def model(self) -> str:
        """The model that it asks, the first one of several."""
        return self._maker.operation.model

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, in order."""
        return self._maker.operation.candidates

    @property
    def playbook(self) -> Playbook:
        """What its replies may say."""
        return self.prompt.playbook

    @property
    def prompt(self) -> ReplyPrompt:
        """What it asks."""
        return self._maker.prompt

    @property
    def generator_hash(self) -> str:
        """SHA-256, in hexadecimal, of all that can change a reply: models, playbook, campaign, parameters."""
        return self._maker.operation.hash

    def reply(self, ticket: Ticket, *, label: str | None, timeout: float | None = None) -> Reply:
        """Return the reply to one ticket.

        Sends one billed statement, a second one if the first reply fails a check, and none for a blank ticket.

        Args:
            ticket: What is answered, and whom.
            label: The ticket's label; `None` if it has none.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

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
        are asked once more, with what was found, and the better of the two is kept. Where asking again fails, or its
        time is over, the first reply stands. Nothing is stored: for a table, use `reply_table`.

        Args:
            tickets: Shape `(n_tickets,)`. Order is kept. Empty is allowed and sends nothing.
            labels: Shape `(n_tickets,)`; `None` where a ticket has no label.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            Shape `(n_tickets,)`; element `i` is for `tickets[i]`. A reply in which a check found something has the
            status `needs_review`. Each ticket is asked for itself; only where one stands there twice, customer and
            all, the tokens stand on the first.

        Raises:
            InvalidInputError: If an element is no ticket, the lengths differ, or the account does not have the model.
            StatementTimeoutError: If the time is over before every first reply is there.
            CortexError: If Snowflake fails for another reason than one ticket.
        """
        problems = Problems()
        client = within(self._client, timeout, problems)
        with problems:
            check_lists(tickets, labels)
        problems.require_none()
        return checked_replies(
            client, self._maker, tickets, [None if label is None else clean(label) for label in labels]
        )

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
        """Write a reply for every ticket of a table that has none yet, check it, and return the run's record.

        Writes the tables `into` (one row per ticket and generator, with SUBJECT, BODY, STATUS and FINDINGS),
        `<into>_RUNS` and `<into>_LEASES`. The ledger's key is the whole prompt and whom it is for: each ticket is
        asked for itself, and another label, name or playbook gives another letter. A ticket without a usable label
        gets the playbook's generic entry, a blank one the outcome `blank`.

        The model is asked in the warehouse; the checks run here. New replies come to the client with their tickets, at
        most 500 and about a million characters at a time whatever the table's size, two statements for each such
        block and some milliseconds for each reply. Those that fail are then asked once more, as a second operation of
        the run, and never a third time. The next run goes on where one died or was stopped: with what was not asked,
        not checked, or not asked again. Replies that other checks looked at are checked anew, unless a person decided.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.
            labels: The run of `TicketClassifier.classify_table` over these tickets.
            into: The ledger table. It is made if it is not there.
            budget: A hard stop before the chunk that could cross it, second tries included; `None` for no limit.
            chunk_rows: Prompts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk with a `RunProgress`,
                of the second tries as of an operation `reply_again`.
            allow_incomplete: Write for an incomplete run, or for tickets that it does not know, too: what has no
                label gets the generic entry.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason when budget or time ran out, or another run took over since
            this one gave no sign of life. `n_by_status` tells drafts from what needs review.

        Raises:
            IncompleteRunError: If `labels` is incomplete and `allow_incomplete` is false.
            InvalidInputError: Before anything is billed or written, with every problem: no such table or column, no
                rows, tickets that the run did not label, a model that the account lacks, an `into` that is another
                table.
            LedgerInUseError: If another run of this generator works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        problems = Problems()
        with problems:
            settings = RunSettings(
                operation=self._maker.operation,
                budget=budget,
                prices=self._prices,
                chunk_rows=chunk_rows,
                timeout=timeout,
                listener=run_listener(progress, "writing replies", self._client.clock),
            )
        client = within(self._client, timeout, Problems())
        with problems:
            table = checked_ledger(client, self._maker, into)
        with problems:
            check = checked_tickets(client, source, labels, problems, allow_incomplete=allow_incomplete)
        maker = available_maker(client, self._maker, problems)
        problems.require_none()
        writer = ReplyWriter(
            client,
            maker,
            replies_to(check.source, labels, maker, table),
            check,
            settings=settings,
            listener_again=run_listener(progress, "asking again", client.clock),
        )

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

        return writer.write().attached(self._session, again)

    def estimate(
        self, source: Any, *, labels: TableRun, into: str | None = None, timeout: float | None = None
    ) -> Estimate:
        """Return what `reply_table` would ask and cost. Nothing is billed but the warehouse.

        Second tries that are due in the ledger are counted; how many of the new replies will need one, nobody knows.
        If all did, the rest would cost about as much again.

        Args:
            source: As for `reply_table`.
            labels: As for `reply_table`.
            into: The ledger; replies that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: With every problem: no such table or column, no rows, a model that the account lacks,
                an `into` that is another table.
            UnexpectedAnswerError: If the model's tokens cannot be counted.
        """
        problems, table = Problems(), None
        client = within(self._client, timeout, problems)
        if into is not None:
            with problems:
                table = checked_ledger(client, self._maker, into)
        with problems:
            check = checked_tickets(client, source, labels, problems, allow_incomplete=True)
        maker = available_maker(client, self._maker, problems)
        problems.require_none()
        return estimate_replies(client, maker, check.source, labels, self._prices, into=table)
