"""What every insight about a text says of how it came."""

from __future__ import annotations

from cortex_tickets.markup import Child
from cortex_tickets.notebook_card import card, facts, title, tokens
from cortex_tickets.records.prediction import Outcome, tone_of
from cortex_tickets.records.record import Received


class Insight(Received):
    """How an insight about one text came: its outcome, the raw answer, who gave it, and what it cost."""

    ticket_id: str | None = None
    """The ticket's id; `None` where a bare text was given."""
    outcome: Outcome
    """What the answer became: `valid`, `repaired`, `off_label` (not of the form that was asked for), `blank` or
    `error`."""
    answer: str | None = None
    """The answer, untouched; `None` where none came."""
    error: str | None = None
    """Snowflake's message; `None` unless the outcome is `error`."""
    repair: str | None = None
    """What was done to the answer; `None` unless the outcome is `repaired`."""
    answered_by: str | None = None
    """The model, or the function whose model Snowflake chooses; `None` where nothing was asked."""
    insight_hash: str
    """Everything that could change the answer, as a SHA-256 in hexadecimal."""
    input_tokens: int | None = None
    """Tokens that were read; `None` where nothing was asked or the server did not say."""
    output_tokens: int | None = None
    """Tokens that were written; `None` where nothing was asked or the server did not say."""

    def _repr_html_(self) -> str:
        return card(
            title(type(self).__name__.partition("[")[0], self.outcome.value, tone_of(self.outcome)),
            *self._shown,
            facts(
                {
                    "ticket": self.ticket_id,
                    "repaired by": self.repair,
                    "error": self.error,
                    "answered by": self.answered_by,
                    "tokens": tokens(self.input_tokens, self.output_tokens),
                }
            ),
        )

    @property
    def _shown(self) -> list[Child]:
        """What was found, as a notebook shows it."""
        return []
