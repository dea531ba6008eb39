"""Takes what reviewers decided and edited back into the ledger: all of a file, or nothing."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._replies.making import ReplyMaker, status_of
from cortex_tickets._replies.reading import rows_by_key
from cortex_tickets._replies.review_file import ReviewFile, ReviewRow, Version, as_written, fixed_cells, letter_version
from cortex_tickets._replies.settling import findings_json, letter_hash, settle, stored_reply, ticket_of
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.reply import Channel, Reply, ReplyStatus
from cortex_tickets.records.review_report import ReviewReport

_SPREADSHEET_DIGITS = 1e-5
"""A spreadsheet shows six digits of a long number."""
_DATE = re.compile(r"(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[ T]0?0:00(?::00)?)?$")
_FIXED_NAMES = ("TICKET_ID", "CUSTOMER_NAME", "CHANNEL", "LABEL")


@dataclass(frozen=True, slots=True)
class _Change:
    """What one row of the file makes of a reply."""

    before: Reply
    after: Reply
    is_edited: bool
    reviewer: str


def import_file(
    client: CortexClient, maker: ReplyMaker, ledger: ReplyLedger, file: ReviewFile, *, reviewer: str | None
) -> ReviewReport:
    """Write what a file says, in one statement, and return what it was.

    Raises:
        InvalidInputError: With everything that speaks against a row; nothing is written then.
    """
    rows = file.rows
    # So that what is compared is what a file can have shown.
    settle(client, maker, ledger)
    stored = rows_by_key(client, ledger, [row.key for row in rows])
    problems = list(file.problems)
    changes: list[_Change] = []
    n_unchanged = 0
    for row in rows:
        found = stored.get(row.key)
        try:
            change = _change(maker, file, _as_seen(file, row, found), found, reviewer)
        except InvalidInputError as error:
            problems += error.problems
            continue
        if change is not None:
            changes.append(change)
        elif row.decision or row.is_edited:
            n_unchanged += 1
    if problems:
        raise InvalidInputError(problems)
    if changes:
        _write(client, maker, ledger, changes)
    statuses = [change.after.status for change in changes]
    return ReviewReport(
        n_rows=len(rows),
        n_approved=statuses.count(ReplyStatus.APPROVED),
        n_rejected=statuses.count(ReplyStatus.REJECTED),
        n_edited=sum(change.is_edited for change in changes),
        n_unchanged=n_unchanged,
        n_undecided=len(rows) - len(changes) - n_unchanged,
        sent_back=tuple(
            change.after for change in changes if change.is_edited and change.after.status is ReplyStatus.NEEDS_REVIEW
        ),
    )


def _change(
    maker: ReplyMaker, file: ReviewFile, row: ReviewRow, found: Row | None, reviewer: str | None
) -> _Change | None:
    """Return what the row changes; `None` for nothing.

    Raises:
        InvalidInputError: With everything that speaks against the row.
    """
    where = file.row_name.format(number=row.number)
    if found is None:
        raise InvalidInputError(
            f"{where}: {file.key_name} stands for no reply of these tickets, labels and this generator. "
            f"Give those that it had when {file.since}."
        )
    before = stored_reply(maker, found)
    problems = _disorder(where, row, before)
    if not problems and not row.is_edited and row.decision in (None, before.status):
        return None
    if Version.of(before) != row.version:
        if _says_the_same(row, before):
            return None
        who = f" by {before.reviewed_by}" if before.reviewed_by else ""
        problems.append(
            f"{where}: the reply to ticket {before.ticket_id} has changed{who} since {file.since}, and is "
            f"{before.status.value} now. {file.advice} and decide about what it is."
        )
    problems += _letter_problems(where, row, before)
    name = row.reviewer or reviewer
    if not name:
        problems.append(f"{where}: nobody says who decided. Fill REVIEWER, or give reviewer='...'.")
    if problems or not name:
        raise InvalidInputError(problems)
    return _Change(before, _after(maker, row, found, before), row.is_edited, name)


def _disorder(where: str, row: ReviewRow, before: Reply) -> list[str]:
    """Return which cells are not those of the row's reply: a column that was sorted by itself gives others."""
    return [
        f"{where}: {name} is not that of the row's reply. Was a column sorted by itself? Export the file anew."
        for name, given, expected in zip(_FIXED_NAMES, row.fixed, fixed_cells(before), strict=True)
        if as_written(given) != as_written(expected) and not (name == "TICKET_ID" and _is_same_id(given, expected))
    ]


