"""A profile against the catalog of the engine's day."""

from __future__ import annotations

from dataclasses import replace

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.local.catalog import Catalog
from cortex_tickets.local.faults.faults import Faults


def checked_profile(faults: Faults | None, catalog: Catalog) -> Faults:
    """The profile with every retired model under the catalog's name for it; `None` is one in which nothing happens.

    Raises:
        InvalidInputError: For what is no profile, and for models that the catalog has not.
    """
    if faults is None:
        return Faults()
    if not isinstance(faults, Faults):
        raise InvalidInputError(f"faults= must be a cortex_tickets.local.Faults, and not {type(faults).__name__}.")
    found = [(item, catalog.find(item.model)) for item in faults.retirements]
    if unknown := [item.model for item, model in found if model is None]:
        raise InvalidInputError([f"retired: the catalog of {catalog.day} has no model {name!r}." for name in unknown])
    return replace(faults, retired=tuple(replace(item, model=model.name) for item, model in found if model is not None))
