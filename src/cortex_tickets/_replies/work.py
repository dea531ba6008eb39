"""What a table of replies is written for: looked at before anything is billed or written, then described as work."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._cortex.reply_source import DETAILS, labelled_tickets, reply_relation
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.ledger.source_check import SourceCheck, checked_source, without_absent_columns
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import TableRun

REPLY_COLUMNS: Mapping[str, str] = dict.fromkeys(DETAILS, "VARCHAR")
"""What the ledger of replies has beside what every ledger has, apart from the reply itself."""


def require_run(labels: object, *, allow_incomplete: bool) -> None:
    """Check that `labels` is a run, and a complete one unless that may be otherwise.

    Raises:
        InvalidInputError: If it is none.
        IncompleteRunError: If it is incomplete and that was not allowed.
    """
    if not isinstance(labels, TableRun):
        raise InvalidInputError(
            f"labels must be the run that classify_table(...) returned, not a {type(labels).__name__}."
        )
    if not allow_incomplete:
        labels.require_complete()


def checked_reply_source(
    client: CortexClient, source: TicketSource, labels: TableRun, *, allow_incomplete: bool
) -> SourceCheck:
    """Return the check of tickets and labels, made with statements that are not billed but for the warehouse.

    Raises:
        InvalidInputError: With everything that speaks against them.
    """
    check = checked_source(client, source)
    known = without_absent_columns(client, check.source)
    given: object = labels
    problems: list[str] = []
    if isinstance(given, TableRun):
        # Of an incomplete run it is said already that tickets are left.
        problems = _label_problems(client, known, given, allow_incomplete or not given.is_complete)
    if problems:
        raise InvalidInputError(problems)
    return SourceCheck(known, check.n_rows, ())


def replies_to(source: TicketSource, labels: TableRun, maker: ReplyMaker, into: TableName) -> ReplyLedger:
    """Return the generator's rows in a ledger for the tickets of a source that was checked."""
    operation = maker.operation
    relation = reply_relation(source, TableName.parse(labels.into), labels.classifier_hash, operation.prompt)
    return ReplyLedger(relation, into, operation.hash, operation.second_try().hash)


def first_tries(ledger: ReplyLedger, source: TicketSource) -> WorkSource:
    """Return the tickets with their rendered prompts, as the ledger's work."""
    return WorkSource(ledger.relation, "TICKET_ID", "INPUT", str(source), DETAILS, "REPLY_KEY")


def second_tries(ledger: ReplyLedger, prompt: ReplyPrompt, name: str) -> WorkSource:
    """Return the replies that failed their checks with what is asked about them, as the ledger's work."""
    return WorkSource(ledger.second_tries(prompt), "TICKET_ID", "AGAIN_INPUT", name, DETAILS, "REPLY_KEY")


def _label_problems(
    client: CortexClient,
    source: TicketSource,
    labels: TableRun,
    may_lack: bool,  # noqa: FBT001  passed on by name
) -> list[str]:
    table = TableName.parse(labels.into)
    if described_columns(client, table) is None:
        return [f"The labels' table {table} does not exist any more. Run classify_table(...) again."]
    if may_lack:
        return []
    tickets = labelled_tickets(source, table, labels.classifier_hash)
    row = client.run(f"SELECT COUNT(*) AS N_ROWS, COUNT_IF(NOT IS_LABELLED) AS N_MISSING FROM ({tickets})")[0]
    missing = int(row["N_MISSING"] or 0)
    if not missing:
        return []
    what = f"{missing} of {row['N_ROWS']} tickets of {source} are not in the run labels={labels.run_id}"
    what_to_do = (
        "Run classify_table(...) over them (it asks only what is new), or give allow_incomplete=True to write them "
        "generic replies."
    )
    return [f"{what}. {what_to_do}"]
