"""Do the amounts, dates, durations, percentages and addresses of a reply stand in the ticket or in the playbook?"""

from __future__ import annotations

from collections.abc import Iterator

from cortex_tickets._replies.checks.claims import unsupported_claims
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding


def unsupported_fact(draft: Draft) -> Iterator[Finding]:
    """Every number, date and address that is stated was stated before, by the customer or by the playbook."""
    by_kind: dict[str, list[str]] = {}
    for kind, words in unsupported_claims(draft.said, draft.allowed):
        by_kind.setdefault(kind, []).append(f'"{words}"')
    for kind, shown in by_kind.items():
        yield Finding(
            check="unsupported_fact",
            message=f"The {kind} {', '.join(shown)} stands neither in the ticket nor among the facts.",
        )
