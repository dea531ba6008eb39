"""What every page is given."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets.app.background import WorkBoard
from cortex_tickets.app.desk import Desk


@dataclass(frozen=True, slots=True)
class Here:
    """Where a reader is: the desk, the work that goes on, and what the sidebar says."""

    desk: Desk
    board: WorkBoard
    labelling_model: str
    """The model whose labels are shown."""
