"""Texts that are longer than what is asked of them takes: told before anything is billed."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.text_blocks import POSITIONED, blocks, positioned
from cortex_tickets._cortex.text_question import TextQuestion
from cortex_tickets.errors import InvalidInputError

_BYTES_PER_CHARACTER = 4
"""In UTF-8, at most; and no token has less than one."""


def refuse_long(client: CortexClient, question: TextQuestion, asked: Sequence[str], texts: Sequence[str]) -> None:
    """Count the tokens of the texts that may be too long, which is free but for the warehouse.

    Args:
        client: How statements are sent.
        question: What is to be asked.
        asked: The texts, each once.
        texts: The texts as the caller gave them, so that a message can say which.

    Raises:
        InvalidInputError: With each text that is too long, by its place and its tokens.
    """
    most = question.most_tokens
    if most is None:
        return
    problems = []
    for block in blocks([text for text in asked if len(text) * _BYTES_PER_CHARACTER > most]):
        query = f"SELECT POSITION, {question.limited_tokens('INPUT')} AS TOKENS FROM {POSITIONED}"
        counted = client.rows(positioned(query, block))
        problems += [
            _too_long(texts, text, int(row["TOKENS"]), most, question.limited_by)
            for text, row in zip(block, counted, strict=True)
            if row["TOKENS"] is not None and int(row["TOKENS"]) > most
        ]
    if problems:
        raise InvalidInputError(problems)


def _too_long(texts: Sequence[str], text: str, tokens: int, most: int, limited_by: str) -> str:
    which = "The text" if len(texts) == 1 else f"texts[{texts.index(text)}]"
    return (
        f"{which} has {tokens:,} tokens with what is asked, and {limited_by} takes at most {most:,}. "
        "Nothing was sent. Shorten it, or cut it into parts."
    )
