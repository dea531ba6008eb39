"""Labelling as an operation: which function, which model, which prompt, and how its answers are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Self

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.answers import AnswerColumns, LabelReading, classify_columns, complete_columns, said_query
from cortex_tickets._cortex.expected_tokens import name_tokens, object_tokens
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.learned_from import LearnedFrom
from cortex_tickets.records.ticket_source import TicketSource

MANAGED_MODEL = "AI_CLASSIFY"
"""What stands as the model where Snowflake chooses it."""
_BYTES_PER_TOKEN = 3
"""Of UTF-8; fewer than the usual four letters, so that an estimate of what is written is not too low."""
_JSON_TOKENS = 10
"""Tokens of the braces, quotes, colon and key around a label, at one for each sign."""


@dataclass(frozen=True)
class Labelling:
    """One question, put to each ticket: which of these labels?

    `hash` covers everything that can change an answer; how the answer is read is not among it.
    """

    function: Literal["AI_COMPLETE", "AI_CLASSIFY"]
    model: str
    prompt: ClassificationPrompt
    is_constrained: bool
    """Whether the answer is held to a JSON schema; a fine-tuned model answers with the bare label instead."""
    parameters: Mapping[str, object] = field(default_factory=lambda: {"temperature": 0, "max_tokens": 256})
    counting_model: str | None = None
    """The model that tokens are counted for; fine-tuned models cannot be counted, their base model can."""
    models: tuple[str, ...] = ()
    """All the models that may be asked, in order, where there are several."""
    is_tuned: bool = False
    """Whether the model was fine-tuned: no account lists it."""
    learned: LearnedFrom | None = None
    """What a fine-tuned model was trained on; `None` for another model, and where nobody knows."""

    name = "classify"
    names_text_once = True
    extra_columns: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the specification."""
        return hashlib.sha256(json.dumps(self.specification(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def labels(self) -> LabelSet:
        """The labels."""
        return self.prompt.labels

    @property
    def is_listed(self) -> bool:
        """Whether its models are among those that an account lists: neither fine-tuned nor Snowflake's choice."""
        return self.function == "AI_COMPLETE" and not self.is_tuned

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that may be asked, in order."""
        return self.models or (self.model,)

    def asking(self, model: str) -> Self:
        """Return the same question, with the same hash, put to another of the candidates."""
        return replace(self, model=model, models=self.candidates)

    def specification(self) -> dict[str, Any]:
        """Return all that can change an answer, as JSON values."""
        return {
            "function": self.function,
            "models": list(self.candidates),
            "prompt": self.prompt.content(),
            "parameters": dict(self.parameters) if self.function == "AI_COMPLETE" else {},
            "schema": self._schema,
        }

    def call(self, text: str) -> str:
        """Return the Cortex call over the expression `text`."""
        if self.function == "AI_CLASSIFY":
            return calls.classify(text, self._categories(), self._classify_config())
        return calls.complete(
            self.model, calls.rendered_prompt(self.prompt, text), parameters=self.parameters, schema=self._schema
        )

    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how the call's result is read."""
        return classify_columns(result) if self.function == "AI_CLASSIFY" else complete_columns(result)

    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds LABEL, OUTCOME and REPAIR to ANSWER and ERROR."""
        reading = LabelReading(self.prompt.labels.names, self.prompt.labels.abstain)
        return reading.layers(relation, passed=passed)

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that the model reads."""
        if self.function == "AI_CLASSIFY":
            return calls.count_classify_tokens(text, self._categories(), self._classify_config())
        return calls.count_tokens(self.counting_model or self.model, calls.rendered_prompt(self.prompt, text))

    @cached_property
    def output_tokens(self) -> int:
        """Tokens that one answer has at most: the longest label, in JSON where it is constrained."""
        # A sign of a language that tokenizers know little is a token or more; in UTF-8 it has three bytes.
        longest = max(len(name.encode()) for name in self.prompt.labels.names)
        return -(-longest // _BYTES_PER_TOKEN) + (_JSON_TOKENS if self.is_constrained else 1)

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return the tokens of a label, all being equally frequent, and of the JSON around it."""
        del text, read
        return f"{name_tokens(self.prompt.labels.names) + (object_tokens(1) if self.is_constrained else 0):.1f}"

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens that one answer has at most."""
        del text, read
        return str(self.output_tokens)

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks about each row of `relation` and reads the answers.

        Args:
            relation: What stands after FROM, a condition included; empty for no relation, where `text` is a bind mark.
            text: Expression of the ticket's text.
            passed: Columns of the relation that are passed on.
        """
        said = said_query(self.call(text), self.answer_columns("R"), relation, passed)
        return self.read(f"({said})", passed)

    def table_query(self, source: TicketSource) -> str:
        """Return one SELECT over the source, row by row, without bind values: for dbt, a Task, a dynamic table."""
        id_, text = source.column("id"), source.column("text")
        # A blank text becomes a NULL prompt, which is answered with NULL and not sent to a model.
        rows = (
            f"(SELECT {id_}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH, "
            f"IFF({is_blank(text)}, NULL, {text}) AS INPUT FROM {source.relation})"
        )
        answers = self.answered(rows, "INPUT", ("TICKET_ID", "TEXT_HASH", "INPUT"))
        return (
            "SELECT TICKET_ID, TEXT_HASH, LABEL, IFF(INPUT IS NULL, 'blank', OUTCOME) AS OUTCOME, ANSWER, "
            "IFF(INPUT IS NULL, NULL, ERROR) AS ERROR, REPAIR, INPUT_TOKENS, OUTPUT_TOKENS "
            f"FROM ({answers})"
        )

    @property
    def _schema(self) -> dict[str, Any] | None:
        return calls.label_schema(self.prompt.labels.names) if self.is_constrained else None

    def _categories(self) -> list[Any]:
        labels = self.prompt.labels.labels
        if all(label.description is None for label in labels):
            return [label.name for label in labels]
        # All categories must be of one type, and a description may not be missing in the object form.
        return [{"label": label.name, "description": label.description or label.name} for label in labels]

    def _classify_config(self) -> dict[str, Any]:
        examples = [
            {"input": example, "labels": [label.name], "explanation": f"It is about {label.name}."}
            for label in self.prompt.labels.labels
            for example in label.examples
        ]
        config: dict[str, Any] = {"task_description": "Choose the label that fits the support ticket best."}
        return {**config, "examples": examples} if examples else config
