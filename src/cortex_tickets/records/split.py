"""The three splits of a training set, and how much of it each gets."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cortex_tickets.errors import InvalidInputError


class Split(StrEnum):
    """What a row of a training set is for."""

    TRAINING = "training"
    """Learned from."""
    VALIDATION = "validation"
    """Measured during training, for the loss and for choosing settings."""
    TEST = "test"
    """Kept back for the evaluation; no model has seen it."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Which part of the groups each split gets, 0 to 1 each, 1 in all.

    Raises:
        InvalidInputError: If a share is not between 0 and 1, or they do not add up to 1.
    """

    training: float = 0.6
    """Share that is learned from."""
    validation: float = 0.15
    """Share that is measured during training."""
    test: float = 0.25
    """Share that is kept back for the evaluation."""

    def __post_init__(self) -> None:
        parts = (self.training, self.validation, self.test)
        if any(not 0 < part < 1 for part in parts) or abs(sum(parts) - 1) > 1e-9:  # noqa: PLR2004  rounding of floats
            raise InvalidInputError(
                f"The shares {parts} of training, validation and test must each be between 0 and 1 and add up to 1."
            )

    def side(self, position: float) -> Split:
        """Return the side of a position between 0 and 1; the test comes last."""
        if position < self.training:
            return Split.TRAINING
        return Split.VALIDATION if position < self.training + self.validation else Split.TEST

    def of(self, side: Split) -> float:
        """Return the side's share."""
        return {Split.TRAINING: self.training, Split.VALIDATION: self.validation, Split.TEST: self.test}[side]

    def middle(self, side: Split) -> float:
        """Return the middle of a side's part of 0 to 1."""
        return {
            Split.TRAINING: self.training / 2,
            Split.VALIDATION: self.training + self.validation / 2,
            Split.TEST: 1 - self.test / 2,
        }[side]
