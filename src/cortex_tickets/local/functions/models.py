"""Which model a call names, and who answers for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.schema_check import checked_answer
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
        is_stopped: Callable[[], bool],
    ) -> Outcomes:
        """One answer, or one error, per conversation, in order.

        Raises:
            CalledOffError: When `is_stopped` says so while a real model is waited for.
        """
        if self.tuned is not None:
            prompts = [item if isinstance(item, str) else item[-1].content for item in conversations]
            return _checked(([*self.tuned.complete_many(prompts)], [None] * len(prompts)), schema)
        if self.real is not None:
            done = self.real.complete(
                conversations, schema=schema, max_tokens=max_tokens, parameters=parameters, is_stopped=is_stopped
            )
            return _checked(done, schema)
        settings = CompletionSettings(size=self.base.size, schema=schema, max_tokens=max_tokens)
        return [*complete_many(conversations, settings)], [None] * len(conversations)


def _checked(outcomes: Outcomes, schema: Mapping[str, object] | None) -> Outcomes:
    """Answers that do not follow the schema are errors; the stand-in's follow it as they are made."""
    if schema is None:
        return outcomes
    answers, errors = outcomes
    pairs = [
        (None, error) if answer is None else checked_answer(answer, schema)
        for answer, error in zip(answers, errors, strict=True)
    ]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


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