def _is_same_id(given: str, expected: str) -> bool:
    """Tell whether an id is only written as a spreadsheet writes a number or a date.

    Leading zeros are gone, `1e5` is `1.00E+05`, many digits are cut to six, `2024-01-02` stands in another order. The
    key tells the row; what the id still tells is whether a column was sorted by itself.
    """
    if given.isdecimal() and expected.isdecimal() and int(given) == int(expected):
        return True
    try:
        number, meant = float(given.replace(",", ".")), float(expected)
    except ValueError:
        return _date_parts(given) is not None and _date_parts(given) == _date_parts(expected)
    return math.isfinite(meant) and math.isclose(number, meant, rel_tol=_SPREADSHEET_DIGITS)


def _date_parts(text: str) -> list[int] | None:
    """Return the numbers of a date in order of size, its century aside; `None` for what is none."""
    found = _DATE.match(text.strip())
    return sorted(int(part) % 2_000 for part in found.groups()) if found else None


def _as_seen(file: ReviewFile, row: ReviewRow, found: Row | None) -> ReviewRow:
    """Return the row with the reply's own words where the file's encoding lacks only their signs."""
    if file.encoding != "cp1252" or found is None:
        return row
    stored = as_written(found["SUBJECT"] or ""), as_written(found["BODY"] or "")
    if [_narrow(text) for text in stored] != [_narrow(text) for text in (row.subject, row.body)]:
        return row
    return replace(row, subject=stored[0], body=stored[1])


def _narrow(text: str | None) -> str:
    return (text or "").encode("cp1252", "replace").decode("cp1252")


def _says_the_same(row: ReviewRow, before: Reply) -> bool:
    """Tell whether the ledger has what the row says already: a file may be read twice."""
    is_sent_back = row.is_edited and before.is_edited and before.status is ReplyStatus.NEEDS_REVIEW
    is_decided = row.decision is None or row.decision is before.status or is_sent_back
    return is_decided and letter_version(row.subject, row.body) == letter_version(before.subject, before.body)


def _letter_problems(where: str, row: ReviewRow, before: Reply) -> list[str]:
    problems = []
    if row.body is None and before.body is not None:
        problems.append(f"{where}: BODY was emptied. Write a reply, or leave it and decide rejected.")
    if row.body is None and before.body is None and row.decision is ReplyStatus.APPROVED:
        problems.append(f"{where}: there is no reply to approve. Write one in BODY, or decide rejected.")
    if row.subject is not None and before.channel is Channel.TEXT_MESSAGE:
        problems.append(f"{where}: a text message has no SUBJECT. Leave it empty.")
    return problems


def _after(maker: ReplyMaker, row: ReviewRow, found: Row, before: Reply) -> Reply:
    if not row.is_edited:
        return before.model_copy(update={"status": row.decision})
    findings = maker.findings(
        ticket_of(found),
        label=before.label,
        subject=row.subject,
        body=row.body,
        outcome=before.outcome,
        error=before.error,
        is_edited=True,
    )
    # The reviewer has not seen what the checks say of the new words.
    is_accepted = row.decision is ReplyStatus.APPROVED and not findings
    decided = row.decision if is_accepted or row.decision is ReplyStatus.REJECTED else status_of(findings)
    return before.model_copy(
        update={
            "subject": row.subject,
            "body": row.body,
            "findings": findings,
            "status": decided,
            "is_edited": True,
        }
    )


def _write(client: CortexClient, maker: ReplyMaker, ledger: ReplyLedger, changes: Sequence[_Change]) -> None:
    written = json.dumps([_as_written(change) for change in changes], ensure_ascii=False)
    rows = client.rows(Statement(ledger.write_reviewed(maker.checks.hash), (written, len(changes))))
    if not any(int(count) for row in rows for count in row.values()):
        raise InvalidInputError(
            "Replies of this file were changed by others while it was read, so nothing was written. Import it again: "
            "it tells which."
        )


def _as_written(change: _Change) -> Mapping[str, Any]:
    before, after = change.before, change.after
    return {
        "text_hash": before.key,
        "was": letter_hash(before.subject, before.body),
        "was_status": before.status.value,
        "status": after.status.value,
        "findings": findings_json(after.findings),
        "subject": after.subject,
        "body": after.body,
        "is_edited": after.is_edited,
        "reviewed_by": change.reviewer,
    }
