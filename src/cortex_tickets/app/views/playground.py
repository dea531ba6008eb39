"""Playground: the guide's three pages on one text: a JSON summary, a translation, how it sounds."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

import streamlit as st

from cortex_tickets import DefectSummary, Estimate, Extraction, Outcome, Sentiment, Translation
from cortex_tickets.app.asking import playing
from cortex_tickets.app.desk import several
from cortex_tickets.app.drawing import charts, parts
from cortex_tickets.app.drawing.plain_text import escaped
from cortex_tickets.app.here import Here

_PASTED, _PACKAGED = "Paste a text", "A packaged call"
_BOX = 260
_REAL_MODEL = "CORTEX_TICKETS_LLM_URL"
_NEEDS_REAL_MODEL = (
    f"Translate needs a real model on the embedded engine, and this app has none: start it with {_REAL_MODEL} as the "
    "address of an OpenAI-compatible server."
)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class _Question(Generic[Answer]):
    """What one tab asks, and how it shows the answer."""

    what: str
    verb: str
    ask: Callable[[], Answer]
    shown: Callable[[Answer], None]
    language: str = ""


def show(here: Here) -> None:
    """Show the page."""
    parts.heading("Playground", "One text at a time: as a record, in another language, or how it sounds.")
    origin = st.segmented_control(
        "Text",
        [_PACKAGED, _PASTED],
        **parts.restored("play_origin", _PACKAGED),
        label_visibility="collapsed",
    )
    if origin == _PASTED:
        text = st.text_area(
            "Your text",
            **parts.restored("play_text", ""),
            height=_BOX,
            placeholder="Paste a call or a letter",
        )
    else:
        calls = playing.transcripts()
        place = st.selectbox(
            "Call",
            range(len(calls)),
            format_func=lambda n: calls[n].title,
            **parts.restored("play_call", 0),
        )
        text = calls[place].text
        parts.plain(text, height=_BOX)
    summary, translation, sentiment = st.tabs(["JSON Summary", "Translate", "Sentiment"])
    with summary:
        st.caption("Product, defect and a summary of fewer than 200 words, held to a schema.")
        _asked(here, text, _Question("defect", "Summarize", partial(playing.defect, here.desk, text), _defect))
    with translation:
        if here.desk.is_engine and not os.environ.get(_REAL_MODEL):
            # First, as without one an estimate of it or a price for it is of no use.
            st.info(escaped(_NEEDS_REAL_MODEL), icon=":material/translate:")
        language = st.selectbox("Into", list(playing.LANGUAGES), **parts.restored("play_language", "German"))
        ask = partial(playing.translation, here.desk, text, language)
        _asked(here, text, _Question("translation", "Translate", ask, _translation, language))
    with sentiment:
        st.caption(f"On the whole, as a number, and about {', '.join(playing.ASPECTS)}.")
        _asked(here, text, _Question("sentiment", "Judge", partial(playing.sentiment, here.desk, text), _sentiment))


def _asked(here: Here, text: str, question: _Question[Any]) -> None:
    what, about = question.what, (text, question.language)
    if not text.strip():
        st.caption("Give a text first.")
        return
    if st.button("Estimate the cost", key=f"{what}_ask", icon=":material/calculate:"):
        with parts.errors_told(), st.spinner("Counting tokens"):
            st.session_state[f"{what}_estimate"] = (about, playing.estimate(here.desk, text, what, question.language))
    kept = st.session_state.get(f"{what}_estimate")
    if kept is not None and kept[0] == about:
        with st.container(border=True):
            parts.estimate_shown(what, [kept[1]])
            hindrance = _hindrance(kept[1], here.desk.settings.choices.ai_credits)
            if hindrance is not None:
                st.warning(escaped(hindrance))
            elif st.button(question.verb, key=f"{what}_start", type="primary", icon=":material/play_arrow:"):
                with parts.errors_told(), st.spinner("Asking"):
                    st.session_state[f"{what}_answer"] = (about, question.ask())
    answered = st.session_state.get(f"{what}_answer")
    if answered is not None and answered[0] == about:
        question.shown(answered[1])


def _hindrance(estimate: Estimate, allowed: float | None) -> str | None:
    """Return why a question may not be asked within what the settings allow, and what to do; `None` if it may."""
    most = estimate.ai_credits_at_most
    if allowed is None or (most is not None and most <= allowed):
        return None
    allows = f"The settings of this app allow {allowed:.4f} AI credits for one question"
    if most is not None:
        return f"{allows}: this may cost more."
    tables = " and ".join(f"[prices.{_toml_key(model)}]" for model in several(estimate.model))
    return (
        f"{allows}, and no price is known for {estimate.model}: state it in cortex_tickets.toml, under {tables}, as "
        "input and output, the AI credits per million tokens read and written, and start the app again."
    )


def _toml_key(name: str) -> str:
    return name if re.fullmatch(r"[\w-]+", name, re.ASCII) else f'"{name}"'


def _defect(found: Extraction[DefectSummary]) -> None:
    if found.value is None:
        st.warning(escaped(found.error or "The answer was no record of this form."))
        return
    st.code(found.value.model_dump_json(indent=2), language="json", wrap_lines=True)
    st.caption(
        f"{escaped(found.answered_by or '')}, {found.input_tokens or 0:,} tokens in, {found.output_tokens or 0:,} out"
    )


def _translation(found: Translation) -> None:
    if found.outcome is Outcome.VALID and found.translation is not None:
        parts.plain(found.translation, height=_BOX)
    else:
        st.warning(escaped(found.error or "There is no translation."), icon=":material/translate:")


def _sentiment(found: Sentiment) -> None:
    if found.sentiment is None:
        st.warning(escaped(found.error or "There is no answer."))
        return
    number = "not told" if found.score is None else f"{found.score:+.2f}"
    parts.figures("sentiment_answer", ("On the whole", found.sentiment.value), ("Score, -1 to 1", number))
    if found.score is not None:
        st.altair_chart(charts.score(found.score), width="stretch")
    for aspect, said in found.aspects.items():
        st.markdown(f"- {escaped(aspect)}: **{said.value}**")
