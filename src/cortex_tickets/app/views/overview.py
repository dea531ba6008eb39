"""Overview: tickets by label and outcome, over time, and what runs have cost."""

from __future__ import annotations

import streamlit as st

from cortex_tickets.app.asking import labelling, overview
from cortex_tickets.app.asking.gold import foreign_said
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.drawing import charts, parts, work_under_way
from cortex_tickets.app.here import Here
from cortex_tickets.app.moments import in_utc


def show(here: Here) -> None:
    """Show the page."""
    desk = here.desk
    classifier_hash = desk.classifier(here.labelling_model).classifier_hash
    parts.heading("Overview", "What came in, what it is about, and what finding out has cost.")
    counts = overview.counts(desk, classifier_hash)
    parts.figures(
        "overview",
        ("Tickets", f"{counts.n_tickets:,}"),
        ("Distinct texts", f"{counts.n_texts:,}", "Equal texts are asked once."),
        ("With a label", f"{counts.n_labelled:,}"),
        ("Corrected by people", f"{counts.n_corrected:,}"),
    )

    # Each in its own block: what one section cannot show is told in its place, and the next ones stay.
    with parts.errors_told():
        _by_label(desk, classifier_hash)
    with parts.errors_told():
        _by_day(desk, classifier_hash)
    st.subheader("Label the tickets", anchor=False)
    with parts.errors_told():
        _labelling(here)
    st.subheader("What runs have cost", anchor=False)
    with parts.errors_told():
        _runs(overview.runs(desk, here.board.runs_under_way()))


def _by_label(desk: Desk, classifier_hash: str) -> None:
    st.subheader("Tickets by label", anchor=False)
    gold = overview.by_gold(desk)
    st.altair_chart(
        charts.tickets_by_label(overview.by_label(desk, classifier_hash), gold, desk.settings.labels.names),
        width="stretch",
    )
    if gold:
        st.caption(
            "Bars: what the model says, or a person's correction. Pink marks: what people said who labelled blind."
        )
    parts.noted(foreign_said(desk))


def _by_day(desk: Desk, classifier_hash: str) -> None:
    days = overview.by_day(desk, classifier_hash)
    if not days.drawn and not days.n_undated:
        return
    st.subheader("Tickets over time", anchor=False)
    if days.drawn:
        st.altair_chart(charts.tickets_by_day(days.drawn, desk.settings.labels.names), width="stretch")
    if days.n_undated:
        are = "1 ticket has" if days.n_undated == 1 else f"{days.n_undated:,} tickets have"
        st.caption(f"{are} no date that can be read, and {'is' if days.n_undated == 1 else 'are'} not drawn here.")


def _labelling(here: Here) -> None:
    desk = here.desk
    work_under_way.priced_work(
        here.board,
        "labels",
        verb="Label the tickets",
        about=here.labelling_model,
        named=here.labelling_model,
        estimate=lambda: [labelling.estimate_labels(desk, here.labelling_model)],
        limit=lambda estimates: labelling.limit_of(desk, estimates),
        most=desk.settings.choices.ai_credits,
        task=lambda estimates, limit: labelling.label_task(desk, here.labelling_model, estimates[0], limit),
        is_engine=desk.is_engine,
    )


def _runs(runs: list[overview.RunRow]) -> None:
    if not runs:
        st.caption("Nothing has run yet.")
        return
    st.caption("Labels and replies. Fine-tuning, paid in platform credits, and the Playground keep no such record.")
    if any(run.ai_credits for run in runs):
        st.altair_chart(charts.credits_by_model(runs), width="stretch")
    st.caption(_total(runs))
    st.dataframe(
        [_row(run) for run in runs],
        hide_index=True,
        width="stretch",
        column_config={
            "Started (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss"),
            "Tokens": st.column_config.NumberColumn(format="localized"),
        },
    )


def _total(runs: list[overview.RunRow]) -> str:
    known = sum(run.ai_credits for run in runs if run.ai_credits is not None)
    parts = [f"{known:.4f} AI credits in the last {'run' if len(runs) == 1 else f'{len(runs)} runs'}"]
    untold = [run for run in runs if run.ai_credits is None]
    n_under_way = sum(run.is_under_way for run in untold)
    if len(untold) > n_under_way:
        n_unknown = len(untold) - n_under_way
        parts.append(f"what {n_unknown} {'has' if n_unknown == 1 else 'have'} cost is unknown")
    if n_under_way:
        parts.append(f"{n_under_way} under way {'is' if n_under_way == 1 else 'are'} not counted yet")
    return f"{'; '.join(parts)}."


def _credits(run: overview.RunRow) -> str:
    if run.ai_credits is None:
        return "under way" if run.is_under_way else "unknown"
    return f"{run.ai_credits:.6f}{' so far' if run.is_under_way else ''}"


def _row(run: overview.RunRow) -> dict[str, object]:
    return {
        "Started (UTC)": in_utc(run.started_at).replace(tzinfo=None),
        "What": run.operation,
        "Model": run.model,
        "State": run.state,
        "Texts": run.n_texts,
        "Tokens": run.tokens,
        "AI credits": _credits(run),
        "Ledger": run.ledger,
    }
