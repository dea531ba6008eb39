"""What is done with a table of replies that stands: read it, give it to people, and take back what they decided."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._replies.exporting import export_replies, status_problems
from cortex_tickets._replies.gathering import stored_replies, within
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.reading import limit_problems, stored_rows
from cortex_tickets._replies.review_file import MAX_ROWS, read_review, review_of
from cortex_tickets._replies.reviewing import import_file
from cortex_tickets._replies.settling import stored_reply
from cortex_tickets.file_writing import checked_path
from cortex_tickets.problems import Problems
from cortex_tickets.records.reply import Reply, ReplyStatus
from cortex_tickets.records.reply_decision import ReplyDecision
from cortex_tickets.records.review_report import ReviewReport
from cortex_tickets.table_run import TableRun

_TO_REVIEW = (ReplyStatus.NEEDS_REVIEW, ReplyStatus.DRAFT)


class ReviewVerbs:
    """What `ResponseGenerator` does with replies that `reply_table` wrote."""

    _client: CortexClient
    _maker: ReplyMaker

    def replies(
        self, source: Any, *, labels: TableRun, into: str, limit: int = 1_000, timeout: float | None = None
    ) -> list[Reply]:
        """Return the replies that `reply_table` wrote for these tickets.

        Sends one statement that is not billed but for the warehouse, after those that look at what was given. A reply
        that no run has checked yet is checked here; nothing is written.

        Args:
            source: The tickets, as for `reply_table`; a `TicketSource` with a query for some of them.
            labels: The run whose labels the replies were written with.
            into: The ledger table.
            limit: Replies to return, at most; 1 to 10,000.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            At most `limit` replies in the order of ticket id and key; tickets that have none yet are left out.

        Raises:
            InvalidInputError: If source or ledger are not there, or `limit` is out of range.
        """
        problems = Problems()
        client = within(self._client, timeout, problems)
        problems.add(limit_problems(limit))
        ledger = stored_replies(client, self._maker, source, labels=labels, into=into, problems=problems)
        return [stored_reply(self._maker, row) for row in stored_rows(client, ledger, limit)]

    def export_for_review(
        self,
        source: Any,
        *,
        labels: TableRun,
        into: str,
        path: str | os.PathLike[str],
        statuses: Sequence[ReplyStatus | str] = _TO_REVIEW,
        limit: int = 1_000,
        overwrite: bool = False,
        timeout: float | None = None,
    ) -> int:
        """Write replies into a CSV file for people to decide about, and return how many it has.

        The file has a row for each reply beside its ticket, those that need review first. A reviewer writes `approved`
        or `rejected` into DECISION and a name into REVIEWER, may edit SUBJECT and BODY, and leaves all else as it is;
        `import_review` takes it back. The file holds customers' words: only its owner may read it, it is there whole
        or not at all, and no cell is a formula to a spreadsheet. Asks no model; what was not checked yet is checked
        before.

        Args:
            source: The tickets, as for `replies`.
            labels: As for `replies`.
            into: As for `replies`.
            path: A file that ends in `.csv`.
            statuses: Where the replies stand that are written.
            limit: Replies in the file, at most; 1 to 10,000. What is decided about is left out of the next file.
            overwrite: Whether a file that is there already may be replaced, with the edits that it may have.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: With every problem: source or ledger are not there, `limit` is out of range, a status
                that is none, a path that cannot be written to, or a file that is there.
        """
        problems = Problems()
        client = within(self._client, timeout, problems)
        problems.add([*limit_problems(limit), *status_problems(statuses)])
        with problems:
            target = checked_path(path, (".csv",))
        ledger = stored_replies(client, self._maker, source, labels=labels, into=into, problems=problems)
        return export_replies(client, self._maker, ledger, target, statuses=statuses, limit=limit, overwrite=overwrite)

    def import_review(
        self,
        source: Any,
        *,
        labels: TableRun,
        into: str,
        path: str | os.PathLike[str],
        reviewer: str | None = None,
        timeout: float | None = None,
    ) -> ReviewReport:
        """Take the decisions and edits of a reviewed file into the ledger, and return what was taken.

        Rows and columns may stand in another order, and rows may be missing. All of the file is taken, in one
        statement, or nothing; a file that is read twice changes nothing the second time. An edited reply is checked
        again: one in which a check finds something is `needs_review`, whatever was decided about it, and stands in
        `sent_back`. Export it anew to approve it knowing that. Asks no model.

        Args:
            source: The tickets, as for the export.
            labels: As for the export.
            into: As for the export.
            path: The file.
            reviewer: Who decided, for rows that do not say so in REVIEWER.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: With every problem, and nothing is written: what cannot be read, columns that are
                missing, replies that are unknown, twice there, or have changed since the export, cells that were not to
                be changed, decisions that are none, a reviewer who is not named.
        """
        problems = Problems()
        client = within(self._client, timeout, problems)
        with problems:
            file = read_review(os.fspath(path))
        ledger = stored_replies(client, self._maker, source, labels=labels, into=into, problems=problems)
        return import_file(client, self._maker, ledger, file, reviewer=reviewer)

    def review(
        self,
        source: Any,
        *,
        labels: TableRun,
        into: str,
        decisions: Sequence[ReplyDecision],
        reviewer: str,
        timeout: float | None = None,
    ) -> ReviewReport:
        """Take decisions and edits that were made on a screen into the ledger, and return what was taken.

        As `import_review`, without a file: all in one statement, or nothing. An edited reply is checked again; one in
        which a check finds something is `needs_review`, whatever was decided, and stands in `sent_back`. Asks no model.

        Args:
            source: The tickets, as for `replies`.
            labels: As for `replies`.
            into: As for `replies`.
            decisions: One for each reply, at most 10,000, with the replies as `replies` returned them.
            reviewer: Who decided.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: With every problem, and nothing is written: replies that are unknown, twice there, or
                have changed since they were read, a reply that was emptied, nobody named as the reviewer.
        """
        problems = Problems()
        client = within(self._client, timeout, problems)
        keys = [decision.reply.key for decision in decisions]
        if len(set(keys)) < len(keys):
            problems.add(["A reply stands in more than one of the decisions. Keep one of them."])
        if not reviewer.strip():
            problems.add(["reviewer= is blank; say who decided."])
        if len(keys) > MAX_ROWS:
            problems.add([f"{len(keys):,} decisions are too many; give at most {MAX_ROWS:,} at a time."])
        ledger = stored_replies(client, self._maker, source, labels=labels, into=into, problems=problems)
        return import_file(client, self._maker, ledger, review_of(decisions), reviewer=reviewer.strip())
