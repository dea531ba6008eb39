"""What records look like in a notebook: every text escaped, no script, readable on light and dark paper, small."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import BaseModel

import cortex_tickets
from cortex_tickets import (
    ActualCost,
    Channel,
    ClassificationPrompt,
    DefectSummary,
    Estimate,
    Extraction,
    Finding,
    FineTunedModel,
    FineTuneEstimate,
    FineTuneJob,
    FineTuneStatus,
    Label,
    LabelSample,
    LabelSet,
    LeakageSweep,
    LoadReport,
    Outcome,
    Playbook,
    PlaybookEntry,
    Prediction,
    Preflight,
    Reply,
    ReplyStatus,
    ReviewReport,
    SampledTicket,
    Sentiment,
    SentimentLabel,
    Summary,
    TableRun,
    Ticket,
    TicketClassifier,
    TrainedStudent,
    TrainingSet,
    Translation,
)
from cortex_tickets._evaluation.results.break_even import BreakEven
from cortex_tickets._evaluation.results.comparison import Comparison
from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets._evaluation.results.leakage_sweep import LeakageRow
from cortex_tickets.table_run import RunState
from cortex_tickets.testing import FakeSession
from cortex_tickets.training_set import LabelCounts, TrainingSetReport

HOSTILE = """<script>alert("x")</script><img src=x onerror='y'>&amp;</table>"""
MOMENT = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
TAGS = {"div", "strong", "span", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
NOT_SHOWN = {
    "Budget": "it is given, and nothing comes of looking at it",
    "BuildProgress": "told to a listener, many times a build",
    "CalibrationSample": "it is given",
    "ClassificationPrompt": "its text is what is looked at, and printed",
    "Deployment": "its SQL is what is looked at, and printed",
    "DefectSummary": "the caller's own kind of record: its extraction shows it",
    "Draft": "what a check is given",
    "EmbeddingHead": "the coefficients of a student, whose own record is the training's",
    "Finding": "a part of a reply",
    "GoldLabel": "a row of a table",
    "Label": "a part of a label set",
    "ModelPrice": "it is given",
    "ReplyDecision": "it is given",
    "Pipeline": "SQL, which is printed",
    "PlaybookEntry": "a part of a playbook",
    "PreflightCheck": "a part of a preflight",
    "RunProgress": "told to a listener, many times a run",
    "SampledTicket": "a part of a sample",
    "TicketLabel": "it is given",
    "TicketSource": "it is given",
    "TrainingQueries": "it is given",
}
"""Public records that have no card, and why."""


def report(**changes: Any) -> TrainingSetReport:
    given: dict[str, Any] = {
        "n_tickets": 1_510,
        "n_texts": 130,
        "n_groups": 101,
        "largest_group": 4,
        "labels": (LabelCounts(label=HOSTILE, n_training=52, n_validation=13, n_test=12, n_groups=54),),
        "dropped": {"the text repeats one": 6},
        "split_groups": {"training": 60},
        "missing_labels": (),
        "teacher_agreement": 0.98,
        "n_gold": 151,
        "notes": (HOSTILE,),
    }
    return TrainingSetReport(**{**given, **changes})


def training_set() -> TrainingSet:
    return TrainingSet(
        id="a" * 64,
        table=HOSTILE,
        prompt=ClassificationPrompt.short(["A", "B"]),
        seed=7,
        teacher_hash=None,
        teacher_model=HOSTILE,
        labels_table=None,
        gold_table=HOSTILE,
        n_training=92,
        n_validation=28,
        n_test=25,
        report=report(),
        created_at=MOMENT,
    )


def status(**changes: Any) -> FineTuneStatus:
    given: dict[str, Any] = {"job_id": HOSTILE, "state": "ERROR", "status": HOSTILE, "error": {"message": HOSTILE}}
    return FineTuneStatus(**{**given, **changes})


def reply(**changes: Any) -> Reply:
    given: dict[str, Any] = {
        "ticket_id": HOSTILE,
        "ticket_text_hash": "b" * 64,
        "customer_name": HOSTILE,
        "channel": Channel.EMAIL,
        "label": HOSTILE,
        "subject": HOSTILE,
        "body": f"Dear Ann,\n{HOSTILE}",
        "status": ReplyStatus.NEEDS_REVIEW,
        "findings": (Finding(check="word_limit", message=HOSTILE),),
        "outcome": Outcome.VALID,
        "answered_by": HOSTILE,
        "generator_hash": "c" * 64,
        "key": "d" * 64,
    }
    return Reply(**{**given, **changes})


def run(**changes: Any) -> TableRun:
    given: dict[str, Any] = {
        "run_id": "r",
        "source": HOSTILE,
        "into": HOSTILE,
        "classifier_hash": "e" * 64,
        "model": HOSTILE,
        "state": RunState.INCOMPLETE,
        "reason": HOSTILE,
        "n_rows": 1_510,
        "n_tickets": 151,
        "n_left": 4,
        "n_by_outcome": {"valid": 147, HOSTILE: 1},
        "n_texts_asked": 126,
        "input_tokens": None,
        "output_tokens": None,
        "ai_credits": None,
        "seconds": 1.25,
        "started_at": MOMENT,
    }
    return TableRun(**{**given, **changes})


def estimate(**changes: Any) -> Estimate:
    given: dict[str, Any] = {
        "n_tickets": 151,
        "n_texts": 130,
        "input_tokens": 19_870,
        "output_tokens": 1_456,
        "output_tokens_at_most": 1_950,
        "model": HOSTILE,
        "ai_credits": 0.044797,
        "ai_credits_at_most": 0.048873,
        "dollars": 0.089595,
        "dollars_per_ai_credit": 2.0,
        "price_date": date(2026, 11, 22),
    }
    return Estimate(**{**given, **changes})


def tuning(**changes: Any) -> FineTuneEstimate:
    given: dict[str, Any] = {
        "base_model": HOSTILE,
        "n_training": 92,
        "n_validation": 28,
        "tokens_per_epoch": 9_038,
        "completion_tokens_per_epoch": 200,
        "n_uncounted": 1,
        "epochs": 3,
        "trained_tokens": 27_114,
        "platform_credits": None,
        "platform_credits_at_most": None,
    }
    return FineTuneEstimate(**{**given, **changes})


def prediction(**changes: Any) -> Prediction:
    given: dict[str, Any] = {
        "ticket_id": HOSTILE,
        "label": None,
        "outcome": Outcome.OFF_LABEL,
        "answer": HOSTILE,
        "classifier_hash": "f" * 64,
    }
    return Prediction(**{**given, **changes})


def insight(kind: type[Any], **given: Any) -> Any:
    return kind(**{"ticket_id": HOSTILE, "outcome": Outcome.ERROR, "error": HOSTILE, "insight_hash": "0" * 64, **given})


def student() -> TrainedStudent:
    classifier = TicketClassifier(FakeSession(), labels=["A", "B"], model="llama3.1-8b")
    found = Preflight(
        looked_at=MOMENT,
        role=None,
        region=None,
        warehouse=None,
        schema_name=None,
        cross_region=None,
        price_date=MOMENT.date(),
        is_engine=False,
        checks=(),
    )
    return TrainedStudent(classifier, HOSTILE, found)


def comparison() -> Comparison:
    return Comparison(
        first=HOSTILE,
        second="base",
        difference=0.1,
        low=-0.1,
        high=0.3,
        method="tango",
        n_only_first=3,
        n_only_second=1,
        n_tickets=25,
        n_groups=20,
        n_equal_groups=20.0,
        p_value=0.4,
        p_corrected=0.8,
    )


CARDS: dict[str, Any] = {
    "Prediction": prediction(),
    "Estimate": estimate(),
    "TableRun": run(),
    "FineTuneEstimate": tuning(),
    "FineTuneStatus": status(),
    "FineTuneJob": FineTuneJob(FakeSession(), status=status()),
    "FineTunedModel": FineTunedModel(
        name=HOSTILE, base_model=HOSTILE, job_id=HOSTILE, prompt=None, training_set_id=None
    ),
    "TrainedStudent": student(),
    "TrainingSet": training_set(),
    "TrainingSetReport": report(),
    "Reply": reply(),
    "LabelSet": LabelSet(labels=(Label(name="A", description=HOSTILE, examples=(HOSTILE,)), Label(name="B"))),
    "LabelSample": LabelSample(
        table=HOSTILE, seed=1, n_population=9, tickets=(SampledTicket(ticket_id="1", text_hash="0", text=HOSTILE),)
    ),
    "LoadReport": LoadReport(
        table=HOSTILE, was_written=True, n_rows=3, n_ids=2, repeated_ids={HOSTILE: 2}, n_texts=3, n_blank=0
    ),
    "ActualCost": ActualCost(ai_credits=0.1, input_tokens=1, output_tokens=1, n_statements=1, is_final=False),
    "ReviewReport": ReviewReport(
        n_rows=1, n_approved=0, n_rejected=0, n_edited=1, n_unchanged=0, n_undecided=0, sent_back=(reply(),)
    ),
    "Playbook": Playbook(
        entries=(PlaybookEntry(label=HOSTILE, goal=HOSTILE, facts=(HOSTILE,)),),
        generic=PlaybookEntry(label="Any", goal="Help."),
        tone=HOSTILE,
        signature=HOSTILE,
    ),
    "Ticket": Ticket(id=HOSTILE, text=HOSTILE, customer_name=HOSTILE),
    "Translation": insight(Translation, translation=HOSTILE, target_language="en", source_language=None),
    "Sentiment": insight(Sentiment, sentiment=SentimentLabel.MIXED, aspects={HOSTILE: SentimentLabel.POSITIVE}),
    "Summary": insight(Summary, summary=HOSTILE, max_words=25, n_words=2, function="AI_COMPLETE"),
    "Extraction": insight(
        Extraction[DefectSummary], value=DefectSummary(product=HOSTILE, defect="d", summary="s"), problems=(HOSTILE,)
    ),
    "LeakageSweep": LeakageSweep(
        reference="gold",
        n_tickets=1,
        n_folds=2,
        seed=0,
        chosen=0.8,
        rows=(LeakageRow(similarity=0.8, n_groups=1, largest_group=1, n_bounded=0, grouped=None, random=None),),
    ),
    "Comparison": comparison(),
    "ConfusionMatrix": ConfusionMatrix(rows=(HOSTILE,), columns=(HOSTILE,), n_labels=1, counts=((3,),)),
    "BreakEven": BreakEven(
        name=HOSTILE,
        against="teacher",
        dollars_per_1000=1,
        dollars_per_1000_against=2,
        training_dollars=10,
        months_in_use=6,
        dollars_per_month=0,
    ),
}
"""One of each record that has a card; every text that may come from elsewhere is hostile."""
WITHOUT_TEXTS = ("ActualCost", "LeakageSweep")


class Page(HTMLParser):
    """The tags and attributes of a piece of HTML, and its text."""

    def __init__(self, shown: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.styles: list[str] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(shown)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.open.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.styles += [value or "" for name, value in attrs if name == "style"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(name: str) -> str:
    made: str = CARDS[name]._repr_html_()
    return made


def public_records() -> Iterator[str]:
    for name in cortex_tickets.__all__:
        value = getattr(cortex_tickets, name)
        if isinstance(value, type) and issubclass(value, BaseModel):
            yield name


def test_every_public_record_shows_well_or_is_known_not_to() -> None:
    without = {name for name in public_records() if not hasattr(getattr(cortex_tickets, name), "_repr_html_")}
    assert without == set(NOT_SHOWN)


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_html_of_few_tags_without_script_or_style_sheet(name: str) -> None:
    page = Page(shown(name))
    assert page.tags <= TAGS
    assert page.attributes <= {"style", "scope"}
    assert page.open == []


@pytest.mark.parametrize("name", [name for name in CARDS if name not in WITHOUT_TEXTS])
def test_text_from_elsewhere_is_text_in_the_page(name: str) -> None:
    made = shown(name)
    assert HOSTILE in Page(made).text
    assert "<script" not in made
    assert "<img" not in made


@pytest.mark.parametrize("name", CARDS)
def test_a_card_takes_the_notebooks_colours_light_or_dark(name: str) -> None:
    for style in Page(shown(name)).styles:
        assert not re.search(r"(?:^|;)\s*color\s*:", style)
        assert not re.search(r"#[0-9a-f]{3}|white|black", style.replace("white-space", ""))
        assert all("," in paint and float(paint.split(",")[3]) < 0.5 for paint in re.findall(r"rgba\((.*?)\)", style))


@pytest.mark.parametrize("name", CARDS)
def test_a_card_is_small(name: str) -> None:
    assert len(shown(name)) < 8_000


def test_a_prediction_says_label_outcome_and_how_sure_it_is() -> None:
    page = Page(
        prediction(
            label="Lost phone",
            outcome=Outcome.VALID,
            probability=0.912,
            runner_up="Roaming fees",
            runner_up_probability=0.05,
            input_tokens=134,
            output_tokens=11,
        )._repr_html_()
    )
    assert page.text.startswith("Lost phone valid")
    for fact in ("91.2%", "Roaming fees 5.0%", "134 read, 11 written"):
        assert fact in page.text
    assert Page(prediction()._repr_html_()).text.startswith("no label off_label")


def test_what_went_well_looks_otherwise_than_what_somebody_has_to_see() -> None:
    good, bad = "rgba(43,160,108,.25)", "rgba(220,90,60,.3)"
    assert good in prediction(label="A", outcome=Outcome.REPAIRED)._repr_html_()
    assert bad in prediction(outcome=Outcome.ERROR)._repr_html_()
    for outcome in (Outcome.BLANK, Outcome.ABSTAINED):
        assert not re.search(f"{re.escape(good)}|{re.escape(bad)}", prediction(outcome=outcome)._repr_html_())
    assert bad in run()._repr_html_()
    assert good in run(state=RunState.COMPLETE, n_left=0)._repr_html_()
    assert bad in status()._repr_html_()
    assert good in status(state="SUCCESS")._repr_html_()
    assert bad in reply()._repr_html_()
    assert good in reply(status=ReplyStatus.APPROVED)._repr_html_()


def test_an_unknown_price_is_said_to_be_unknown() -> None:
    unknown = estimate(ai_credits=None, ai_credits_at_most=None, dollars=None)
    assert "unknown: give it with prices=" in Page(unknown._repr_html_()).text
    assert "0.048873 AI credits" in Page(estimate()._repr_html_()).text
    assert "unknown: give it with platform_credits_per_million_tokens=" in Page(tuning()._repr_html_()).text
    known = tuning(platform_credits=0.5, platform_credits_at_most=0.75)
    assert "0.500000 platform credits; 0.750000 if completions are billed" in Page(known._repr_html_()).text
    assert "AI credits unknown" in Page(run()._repr_html_()).text


def test_a_run_says_what_is_left_and_what_counts() -> None:
    told = Page(run(ai_credits=0.01, ai_credits_counted=0.02, ai_credits_left=0.5)._repr_html_()).text
    assert "0.010000 AI credits; 0.020000 count against the budget" in told
    assert "4 (about 0.500000 AI credits): <script>" in told
    assert "left" not in Page(run(state=RunState.COMPLETE)._repr_html_()).text


def test_a_run_names_the_models_only_where_there_were_several() -> None:
    assert "answered by" not in Page(run(n_by_model={"a": 147})._repr_html_()).text
    assert "answered by140 a, 7 b" in Page(run(n_by_model={"a": 140, "b": 7})._repr_html_()).text


def test_a_job_shows_losses_tokens_and_times() -> None:
    page = Page(
        status(
            job_id="ft_1",
            state="SUCCESS",
            status="SUCCESS",
            progress=1.0,
            training_loss=0.125,
            validation_loss=0.25,
            trained_tokens=27_114,
            options={"max_epochs": 3},
            created_at=MOMENT,
            finished_at=MOMENT,
            error=None,
        )._repr_html_()
    )
    for fact in ("100.0%", "0.1250 training, 0.2500 validation", "27,114", "2026-11-25 09:30:00 UTC"):
        assert fact in page.text
    assert "error" not in page.text


def test_a_reply_shows_the_letter_line_by_line_and_who_reviewed_it() -> None:
    edited = reply(status=ReplyStatus.APPROVED, reviewed_by="Kim", is_edited=True, findings=(), n_tries=2)
    page = Page(edited._repr_html_())
    assert f"Dear Ann,\n{HOSTILE}" in page.text
    assert any("white-space:pre-line" in style for style in page.styles)
    for fact in ("Kim, who edited it", "findingsnone", "tries2"):
        assert fact in page.text
    refused = Page(reply(body=None, outcome=Outcome.REFUSED, findings=(), channel="text_message")._repr_html_()).text
    assert refused.startswith("Text message to ")
    assert "refused" in refused
    assert "words" not in refused


def test_a_plain_label_set_is_a_list_of_names() -> None:
    plain = LabelSet(labels=(Label(name="A"), Label(name="B")), abstain="B")._repr_html_()
    assert "description" not in plain
    assert "none of these" in Page(plain).text


def test_a_long_sample_shows_its_first_tickets() -> None:
    drawn = tuple(SampledTicket(ticket_id=f"T{n}", text_hash="0", text="x") for n in range(12))
    page = Page(LabelSample(table="GOLD", seed=1, n_population=151, tickets=drawn)._repr_html_())
    assert page.text.startswith("12 tickets to label, drawn from 151 for GOLD; the first 10")
    assert "T9" in page.text
    assert "T10" not in page.text


def test_a_load_report_shows_repeated_ids_and_what_was_left_out() -> None:
    loaded = LoadReport(
        table="T",
        was_written=False,
        n_rows=9,
        n_ids=2,
        repeated_ids={f"TR{n}": 2 for n in range(7)},
        n_texts=8,
        n_blank=1,
        n_by_label={"A": 5, "B": 4},
        n_duplicates=2,
        n_rejected=1,
        rejected=None,
        notes=("A note.",),
    )
    told = Page(loaded._repr_html_()).text
    for fact in ("unchanged", "TR0 (2 rows)", "and 2 more", "5 A, 4 B", "2 duplicates", "A note."):
        assert fact in told


def test_a_training_report_without_gold_says_nothing_of_the_teacher() -> None:
    assert "98.0% of 151 tickets" in Page(report()._repr_html_()).text
    assert "gold" not in Page(report(teacher_agreement=None, dropped={})._repr_html_()).text


def test_no_tokens_are_not_zero_tokens() -> None:
    assert "tokens" not in Page(prediction()._repr_html_()).text
    assert "12 read, unknown written" in Page(prediction(input_tokens=12)._repr_html_()).text
