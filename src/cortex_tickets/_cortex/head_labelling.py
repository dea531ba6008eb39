"""Labelling by a linear head over embeddings, as an operation: one statement, no UDF."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol, Self

from cortex_tickets._cortex.embedding import count_embed_tokens, embed
from cortex_tickets._cortex.head_sql import SCORE_COLUMNS, no_head, scored
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.ticket_source import TicketSource

TOLD_COLUMNS = ("LABEL", "OUTCOME", "ANSWER", "ERROR", "REPAIR", "INPUT_TOKENS", "OUTPUT_TOKENS")

"""What an answer has beside its score."""


class Answering(Protocol):
    """What asks, and gives each answer a score."""

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks about each row of `relation` and reads the answers."""
        ...


@dataclass(frozen=True)
class HeadLabelling:
    """Which label does the head give to this text?"""

    head: EmbeddingHead

    name: ClassVar[str] = "classify"
    extra_columns: ClassVar[Mapping[str, str]] = SCORE_COLUMNS
    names_text_once: ClassVar[bool] = False
    is_listed: ClassVar[bool] = False

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of all that can change an answer."""
        return hashlib.sha256(json.dumps(self.content(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def labels(self) -> LabelSet:
        """The labels."""
        return self.head.labels

    @property
    def model(self) -> str:
        """The model that embeds."""
        return self.head.embedding_model

    @property
    def candidates(self) -> tuple[str, ...]:
        """The one model whose vectors the head knows."""
        return (self.model,)

    def asking(self, model: str) -> Self:
        """Return itself: a head is of one model.

        Raises:
            ValueError: If another model is asked for.
        """
        if model != self.model:
            raise ValueError(f"The head was trained on {self.model} and not on {model}.")
        return self

    def specification(self) -> dict[str, Any]:
        """Return what a run is about, as JSON values: what can change an answer, and the labels that it learned under.

        A label that no training row had changes no answer, but whoever trains on these answers has to offer it.
        """
        return {**self.content(), "label_set": self.labels.model_dump(mode="json")}

    def content(self) -> dict[str, Any]:
        """Return all that can change an answer, as JSON values."""
        return {
            "function": "AI_EMBED",
            "models": [self.model],
            "text": self.head.text_rule,
            "head": self.head.head_hash,
            "labels": list(self.head.learned),
            "abstain": self.labels.abstain,
            "dimension": self.head.dimension,
            "temperature": self.head.temperature,
        }

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that embeds `text` of each row of `relation`, once, and gives its label.

        Args:
            relation: What stands after FROM, a condition included.
            text: Expression of the ticket's text; it stands there twice.
            passed: Columns of the relation that are passed on; together they tell its rows apart.
        """
        kept = "".join(f"{name}, " for name in passed)
        embedded = (
            f"(SELECT {kept}{embed(self.model, text)} AS EMBEDDING, "
            f"{count_embed_tokens(self.model, text)} AS INPUT_TOKENS FROM {relation})"
        )
        said = scored(self.head, embedded, (*passed, "INPUT_TOKENS"), key=passed)
        abstain = self.labels.abstain
        abstained = "" if abstain is None else f"WHEN SCORED = {literal(abstain)} THEN 'abstained' "
        return (
            f"SELECT {kept}SCORED AS LABEL, "
            f"CASE WHEN SCORED IS NULL THEN 'error' {abstained}ELSE 'valid' END AS OUTCOME, "
            f"SCORED AS ANSWER, CASE WHEN NOT HAS_HEAD THEN {literal(no_head(self.head))} "
            "WHEN SCORED IS NULL THEN 'Snowflake gave neither a vector nor an error' END AS ERROR, "
            f"NULL::VARCHAR AS REPAIR, INPUT_TOKENS, 0 AS OUTPUT_TOKENS, "
            f"{', '.join(SCORE_COLUMNS)} FROM ({said})"
        )

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that the model reads."""
        return count_embed_tokens(self.model, text)

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return that nothing is written: a vector is no text."""
        del text, read
        return "0"

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return that nothing is written."""
        del text, read
        return "0"

    def table_query(self, source: TicketSource) -> str:
        """Return one SELECT over the source, row by row, without bind values: for dbt, a Task, a dynamic table."""
        return scored_table_query(self, source)


def manifest_hash(head: EmbeddingHead) -> str:
    """Return the hash of what a head's manifest says of its answers: weights alone are no answers."""
    content = HeadLabelling(head).specification()
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def scored_table_query(operation: Answering, source: TicketSource) -> str:
    """Return one SELECT that labels every row of the source; blank texts are not sent."""
    id_, text = source.column("id"), source.column("text")
    # Rows equal in id and text stand apart by their number.
    rows = (
        f"(SELECT {id_}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH, "
        f"IFF({is_blank(text)}, NULL, {text}) AS INPUT, "
        f"ROW_NUMBER() OVER (PARTITION BY {id_}::VARCHAR, {text_hash(text)} ORDER BY {id_}::VARCHAR) AS NTH "
        f"FROM {source.relation})"
    )
    answers = operation.answered(f"{rows} WHERE INPUT IS NOT NULL", "INPUT", ("TICKET_ID", "TEXT_HASH", "NTH"))
    columns = (*TOLD_COLUMNS, *SCORE_COLUMNS)
    blank = {"OUTCOME": "'blank'", "INPUT_TOKENS": "NULL::NUMBER", "OUTPUT_TOKENS": "NULL::NUMBER"}
    nothing = {name: f"NULL::{kind}" for name, kind in SCORE_COLUMNS.items()}
    told = ", ".join(f"{({**nothing, **blank}).get(name, 'NULL::VARCHAR')} AS {name}" for name in columns)
    return (
        f"SELECT TICKET_ID, TEXT_HASH, {', '.join(columns)} FROM ({answers}) "
        f"UNION ALL SELECT TICKET_ID, TEXT_HASH, {told} FROM {rows} WHERE INPUT IS NULL"
    )
