"""What a model's probabilities are worth on the test split."""

from __future__ import annotations

from cortex_tickets.records.record import Received


class RiskPoint(Received):
    """The tickets that are answered where only those with at least this probability are."""

    threshold: float
    """The least probability that is answered, 0 to 1."""
    coverage: float
    """Share of the tickets with gold that are answered, 0 to 1."""
    accuracy: float
    """Share of the answered ones that are right, 0 to 1. The risk is 1 minus it."""
    low: float
    """Lower bound of its 95 % interval, Wilson's on the effective number of tickets by group."""
    high: float
    """Upper bound of the interval."""
    n_tickets: int
    """Tickets that are answered."""


class ReliabilityBin(Received):
    """Tickets of like probability: how sure the model was, and how often it was right."""

    lowest: float
    """The least probability in it."""
    highest: float
    """The largest one."""
    mean_probability: float
    """Mean of the probabilities."""
    accuracy: float
    """Share of its tickets that are right, 0 to 1; a calibrated model has about the mean probability."""
    low: float
    """Lower bound of its 95 % interval, Wilson's on the effective number of tickets by group."""
    high: float
    """Upper bound of the interval."""
    n_tickets: int
    """Tickets in it."""
