"""What the free statements told, before anything is concluded from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cortex_tickets._cortex.account import SessionPlace
from cortex_tickets._cortex.grants import Grant, RoleTree
from cortex_tickets._cortex.models import BaseModel
from cortex_tickets._preflight.answer import Answer
from cortex_tickets._preflight.needed import Holder
from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.records.table_name import TableName

NOWHERE = SessionPlace(None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Findings:
    """What the free statements told."""

    place: Answer[SessionPlace]
    objects: Mapping[Holder, TableName | None]
    """The database, schema and warehouse that are asked about; `None` where there is none."""
    grants: Mapping[Holder, Answer[list[Grant]]]
    roles: Answer[frozenset[str]]
    """Those account roles among the grantees whose privileges the session has."""
    database_roles: Answer[frozenset[str]]
    """Those database roles among the grantees, and of Cortex, whose privileges the session has."""
    has_secondary_roles: Answer[bool]
    """Asked only where something depends on it."""
    tree: RoleTree | None
    """What the session's own role inherits; `None` where nothing depended on it."""
    functions: Mapping[str, Answer[None]]
    """By AI function: whether a call of it compiles."""
    models: Answer[list[BaseModel]]
    cross_region: Answer[str | None]
    jobs: Answer[list[FineTuneStatus]]
    usage: Answer[None]
    """Whether a query of the usage view compiles."""

    @property
    def where(self) -> SessionPlace:
        """Where the session is, with nothing known if it was not told."""
        return self.place.value or NOWHERE
