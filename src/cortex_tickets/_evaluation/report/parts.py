"""Small pieces that several sections use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_tickets.markup import Markup, element, joined


def paragraphs(texts: Sequence[str]) -> Markup:
    """Return each text as a paragraph."""
    return joined(element("p", text) for text in texts)


def sentences(texts: Sequence[str]) -> Markup | None:
    """Return the texts as a list; nothing where there are none."""
    return element("ul", [element("li", text) for text in texts], class_="note") if texts else None


def facts(values: Mapping[str, str]) -> Markup:
    """Return a few figures, each with its name."""
    shown = [element("div", element("dt", name), element("dd", value)) for name, value in values.items()]
    return element("dl", shown, class_="facts")
