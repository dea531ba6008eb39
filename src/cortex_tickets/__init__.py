"""Support tickets to labels, a training set, a fine-tuned model, a measured comparison and replies.

Importing this package imports neither Snowpark nor DuckDB nor Streamlit.
"""

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
