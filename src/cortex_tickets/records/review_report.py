"""What became of a file of reviewed replies."""

from __future__ import annotations

from cortex_tickets.notebook_card import card, facts, listed
from cortex_tickets.records.record import Received
from cortex_tickets.records.reply import Reply


class ReviewReport(Received):
    """What `import_review` read and wrote. A row counts where it is decided, and as edited besides."""

    n_rows: int
    """Rows of the file."""
    n_approved: int
    """Replies that became `approved`."""
    n_rejected: int
    """Replies that became `rejected`."""
    n_edited: int
    """Replies whose subject or body was changed, whatever was decided about them."""
    n_unchanged: int
    """Rows that say what the ledger says already, such as those of a file that is read a second time."""
    n_undecided: int
    """Rows without a decision and without an edit."""
    sent_back: tuple[Reply, ...] = ()
    """Edited replies in which a check found something: they are `needs_review`, whatever was decided about them."""

    def __str__(self) -> str:
        told = (
            f"{self.n_rows} rows: {self.n_approved} approved, {self.n_rejected} rejected, {self.n_edited} edited, "
            f"{self.n_unchanged} as before, {self.n_undecided} undecided"
        )
        if not self.sent_back:
            return told
        lines = (
            f"- {reply.ticket_id}: {' '.join(finding.message for finding in reply.findings)}"
            for reply in self.sent_back
        )
        return "\n".join([f"{told}; edited, and to be looked at again:", *lines])

    def _repr_html_(self) -> str:
        counts = {
            "approved": self.n_approved,
            "rejected": self.n_rejected,
            "edited": self.n_edited,
            "as before": self.n_unchanged,
            "undecided": self.n_undecided,
        }
        to_see = [
            f"{reply.ticket_id}: {' '.join(finding.message for finding in reply.findings)}" for reply in self.sent_back
        ]
        return card(
            f"{self.n_rows:,} reviewed rows",
            facts({name: f"{count:,}" for name, count in counts.items()}),
            facts({"look again at": f"{len(to_see)} edited replies"}) if to_see else None,
            listed(to_see),
        )
