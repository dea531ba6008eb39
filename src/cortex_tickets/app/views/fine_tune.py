"""Fine-tune: the training set's report, what training costs, the job while it runs, and a way to stop it."""

from __future__ import annotations

import streamlit as st

from cortex_tickets import FineTuneEstimate, FineTuneJob, FineTuneStatus, TrainingSet
from cortex_tickets.app.asking import fine_tuning
from cortex_tickets.app.asking.gold import foreign_said
from cortex_tickets.app.asking.other_settings import Difference, difference
from cortex_tickets.app.drawing import charts, parts, work_under_way
from cortex_tickets.app.drawing.plain_text import escaped, escaped_lines
from cortex_tickets.app.here import Here
from cortex_tickets.app.moments import when

_SECONDS_BETWEEN_LOOKS = 2.0
_NOT_TOLD = "–"


def show(here: Here) -> None:
    """Show the page."""
    parts.heading("Fine-tune", "Teach a small model what the large one said: a training set, its price, a job.")
    st.subheader("1. Training set", anchor=False)
    parts.noted(foreign_said(here.desk))
    made = fine_tuning.training_set(here.desk)
    other = None if made is None else difference(here.desk, made)
    parts.noted(other.said(on_fine_tune=True) if other else None)
    if made is None:
        st.caption("There is none yet. It is made of the labels, bills nothing, and keeps near-copies on one side.")
    else:
        _report(made)
    is_building = work_under_way.work_shown(here.board, "training_set")
    if not is_building and st.button(
        "Build it anew" if made else "Build the training set",
        key="build",
        type="secondary" if made else "primary",
        icon=":material/inventory_2:",
    ):
        task = fine_tuning.build_task(here.desk, here.labelling_model)
        work_under_way.start_work(here.board, "training_set", "Training set", task)
        st.rerun()
    if made is not None:
        st.subheader("2. Train", anchor=False)
        if other is not None and other.is_of_other_labels:
            st.caption("A model that is trained on this set would be asked with its labels, and not with the app's.")
        else:
            _train(here, made)
    st.subheader("3. The job", anchor=False)
    _job(here, made, other)


def _report(made: TrainingSet) -> None:
    report = made.report
    agreement = "no gold" if report.teacher_agreement is None else f"{report.teacher_agreement:.0%}"
    parts.figures(
        "training_set",
        ("To train on", f"{made.n_training:,}"),
        ("To validate", f"{made.n_validation:,}"),
        ("To test", f"{made.n_test:,}"),
        ("Equal to gold", agreement, "Labels of the large model that are what people said."),
    )
    st.altair_chart(
        charts.splits_by_label(fine_tuning.split_rows(made), [row.label for row in report.labels]), width="stretch"
    )
    st.caption(
        f"{report.n_tickets:,} tickets, {report.n_texts:,} distinct texts, {report.n_groups:,} groups of near-copies, "
        f"labelled by {escaped(made.teacher_model or 'people')}. Made {when(made.created_at)}."
    )
    left_out = [f"{count:,} not trained on: {escaped(reason)}" for reason, count in report.dropped.items()]
    with st.expander(f"{len(left_out) + len(report.notes)} notes for a careful reader"):
        for line in (*left_out, *map(escaped, report.notes)):
            st.markdown(f"- {line}")


def _train(here: Here, made: TrainingSet) -> None:
    choices = here.desk.settings.choices
    model_place, epochs_place, price_place = st.columns(3)
    base_model = model_place.selectbox("Base model", here.desk.settings.base_models, key="base_model")
    epochs = int(epochs_place.number_input("Epochs", 1, 10, choices.max_epochs, key="epochs"))
    given = price_place.number_input(
        "Platform credits per million tokens",
        min_value=0.0,
        value=choices.platform_price,
        placeholder="from your contract",
        key="platform_price",
        help="No public page states this price. Without it the cost is unknown, and nothing stops the job at a cost.",
    )
    price = float(given) if given else None
    about = (made.id, base_model, epochs, price)
    if st.button("Estimate the cost", key="tune_ask", icon=":material/calculate:"):
        with parts.errors_told(), st.spinner("Counting tokens"):
            found = fine_tuning.estimate_job(here.desk, made, base_model=base_model, epochs=epochs, price=price)
            st.session_state["tune_estimate"] = (about, found)
    kept = st.session_state.get("tune_estimate")
    if kept is None or kept[0] != about:
        st.caption("Nothing is trained before you have seen what it costs.")
        return
    estimate: FineTuneEstimate = kept[1]
    with st.container(border=True):
        _estimate_shown(estimate)
        if here.desk.is_engine:
            st.caption("The embedded engine bills nothing, and trains a linear model in place of this one.")
        if st.button("Start fine-tuning", key="tune_start", type="primary", icon=":material/play_arrow:"):
            with parts.errors_told(), st.spinner("Starting"):
                job = fine_tuning.start_job(here.desk, made, estimate, epochs=epochs, price=price)
                _remember(job)
                if job.reused:
                    st.session_state["job_said"] = "This was trained before: here is that job, and nothing is paid."
                del st.session_state["tune_estimate"]
                st.rerun()


