"""Adds up, in SQL, the tokens that the answers to counted texts are expected to have, and have at most."""

from __future__ import annotations

from cortex_tickets.ledger.operation import Operation


def written_columns(operation: Operation) -> str:
    """Return the columns WRITTEN and WRITTEN_AT_MOST over rows with INPUT and TOKENS; a text not counted adds none."""
    sums = {
        "WRITTEN": operation.expected_output_tokens("INPUT", "TOKENS"),
        "WRITTEN_AT_MOST": operation.most_output_tokens("INPUT", "TOKENS"),
    }
    return ", ".join(
        f"COALESCE(SUM(IFF(TOKENS IS NULL, NULL, {tokens})), 0) AS {name}" for name, tokens in sums.items()
    )
