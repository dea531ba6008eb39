"""A report: sections one after the other, as a page of its own or inside a notebook."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Self

from cortex_tickets._evaluation.report.evaluation_sections import evaluation_sections
from cortex_tickets._evaluation.report.job_sections import (
    counts_section,
    engine_section,
    loss_section,
    training_set_section,
)
from cortex_tickets._evaluation.report.parts import facts, paragraphs
from cortex_tickets._evaluation.report.section import Section
from cortex_tickets._evaluation.report.tables import table
from cortex_tickets.file_writing import checked_path, write_whole
from cortex_tickets.markup import Markup, element, joined

if TYPE_CHECKING:
    from cortex_tickets._evaluation.results.evaluation import Evaluation
    from cortex_tickets.training_set import TrainingSetReport


class Report:
    """A page that opens offline: text, tables and charts, with no script and nothing from outside.

    Every value is escaped, so ticket texts may stand in it. Each `add…` returns the report itself.

    Args:
        title: The heading.
        lead: A sentence under it.

    Examples:
        >>> report = Report("Tickets").add_text("Summary", ["Twelve <b>tickets</b>."])
        >>> "Twelve &lt;b&gt;tickets&lt;/b&gt;." in report.page()
        True
    """

    def __init__(self, title: str, lead: str | None = None) -> None:
        self.title = title
        self.lead = lead
        self._sections: list[Section] = []

    def add(self, section: Section) -> Self:
        """Add a section as it is."""
        self._sections.append(section)
        return self

    def add_text(self, title: str, texts: Sequence[str], *, figures: Mapping[str, str] | None = None) -> Self:
        """Add paragraphs, under a few figures with their names."""
        return self.add(Section(title, joined((facts(figures) if figures else None, paragraphs(texts)))))

    def add_counts(self, title: str, counts: Mapping[str, Mapping[str, int]], *, note: str | None = None) -> Self:
        """Add a bar chart: by series (such as teacher and gold), tickets by label."""
        return self.add(counts_section(title, counts, note))

    def add_training_set(self, report: TrainingSetReport) -> Self:
        """Add what a training set kept, dropped and why."""
        return self.add(training_set_section(report))

    def add_loss(self, points: Sequence[tuple[float, float | None, float | None]], *, note: str | None = None) -> Self:
        """Add the loss of a fine-tune job: epoch, training loss, validation loss, `None` where none was told."""
        return self.add(loss_section(points, note))

    def add_evaluation(self, evaluation: Evaluation) -> Self:
        """Add the sections of an evaluation."""
        for section in evaluation_sections(evaluation):
            self.add(section)
        return self

    def add_table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        note: str | None = None,
        n_text_columns: int | None = None,
    ) -> Self:
        """Add a table of text, such as replies; line breaks are kept. `n_text_columns=None`: no column has figures."""
        shown = table(columns, rows, n_text_columns=len(columns) if n_text_columns is None else n_text_columns)
        return self.add(Section(title, joined((None if note is None else element("p", note), shown))))

    def add_engine(self) -> Self:
        """Add what the embedded engine is and is not."""
        return self.add(engine_section())

    def page(self) -> str:
        """Return the report as an HTML page."""
        head = element(
            "head",
            element("meta", charset="utf-8"),
            element("meta", name="viewport", content="width=device-width, initial-scale=1"),
            element("meta", name="color-scheme", content="light dark"),
            element("title", self.title),
            element("style", Markup("body{margin:0}\n" + _style())),
        )
        links = [
            element("a", section.title, href=f"#{place}-{section.anchor}")
            for place, section in enumerate(self._sections, start=1)
        ]
        body = element("body", self._content(element("nav", links) if len(links) > 1 else None))
        return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"

    def fragment(self) -> str:
        """Return the report as it stands in a notebook: its style reaches nothing else."""
        return joined((element("style", Markup(_style())), self._content(None)))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the page; it appears whole or not at all, and replaces an older one.

        Raises:
            InvalidInputError: If the path does not end in `.html`, or its folder does not exist.
        """
        write_whole(checked_path(path, (".html",)), self.page())

    def _content(self, contents: Markup | None) -> Markup:
        return element(
            "div",
            element("h1", self.title),
            None if self.lead is None else element("p", self.lead, class_="lead"),
            contents,
            [section.markup(place) for place, section in enumerate(self._sections, start=1)],
            element("footer", "Made by cortex-tickets."),
            class_="ctr",
        )


@cache
def _style() -> str:
    return resources.files(__package__).joinpath("style.css").read_text(encoding="utf-8")
