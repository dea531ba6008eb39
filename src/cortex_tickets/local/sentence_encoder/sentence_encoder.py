"""Runs a sentence encoder with ONNX Runtime: texts in, vectors of length 1 out."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from cortex_tickets.local.sentence_encoder.encoder_folder import ENCODER, EncoderFolder, EncoderFolderError

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

Floats = npt.NDArray[np.float32]

_BATCH_TEXTS = 32
_POOLED = "sentence_embedding"
"""The output of a model that pools by itself."""
_KNOWN_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_PADDINGS = ("[PAD]", "<pad>")


class EncoderError(Exception):
    """The encoder cannot give these vectors; the text is one sentence for the user."""


class SentenceEncoder:
    """One encoder, loaded when it is first asked; safe to share between threads."""

    def __init__(self, folder: EncoderFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._model: Any = None
        self._tokenizers: dict[int | None, Tokenizer] = {}

    def vectors(self, texts: Sequence[str], dimension: int, most_tokens: int) -> list[Floats]:
        """Return a vector of length 1 and of `dimension` numbers for each text, in order.

        A shorter vector of the encoder's is followed by zeros, which changes no cosine and no distance. Nothing of a
        longer one could be left out without changing them, so that is refused. Tokens past the encoder's own limit,
        or past `most_tokens`, do not count. The last digits may differ with the texts that go in the same batch.

        Raises:
            EncoderError: When the encoder's vectors are longer than `dimension`, or its files cannot be run.
        """
        if not texts:
            return []
        encodings = self._tokenizer(most_tokens).encode_batch([self._folder.prompt + text for text in texts])
        by_length = sorted(range(len(texts)), key=lambda at: len(encodings[at].ids))
        vectors: list[Floats] = [np.empty(0, np.float32)] * len(texts)
        for start in range(0, len(texts), _BATCH_TEXTS):
            batch = by_length[start : start + _BATCH_TEXTS]
            for at, vector in zip(batch, self._encoded([encodings[at] for at in batch], dimension), strict=True):
                vectors[at] = vector
        return vectors

    def _encoded(self, encodings: Sequence[Encoding], dimension: int) -> Floats:
        model, padding = self._loaded()
        shape = (len(encodings), max(1, *(len(encoding.ids) for encoding in encodings)))
        fed = {name: np.zeros(shape, np.int64) for name in ("input_ids", "attention_mask", "token_type_ids")}
        fed["input_ids"][:] = padding
        for row, encoding in enumerate(encodings):
            length = len(encoding.ids)
            fed["input_ids"][row, :length] = encoding.ids
            fed["attention_mask"][row, :length] = 1
            fed["token_type_ids"][row, :length] = encoding.type_ids
        outputs = [item.name for item in model.get_outputs()]
        wanted = _POOLED if _POOLED in outputs else outputs[0]
        try:
            (found,) = model.run([wanted], {item.name: fed[item.name] for item in model.get_inputs()})
        except Exception as error:
            raise EncoderError(
                f"The sentence encoder in {self._folder.path} failed ({type(error).__name__})."
            ) from error
        pooled = found if found.ndim == 2 else _pooled(found, fed["attention_mask"], self._folder.pooling)  # noqa: PLR2004 - texts and numbers
        return _of_dimension(_unit(np.array(pooled, np.float32)), dimension, self._folder.path)

    def _tokenizer(self, most_tokens: int) -> Tokenizer:
        limit = min(most_tokens, self._folder.most_tokens or most_tokens)
        with self._lock:
            if limit not in self._tokenizers:
                self._tokenizers[limit] = self._read_tokenizer(limit)
            return self._tokenizers[limit]

    def _read_tokenizer(self, limit: int | None) -> Tokenizer:
        from tokenizers import Tokenizer  # noqa: PLC0415 - of an extra

        try:
            tokenizer = Tokenizer.from_file(str(self._folder.tokenizer))
        except Exception as error:  # tokenizers raises Exception itself
            raise EncoderError(
                f"The sentence encoder's {self._folder.tokenizer} cannot be read ({type(error).__name__})."
            ) from error
        tokenizer.no_padding()
        tokenizer.no_truncation()
        if limit is not None:
            tokenizer.enable_truncation(limit)
        return tokenizer

    def _loaded(self) -> tuple[Any, int]:
        """The model, and the number that fills a row up."""
        with self._lock:
            if self._model is None:
                self._model = self._load()
            return self._model  # type: ignore[no-any-return]  # a pair since `_load`

    def _load(self) -> tuple[Any, int]:
        import onnxruntime  # noqa: PLC0415 - of an extra

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what fails is raised; nothing is to be written to the program's own output
        try:
            model = onnxruntime.InferenceSession(
                str(self._folder.model), sess_options=options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise EncoderError(
                f"The sentence encoder's {self._folder.model} cannot be loaded ({type(error).__name__})."
            ) from error
        if unknown := {item.name for item in model.get_inputs()} - _KNOWN_INPUTS:
            raise EncoderError(
                f"The sentence encoder's {self._folder.model} wants the input {min(unknown)}, which is not known here."
            )
        numbers = [self._read_tokenizer(None).token_to_id(name) for name in _PADDINGS]
        return model, next((number for number in numbers if number is not None), 0)


def encoder_from_environment(environment: Mapping[str, str] = os.environ) -> SentenceEncoder | None:
    """The encoder of CORTEX_TICKETS_ENCODER; `None` where that is not set.

    Raises:
        InvalidInputError: When it names no sentence encoder's folder.
        MissingExtraError: When the packages of the extra `encoder` are not installed.
    """
    path = environment.get(ENCODER, "").strip()
    if not path:
        return None
    from cortex_tickets.errors import InvalidInputError, MissingExtraError  # noqa: PLC0415 - as in `opening`

    if any(find_spec(name) is None for name in ("onnxruntime", "tokenizers")):
        raise MissingExtraError(extra="encoder")
    try:
        return SentenceEncoder(EncoderFolder.at(Path(path).expanduser()))
    except EncoderFolderError as error:
        raise InvalidInputError(str(error)) from None


def _pooled(tokens: npt.NDArray[np.floating], mask: npt.NDArray[np.int64], pooling: str) -> Floats:
    """One vector of each row of token vectors, shape `(n_texts, n_tokens, n_numbers)`; zeros where no token is."""
    there = mask[:, :, None] > 0
    if pooling == "cls":
        pooled = tokens[:, 0]
    elif pooling == "lasttoken":
        pooled = tokens[np.arange(len(tokens)), np.maximum(mask.sum(axis=1) - 1, 0)]
    elif pooling == "max":
        pooled = np.where(there, tokens, -np.inf).max(axis=1)
    else:  # a mean, or one over the root of the number of tokens: scaled to length 1 they are the same
        pooled = (tokens * there).sum(axis=1)
    return np.where(there.any(axis=1), pooled, 0).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    vectors[~vectors.any(axis=1), 0] = 1  # as of the hashed words: the first unit vector stands for nothing
    unit: Floats = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    return unit


def _of_dimension(vectors: Floats, dimension: int, folder: Path) -> Floats:
    has = vectors.shape[1]
    if has > dimension:
        raise EncoderError(
            f"The sentence encoder in {folder} gives {has} numbers and the model {dimension}: name a model of at least "
            f"{has}, or set {ENCODER} to another encoder."
        )
    return np.pad(vectors, ((0, 0), (0, dimension - has)))
