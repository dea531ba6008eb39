"""The sections about the way to an evaluation: labels, training set, loss, and what the engine is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cortex_tickets._evaluation.report.charts import bar_chart, line_chart
from cortex_tickets._evaluation.report.parts import facts, sentences
from cortex_tickets._evaluation.report.section import Section
from cortex_tickets._evaluation.report.tables import table
from cortex_tickets.markup import element, joined
from cortex_tickets.training_set import TrainingSetReport

ENGINE_IS = (
    "a real Snowpark session over Snowflake's wire protocol, served on this machine by fakesnow and DuckDB",
    "strict where Snowflake is strict: the same statements, errors, column lengths and row errors",
    "a place where fine-tuning really trains, a linear text classifier, with real losses and states",
)
ENGINE_IS_NOT = (
    "a language model: labels come from matching words, replies from the text itself",
    "a measure of any Snowflake model: accuracy, tokens, cost and speed there will differ",
    "a substitute for a run on an account before money is spent",
)


def counts_section(title: str, counts: Mapping[str, Mapping[str, int]], note: str | None) -> Section:
    """Return a bar chart; `counts` holds, by series, tickets by label."""
    labels = list(dict.fromkeys(label for by_label in counts.values() for label in by_label))
    rows = {label: [by_label.get(label, 0) for by_label in counts.values()] for label in labels}
    shown = bar_chart(rows, list(counts))
    return Section(title, joined((shown, None if note is None else element("p", note, class_="note"))))


def training_set_section(report: TrainingSetReport) -> Section:
    """Return what was kept, what was dropped and why."""
    figures = {
        "tickets": f"{report.n_tickets:,}",
        "distinct texts": f"{report.n_texts:,}",
        "groups": f"{report.n_groups:,}",
        "largest group, texts": f"{report.largest_group:,}",
    }
    if report.teacher_agreement is not None:
        figures["teacher equal to gold"] = f"{report.teacher_agreement:.1%} of {report.n_gold:,}"
    rows = [
        (row.label, *(f"{count:,}" for count in (row.n_training, row.n_validation, row.n_test, row.n_groups)))
        for row in report.labels
    ]
    dropped = [(reason, f"{count:,}") for reason, count in report.dropped.items()]
    return Section(
        "Training set",
        joined(
            (
                facts(figures),
                table(("label", "training", "validation", "test", "groups"), rows),
                table(("not trained on because", "rows"), dropped) if dropped else None,
                sentences(report.notes),
            )
        ),
    )


def loss_section(points: Sequence[tuple[float, float | None, float | None]], note: str | None) -> Section:
    """Return the loss of a fine-tune job; each point is epoch, training loss, validation loss."""
    lines = {
        "training": [(epoch, training) for epoch, training, _ in points if training is not None],
        "validation": [(epoch, validation) for epoch, _, validation in points if validation is not None],
    }
    drawn = {name: line for name, line in lines.items() if line}
    shown = line_chart(drawn, x_name="epoch", y_name="loss") if drawn else element("p", "The service told no loss.")
    return Section("Fine-tuning", joined((shown, None if note is None else element("p", note, class_="note"))))


def engine_section() -> Section:
    """Return what the embedded engine is and is not."""
    sides = [
        element("div", element("h3", title), element("ul", [element("li", line) for line in lines]))
        for title, lines in (("It is", ENGINE_IS), ("It is not", ENGINE_IS_NOT))
    ]
    return Section("What answered here: the embedded engine", element("div", sides, class_="pair"))
