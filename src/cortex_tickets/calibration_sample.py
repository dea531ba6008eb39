"""What a cascade is certified on: tickets drawn at random, and who says what their labels are."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import AwareDatetime, model_validator

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import whole_number_problems
from cortex_tickets.records.record import Record
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.training_set import TrainingSet

MOST_DRAWN = 10_000
"""Tickets of a calibration sample, at most."""


class CalibrationSample(Record):
    """A simple random sample of tickets, and the reference that says which labels are right.

    Made by `labelled`, where people have labelled a random sample, or by `drawn`, where the teacher itself is the
    reference. Making one sends nothing: `Cascade.certify` reads it, and checks what can be checked.

    Of a table of tickets rows are counted as they stand: equal texts of two tickets are two tickets, because they are
    two in use, too. Of a training set it is one ticket of each group of near-copies of the test split: a split is a
    sample of groups and not of rows, so what is proved on it is of texts that differ, each group counted once. For a
    statement about rows give a table of tickets.
    """

    source: TicketSource
    """The tickets that it is drawn from: those that the certificate will be about."""
    name: str
    """How messages and the certificate call them."""
    group: str | None = None
    """Column of the source that names a ticket's group of near-copies: one ticket of each group may be in the sample;
    `None` where rows are counted as they stand."""
    gold: str | None
    """The gold table; `None` where the teacher is the reference."""
    labelled_from: AwareDatetime | None = None
    """The earliest moment of a label that counts; `None` for all."""
    n: int | None = None
    """Tickets to draw; `None` where the gold table says which they are."""
    seed: int = 0
    """Chooses the draw."""

    @model_validator(mode="after")
    def _is_a_sample(self) -> Self:
        if self.gold is None and (self.n is None or not 1 <= self.n <= MOST_DRAWN):
            raise ValueError(
                f"n={self.n} is no number of tickets to draw, from 1 to {MOST_DRAWN:,}, and gold names no table of "
                "labels: use CalibrationSample.drawn(tickets, n=..., seed=...), or "
                "CalibrationSample.labelled(tickets, gold=...)."
            )
        return self

    @property
    def reference(self) -> Literal["gold", "teacher"]:
        """Whose labels count as right."""
        return "teacher" if self.gold is None else "gold"

    @classmethod
    def labelled(cls, tickets: Any, *, gold: str | None = None, labelled_from: datetime | None = None) -> Self:
        """Return the tickets that have a label of a random sample: the reference is what people said.

        Labels with the source `correction` never count. Of several labels of a ticket the newest does.

        Of a training set's test split one ticket of each group of near-copies is chosen, by the SHA-256 of its id and
        text, before labels are looked at. A group whose chosen ticket has no label is left out even where another of
        its tickets has one: taking that one would take large groups more often than small ones.

        Args:
            tickets: What the sample was drawn from: a table's name, a `TicketSource`, a Snowpark DataFrame of one
                query without bind values, or a `TrainingSet` for one ticket of each group of its test split.
            gold: The gold table, as `load_gold` and `Corrections` write it; `None` for that of the training set.
            labelled_from: Leaves out labels from before, such as those of an earlier calibration, which would be no
                fresh proof; with a time zone. `None` for all.

        Raises:
            InvalidInputError: With every problem in the source, the table's name and the moment.
        """
        if gold is None and isinstance(tickets, TrainingSet):
            gold = tickets.gold_table
        if gold is None:
            raise InvalidInputError(
                "gold= names no table, and there are no labels of people without one. Give the gold table that "
                "Corrections or load_gold wrote, or take CalibrationSample.drawn(...), whose reference is the teacher."
            )
        source, name, group = _source(tickets)
        table = str(TableName.parse(gold, role="gold table"))
        return cls(source=source, name=name, group=group, gold=table, labelled_from=labelled_from)

    @classmethod
    def drawn(cls, tickets: Any, *, n: int, seed: int) -> Self:
        """Return a draw of `n` tickets, made in the warehouse: the reference is what the teacher says of them.

        By a hash of seed, id and text: the same tickets and seed give the same draw. Of a training set's test split
        groups of near-copies are drawn, and of each the one ticket that `labelled` would choose, whatever the seed.

        Args:
            tickets: What to draw from: a table's name, a `TicketSource`, a Snowpark DataFrame of one query without
                bind values, or a `TrainingSet` for one ticket of each group of its test split.
            n: Tickets, at most 10,000; the teacher is asked for each of them.
            seed: Any whole number; another one draws another sample.

        Raises:
            InvalidInputError: With every problem in the source, `n` and `seed`.
        """
        problems = [*whole_number_problems("n", n, least=1), *whole_number_problems("seed", seed)]
        if not problems and n > MOST_DRAWN:
            problems.append(f"n={n} is more than {MOST_DRAWN:,} tickets; draw fewer.")
        if problems:
            raise InvalidInputError(problems)
        source, name, group = _source(tickets)
        return cls(source=source, name=name, group=group, gold=None, n=n, seed=seed)


def _source(tickets: Any) -> tuple[TicketSource, str, str | None]:
    if isinstance(tickets, TrainingSet):
        source = TicketSource(query=tickets.rows_query(Split.TEST), id="TICKET_ID", text="TEXT")
        return source, f"the test split of {tickets.table}", "GROUP_ID"
    source = TicketSource.of(tickets)
    return source, str(source), None
