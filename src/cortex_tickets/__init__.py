"""Support tickets to labels, a training set, a fine-tuned model, a measured comparison and replies.

Importing this package imports neither Snowpark nor DuckDB nor Streamlit, and each name only when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cortex_tickets import local, samples, testing
    from cortex_tickets.account_preflight import Preflight, preflight
    from cortex_tickets.calibration_sample import CalibrationSample
    from cortex_tickets.cascade import Cascade
    from cortex_tickets.connecting import connect
    from cortex_tickets.corrections import Corrections
    from cortex_tickets.deployment import Deployment, export_app, export_package, export_procedure
    from cortex_tickets.embedding_student import EmbeddingStudent
    from cortex_tickets.errors import (
        AccessDeniedError,
        CallError,
        CertificateMismatchError,
        ConnectionLostError,
        CortexError,
        CortexTicketsError,
        FineTuneCancelledError,
        FineTuneError,
        FineTuneFailedError,
        FineTuneRefusedError,
        FineTuneTimeoutError,
        IncompleteRunError,
        InvalidInputError,
        InvalidTrainingSetError,
        LedgerInUseError,
        MissingExtraError,
        ModelNotFoundError,
        NotCertifiedError,
        ObjectNotFoundError,
        PromptMismatchError,
        RequirementError,
        StatementTimeoutError,
        TextRefusedError,
        TransientCortexError,
        UnexpectedAnswerError,
        UnsupportedStatementError,
    )
    from cortex_tickets.evaluation import Evaluation, evaluate
    from cortex_tickets.fine_tune_job import FineTuneJob
    from cortex_tickets.fine_tuned_model import FineTunedModel
    from cortex_tickets.leakage import LeakageSweep, leakage_sweep
    from cortex_tickets.pipeline_export import Pipeline, export_pipeline
    from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
    from cortex_tickets.records.actual_cost import ActualCost
    from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
    from cortex_tickets.records.build_progress import BuildProgress, BuildStep
    from cortex_tickets.records.certificate import Certificate
    from cortex_tickets.records.defect_summary import DefectSummary
    from cortex_tickets.records.draft import Draft
    from cortex_tickets.records.embedding_head import EmbeddingHead
    from cortex_tickets.records.extraction import Extraction
    from cortex_tickets.records.fine_tune_estimate import FineTuneEstimate
    from cortex_tickets.records.fine_tune_status import FineTuneStatus
    from cortex_tickets.records.gold_label import GoldLabel, GoldSource
    from cortex_tickets.records.label_sample import LabelSample, SampledTicket
    from cortex_tickets.records.label_set import Label, LabelSet
    from cortex_tickets.records.load_report import LoadReport
    from cortex_tickets.records.playbook import Playbook, PlaybookEntry
    from cortex_tickets.records.prediction import Outcome, Prediction
    from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck
    from cortex_tickets.records.reply import Channel, Finding, Reply, ReplyStatus
    from cortex_tickets.records.reply_decision import ReplyDecision
    from cortex_tickets.records.review_report import ReviewReport
    from cortex_tickets.records.run_progress import RunProgress
    from cortex_tickets.records.sentiment import Sentiment, SentimentLabel
    from cortex_tickets.records.split import Shares, Split
    from cortex_tickets.records.summary import Summary
    from cortex_tickets.records.ticket import Ticket
    from cortex_tickets.records.ticket_label import TicketLabel
    from cortex_tickets.records.ticket_source import TicketSource
    from cortex_tickets.records.training_queries import TrainingQueries
    from cortex_tickets.records.translation import Translation
    from cortex_tickets.response_generator import ResponseGenerator
    from cortex_tickets.scored_student import ScoredStudent
    from cortex_tickets.student_training import TrainedStudent, train_student
    from cortex_tickets.table_run import RunState, TableRun
    from cortex_tickets.ticket_classifier import TicketClassifier
    from cortex_tickets.ticket_insights import TicketInsights
    from cortex_tickets.ticket_loading import load_gold, load_tickets
    from cortex_tickets.training_set import TrainingSet
    from cortex_tickets.training_set_builder import TrainingSetBuilder

_MODULES = ("local", "samples", "testing")
_WHERE = {
    "AccessDeniedError": "errors",
    "ActualCost": "records.actual_cost",
    "Budget": "records.budget",
    "BuildProgress": "records.build_progress",
    "BuildStep": "records.build_progress",
    "CalibrationSample": "calibration_sample",
    "CallError": "errors",
    "Cascade": "cascade",
    "Certificate": "records.certificate",
    "CertificateMismatchError": "errors",
    "Channel": "records.reply",
    "CheckGroup": "records.preflight_check",
    "CheckState": "records.preflight_check",
    "ClassificationPrompt": "prompts.classification_prompt",
    "ConnectionLostError": "errors",
    "Corrections": "corrections",
    "CortexError": "errors",
    "CortexTicketsError": "errors",
    "DefectSummary": "records.defect_summary",
    "Deployment": "deployment",
    "Draft": "records.draft",
    "EmbeddingHead": "records.embedding_head",
    "EmbeddingStudent": "embedding_student",
    "Estimate": "records.budget",
    "Evaluation": "evaluation",
    "Extraction": "records.extraction",
    "Finding": "records.reply",
    "FineTuneCancelledError": "errors",
    "FineTuneError": "errors",
    "FineTuneEstimate": "records.fine_tune_estimate",
    "FineTuneFailedError": "errors",
    "FineTuneJob": "fine_tune_job",
    "FineTuneRefusedError": "errors",
    "FineTuneStatus": "records.fine_tune_status",
    "FineTuneTimeoutError": "errors",
    "FineTunedModel": "fine_tuned_model",
    "GoldLabel": "records.gold_label",
    "GoldSource": "records.gold_label",
    "IncompleteRunError": "errors",
    "InvalidInputError": "errors",
    "InvalidTrainingSetError": "errors",
    "Label": "records.label_set",
    "LabelSample": "records.label_sample",
    "LabelSet": "records.label_set",
    "LeakageSweep": "leakage",
    "LedgerInUseError": "errors",
    "LoadReport": "records.load_report",
    "MissingExtraError": "errors",
    "ModelNotFoundError": "errors",
    "ModelPrice": "records.budget",
    "NotCertifiedError": "errors",
    "ObjectNotFoundError": "errors",
    "Outcome": "records.prediction",
    "Pipeline": "pipeline_export",
    "Playbook": "records.playbook",
    "PlaybookEntry": "records.playbook",
    "Prediction": "records.prediction",
    "Preflight": "account_preflight",
    "PreflightCheck": "records.preflight_check",
    "PromptMismatchError": "errors",
    "Reply": "records.reply",
    "ReplyDecision": "records.reply_decision",
    "ReplyStatus": "records.reply",
    "RequirementError": "errors",
    "ResponseGenerator": "response_generator",
    "ReviewReport": "records.review_report",
    "RunProgress": "records.run_progress",
    "RunState": "table_run",
    "SampledTicket": "records.label_sample",
    "ScoredStudent": "scored_student",
    "Sentiment": "records.sentiment",
    "SentimentLabel": "records.sentiment",
    "Shares": "records.split",
    "Split": "records.split",
    "StatementTimeoutError": "errors",
    "Summary": "records.summary",
    "TableRun": "table_run",
    "TextRefusedError": "errors",
    "Ticket": "records.ticket",
    "TicketClassifier": "ticket_classifier",
    "TicketInsights": "ticket_insights",
    "TicketLabel": "records.ticket_label",
    "TicketSource": "records.ticket_source",
    "TrainedStudent": "student_training",
    "TrainingQueries": "records.training_queries",
    "TrainingSet": "training_set",
    "TrainingSetBuilder": "training_set_builder",
    "TransientCortexError": "errors",
    "Translation": "records.translation",
    "UnexpectedAnswerError": "errors",
    "UnsupportedStatementError": "errors",
    "connect": "connecting",
    "evaluate": "evaluation",
    "export_app": "deployment",
    "export_package": "deployment",
    "export_pipeline": "pipeline_export",
    "export_procedure": "deployment",
    "leakage_sweep": "leakage",
    "load_gold": "ticket_loading",
    "load_tickets": "ticket_loading",
    "preflight": "account_preflight",
    "train_student": "student_training",
}
"""Where each public name is defined; a test holds it against the imports above."""

__all__ = [
    "AccessDeniedError",
    "ActualCost",
    "Budget",
    "BuildProgress",
    "BuildStep",
    "CalibrationSample",
    "CallError",
    "Cascade",
    "Certificate",
    "CertificateMismatchError",
    "Channel",
    "CheckGroup",
    "CheckState",
    "ClassificationPrompt",
    "ConnectionLostError",
    "Corrections",
    "CortexError",
    "CortexTicketsError",
    "DefectSummary",
    "Deployment",
    "Draft",
    "EmbeddingHead",
    "EmbeddingStudent",
    "Estimate",
    "Evaluation",
    "Extraction",
    "Finding",
    "FineTuneCancelledError",
    "FineTuneError",
    "FineTuneEstimate",
    "FineTuneFailedError",
    "FineTuneJob",
    "FineTuneRefusedError",
    "FineTuneStatus",
    "FineTuneTimeoutError",
    "FineTunedModel",
    "GoldLabel",
    "GoldSource",
    "IncompleteRunError",
    "InvalidInputError",
    "InvalidTrainingSetError",
    "Label",
    "LabelSample",
    "LabelSet",
    "LeakageSweep",
    "LedgerInUseError",
    "LoadReport",
    "MissingExtraError",
    "ModelNotFoundError",
    "ModelPrice",
    "NotCertifiedError",
    "ObjectNotFoundError",
    "Outcome",
    "Pipeline",
    "Playbook",
    "PlaybookEntry",
    "Prediction",
    "Preflight",
    "PreflightCheck",
    "PromptMismatchError",
    "Reply",
    "ReplyDecision",
    "ReplyStatus",
    "RequirementError",
    "ResponseGenerator",
    "ReviewReport",
    "RunProgress",
    "RunState",
    "SampledTicket",
    "ScoredStudent",
    "Sentiment",
    "SentimentLabel",
    "Shares",
    "Split",
    "StatementTimeoutError",
    "Summary",
    "TableRun",
    "TextRefusedError",
    "Ticket",
    "TicketClassifier",
    "TicketInsights",
    "TicketLabel",
    "TicketSource",
    "TrainedStudent",
    "TrainingQueries",
    "TrainingSet",
    "TrainingSetBuilder",
    "TransientCortexError",
    "Translation",
    "UnexpectedAnswerError",
    "UnsupportedStatementError",
    "connect",
    "evaluate",
    "export_app",
    "export_package",
    "export_pipeline",
    "export_procedure",
    "leakage_sweep",
    "load_gold",
    "load_tickets",
    "local",
    "preflight",
    "samples",
    "testing",
    "train_student",
]


def _found(name: str) -> object:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = value  # found once, an ordinary attribute from then on
    return value


if not TYPE_CHECKING:
    # Hidden from type checkers, to which any name at all would exist otherwise.
    __getattr__ = _found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
