"""Requirements on an evaluation: bounds are compared, so a small test can fail a good model but pass no bad one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_tickets._evaluation.results.comparison import Comparison
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.verdict import between
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import is_number

_NO_GOLD = "no test ticket has gold of a random sample, so accuracy is unknown"


def failures(
    scores: Sequence[Score],
    comparisons: Sequence[Comparison],
    accuracy: Mapping[str, float],
    no_worse_than: Mapping[str, tuple[str, float]],
) -> list[str]:
    """Return one line for each gate that is not met.

    Raises:
        InvalidInputError: If a model is unknown or a number is no share.
    """
    by_name = {score.name: score for score in scores}
    problems = _problems(by_name, accuracy, no_worse_than)
    if problems:
        raise InvalidInputError(problems)
    found = [_accuracy_failure(by_name[name], least) for name, least in accuracy.items()]
    found += [
        _own_sample(
            f"{name} at most {margin * 100:.1f} points less accurate than {other}", by_name[name], by_name[other]
        )
        or _margin_failure(comparisons, name, other, margin)
        for name, (other, margin) in no_worse_than.items()
    ]
    return [line for line in found if line is not None]


def _problems(known: Mapping[str, Score], accuracy: object, no_worse_than: object) -> list[str]:
    """Return what is wrong with the gates, whatever was given as such."""
    problems = [
        f"{name}= is a {type(given).__name__}; give {example}."
        for name, given, example in (
            ("accuracy", accuracy, "accuracy={'student': 0.9}"),
            ("no_worse_than", no_worse_than, "no_worse_than={'student': ('teacher', 0.02)}"),
        )
        if not isinstance(given, Mapping)
    ]
    if not isinstance(accuracy, Mapping) or not isinstance(no_worse_than, Mapping):
        return problems
    if not accuracy and not no_worse_than:
        return ["Nothing is required; give accuracy={...} or no_worse_than={...}."]
    wrong_pairs = [name for name, pair in no_worse_than.items() if not (isinstance(pair, tuple) and len(pair) == 2)]  # noqa: PLR2004  a name and a margin
    problems += [
        f"no_worse_than[{name!r}]={no_worse_than[name]!r} must be another model's name and a margin, such as "
        "('teacher', 0.02)."
        for name in wrong_pairs
    ]
    pairs = {name: pair for name, pair in no_worse_than.items() if name not in wrong_pairs}
    names = dict.fromkeys([*accuracy, *no_worse_than, *(other for other, _ in pairs.values())])
    problems += [
        f"There is no model {name!r} in this evaluation. It has: {', '.join(known)}."
        for name in names
        if name not in known
    ]
    problems += [
        f"accuracy[{name!r}]={least!r} is not between 0 and 1."
        for name, least in accuracy.items()
        if not _is_share(least)
    ]
    for name, (other, margin) in pairs.items():
        if not _is_share(margin):
            problems.append(f"no_worse_than[{name!r}] has the margin {margin!r}, which is not between 0 and 1.")
        if name == other:
            problems.append(f"no_worse_than[{name!r}] compares a model with itself.")
    return problems


def _is_share(value: object) -> bool:
    return is_number(value) and 0 <= value <= 1


def _accuracy_failure(score: Score, least: float) -> str | None:
    if score.accuracy is None:
        return f"accuracy of {score.name} of at least {least:.1%}: {_NO_GOLD}."
    flattered = _own_sample(f"accuracy of {score.name} of at least {least:.1%}", score)
    if flattered is not None:
        return flattered
    if score.accuracy.low >= least:
        return None
    return (
        f"accuracy of {score.name} of at least {least:.1%}: measured {score.accuracy}, lower bound below it "
        f"({score.accuracy.n_tickets:,} tickets in {score.accuracy.n_groups:,} groups)."
    )


def _own_sample(wanted: str, *scores: Score) -> str | None:
    """Return why nothing can be required of a cascade on the tickets that chose its threshold."""
    for score in scores:
        if score.n_calibration_tickets:
            return (
                f"{wanted}: {score.n_calibration_tickets:,} of these tickets chose the threshold of {score.name}, so "
                "its figures here are no measurement; its certificate says what holds, and later tickets can measure."
            )
    return None


def _margin_failure(comparisons: Sequence[Comparison], name: str, other: str, margin: float) -> str | None:
    wanted = f"{name} at most {margin * 100:.1f} points less accurate than {other}"
    if not comparisons:
        return f"{wanted}: {_NO_GOLD}."
    comparison = between(comparisons, name, other)
    if comparison.low >= -margin:
        return None
    return (
        f"{wanted}: measured {comparison.difference * 100:+.1f} points "
        f"[{comparison.low * 100:+.1f}, {comparison.high * 100:+.1f}], lower bound below it "
        f"({comparison.n_tickets:,} tickets in {comparison.n_groups:,} groups)."
    )
