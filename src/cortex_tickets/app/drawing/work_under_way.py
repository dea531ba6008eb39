"""Work that a page starts once its price was shown, while it runs, and when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import streamlit as st

from cortex_tickets import Estimate
from cortex_tickets.app.background import AnyTask, Task, Work, WorkBoard, WorkState
from cortex_tickets.app.drawing.parts import errors_told, estimate_shown
from cortex_tickets.app.drawing.plain_text import escaped, escaped_lines
from cortex_tickets.app.drawing.progress_words import words_of_progress

_SEEN, _CLOSED = "works_seen", "works_closed"
_SECONDS_BETWEEN_LOOKS = 1.0


def priced_work(
    board: WorkBoard,
    kind: str,
    *,
    verb: str,
    about: Hashable,
    named: str,
    estimate: Callable[[], Sequence[Estimate]],
    limit: Callable[[Sequence[Estimate]], float | None],
    task: Callable[[Sequence[Estimate], float | None], Task],
    most: float | None,
    is_engine: bool,
    asks_always: bool = False,
) -> None:
    """Show work that bills: first what it would cost, then the button that starts it, then how far it is.

    Work that stopped before its end shows what the rest costs, without being asked.

    Args:
        board: Where the work goes.
        kind: Names the work on the board, and its widgets.
        verb: What is done, as a button says it: "Label the tickets".
        about: Whatever the estimate depends on: when it changes, the estimate is made anew.
        named: The same in a word or two, so that a reader tells it from another reader's work.
        estimate: Makes it; bills nothing.
        limit: Returns the limit in AI credits that a reader is offered; `None` where there is none to offer.
        most: AI credits that the settings allow for it; `None` for no such limit.
        task: Makes the work, within the limit that the reader left there.
        is_engine: Whether the embedded engine answers, which bills nothing.
        asks_always: Whether the work is worth doing where there is nothing to ask.
    """
    place, title = f"{kind}_estimate", f"{verb} ({named})"
    ended = board.find(kind)
    if work_shown(board, kind):
        if ended is not None and ended.title != title:
            st.caption(f"This is other work than yours ({escaped(named)}), which can start when it has ended.")
        return
    is_left = ended is not None and ended.title == title and ended.state in (WorkState.LEFT, WorkState.FAILED)
    kept = st.session_state.get(place)
    if st.button("Estimate the cost", key=f"{kind}_ask", icon=":material/calculate:") or (
        is_left and (kept is None or kept[0] != about)
    ):
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
        chosen = _limit(kind, limit(estimates), most) if any(each.n_texts for each in estimates) else most
        if st.button(verb, key=f"{kind}_start", type="primary", icon=":material/play_arrow:", disabled=chosen == 0):
            if start_work(board, kind, title, task(estimates, chosen)).title != title:
                st.warning("Other work of this kind is under way. Start this one when it has ended.")
                return
            st.session_state.pop(place, None)
            st.rerun()


def _limit(kind: str, offered: float | None, most: float | None) -> float | None:
    """Show a field for the limit, and return what the reader left in it; `None` for no limit, 0 for nothing at all.

    Args:
        kind: Names the field.
        offered: What stands in it at first.
        most: What it may be at most, and is where the reader leaves it empty; `None` for anything.
    """
    given = st.number_input(
        "Stop before it costs more AI credits than",
        min_value=0.0,
        max_value=most,
        value=offered,
        step=0.01,
        format="%.4f",
        placeholder="no limit",
        # Another estimate has another limit: what was in the field for the last one must not stay.
        key=f"{kind}_limit_{offered}",
        help="It is larger than what is to be expected, since texts that fail are asked again. A model without a known "
        "price counts as the dearest one listed.",
    )
    if most is not None:
        st.caption(f"The settings of this app allow {most:.4f} AI credits for one run.")
    if given == 0:
        st.caption("A limit of 0 allows nothing: write a larger one, or empty the field.")
    elif given is None and most is None:
        st.caption("Without a limit nothing stops it at a cost.")
    return most if given is None else float(given)


def start_work(board: WorkBoard, kind: str, title: str, task: AnyTask) -> Work:
    """Start work for this reader, or return the one of its kind that is under way."""
    work = board.start(kind, title, task)
    _works(_SEEN).add(work.number)
    return work


def _works(key: str) -> set[int]:
    """Return numbers of work that this reader has seen run, or has closed the message of."""
    numbers: set[int] = st.session_state.setdefault(key, set())
    return numbers


def work_shown(board: WorkBoard, kind: str) -> bool:
    """Show the work of a kind and a way to stop it; return whether it is under way.

    What became of it is told to those who saw it run, until they close the message; work that could not be finished is
    told to everybody, until somebody does.
    """
    work = board.find(kind)
    if work is None:
        return False
    if not work.is_over:
        _works(_SEEN).add(work.number)
        _live(board, kind)
        return True
    concerns_all = work.state in (WorkState.LEFT, WorkState.FAILED)
    if concerns_all or work.number in _works(_SEEN) - _works(_CLOSED):
        _ended(board, kind, work, for_all=concerns_all)
    return False


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _live(board: WorkBoard, kind: str) -> None:
    work = board.find(kind)
    if work is None or work.is_over:
        st.rerun()
    # A fragment that runs again by itself is in no block of its page.
    with errors_told(), st.container(border=True):
        st.markdown(f"**{escaped(work.title)}**")
        st.progress(work.progress.share_done if work.progress else 0.0, text=words_of_progress(work.progress))
        st.button(
            "Stopping after this statement" if work.is_stopping else "Stop",
            key=f"{kind}_stop",
            disabled=work.is_stopping,
            icon=":material/stop_circle:",
            # The work that was shown, and not whatever of its kind runs by the time of the click.
            on_click=work.stop,
        )


def _ended(board: WorkBoard, kind: str, work: Work, *, for_all: bool) -> None:
    said = escaped_lines(f"{work.title}: {work.said}")
    match work.state:
        case WorkState.DONE:
            st.success(said, icon=":material/check_circle:")
        case WorkState.STOPPED | WorkState.LEFT:
            st.warning(said, icon=":material/stop_circle:")
        case _:
            st.error(said, icon=":material/error:")

    def close() -> None:
        _works(_CLOSED).add(work.number)
        if for_all:
            board.put_away(kind, work)

    st.button("Close this message", key=f"{kind}_close", type="tertiary", icon=":material/close:", on_click=close)
