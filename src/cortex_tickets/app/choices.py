"""What a `cortex_tickets.toml` chooses beside places and labels: models, prices, limits, and how to train and reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cortex_tickets import InvalidInputError, ModelPrice, Playbook


class Choices(BaseModel):
    """What stands there already when a page is opened. A reader may choose otherwise, within the limits."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    models: tuple[str, ...] = ()
    """Cortex models that label, the teacher first; several in one with commas between them, as they are tried."""
    prices: Mapping[str, ModelPrice] = Field(default_factory=dict)
    """Prices that the packaged table lacks or has wrong, by model."""
    ai_credits: float | None = None
    """AI credits that one run may cost; `None` for no limit."""
    platform_credits: float | None = None
    """Platform credits that one job may cost; `None` for no limit."""
    base_model: str | None = None
    """The model to tune; `None` for the app's own."""
    seed: int = 0
    """Chooses the split into training, validation and test."""
    max_per_label: int | None = None
    """Training rows for each label, at most; `None` for all."""
    max_epochs: int = 3
    """Passes over the training pairs."""
    platform_price: float | None = None
    """Platform credits per million tokens trained; `None` where nobody told it."""
    writing_model: str | None = None
    """The model that replies are written with, or several as above; `None` for the app's own."""
    playbook: Playbook | None = None
    """What replies may say; `None` for the built-in one."""
    campaign: str | None = None
    """What is promoted where an entry allows an offer; `None` for nothing."""
    guardrails: bool = False
    """Whether Cortex Guard looks at every reply."""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what the JSON says.

        Raises:
            InvalidInputError: With the names of what is wrong.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            raise InvalidInputError(
                [f"{'.'.join(map(str, problem['loc'])) or 'The choices'}: {problem['msg']}." for problem in found]
            ) from None
