"""Whether a head is of a training set."""

from __future__ import annotations

from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.training_set import TrainingSet


def trained_on_problems(head: EmbeddingHead, training_set: TrainingSet) -> list[str]:
    """Return what speaks against taking the head for one of this training set."""
    called = f"Version {head.version} of {head.table}"
    ours, theirs = set(head.labels.names), set(training_set.prompt.labels.names)
    if ours != theirs:
        parts = [f"lacks {', '.join(sorted(theirs - ours))}"] if theirs - ours else []
        parts += [f"also has {', '.join(sorted(ours - theirs))}"] if ours - theirs else []
        problem = (
            f"{called} was trained under other labels than the training set's: it {' and '.join(parts)}. "
            "Train again, or give the training set that it is of."
        )
        return [problem]
    if head.training_set_id != training_set.id:
        problem = (
            f"{called} was trained on the training set {head.training_set_id[:12]} and not on {training_set.id[:12]}. "
            "Train again, or load the version that is of it."
        )
        return [problem]
    return []
