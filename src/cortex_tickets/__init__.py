"""Support tickets to labels, a training set, a fine-tuned model, a measured comparison and replies.

Importing this package imports neither Snowpark nor DuckDB nor Streamlit.
"""

from cortex_tickets.connecting import connect
from cortex_tickets.errors import (
    AccessDeniedError,
    CallError,
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
    MissingExtraError,
    ModelNotFoundError,
    ObjectNotFoundError,
    PromptMismatchError,
    RequirementError,
    StatementTimeoutError,
    TransientCortexError,
    UnexpectedAnswerError,
    UnsupportedStatementError,
)
from cortex_tickets.evaluation import Evaluation, evaluate
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.prediction import Outcome, Prediction
from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.records.reply import Channel, Finding, Reply, ReplyStatus
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.ticket_classifier import TicketClassifier
from cortex_tickets.ticket_loading import load_gold, load_tickets
from cortex_tickets.training_set import Split, TrainingSet
from cortex_tickets.training_set_builder import TrainingSetBuilder
