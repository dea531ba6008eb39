"""Writes replies into a file that people review them in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.reading import rows_to_review
from cortex_tickets._replies.review_file import review_text
from cortex_tickets._replies.settling import settle, stored_reply
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.file_writing import write_whole
from cortex_tickets.records.reply import ReplyStatus


def status_problems(statuses: object) -> list[str]:
    """Return what is wrong with `statuses=`."""
    known = [status.value for status in ReplyStatus]
    if not isinstance(statuses, Sequence) or isinstance(statuses, str) or not statuses:
        return [f"statuses={statuses!r} must be a list of some of {', '.join(known)}."]
    wrong = [status for status in statuses if status not in known]
    return [f"statuses= has {status!r}, which is none of {', '.join(known)}." for status in wrong]


def export_replies(
    client: CortexClient,
    maker: ReplyMaker,
    ledger: ReplyLedger,
    target: Path,
    *,
    statuses: Sequence[ReplyStatus | str],
    limit: int,
    overwrite: bool,
) -> int:
    """Write the file, and return how many replies it has.

    Raises:
        InvalidInputError: If there is such a file and it may not be overwritten, or it cannot be written.
    """
    if not overwrite and target.exists():
        raise InvalidInputError(
            f"{str(target)!r} is there already, and may have decisions in it. Import it first, give another path, or "
            "overwrite=True to put this in its place."
        )
    settle(client, maker, ledger)
    rows = rows_to_review(client, ledger, [ReplyStatus(status) for status in statuses], limit)
    text = review_text((stored_reply(maker, row), row["TICKET_TEXT"] or "") for row in rows)
    try:
        write_whole(target, text, overwrite=overwrite, is_private=True)
    except OSError as error:
        raise InvalidInputError(f"{str(target)!r} cannot be written ({error.strerror}). Give another path.") from None
    return len(rows)
