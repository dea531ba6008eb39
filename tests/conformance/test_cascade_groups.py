"""A calibration sample of a training set's test split: one ticket of each group of near-copies."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from cascade_world import DELTA, TARGET, World, hashed, make_world, part
from cortex_tickets import CalibrationSample, InvalidInputError, Shares, TrainingSetBuilder, local
from cortex_tickets._cascading.drawing import Drawn, read_sample
from cortex_tickets._cortex.client import CortexClient


@pytest.fixture(scope="module")
def world(engine: local.Engine) -> Iterator[World]:
    """The tickets of a world, each text standing in the table four times."""
    with engine.session() as session:
        made = make_world(session)
        tickets = [(f"{ticket_id}-{copy}", text, label) for ticket_id, text, label in made.tickets for copy in range(4)]
        table = f"FOUR_{uuid4().hex[:12].upper()}"
        session.create_dataframe([row[:2] for row in tickets], schema=["TICKET_ID", "REQUEST"]).write.save_as_table(
            table
        )
        run = made.teacher.classify_table(table, into="TEACHER_LABELS")
        builder = TrainingSetBuilder(session, seed=3, shares=Shares(0.4, 0.2, 0.4))
        yield made._replace(training_set=builder.build(table, into="FT4", labels=run), tickets=tickets)


def read(world: World, sample: CalibrationSample) -> Drawn:
    return read_sample(CortexClient(world.session), sample)


def groups_of(world: World) -> dict[tuple[str, str], str]:
    """Return the group of each ticket of the test split."""
    rows = world.rows(f"SELECT * FROM ({world.training_set.rows_query()}) WHERE SPLIT = 'test'")
    return {(row["TICKET_ID"], row["TEXT_HASH"]): row["GROUP_ID"] for row in rows}


def test_one_ticket_stands_for_each_group_of_the_test_split(world: World) -> None:
    group = groups_of(world)
    gold = world.gold(world.in_split("test"))
    drawn = read(world, CalibrationSample.labelled(world.training_set, gold=gold))
    chosen = [group[ticket.key] for ticket in drawn.tickets]
    assert sorted(chosen) == sorted(set(group.values()))
    assert len(group) >= 4 * len(chosen)
    assert drawn.n_population == len(chosen)
    assert read(world, CalibrationSample.labelled(world.training_set, gold=gold)) == drawn


def test_which_one_is_settled_before_labels_are_looked_at(world: World) -> None:
    tickets = world.in_split("test")
    chosen = {
        ticket.key
        for ticket in read(world, CalibrationSample.labelled(world.training_set, gold=world.gold(tickets))).tickets
    }
    some = [ticket for ticket in tickets if part(ticket[0]) < 0.3]
    drawn = read(world, CalibrationSample.labelled(world.training_set, gold=world.gold(some)))
    # Not one of each group that has a label: a group with four tickets would be there the oftener for having four.
    assert {ticket.key for ticket in drawn.tickets} == chosen & {(row[0], hashed(row[1])) for row in some}
    assert drawn.n_population == len(chosen)


def test_another_seed_draws_other_groups_and_no_other_tickets_of_the_same(world: World) -> None:
    group = groups_of(world)
    n_groups = len(set(group.values()))
    draws = [read(world, world.drawn(n=100, seed=seed)) for seed in (1, 2)]
    all_of_them = {ticket.key for ticket in read(world, world.drawn(n=n_groups, seed=3)).tickets}
    for drawn in draws:
        assert len({group[ticket.key] for ticket in drawn.tickets}) == 100
        assert {ticket.key for ticket in drawn.tickets} <= all_of_them
    assert draws[0] != draws[1]
    assert len(all_of_them) == n_groups


def test_the_certificate_says_that_it_is_of_groups(world: World) -> None:
    certificate = world.cascade().certify(world.drawn(), TARGET, DELTA, into=world.fresh())
    assert (certificate.unit, certificate.n, certificate.n_groups) == ("group", 120, 120)
    assert "120 tickets in 120 groups of near-copies, one of each" in str(certificate)


def test_a_sample_of_rows_says_how_many_groups_it_has(world: World) -> None:
    tickets = world.in_split("test")
    table = world.fresh()
    world.session.create_dataframe([row[:2] for row in tickets], schema=["TICKET_ID", "REQUEST"]).write.save_as_table(
        table
    )
    sample = CalibrationSample.drawn(table, n=200, seed=1)
    certificate = world.cascade().certify(sample, TARGET, DELTA, into=world.fresh())
    assert (certificate.unit, certificate.n, certificate.n_population) == ("ticket", 200, len(tickets))
    group = groups_of(world)
    assert certificate.n_texts == len({ticket.text_hash for ticket in read(world, sample).tickets}) < certificate.n
    assert certificate.n_groups == len({group[ticket.key] for ticket in read(world, sample).tickets})


def test_a_split_with_too_few_groups_is_too_small_whatever_the_rows(world: World) -> None:
    tickets = world.in_split("test")
    few = {text for _, text, _ in tickets[:: len(tickets) // 10]}
    sample = CalibrationSample.labelled(
        world.training_set, gold=world.gold([ticket for ticket in tickets if ticket[1] in few])
    )
    with pytest.raises(InvalidInputError, match="tickets, one of each group of near-copies, and that is too small"):
        world.cascade().certify(sample, 0.95, DELTA, into=world.fresh())
