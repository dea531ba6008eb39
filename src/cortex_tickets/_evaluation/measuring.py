"""Measures all models on the same tickets, with the same bootstrap draws, so that every difference is paired."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

from cortex_tickets._evaluation.measured_model import MeasuredModel
from cortex_tickets._evaluation.results.comparison import Comparison
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.scoring import score_model, share_of
from cortex_tickets._evaluation.statistics.cluster_bootstrap import Counts, group_totals
from cortex_tickets._evaluation.statistics.estimates import difference_bounds, is_single
from cortex_tickets._evaluation.statistics.paired import exact_p_value, holm
from cortex_tickets._evaluation.statistics.proportions import equal_groups
from cortex_tickets._evaluation.test_rows import HeldOutTicket


@dataclass(frozen=True, slots=True)
class Measurements:
    """Scores in the models' order, and a comparison of every pair where there is gold."""

    scores: tuple[Score, ...]
    comparisons: tuple[Comparison, ...]


def measure(
    models: Sequence[MeasuredModel], tickets: Sequence[HeldOutTicket], labels: Sequence[str], *, seed: int
) -> Measurements:
    """Return every model's score and the comparison of every pair."""
    teacher = next((model.answers for model in models if model.role == "teacher"), None)
    golden = _ByGroup.count(models, tickets, lambda place: tickets[place].gold, seed)
    agreed = (
        None
        if teacher is None
        else _ByGroup.count(models, tickets, lambda place: teacher[place].label, seed, all_tickets=True)
    )
    scores = tuple(
        score_model(
            model,
            tickets,
            labels,
            accuracy=golden.share(place),
            agreement=None if agreed is None else agreed.share(place),
            teacher=teacher,
        )
        for place, model in enumerate(models)
    )
    return Measurements(scores, _comparisons([model.name for model in models], golden))


@dataclass(frozen=True, slots=True)
class _ByGroup:
    """Right tickets by group and model, and the bootstrap's totals of them."""

    right: Sequence[Sequence[frozenset[int]]]
    sizes: Sequence[int]
    draws: Sequence[Counts] | None

    @classmethod
    def count(
        cls,
        models: Sequence[MeasuredModel],
        tickets: Sequence[HeldOutTicket],
        truth: Callable[[int], str | None],
        seed: int,
        *,
        all_tickets: bool = False,
    ) -> _ByGroup:
        """Count where each model says what `truth` says; tickets without a truth count only with `all_tickets`."""
        groups: dict[str, list[int]] = {}
        for place, ticket in enumerate(tickets):
            if all_tickets or truth(place) is not None:
                groups.setdefault(ticket.group, []).append(place)
        right = [
            [
                frozenset(
                    place for place in places if truth(place) is not None and model.answers[place].label == truth(place)
                )
                for places in groups.values()
            ]
            for model in models
        ]
        sizes = [len(places) for places in groups.values()]
        table = [(size, *(len(by_group[number]) for by_group in right)) for number, size in enumerate(sizes)]
        draws = None if not table or is_single(table) else group_totals(table, seed=seed)
        return cls(right, sizes, draws)

    def share(self, model: int) -> Share | None:
        if not self.sizes:
            return None
        groups = [(size, len(right)) for size, right in zip(self.sizes, self.right[model], strict=True)]
        return share_of(groups, self._columns(model))

    def pair(self, first: int, second: int) -> list[tuple[int, int, int, int]]:
        return [
            (size, len(one), len(other), len(one & other))
            for size, one, other in zip(self.sizes, self.right[first], self.right[second], strict=True)
        ]

    def _columns(self, *models: int) -> list[Counts] | None:
        if self.draws is None:
            return None
        return [(draw[0], *(draw[model + 1] for model in models)) for draw in self.draws]

    def compare(self, names: Sequence[str], first: int, second: int) -> Comparison:
        groups = self.pair(first, second)
        bounds = difference_bounds(groups, self._columns(first, second))
        n = sum(self.sizes)
        only_first = sum(one - both for _, one, _, both in groups)
        only_second = sum(other - both for _, _, other, both in groups)
        p_value = exact_p_value(one - other for _, one, other, _ in groups)
        return Comparison(
            first=names[first],
            second=names[second],
            difference=(only_first - only_second) / n,
            low=bounds.low,
            high=bounds.high,
            method=bounds.method,
            n_only_first=only_first,
            n_only_second=only_second,
            n_tickets=n,
            n_groups=len(groups),
            n_equal_groups=equal_groups(self.sizes),
            p_value=p_value,
            p_corrected=p_value,
        )


def _comparisons(names: Sequence[str], golden: _ByGroup) -> tuple[Comparison, ...]:
    if not golden.sizes:
        return ()
    made = [golden.compare(names, first, second) for first, second in combinations(range(len(names)), 2)]
    corrected = holm([comparison.p_value for comparison in made])
    return tuple(
        comparison.model_copy(update={"p_corrected": p_value})
        for comparison, p_value in zip(made, corrected, strict=True)
    )