def _estimate_shown(estimate: FineTuneEstimate) -> None:
    known = estimate.platform_credits
    parts.figures(
        "tune",
        ("Training pairs", f"{estimate.n_training:,}"),
        ("Tokens trained", f"{estimate.trained_tokens:,}"),
        ("Platform credits", "unknown" if known is None else f"{known:.4f}"),
    )
    if estimate.platform_credits_at_most is None:
        st.warning("The price is unknown, so nothing stops this at a cost. Give your price above to have a limit.")
    else:
        st.caption(
            f"It is refused if it could cost more than {estimate.platform_credits_at_most:.4f} platform credits."
        )


def _remember(job: FineTuneJob) -> None:
    st.session_state["job"] = job
    st.query_params["job"] = job.id


def _job(here: Here, made: TrainingSet | None, other: Difference | None) -> None:
    known = fine_tuning.known_jobs(here.desk)
    asked = st.query_params.get("job")
    ids = [job.job_id for job in known]
    if asked and asked not in ids:
        ids.insert(0, asked)
    if not ids:
        st.caption("No job has been started from this schema.")
        return
    titles = {job.job_id: f"{when(job.started_at)}, {job.base_model}, {job.job_id}" for job in known}
    chosen = ids[0] if asked is None else asked
    if len(ids) > 1:
        chosen = st.selectbox(
            "Job", ids, index=ids.index(chosen), format_func=lambda job_id: titles.get(job_id, job_id)
        )
    if said := st.session_state.pop("job_said", None):
        st.info(said)
    with parts.errors_told():
        job: FineTuneJob | None = st.session_state.get("job")
        if job is None or job.id != chosen:
            job = fine_tuning.find_job(here.desk, chosen)
            _remember(job)
        if job.status.is_over:
            _status(job, made, other)
        else:
            _live(made, other)


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _live(made: TrainingSet | None, other: Difference | None) -> None:
    job: FineTuneJob = st.session_state["job"]
    with parts.errors_told():
        if job.refresh().is_over:
            st.rerun()
        _status(job, made, other)
        if st.button("Cancel the job", key="job_cancel", icon=":material/stop_circle:"):
            job.cancel()
            st.rerun()


def _status(job: FineTuneJob, made: TrainingSet | None, other: Difference | None) -> None:
    status = job.status
    with st.container(border=True):
        st.progress(status.progress or 0.0, text=escaped(f"{status.status or status.state.value}: {job.id}"))
        tokens = status.trained_tokens
        parts.figures(
            "job",
            ("Training loss", _loss(status.training_loss)),
            ("Validation loss", _loss(status.validation_loss)),
            ("Tokens trained", _NOT_TOLD if tokens is None else f"{tokens:,}"),
        )
        if not status.is_over:
            st.caption("Snowflake tells the losses when the job has ended. It goes on if you leave this page.")
        if fine_tuning.has_succeeded(status):
            st.success(f"The model is {escaped(job.name or 'not named')}. {_what_now(status, made, other)}")
        elif status.error_text:
            st.error(escaped_lines(status.error_text))
        elif status.is_over:
            st.warning("The job was cancelled: there is no model. What was trained so far may be billed.")


def _what_now(status: FineTuneStatus, made: TrainingSet | None, other: Difference | None) -> str:
    if made is None or not fine_tuning.was_trained_on(status, made):
        return "It was trained on an earlier training set, and the page Compare does not have it."
    if other is not None and other.is_of_other_labels:
        return "It was trained for labels that the app has not, or not so, and the page Compare does not measure it."
    return "Compare it on the page Compare."


def _loss(value: float | None) -> str:
    return _NOT_TOLD if value is None else f"{value:.4f}"
