"""How much of a call's time its parts get."""

from __future__ import annotations

from cortex_tickets._cortex.client import CortexClient

_NEXT_TO_NOTHING = 1e-3


def seconds_for(client: CortexClient) -> float | None:
    """Return the seconds left, for a classifier's `timeout=`; next to nothing where none are, `None` without limit."""
    left = client.seconds_left
    return None if left is None else max(left, _NEXT_TO_NOTHING)
