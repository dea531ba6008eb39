"""A student that needs no fine-tuning: embeddings, and a linear head over them that lives in a table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Self

from cortex_tickets._classifying.verbs import ClassifierVerbs
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.head_check import head_problems
from cortex_tickets._cortex.head_labelling import HeadLabelling
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._heads.inputs import trained_on_problems
from cortex_tickets._heads.storing import loaded
from cortex_tickets._heads.training import estimate_head, train_head
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.problems import Problems, seconds_problems, whole_number_problems
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session
from cortex_tickets.training_set import TrainingSet

__all__ = ["EmbeddingStudent"]

DEFAULT_MODEL = "snowflake-arctic-embed-l-v2.0"
_TAG = json.dumps({"app": "cortex_tickets", "operation": "train_head"})


class EmbeddingStudent(ClassifierVerbs):
    """Labels tickets by a linear head over AI_EMBED's vectors: one SQL statement, no UDF, nothing to deploy.

    Made by `train`, or found by `load`. It does all that a `TicketClassifier` does, and each of its answers has a
    probability and a runner-up. Its head is a table, so whoever may read that may label. Before each verb one free
    statement hashes the head's rows in the warehouse: a head that is missing or was changed labels nothing.

    The constructor stores; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        head: The head, as `train` and `load` give it.
        prices: The embedding model's price, by its name: no source that could be read states it.
        clock: Time; a fake one in tests.

    Source:
        [AI_EMBED](https://docs.snowflake.com/en/sql-reference/functions/ai_embed) and
        [vector functions](https://docs.snowflake.com/en/sql-reference/functions-vector), read 2026-11-22.
    """

    def __init__(
        self,
        session: Session,
        *,
        head: EmbeddingHead,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        operation = HeadLabelling(head)
        super().__init__(session, operation, is_tuned=True, prices=prices, clock=clock)
        self._head = head
        self._labelling = operation

    @classmethod
    def train(
        cls,
        session: Session,
        training_set: TrainingSet,
        *,
        into: str | None = None,
        embedding_model: str = DEFAULT_MODEL,
        dimension: int | None = None,
        budget: Budget | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Return a student of this training set: trained now, or found where the same was trained before.

        The warehouse embeds the distinct texts of the training and the validation split, which is billed; their
        vectors come to the client, at most 20,000 rows of each split, where scikit-learn fits a logistic regression
        on the training split, its `C` chosen by cross validation there. One temperature is fitted on the validation
        split. The test split is not read. The head is then written as the next version in `into`, all or nothing;
        no version is ever overwritten. The same training set and model give the head that is there, and bill nothing.

        Args:
            session: Where to train, and where the student labels.
            training_set: What `TrainingSetBuilder.build` made.
            into: The table of heads; `None` for the training set's table with `_HEADS` added. Its manifest is
                `<into>_MANIFEST`. Both are made if they are not there.
            embedding_model: A text model of AI_EMBED.
            dimension: Numbers in the model's vectors; only for a model that is newer than this package.
            budget: AI credits that the vectors may cost, counted beforehand; `None` for no limit.
            prices: The embedding model's price, by its name, which a budget needs.
            timeout: Seconds for all statements together; fitting is not among them. `None` for no limit.
            clock: Time; a fake one in tests.

        Raises:
            MissingExtraError: If scikit-learn is not installed: the extra `train`. Labelling needs none.
            InvalidTrainingSetError: Before anything is billed: a label with fewer than two training rows, or no
                validation rows, where nothing else is wrong.
            InvalidInputError: Before anything is billed or written, with every problem: a model that is unknown or
                that the account lacks, a wrong dimension, an `into` of another form or dimension, a training set
                that is gone or incomplete, a budget that would be crossed.
            CortexError: If a statement fails.

        Examples:
            >>> student = EmbeddingStudent.train(session, training_set)  # doctest: +SKIP
            >>> student.classify("I lost my phone.").label  # doctest: +SKIP
            'Lost phone'
        """
        problems = seconds_problems(timeout)
        if problems:
            raise InvalidInputError(problems)
        head = train_head(
            CortexClient(session, tag=_TAG, clock=clock).within(timeout),
            training_set,
            into=into,
            embedding_model=embedding_model,
            dimension=dimension,
            budget=budget,
            prices=packaged_prices().with_prices(prices),
        )
        return cls(session, head=head, prices=prices, clock=clock)

    @classmethod
    def estimate_training(
        cls,
        session: Session,
        training_set: TrainingSet,
        *,
        into: str | None = None,
        embedding_model: str = DEFAULT_MODEL,
        dimension: int | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Estimate:
        """Return what `train` would embed and cost; nothing is billed but the warehouse.

        Args:
            session: Where the training set is.
            training_set: As for `train`.
            into: As for `train`; a head of the same set and model that is there already costs nothing.
            embedding_model: As for `train`.
            dimension: As for `train`.
            prices: As for `train`; without one the credits are `None`, not 0.
            timeout: Seconds for all statements together; `None` for no limit.
            clock: Time; a fake one in tests.

        Returns:
            Rows of the training and the validation split as `n_tickets`, their distinct texts, and nothing written.

        Raises:
            InvalidInputError: With everything that speaks against the training.
            UnexpectedAnswerError: If no text's tokens can be counted.
        """
        problems = seconds_problems(timeout)
        if problems:
            raise InvalidInputError(problems)
        return estimate_head(
            CortexClient(session, tag=_TAG, clock=clock).within(timeout),
            training_set,
            into=into,
            embedding_model=embedding_model,
            dimension=dimension,
            prices=packaged_prices().with_prices(prices),
        )

    @classmethod
    def load(
        cls,
        session: Session,
        table: str,
        version: int | None = None,
        *,
        training_set: TrainingSet | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Return a student that was trained before. Two free statements: its manifest, and the hash of its rows.

        Args:
            session: Where the table is.
            table: The table of heads.
            version: Which head; `None` for the newest.
            training_set: The training set that the head has to be of; `None` to take any.
            prices: The embedding model's price, by its name.
            timeout: Seconds for both statements; `None` for the session's own limit.
            clock: Time; a fake one in tests.

        Raises:
            InvalidInputError: If there is no such table or version, its rows are missing or changed, or it was trained
                on another training set or under other labels than `training_set`.
        """
        problems = Problems()
        problems.add(seconds_problems(timeout))
        if version is not None:
            problems.add(whole_number_problems("version", version, least=1))
        problems.require_none()
        client = CortexClient(session, tag=_TAG, clock=clock).within(timeout)
        head = loaded(client, fully_qualified(client, TableName.parse(table, role="table of heads")), version)
        if training_set is not None:
            problems.add(trained_on_problems(head, training_set))
            problems.require_none()
        return cls(session, head=head, prices=prices, clock=clock)

    @property
    def head(self) -> EmbeddingHead:
        """What it was trained on, with what result, and where its weights are."""
        return self._head

    @property
    def operation(self) -> HeadLabelling:
        """What it asks, as the SQL that table operations are made of."""
        return self._labelling

    def _ready(self, client: CortexClient, problems: Problems) -> HeadLabelling:
        problems.add(head_problems(client, self._head))
        return self._labelling

    def _ready_for_texts(self, client: CortexClient) -> HeadLabelling:
        problems = head_problems(client, self._head)
        if problems:
            raise InvalidInputError(problems)
        return self._labelling

    def __repr__(self) -> str:
        head = self._head
        return f"EmbeddingStudent(table={head.table!r}, version={head.version}, labels={len(head.learned)})"
