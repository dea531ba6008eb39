"""AI_AGG and AI_SUMMARIZE_AGG: one answer for all texts of a group; what fails, raises."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows
from cortex_tickets.local.functions.summaries import summarized
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.language.completion import CompletionSettings, complete_many
from cortex_tickets.local.language.tokens import count_tokens

_CONTEXT_WINDOW_OF_A_ROW = 128_000
_MOST_OUTPUT = 8_192


class AiSummarizeAgg(CortexFunction):
    """AI_SUMMARIZE_AGG(text). The texts of a group are read as one, in the order of the rows.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_summarize_agg, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_SUMMARIZE_AGG"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("EXPR",)),
    )
    is_aggregate: ClassVar[bool] = True

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """A summary of each group; NULL for a group without texts."""
        call = TextCall(self.services, self._grouped(rows))
        values, errors = summarized(self.services, call, call.asked)
        call.answer(values, errors=errors)
        return call.values_or_raise()

    def _grouped(self, rows: Rows) -> Rows:
        """The rows with each group's texts joined to one."""
        joined = [self._joined(listed) for listed in rows.columns["INPUT"]]
        return Rows(
            function=rows.function,
            settings=rows.settings,
            columns={"INPUT": joined},
            column_types={"INPUT": "VARCHAR"},
            asker=rows.asker,
            n_rows=rows.n_rows,
        )

    def _joined(self, listed: str | None) -> str | None:
        texts = [text for text in json.loads(listed or "[]") if text is not None]
        if any(count_tokens(text) > _CONTEXT_WINDOW_OF_A_ROW for text in texts):
            raise refused(self.name, 400, f"max tokens of {_CONTEXT_WINDOW_OF_A_ROW} exceeded")
        return "\n".join(texts) if texts else None


class AiAgg(AiSummarizeAgg):
    """AI_AGG(text, task_description).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_agg, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_AGG"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("EXPR",)),
        Parameter("TASK_DESCRIPTION", is_required=True, also_named=("INSTRUCTION",)),
    )

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """What the task asks of each group, as AI_COMPLETE reads it; NULL for a group without texts."""
        task = rows.text("TASK_DESCRIPTION")
        if not task:
            raise refused(self.name, 400, "a task description is expected")
        call = TextCall(self.services, self._grouped(rows), told_tokens=count_tokens(task))
        if self.services.real_model is not None:
            values, errors = call.ask(self.services.real_model, task)
            call.answer(values, errors=errors)
        else:
            settings = CompletionSettings(size="large", schema=None, max_tokens=_MOST_OUTPUT)
            prompts = [f"{task}\n<text>\n{text}\n</text>" for text in call.asked]
            call.answer(complete_many(prompts, settings))
        return call.values_or_raise()
