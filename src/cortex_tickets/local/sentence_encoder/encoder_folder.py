"""What a sentence encoder's folder says of itself. Nothing is loaded here, and no model runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ENCODER = "CORTEX_TICKETS_ENCODER"

_MODEL_FILES = ("onnx/model.onnx", "model.onnx")
# sentence-transformers 5 and older write a flag for each way of pooling, newer ones its name.
_FLAGS = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
    "pooling_mode_weightedmean_tokens": "weightedmean",
    "pooling_mode_lasttoken": "lasttoken",
}
POOLINGS = frozenset({"cls", "max", "mean", "mean_sqrt_len_tokens", "lasttoken"})
_KNOWN_PARTS = frozenset({"Transformer", "Pooling", "Normalize"})
_LONGEST_LIMIT = 100_000
"""Some tokenizers say that they have no limit by a number that no model takes."""


class EncoderFolderError(ValueError):
    """The folder is no sentence encoder that can be run; the text is one sentence for the user."""


@dataclass(frozen=True, slots=True)
class EncoderFolder:
    """A folder in the form of sentence-transformers, with the model as ONNX.

    Attributes:
        path: The folder.
        model: The ONNX file.
        tokenizer: `tokenizer.json`, read by Hugging Face's tokenizers.
        pooling: How token vectors become one: `cls`, `max`, `mean`, `mean_sqrt_len_tokens` or `lasttoken`.
        most_tokens: Most tokens that the model takes; `None` where the folder does not say.
        prompt: What the model wants in front of every text; mostly nothing.

    Source:
        The files that sentence-transformers 6.2 writes and reads, and their forms in older versions, read 2026-11-25.
    """

    path: Path
    model: Path
    tokenizer: Path
    pooling: str
    most_tokens: int | None
    prompt: str = ""

    @classmethod
    def at(cls, path: Path) -> Self:
        """Read the folder's own description.

        Raises:
            EncoderFolderError: When it is not there, lacks a file, or its model has a part that is not known here.
        """
        if not path.is_dir():
            raise EncoderFolderError(f"{ENCODER} must name a sentence encoder's folder, and {path} is no folder.")
        found = [path / name for name in _MODEL_FILES if (path / name).is_file()]
        tokenizer = path / "tokenizer.json"
        missing = [*([] if found else [" or ".join(_MODEL_FILES)]), *([] if tokenizer.is_file() else [tokenizer.name])]
        if missing:
            raise EncoderFolderError(
                f"{ENCODER} must name a sentence encoder's folder, and {path} lacks {' and '.join(missing)}."
            )
        parts = _parts(path)
        if unknown := [kind for kind, _ in parts if kind not in _KNOWN_PARTS]:
            raise EncoderFolderError(
                f"The sentence encoder in {path} has a part {unknown[0]}, and only Transformer, Pooling and "
                "Normalize can be run."
            )
        pooling = _pooling(next((path / folder for kind, folder in parts if kind == "Pooling"), path / "1_Pooling"))
        if pooling not in POOLINGS:
            raise EncoderFolderError(
                f"The sentence encoder in {path} pools by {pooling}, and only {', '.join(sorted(POOLINGS))} can be "
                "done."
            )
        return cls(path, found[0], tokenizer, pooling, _most_tokens(path), _prompt(path))


def _parts(path: Path) -> list[tuple[str, str]]:
    """The kinds and folders of the model's parts, in order; none where the folder does not list them."""
    listed = _json(path / "modules.json")
    if not isinstance(listed, list):
        return []
    return [(str(part.get("type", "")).rpartition(".")[2], str(part.get("path", ""))) for part in listed]


def _pooling(folder: Path) -> str:
    config = _object(folder / "config.json")
    modes = config.get("pooling_mode") or [mode for flag, mode in _FLAGS.items() if config.get(flag)] or "mean"
    return modes if isinstance(modes, str) else " and ".join(map(str, modes))


def _most_tokens(path: Path) -> int | None:
    said = (
        _object(path / "sentence_bert_config.json").get("max_seq_length"),
        _object(path / "tokenizer_config.json").get("model_max_length"),
        _object(path / "config.json").get("max_position_embeddings"),
    )
    return next((int(limit) for limit in said if isinstance(limit, int | float) and 0 < limit < _LONGEST_LIMIT), None)


def _prompt(path: Path) -> str:
    config = _object(path / "config_sentence_transformers.json")
    return str((config.get("prompts") or {}).get(config.get("default_prompt_name"), ""))


def _object(file: Path) -> Mapping[str, Any]:
    value = _json(file)
    return value if isinstance(value, Mapping) else {}


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise EncoderFolderError(f"The sentence encoder's file {file} holds no JSON.") from None
