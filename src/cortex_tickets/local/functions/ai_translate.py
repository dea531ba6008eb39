"""AI_TRANSLATE and the legacy TRANSLATE. Translation needs a real model: the engine has no stand-in for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.languages import language_name
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall

_CONTEXT_WINDOW = 100_000
_LEGACY_CONTEXT_WINDOW = 4_096
NEEDS_REAL_MODEL = (
    "Translation on the embedded engine needs a real model: set CORTEX_TICKETS_LLM_URL to the address of an "
    "OpenAI-compatible server before the engine starts."
)


class AiTranslate(CortexFunction):
    """AI_TRANSLATE(text, source_language, target_language[, return_error_details]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_translate, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_TRANSLATE"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("TEXT",)),
        Parameter("SOURCE_LANGUAGE", is_required=True),
        Parameter("TARGET_LANGUAGE", is_required=True),
        Parameter("RETURN_ERROR_DETAILS", is_flag=True),
    )
    is_legacy: ClassVar[bool] = False
    most_tokens: ClassVar[int] = _CONTEXT_WINDOW

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A text, or the object with details."""
        return "JSON" if given.get("RETURN_ERROR_DETAILS") else "VARCHAR"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """Each text in the other language; NULL, or an error beside it, where there is none."""
        call = self._call(rows)
        return call.values(with_details=rows.flag("RETURN_ERROR_DETAILS"), are_text=True)

    def _call(self, rows: Rows) -> TextCall:
        source, target = rows.text("SOURCE_LANGUAGE"), rows.text("TARGET_LANGUAGE")
        if source is None or target is None:
            # A NULL language gives NULL, and asks nothing.
            rows = Rows(rows.function, {}, {"INPUT": [None] * rows.n_rows}, {}, rows.asker, rows.n_rows)
        call = TextCall(self.services, rows, most_tokens=self.most_tokens)
        from_name, to_name = self._name(source or ""), self._name(target or "")
        if source and from_name is None:
            call.refuse_rows([f'Invalid language "{source}"'] * rows.n_rows)
        elif to_name is None:
            call.refuse_rows([f'Invalid language "{target}"'] * rows.n_rows)
        elif self.services.real_model is None:
            call.refuse_rows([NEEDS_REAL_MODEL] * rows.n_rows)
        if self.services.real_model is None:
            call.answer([])
            return call
        origin = f"from {from_name} " if from_name else ""
        values, errors = call.ask(
            self.services.real_model,
            f"Translate the text {origin}into {to_name}. Answer with the translation alone.",
        )
        call.answer(values, errors=errors)
        return call

    def _name(self, code: str) -> str | None:
        takes_locales = self.services.catalog.language_codes == "locale"
        return language_name(code, legacy=self.is_legacy, takes_locales=takes_locales)


class Translate(AiTranslate):
    """TRANSLATE(text, source_language, target_language); what fails, raises.

    Source:
        docs.snowflake.com/en/sql-reference/functions/translate-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.TRANSLATE"
    parameters: ClassVar[tuple[Parameter, ...]] = AiTranslate.parameters[:3]
    is_legacy: ClassVar[bool] = True
    most_tokens: ClassVar[int] = _LEGACY_CONTEXT_WINDOW

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """Each text in the other language."""
        return self._call(rows).values_or_raise()
