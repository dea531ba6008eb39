"""One part of a report."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets.markup import Markup, element


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it, as markup whose values are escaped."""

    title: str
    body: Markup

    @property
    def anchor(self) -> str:
        """The name that a link in the page uses."""
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-") or "section"

    def markup(self, place: int) -> Markup:
        """Return the section as an element; `place` keeps apart the links to sections of the same title."""
        return element("section", element("h2", self.title), self.body, id=f"{place}-{self.anchor}")
