"""What the statements on stages need of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlglot import exp

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.stages.file_format import FileFormat, file_format
from cortex_tickets.local.stages.names import Place, full_name, place_of
from cortex_tickets.local.stages.store import Name, StageStore
from cortex_tickets.local.stages.words import Option

Connect = Callable[[str | None], AbstractContextManager[DuckConnection]]
"""A connection for one statement, given the full name of the table that it changes."""


@dataclass(frozen=True, slots=True)
class StageContext:
    """What the statements on stages need of the engine.

    Attributes:
        session: Whose statement it is.
        store: The stages.
        duck_text: Makes DuckDB's text of a tree in Snowflake's terms.
        values: Bound values.
    """

    session: EngineSession
    store: StageStore
    duck_text: Callable[[exp.Expr], str]
    values: Sequence[object] = ()

    def name(self, name: str) -> Name:
        """A full name."""
        return full_name(name, self.session.database, self.session.schema)

    def stored_name(self, name: str) -> Name:
        """Where the table of a name is."""
        return self.session.temporary.stored(self.name(name))

    def place(self, reference: str) -> Place:
        """The stage and path of a reference."""
        return place_of(reference, self.session.database, self.session.schema, self.session.user)

    def format_options(self, given: Option | None, place: Place | None = None) -> Mapping[str, Option]:
        """Options of a FILE_FORMAT as a statement gives it: a name, or options, or options over a name.

        Args:
            given: What the statement says; `None` for what the stage says.
            place: The stage.
        """
        if given is None:
            stage = None if place is None else self.store.stage(place.stage)
            return self.format_options(stage.file_format) if stage is not None and stage.file_format else {}
        if isinstance(given, str):
            return self.store.format(self.name(given))
        if isinstance(given, list):
            return self.store.format(self.name(given[0])) if given else {}
        options = dict(given)
        named = options.pop("FORMAT_NAME", None)
        return {**self.store.format(self.name(named)), **options} if isinstance(named, str) else options

    def format(self, given: Option | None, place: Place | None = None) -> FileFormat:
        """The format to read with."""
        return file_format(self.format_options(given, place))
