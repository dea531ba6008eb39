"""The parts that several pages have: errors as sentences, texts as texts, what work costs before it starts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypedDict

import streamlit as st

from cortex_tickets import CortexTicketsError, Estimate
from cortex_tickets.app.background import where_it_failed
from cortex_tickets.app.changed_meanwhile import ChangedMeanwhileError
from cortex_tickets.app.drawing.colours import INK, INK_ON_DARK
from cortex_tickets.app.drawing.plain_text import escaped, escaped_lines, shortened
from cortex_tickets.app.reader_words import in_readers_words
from cortex_tickets.app.session_lost import SessionLostError

logger = logging.getLogger("cortex_tickets")
Figure = tuple[str, str] | tuple[str, str, str]


@contextmanager
def errors_told() -> Iterator[None]:
    """Show what goes wrong in the block as a sentence, and go on after it."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  whatever it is, a reader is told in a sentence
        st.error(escaped_lines(sentence_of(error)), icon=":material/error:")


def sentence_of(error: Exception) -> str:
    """Return what a reader is told of an error; what nobody foresaw goes into the log, without its message."""
    if isinstance(error, ChangedMeanwhileError | SessionLostError):
        return str(error)  # the app's own words, and a label among them may look like a name of Python
    if isinstance(error, CortexTicketsError):
        return in_readers_words(error)
    logger.error("a page of the app failed: %s", where_it_failed(error))
    return (
        f"The app failed at this ({type(error).__name__}). Its log on the server says where. Reload the page to go on."
    )


def heading(title: str, lead: str) -> None:
    """Show a page's title, and what it is for."""
    st.title(title, anchor=False)
    st.caption(lead)


def noted(sentence: str | None) -> None:
    """Show a sentence that a reader should know; nothing for `None`."""
    if sentence is not None:
        st.warning(escaped(sentence), icon=":material/info:")


def ink() -> str:
    """Return the colour of writing in the theme that the reader has."""
    return INK_ON_DARK if st.context.theme.type == "dark" else INK


class Restored(TypedDict):
    """What a widget is made with whose state is kept."""

    key: str
    on_change: Callable[[], None]


def restored(key: str, start: object) -> Restored:
    """Put back what a reader left in a widget before a look at another page, and return its `key` and `on_change`.

    Streamlit forgets a widget that a page does not have, and has one of its own for each page where several have it.

    Args:
        key: The widget's key. It must have no default of its own.
        start: What is in it until the reader changes it.
    """
    kept = f"kept_{key}"
    # Not only where it is missing: on a page that has the widget too, the state is still that of the page before.
    st.session_state[key] = st.session_state.get(kept, start)

    def keep() -> None:
        st.session_state[kept] = st.session_state[key]

    return {"key": key, "on_change": keep}


def forget(*keys: str) -> None:
    """Forget what a reader left in widgets that are restored: next time they begin anew."""
    for key in keys:
        st.session_state.pop(f"kept_{key}", None)


def figures(key: str, *shown: Figure) -> None:
    """Show figures side by side, two in a row on a narrow screen.

    Args:
        key: Names them on the page.
        *shown: Name, value, and what a reader should know of it, or nothing.
    """
    with st.container(key=f"figures_{key}"):
        for column, (name, value, *note) in zip(st.columns(len(shown)), shown, strict=True):
            column.metric(name, value, help=note[0] if note else None)


def badge(name: str, *, color: str) -> None:
    """Show an untrusted name as a badge. Streamlit's own escapes brackets that are escaped already, and shows that."""
    st.markdown(f":{color}-badge[{escaped(name)}]", width="content")


def plain(text: str, *, height: int | None = None) -> None:
    """Show an untrusted text as it is: no Markdown, no HTML, and its beginning only where it is very long."""
    if height is None:
        st.text(shortened(text))
    else:
        with st.container(height=height, border=True):
            st.text(shortened(text))


def estimate_shown(key: str, estimates: Sequence[Estimate]) -> None:
    """Show what something would ask and cost.

    Args:
        key: Names it on the page.
        estimates: One for each model.
    """
    unknown = [estimate.model for estimate in estimates if estimate.ai_credits is None]
    expected = sum(estimate.ai_credits or 0.0 for estimate in estimates)
    most = sum(estimate.ai_credits_at_most or 0.0 for estimate in estimates)
    dollars = sum(estimate.dollars or 0.0 for estimate in estimates)
    figures(
        key,
        ("Texts to ask", f"{sum(estimate.n_texts for estimate in estimates):,}"),
        ("Tokens", f"{sum(e.input_tokens + e.output_tokens for e in estimates):,}"),
        ("AI credits", "unknown" if unknown else f"{expected:.4f}"),
        ("US dollars", "unknown" if unknown else f"{dollars:.4f}"),
    )
    if unknown:
        st.warning(f"No price is known for {escaped(', '.join(unknown))}, so nobody knows what this costs.")
        return
    day = max(estimate.price_date for estimate in estimates)
    st.caption(
        f"{most:.4f} AI credits at most, if every answer were as long as it may be. Prices of {day.isoformat()}; "
        "warehouse time is not included."
    )
