"""How far the building of a training set is."""

from __future__ import annotations

from enum import StrEnum

from cortex_tickets.records.record import Received


class BuildStep(StrEnum):
    """What the building of a training set is at."""

    LABELLING = "labelling"
    """The teacher labels the tickets; only where `build` was given one."""
    READING = "reading"
    """Tickets, labels and gold come from the warehouse, in one statement."""
    GROUPING = "grouping"
    """Near-copies are looked for, on the client."""
    WRITING = "writing"
    """What was decided of each row is sent."""


class BuildProgress(Received):
    """How far the building of a training set is, as a listener is told in each step."""

    step: BuildStep
    """What is under way."""
    step_number: int
    """The step's place among the steps, from 1."""
    n_steps: int
    """Steps of this build: four with a teacher, otherwise three."""
    n_done: int
    """Texts labelled, texts looked at, or rows sent so far, as the step has it."""
    n_all: int
    """How many there are of them; 0 where the step is one statement."""
    seconds: float
    """Seconds since the build began."""

    @property
    def share_done(self) -> float:
        """Share of the whole build, 0 to 1, each step counted alike.

        It becomes less nowhere but where the teacher is a cascade, whose two models count their texts each anew.
        """
        inside = self.n_done / self.n_all if self.n_all else 0.0
        return (self.step_number - 1 + inside) / self.n_steps
