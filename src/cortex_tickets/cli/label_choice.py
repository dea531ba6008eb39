"""Which labels Cortex models choose from: those of the options, else those of the settings."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
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
        with _told_of("--label"):
            return LabelSet.of(list(names))
    if file is not None:
        with _told_of(str(file)):
            return LabelSet.from_toml(file)
    if not settings.labels:
        return None
    with _told_of("labels of the settings"):
        return _of_the_settings(settings)


def _of_the_settings(settings: Settings) -> LabelSet:
    labels = (
        Label(name=label.name, description=label.description, examples=tuple(label.examples))
        for label in settings.labels
    )
    return LabelSet(labels=tuple(labels), abstain=settings.abstain)


@contextmanager
def _told_of(place: str) -> Generator[None]:
    """Say of what is wrong where it was given, and not of which record it would be."""
    try:
        yield
    except InvalidInputError as error:
        raise InvalidInputError([_problem(place, problem) for problem in error.problems]) from None


def _problem(place: str, problem: str) -> str:
    plain = problem.removeprefix("LabelSet: ").removeprefix("Label.")
    return plain if plain.startswith(place) else f"{place}: {plain.removesuffix('.')}."
