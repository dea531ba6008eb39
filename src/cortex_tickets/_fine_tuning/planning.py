"""What a job would do and cost, and everything that speaks against it, before anything is billed or written."""

from __future__ import annotations

import math
from dataclasses import replace

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tune_checks import (
    PairCounts,
    base_model_problems,
    count_pairs,
    epoch_problems,
    model_name,
    pair_problems,
)
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.models import fine_tuning_limits
from cortex_tickets._fine_tuning.arguments import timeout_problems
from cortex_tickets.errors import InvalidInputError, InvalidTrainingSetError
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.fine_tune_estimate import FineTuneEstimate
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.training_queries import TrainingQueries
from cortex_tickets.training_set import TrainingSet

TrainingPairs = TrainingSet | TrainingQueries
"""What can be trained on."""

_PRICE = "platform_credits_per_million_tokens="
_NO_NAME = TableName(("NO", "SUCH", "MODEL"))
"""Stands for the model where nothing is made."""


class Plan:
    """A job that is planned: its request, and what speaks against it.

    Args:
        client: How statements are sent.
        base_model: The model to tune.
        training_set: What to train on.
        max_epochs: Passes over it; `None` for Snowflake's choice.
        price: Platform credits per million tokens; `None` if unknown.
        timeout: Seconds for the counting statement; `None` for the session's own limit.
    """

    def __init__(
        self,
        client: CortexClient,
        *,
        base_model: str,
        training_set: TrainingPairs,
        max_epochs: int | None,
        price: float | None,
        timeout: float | None,
    ) -> None:
        self._client = client
        self._training_set = training_set
        self._is_priced = price is not None
        self._price = None if _price_problems(price) else price
        self._timeout = None if timeout_problems(timeout) else timeout
        about_model = base_model_problems(client, base_model)
        about_epochs = epoch_problems(max_epochs)
        self.problems = [*about_model, *about_epochs, *_pair_type_problems(training_set)]
        self.problems += [*_price_problems(price), *timeout_problems(timeout)]
        # What is wrong is replaced, so that the pairs can be counted and judged all the same.
        self._base_model = fine_tuning_limits().base_models[0] if about_model else base_model.strip().lower()
        self._max_epochs = None if about_epochs else max_epochs

    def request(self, name: str, budget: Budget | None) -> FineTuneRequest:
        """Return what CREATE shall send.

        Raises:
            InvalidInputError: With every problem; `InvalidTrainingSetError` if only the pairs are at fault.
        """
        problems = [*self.problems, *_budget_problems(budget, is_priced=self._is_priced)]
        model = _NO_NAME
        try:
            model = _qualified(self._client, model_name(name), self._training_set)
        except InvalidInputError as error:
            problems += error.problems
        about_pairs: list[str] = []
        if not _pair_type_problems(self._training_set):
            about_pairs, estimate = self._judged()
            problems += _overspending(budget, estimate) if isinstance(budget, Budget) else []
        if problems:
            raise InvalidInputError([*problems, *about_pairs])
        if about_pairs:
            raise InvalidTrainingSetError(about_pairs)
        return replace(self._request, model=model)

    def estimate(self) -> FineTuneEstimate:
        """Return what the job would train on and cost.

        Raises:
            InvalidInputError: With every problem in the arguments, or if a query cannot run.
        """
        if self.problems:
            raise InvalidInputError(self.problems)
        training, validation = count_pairs(self._client, self._request, timeout=self._timeout)
        return self._estimated(training, validation)

    @property
    def _request(self) -> FineTuneRequest:
        return FineTuneRequest(
            model=_NO_NAME,
            base_model=self._base_model,
            training_query=self._training_set.training_query,
            validation_query=self._training_set.validation_query,
            max_epochs=self._max_epochs,
        )

    def _judged(self) -> tuple[list[str], FineTuneEstimate | None]:
        try:
            training, validation = count_pairs(self._client, self._request, timeout=self._timeout)
        except InvalidInputError as error:
            return list(error.problems), None
        return pair_problems(self._request, training, validation), self._estimated(training, validation)

    def _estimated(self, training: PairCounts, validation: PairCounts) -> FineTuneEstimate:
        epochs = self._request.epochs
        return FineTuneEstimate(
            base_model=self._base_model,
            n_training=training.n_rows,
            n_validation=validation.n_rows,
            tokens_per_epoch=training.n_prompt_tokens,
            completion_tokens_per_epoch=training.n_completion_tokens,
            n_uncounted=training.n_uncounted,
            epochs=epochs,
            trained_tokens=training.n_prompt_tokens * epochs,
            platform_credits=self._cost(training.n_prompt_tokens * epochs),
            platform_credits_at_most=self._cost((training.n_prompt_tokens + training.n_completion_tokens) * epochs),
        )

    def _cost(self, tokens: int) -> float | None:
        return None if self._price is None else tokens * self._price / 1_000_000


def _pair_type_problems(training_set: object) -> list[str]:
    if isinstance(training_set, TrainingPairs):
        return []
    wrong = (
        f"training_set is a {type(training_set).__name__}. Give what TrainingSetBuilder.build returned, "
        "TrainingSet.load(session, table), or TrainingQueries(training_query=..., validation_query=...)."
    )
    return [wrong]


def _price_problems(price: object) -> list[str]:
    if price is None:
        return []
    if isinstance(price, bool) or not isinstance(price, int | float):
        return [f"{_PRICE}{price!r} must be a number, not a {type(price).__name__}; leave it out if it is unknown."]
    if 0 <= price < math.inf:
        return []
    return [f"{_PRICE}{price!r} must be 0 or more; leave it out if it is unknown."]


def _budget_problems(budget: object, *, is_priced: bool) -> list[str]:
    if budget is None:
        return []
    if not isinstance(budget, Budget):
        return [f"budget is a {type(budget).__name__}; give Budget(platform_credits=...), or leave budget= out."]
    if budget.platform_credits is None:
        return ["Fine-tuning is paid in platform credits: give Budget(platform_credits=...), or leave budget= out."]
    if not is_priced:
        return [f"A budget needs a price, and no page that could be read states it: give {_PRICE}..., or no budget="]
    return []


def _overspending(budget: Budget, estimate: FineTuneEstimate | None) -> list[str]:
    limit = budget.platform_credits
    if limit is None or estimate is None or estimate.platform_credits_at_most is None:
        return []
    if estimate.n_uncounted:
        return [f"The tokens of {estimate.n_uncounted:,} pairs could not be counted, so no budget can be kept."]
    if estimate.platform_credits_at_most <= limit:
        return []
    completions = estimate.completion_tokens_per_epoch * estimate.epochs
    too_much = (
        f"The job would cost up to {estimate.platform_credits_at_most:.6f} platform credits "
        f"({estimate.trained_tokens:,} tokens of prompts, and {completions:,} of completions, which may be billed too),"
        f" and the budget is {limit:g}. Train on fewer rows or epochs."
    )
    return [too_much]


def _qualified(client: CortexClient, name: TableName, training_set: object) -> TableName:
    """Return the name with all three parts: a model lies beside its training set unless it is told otherwise."""
    if isinstance(training_set, TrainingSet):
        table = TableName.parse(training_set.table)
        if table.is_full:
            return name.within(*table.parts[:2])
    return fully_qualified(client, name)
