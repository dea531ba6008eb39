"""What an evaluation has to meet, as it is written on the command line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cortex_tickets import Evaluation, InvalidInputError, RequirementError

ACCURACY = "accuracy"


@dataclass(frozen=True, slots=True)
class Gate:
    """One requirement: an accuracy, or no more than a margin below another model."""

    text: str
    """As it was written."""
    model: str
    """Whose figures are looked at."""
    value: float
    """The least accuracy, or the margin, 0 to 1."""
    other: str | None = None
    """The model that it is compared with; `None` for an accuracy."""

    @property
    def models(self) -> tuple[str, ...]:
        """The models that must be there."""
        return (self.model,) if self.other is None else (self.model, self.other)

    def failure(self, evaluation: Evaluation) -> str | None:
        """Return why it is not met, with the figures; `None` if it is met."""
        try:
            if self.other is None:
                evaluation.require(accuracy={self.model: self.value})
            else:
                evaluation.require(no_worse_than={self.model: (self.other, self.value)})
        except RequirementError as error:
            return error.failures[0]
        return None


def parse_gates(require: Sequence[str], no_worse_than: Sequence[str]) -> list[Gate]:
    """Return the gates of `--require accuracy:MODEL=SHARE` and `--no-worse-than MODEL:OTHER=MARGIN`.

    Raises:
        InvalidInputError: With everything that is none.
    """
    gates: list[Gate] = []
    problems: list[str] = []
    for text in require:
        metric, model, value = _parts(text)
        if metric != ACCURACY or not model or value is None:
            problems.append(f"--require {text!r} must be accuracy:MODEL=SHARE, such as accuracy:student=0.90.")
        else:
            gates.append(Gate(text, model, value))
    for text in no_worse_than:
        model, other, value = _parts(text)
        if not model or not other or model == other or value is None:
            problems.append(f"--no-worse-than {text!r} must be MODEL:OTHER=MARGIN, such as student:teacher=0.02.")
        else:
            gates.append(Gate(text, model, value, other))
    if problems:
        raise InvalidInputError(problems)
    return gates


def require_models(gates: Iterable[Gate], known: Sequence[str]) -> None:
    """Check that every gate is of models that are measured, before anything is paid for.

    Raises:
        InvalidInputError: With every gate of another model.
    """
    problems = [
        f"The gate {gate.text!r} is of {model!r}, which is none of the models: {', '.join(known)}."
        for gate in gates
        for model in gate.models
        if model not in known
    ]
    if problems:
        raise InvalidInputError(problems)


def _parts(text: str) -> tuple[str, str, float | None]:
    """Return what stands before the colon, between it and the last equals sign, and the number from 0 to 1."""
    names, _, number = text.rpartition("=")
    first, _, second = names.partition(":")
    try:
        value = float(number)
    except ValueError:
        return first.strip(), second.strip(), None
    return first.strip(), second.strip(), value if 0 <= value <= 1 else None
