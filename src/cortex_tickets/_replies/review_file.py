"""The file that people review replies in: a CSV of one row for each, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cortex_tickets._replies.settling import findings_json, letter_hash
from cortex_tickets.csv_file import CsvFile, CsvRow, RejectedRow, csv_of, read_csv
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import length_of
from cortex_tickets.records.reply import Reply, ReplyStatus
from cortex_tickets.records.reply_decision import ReplyDecision

COLUMNS = (
    *("REPLY_KEY", "TICKET_ID", "CUSTOMER_NAME", "CHANNEL", "LABEL", "STATUS", "FINDINGS", "TICKET"),
    *("SUBJECT", "BODY", "DECISION", "REVIEWER", "VERSION"),
)
"""SUBJECT, BODY, DECISION and REVIEWER are for the reviewer; all else is to stay as it is."""
MAX_ROWS = 10_000
"""Rows of one file, at most: their tickets come to the client."""
_READ_COLUMNS = tuple(name for name in COLUMNS if name not in ("STATUS", "FINDINGS", "TICKET"))
_SHOWN_CHARACTERS = 32_000
"""Of a ticket: a spreadsheet's cell holds 32,767."""
_BYTE_ORDER_MARK = "\ufeff"
"""Without it a spreadsheet takes the file for another encoding."""
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
"""A cell that begins so, or with one of the first four in full width, is a formula to some spreadsheet."""
_KEY = re.compile("[0-9a-f]{64}")
_DECISIONS = {
    "": None,
    "approve": ReplyStatus.APPROVED,
    "approved": ReplyStatus.APPROVED,
    "reject": ReplyStatus.REJECTED,
    "rejected": ReplyStatus.REJECTED,
}
_TOLD_MARK = re.compile(r"\A\"?sep=(?P<mark>[,;\t|])\"?\r?\n", re.IGNORECASE)
_HEADER_READ = 1_000
_VERSION = re.compile(r"v([0-9a-f]{16})-([0-9a-f]{16})")


@dataclass(frozen=True, slots=True)
class Version:
    """What a reply was when it was written into a file, in two hashes."""

    letter: str
    """Of subject and body."""
    state: str
    """Of status and findings."""

    @classmethod
    def of(cls, reply: Reply) -> Version:
        """Return what the reply is now."""
        state = json.dumps([reply.status.value, findings_json(reply.findings)])
        return cls(letter_version(reply.subject, reply.body), hashlib.sha256(state.encode()).hexdigest()[:16])

    def __str__(self) -> str:
        return f"v{self.letter}-{self.state}"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One row as a reviewer left it."""

    number: int
    """1 for the first row after the header."""
    key: str
    version: Version
    fixed: tuple[str, ...] = field(repr=False)
    """What was not to be changed: TICKET_ID, CUSTOMER_NAME, CHANNEL, LABEL."""
    subject: str | None = field(repr=False)
    body: str | None = field(repr=False)
    decision: ReplyStatus | None
    """Approved or rejected; `None` for neither."""
    reviewer: str | None

    @property
    def is_edited(self) -> bool:
        """Whether subject or body are others than when the file was written."""
        return letter_version(self.subject, self.body) != self.version.letter


def review_text(replies: Iterable[tuple[Reply, str]]) -> str:
    """Return the file of these replies, each with its ticket's text."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for reply, ticket in replies:
        findings = "\n".join(finding.message for finding in reply.findings)
        shown = ticket if len(ticket) <= _SHOWN_CHARACTERS else f"{ticket[:_SHOWN_CHARACTERS]}…"
        cells = (
            *(reply.key, *fixed_cells(reply), reply.status.value, findings, shown, reply.subject, reply.body),
            *("", "", str(Version.of(reply))),
        )
        writer.writerow([_guarded(cell or "") for cell in cells])
    return _BYTE_ORDER_MARK + file.getvalue()


def fixed_cells(reply: Reply) -> tuple[str, ...]:
    """Return the cells by which a row that got into disorder is known."""
    return (reply.ticket_id, reply.customer_name or "", reply.channel.value, reply.label or "")


@dataclass(frozen=True, slots=True)
class ReviewFile:
    """What was read of a file."""

    rows: tuple[ReviewRow, ...]
    problems: tuple[str, ...]
    """What is wrong with the rows that are not among them."""
    encoding: str = "utf-8"
    """How it was written; what this encoding lacks, a spreadsheet has put question marks for."""
    row_name: str = "Row {number}"
    """What a row is called in a message."""
    key_name: str = "REPLY_KEY"
    """What a reply's key is called in a message."""
    since: str = "the file was exported"
    """When the reviewer saw the replies, as a message says it."""
    advice: str = "Export it anew"
    """What to do where a reply is another one now."""


def review_of(decisions: Sequence[ReplyDecision]) -> ReviewFile:
    """Return what a file would say of decisions that were made without one."""
    return ReviewFile(
        tuple(_decided_row(decision, number) for number, decision in enumerate(decisions)),
        (),
        row_name="decisions[{number}]",
        key_name="reply.key",
        since="it was read",
        advice="Read it again",
    )


