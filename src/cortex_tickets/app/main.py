"""The app around its pages: opens the desk, shows the sidebar, and runs the page that was chosen."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from cortex_tickets.app.background import WorkBoard, stop_all_work
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.drawing import parts
from cortex_tickets.app.drawing.plain_text import escaped
from cortex_tickets.app.here import Here
from cortex_tickets.app.opening import environment_settings, load_samples, open_desk
from cortex_tickets.app.views import compare, fine_tune, overview, playground, replies, triage

_PAGES: Mapping[str, tuple[str, Callable[[Here], None]]] = {
    "Overview": ("monitoring", overview.show),
    "Triage": ("inbox", triage.show),
    "Fine-tune": ("model_training", fine_tune.show),
    "Compare": ("balance", compare.show),
    "Replies": ("mail", replies.show),
    "Playground": ("experiment", playground.show),
}
"""The pages by their titles: an icon, and what shows them."""
_LOGO = Path(__file__).with_name("logo.svg")
_NARROW = """
<style>
.block-container { padding-top: 3.2rem; max-width: 1120px; }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; }
[data-testid="stText"] { white-space: pre-wrap; overflow-wrap: anywhere; font-family: inherit; }
@media (max-width: 640px) {
  .block-container { padding-left: 1rem; padding-right: 1rem; }
  [class*="st-key-figures_"] [data-testid="stHorizontalBlock"] { flex-wrap: wrap; gap: 0.5rem; }
  [class*="st-key-figures_"] [data-testid="stColumn"] { min-width: calc(50% - 0.5rem); flex: 1 1 40%; }
  [data-testid="stMetricValue"] { font-size: 1.6rem; }
  h1 { font-size: 1.6rem !important; }
}
</style>
"""
"""What the theme has no setting for: margins, figures of one width, and long words that would widen a narrow page."""


@st.cache_resource(show_spinner="Opening the tickets")
def the_desk() -> Desk:
    """Return the desk of this server; opened once."""
    return open_desk(environment_settings())


@st.cache_resource
def the_board() -> WorkBoard:
    """Return the work of this server. When the server ends, its work is stopped as by the button."""
    atexit.register(stop_all_work)
    return WorkBoard()


def show() -> None:
    """Show the app."""
    # The icon is a file of the package: one that Streamlit knows by name would be fetched from a font server.
    st.set_page_config(page_title="cortex-tickets", page_icon=str(_LOGO), layout="wide")
    st.logo(str(_LOGO), size="large")
    st.html(_NARROW)
    chosen = st.navigation(
        [
            st.Page(
                partial(show_page, title),
                title=title,
                icon=f":material/{icon}:",
                url_path=title.lower(),
                default=title == next(iter(_PAGES)),
            )
            for title, (icon, _) in _PAGES.items()
        ]
    )
    chosen.run()


def show_page(title: str) -> None:
    """Show one page and the sidebar; what goes wrong is told in a sentence."""
    with parts.errors_told():
        desk = the_desk()
        here = Here(desk, the_board(), _sidebar(desk))
        if desk.has(desk.settings.tickets):
            _PAGES[title][1](here)
        else:
            _no_tickets(desk)


def _sidebar(desk: Desk) -> str:
    models = desk.settings.labelling_models
    with st.sidebar:
        model = st.selectbox(
            "Labels of",
            models,
            **parts.restored("labelling_model", models[0]),
            help="The model whose labels the pages show.",
        )
        st.caption(f"{escaped(desk.where)}. Tickets: {escaped(desk.settings.tickets)}.")
        if desk.is_engine:
            st.caption("Stand-ins answer here, no language model: this shows the work, not how good a model is.")
    return model


def _no_tickets(desk: Desk) -> None:
    st.title("No tickets yet", anchor=False)
    st.write(f"There is no table {escaped(desk.settings.tickets)} that this role may read.")
    st.caption(
        "Start the app with another table, or have a table of this name made, with the 151 sample tickets of a telecom "
        "provider."
    )
    if st.button("Load the sample tickets", type="primary", key="load_samples"):
        with st.spinner("Loading"):
            load_samples(desk)
        st.rerun()
