"""Looks at a source before anything is billed or written: is it there, has it the columns, has it rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.errors import CortexError, InvalidInputError, ObjectNotFoundError
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.records.table_name import TableName, column_name
from cortex_tickets.records.ticket_source import OPTIONAL_COLUMNS, TicketSource

_SYNTAX_ERROR = 1003
"""Snowflake's code for a statement that it cannot read: here the query that the caller gave."""


@dataclass(frozen=True, slots=True)
class SourceCheck:
    """What a look at the source found."""

    source: TicketSource
    """The source, with the optional columns that are not there set to `None`."""
    n_rows: int
    """Rows, blank ones included."""
    problems: tuple[str, ...]
    """What speaks against working on it."""


def check_source(
    client: CortexClient, source: TicketSource, *, required: tuple[str, ...] = ("id", "text")
) -> SourceCheck:
    """Look at the source with free statements and one count.

    A default column that the source lacks is left out; a required one, or one that was named by hand, is a problem.
    """
    problems: list[str] = []
    if source.table is not None:
        columns = described_columns(client, TableName.parse(source.table))
        if columns is None:
            return SourceCheck(source, 0, (no_table(source.table),))
        source, problems = with_columns(source, columns, required)
    else:
        problems += _query_problems(client, source, required)
    if problems:
        return SourceCheck(source, 0, tuple(problems))
    row = client.run(
        f"SELECT COUNT(*) AS N_ROWS, COUNT_IF({source.column('id')} IS NULL) AS N_WITHOUT_ID FROM {source.relation}"
    )[0]
    n_rows, n_without_id = int(row["N_ROWS"]), int(row["N_WITHOUT_ID"] or 0)
    if n_rows == 0:
        problems.append(f"{source} has no rows. Load tickets first, for example with load_tickets(...).")
    if n_without_id:
        problems.append(f"{n_without_id} of {n_rows} rows of {source} have no {source.id}; give every ticket an id.")
    return SourceCheck(source, n_rows, tuple(problems))


def checked_source(
    client: CortexClient, source: TicketSource, *, required: tuple[str, ...] = ("id", "text")
) -> SourceCheck:
    """Return the check of a source that can be worked on.

    Raises:
        InvalidInputError: With everything that speaks against it.
    """
    check = check_source(client, source, required=required)
    if check.problems:
        raise InvalidInputError(check.problems)
    return check


def without_absent_columns(client: CortexClient, source: TicketSource) -> TicketSource:
    """Return a source that was checked, with the optional columns that its query lacks set to `None`.

    What was named by hand was found by the check; so was all that a table has.
    """
    if source.query is None:
        return source
    roles = [role for role in OPTIONAL_COLUMNS if role not in source.model_fields_set and getattr(source, role)]
    absent = dict.fromkeys(_failures(client, source, roles, ObjectNotFoundError))
    return source.model_copy(update=absent)


def no_table(table: str) -> str:
    """Return what is said of a table that is not there for this role."""
    return (
        f"The table {table} does not exist, or this role may not see it. "
        "Check the name and the session's database and schema, or ask for SELECT on it."
    )


def with_columns(source: TicketSource, columns: set[str], required: tuple[str, ...]) -> tuple[TicketSource, list[str]]:
    """Return the source without the optional columns that its table lacks, and what speaks against working on it."""
    problems = []
    absent: dict[str, None] = {}
    for role in ("id", "text", *OPTIONAL_COLUMNS):
        name = getattr(source, role)
        if name is None or column_name(name) in columns:
            continue
        if role in required or role in source.model_fields_set:
            none = f"; {role}=None says that there is none" if role in OPTIONAL_COLUMNS else ""
            problems.append(
                f"{source} has no column {name} (for {role}=). It has: {', '.join(sorted(columns))}. "
                f"Name the right one: TicketSource(table={source.table!r}, {role}=...){none}."
            )
        else:
            absent[role] = None
    return source.model_copy(update=absent), problems


def _query_problems(client: CortexClient, source: TicketSource, required: tuple[str, ...]) -> list[str]:
    named = [role for role in OPTIONAL_COLUMNS if role in source.model_fields_set and getattr(source, role) is not None]
    failures = _failures(client, source, [*required, *named], CortexError)
    for error in failures.values():
        if not isinstance(error, ObjectNotFoundError) and error.code != _SYNTAX_ERROR:
            raise error
    return [
        f"The query has no column {getattr(source, role)} (for {role}=), or cannot run: {error}"
        for role, error in failures.items()
    ]


def _failures(
    client: CortexClient, source: TicketSource, roles: Sequence[str], expected: type[CortexError]
) -> dict[str, CortexError]:
    """Return what each role's column fails with; nothing if the query has them all.

    A query's columns can only be tried, with statements that read no rows: all at once, and where that fails one by
    one.
    """
    if not roles or _failure(client, source, roles, expected) is None:
        return {}
    tried = {role: _failure(client, source, [role], expected) for role in roles}
    return {role: error for role, error in tried.items() if error is not None}


def _failure(
    client: CortexClient, source: TicketSource, roles: Sequence[str], expected: type[CortexError]
) -> CortexError | None:
    columns = ", ".join(source.column(role) for role in roles)
    try:
        client.run(f"SELECT {columns} FROM {source.relation} LIMIT 0")
    except expected as error:
        return error
    return None
