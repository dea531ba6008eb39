"""Finds the prompts that are over the model's window, before they are sent."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.model_windows import model_window
from cortex_tickets._cortex.replying import MAX_TOKENS, Replying
from cortex_tickets._cortex.text_blocks import POSITIONED, blocks, positioned


def long_prompts(client: CortexClient, operation: Replying, prompts: Mapping[str, str]) -> dict[str, Row]:
    """Return, by key, what becomes of each prompt that leaves the model no room for an answer.

    Sends nothing unless a prompt may be one: a token has at least one byte. Counting is free but for the warehouse.
    """
    window = model_window(operation.model)
    if window is None:
        return {}
    most = window - MAX_TOKENS
    keys = [key for key, prompt in prompts.items() if len(prompt.encode()) > most]
    found: dict[str, Row] = {}
    left = iter(keys)
    for block in blocks([prompts[key] for key in keys]):
        counted = positioned(f"SELECT POSITION, {operation.count_tokens('INPUT')} AS TOKENS FROM {POSITIONED}", block)
        for row in client.rows(counted):
            key, n_tokens = next(left), row["TOKENS"]
            if n_tokens is not None and int(n_tokens) > most:
                found[key] = {"OUTCOME": "error", "ERROR": _told(int(n_tokens), operation.model, window)}
    return found


def _told(n_tokens: int, model: str, window: int) -> str:
    # In Snowflake's own words where it has some.
    return (
        f"max tokens of {window} exceeded: the prompt has {n_tokens:,} tokens, and {model} takes {window:,} with its "
        "answer, so nothing was sent; shorten the ticket's text, or give a model that takes more"
    )
