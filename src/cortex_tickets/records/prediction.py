"""What a model said about one ticket, and what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cortex_tickets.notebook_card import Tone, card, facts, percent, title, tokens
from cortex_tickets.records.record import Received


class Outcome(StrEnum):
    """What a model's answer became. Every ticket has exactly one."""

    VALID = "valid"
    """The answer is a label, as it stands."""
    REPAIRED = "repaired"
    """The answer is a label but for case, punctuation or quotes, or a sentence that names exactly one label."""
    ABSTAINED = "abstained"
    """The answer is the abstain label."""
    OFF_LABEL = "off_label"
    """The answer names no label, or several."""
    BLANK = "blank"
    """The ticket has no text; nothing was sent."""
    REFUSED = "refused"
    """A guardrail kept the answer back."""
    ERROR = "error"
    """Snowflake gave an error, or nothing, for this row."""


LABELLED = (Outcome.VALID, Outcome.REPAIRED)
"""The outcomes that carry a label."""


def tone_of(outcome: Outcome) -> Tone:
    """Return whether an outcome is good news, bad news or neither."""
    if outcome in LABELLED:
        return Tone.GOOD
    return Tone.PLAIN if outcome in (Outcome.ABSTAINED, Outcome.BLANK) else Tone.BAD


class Prediction(Received):
    """What a classifier says of one ticket."""

    ticket_id: str | None = None
    """The ticket's id; `None` where a bare text was classified."""
    label: str | None
    """The label, one of the label set; `None` unless the outcome is `valid`, `repaired` or `abstained`."""
    outcome: Outcome
    """What the model's answer became."""
    answer: str | None = None
    """The model's answer, untouched; `None` where none came."""
    error: str | None = None
    """Snowflake's message; `None` unless the outcome is `error`."""
    repair: str | None = None
    """The rule that made a label of the answer (`spelling`, `sentence`); `None` unless `repaired`."""
    answered_by: str | None = None
    """The model that answered; `None` where nothing was asked."""
    probability: float | None = None
    """Probability of the label, 0 to 1; `None` where the model gives none."""
    runner_up: str | None = None
    """The label that comes second; `None` where the model gives no probabilities."""
    runner_up_probability: float | None = None
    """Probability of the runner-up, 0 to 1; `None` where the model gives none."""
    classifier_hash: str
    """Everything that could change the answer, as a SHA-256 in hexadecimal."""
    input_tokens: int | None = None
    """Tokens that were read; `None` where nothing was asked or the server did not say."""
    output_tokens: int | None = None
    """Tokens that were written; `None` where nothing was asked or the server did not say."""
    answered_at: datetime | None = None
    """When the answer was stored, in UTC; `None` where it was not stored."""

    def _repr_html_(self) -> str:
        runner_up = None
        if self.runner_up is not None:
            runner_up = " ".join(part for part in (self.runner_up, percent(self.runner_up_probability)) if part)
        return card(
            title(self.label or "no label", self.outcome.value, tone_of(self.outcome)),
            facts(
                {
                    "ticket": self.ticket_id,
                    "answer": self.answer,
                    "repaired by": self.repair,
                    "error": self.error,
                    "probability": percent(self.probability),
                    "runner-up": runner_up,
                    "answered by": self.answered_by,
                    "tokens": tokens(self.input_tokens, self.output_tokens),
                }
            ),
        )
