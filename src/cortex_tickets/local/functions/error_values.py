"""AI_NULL_IF_ERROR and AI_THROW_IF_ERROR: what to make of `{value, error}`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.refused_call import refused_row
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType


class AiNullIfError(CortexFunction):
    """AI_NULL_IF_ERROR(object): its value, NULL where there was an error.

    Source:
        docs.snowflake.com/en/release-notes/bcr-bundles/2026_02/bcr-2184, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_NULL_IF_ERROR"
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("INPUT", is_row=True, is_required=True),)
    raises: ClassVar[bool] = False

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A VARIANT: what the value was."""
        del given
        return "JSON"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """The value of each object."""
        return [self._value(given) for given in rows.columns["INPUT"]]

    def _value(self, given: str | None) -> str | None:
        found = json.loads(given or "{}")
        error = found.get("error") if isinstance(found, Mapping) else None
        if error is not None and self.raises:
            raise refused_row(self.name, str(error))
        value = found.get("value") if isinstance(found, Mapping) and error is None else None
        return None if value is None else json.dumps(value, ensure_ascii=False)


class AiThrowIfError(AiNullIfError):
    """AI_THROW_IF_ERROR(object): its value, and a failed statement where there was an error.

    Source:
        docs.snowflake.com/en/release-notes/bcr-bundles/2026_02/bcr-2184, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_THROW_IF_ERROR"
    raises: ClassVar[bool] = True
