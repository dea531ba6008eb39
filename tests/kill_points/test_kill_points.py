"""A client that is killed at any instant loses nothing, pays nothing twice, and changes no answer."""

import random
from collections.abc import Iterator

import pytest

from kill_points.laboratory import N_TEXTS, N_TICKETS, Aftermath, KillPoint, Laboratory

N_IN_SOAK = 200


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory() as made:
        yield made


def points(laboratory: Laboratory, count: int, seed: int) -> list[KillPoint]:
    """Return kill points over all statements of a run, each at a random moment after the statement was about to go."""
    draw = random.Random(seed)
    statements = draw.sample(range(1, laboratory.n_statements + 1), laboratory.n_statements)
    return [
        KillPoint(statements[n % len(statements)], draw.choice((0.0, draw.uniform(0, 0.01), draw.uniform(0, 0.1))))
        for n in range(count)
    ]


def check(laboratory: Laboratory, after: Aftermath) -> None:
    assert after.run.is_complete
    assert len(after.ledger) == N_TICKETS
    assert len({(ticket, text) for ticket, text, *_ in after.ledger}) == N_TICKETS
    assert len(after.asked) == N_TEXTS
    assert set(after.asked) == {1}
    assert after.ledger == laboratory.undisturbed
    assert after.states[-1] == "COMPLETE"
    assert "RUNNING" not in after.states


def test_some_instants(laboratory: Laboratory) -> None:
    found = [laboratory.killed_and_resumed(point) for point in points(laboratory, 8, seed=11)]
    for after in found:
        check(laboratory, after)
    assert sum(after.was_killed for after in found) >= 6


@pytest.mark.soak
def test_two_hundred_instants(laboratory: Laboratory) -> None:
    found = [laboratory.killed_and_resumed(point) for point in points(laboratory, N_IN_SOAK + 20, seed=7)]
    for after in found:
        check(laboratory, after)
    assert sum(after.was_killed for after in found) >= N_IN_SOAK
