"""Which labels Cortex models choose from: those of the options, else those of the settings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cortex_tickets import InvalidInputError, Label, LabelSet
from cortex_tickets.cli.settings import Settings


def chosen_labels(settings: Settings, names: Sequence[str], file: Path | None) -> LabelSet | None:
    """Return the label set; `None` where nobody gave one.

    Args:
        settings: What stands under `labels` and `abstain`.
        names: What `--label` said.
        file: What `--label-set` said.

    Raises:
        InvalidInputError: If both options were given, or the labels are no good set.
    """
    if names and file is not None:
        raise InvalidInputError("--label and --label-set cannot be given together; leave one of them out.")
    if names:
        return LabelSet.of(list(names))
    if file is not None:
        return LabelSet.from_toml(file)
    if not settings.labels:
        return None
    labels = (
        Label(name=label.name, description=label.description, examples=tuple(label.examples))
        for label in settings.labels
    )
    return LabelSet(labels=tuple(labels), abstain=settings.abstain)
