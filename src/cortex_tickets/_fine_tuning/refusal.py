"""Why Snowflake will not fine-tune here, and what to do instead.

Source: https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning (access control, regions, models,
notice of deprecation), read 2026-11-22.
"""

from __future__ import annotations

import re

from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.models import fine_tuning_limits, fine_tuning_notice
from cortex_tickets.errors import AccessDeniedError, CortexError, FineTuneRefusedError, ModelNotFoundError

ALTERNATIVES = (
    "Without fine-tuning: EmbeddingStudent, TicketClassifier with a small model and a rich prompt (descriptions, "
    "examples), AI_CLASSIFY, Snowflake's evaluation and optimization of AI functions, or Cortex Training, "
    "which follows fine-tuning (deprecation announced for Q1 2027)."
)

_REGION = re.compile(r"\bregion\b", re.IGNORECASE)
_GONE = re.compile(
    r"unknown (user-defined )?function"
    r"|fine-?tun\w* (is|has been|was) (no longer|not|deprecated|retired|disabled|removed)"
    r"|(retired|no longer (available|supported))",
    re.IGNORECASE,
)
_MODEL = re.compile(r"(does not support|not supported for|not available for|cannot be) fine-?tun", re.IGNORECASE)


def refusal(error: CortexError, request: FineTuneRequest) -> FineTuneRefusedError | None:
    """Return the refusal that the error means, or `None` if it means something else."""
    advice = _advice(error, request)
    return None if advice is None else FineTuneRefusedError(f"Snowflake refuses to fine-tune: {error.reason}. {advice}")


def _advice(error: CortexError, request: FineTuneRequest) -> str | None:
    if _REGION.search(error.reason):
        return _region_advice()
    if _GONE.search(error.reason):
        return (
            "Either the feature has been retired, or this region has none, or the role may not see it. "
            f"{_region_advice()}"
        )
    if isinstance(error, AccessDeniedError):
        return _grants_advice(request)
    if isinstance(error, ModelNotFoundError) or _MODEL.search(error.reason):
        return (
            f"{request.base_model} cannot be fine-tuned by this account: "
            f"{', '.join(fine_tuning_limits().base_models)} can, as far as the documentation says, and fine-tuned "
            f"variants are in legacy state since 12 August 2026, so that an account which never used them is refused. "
            f"{ALTERNATIVES}"
        )
    return None


def _region_advice() -> str:
    return f"Fine-tuning runs in {', '.join(fine_tuning_notice().training_regions.values())} only. {ALTERNATIVES}"


def _grants_advice(request: FineTuneRequest) -> str:
    database, schema, _ = request.model.parts
    return (
        "The role needs the database role SNOWFLAKE.CORTEX_USER (AI_FUNCTIONS_USER is not enough), "
        f"USAGE on the database {database}, CREATE MODEL on the schema {database}.{schema} or its ownership, "
        f"SELECT on the tables that the queries read, and USAGE on a warehouse. {ALTERNATIVES}"
    )
