"""One thing that an account can do today, cannot do, or of which nobody knows without paying."""

from __future__ import annotations

from enum import StrEnum

from cortex_tickets.records.record import Record


class CheckState(StrEnum):
    """Whether something can be done."""

    YES = "yes"
    """There is evidence that it can."""
    NO = "no"
    """There is evidence that it cannot."""
    UNKNOWN = "unknown"
    """The free statements tell neither: it may work."""


class CheckGroup(StrEnum):
    """What a check is about."""

    FUNCTIONS = "functions"
    """The AI functions that this package calls."""
    PRIVILEGES = "privileges"
    """What the role may do."""
    MODELS = "models"
    """The models that the account lists."""
    REGION = "region"
    """Where models are asked."""
    FINE_TUNING = "fine-tuning"
    """Whether a fine-tune job can start."""
    PRICES = "prices"
    """What an estimate goes by, and who may see what was paid."""


class PreflightCheck(Record):
    """One line of a preflight."""

    group: CheckGroup
    """What it is about."""
    name: str
    """What is checked: a function, a privilege, a model; no two checks have the same."""
    state: CheckState
    """Yes, no, or unknown."""
    evidence: str
    """What the state follows from, in a sentence."""
    advice: str | None = None
    """What to do, or to ask an administrator for; `None` where nothing has to be done."""
