"""The parts that several pages have: errors as sentences, texts as texts, estimates before work, work while it runs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager

import streamlit as st

from cortex_tickets import CortexTicketsError, Estimate, RunProgress
from cortex_tickets.app.background import Task, Work, WorkBoard, WorkState, where_it_failed
from cortex_tickets.app.drawing.colours import INK, INK_ON_DARK
from cortex_tickets.app.drawing.plain_text import escaped, escaped_lines, shortened

logger = logging.getLogger("cortex_tickets")
Figure = tuple[str, str] | tuple[str, str, str]
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_IN_A_MINUTE = 90


@contextmanager
def errors_told() -> Iterator[None]:
    """Show what goes wrong in the block as a sentence, and go on after it."""
    try:
        yield
    except CortexTicketsError as error:
        st.error(escaped_lines(str(error)), icon=":material/error:")
    except Exception as error:  # noqa: BLE001  whatever it is, a reader is told in a sentence
        logger.error("a page of the app failed: %s", where_it_failed(error))  # noqa: TRY400
        st.error(
            f"The app failed at this ({escaped(type(error).__name__)}). Its log on the server says where. "
            "Reload the page to go on.",
            icon=":material/error:",
        )


def heading(title: str, lead: str) -> None:
    """Show a page's title, and what it is for."""
    st.title(title, anchor=False)
    st.caption(lead)


def ink() -> str:
    """Return the colour of writing in the theme that the reader has."""
    return INK_ON_DARK if st.context.theme.type == "dark" else INK


def figures(key: str, *shown: Figure) -> None:
    """Show figures side by side, two in a row on a narrow screen.

    Args:
        key: Names them on the page.
        *shown: Name, value, and what a reader should know of it, or nothing.
    """
    with st.container(key=f"figures_{key}"):
        for column, (name, value, *note) in zip(st.columns(len(shown)), shown, strict=True):
            column.metric(name, value, help=note[0] if note else None)


def plain(text: str, *, height: int | None = None) -> None:
    """Show an untrusted text as it is: no Markdown, no HTML, and its beginning only where it is very long."""
    if height is None:
        st.text(shortened(text))
    else:
        with st.container(height=height, border=True):
            st.text(shortened(text))


def estimate_shown(key: str, estimates: Sequence[Estimate], *, has_limit: bool = True) -> None:
    """Show what something would ask and cost.

    Args:
        key: Names it on the page.
        estimates: One for each model.
        has_limit: Whether it will be stopped at the most that they say.
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
        st.warning(f"No price is known for {escaped(', '.join(unknown))}, so nothing stops this at a cost.")
    elif not has_limit:
        st.caption(f"{most:.4f} AI credits at most; warehouse time is not included.")
    else:
        day = max(estimate.price_date for estimate in estimates)
        st.caption(
            f"It stops before it costs more than {most:.4f} AI credits. Prices of {day.isoformat()}; warehouse time is "
            "not included."
        )


def priced_work(
    board: WorkBoard,
    kind: str,
    *,
    verb: str,
    about: Hashable,
    estimate: Callable[[], Sequence[Estimate]],
    task: Callable[[Sequence[Estimate]], Task],
    is_engine: bool,
    asks_always: bool = False,
) -> None:
    """Show work that bills: first what it would cost, then the button that starts it, then how far it is.

    Args:
        board: Where the work goes.
        kind: Names the work on the board, and its widgets.
        verb: What is done, as a button says it: "Label the tickets".
        about: Whatever the estimate depends on: when it changes, the estimate is made anew.
        estimate: Makes it; bills nothing.
        task: Makes the work.
        is_engine: Whether the embedded engine answers, which bills nothing.
        asks_always: Whether the work is worth doing where there is nothing to ask.
    """
    if work_shown(board, kind):
        return
    place = f"{kind}_estimate"
    if st.button("Estimate the cost", key=f"{kind}_ask", icon=":material/calculate:"):
        with errors_told(), st.spinner("Counting tokens"):
            st.session_state[place] = (about, list(estimate()))
    kept = st.session_state.get(place)
    if kept is None or kept[0] != about:
        st.caption("Nothing is asked before you have seen what it costs.")
        return
    estimates: list[Estimate] = kept[1]
    if not asks_always and not any(each.n_texts for each in estimates):
        st.info("Everything has its answer already: there is nothing to ask, and nothing to pay.")
        return
    with st.container(border=True):
        estimate_shown(kind, estimates)
        if is_engine:
            st.caption("The embedded engine bills nothing: this is what Snowflake would take.")
        if st.button(verb, key=f"{kind}_start", type="primary", icon=":material/play_arrow:"):
            board.start(kind, verb, task(estimates))
            st.session_state.pop(place, None)
            st.rerun()


def work_shown(board: WorkBoard, kind: str) -> bool:
    """Show the work of a kind and a way to stop it; return whether it is under way."""
    work = board.find(kind)
    if work is None:
        return False
    if work.is_over:
        _ended(board, kind, work)
        return False
    _live(board, kind)
    return True


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _live(board: WorkBoard, kind: str) -> None:
    work = board.find(kind)
    if work is None or work.is_over:
        st.rerun()
    with st.container(border=True):
        st.markdown(f"**{escaped(work.title)}**")
        st.progress(work.progress.share_done if work.progress else 0.0, text=_told(work.progress))
        if work.can_stop and st.button(
            "Stopping after this statement" if work.is_stopping else "Stop",
            key=f"{kind}_stop",
            disabled=work.is_stopping,
            icon=":material/stop_circle:",
        ):
            work.stop()
            st.rerun(scope="fragment")


def _ended(board: WorkBoard, kind: str, work: Work) -> None:
    said = escaped_lines(f"{work.title}: {work.said}")
    match work.state:
        case WorkState.DONE:
            st.success(said, icon=":material/check_circle:")
        case WorkState.STOPPED:
            st.warning(said, icon=":material/stop_circle:")
        case _:
            st.error(said, icon=":material/error:")
    if st.button("Close this message", key=f"{kind}_close", type="tertiary", icon=":material/close:"):
        board.put_away(kind)
        st.rerun()


def _told(progress: RunProgress | None) -> str:
    if progress is None:
        return "Getting ready"
    parts = [f"{progress.n_done:,} of {progress.n_all:,} texts"]
    if progress.n_errors:
        parts.append(f"{progress.n_errors:,} errors")
    if progress.ai_credits is not None:
        parts.append(f"{progress.ai_credits:.4f} AI credits")
    if progress.seconds_left:
        seconds = progress.seconds_left
        left = f"{seconds:.0f} s" if seconds < _SECONDS_IN_A_MINUTE else f"{seconds / 60:.0f} min"
        parts.append(f"about {left} left")
    return escaped(", ".join(parts))
