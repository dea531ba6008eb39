"""Whether the rows of a head are what was trained."""

from __future__ import annotations

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.head_labelling import manifest_hash
from cortex_tickets._cortex.head_sql import fingerprint_query, no_head
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import ObjectNotFoundError
from cortex_tickets.records.embedding_head import EmbeddingHead


def head_problems(client: CortexClient, head: EmbeddingHead) -> list[str]:
    """Return what speaks against asking the head: its rows or its manifest are not as they were trained. One statement.

    It bills nothing but the warehouse, which hashes the rows; no weight comes to the client.
    """
    if head.manifest_hash is not None and head.manifest_hash != manifest_hash(head):
        problem = (
            f"The manifest of version {head.version} of {head.table} was changed after training: its temperature, "
            "model, dimension or labels are not those that the head was trained with. Restore it, load another "
            "version, or train again."
        )
        return [problem]
    try:
        found = client.value(Statement(fingerprint_query(head)))
    except ObjectNotFoundError:
        found = None
    return [] if found == head.head_hash else [no_head(head)]
