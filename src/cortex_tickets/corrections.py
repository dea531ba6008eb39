"""Labels that people give: corrections, which train, and blind samples, which measure."""

from __future__ import annotations

import builtins
import json
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from cortex_tickets._correcting.exporting import csv_text
from cortex_tickets._correcting.given_labels import annotator_problems, given_labels, shortened
from cortex_tickets._correcting.gold_table import (
    draw,
    gold_form_problems,
    source_of,
    stored_labels,
    unknown_tickets,
    write_labels,
)
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.file_writing import checked_path, write_whole
from cortex_tickets.ledger.schema import described_columns, fully_qualified
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.problems import Problems, whole_number_problems
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.records.gold_label import GoldLabel, GoldSource
from cortex_tickets.records.label_sample import LabelSample
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_label import TicketLabel
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session

MAX_SAMPLE = 10_000
"""Tickets of a sample, at most: their texts come to the client."""
MAX_LISTED = 10_000
"""Labels that `list` brings to the client in one call, at most."""
MAX_EXPORTED = 200_000
"""Labels that `export` brings to the client, at most."""


class Corrections:
    """Labels that people give to the tickets of one source, in a gold table.

    A correction is of a ticket that somebody noticed, as a rule because its label was wrong: such tickets are harder
    than others. `TrainingSetBuilder.build(gold=...)` trains on corrections and never measures with them. Accuracy is
    measured with the labels of a blind random sample only, which `label_sample` draws.

    Rows are only ever added: who said what and when stays, and the newest label of a ticket counts. The constructor
    stores and checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        table: The gold table, as `load_gold` writes it. `add` makes it if it is not there.
        tickets: Where the tickets are: a table's name, a `TicketSource`, or a Snowpark DataFrame of one query without
            bind values.
        labels: The labels that there are: a list of names, a list of `Label`, or a `LabelSet`.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem in the table's name, the source and the labels.
    """

    def __init__(
        self,
        session: Session,
        *,
        table: str,
        tickets: Any,
        labels: LabelSet | Sequence[str] | Sequence[Label],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        problems = Problems()
        with problems:
            self._table = TableName.parse(table, role="gold table")
        with problems:
            self._source = TicketSource.of(tickets)
        with problems:
            self._labels = LabelSet.of(labels)
        problems.require_none()
        tag = json.dumps({"app": "cortex_tickets", "operation": "correct"})
        self._client = CortexClient(session, tag=tag, clock=clock)

    @property
    def labels(self) -> LabelSet:
        """The labels that there are."""
        return self._labels

    def add(
        self,
        labels: Sequence[TicketLabel],
        *,
        annotator: str,
        sample: LabelSample | None = None,
        timeout: float | None = None,
    ) -> int:
        """Write labels that a person gave, and return how many were new.

        All or nothing, in one statement; nothing is billed but the warehouse. Called again with the same labels it
        writes none.

        Args:
            labels: One for each ticket, at most 10,000. Empty is allowed and sends nothing.
            annotator: Who gave them.
            sample: The sample that the tickets were drawn in: their labels are written with the source
                `random_sample`, and measure. `None` for corrections, which train.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            Labels that were written. One that is the newest of its ticket, and its annotator's newest, stands already.

        Raises:
            InvalidInputError: Before anything is written, with every problem: a label that is none of the set, two
                labels for one ticket, a ticket that the source does not have with this text or that is not in the
                sample, a table of another form. It names ids, never texts.
            CortexError: If Snowflake fails. Call again with the same labels: those that were written stay single.
        """
        problems, client = Problems(), self._client.within_given(timeout)
        problems.add(annotator_problems(annotator))
        if isinstance(labels, builtins.list | tuple) and not labels:
            problems.require_none()
            return 0
        table = fully_qualified(client, self._table)
        with problems:
            given = given_labels(labels, self._labels, sample, table=str(table))
        with problems:
            problems.add(gold_form_problems(client, table))
        with problems:
            source = checked_source(client, self._source).source
        problems.require_none()
        unknown = unknown_tickets(client, source, given)
        if unknown:
            raise InvalidInputError(
                shortened(
                    [
                        f"{label.place}: {source} has no ticket of this id with this text. Its text may have changed "
                        "since it was read; read it again."
                        for label in unknown
                    ]
                )
            )
        kind = GoldSource.CORRECTION if sample is None else GoldSource.RANDOM_SAMPLE
        return write_labels(client, table, given, source=kind, annotator=clean(annotator.strip()))

    def label_sample(self, n: int, *, seed: int, timeout: float | None = None) -> LabelSample:
        """Return tickets to be labelled blind: a simple random sample, drawn in the warehouse, without any label.

        Drawn from the tickets that have a text and no label of a random sample yet, by a hash of seed, id and text:
        the same tickets, gold and seed give the same sample. Give the labels to `add` with `sample=`. Nothing is
        billed but the warehouse.

        Args:
            n: Tickets to draw, 1 to 10,000: their texts come to the client.
            seed: Any whole number; another one draws another sample.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            At most `n` tickets, fewer where there are no more.

        Raises:
            InvalidInputError: With every problem in `n`, `seed`, the source and the gold table.
        """
        problems, client = Problems(), self._client.within_given(timeout)
        wrong = whole_number_problems("n", n)
        if not wrong and not 1 <= n <= MAX_SAMPLE:
            wrong = [f"n={n} must be 1 to {MAX_SAMPLE:,}: the texts come to the client."]
        problems.add([*wrong, *whole_number_problems("seed", seed)])
        table = fully_qualified(client, self._table)
        with problems:
            problems.add(gold_form_problems(client, table))
        with problems:
            source = checked_source(client, self._source).source
        problems.require_none()
        return draw(client, table, source, n=n, seed=seed)

    def export(self, path: str | Path, *, source: GoldSource | str | None = None, timeout: float | None = None) -> int:
        """Write the labels that count to a CSV file, and return how many they are.

        The newest label of each ticket and source, in the form that `load_gold` reads. The file is written whole or
        not at all; one that is there is replaced.

        Args:
            path: The file; its name ends in `.csv`.
            source: `correction` or `random_sample`; `None` for both.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: If there is no such table or more than 200,000 labels, or the path's folder is not there.
        """
        problems, client = Problems(), self._client.within_given(timeout)
        given: object = path
        if not isinstance(given, str | PathLike):
            problems.add([f"path= is a {type(given).__name__}; give the name of a file, such as 'gold.csv'."])
        else:
            with problems:
                checked_path(path, (".csv",))
        with problems:
            wanted = source_of(source)
        if described_columns(client, self._table) is None:
            problems.add([f"The gold table {self._table} is not there yet; add(...) makes it."])
        else:
            problems.add(gold_form_problems(client, self._table))
        problems.require_none()
        labels = stored_labels(client, self._table, wanted, limit=MAX_EXPORTED + 1, newest_only=True)
        if len(labels) > MAX_EXPORTED:
            raise InvalidInputError(
                f"{self._table} has more than {MAX_EXPORTED:,} labels; unload it in the warehouse with COPY INTO."
            )
        write_whole(Path(path), csv_text(labels))
        return len(labels)

    # Last, because it hides the built-in name from all that stands below it in the class.
    def list(
        self, *, source: GoldSource | str | None = None, limit: int = 1_000, timeout: float | None = None
    ) -> builtins.list[GoldLabel]:
        """Return the labels that people gave, the newest first, earlier ones of the same ticket included.

        Args:
            source: `correction` or `random_sample`; `None` for both.
            limit: Labels to return, at most; 1 to 10,000.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            At most `limit` labels; none where the table is not there yet.

        Raises:
            InvalidInputError: With every problem in `source`, `limit` and the table.
        """
        problems, client = Problems(), self._client.within_given(timeout)
        wrong = whole_number_problems("limit", limit)
        if not wrong and not 1 <= limit <= MAX_LISTED:
            wrong = [f"limit={limit} must be 1 to {MAX_LISTED:,}: the labels come to the client."]
        problems.add(wrong)
        with problems:
            wanted = source_of(source)
        problems.add(gold_form_problems(client, self._table))
        problems.require_none()
        if described_columns(client, self._table) is None:
            return []
        return stored_labels(client, self._table, wanted, limit=limit, newest_only=False)
