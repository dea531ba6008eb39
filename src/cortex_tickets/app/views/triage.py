"""Triage: tickets with label, outcome and who answered; correct a label, search, and one ticket's full story."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from cortex_tickets import Outcome
from cortex_tickets.app.asking import triage
from cortex_tickets.app.asking.ticket_query import NOT_ASKED
from cortex_tickets.app.asking.triage import TicketRow
from cortex_tickets.app.drawing import parts
from cortex_tickets.app.drawing.colours import OUTCOME_BADGES
from cortex_tickets.app.drawing.plain_text import escaped, escaped_lines, on_one_line
from cortex_tickets.app.here import Here
from cortex_tickets.app.moments import when

_ALL, _NONE = "All labels", "Without a label"
_ANY = "All outcomes"
_SAID = "triage_said"
_PREVIEW = 180
_DETAIL = 2_000
"""Characters of an answer or a letter that a story shows, at most."""


@dataclass(frozen=True, slots=True)
class _Said:
    """What a reader is told of their last correction, on the card of its ticket where that is shown."""

    key: str
    text: str
    is_done: bool = False


def show(here: Here) -> None:
    """Show the page."""
    desk = here.desk
    parts.heading("Triage", "Find a ticket, see what was made of it, and put it right.")
    classifier_hash = desk.classifier(here.labelling_model).classifier_hash
    words, label_place, outcome_place = st.columns([2, 1, 1])
    search = words.text_input(
        "Search",
        **parts.restored("triage_search", ""),
        placeholder="An id, a name, or words of the text",
    )
    names = desk.settings.labels.names
    label = label_place.selectbox("Label", [_ALL, *names, _NONE], **parts.restored("triage_label", _ALL))
    outcomes = [_ANY, NOT_ASKED, *(outcome.value for outcome in Outcome)]
    outcome = outcome_place.selectbox("Outcome", outcomes, **parts.restored("triage_outcome", _ANY))
    asked = (search, label, outcome)
    if st.session_state.get("triage_asked") != asked:
        st.session_state.update(triage_asked=asked, triage_page=0)
    page = int(st.session_state["triage_page"])
    found = triage.find(
        desk,
        classifier_hash,
        search=search,
        label=None if label == _ALL else "" if label == _NONE else label,
        outcome=None if outcome == _ANY else outcome,
        page=page,
    )
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption("1 ticket" if found.n_tickets == 1 else f"{found.n_tickets:,} tickets", width="content")
        # Above the tickets: below them, another page of tickets would begin at its end.
        _pager(found.n_tickets, page)
    opened = st.session_state.get("triage_open")
    said: _Said | None = st.session_state.pop(_SAID, None)
    if said is not None and (said.key != opened or opened not in {ticket.key for ticket in found.tickets}):
        _told(said)
        said = None
    for ticket in found.tickets:
        _card(here, ticket, said, is_open=ticket.key == opened)


def _pager(n_tickets: int, page: int) -> None:
    last = max(0, (n_tickets - 1) // triage.PAGE)
    if page > last:  # a correction may take the last ticket of a page out of what is searched for
        st.session_state["triage_page"] = last
        st.rerun()
    if not last:
        return
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        if st.button("Earlier", key="triage_earlier", disabled=page == 0, icon=":material/chevron_left:"):
            st.session_state["triage_page"] = page - 1
            st.rerun()
        st.caption(f"Page {page + 1} of {last + 1}", width="content")
        if st.button("Later", key="triage_later", disabled=page >= last, icon=":material/chevron_right:"):
            st.session_state["triage_page"] = page + 1
            st.rerun()


def _told(said: _Said) -> None:
    if said.is_done:
        st.success(escaped(said.text), icon=":material/check_circle:")
    else:
        st.error(escaped_lines(said.text), icon=":material/error:")


def _card(here: Here, ticket: TicketRow, said: _Said | None, *, is_open: bool) -> None:
    # Named after the ticket and not after its place: a correction by anybody changes what stands where.
    with st.container(border=True, key=f"ticket_{ticket.key}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            with st.container(horizontal=True, vertical_alignment="center", width="content"):
                st.markdown(f"**{escaped(ticket.ticket_id)}** {escaped(ticket.customer_name or '')}", width="content")
                parts.badge(ticket.label or "no label", color="primary" if ticket.label else "gray")
                if ticket.correction:
                    st.badge("corrected", color="violet", icon=":material/person:")
                st.badge(ticket.outcome.replace("_", " "), color=OUTCOME_BADGES.get(ticket.outcome, "gray"))
                if ticket.answered_by:
                    st.caption(escaped(ticket.answered_by), width="content")
            st.button(
                "Close" if is_open else "Open",
                key=f"triage_open_{ticket.key}",
                type="tertiary",
                icon=":material/expand_less:" if is_open else ":material/expand_more:",
                on_click=_open,
                args=(None if is_open else ticket.key,),
            )
        if is_open:
            _opened(here, ticket, said)
        else:
            st.text(on_one_line(ticket.text, _PREVIEW) or "(no text)")


def _open(key: str | None) -> None:
    st.session_state["triage_open"] = key


def _opened(here: Here, ticket: TicketRow, said: _Said | None) -> None:
    parts.plain(ticket.text, height=180 if len(ticket.text) > 700 else None)  # noqa: PLR2004  about ten lines
    names = list(here.desk.settings.labels.names)
    with st.form(f"correct_{ticket.key}", border=False):
        label_place, name_place, button_place = st.columns([2, 2, 1], vertical_alignment="bottom")
        label_place.selectbox(
            "Right label",
            names,
            index=names.index(ticket.label) if ticket.label in names else 0,
            key=f"correct_label_{ticket.key}",
        )
        name_place.text_input("Your name", value=st.session_state.get("person", ""), key=f"correct_name_{ticket.key}")
        # A callback is given the ticket as this reader was shown it, whatever others have said of it since.
        button_place.form_submit_button(
            "Save",
            type="primary",
            width="stretch",
            key=f"correct_save_{ticket.key}",
            on_click=_correct,
            args=(here, ticket),
        )
    if said is not None:
        _told(said)
    st.caption("A correction trains the next model. It never measures one: for that, label a sample blind.")
    st.markdown("**What happened to this ticket**")
    for event in triage.story(here.desk, ticket):
        at = "no date" if event.at is None else when(event.at)
        st.markdown(
            f"{escaped(at)}: {escaped(event.what)}, {escaped(event.who)}: **{escaped(event.said.replace('_', ' '))}**"
        )
        if event.detail:
            st.code(event.detail[:_DETAIL], language=None, wrap_lines=True)


def _correct(here: Here, ticket: TicketRow) -> None:
    label = st.session_state[f"correct_label_{ticket.key}"]
    annotator = st.session_state[f"correct_name_{ticket.key}"]
    try:
        n_new = triage.correct(here.desk, ticket, label=label, annotator=annotator)
    except Exception as error:  # noqa: BLE001  whatever it is, a reader is told in a sentence
        st.session_state[_SAID] = _Said(ticket.key, parts.sentence_of(error))
        return
    st.session_state["person"] = annotator
    st.session_state[_SAID] = _Said(ticket.key, "Saved." if n_new else "That label stood there already.", is_done=True)