def _decided_row(decision: ReplyDecision, number: int) -> ReviewRow:
    """Return what a file would say of a decision that was made without one."""
    reply = decision.reply
    subject = reply.subject if decision.subject is None else decision.subject
    body = reply.body if decision.body is None else decision.body
    return ReviewRow(
        number=number,
        key=reply.key,
        version=Version.of(reply),
        fixed=fixed_cells(reply),
        subject=as_written(subject or ""),
        body=as_written(body or ""),
        decision=decision.decision,
        reviewer=None,
    )


def read_review(path: str | Path) -> ReviewFile:
    """Return what a file says, whatever order its rows and columns are in, and whatever columns were added.

    Raises:
        InvalidInputError: If it cannot be read, lacks columns, or is too long.
    """
    file, encoding = _opened(path)
    missing = [name for name in _READ_COLUMNS if name not in file.header]
    problems = list(file.problems)
    if missing:
        problems.append(
            f"{file.path} has no column {', '.join(missing)}. Export it anew, and leave the header as it is."
        )
    if problems:
        raise InvalidInputError(problems)
    rows: list[ReviewRow] = []
    for row in file.rows():
        if _is_empty(row):
            continue
        if not isinstance(row, CsvRow):
            problems.append(row.problem)
            continue
        try:
            rows.append(_as_review(file, row))
        except InvalidInputError as error:
            problems += error.problems
    problems += [
        f"REPLY_KEY {_shown_key(key)} stands in {count} rows. Keep one of them."
        for key, count in Counter(row.key for row in rows).items()
        if count > 1
    ]
    if len(rows) > MAX_ROWS:
        raise InvalidInputError(f"{file.path} has {len(rows)} rows; split it into files of at most {MAX_ROWS:,}.")
    return ReviewFile(tuple(rows), tuple(problems), encoding)


def letter_version(subject: str | None, body: str | None) -> str:
    """Return what tells whether a person changed a letter; how line ends are written is no change."""
    return letter_hash(as_written(subject or ""), as_written(body or ""))[:16]


def as_written(text: str) -> str | None:
    """Return a cell's text with plain line ends and without blanks at its ends; `None` where nothing is left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip() or None


def _opened(path: str | Path) -> tuple[CsvFile, str]:
    """Read the file as spreadsheets write it, and return its encoding, too.

    Some part the cells by semicolons or tabs, or say in a first line of their own by what; some write UTF-16, or the
    encoding of Windows.
    """
    text, encoding = _spreadsheet_text(path)
    if text is None:
        return read_csv(path), "utf-8"  # it says what cannot be read
    told = _TOLD_MARK.match(text)
    marks = (told["mark"],) if told else (",", ";", "\t")
    body = text[told.end() :] if told else text
    errors: list[InvalidInputError] = []
    files: list[CsvFile] = []
    for mark in marks:
        try:
            files.append(csv_of(Path(path), body, delimiter=mark))
        except InvalidInputError as error:
            errors.append(error)
    if not files:
        raise errors[0]
    return next((file for file in files if "REPLY_KEY" in file.header), files[0]), encoding


def _spreadsheet_text(path: str | Path) -> tuple[str | None, str]:
    """Return the file's text and encoding; `None` where none of the usual ones is it, or it cannot be read."""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return None, ""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Any bytes are text in the encoding of Windows: only a header that is known tells that it is meant.
        if encoding != "cp1252" or "REPLY_KEY" in text[:_HEADER_READ].upper():
            return text, encoding
    return None, ""


def _is_empty(row: CsvRow | RejectedRow) -> bool:
    """Tell whether a row is what a spreadsheet leaves below a table: cells without anything in them."""
    hides_others = isinstance(row, RejectedRow) and row.ends_reading
    return not hides_others and not row.raw.strip(' ,;\t\r\n"')


def _shown_key(key: str) -> str:
    """Return the beginning of a key; what is none may be another column's text."""
    return f"{key[:12]}…" if _KEY.fullmatch(key) else length_of(key)


def _as_review(file: CsvFile, row: CsvRow) -> ReviewRow:
    cells = {name: _unguarded(cell) for name, cell in zip(file.header, row.values, strict=True)}
    where = f"Row {row.number} (line {row.line})"
    version = _VERSION.fullmatch(cells["VERSION"].strip())
    decision = cells["DECISION"].strip().lower()
    problems = []
    if version is None:
        problems.append(f"{where}: VERSION was changed. Leave it as it was exported.")
    if decision not in _DECISIONS:
        problems.append(f"{where}: DECISION is {length_of(cells['DECISION'])}; give approved, rejected or nothing.")
    if problems or version is None:
        raise InvalidInputError(problems)
    return ReviewRow(
        number=row.number,
        key=cells["REPLY_KEY"].strip(),
        version=Version(version[1], version[2]),
        fixed=tuple(cells[name] for name in ("TICKET_ID", "CUSTOMER_NAME", "CHANNEL", "LABEL")),
        subject=as_written(cells["SUBJECT"]),
        body=as_written(cells["BODY"]),
        decision=_DECISIONS[decision],
        reviewer=cells["REVIEWER"].strip() or None,
    )


def _guarded(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula: an apostrophe before it says that it is text."""
    return f"'{cell}" if cell.startswith((*_DANGEROUS, "'")) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_DANGEROUS, "'")) else cell
