"""Several models for one question: the first that the account has is asked, and the next where it does not answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, Self, TypeVar

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.failures import FailureClass, failure_class, without_values
from cortex_tickets._cortex.models import available_model
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, ModelNotFoundError


class Question(Protocol):
    """Something that can be put to one of several models."""

    @property
    def model(self) -> str:
        """The model that is asked now."""
        ...

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models that may be asked, in order."""
        ...

    def asking(self, model: str) -> Self:
        """Return the same question, put to another of the candidates."""
        ...


AnyQuestion = TypeVar("AnyQuestion", bound=Question)


def put_to_next(question: AnyQuestion, refusal: ModelNotFoundError) -> AnyQuestion:
    """Return the question, put to the model after the one that refused.

    Raises:
        ModelNotFoundError: The refusal itself, where there is no further model.
    """
    following = question.candidates[question.candidates.index(question.model) + 1 :]
    if not following:
        raise refusal
    return question.asking(following[0])


def refusal_of_rows(model: str, errors: Sequence[str | None]) -> ModelNotFoundError | None:
    """Return the model's refusal where every row has it as its error, as an exception would tell it; else `None`."""
    first = errors[0] if errors and all(error is not None for error in errors) else None
    if first is None or failure_class(first) is not FailureClass.NEXT_MODEL:
        return None
    return ModelNotFoundError(f"Cortex, in every row: {without_values(first)}", model=model)


def answered(
    client: CortexClient,
    question: AnyQuestion,
    statement_of: Callable[[AnyQuestion], Statement],
    *,
    is_listed: bool = True,
    timeout: float | None = None,
) -> tuple[AnyQuestion, list[Row]]:
    """Return what was asked in the end, and its rows, which have an ERROR each.

    Args:
        client: How statements are sent.
        question: What is asked.
        statement_of: Makes the statement that asks it.
        is_listed: Whether its models are among those that an account lists, as fine-tuned ones are not.
        timeout: Seconds for each statement, retries included; `None` for the client's own limit.

    Raises:
        InvalidInputError: If the account has none of the models.
        ModelNotFoundError: If none of them answers, although the account lists one.
        CortexError: If Snowflake fails otherwise.
    """
    while True:
        rows: list[Row] = []
        try:
            rows = client.rows(statement_of(question), timeout=timeout)
            refusal = refusal_of_rows(question.model, [row["ERROR"] for row in rows])
        except ModelNotFoundError as error:
            refusal = error
        if refusal is None:
            return question, rows
        try:
            question = put_to_next(question, refusal)
        except ModelNotFoundError as error:
            problems = available_model(client, question.candidates)[1] if is_listed else []
            raise (InvalidInputError(problems) if problems else error) from error
