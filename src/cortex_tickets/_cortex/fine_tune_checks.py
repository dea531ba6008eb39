"""What speaks against a fine-tune job, found before anything is billed or written.

Source of the limits: https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning, read 2026-11-22.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets._cortex.calls import count_tokens
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.models import FineTuningLimits, base_models, fine_tuning_limits, model_history
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import CallError, CortexError, InvalidInputError, ObjectNotFoundError
from cortex_tickets.records.table_name import TableName

_PLAIN_MODEL = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_CLOSED = ("LEGACY", "EOL")
_SYNTAX_ERROR = 1003


def model_name(name: object) -> TableName:
    """Return the name of the model to be made.

    Raises:
        InvalidInputError: If it is no identifier, or one that Snowflake takes for tables but not for models.
    """
    if not isinstance(name, str):
        raise InvalidInputError(f"name= must be a text such as 'TICKETS_LLAMA', not a {type(name).__name__}.")
    parsed = TableName.parse(name, role="model (job)")
    last = name.strip().rsplit(".", maxsplit=1)[-1]
    if not name.strip().endswith('"') and not _PLAIN_MODEL.fullmatch(last):
        raise InvalidInputError(
            f"{name!r} is not a model (job) name: {last!r} must begin with a letter and hold only letters, digits "
            "and _. Rename it, or put it in double quotes."
        )
    return parsed


def epoch_problems(max_epochs: object) -> list[str]:
    """Return what speaks against `max_epochs`."""
    most = fine_tuning_limits().max_epochs
    if max_epochs is None:
        return []
    if isinstance(max_epochs, bool) or not isinstance(max_epochs, int) or not 1 <= max_epochs <= most:
        return [f"max_epochs={max_epochs!r} must be a whole number from 1 to {most}, or None for Snowflake's choice."]
    return []


def base_model_problems(client: CortexClient, base_model: object) -> list[str]:
    """Return what speaks against tuning `base_model`. Sends a free metadata statement unless all is well."""
    allowed = fine_tuning_limits().base_models
    if not isinstance(base_model, str) or not base_model.strip():
        return [f"base_model={base_model!r} must name a model, such as {allowed[0]!r}."]
    model = base_model.strip().lower()
    if model in allowed:
        return []
    history = model_history(model)
    if history is None:
        return [f"The model {base_model!r} cannot be fine-tuned. What can be: {', '.join(allowed)}."]
    if _is_open_here(client, model):
        return []  # what is known of the model in general is not so, or not yet so, on this account
    fate = (
        f"was retired ({history.since})" if history.state == "retired" else f"is in legacy state since {history.since}"
    )
    return [f"The model {base_model!r} {fate} and cannot be fine-tuned any more; use {' or '.join(allowed)} instead."]


def _is_open_here(client: CortexClient, model: str) -> bool:
    return any(entry.name == model and entry.lifecycle_status not in _CLOSED for entry in base_models(client) or [])


@dataclass(frozen=True, slots=True)
class PairCounts:
    """What the pairs of one query are like."""

    n_rows: int = 0
    n_empty: int = 0
    """Rows whose prompt or completion is NULL or blank."""
    n_completions: int = 0
    """Distinct completions."""
    n_long_prompts: int = 0
    """Prompts that Snowflake would cut."""
    n_long_completions: int = 0
    """Completions that Snowflake would cut."""
    n_uncounted: int = 0
    """Rows with prompt and completion whose tokens could not be counted."""
    n_prompt_tokens: int = 0
    """Tokens of the prompts, as far as they could be counted."""
    n_completion_tokens: int = 0
    """Tokens of the completions, as far as they could be counted."""


def count_pairs(
    client: CortexClient, request: FineTuneRequest, *, timeout: float | None = None
) -> tuple[PairCounts, PairCounts]:
    """Return what the training and the validation pairs are like. One statement, free but for the warehouse.

    Raises:
        InvalidInputError: If a query cannot run, or has no column PROMPT or COMPLETION.
    """
    try:
        rows = client.rows(Statement(_counting_query(request)), timeout=timeout)
    except CortexError as error:
        if not isinstance(error, ObjectNotFoundError | CallError) and error.code != _SYNTAX_ERROR:
            raise
        raise InvalidInputError(
            f"The training or the validation query cannot run: {error.reason}. "
            "Both must be SELECTs of the columns PROMPT and COMPLETION from tables that this role may read."
        ) from error
    found = {str(row["SPLIT"]): row for row in rows}
    training, validation = (
        PairCounts(**{field: int(found[split][field.upper()] or 0) for field in PairCounts.__dataclass_fields__})
        if split in found
        else PairCounts()
        for split in ("training", "validation")
    )
    return training, validation


def pair_problems(request: FineTuneRequest, training: PairCounts, validation: PairCounts) -> list[str]:
    """Return what speaks against training on these pairs."""
    limits = fine_tuning_limits()
    problems = [
        *_split_problems("training", training, limits),
        *_split_problems("validation", validation, limits),
    ]
    most = limits.max_rows(request.epochs)
    if training.n_rows > most:
        chosen = "" if request.max_epochs is not None else " (reckoned with, as max_epochs= is not given)"
        problems.append(
            f"The training query gives {training.n_rows:,} rows, and {request.epochs} epochs{chosen} take at most "
            f"{most:,}. Train on fewer rows or epochs: max_epochs=1 takes {limits.one_epoch_rows:,}."
        )
    if training.n_completions == 1 and training.n_rows > 1:
        problems.append(
            "All training rows have the same completion, so there is nothing to learn. Train on at least two labels."
        )
    return problems


def _split_problems(split: str, pairs: PairCounts, limits: FineTuningLimits) -> list[str]:
    if pairs.n_rows == 0:
        return [f"The {split} query gives no rows. Fine-tuning needs training and validation pairs."]
    counted = pairs.n_rows - pairs.n_empty
    told = {
        "rows whose prompt or completion is NULL or blank. Leave them out of the query": pairs.n_empty,
        f"prompts of more than {limits.max_prompt_tokens:,} tokens, which Snowflake cuts without a word. "
        "Shorten or leave out those tickets": pairs.n_long_prompts,
        f"completions of more than {limits.max_completion_tokens:,} tokens, which Snowflake cuts without a word. "
        "Shorten or leave out those rows": pairs.n_long_completions,
        # Where nothing at all could be counted, this account does not count, and there is nothing to say about rows.
        "rows whose tokens Snowflake cannot count, which is what it answers about texts that are too long. "
        "Shorten or leave out those tickets": pairs.n_uncounted if pairs.n_uncounted < counted else 0,
    }
    return [f"The {split} query gives {n:,} {what}." for what, n in told.items() if n]


def _counting_query(request: FineTuneRequest) -> str:
    limits = fine_tuning_limits()
    # Own names inside: an alias that repeats a column's name hides that the column is missing.
    empty = "(TRIM(COALESCE(P, '')) = '' OR TRIM(COALESCE(C, '')) = '')"
    prompt, completion = (count_tokens(request.base_model, text) for text in ("P", "C"))
    return (
        "WITH PAIRS AS ("
        f"SELECT 'training' AS SPLIT, PROMPT::VARCHAR AS P, COMPLETION::VARCHAR AS C FROM ({request.training_query}) "
        f"UNION ALL SELECT 'validation', PROMPT::VARCHAR, COMPLETION::VARCHAR FROM ({request.validation_query})), "
        f"COUNTED AS (SELECT SPLIT, C AS COMPLETION, {empty} AS IS_EMPTY, "
        f"IFF({empty}, NULL, {prompt}) AS P_TOKENS, IFF({empty}, NULL, {completion}) AS C_TOKENS FROM PAIRS) "
        "SELECT SPLIT, COUNT(*) AS N_ROWS, COUNT_IF(IS_EMPTY) AS N_EMPTY, "
        "COUNT(DISTINCT COMPLETION) AS N_COMPLETIONS, "
        f"COUNT_IF(P_TOKENS > {limits.max_prompt_tokens}) AS N_LONG_PROMPTS, "
        f"COUNT_IF(C_TOKENS > {limits.max_completion_tokens}) AS N_LONG_COMPLETIONS, "
        "COUNT_IF(NOT IS_EMPTY AND (P_TOKENS IS NULL OR C_TOKENS IS NULL)) AS N_UNCOUNTED, "
        "SUM(P_TOKENS) AS N_PROMPT_TOKENS, SUM(C_TOKENS) AS N_COMPLETION_TOKENS FROM COUNTED GROUP BY SPLIT"
    )
