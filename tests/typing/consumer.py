"""Code as a user writes it, checked by mypy strict and by basedpyright strict; it is never run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, assert_type

from snowflake.snowpark import Session as SnowparkSession

import cortex_tickets
from cortex_tickets import (
    Budget,
    BuildProgress,
    BuildStep,
    CalibrationSample,
    Cascade,
    Certificate,
    CheckState,
    Corrections,
    DefectSummary,
    Draft,
    EmbeddingHead,
    EmbeddingStudent,
    Estimate,
    Evaluation,
    Extraction,
    Finding,
    FineTunedModel,
    FineTuneEstimate,
    FineTuneJob,
    FineTuneStatus,
    GoldLabel,
    InvalidInputError,
    LabelSample,
    LabelSet,
    LoadReport,
    Outcome,
    Pipeline,
    Playbook,
    Prediction,
    Preflight,
    Reply,
    ReplyStatus,
    ResponseGenerator,
    ReviewReport,
    RunProgress,
    ScoredStudent,
    Sentiment,
    SentimentLabel,
    Split,
    Summary,
    TableRun,
    Ticket,
    TicketClassifier,
    TicketInsights,
    TicketLabel,
    TicketSource,
    TrainedStudent,
    TrainingSet,
    TrainingSetBuilder,
    Translation,
    evaluate,
    export_pipeline,
    load_gold,
    load_tickets,
    local,
    preflight,
    samples,
    train_student,
)
from cortex_tickets.session import Session
from cortex_tickets.testing import FakeClock, FakeSession


class OwnStatement:
    """What a session of one's own may give: something that can be collected."""

    def collect(self, *, statement_params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return rows."""
        return [dict(statement_params or {})]


class OwnSession:
    """A session that somebody wrote, with no more than the protocol asks for."""

    def sql(self, query: str, params: Sequence[Any] | None = None, *args: Any, **kwargs: Any) -> OwnStatement:
        """Return a lazy statement."""
        del query, params, args, kwargs
        return OwnStatement()


def takes_a_session(session: Session) -> None:
    """Take whatever fits the seam."""
    del session


def sessions_fit(snowpark: SnowparkSession, fake: FakeSession, own: OwnSession) -> None:
    """Give it three kinds of sessions."""
    takes_a_session(snowpark)
    takes_a_session(fake)
    takes_a_session(own)
    takes_a_session("a name")  # type: ignore[arg-type]  # a text is none: were it taken, mypy would call this unused
    assert_type(local.connect(), SnowparkSession)
    faults = local.Faults(seed=7, throttled=0.1, lost_answers=local.Fault(nth=2, matching="INSERT"))
    assert_type(faults.of("throttled"), local.Fault)
    gone = [local.RetiredModel("llama3.1-8b", 3, "LEGACY")]
    assert_type(local.connect(faults=local.Faults(retired=gone)), SnowparkSession)
    assert_type(cortex_tickets.connect("my_connection"), SnowparkSession)


def looking(session: SnowparkSession) -> None:
    """Find out what the account can do."""
    found = preflight(session, schema="DB.S", timeout=None)
    assert_type(found, Preflight)
    assert_type(found.check("AI_COMPLETE").state, CheckState)
    assert_type(found.available_models, tuple[str, ...])


def loading(session: SnowparkSession) -> None:
    """Load tickets and gold."""
    assert_type(load_tickets(session, samples.support_tickets(), table="T"), LoadReport)
    assert_type(load_gold(session, "gold.csv", table="G"), LoadReport)


def is_told(progress: RunProgress) -> None:
    """Listen to a run."""
    assert_type(progress.n_done, int)


def is_built(progress: BuildProgress) -> None:
    """Listen to a build."""
    assert_type(progress.step, BuildStep)
    assert_type(progress.share_done, float)


def labelling(session: SnowparkSession) -> TableRun:
    """Label one, many, a table."""
    names = ["Roaming fees", "Lost phone"]
    classifier = TicketClassifier(session, labels=names, model="llama3.1-8b", clock=FakeClock())
    TicketClassifier(session, labels=LabelSet.of(names), function="AI_CLASSIFY")
    assert_type(classifier.labels, LabelSet)
    assert_type(classifier.estimate("T", into="L"), Estimate)
    assert_type(classifier.classify("a text"), Prediction)
    assert_type(classifier.classify(Ticket(id="T1", text="a text")).outcome, Outcome)
    assert_type(classifier.classify("a text").label, str | None)
    assert_type(classifier.classify_many(["a text", Ticket(id="T1", text="")]), list[Prediction])
    assert_type(classifier.to_sql(TicketSource(table="T")), str)
    assert_type(export_pipeline(classifier, "T", into="L", warehouse="W"), Pipeline)
    run = classifier.classify_table("T", into="L", budget=Budget(ai_credits=1.0), progress=is_told)
    assert_type(run, TableRun)
    assert_type(run.require_complete(), TableRun)
    assert_type(run.resume(), TableRun)
    return run


def training(session: SnowparkSession, run: TableRun) -> FineTunedModel:
    """Build a training set and fine-tune on it."""
    training_set = TrainingSetBuilder(session, seed=7).build("T", into="S", labels=run, gold="G", progress=is_built)
    assert_type(training_set.source, str | None)
    assert_type(training_set, TrainingSet)
    assert_type(TrainingSet.load(session, "S"), TrainingSet)
    assert_type(training_set.rows_query(Split.TEST), str)
    estimate = FineTuneJob.estimate(session, base_model="llama3.1-8b", training_set=training_set)
    assert_type(estimate, FineTuneEstimate)
    assert_type(estimate.platform_credits, float | None)
    job = FineTuneJob.start(session, name="M", base_model="llama3.1-8b", training_set=training_set)
    assert_type(job, FineTuneJob)
    assert_type(FineTuneJob.attach(session, job.id), FineTuneJob)
    assert_type(FineTuneJob.list(session), list[FineTuneStatus])
    assert_type(job.refresh(), FineTuneStatus)
    assert_type(job.cancel(), FineTuneStatus)
    assert_type(FineTunedModel.load(session, "M"), FineTunedModel)
    return assert_type(job.wait(timeout=3600, progress=True), FineTunedModel)


def measuring(session: SnowparkSession, training_set: TrainingSet, model: FineTunedModel) -> None:
    """Compare models."""
    student = TicketClassifier.from_model(session, model)
    assert_type(student, TicketClassifier)
    evaluation = evaluate({"student": student}, on=training_set, chunk_rows=100)
    assert_type(evaluation, Evaluation)
    assert_type(evaluation.require(accuracy={"student": 0.9}), Evaluation)
    evaluation.save("report.html")


def cascading(student: EmbeddingStudent, teacher: TicketClassifier, training_set: TrainingSet) -> Cascade:
    """Certify a student with a teacher behind it, and serve."""
    cascade = Cascade(student, teacher)
    sample = CalibrationSample.labelled(training_set, gold="G")
    certificate = assert_type(
        cascade.certify(sample, target=0.95, delta=0.05, budget=Budget(ai_credits=1)), Certificate
    )
    assert_type(cascade.certify(CalibrationSample.drawn("T", n=400, seed=1), 0.98, attempts=2), Certificate)
    assert_type(certificate.threshold, float)
    assert_type(certificate.credits_per_1000, float | None)
    assert_type(Cascade.load(student, teacher, table="C"), Cascade)
    assert_type(cascade.classify("a text"), Prediction)
    assert_type(cascade.classify_table("T", into="L", progress=is_told), TableRun)
    assert_type(cascade.estimate("T"), Estimate)
    evaluate({"teacher": teacher, "cascade": cascade}, on=training_set)
    return Cascade(student, teacher, certificate=certificate, training_set=training_set)


def replying(session: SnowparkSession, run: TableRun, ticket: Ticket) -> None:
    """Write replies."""
    writer = ResponseGenerator(session, model="claude-haiku-4-5")
    assert_type(writer.reply(ticket, label=None), Reply)
    assert_type(writer.reply(ticket, label="Lost phone").status, ReplyStatus)
    assert_type(writer.reply_many([ticket], labels=["Lost phone"]), list[Reply])
    assert_type(writer.reply_table("T", labels=run, into="R"), TableRun)
    assert_type(writer.replies("T", labels=run, into="R"), list[Reply])
    assert_type(writer.export_for_review("T", labels=run, into="R", path=Path("r.csv"), statuses=["draft"]), int)
    assert_type(writer.import_review("T", labels=run, into="R", path="r.csv", reviewer="Rita"), ReviewReport)
    assert_type(Playbook.default().require_labels(["Lost phone", "Roaming fees"]), Playbook)


def says_no_price(draft: Draft) -> str | None:
    return "It names a price." if "$" in draft.said else None


def says_nothing_else(draft: Draft) -> list[Finding]:
    return [Finding(check="", message=draft.body)]


def checking(session: SnowparkSession) -> None:
    ResponseGenerator(session, model="m", checks=[says_no_price, says_nothing_else], guardrails=True)
    ResponseGenerator(session, model="m", checks={"price": says_no_price})


def insights(session: SnowparkSession, ticket: Ticket) -> None:
    """Say what texts say."""
    asked = TicketInsights(session, model=["claude-haiku-4-5", "llama3.1-8b"])
    assert_type(asked.translate("Hallo", target_language="English"), Translation)
    assert_type(asked.translate_many([ticket], target_language="en"), list[Translation])
    assert_type(asked.sentiment(ticket, aspects=["price"]), Sentiment)
    assert_type(asked.sentiment("a text").sentiment, SentimentLabel | None)
    assert_type(asked.summarize("a text", max_words=100), Summary)
    found = asked.extract("a text", DefectSummary)
    assert_type(found, Extraction[DefectSummary])
    assert_type(found.value, DefectSummary | None)
    assert_type(found.require().product, str)
    assert_type(asked.extract_many(["a text"], DefectSummary), list[Extraction[DefectSummary]])
    assert_type(asked.extract_table("T", DefectSummary, into="D"), TableRun)
    assert_type(asked.extractions(DefectSummary, into="D"), list[Extraction[DefectSummary]])
    assert_type(asked.estimate_extract("T", DefectSummary), Estimate)


def correcting(session: SnowparkSession) -> None:
    """Label by hand."""
    corrections = Corrections(session, table="G", tickets="T", labels=["Lost phone", "Roaming fees"])
    sample = corrections.label_sample(50, seed=7)
    assert_type(sample, LabelSample)
    given = [TicketLabel(ticket_id=ticket.ticket_id, text=ticket.text, label="Lost phone") for ticket in sample.tickets]
    assert_type(corrections.add(given, annotator="Ann", sample=sample), int)
    assert_type(corrections.list(source="correction"), list[GoldLabel])
    assert_type(corrections.export("gold.csv"), int)


def students(session: SnowparkSession, training_set: TrainingSet) -> None:
    """Train what the account can have."""
    student = EmbeddingStudent.train(session, training_set, into="HEADS")
    assert_type(student, EmbeddingStudent)
    assert_type(student.head, EmbeddingHead)
    assert_type(student.classify("a text").probability, float | None)
    assert_type(student.classify_table("T", into="L"), TableRun)
    assert_type(EmbeddingStudent.load(session, "HEADS").labels, LabelSet)
    trained = train_student(session, training_set)
    assert_type(trained, TrainedStudent)
    assert_type(trained.student, TicketClassifier | EmbeddingStudent)
    if isinstance(trained.student, TicketClassifier):
        scored = ScoredStudent(trained.student, student)
        assert_type(scored.classify_many(["a text"]), list[Prediction])
        evaluate({"student": student, "scored": scored}, on=training_set)


def errors_carry_their_facts(error: InvalidInputError) -> None:
    """Read what an error says."""
    assert_type(error.problems, tuple[str, ...])
