"""What the questions about a text have in common: which models, which hash, and how many rows are asked at once."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Self

from cortex_tickets._cortex.answers import AnswerColumns, said_query
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import is_blank

_WHITE = literal(" \t\n\r")


@dataclass(frozen=True, kw_only=True)
class TextQuestion(ABC):
    """One question, put to each text. `hash` covers all that can change an answer, the way it is read excepted."""

    model: str
    """The model that is asked; the function's name where Snowflake chooses the model."""
    models: tuple[str, ...] = ()
    """All the models that may be asked, in order, where there are several."""

    name: ClassVar[str]
    """The operation's word in the runs table."""
    extra_columns: ClassVar[Mapping[str, str]]
    """Columns of the ledger that only this question has, with their types."""

    @property
    @abstractmethod
    def billed(self) -> tuple[str, ...]:
        """Names in the price table of all that one answer bills."""

    @property
    @abstractmethod
    def most_tokens(self) -> int | None:
        """Tokens by `limited_tokens` that are taken at most; `None` if that is unknown."""

    @property
    def limited_by(self) -> str:
        """The function or model whose limit that is."""
        return self.model

    @property
    @abstractmethod
    def output_tokens(self) -> int:
        """Tokens that one answer has at most, whatever the text."""

    @abstractmethod
    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens that the answer is expected to have.

        Args:
            text: Expression of the text.
            read: Expression of the tokens that are read for it.
        """

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens that the answer has at most."""
        del text, read
        return str(self.output_tokens)

    @abstractmethod
    def specification(self) -> dict[str, Any]:
        """Return all that can change an answer, as JSON values."""

    @abstractmethod
    def call(self, text: str) -> str:
        """Return the Cortex call over the expression `text`."""

    @abstractmethod
    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how the call's result is read."""

    @abstractmethod
    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds LABEL, OUTCOME, REPAIR and the extra columns to ANSWER and ERROR."""

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks about `text` of each row of the relation and reads the answers."""
        said = said_query(self.call(text), self.answer_columns("R"), relation, passed)
        return self.read(f"({said})", passed)

    @abstractmethod
    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that are read for the expression `text`."""

    def limited_tokens(self, text: str) -> str:
        """Return an expression for the tokens that the limit holds for."""
        return self.token_count(text)

    @property
    def is_managed(self) -> bool:
        """Whether Snowflake chooses the model, so that there is none to look for among the account's."""
        return self.models == ()

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, of the specification."""
        return hashlib.sha256(json.dumps(self.specification(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that may be asked, in order."""
        return self.models or (self.model,)

    def asking(self, model: str) -> Self:
        """Return the same question, with the same hash, put to another of the candidates."""
        return replace(self, model=model)

    def answers_query(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks about INPUT of each row of the relation and reads the answers."""
        return self.answered(relation, "INPUT", passed)


def passed_on(passed: tuple[str, ...]) -> str:
    """Return the columns of an answer that every layer passes on, for a SELECT list."""
    return "".join(f"{name}, " for name in (*passed, "ANSWER", "ERROR", "INPUT_TOKENS", "OUTPUT_TOKENS"))


def told_error(answer: str = "ANSWER") -> str:
    """Return the expression of what a row's reader is told: why there is no answer, and what to do; NULL for none."""
    too_long = "CONTAINS(LOWER(ERROR), 'max tokens of') OR CONTAINS(LOWER(ERROR), 'over model context window')"
    return (
        f"CASE WHEN {too_long} THEN CONCAT(ERROR, '. Shorten the text, or cut it into parts.') "
        "WHEN ERROR IS NOT NULL THEN ERROR WHEN ANSWER IS NULL THEN 'Snowflake gave neither an answer nor an error' "
        f"WHEN {is_blank(answer)} THEN 'the answer is empty' END"
    )


def json_layer(relation: str, passed: tuple[str, ...], *, of: str = "ANSWER") -> str:
    """Return a SELECT that adds WHOLE and PART: a column as a JSON object, and the object that stands inside its text.

    A model that ignores the schema may put its JSON into a sentence or a code fence. Each is NULL if there is none.
    """
    kept = passed_on(passed)
    braced = (
        f"SUBSTR({of}, POSITION('{{' IN {of}), "
        f"LENGTH({of}) - POSITION('}}' IN REVERSE({of})) - POSITION('{{' IN {of}) + 2)"
    )
    is_object = f"STARTSWITH(LTRIM({of}, {_WHITE}), '{{')"
    whole = f"SELECT {kept}IFF({is_object}, TRY_PARSE_JSON({of}), NULL) AS WHOLE FROM {relation}"
    return (
        f"SELECT {kept}WHOLE, IFF(WHOLE IS NULL AND CONTAINS({of}, '{{'), TRY_PARSE_JSON({braced}), NULL) AS PART "
        f"FROM ({whole})"
    )
