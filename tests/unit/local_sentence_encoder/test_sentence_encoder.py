"""A sentence encoder's folder: which vectors it gives, and what is said where it cannot."""

import importlib.util
import re
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cortex_tickets.errors import InvalidInputError, MissingExtraError
from cortex_tickets.local.sentence_encoder.encoder_folder import EncoderFolder, EncoderFolderError
from cortex_tickets.local.sentence_encoder.sentence_encoder import (
    EncoderError,
    SentenceEncoder,
    encoder_from_environment,
)

EncoderMaker = Callable[..., Path]
DIMENSION, MOST_TOKENS = 8, 512
CLS, SEP, LOST, CARD = 2, 3, 4, 5


def vectors(folder: Path, *texts: str, dimension: int = DIMENSION, most_tokens: int = MOST_TOKENS) -> list[Any]:
    return SentenceEncoder(EncoderFolder.at(folder)).vectors(texts, dimension, most_tokens)


def towards(*places: int, dimension: int = DIMENSION) -> Any:
    """The vector of length 1 that leans equally to each of the places, and twice to one that is given twice."""
    vector = np.bincount(places, minlength=dimension)
    return pytest.approx(vector / np.linalg.norm(vector), abs=1e-6)


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ({"pooling_mode": "mean"}, (CLS, LOST, LOST, CARD, SEP)),
        ({"pooling_mode": ["mean"]}, (CLS, LOST, LOST, CARD, SEP)),
        ({"pooling_mode_mean_tokens": True}, (CLS, LOST, LOST, CARD, SEP)),
        ({"pooling_mode_mean_sqrt_len_tokens": True}, (CLS, LOST, LOST, CARD, SEP)),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, (CLS,)),
        ({"pooling_mode": "cls"}, (CLS,)),
        ({"pooling_mode": "max"}, (CLS, LOST, CARD, SEP)),
        ({"pooling_mode": "lasttoken"}, (SEP,)),
        ({}, (CLS, LOST, LOST, CARD, SEP)),
    ],
)
def test_token_vectors_become_one_as_the_folder_says(
    make_encoder: EncoderMaker, pooling: dict[str, object], expected: tuple[int, ...]
) -> None:
    # A longer text in the same batch: what fills the row up must not count.
    found = vectors(make_encoder(pooling=pooling), "Lost lost card", "lost card phone fee")[0]
    assert found == towards(*expected)


def test_a_model_that_pools_by_itself_is_taken_at_its_word(make_encoder: EncoderMaker) -> None:
    folder = make_encoder(output="sentence_embedding", pooling={"pooling_mode": "cls"})
    assert vectors(folder, "lost card")[0] == towards(CLS, LOST, CARD, SEP)


def test_texts_come_back_in_order_and_as_each_alone(make_encoder: EncoderMaker) -> None:
    folder = make_encoder(most_tokens=100)
    texts = [" ".join(["lost", "card", "phone", "fee"][: at % 4 + 1] * (at % 7 + 1)) for at in range(80)]
    together = vectors(folder, *texts)
    assert all(np.allclose(found, vectors(folder, text)[0]) for found, text in zip(together, texts, strict=True))
    assert vectors(folder) == []


def test_tokens_past_a_limit_do_not_count_and_the_closing_token_stays(make_encoder: EncoderMaker) -> None:
    text = "lost card card card card phone"
    assert vectors(make_encoder(most_tokens=4), text)[0] == towards(CLS, LOST, CARD, SEP)
    assert vectors(make_encoder(most_tokens=100), text, most_tokens=3)[0] == towards(CLS, LOST, SEP)


def test_what_the_model_wants_in_front_of_a_text_is_put_there(make_encoder: EncoderMaker) -> None:
    assert vectors(make_encoder(prompt="lost "), "card")[0] == towards(CLS, LOST, CARD, SEP)


def test_a_shorter_vector_is_followed_by_zeros_and_a_longer_one_refused(make_encoder: EncoderMaker) -> None:
    folder = make_encoder()
    found = vectors(folder, "card", dimension=12)[0]
    assert found == towards(CLS, CARD, SEP, dimension=12)
    with pytest.raises(EncoderError, match="gives 8 numbers and the model 6"):
        vectors(folder, "card", dimension=6)


