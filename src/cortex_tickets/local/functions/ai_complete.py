"""AI_COMPLETE: one answer per prompt; NULL, or an error beside it, where a row cannot be answered."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.completion_call import Completions, complete_rows
from cortex_tickets.local.functions.model_parameters import model_parameters_of
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.response_format import schema_of
from cortex_tickets.local.functions.row_answers import as_json_text, with_error_details
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType


class AiComplete(CortexFunction):
    """AI_COMPLETE over a text, a PROMPT object or an array of messages.

    The plain call gives VARCHAR here; Snowflake's own pages show both a text and a VARIANT, so that a
    careful client casts.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_complete-single-string, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_COMPLETE"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("MODEL", is_required=True),
        Parameter("PROMPT", is_row=True, is_required=True),
        Parameter("MODEL_PARAMETERS"),
        Parameter("RESPONSE_FORMAT"),
        Parameter("SHOW_DETAILS", is_flag=True),
        Parameter("RETURN_ERROR_DETAILS", only_named=True, is_flag=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """JSON as soon as a schema or details are asked for; a schema that may be NULL promises none."""
        asked = (given.get(name) for name in ("RESPONSE_FORMAT", "SHOW_DETAILS", "RETURN_ERROR_DETAILS"))
        return "JSON" if any(value and value is not ... for value in asked) else "VARCHAR"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """One value per prompt."""
        schema = schema_of(rows.settings.get("RESPONSE_FORMAT"), rows.function)
        if schema is not None and _has_prompt_objects(rows):
            raise refused(rows.function, 400, "invalid options object: a prompt object takes no response_format")
        done = complete_rows(
            self.services,
            rows,
            parameters=model_parameters_of(rows.settings.get("MODEL_PARAMETERS"), rows.function),
            schema=schema,
        )
        wants_errors = rows.flag("RETURN_ERROR_DETAILS")
        if rows.flag("SHOW_DETAILS"):
            values: list[str | None] = details(done, has_schema=schema is not None)
        elif schema is not None or not wants_errors:
            values = done.answers
        else:
            values = [None if answer is None else as_json_text(answer) for answer in done.answers]
        return with_error_details(values, done.errors) if wants_errors else values


def _has_prompt_objects(rows: Rows) -> bool:
    """Whether the prompts are what PROMPT gives; for that form of the call no response format is documented."""
    is_object = rows.column_types.get("PROMPT") == "JSON"
    return is_object and any(prompt.startswith('{"template":') for prompt in rows.columns["PROMPT"] if prompt)


def details(done: Completions, *, has_schema: bool) -> list[str | None]:
    """The documented object of `show_details` for each row, as JSON."""
    created = int(time.time())
    model = as_json_text(done.model.name)
    values: list[str | None] = []
    counts = zip(done.answers, done.input_tokens, done.output_tokens, done.guard_tokens, strict=True)
    for answer, read, written, guard in counts:
        if answer is None:
            values.append(None)
            continue
        said = (
            f'"structured_output":[{{"raw_message":{answer},"type":"json"}}]'
            if has_schema
            else f'"choices":[{{"messages":{as_json_text(answer)}}}]'
        )
        values.append(
            f'{{{said},"created":{created},"model":{model},"usage":{{"completion_tokens":{written},'
            f'"guardrail_tokens":{guard},"prompt_tokens":{read},"total_tokens":{read + written + guard}}}}}'
        )
    return values
