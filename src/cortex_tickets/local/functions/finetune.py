"""SNOWFLAKE.CORTEX.FINETUNE: CREATE, DESCRIBE, SHOW and CANCEL of fine-tune jobs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows
from cortex_tickets.local.jobs.job_desk import JobRefusedError

_MOST_EPOCHS = 10
_ARGUMENTS = {"CREATE": 5, "DESCRIBE": 1, "SHOW": 0, "CANCEL": 1}


class FineTune(CortexFunction):
    """FINETUNE('CREATE' | 'DESCRIBE' | 'SHOW' | 'CANCEL', ...). Objects come as JSON text, as documented.

    Source:
        docs.snowflake.com/en/sql-reference/functions/finetune-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.FINETUNE"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("OPERATION", is_required=True),
        Parameter("NAME_OR_ID"),
        Parameter("BASE_MODEL"),
        Parameter("TRAINING_DATA"),
        Parameter("VALIDATION_DATA"),
        Parameter("OPTIONS"),
    )

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """What the operation gives, done once however many rows the call stands on."""
        self.services.gate.called(self.name, rows.asker)
        operation = (rows.text("OPERATION") or "").upper()
        try:
            _check_number(operation, rows)
            value = self._done(operation, rows)
        except JobRefusedError as error:
            raise refused(self.name, 400, str(error)) from None
        return [value] * rows.n_rows

    def _done(self, operation: str, rows: Rows) -> str:
        jobs = self.services.jobs
        match operation:
            case "CREATE":
                return self._created(rows)
            case "DESCRIBE":
                return jobs.described(rows.text("NAME_OR_ID") or "")
            case "SHOW":
                return json.dumps(jobs.listed())
            case "CANCEL":
                job_id = rows.text("NAME_OR_ID") or ""
                jobs.cancel(job_id)
                return f"Canceled Cortex Fine-tuning job: {job_id}"
            case _:
                raise JobRefusedError(f'unknown operation "{operation}"')

    def _created(self, rows: Rows) -> str:
        given = {name: rows.text(name) for name in ("NAME_OR_ID", "BASE_MODEL", "TRAINING_DATA", "VALIDATION_DATA")}
        if missing := [name for name in ("NAME_OR_ID", "BASE_MODEL", "TRAINING_DATA") if not given[name]]:
            raise JobRefusedError(f"missing arguments: {', '.join(missing)}")
        return self.services.jobs.create(
            name=given["NAME_OR_ID"] or "",
            base_model=given["BASE_MODEL"] or "",
            training=given["TRAINING_DATA"] or "",
            validation=given["VALIDATION_DATA"] or "",
            options=_options(rows.settings.get("OPTIONS")),
            asker=rows.asker,
        )


def _check_number(operation: str, rows: Rows) -> None:
    """Refuse arguments that an operation does not have."""
    most = _ARGUMENTS.get(operation)
    given = [name for name in ("NAME_OR_ID", "BASE_MODEL", "TRAINING_DATA", "VALIDATION_DATA", "OPTIONS")
             if name in rows.settings]  # fmt: skip
    if most is not None and len(given) > most:
        raise JobRefusedError(f"too many arguments for {operation}: expected {most + 1}, got {len(given) + 1}")


def _options(value: Any) -> Mapping[str, Any]:
    """Options from a JSON text; an OBJECT is taken too, as Snowflake's own client sends one."""
    if value is None:
        return {}
    try:
        options = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        options = None
    if not isinstance(options, Mapping) or set(options) - {"max_epochs"}:
        raise JobRefusedError("invalid options object")
    epochs = options.get("max_epochs")
    if epochs is not None and (
        not isinstance(epochs, int) or isinstance(epochs, bool) or not 1 <= epochs <= _MOST_EPOCHS
    ):
        raise JobRefusedError(f"invalid options object: max_epochs must be an integer from 1 to {_MOST_EPOCHS}")
    return {} if epochs is None else {"max_epochs": epochs}
