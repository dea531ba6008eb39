"""Which model a call names, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.language.completion import CompletionSettings, Message, complete_many
from cortex_tickets.local.real_model.model import Outcomes, RealModel

if TYPE_CHECKING:
    from cortex_tickets.local.catalog import CatalogModel
    from cortex_tickets.local.fine_tuning.trainer import TunedModel


@dataclass(frozen=True, slots=True)
class NamedModel:
    """The model that a call names.

    Attributes:
        name: As the call names it.
        base: The base model under it.
        tuned: What a fine-tune job left, for a tuned model.
        real: The real model that answers for base models; `None` is the stand-in.
    """

    name: str
    base: CatalogModel
    tuned: TunedModel | None
    real: RealModel | None = None

    def complete(
        self,
        conversations: Sequence[str | Sequence[Message]],
        *,
        schema: Mapping[str, object] | None,
        max_tokens: int,
        parameters: Mapping[str, Any],
    ) -> Outcomes:
        """One answer, or one error, per conversation, in order."""
        if self.tuned is not None:
            prompts = [item if isinstance(item, str) else item[-1].content for item in conversations]
            return [*self.tuned.complete_many(prompts)], [None] * len(prompts)
        if self.real is not None:
            return self.real.complete(conversations, schema=schema, max_tokens=max_tokens, parameters=parameters)
        settings = CompletionSettings(size=self.base.size, schema=schema, max_tokens=max_tokens)
        return [*complete_many(conversations, settings)], [None] * len(conversations)


def named_model(services: Services, name: str | None, asker: Asker, function: str) -> NamedModel:
    """The model that a call names.

    Raises:
        StatementError: In Snowflake's words, when it is unknown, legacy or gone.
    """
    if not name:
        raise refused(function, 400, 'unknown model ""')
    if tuned := services.tuned_models.find(name, asker):
        base_name = services.tuned_models.base_model_of(name, asker) or ""
        base = services.catalog.find(base_name)
        retired = None if base is None else services.gate.retired(base.name, asker)
        if base is None or "EOL" in (retired, base.status_on(services.catalog.day)):
            raise refused(function, 400, f'unknown model "{name}"')
        return NamedModel(name, base, tuned)
    base_model = services.catalog.find(name)
    retired = None if base_model is None else services.gate.retired(base_model.name, asker)
    if refusal := services.catalog.refusal(name, retired):
        raise refused(function, 400, refusal)
    if base_model is None:  # a refusal says so already
        raise refused(function, 400, f'unknown model "{name}"')
    return NamedModel(name, base_model, None, services.real_model)
