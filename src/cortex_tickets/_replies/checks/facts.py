"""Do the amounts, dates, durations, percentages and addresses of a reply stand in the ticket or in the playbook?"""

from __future__ import annotations

from collections.abc import Iterator

from cortex_tickets._replies.checks.claims import claims
from cortex_tickets._replies.checks.draft import Draft
from cortex_tickets.records.reply import Finding


def unsupported_fact(draft: Draft) -> Iterator[Finding]:
    """Every number, date and address that is stated was stated before, by the customer or by the playbook."""
    known = {kind: set(values) for kind, values in claims(draft.allowed).items()}
    for kind, values in claims(draft.said).items():
        unknown = [shown for value, shown in values.items() if value not in known.get(kind, set())]
        if unknown:
            shown = ", ".join(f'"{value}"' for value in unknown)
            yield Finding(
                check="unsupported_fact",
                message=f"The {kind} {shown} stands neither in the ticket nor among the facts.",
            )
