"""Shows what near-copies on both sides of a split do to a model's figures."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._evaluation.baseline import predict, require_extra
from cortex_tickets._evaluation.results.leakage_sweep import LeakageRow, LeakageSweep
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.scoring import share_of
from cortex_tickets._evaluation.statistics.cluster_bootstrap import group_totals
from cortex_tickets._evaluation.statistics.estimates import is_single
from cortex_tickets._evaluation.test_rows import RANDOM_SAMPLE
from cortex_tickets._training.splitting import MAX_GROUP_SHARE
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.near_copies import SIMILARITY, group_texts
from cortex_tickets.problems import is_number, seconds_problems, whole_number_problems
from cortex_tickets.session import Session
from cortex_tickets.training_set import TrainingSet

__all__ = ["LeakageRow", "LeakageSweep", "leakage_sweep"]

THRESHOLDS = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
MAX_TICKETS = 3_000
"""Tickets that are read to the client, chosen by hash of seed and text where there are more."""
MAX_FOLDS = 20
LEAST_GOLD = 50
"""Tickets with gold from which gold is the reference."""
_LEAST_TICKETS = 20
_TAG = "cortex_tickets: leakage"


def leakage_sweep(
    session: Session,
    training_set: TrainingSet,
    *,
    thresholds: Sequence[float] = THRESHOLDS,
    n_folds: int = 5,
    seed: int = 0,
    timeout: float | None = None,
) -> LeakageSweep:
    """Return what a linear model gets split by group and split at random, for several meanings of "near-copy".

    All rows of the set are used, whatever their split, at most 3,000; they are cut into folds, and each fold is
    answered by a model that was trained on the others. The folds at random are the same for every threshold, and both
    figures of a row are of the same tickets. Groups of more than a tenth of the tickets are trained on and not
    measured, as in a training set, so that one chain of near-copies is not the whole measurement. One statement is
    sent, which bills no model. Needs the extra `evaluate`.

    Args:
        session: Where the training set is.
        training_set: What `TrainingSetBuilder.build` returned.
        thresholds: Jaccard indices of the sets of words, above 0, at most 1.
        n_folds: Parts, 2 to 20.
        seed: Seed of the folds.
        timeout: Seconds for the statement, retries included; `None` for the session's own limit.

    Raises:
        InvalidInputError: With every problem: a threshold or number out of range, fewer than 20 tickets with a label.
        MissingExtraError: If scikit-learn is not installed.
        CortexError: If the statement fails.
    """
    problems = _problems(training_set, thresholds, n_folds, seed, timeout)
    if problems:
        raise InvalidInputError(problems)
    require_extra()
    client = CortexClient(session, tag=_TAG).within(timeout)
    tickets, reference = _read(client, training_set, seed)
    draw = random.Random(seed)  # noqa: S311  folds, not secrets
    at_random = list(range(len(tickets)))
    draw.shuffle(at_random)
    folds = {place: number % n_folds for number, place in enumerate(at_random)}
    right_at_random = _right(tickets, folds, n_folds)
    rows = []
    for similarity in sorted(set(thresholds), reverse=True):
        groups = group_texts({ticket.text_hash: ticket.text for ticket in tickets}, similarity=similarity)
        rows.append(_row(tickets, groups, right_at_random, similarity=similarity, n_folds=n_folds, seed=seed))
    return LeakageSweep(
        reference=reference,
        n_tickets=len(tickets),
        n_folds=n_folds,
        seed=seed,
        chosen=SIMILARITY,
        rows=tuple(rows),
    )


@dataclass(frozen=True, slots=True)
class _Labelled:
    text_hash: str
    text: str
    label: str


def _problems(training_set: object, thresholds: object, n_folds: int, seed: int, timeout: float | None) -> list[str]:
    problems = []
    if not isinstance(training_set, TrainingSet):
        problems.append(
            f"training_set is a {type(training_set).__name__}; give what TrainingSetBuilder.build(...) or "
            "TrainingSet.load(session, table) returned."
        )
    given: list[object] = list(thresholds) if isinstance(thresholds, list | tuple) else [thresholds]
    problems += [
        f"thresholds has {threshold!r}, which is no likeness; give numbers above 0, at most 1."
        for threshold in given
        if not (is_number(threshold) and 0 < threshold <= 1)
    ]
    if not given:
        problems.append("thresholds is empty; give at least one number above 0, at most 1.")
    folds = whole_number_problems("n_folds", n_folds, least=2)
    if not folds and n_folds > MAX_FOLDS:
        folds = [f"n_folds={n_folds} is too many; give at most {MAX_FOLDS}."]
    return [*problems, *folds, *whole_number_problems("seed", seed), *seconds_problems(timeout)]


def _read(client: CortexClient, training_set: TrainingSet, seed: int) -> tuple[list[_Labelled], str]:
    chosen = f"SHA2(CONCAT({literal(f'{seed}:')}, TEXT_HASH), 256), TICKET_ID"
    rows = client.rows(
        Statement(
            f"SELECT TEXT_HASH, TEXT, LABEL, IFF(GOLD_SOURCE = {literal(RANDOM_SAMPLE)}, GOLD_LABEL, NULL) AS GOLD "
            f"FROM ({training_set.rows_query()}) WHERE TEXT IS NOT NULL ORDER BY {chosen} LIMIT {MAX_TICKETS}"
        )
    )
    n_gold = sum(row["GOLD"] is not None for row in rows)
    reference, column = ("gold", "GOLD") if n_gold >= LEAST_GOLD else ("teacher", "LABEL")
    tickets = [_Labelled(row["TEXT_HASH"], row["TEXT"], row[column]) for row in rows if row[column] is not None]
    if len(tickets) < _LEAST_TICKETS:
        raise InvalidInputError(
            f"Only {len(tickets)} tickets of {training_set.table} have a label; near-copies cannot be told from "
            f"chance below {_LEAST_TICKETS}."
        )
    return tickets, reference


def _row(
    tickets: Sequence[_Labelled],
    groups: Mapping[str, str],
    right_at_random: Sequence[bool],
    *,
    similarity: float,
    n_folds: int,
    seed: int,
) -> LeakageRow:
    members: defaultdict[str, list[int]] = defaultdict(list)
    for place, ticket in enumerate(tickets):
        members[groups[ticket.text_hash]].append(place)
    largest = max(map(len, members.values()))
    bound = max(MAX_GROUP_SHARE * len(tickets), 2)
    measured = {name: places for name, places in members.items() if len(places) <= bound}
    right = _right(tickets, _folds_by_group(measured, n_folds, seed), n_folds)
    return LeakageRow(
        similarity=similarity,
        n_groups=len(members),
        largest_group=largest,
        n_bounded=len(tickets) - sum(map(len, measured.values())),
        grouped=_share(measured, right, seed),
        random=_share(measured, right_at_random, seed),
    )


def _folds_by_group(groups: Mapping[str, Sequence[int]], n_folds: int, seed: int) -> dict[int, int]:
    """Return each ticket's fold: the largest group goes first, each to the fold that has the fewest tickets."""
    draw = random.Random(seed)  # noqa: S311  folds, not secrets
    names = sorted(groups)
    draw.shuffle(names)
    sizes: Counter[int] = Counter()
    folds: dict[int, int] = {}
    for name in sorted(names, key=lambda name: -len(groups[name])):
        fold = min(range(n_folds), key=lambda number: (sizes[number], number))
        sizes[fold] += len(groups[name])
        folds.update((place, fold) for place in groups[name])
    return folds


def _right(tickets: Sequence[_Labelled], folds: Mapping[int, int], n_folds: int) -> list[bool]:
    """Return for each ticket whether a model that was trained without its fold has it right; False without a fold."""
    right = [False] * len(tickets)
    for fold in range(n_folds):
        asked = [place for place, number in folds.items() if number == fold]
        # Tickets without a fold are trained on always.
        pairs = [(ticket.text, ticket.label) for place, ticket in enumerate(tickets) if folds.get(place) != fold]
        for place, label in zip(asked, predict(pairs, [tickets[place].text for place in asked]), strict=True):
            right[place] = label == tickets[place].label
    return right


def _share(groups: Mapping[str, Sequence[int]], right: Sequence[bool], seed: int) -> Share | None:
    if not groups:
        return None
    table = [(len(places), sum(right[place] for place in places)) for places in groups.values()]
    return share_of(table, None if is_single(table) else group_totals(table, seed=seed))
