"""The legacy CLASSIFY_TEXT: what AI_CLASSIFY gives, as one label, and what fails, raises."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from cortex_tickets.local.functions.ai_classify import AiClassify
from cortex_tickets.local.functions.refused_call import refused, refused_row
from cortex_tickets.local.functions.signature import Parameter, Rows


class ClassifyText(AiClassify):
    """CLASSIFY_TEXT(text, categories[, config]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/classify_text-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.CLASSIFY_TEXT"
    parameters: ClassVar[tuple[Parameter, ...]] = AiClassify.parameters[:3]

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """`{"label": ..}` for each text."""
        config = rows.settings.get("CONFIG") or {}
        if not isinstance(config, dict):
            raise refused(self.name, 400, "invalid options object")
        settings = {**rows.settings, "CONFIG": {**config, "output_mode": "single"}, "RETURN_ERROR_DETAILS": True}
        return [self._label(answer) for answer in super().answer(replace(rows, settings=settings))]

    def _label(self, answer: str | None) -> str | None:
        found = json.loads(answer or "{}")
        if found.get("error") is not None:
            raise refused_row(self.name, found["error"])
        value = found.get("value")
        return None if value is None else json.dumps({"label": value["labels"][0]}, ensure_ascii=False)
