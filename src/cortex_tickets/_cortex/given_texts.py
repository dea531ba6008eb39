"""What a caller gives to be asked about: texts and tickets, one or a list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.ticket import Ticket


def texts_of(tickets: Sequence[str | Ticket], *, one: str, name: str = "tickets") -> Iterator[str]:
    """Return the texts of a sequence of texts and tickets, in order.

    Args:
        tickets: What the caller gave.
        one: The verb that takes a single text, for whoever gave one.
        name: How the caller calls them.

    Raises:
        InvalidInputError: If it is one text, or an element is neither.
    """
    if isinstance(tickets, str):
        raise InvalidInputError(f"{name} must be a list of texts or tickets, not one text; use {one}(...) for one.")
    kind: object = tickets
    if not isinstance(kind, Sequence):
        raise InvalidInputError(
            f"{name} must be a list of texts or tickets, not a {type(kind).__name__}: it is read more than once. "
            "Make a list of it: list(...)."
        )
    given: Sequence[object] = tickets
    wrong = [position for position, ticket in enumerate(given) if not isinstance(ticket, str | Ticket)]
    if wrong:
        raise InvalidInputError(
            [f"{name}[{position}] is a {type(given[position]).__name__}, not a text or a Ticket." for position in wrong]
        )
    return (ticket.text if isinstance(ticket, Ticket) else ticket for ticket in tickets)
