"""HTML elements whose text is escaped unless it is markup already: ticket text comes through here."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

_EMPTY = frozenset({"br", "circle", "line", "rect", "meta", "path"})

Attribute = str | int | float | None


class Markup(str):
    """Text that is markup; everything else is escaped when it stands in an element."""

    __slots__ = ()


Child = str | int | None | Iterable["Child"]
"""Text, markup, or nothing, one or many."""


def element(tag: str, *children: Child, **attributes: Attribute) -> Markup:
    """Return an element. A trailing underscore of an attribute's name is dropped, others become hyphens.

    A `str` that is no `Markup` is escaped, as are attributes. `None` is left out, among both.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _EMPTY and not children:
        return Markup(f"<{tag}{written}/>")
    return Markup(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(children: Iterable[Child]) -> Markup:
    """Return the children one after the other."""
    return Markup("".join(_text(child) for child in children))


def _text(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Markup):
        return child
    if isinstance(child, str | int):
        return escape(str(child), quote=True)
    return joined(child)


def percent(value: float) -> str:
    """Return a position or length as SVG and CSS write it."""
    return f"{value * 100:.2f}%"
