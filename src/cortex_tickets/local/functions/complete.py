"""SNOWFLAKE.CORTEX.COMPLETE and TRY_COMPLETE, the legacy forms: errors raise, or are NULL for TRY_."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.ai_complete import details
from cortex_tickets.local.functions.completion_call import complete_rows
from cortex_tickets.local.functions.model_parameters import model_parameters_of
from cortex_tickets.local.functions.refused_call import refused, refused_row
from cortex_tickets.local.functions.response_format import schema_of
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows
from cortex_tickets.local.sql.errors import StatementError

_MOST_TOKENS = 8_192
_ROLES = ("system", "user", "assistant")


class Complete(CortexFunction):
    """COMPLETE(model, prompt_or_history[, options]).

    With options, even empty ones, the second argument must be an array of messages and the value is the
    text of the details' JSON.

    Source:
        docs.snowflake.com/en/sql-reference/functions/complete-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.COMPLETE"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("MODEL", is_required=True),
        Parameter("PROMPT", is_row=True, is_required=True),
        Parameter("OPTIONS"),
    )

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """One text per prompt."""
        options = rows.settings.get("OPTIONS")
        if options is None:
            done = complete_rows(self.services, rows, parameters={}, schema=None)
            self._raise_first(done.errors, rows)
            return done.answers
        options = model_parameters_of(options, rows.function, most_tokens=_MOST_TOKENS)
        if not _is_history(rows):
            raise refused(rows.function, 400, "invalid options object: a prompt history is expected with options")
        if problem := _problem_of_history(rows):
            raise refused(rows.function, 400, f"invalid options object: {problem}")
        schema = schema_of(options.get("response_format"), rows.function)
        done = complete_rows(self.services, rows, parameters=options, schema=schema)
        self._raise_first(done.errors, rows)
        return details(done, has_schema=schema is not None)

    def _raise_first(self, errors: Sequence[str | None], rows: Rows) -> None:
        for error in errors:
            if error is not None:
                raise refused_row(rows.function, error)


class TryComplete(Complete):
    """TRY_COMPLETE: the same, and NULL for a row or a call that fails.

    Source:
        docs.snowflake.com/en/sql-reference/functions/try_complete-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.TRY_COMPLETE"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """One text per prompt, NULL where COMPLETE would raise."""
        try:
            return super().answer(rows)
        except StatementError:
            return [None] * rows.n_rows

    def _raise_first(self, errors: Sequence[str | None], rows: Rows) -> None:
        """A row's error is its NULL."""


def _is_history(rows: Rows) -> bool:
    kind: Any = rows.column_types.get("PROMPT", "")
    first = next((text for text in rows.columns["PROMPT"] if text is not None), "[")
    return kind != "VARCHAR" and first.lstrip().startswith("[")


def _problem_of_history(rows: Rows) -> str | None:
    """What is wrong with the first prompt history that is none; `None` where all are right."""
    for text in rows.columns["PROMPT"]:
        history = [] if text is None else json.loads(text)
        if text is not None and not history:
            return "the prompt history is empty"
        for message in history if isinstance(history, list) else ():
            role = message.get("role") if isinstance(message, dict) else None
            if role not in _ROLES:
                return "the role of a message must be system, user or assistant"
    return None