def test_a_text_without_tokens_has_a_vector_too(make_encoder: EncoderMaker) -> None:
    folder = make_encoder(pooling={"pooling_mode": "max"})
    file = folder / "tokenizer.json"
    plain = re.sub(r'"post_processor":\s*\{.*?\n  \},', '"post_processor": null,', file.read_text(), flags=re.DOTALL)
    file.write_text(plain)
    assert vectors(folder, "", "lost") == [towards(0), towards(LOST)]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "lacks tokenizer.json"),
        (lambda folder: (folder / "onnx" / "model.onnx").unlink(), "lacks onnx/model.onnx or model.onnx"),
        (lambda folder: (folder / "modules.json").write_text("{"), "holds no JSON"),
    ],
)
def test_a_folder_that_is_no_encoder_is_refused(
    make_encoder: EncoderMaker, spoil: Callable[[Path], object], message: str
) -> None:
    folder = make_encoder()
    spoil(folder)
    with pytest.raises(EncoderFolderError, match=message):
        EncoderFolder.at(folder)


def test_parts_and_poolings_that_would_change_the_vectors_are_refused(make_encoder: EncoderMaker) -> None:
    with pytest.raises(EncoderFolderError, match="has a part Dense"):
        EncoderFolder.at(make_encoder(parts=("Transformer", "Pooling", "Dense", "Normalize")))
    with pytest.raises(EncoderFolderError, match="pools by cls and mean"):
        EncoderFolder.at(make_encoder(pooling={"pooling_mode": ["cls", "mean"]}))


def test_a_folder_that_lists_no_parts_pools_by_the_mean(make_encoder: EncoderMaker) -> None:
    folder = make_encoder()
    (folder / "modules.json").unlink()
    (folder / "1_Pooling" / "config.json").unlink()
    (folder / "onnx" / "model.onnx").rename(folder / "model.onnx")
    assert vectors(folder, "card")[0] == towards(CLS, CARD, SEP)


@pytest.mark.parametrize("file", ["tokenizer.json", "onnx/model.onnx"])
def test_files_that_cannot_be_read_are_named(make_encoder: EncoderMaker, file: str) -> None:
    folder = make_encoder()
    (folder / file).write_bytes(b"nothing")
    with pytest.raises(EncoderError, match=f"{file} cannot be"):
        vectors(folder, "card")


def test_a_model_with_other_inputs_is_refused(make_encoder: EncoderMaker) -> None:
    with pytest.raises(EncoderError, match="wants the input pixel_values"):
        vectors(make_encoder(extra_input="pixel_values"), "card")


def test_a_model_that_fails_says_so_without_the_text(make_encoder: EncoderMaker) -> None:
    folder = make_encoder()
    tokenizer = folder / "tokenizer.json"
    tokenizer.write_text(tokenizer.read_text().replace('"card": 5', '"card": 500'))
    with pytest.raises(EncoderError, match="failed") as raised:
        vectors(folder, "card")
    assert "card" not in str(raised.value)


def test_the_environment_names_the_folder(make_encoder: EncoderMaker) -> None:
    encoder = encoder_from_environment({"CORTEX_TICKETS_ENCODER": str(make_encoder())})
    assert encoder is not None
    assert encoder.vectors(["card"], DIMENSION, MOST_TOKENS)[0] == towards(CLS, CARD, SEP)
    assert encoder_from_environment({}) is None
    assert encoder_from_environment({"CORTEX_TICKETS_ENCODER": " "}) is None


def test_a_missing_folder_is_told_in_one_sentence(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    with pytest.raises(InvalidInputError) as raised:
        encoder_from_environment({"CORTEX_TICKETS_ENCODER": str(missing)})
    assert str(raised.value) == (
        f"CORTEX_TICKETS_ENCODER must name a sentence encoder's folder, and {missing} is no folder."
    )


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_without_its_packages_the_extra_is_named(
    make_encoder: EncoderMaker, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    folder = make_encoder()

    def find(name: str) -> ModuleSpec | None:
        return None if name == package else ModuleSpec(name, None)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    monkeypatch.setattr("cortex_tickets.local.sentence_encoder.sentence_encoder.find_spec", find)
    with pytest.raises(MissingExtraError, match=r"the extra 'encoder', which is not installed"):
        encoder_from_environment({"CORTEX_TICKETS_ENCODER": str(folder)})
