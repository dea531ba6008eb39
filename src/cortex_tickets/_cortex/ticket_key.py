"""What a ticket is called where its id and text must not stand."""

from __future__ import annotations

import hashlib
import json

_KEY_LETTERS = 16


def ticket_key(ticket_id: str, text_hash: str) -> str:
    """Return a short name of a ticket, which tells neither its id nor its text."""
    return hashlib.sha256(json.dumps((ticket_id, text_hash)).encode()).hexdigest()[:_KEY_LETTERS]
