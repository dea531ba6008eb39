"""What a head learns from: the training set's rows and, paid for, their texts' vectors."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.embedding import count_embed_tokens, embed, embedding_dimensions
from cortex_tickets._cortex.models import base_models
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import is_blank
from cortex_tickets.errors import (
    InvalidInputError,
    ModelNotFoundError,
    ObjectNotFoundError,
    TextRefusedError,
    UnexpectedAnswerError,
)
from cortex_tickets.records.split import Split
from cortex_tickets.training_set import TrainingSet

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_ROWS = 20_000
"""Rows of each split that are learned from, chosen by the hash of their text where there are more."""
_BLOCK_TEXTS = 1_000
"""Texts that one statement embeds. Their vectors are read as Python numbers, some 30 MB for a block."""


@dataclass(frozen=True, slots=True)
class Example:
    """One row of the training set, without its text."""

    text_hash: str
    label: str
    group: str
    split: Split


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the texts have."""

    n_texts: int
    input_tokens: int | None
    """`None` if none could be counted."""


def read_examples(client: CortexClient, training_set: TrainingSet) -> list[Example]:
    """Return the rows of training and validation that have a label and a text, in a fixed order. One free statement.

    Raises:
        InvalidInputError: If the table is gone, or has not the rows that its manifest tells of.
    """
    splits = (Split.TRAINING, Split.VALIDATION)
    try:
        rows = client.run(
            f"SELECT TEXT_HASH, TICKET_ID, COMPLETION, GROUP_ID, SPLIT, {is_blank('TEXT')} AS IS_BLANK "
            f"FROM ({training_set.rows_query()}) WHERE SPLIT IN ('training', 'validation') AND DROPPED IS NULL "
            "AND COMPLETION IS NOT NULL ORDER BY TEXT_HASH, TICKET_ID"
        )
    except ObjectNotFoundError:
        raise InvalidInputError(
            f"The table {training_set.table} of the training set {training_set.id[:12]} is gone, or this role may not "
            "see it. Build the training set again."
        ) from None
    told = {Split.TRAINING: training_set.n_training, Split.VALIDATION: training_set.n_validation}
    found = {split: sum(row["SPLIT"] == split.value for row in rows) for split in splits}
    problems = [
        f"The training set {training_set.id[:12]} is incomplete: {training_set.table} holds {found[split]} rows of the "
        f"{split.value} split, and its manifest tells of {told[split]}. Build it again."
        for split in splits
        if found[split] != told[split]
    ]
    if problems:
        raise InvalidInputError(problems)
    examples = [
        Example(row["TEXT_HASH"], row["COMPLETION"], row["GROUP_ID"] or row["TEXT_HASH"], Split(row["SPLIT"]))
        for row in rows
        if not row["IS_BLANK"]
    ]
    # They are in the order of a hash, so the first ones are a sample that has nothing to do with the text.
    return [example for split in splits for example in [one for one in examples if one.split is split][:MAX_ROWS]]


def count_tokens(client: CortexClient, training_set: TrainingSet, model: str, hashes: Sequence[str]) -> Tokens:
    """Return what the texts have for the embedding model. Free but for the warehouse.

    Raises:
        InvalidInputError: If the account does not have the model.
    """
    counted, tokens = 0, 0
    for block in _blocks(hashes):
        try:
            (row,) = client.rows(
                Statement(
                    f"SELECT COUNT(TOKENS) AS N_COUNTED, COALESCE(SUM(TOKENS), 0) AS TOKENS FROM "
                    f"(SELECT {count_embed_tokens(model, 'TEXT')} AS TOKENS FROM {_texts(training_set)})",
                    (json.dumps(block),),
                )
            )
        except ModelNotFoundError as error:
            raise no_model(model, error) from error
        counted += int(row["N_COUNTED"])
        tokens += int(row["TOKENS"])
    return Tokens(len(hashes), round(tokens * len(hashes) / counted) if counted else None)


def embedding_model_problems(client: CortexClient, model: str) -> list[str]:
    """Return what speaks against asking the model, by the account's list of models. One free statement.

    A list without any embedding model says nothing of them.
    """
    documented = embedding_dimensions()
    listed = {entry.name for entry in base_models(client) or []} & (documented.keys() | {model.lower()})
    if not listed or model.lower() in listed:
        return []
    problem = (
        f"The embedding model {model!r} is not one that this account lists. It lists {', '.join(sorted(listed))}: "
        "give one of these as embedding_model=."
    )
    return [problem]


def no_model(model: str, error: ModelNotFoundError) -> InvalidInputError:
    """Return the error for an embedding model that the account lacks."""
    return InvalidInputError(
        f"This account does not have the embedding model {model!r} ({error.reason}). Give another embedding_model=, "
        "such as 'snowflake-arctic-embed-m-v1.5', or ask an ACCOUNTADMIN for cross-region inference."
    )


def embedded(
    client: CortexClient, training_set: TrainingSet, model: str, hashes: Sequence[str], *, dimension: int
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the vector of each text by its hash. Billed; a text that AI_EMBED refuses is left out.

    Raises:
        InvalidInputError: If the account does not have the model.
        UnexpectedAnswerError: If a vector is of another length.
        CortexError: If Snowflake fails for another reason than one text.
    """
    found: dict[str, npt.NDArray[np.float32]] = {}
    for block in _blocks(hashes):
        try:
            found.update(_embedded(client, training_set, model, block, dimension=dimension))
        except ModelNotFoundError as error:
            raise no_model(model, error) from error
    return found


def _embedded(
    client: CortexClient, training_set: TrainingSet, model: str, block: list[str], *, dimension: int
) -> Mapping[str, npt.NDArray[np.float32]]:
    query = f"SELECT TEXT_HASH, {embed(model, 'TEXT')} AS EMBEDDING FROM {_texts(training_set)}"
    try:
        rows = client.rows(Statement(query, (json.dumps(block),)))
    except TextRefusedError:
        # AI_EMBED fails a statement for one of its rows: the block is halved until the text is found.
        if len(block) == 1:
            return {}
        middle = len(block) // 2
        return {
            text_hash: vector
            for half in (block[:middle], block[middle:])
            for text_hash, vector in _embedded(client, training_set, model, half, dimension=dimension).items()
        }
    return {
        row["TEXT_HASH"]: _vector(row["EMBEDDING"], model, dimension) for row in rows if row["EMBEDDING"] is not None
    }


def _vector(value: Any, model: str, dimension: int) -> npt.NDArray[np.float32]:
    import numpy as np  # noqa: PLC0415  an extra brings it

    vector = np.asarray(json.loads(value) if isinstance(value, str) else value, dtype=np.float32)
    if vector.shape != (dimension,):
        raise UnexpectedAnswerError(
            f"AI_EMBED gave a vector of {vector.size} numbers for {model}, and {dimension} were expected. "
            f"Give dimension={vector.size}",
            answer=vector.size,
        )
    return vector


def _texts(training_set: TrainingSet) -> str:
    """Return the relation of the distinct texts whose hashes are bound."""
    return (
        f"(SELECT TEXT_HASH, MIN(TEXT) AS TEXT FROM ({training_set.rows_query()}) WHERE TEXT_HASH IN "
        "(SELECT F.VALUE::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F) GROUP BY TEXT_HASH)"
    )


def _blocks(hashes: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(hashes), _BLOCK_TEXTS):
        yield list(hashes[start : start + _BLOCK_TEXTS])
