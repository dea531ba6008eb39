"""Every Cortex function that the engine knows. A new one is a file of its own and a line here."""

from __future__ import annotations

from cortex_tickets.local.functions.ai_classify import AiClassify
from cortex_tickets.local.functions.ai_complete import AiComplete
from cortex_tickets.local.functions.ai_count_tokens import AiCountTokens
from cortex_tickets.local.functions.complete import Complete, TryComplete
from cortex_tickets.local.functions.finetune import FineTune
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import CortexFunction
from cortex_tickets.local.functions.system_functions import CancelAllQueries, CancelQuery

_FUNCTIONS: tuple[type[CortexFunction], ...] = (
    AiClassify,
    AiComplete,
    AiCountTokens,
    CancelAllQueries,
    CancelQuery,
    Complete,
    FineTune,
    TryComplete,
)


def cortex_functions(services: Services) -> dict[str, CortexFunction]:
    """Each function by its name in SQL."""
    return {function.name: function(services) for function in _FUNCTIONS}
