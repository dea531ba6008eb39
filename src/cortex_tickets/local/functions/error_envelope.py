"""The envelope in which Snowflake hands on what the model service refuses, in the form of the engine's day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass

from cortex_tickets.local.functions.refused_call import REFUSED_CALL, RefusedCallError
from cortex_tickets.local.sql.errors import StatementError

# Both forms are in public reports: the older one of 2024 and 2025, the newer one of 2026 (gathered 2026-11-22).
_NEWER_FORM_SINCE = dt.date(2026, 1, 1)
_OLDER_CODE = 100351
# What the older form calls a function, as far as it was seen.
_OLDER_NAMES = {"COMPLETE": "COMPLETE$V2", "EMBED_TEXT_768": "EMBED_TEXT_768$V1"}


@dataclass(frozen=True, slots=True)
class ErrorEnvelope:
    """What is put around a refusal.

    Attributes:
        day: The engine's day.
    """

    day: dt.date

    def around(self, refusal: RefusedCallError, query_id: str) -> StatementError:
        """The refusal as Snowflake words it.

        Args:
            refusal: What the service says.
            query_id: The statement's, under which its requests are batched.
        """
        name = refusal.function.rsplit(".", 1)[-1].removeprefix("AI_")
        if self.day < _NEWER_FORM_SINCE:
            code, name = _OLDER_CODE, _OLDER_NAMES.get(name, name)
            said = f"{refusal.status} '{json.dumps(refusal.words, ensure_ascii=False)}'"
        else:
            code = REFUSED_CALL
            said = f"'{refusal.status} '{refusal.words}''; requests batch-id: {query_id}"
        return StatementError(code, f"Request failed for external function {name} with remote service error: {said}")
