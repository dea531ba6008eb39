"""Finds environment variables that were meant for the settings and set nothing."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

_NEAR = 0.8
"""How like a name has to be to one of ours, of 1, to be taken for it; a name further off may be another program's."""


def variable_problems(
    environment: Mapping[str, str], prefix: str, names: Collection[str], sections: Collection[str]
) -> list[str]:
    """Return a problem for each variable that would be ignored without a word.

    Args:
        environment: Variables; those without a value say nothing.
        prefix: What ours begin with.
        names: Variables that are read, by this command line or by other parts of the package.
        sections: Keys at the top that hold further keys; what begins with one, or nearly so, was meant for it.
    """
    return [
        problem
        for name, value in sorted(environment.items())
        if value and name.startswith(prefix) and name not in names
        for problem in _problem(name, prefix, names, sections)
    ]


def _problem(name: str, prefix: str, names: Collection[str], sections: Collection[str]) -> list[str]:
    # Without what all of them begin with: that part would make every name like every other.
    own = {known.removeprefix(prefix): known for known in sorted(names)}
    near = difflib.get_close_matches(name.removeprefix(prefix), own, n=1, cutoff=_NEAR)
    if near:
        return [f"{name} is no variable of the settings; did you mean {own[near[0]]}?"]
    first, _, _ = name.removeprefix(prefix).partition("_")
    meant = difflib.get_close_matches(first.lower(), sections, n=1, cutoff=_NEAR)
    if not meant:
        return []
    there = [known for known in sorted(names) if known.startswith(f"{prefix}{meant[0]}_".upper())]
    hint = f"there are: {', '.join(there)}." if there else f"{meant[0]} can be given in the settings file alone."
    return [f"{name} is no variable of the settings; {hint}"]
