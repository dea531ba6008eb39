"""Trains a head: looks first, pays for the vectors once, fits, and writes all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.embedding import TEXT_RULE, embedding_dimensions
from cortex_tickets._cortex.head_check import head_problems
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._heads.examples import (
    Example,
    Tokens,
    count_tokens,
    embedded,
    embedding_model_problems,
    read_examples,
)
from cortex_tickets._heads.fitting import RECIPE, Fitted, fit
from cortex_tickets._heads.storing import HeadRow, hash_of, store, table_problems, trained_before
from cortex_tickets.errors import (
    InvalidInputError,
    InvalidTrainingSetError,
    MissingExtraError,
    UnexpectedAnswerError,
)
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.problems import Problems, whole_number_problems
from cortex_tickets.records.budget import Budget, Estimate
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.training_set import TrainingSet

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vector = npt.NDArray[np.float32]

EXTRA = "train"
HEADS_SUFFIX = "_HEADS"
LEAST_EXAMPLES = 2
"""Rows that a label needs in the training split."""
LEAST_LABELS = 2


@dataclass(frozen=True, slots=True)
class HeadPlan:
    """What is to be trained, once nothing speaks against it."""

    training_set: TrainingSet
    into: TableName
    model: str
    dimension: int
    examples: Sequence[Example]
    learned: tuple[str, ...]


def train_head(
    client: CortexClient,
    training_set: TrainingSet,
    *,
    into: str | None,
    embedding_model: str,
    dimension: int | None,
    budget: Budget | None,
    prices: PriceTable,
) -> EmbeddingHead:
    """Return the head of this training set and model: the one that is there already, or a new one.

    Raises:
        InvalidInputError: Before anything is billed or written, with every problem.
        MissingExtraError: If scikit-learn is not installed, before any statement.
    """
    if find_spec("sklearn") is None:
        raise MissingExtraError(EXTRA)
    plan = _plan(client, training_set, into=into, model=embedding_model, dimension=dimension)
    known = _known(client, plan)
    if known is not None:
        return known
    hashes = sorted({example.text_hash for example in plan.examples})
    tokens = count_tokens(client, training_set, plan.model, hashes)
    _require_budget(budget, prices, plan.model, tokens)
    vectors = embedded(client, training_set, plan.model, hashes, dimension=plan.dimension)
    examples = [example for example in plan.examples if example.text_hash in vectors]
    _require_examples(training_set, examples)
    return _stored(client, plan, tokens, examples, _fitted(examples, vectors, plan.learned))


def estimate_head(
    client: CortexClient,
    training_set: TrainingSet,
    *,
    into: str | None,
    embedding_model: str,
    dimension: int | None,
    prices: PriceTable,
) -> Estimate:
    """Return what `train_head` would embed and cost; no text where the same head is there already.

    Raises:
        InvalidInputError: With everything that speaks against the training.
        UnexpectedAnswerError: If no text's tokens can be counted: what is unknown is not 0.
    """
    plan = _plan(client, training_set, into=into, model=embedding_model, dimension=dimension)
    hashes = [] if _known(client, plan) else sorted({example.text_hash for example in plan.examples})
    tokens = count_tokens(client, training_set, plan.model, hashes) if hashes else Tokens(0, 0)
    if tokens.input_tokens is None:
        raise UnexpectedAnswerError(
            f"AI_COUNT_TOKENS counted none of {tokens.n_texts} texts for {plan.model}, so there is no estimate",
            answer=None,
        )
    price = prices.price(plan.model)
    credits_ = None if price is None else price.credits(tokens.input_tokens, 0)
    return Estimate(
        n_tickets=len(plan.examples),
        n_texts=tokens.n_texts,
        input_tokens=tokens.input_tokens,
        output_tokens=0,
        output_tokens_at_most=0,
        model=plan.model,
        ai_credits=credits_,
        ai_credits_at_most=credits_,
        dollars=None if credits_ is None else credits_ * prices.dollars_per_ai_credit,
        dollars_per_ai_credit=prices.dollars_per_ai_credit,
        price_date=prices.date,
    )


def _plan(
    client: CortexClient, training_set: TrainingSet, *, into: str | None, model: str, dimension: int | None
) -> HeadPlan:
    problems = Problems()
    given: object = training_set
    if not isinstance(given, TrainingSet):
        raise InvalidInputError(
            f"training_set must be a TrainingSet, not a {type(given).__name__}. "
            "Give what TrainingSetBuilder.build(...) or TrainingSet.load(session, table) returned."
        )
    length = None
    with problems:
        length = dimension_of(model, dimension)
    if length is not None:
        problems.add(embedding_model_problems(client, model))
    table, examples = None, None
    with problems:
        default = TableName.parse(training_set.table).sibling(HEADS_SUFFIX)
        table = fully_qualified(client, default if into is None else TableName.parse(into, role="table of heads"))
        if length is not None:
            problems.add(table_problems(client, table, length))
    with problems:
        examples = read_examples(client, training_set)
        _require_examples(training_set, examples)
    problems.require_none()
    if table is None or examples is None or length is None:
        raise AssertionError("whatever is missing is a problem")
    return HeadPlan(training_set, table, model, length, examples, _learned(training_set, examples))


def dimension_of(model: str, dimension: int | None) -> int:
    """Return the length of the model's vectors.

    Raises:
        InvalidInputError: If the model is no name, or its length is not known, or given wrongly.
    """
    named: object = model
    if not isinstance(named, str) or not named.strip() or not named.isprintable():
        raise InvalidInputError(f"embedding_model={model!r} must be a name such as 'snowflake-arctic-embed-l-v2.0'.")
    if dimension is not None:
        problems = whole_number_problems("dimension", dimension, least=1)
        if problems:
            raise InvalidInputError(problems)
    documented = embedding_dimensions()
    known = documented.get(model.lower())
    if known is None and dimension is None:
        raise InvalidInputError(
            f"embedding_model={model!r} is none of the text models that are documented for AI_EMBED: "
            f"{', '.join(sorted(documented))}. Give one of them, or dimension= too for a model that is newer."
        )
    if known is not None and dimension not in (None, known):
        raise InvalidInputError(
            f"dimension={dimension} is wrong for {model}, whose vectors have {known} numbers. Leave dimension= out."
        )
    return known or dimension or 0


def _learned(training_set: TrainingSet, examples: Sequence[Example]) -> tuple[str, ...]:
    trained = {example.label for example in examples if example.split is Split.TRAINING}
    return tuple(name for name in training_set.prompt.labels.names if name in trained)


def _require_examples(training_set: TrainingSet, examples: Sequence[Example]) -> None:
    """Check that there is enough to learn from, and something to fit the temperature on.

    Raises:
        InvalidTrainingSetError: With a line for each label with too few rows, and one for a missing split.
    """
    trained = Counter(example.label for example in examples if example.split is Split.TRAINING)
    held_out = Counter(example.label for example in examples if example.split is Split.VALIDATION)
    labels = training_set.prompt.labels
    problems = [
        f"The label {name!r} has {trained[name]} rows in the training split, and a head needs at least "
        f"{LEAST_EXAMPLES}. Label more tickets of it, or leave it out of the labels."
        for name in labels.names
        # A label that no ticket has cannot be learnt by any student; the training set's report says so.
        if trained[name] < LEAST_EXAMPLES and (trained[name] or held_out[name])
    ]
    if len(trained) < LEAST_LABELS:
        problems.append(f"The training split has rows of {len(trained)} labels, and a choice needs {LEAST_LABELS}.")
    unknown = sorted((set(trained) | set(held_out)) - set(labels.names))
    problems += [f"The training set has rows of {name!r}, which is none of its labels." for name in unknown]
    if not held_out:
        problems.append(
            f"The training set {training_set.id[:12]} has no rows in its validation split, and the temperature of the "
            "probabilities is fitted on them alone. Build it with shares that leave some for validation."
        )
    if problems:
        raise InvalidTrainingSetError(problems)


def _known(client: CortexClient, plan: HeadPlan) -> EmbeddingHead | None:
    """Return the head that the same rows, model and method gave before, if it is there and whole."""
    for head in trained_before(client, plan.into, plan.training_set.id):
        is_same = (head.embedding_model, head.dimension, head.text_rule) == (plan.model, plan.dimension, TEXT_RULE)
        if is_same and head.extra.get("recipe") == RECIPE and not head_problems(client, head):
            return head
    return None


def _require_budget(budget: Budget | None, prices: PriceTable, model: str, tokens: Tokens) -> None:
    if budget is None:
        return
    if budget.ai_credits is None:
        raise InvalidInputError(
            "Vectors are paid in AI credits, and the budget limits none: give Budget(ai_credits=...)."
        )
    if tokens.input_tokens is None:
        raise InvalidInputError(
            f"The tokens of {tokens.n_texts} texts cannot be counted for {model}, so nobody knows whether the budget "
            f"of {budget.ai_credits:g} AI credits would be crossed."
        )
    price = prices.price(model)
    if price is None and budget.unknown_price != "dearest_listed":
        raise InvalidInputError(
            f"The price of {model} is unknown, and a budget needs it: give "
            f"prices={{{model!r}: ModelPrice(input=..., output=0)}}, in AI credits per million tokens."
        )
    coming = prices.ceiling(model).credits(tokens.input_tokens, 0)
    if coming > budget.ai_credits:
        raise InvalidInputError(
            f"The vectors of {tokens.n_texts} texts would cost about {coming:.6f} AI credits, more than the budget of "
            f"{budget.ai_credits:g}. Give a larger budget, or build a smaller training set."
        )


def _fitted(examples: Sequence[Example], vectors: Mapping[str, Vector], learned: tuple[str, ...]) -> Fitted:
    import numpy as np  # noqa: PLC0415  an extra brings it

    place = {name: position for position, name in enumerate(learned)}
    trained = [example for example in examples if example.split is Split.TRAINING]
    held_out = [example for example in examples if example.split is Split.VALIDATION]

    def of(some: Sequence[Example]) -> tuple[Vector, npt.NDArray[np.int64]]:
        return np.stack([vectors[example.text_hash] for example in some]), np.array([place[e.label] for e in some])

    return fit(*of(trained), [example.group for example in trained], *of(held_out), n_labels=len(learned))


def _stored(
    client: CortexClient, plan: HeadPlan, tokens: Tokens, examples: Sequence[Example], fitted: Fitted
) -> EmbeddingHead:
    rows = [
        HeadRow(position, label, int(fitted.biases[position]), [int(weight) for weight in fitted.weights[position]])
        for position, label in enumerate(plan.learned)
    ]
    counts = Counter(example.split for example in examples)
    head = EmbeddingHead(
        table=str(plan.into),
        version=0,
        head_hash=hash_of(rows),
        labels=plan.training_set.prompt.labels,
        learned=plan.learned,
        embedding_model=plan.model,
        dimension=plan.dimension,
        text_rule=TEXT_RULE,
        temperature=fitted.temperature,
        scale_bits=fitted.scale_bits,
        inverse_regularisation=fitted.inverse_regularisation,
        training_set_id=plan.training_set.id,
        training_table=plan.training_set.table,
        n_training=counts[Split.TRAINING],
        n_validation=counts[Split.VALIDATION],
        n_texts=len({example.text_hash for example in examples}),
        input_tokens=tokens.input_tokens,
        validation_accuracy=fitted.accuracy,
        validation_log_loss=fitted.log_loss,
        extra={"recipe": RECIPE},
    )
    return store(client, plan.into, head, rows)
