"""Loads tickets and gold labels from CSV files into tables: checked wholly first, then written all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from cortex_tickets._loading.csv_loading import Content, LoadOptions, report, settle, write
from cortex_tickets._loading.gold_rows import gold_positions, gold_rows
from cortex_tickets._loading.table_writing import TableContent
from cortex_tickets._loading.ticket_rows import TicketRows
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import seconds_problems
from cortex_tickets.records.gold_label import GOLD_COLUMNS
from cortex_tickets.records.load_report import LoadReport
from cortex_tickets.session import Session


def load_tickets(
    session: Session,
    path: str | Path,
    *,
    table: str,
    columns: Mapping[str, str] | None = None,
    delimiter: str = ",",
    replace: bool = False,
    skip_bad_rows: bool = False,
    rejected: str | Path | None = None,
    timeout: float | None = None,
) -> LoadReport:
    """Load a CSV file of tickets into a table, and return what it held.

    The file is read whole and checked before anything is sent. Then the rows go into a temporary table, as bound
    values, and from there into `table` with one statement: a load that fails leaves the table as it was. A table that
    holds the same rows already is left alone. Texts are kept exactly, but for NUL, which no statement can carry.
    Every column is VARCHAR without a length, but CREATED_AT, a date and time in UTC. Nothing is billed but the
    warehouse.

    Args:
        session: Where the table is.
        path: The file: UTF-8 (a byte order mark is accepted), with a header. Columns beyond those of a ticket are
            loaded too, under their own names in upper case.
        table: The table. The columns have the names that `TicketSource` expects, whatever the file calls them.
        columns: What the file calls the columns, by role (`id`, `text`, `customer_name`, `customer_email`,
            `service_type`, `contact_preference`, `created_at`), where that is not `TICKET_ID`, `REQUEST` and so on.
            Only `id` and `text` must be there.
        delimiter: What stands between cells.
        replace: Put the rows in the place of what `table` holds.
        skip_bad_rows: Load the good rows although others have too few or too many cells or no id.
        rejected: The file that keeps the others, with their reasons; it is written anew. By default
            `<path>.rejected.csv`. Only with `skip_bad_rows`.
        timeout: Seconds for the whole load; `None` for the session's own limit.

    Returns:
        Rows, ids, texts, and what repeats.

    Raises:
        InvalidInputError: Before anything is sent, with every problem: missing columns, another encoding, bad rows,
            no rows; or because `table` holds something else.
        StatementTimeoutError: If the time is over; the table is as it was.
        CortexError: If Snowflake fails; the table is as it was.

    Examples:
        >>> from cortex_tickets import load_tickets, local, samples
        >>> with local.connect() as session:
        ...     report = load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
        >>> report.n_rows, report.n_ids, report.n_texts
        (151, 148, 130)
    """
    options = _options(path, table, delimiter, rejected, replace=replace, skip=skip_bad_rows, timeout=timeout)
    rows = TicketRows(options.file(), columns or {})
    content = Content()
    bad = [] if rows.problems else rows.checked(content)
    settle(options, rows.problems, bad, n_good=content.n_rows)
    name, was_written = write(session, options, TableContent(rows.columns, rows.values(), content.n_rows))
    return report(options, content, bad, name, was_written=was_written)


def load_gold(
    session: Session,
    path: str | Path,
    *,
    table: str,
    columns: Mapping[str, str] | None = None,
    delimiter: str = ",",
    replace: bool = False,
    skip_bad_rows: bool = False,
    rejected: str | Path | None = None,
    timeout: float | None = None,
) -> LoadReport:
    """Load a CSV file of labels that people gave into a gold table, and return what it held.

    Read, checked and written as `load_tickets` does. The table has TICKET_ID, TEXT_HASH, LABEL, SOURCE, ANNOTATOR and
    LABELLED_AT. Which labels there may be is not checked here: whoever uses the table knows its label set.

    Args:
        session: Where the table is.
        path: The file: UTF-8, with a header. It must have TICKET_ID, LABEL, SOURCE (`random_sample` for tickets that
            were drawn blind, `correction` for those that a person noticed), and TEXT_HASH or the text itself (TEXT or
            REQUEST): an id alone may name several tickets. ANNOTATOR and LABELLED_AT (ISO 8601; UTC where it names no
            zone) may be there. Other columns are not loaded.
        table: The gold table.
        columns: What the file calls the columns, by role (`ticket_id`, `text_hash`, `text`, `label`, `source`,
            `annotator`, `labelled_at`).
        delimiter: What stands between cells.
        replace: Put the rows in the place of what `table` holds.
        skip_bad_rows: Load the good rows although others are unreadable, have no label, an unknown source, or
            contradict each other.
        rejected: The file that keeps the others, with their reasons. By default `<path>.rejected.csv`. Only with
            `skip_bad_rows`.
        timeout: Seconds for the whole load; `None` for the session's own limit.

    Returns:
        Rows, ids, texts, and rows by label. Of rows that say the same about the same ticket the first is kept.

    Raises:
        InvalidInputError: Before anything is sent, with every problem; or because `table` holds something else.
        StatementTimeoutError: If the time is over; the table is as it was.
        CortexError: If Snowflake fails; the table is as it was.
    """
    options = _options(path, table, delimiter, rejected, replace=replace, skip=skip_bad_rows, timeout=timeout)
    file = options.file()
    positions, problems = gold_positions(file, columns or {})
    found = gold_rows(() if problems else file.rows(), positions)
    problems += found.problems()
    settle(options, problems, found.rejected, n_good=len(found.kept))
    values = (row.values for row in found.kept)
    name, was_written = write(session, options, TableContent(GOLD_COLUMNS, values, len(found.kept)))
    made = report(options, found.content(), found.rejected, name, was_written=was_written)
    by_label = dict(Counter(row.label for row in found.kept).most_common())
    return made.model_copy(update={"n_by_label": by_label, "n_duplicates": found.n_duplicates})


def _options(
    path: str | Path,
    table: str,
    delimiter: str,
    rejected: str | Path | None,
    *,
    replace: bool,
    skip: bool,
    timeout: float | None,
) -> LoadOptions:
    given: dict[str, object] = {"path": path, "rejected": "" if rejected is None else rejected}
    problems = [
        f"{name}= is a {type(value).__name__}; give the name of a file, such as 'tickets.csv'."
        for name, value in given.items()
        if not isinstance(value, str | PathLike)
    ]
    if problems:
        problems += seconds_problems(timeout)
        raise InvalidInputError(problems)
    return LoadOptions(
        path=Path(path),
        table=table,
        delimiter=delimiter,
        replace=replace,
        skip_bad_rows=skip,
        rejected=None if rejected is None else Path(rejected),
        timeout=timeout,
    )
