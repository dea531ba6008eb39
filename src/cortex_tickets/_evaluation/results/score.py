"""What one model measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from cortex_tickets._evaluation.results.confidence import ReliabilityBin, RiskPoint
from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets._evaluation.results.label_score import LabelScore
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets.records.record import Received

Role = Literal["teacher", "student", "base", "baseline"]


class Score(Received):
    """One model's figures on the test split. Every share counts all tickets: none without a label is left out."""

    name: str
    """The name it was given in `evaluate`."""
    role: Role
    """The teacher gave the labels that were trained on, a student was tuned, a base was not, the baseline is linear."""
    model: str
    """The model that answered."""
    classifier_hash: str | None
    """Everything that could change an answer; `None` for the baseline and for stored labels."""
    accuracy: Share | None
    """Share of the tickets with random-sample gold whose label is the gold label; `None` without gold."""
    macro_f1: float | None
    """Mean F1 over the labels that gold has in the test split, 0 to 1; `None` without gold."""
    labels: tuple[LabelScore, ...]
    """Per label, in the order of the label set; empty without gold."""
    confusion: ConfusionMatrix | None
    """Gold against what it said; `None` without gold."""
    agreement: Share | None
    """Share of all tickets where it said what the teacher said; not accuracy. `None` for the teacher itself."""
    kappa: float | None
    """Cohen's kappa with the teacher, agreement beyond chance; `None` where chance alone would agree always."""
    outcomes: Mapping[str, float]
    """Share of all tickets with each outcome, 0 to 1; `unanswered` are those that an incomplete run left."""
    n_texts: int
    """Distinct texts that it answered."""
    input_tokens_per_ticket: float | None
    """Mean tokens read for a ticket as billed: equal texts are asked once. `None` if the service told none. Of a
    cascade the student's, and the teacher's where it was asked; so with all that follows."""
    output_tokens_per_ticket: float | None
    """Mean tokens written for a ticket as billed; `None` if the service told none."""
    input_tokens_per_text: float | None
    """Mean tokens read for one text that is asked; `None` if the service told none."""
    output_tokens_per_text: float | None
    """Mean tokens written for one text that is asked; `None` if the service told none."""
    ai_credits_per_1000: float | None
    """AI credits for 1,000 tickets as billed; `None` if price or tokens are unknown. 0 means: runs on the client."""
    n_texts_asked: int | None
    """Texts asked during this evaluation; the others stood in the ledger. `None` where nothing is ever asked."""
    seconds: float | None
    """Seconds that this evaluation waited for it; `None` where nothing was run."""
    share_escalated: float | None = None
    """Share of all tickets that a cascade's teacher answered, 0 to 1; `None` for what is no cascade."""
    n_calibration_tickets: int | None = None
    """Test tickets that chose a cascade's threshold, their near-copies included: what is measured on them flatters, and
    no gate passes on it. `None` where it is not known which did, and for what is no cascade."""
    risk_coverage: tuple[RiskPoint, ...] = ()
    """Accuracy where only the surest tickets are answered, from few to all; empty without probabilities or gold."""
    reliability: tuple[ReliabilityBin, ...] = ()
    """Whether its probabilities are true; empty without them, or with fewer than 500 tickets with gold."""

    @property
    def calibration_error(self) -> float | None:
        """Mean distance of accuracy and mean probability over the bins, by their tickets; `None` without bins."""
        n = sum(part.n_tickets for part in self.reliability)
        if not n:
            return None
        return sum(part.n_tickets * abs(part.accuracy - part.mean_probability) for part in self.reliability) / n

    @property
    def off_label_rate(self) -> float:
        """Share of all tickets whose answer names no label, or several."""
        return self.outcomes.get("off_label", 0.0)

    @property
    def error_rate(self) -> float:
        """Share of all tickets for which the service gave an error."""
        return self.outcomes.get("error", 0.0)
