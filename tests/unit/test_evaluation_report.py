"""The report page: escaped, self-contained, and readable where there is much or nothing to show."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cortex_tickets._evaluation.report.axis import Axis
from cortex_tickets._evaluation.report.charts import bar_chart
from cortex_tickets._evaluation.report.tables import heat_table
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.evaluation import ConfusionMatrix, Report
from cortex_tickets.markup import Markup, element, joined
from cortex_tickets.training_set import LabelCounts, TrainingSetReport

HOSTILE = "<script>alert(\"x\")</script> & 'y' </style>"
_VOID = {"meta", "br", "circle", "line", "rect"}


class Balance(HTMLParser):
    """Fails on a tag that is not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        assert tag in _VOID, attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def whole_report() -> Report:
    report = TrainingSetReport(
        n_tickets=9,
        n_texts=8,
        n_groups=7,
        largest_group=2,
        labels=(LabelCounts(label=HOSTILE, n_training=4, n_validation=2, n_test=3, n_groups=7),),
        dropped={HOSTILE: 2},
        split_groups={},
        missing_labels=(),
        teacher_agreement=0.875,
        n_gold=8,
        notes=(HOSTILE,),
    )
    return (
        Report(HOSTILE, lead=HOSTILE)
        .add_text("Summary", [HOSTILE], figures={HOSTILE: HOSTILE})
        .add_counts("Labels", {"teacher": {HOSTILE: 3, "b": 0}, "gold": {"c": 2}}, note=HOSTILE)
        .add_training_set(report)
        .add_loss([(1, 1.5, 1.7), (2, 0.5, None)], note=HOSTILE)
        .add_table("Replies", ["ticket", HOSTILE], [("TR1", HOSTILE), ("TR2", "two\nlines " * 10)], note=HOSTILE)
        .add_engine()
    )


def test_every_value_is_escaped_and_every_tag_closed() -> None:
    page = whole_report().page()
    assert "<script" not in page
    assert "alert(&quot;x&quot;)" in page
    balance = Balance()
    balance.feed(page)
    assert balance.open == []
    assert {"svg", "rect", "line", "circle", "table", "nav"} <= balance.seen


def test_the_page_needs_nothing_from_outside() -> None:
    page = whole_report().page()
    assert not re.search(r"(?:src|href)=\"(?!#)|url\(|@import|https?:", page)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_links_go_to_sections_even_where_titles_repeat() -> None:
    page = Report("Twice").add_text("Same", ["a"]).add_text("Same", ["b"]).add_text("!", ["c"]).page()
    links = re.findall(r'href="#([^"]+)"', page)
    assert len(set(links)) == 3
    assert all(f'id="{link}"' in page for link in links)


def test_a_fragment_styles_nothing_but_itself() -> None:
    fragment = whole_report().fragment()
    style = fragment[len("<style>") : fragment.index("</style>")]
    rules = re.findall(r"([^{}]+)\{[^{}]*\}", re.sub(r"@media[^{]*\{", "", style))
    selectors = [selector.strip() for rule in rules for selector in rule.split(",")]
    assert len(selectors) > 50
    assert all(selector.startswith(".ctr") for selector in selectors)
    assert "<html" not in fragment
    assert "<nav" not in fragment


def test_a_training_set_without_gold_and_drops_is_shown() -> None:
    report = TrainingSetReport(
        n_tickets=1,
        n_texts=1,
        n_groups=1,
        largest_group=1,
        labels=(),
        dropped={},
        split_groups={},
        missing_labels=(),
        teacher_agreement=None,
        n_gold=0,
    )
    page = Report("r").add_training_set(report).page()
    assert "equal to gold" not in page
    assert "not trained on" not in page


def test_a_job_without_losses_says_so() -> None:
    assert "The service told no loss." in Report("r").add_loss([(1, None, None)]).page()
    assert "training" in Report("r").add_loss([(1, 0.5, None)]).page()


def test_a_page_is_saved_as_a_page_only(tmp_path: Path) -> None:
    whole_report().save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text().startswith("<!DOCTYPE html>")
    with pytest.raises(InvalidInputError, match=r"expected \.html"):
        whole_report().save(tmp_path / "report.json")


def test_many_labels_are_shown_as_what_is_confused_most() -> None:
    names = tuple(f"label {number}" for number in range(20))
    counts = tuple(tuple(5 if row == column else int(column == row + 1) for column in range(20)) for row in range(20))
    matrix = ConfusionMatrix(rows=names, columns=names, n_labels=20, counts=counts)
    shown = heat_table(matrix)
    assert shown.count("<tr>") == 20  # the head and 19 pairs
    assert "heat" not in shown


def test_outcomes_stand_apart_in_the_matrix() -> None:
    matrix = ConfusionMatrix(rows=("a", "b"), columns=("a", "b", "error"), n_labels=2, counts=((9, 0, 1), (1, 1, 0)))
    shown = heat_table(matrix)
    assert 'class="outcome">error' in shown
    assert 'class="right hot"' in shown
    assert 'class="wrong"' in shown
    assert 'class="empty"' in shown


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.72, 1.0, [0.7, 0.8, 0.9, 1.0]),
        (0.0, 0.33, [0.0, 0.1, 0.2, 0.3, 0.4]),
        (-0.31, 0.31, [-0.4, -0.2, 0.0, 0.2, 0.4]),
        (0.0, 0.0, [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (1.0, 1.0, [1.0, 1.2, 1.4, 1.6, 1.8, 2.0]),
    ],
)
def test_an_axis_has_round_ends(low: float, high: float, ticks: list[float]) -> None:
    axis = Axis.around(low, high)
    assert axis.ticks == pytest.approx(ticks)
    assert axis.place(axis.low) == 0.0
    assert axis.place(axis.high + 1) == 1.0


def test_a_chart_of_nothing_is_no_error() -> None:
    assert "svg" in bar_chart({"a": [0]}, ["teacher"])


def test_an_element_escapes_text_but_not_markup() -> None:
    assert (
        element("p", "<b>", Markup("<i/>"), 3, None, class_='a"b', data_x=None)
        == '<p class="a&quot;b">&lt;b&gt;<i/>3</p>'
    )
    assert element("br") == "<br/>"
    assert joined(["a", ["b", ["<"]]]) == "ab&lt;"
