"""Labelling by a model that tells no probability, with the probability that a head gives to the model's label."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from cortex_tickets._cortex.embedding import count_embed_tokens, embed
from cortex_tickets._cortex.head_labelling import TOLD_COLUMNS, HeadLabelling, scored_table_query
from cortex_tickets._cortex.head_sql import SCORE_COLUMNS, no_head, scored
from cortex_tickets._cortex.labelling import Labelling
from cortex_tickets._cortex.quoting import literal
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.ticket_source import TicketSource


@dataclass(frozen=True)
class ScoredLabelling:
    """Which label does the model give to this text, and how likely is that label by the head?"""

    labelling: Labelling
    head: EmbeddingHead

    name: ClassVar[str] = "classify"
    extra_columns: ClassVar[Mapping[str, str]] = SCORE_COLUMNS
    names_text_once: ClassVar[bool] = False

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the specification."""
        return hashlib.sha256(json.dumps(self.specification(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def labels(self) -> LabelSet:
        """The labels that the model chooses from."""
        return self.labelling.labels

    @property
    def model(self) -> str:
        """The model that gives the label."""
        return self.labelling.model

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that may give it, in order."""
        return self.labelling.candidates

    @property
    def is_listed(self) -> bool:
        """Whether these are among the models that an account lists."""
        return self.labelling.is_listed

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return what the model's answer is expected to have: a vector is no text."""
        return self.labelling.expected_output_tokens(text, read)

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return what the model's answer has at most."""
        return self.labelling.most_output_tokens(text, read)

    def asking(self, model: str) -> Self:
        """Return the same question, with the same hash, put to another of the candidates."""
        return replace(self, labelling=self.labelling.asking(model))

    def specification(self) -> dict[str, Any]:
        """Return all that can change an answer or its probability, as JSON values."""
        return {"labelling": self.labelling.specification(), "score": HeadLabelling(self.head).content()}

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks the model about each row of `relation`, and the head about the model's label.

        A text without a label is not embedded, and has no probability. The embedding's tokens count with the model's.
        Where the head's rows are not what was trained, there is no answer but an error.
        """
        kept = "".join(f"{name}, " for name in passed)
        texts = f"(SELECT {kept}{text} AS INPUT FROM {relation})"
        said = self.labelling.answered(texts, "INPUT", (*passed, "INPUT"))
        model, labelled = self.head.embedding_model, "IFF(LABEL IS NULL, NULL, INPUT)"
        told = ", ".join(name for name in TOLD_COLUMNS if name != "INPUT_TOKENS")
        embedded = (
            f"(SELECT {kept}{told}, INPUT_TOKENS + COALESCE({count_embed_tokens(model, labelled)}, 0) AS INPUT_TOKENS, "
            f"{embed(model, labelled)} AS EMBEDDING FROM ({said}))"
        )
        everything = scored(self.head, embedded, (*passed, *TOLD_COLUMNS), key=passed, of="LABEL")
        without_head = {
            "LABEL": "NULL",
            "OUTCOME": "'error'",
            "ERROR": literal(no_head(self.head)),
            "REPAIR": "NULL",
        }
        shown = ", ".join(
            f"IFF(HAS_HEAD, {name}, {without_head[name]}) AS {name}" if name in without_head else name
            for name in TOLD_COLUMNS
        )
        return f"SELECT {kept}{shown}, {', '.join(SCORE_COLUMNS)} FROM ({everything})"

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that both models read."""
        return f"{self.labelling.token_count(text)} + {count_embed_tokens(self.head.embedding_model, text)}"

    def table_query(self, source: TicketSource) -> str:
        """Return one SELECT over the source, row by row, without bind values: for dbt, a Task, a dynamic table."""
        return scored_table_query(self, source)
