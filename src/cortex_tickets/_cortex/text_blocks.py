"""How a list of texts is sent: blocks of bounded size, each bound as one JSON value, and never part of a statement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from cortex_tickets._cortex.statement import Statement

BLOCK_TEXTS = 500
"""Texts in one statement, at most."""
BLOCK_CHARACTERS = 1_000_000
"""Characters in one statement, at most; one longer text has a statement of its own."""
POSITIONED = "(SELECT F.INDEX AS POSITION, F.VALUE::VARCHAR AS INPUT FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
"""The relation that a block's texts become: POSITION from 0, and INPUT."""


def blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    """Yield the texts, in order, in blocks that one statement can carry."""
    block: list[str] = []
    size = 0
    for text in texts:
        if block and (len(block) == BLOCK_TEXTS or size + len(text) > BLOCK_CHARACTERS):
            yield block
            block, size = [], 0
        block.append(text)
        size += len(text)
    if block:
        yield block


def positioned(query: str, texts: Sequence[str]) -> Statement:
    """Return the statement that runs a query over `POSITIONED` for these texts, one row for each, in order."""
    return Statement(f"{query} ORDER BY POSITION", (json.dumps(list(texts), ensure_ascii=False),))
