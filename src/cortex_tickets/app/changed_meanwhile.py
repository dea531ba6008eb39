"""What a reader decided about something that has become another thing since they read it."""

from __future__ import annotations

from cortex_tickets import CortexTicketsError


class ChangedMeanwhileError(CortexTicketsError):
    """Somebody else came before: nothing was written. The text says who, and when, in a reader's words."""
