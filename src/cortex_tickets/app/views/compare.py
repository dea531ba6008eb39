"""Compare: models side by side with intervals, what they confuse, what they cost, and the verdict."""

from __future__ import annotations

import streamlit as st

from cortex_tickets import Evaluation, TrainingSet
from cortex_tickets.app.asking import comparing, fine_tuning
from cortex_tickets.app.asking.labelling import limit_of
from cortex_tickets.app.asking.other_settings import difference
from cortex_tickets.app.drawing import charts, parts, work_under_way
from cortex_tickets.app.drawing.plain_text import escaped
from cortex_tickets.app.here import Here
from cortex_tickets.app.moments import when


def show(here: Here) -> None:
    """Show the page."""
    desk = here.desk
    parts.heading("Compare", "The same held-out tickets to each model, and what may be concluded from it.")
    made = fine_tuning.training_set(desk)
    if made is None:
        st.info("Models are measured on a training set's held-out tickets. Build one on the page Fine-tune.")
        return
    other = difference(desk, made)
    parts.noted(other.said() if other else None)
    if other is not None and other.is_of_other_labels:
        st.caption("No model is measured on a set of other labels.")
        work_under_way.work_shown(here.board, "evaluation")
    else:
        _compare(here, made)
    found = comparing.last_evaluation(desk)
    if found is not None:
        parts.noted(comparing.measured_otherwise(desk, found, made))
        _evaluation(found)


def _compare(here: Here, made: TrainingSet) -> None:
    desk = here.desk
    base_model = st.selectbox("Base model", desk.settings.base_models, key="compare_base")
    tuned = fine_tuning.tuned_model(desk, made)
    if tuned is None:
        st.caption("No fine-tuned model of this training set yet: the others are compared without a student.")
    work_under_way.priced_work(
        here.board,
        "evaluation",
        verb="Compare the models",
        about=(made.id, base_model, tuned.name if tuned else None),
        named=tuned.name if tuned else base_model,
        estimate=lambda: comparing.estimate_evaluation(
            desk, made, comparing.classifiers(desk, made, base_model=base_model, tuned=tuned)
        ),
        limit=lambda estimates: limit_of(desk, estimates),
        most=desk.settings.choices.ai_credits,
        task=lambda _, limit: comparing.evaluation_task(desk, made, limit, base_model=base_model, tuned=tuned),
        is_engine=desk.is_engine,
        asks_always=True,
    )


def _evaluation(found: Evaluation) -> None:
    st.subheader("Verdict", anchor=False)
    with st.container(border=True):
        for place, sentence in enumerate(found.verdict):
            st.markdown(f"**{escaped(sentence)}**" if place == 0 else escaped(sentence))
    st.caption(
        f"{found.n_tickets:,} test tickets in {found.n_groups:,} groups, {found.n_gold:,} with gold. Measured "
        f"{when(found.created_at)}."
    )
    if any(score.accuracy is not None for score in found.scores):
        _accuracies(found)
    confusable = [score.name for score in found.scores if score.confusion is not None]
    if confusable:
        st.subheader("What is confused", anchor=False)
        chosen = st.selectbox(
            "Model", confusable, index=confusable.index("student") if "student" in confusable else 0, key="confusion_of"
        )
        st.altair_chart(charts.confusion(found.confusion(chosen), ink=parts.ink()), width="stretch")
    st.subheader("Figures", anchor=False)
    st.dataframe(_figures(found), hide_index=True, width="stretch")
    with st.expander(f"{len(found.notes)} notes for a careful reader"):
        for note in found.notes:
            st.markdown(f"- {escaped(note)}")
    st.download_button(
        "Download the report",
        found.report().page(),
        "report.html",
        "text/html",
        key="report",
        icon=":material/download:",
    )


def _accuracies(found: Evaluation) -> None:
    left, right = st.columns(2)
    with left:
        st.subheader("Accuracy", anchor=False)
        st.altair_chart(charts.accuracies(found.scores), width="stretch")
    with right:
        st.subheader("Cost against accuracy", anchor=False)
        st.altair_chart(charts.cost_against_accuracy(found.scores, found.dollars_per_ai_credit), width="stretch")
        unknown = [score.name for score in found.scores if score.ai_credits_per_1000 is None]
        if unknown:
            st.caption(f"Not drawn, because the cost is unknown and not 0: {escaped(', '.join(unknown))}.")


def _figures(found: Evaluation) -> list[dict[str, object]]:
    return [
        {
            "Model": score.name,
            "Accuracy": "no gold" if score.accuracy is None else str(score.accuracy),
            "Macro F1": "no gold" if score.macro_f1 is None else f"{score.macro_f1:.3f}",
            "Agreement": "" if score.agreement is None else f"{score.agreement.value:.1%}",
            "Off-label": f"{score.off_label_rate:.1%}",
            "Errors": f"{score.error_rate:.1%}",
            "AI credits for 1,000": "unknown"
            if score.ai_credits_per_1000 is None
            else f"{score.ai_credits_per_1000:.4f}",
            "Answered by": score.model,
        }
        for score in found.scores
    ]
