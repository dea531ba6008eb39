"""One SQL statement: its text, and apart from it the values that are bound to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement's text with `?` where values are bound. The values may be ticket texts, so they are never shown."""

    text: str
    values: Sequence[object] = field(default=(), repr=False)
    repeatable: bool = True
    """Whether sending it twice does no harm; one that is not is never sent again by the retry."""
    writes: bool = False
    """Whether it would do its work twice if it were sent again after it was done. It is sent again only where the
    server has told that it failed; where a connection or a look at it failed, nobody knows."""
