"""How far a table operation is."""

from __future__ import annotations

from cortex_tickets.records.record import Received


class RunProgress(Received):
    """How far a run is, as a listener is told when it begins and after each statement that asked."""

    run_id: str
    """The run."""
    operation: str
    """What is done, such as `classify`."""
    n_done: int
    """Distinct texts that this run has sent to the model."""
    n_all: int
    """Distinct texts that it has to send."""
    n_errors: int
    """Tickets whose text the model gave an error for in this run, so far."""
    model: str
    """The model that is asked now."""
    input_tokens: int
    """Tokens read so far, as the server told them."""
    output_tokens: int
    """Tokens written so far, as the server told them."""
    ai_credits: float | None
    """AI credits spent so far; `None` if the price is unknown, or the server tells no tokens."""
    seconds: float
    """Seconds since the run began."""
    texts_per_second: float | None
    """Texts per second since the first was sent; `None` before the first chunk is over."""
    seconds_left: float | None
    """Seconds that the rest will take at that rate; `None` before the first chunk is over."""

    @property
    def share_done(self) -> float:
        """Share of the texts that were sent, 0 to 1; 1 where there is nothing to send."""
        return self.n_done / self.n_all if self.n_all else 1.0
