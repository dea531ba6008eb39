"""From answers to a model's score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cortex_tickets._evaluation.measured_model import MeasuredModel, total_usage
from cortex_tickets._evaluation.results.confidence import ReliabilityBin, RiskPoint
from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets._evaluation.results.label_score import LabelScore
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.statistics.classification import (
    LabelCount,
    agreement_kappa,
    label_counts,
    macro_f1,
)
from cortex_tickets._evaluation.statistics.cluster_bootstrap import Counts
from cortex_tickets._evaluation.statistics.confidence import Confident, reliability, risk_coverage
from cortex_tickets._evaluation.statistics.estimates import share_bounds
from cortex_tickets._evaluation.test_rows import UNANSWERED, HeldOutTicket, TicketAnswer
from cortex_tickets.records.prediction import Outcome

OUTCOMES = (*(outcome.value for outcome in Outcome), UNANSWERED)
"""Every outcome, in the order in which tables show them."""


def score_model(
    model: MeasuredModel,
    tickets: Sequence[HeldOutTicket],
    labels: Sequence[str],
    *,
    accuracy: Share | None,
    agreement: Share | None,
    teacher: Sequence[TicketAnswer] | None,
) -> Score:
    """Return the model's score; the shares with intervals are made beforehand, for all models together."""
    gold = [(ticket.gold, answer) for ticket, answer in zip(tickets, model.answers, strict=True) if ticket.gold]
    counts = label_counts(labels, [true for true, _ in gold if true], [answer.label for _, answer in gold])
    tally = Counter(answer.outcome for answer in model.answers)
    is_own_teacher = model.role == "teacher"
    sure = _confident(tickets, model.answers)
    return Score(
        name=model.name,
        role=model.role,
        model=model.model,
        classifier_hash=model.classifier_hash,
        accuracy=accuracy,
        macro_f1=macro_f1(list(counts.values())),
        labels=tuple(_label_score(label, count) for label, count in counts.items()) if gold else (),
        confusion=_confusion(gold, labels) if gold else None,
        agreement=None if is_own_teacher else agreement,
        kappa=None
        if teacher is None or is_own_teacher
        else agreement_kappa([answer.label for answer in model.answers], [answer.label for answer in teacher]),
        outcomes={name: tally[name] / len(tickets) for name in OUTCOMES if tally[name]},
        n_texts_asked=model.n_texts_asked,
        seconds=model.seconds,
        share_escalated=model.share_escalated,
        n_calibration_tickets=model.n_calibration_tickets,
        risk_coverage=_risk_points(sure, len(gold)),
        reliability=_reliability_bins(sure),
        **_costs(model, tickets),
    )


def _confident(tickets: Sequence[HeldOutTicket], answers: Sequence[TicketAnswer]) -> list[Confident]:
    return [
        Confident(ticket.group, answer.probability, answer.label == ticket.gold)
        for ticket, answer in zip(tickets, answers, strict=True)
        if ticket.gold is not None and answer.probability is not None and answer.label is not None
    ]


def _risk_points(sure: Sequence[Confident], n_gold: int) -> tuple[RiskPoint, ...]:
    return tuple(
        RiskPoint(
            threshold=part.lowest,
            coverage=part.n_tickets / n_gold,
            accuracy=part.n_right / part.n_tickets,
            low=part.low,
            high=part.high,
            n_tickets=part.n_tickets,
        )
        for part in risk_coverage(sure)
    )


def _reliability_bins(sure: Sequence[Confident]) -> tuple[ReliabilityBin, ...]:
    return tuple(
        ReliabilityBin(
            lowest=part.lowest,
            highest=part.highest,
            mean_probability=part.mean_probability,
            accuracy=part.n_right / part.n_tickets,
            low=part.low,
            high=part.high,
            n_tickets=part.n_tickets,
        )
        for part in reliability(sure)
    )


def share_of(groups: Sequence[tuple[int, int]], draws: Sequence[Counts] | None) -> Share:
    """Return the share with its interval."""
    n, count = sum(size for size, _ in groups), sum(right for _, right in groups)
    bounds = share_bounds(groups, draws)
    return Share(
        value=count / n,
        low=bounds.low,
        high=bounds.high,
        count=count,
        n_tickets=n,
        n_groups=len(groups),
        method=bounds.method,
    )


def _costs(model: MeasuredModel, tickets: Sequence[HeldOutTicket]) -> dict[str, float | None]:
    if model.role == "baseline":
        return {
            "n_texts": len({ticket.text_hash for ticket in tickets}),
            "input_tokens_per_ticket": 0.0,
            "output_tokens_per_ticket": 0.0,
            "input_tokens_per_text": 0.0,
            "output_tokens_per_text": 0.0,
            "ai_credits_per_1000": 0.0,
        }
    used = total_usage(tickets, model)
    read, written = used.input_tokens, used.output_tokens
    n_tickets, n_texts = len(tickets), max(1, used.n_texts)
    return {
        "n_texts": used.n_texts,
        "input_tokens_per_ticket": None if read is None else read / n_tickets,
        "output_tokens_per_ticket": None if written is None else written / n_tickets,
        "input_tokens_per_text": None if read is None else read / n_texts,
        "output_tokens_per_text": None if written is None else written / n_texts,
        "ai_credits_per_1000": None if used.ai_credits is None else used.ai_credits * 1000 / n_tickets,
    }


def _label_score(label: str, count: LabelCount) -> LabelScore:
    return LabelScore(
        label=label,
        support=count.true,
        n_given=count.given,
        n_right=count.right,
        precision=count.precision,
        recall=count.recall,
        f1=count.f1,
    )


def _confusion(gold: Sequence[tuple[str | None, TicketAnswer]], labels: Sequence[str]) -> ConfusionMatrix:
    """Count by gold label and answer. An abstention stands in the abstain label's own column."""
    cells = Counter((true, answer.label or answer.outcome) for true, answer in gold)
    said = {column for _, column in cells}
    columns = (*labels, *(outcome for outcome in OUTCOMES if outcome in said and outcome not in labels))
    return ConfusionMatrix(
        rows=tuple(labels),
        columns=columns,
        n_labels=len(labels),
        counts=tuple(tuple(cells[row, column] for column in columns) for row in labels),
    )
