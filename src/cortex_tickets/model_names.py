"""Reads names of models with commas between them, as the settings, the command line and the app have them."""

from __future__ import annotations

from cortex_tickets.errors import InvalidInputError


def model_names(text: str) -> tuple[str, ...]:
    """Return the names in the order in which the models are to be tried.

    Raises:
        InvalidInputError: If one is none, or stands twice.
    """
    names = tuple(name.strip() for name in text.split(","))
    if not all(name and name.isprintable() for name in names) or len(set(names)) < len(names):
        raise InvalidInputError(f"{text!r} must be names of models with commas between them, each once.")
    return names
