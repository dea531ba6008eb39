"""A trained model: what it answers, and how it is stored."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cortex_tickets.local.fine_tuning.completion_targets import CompletionTargets
from cortex_tickets.local.fine_tuning.linear_model import LinearModel
from cortex_tickets.local.fine_tuning.text_features import TextFeatures
from cortex_tickets.local.fine_tuning.training_data import PromptFrame

_FORMAT = 1
_BLOCK_ROWS = 2_048


@dataclass(frozen=True, slots=True)
class TunedModel:
    """Answers a prompt with the completion of its training data that it finds most likely."""

    frame: PromptFrame
    features: TextFeatures
    model: LinearModel
    training_loss: float
    """Log loss over the training rows after the last epoch, in nats."""
    validation_loss: float
    """Log loss over rows that were not trained on, after the last epoch, in nats."""
    trained_tokens: int
    """Tokens of all training prompts, times the epochs."""

    def complete_many(self, prompts: Sequence[str]) -> list[str]:
        """Answer each prompt; element `i` is for `prompts[i]`. Works in blocks, so memory stays bounded."""
        completions = self.model.targets.completions
        answers: list[str] = []
        for start in range(0, len(prompts), _BLOCK_ROWS):
            texts = [self.frame.inside(prompt) for prompt in prompts[start : start + _BLOCK_ROWS]]
            answers.extend(completions[best] for best in self.model.best(self.features.rows(texts)))
        return answers

    def to_bytes(self) -> bytes:
        """Return a numpy archive; it holds no pickle, so reading one runs no code of its writer."""
        targets = self.model.targets
        facts = {
            "format": _FORMAT,
            "prefix": self.frame.prefix,
            "suffix": self.frame.suffix,
            "completions": targets.completions,
            "training_loss": self.training_loss,
            "validation_loss": self.validation_loss,
            "trained_tokens": self.trained_tokens,
        }
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "facts": np.frombuffer(json.dumps(facts).encode(), dtype=np.uint8),
            "weights": self.model.weights,
            "intercept": self.model.intercept,
            **self.features.to_arrays(),
        }
        if targets.directions is not None:
            arrays["directions"] = targets.directions
        buffer = io.BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> TunedModel:
        """Rebuild a model from `to_bytes`; it gives the same answers.

        Raises:
            ValueError: When the data is of another format.
        """
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        facts = json.loads(arrays["facts"].tobytes())
        if facts["format"] != _FORMAT:
            raise ValueError(f"The model has storage format {facts['format']}; {_FORMAT} is expected.")
        targets = CompletionTargets(tuple(facts["completions"]), arrays.get("directions"))
        return cls(
            frame=PromptFrame(facts["prefix"], facts["suffix"]),
            features=TextFeatures.from_arrays(arrays),
            model=LinearModel(targets, arrays["weights"], arrays["intercept"]),
            training_loss=facts["training_loss"],
            validation_loss=facts["validation_loss"],
            trained_tokens=facts["trained_tokens"],
        )
