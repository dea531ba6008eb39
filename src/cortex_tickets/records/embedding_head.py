"""A linear head over embeddings, as its manifest tells of it; the weights stay in their table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import Field

from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.record import Received
from cortex_tickets.records.split import Split


class EmbeddingHead(Received):
    """A trained head: how a text becomes a vector, a vector a number for each label, and these probabilities."""

    table: str
    """The table that holds the weights, one row for each label."""
    version: int
    """Its number in the table, from 1."""
    head_hash: str
    """SHA-256, in hexadecimal, of labels, biases and weights: the key of its rows."""
    labels: LabelSet
    """The labels, as the training set had them."""
    learned: tuple[str, ...]
    """The labels that it can give, in the order of its rows: all that a ticket of the training split has."""
    embedding_model: str
    """The model of AI_EMBED."""
    dimension: int
    """Numbers in a vector."""
    text_rule: str
    """What of a ticket is embedded, at training and at serving alike; `as it is` for the text untouched."""
    temperature: float
    """What the numbers of the labels are divided by before the softmax; above 1 makes probabilities less sure."""
    scale_bits: int
    """Weights and biases are whole multiples of 2 to the power of minus this."""
    inverse_regularisation: float
    """Scikit-learn's `C`, as cross validation on the training split chose it."""
    training_set_id: str
    """The training set."""
    training_table: str
    """The table that holds it."""
    n_training: int
    """Rows that were trained on."""
    n_validation: int
    """Rows that the temperature was fitted on."""
    n_texts: int
    """Distinct texts that were embedded."""
    input_tokens: int | None
    """Tokens of these texts as AI_COUNT_TOKENS counts them; `None` if it counted none."""
    validation_accuracy: float
    """Share of the validation rows whose label it gives, 0 to 1. They chose the temperature, which moves no label."""
    validation_log_loss: float
    """Mean negative logarithm of the probability of the validation rows' labels, in nats, at the fitted temperature."""
    manifest_hash: str | None = None
    """SHA-256, in hexadecimal, of all in here that can change an answer, temperature and model included; `None` before
    it was written."""
    created_at: datetime | None = None
    """When it was written, by the server's clock, in UTC; `None` before that."""
    schema_version: int = 1
    """Version of the form of tables and manifest."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """What later versions of the package add."""

    def n_rows(self, split: Split) -> int:
        """Return how many rows of a split it was made with; none of the test split."""
        return {Split.TRAINING: self.n_training, Split.VALIDATION: self.n_validation}.get(split, 0)
