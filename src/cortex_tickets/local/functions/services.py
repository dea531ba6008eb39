"""What Cortex functions share: catalog, tuned models, the log, who asks, and the gate where faults can strike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from cortex_tickets.local.faults.gate import Gate
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.real_model.model import RealModel, real_model_from_environment

if TYPE_CHECKING:
    from cortex_tickets.local.asked_log import AskedLog
    from cortex_tickets.local.catalog import Catalog
    from cortex_tickets.local.fine_tuning.trainer import TunedModel
    from cortex_tickets.local.jobs.job_desk import JobDesk
    from cortex_tickets.local.sentence_encoder.sentence_encoder import SentenceEncoder


class TunedModels(Protocol):
    """Where tuned models are found by name."""

    def find(self, name: str, asker: Asker) -> TunedModel | None:
        """The model of that name as the asker's session resolves it."""

    def base_model_of(self, name: str, asker: Asker) -> str | None:
        """The base model that it was tuned from."""


@dataclass(frozen=True, slots=True)
class Services:
    """What Cortex functions share.

    Attributes:
        catalog: Base models of the engine's day.
        tuned_models: Models that fine-tune jobs left.
        jobs: The fine-tune jobs.
        log: Where every text asked is written down.
        gate: What every call and every answer passes.
        asker_of: Who asks, by the number of the DuckDB connection that runs the statement.
        cancel: Cancels a statement by its query id; says whether it was running.
        cancel_session: Cancels all statements of a session but the one of the given query id; how many.
        real_model: The real model of CORTEX_TICKETS_LLM_URL; `None` where none is configured.
        encoder: The sentence encoder of CORTEX_TICKETS_ENCODER; `None` where none is configured.
    """

    catalog: Catalog
    tuned_models: TunedModels
    jobs: JobDesk
    log: AskedLog
    gate: Gate
    asker_of: Callable[[str], Asker]
    cancel: Callable[[str], bool]
    cancel_session: Callable[[int, str], int]
    real_model: RealModel | None = field(default_factory=real_model_from_environment)
    encoder: SentenceEncoder | None = None


def texts_of(values: Sequence[str | None]) -> list[str]:
    """The values that are there."""
    return [value for value in values if value is not None]
