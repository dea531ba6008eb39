"""A client that is killed at any instant loses nothing, pays nothing twice, and changes no answer."""

import random
from collections.abc import Iterator

import pytest

from kill_points.laboratory import N_TEXTS, N_TICKETS, Aftermath, KillPoint, Laboratory
from kill_points.works import WORKS

N_IN_SOAK = 200
OTHER_KINDS = sorted(set(WORKS) - {"classify"})


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory() as made:
        yield made


def points(laboratory: Laboratory, kind: str, count: int, seed: int) -> list[KillPoint]:
    """Return kill points over all statements of a run, each at a random moment after the statement was about to go."""
    draw = random.Random(seed)
    n_statements = laboratory.n_statements(kind)
    statements = draw.sample(range(1, n_statements + 1), n_statements)
    return [
        KillPoint(statements[n % n_statements], draw.choice((0.0, draw.uniform(0, 0.01), draw.uniform(0, 0.1))))
        for n in range(count)
    ]


def kill(laboratory: Laboratory, kind: str, count: int, seed: int) -> int:
    """Kill so many clients, check what is left after each, and return how many died before they were done."""
    undisturbed = laboratory.undisturbed(kind)
    found = [laboratory.killed_and_resumed(kind, point) for point in points(laboratory, kind, count, seed)]
    for after in found:
        check(after, undisturbed)
    return sum(after.was_killed for after in found)


def check(after: Aftermath, undisturbed: Aftermath) -> None:
    assert after.run.is_complete
    assert after.ledger == undisturbed.ledger
    # Two tickets of one wording get a reply each, and so are asked about twice, with one prompt.
    assert sorted(after.asked) == sorted(undisturbed.asked)
    assert after.states[-1] == "COMPLETE"
    assert "RUNNING" not in after.states


def test_what_an_undisturbed_run_leaves(laboratory: Laboratory) -> None:
    left = laboratory.undisturbed("classify")
    assert left.asked == [1] * N_TEXTS
    # A row with an error whose text another ticket has an answer for is not asked about.
    mended = laboratory.undisturbed("mend").asked
    assert mended == [1] * len(mended)
    assert 0 < len(mended) < N_TEXTS // 3
    assert len(left.ledger) == N_TICKETS
    assert len({(ticket, text) for ticket, text, *_ in left.ledger}) == N_TICKETS


def test_some_instants_of_labelling(laboratory: Laboratory) -> None:
    assert kill(laboratory, "classify", 6, seed=11) >= 4


@pytest.mark.parametrize("kind", ["budget", "mend"])
def test_an_instant_of_other_work(laboratory: Laboratory, kind: str) -> None:
    assert kill(laboratory, kind, 1, seed=23) == 1


@pytest.mark.soak
def test_two_hundred_instants_of_labelling(laboratory: Laboratory) -> None:
    assert kill(laboratory, "classify", N_IN_SOAK + 20, seed=7) >= N_IN_SOAK


@pytest.mark.soak
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_thirty_instants_of_other_work(laboratory: Laboratory, kind: str) -> None:
    assert kill(laboratory, kind, 30, seed=5) >= 25
