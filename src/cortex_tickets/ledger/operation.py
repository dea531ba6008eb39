"""What a table operation asks, of which rows, and how it reads the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

from cortex_tickets._cortex.text_sql import text_hash


class Operation(Protocol):
    """One question to one model, the same for every row: labelling, a reply, a translation."""

    @property
    def name(self) -> str:
        """The operation's word in the runs table, such as `classify`."""
        ...

    @property
    def hash(self) -> str:
        """SHA-256 of everything that could change an answer."""
        ...

    @property
    def model(self) -> str:
        """The model that is asked now."""
        ...

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that may be asked, in order; the hash covers them all."""
        ...

    def asking(self, model: str) -> Self:
        """Return the same question, with the same hash, put to another of the candidates."""
        ...

    @property
    def extra_columns(self) -> Mapping[str, str]:
        """Columns of the ledger that this operation's answers have beside LABEL and the like, with their types.

        ANSWERED_BY is among them where several may answer; else it is `model`.
        """
        ...

    def answered(self, relation: str, text: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that asks about each row of `relation` and reads the answers.

        Args:
            relation: What stands after FROM, a condition included.
            text: Expression of what is asked about.
            passed: Columns of the relation that are passed on; together they tell its rows apart.

        Returns:
            Its columns are `passed`, LABEL, OUTCOME, ANSWER, ERROR, REPAIR, INPUT_TOKENS, OUTPUT_TOKENS and the extra
            columns.
        """
        ...

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that the model reads for the expression `text`."""
        ...

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens that the answer to `text` is expected to have: what an estimate says.

        Args:
            text: Expression of what is asked about.
            read: Expression of the tokens that are read for it.
        """
        ...

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens that the answer has at most: what a hard stop rests on.

        Args:
            text: Expression of what is asked about.
            read: Expression of the tokens that are read for it.
        """
        ...

    def specification(self) -> dict[str, Any]:
        """Return all that the hash covers, as JSON values, to be stored with the run."""
        ...


@dataclass(frozen=True, slots=True)
class WorkSource:
    """The rows that an operation works on, as SQL."""

    relation: str
    """What stands after FROM."""
    id: str
    """Expression of the ticket's id."""
    text: str
    """Expression of all that is asked about; blank or NULL means that there is nothing to ask."""
    name: str
    """How messages call it."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Expressions, by ledger column, of what is copied from the source into the ledger."""
    key: str | None = None
    """Expression of what tells one question from another where that is more than `text`, such as whom it is for."""

    @property
    def text_hash(self) -> str:
        """Expression of TEXT_HASH: questions that have the same one are asked once."""
        return text_hash(self.key or self.text)
