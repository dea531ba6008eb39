"""What holds for every test: drawn examples are the same on each run, and a busy machine is no failure."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None, derandomize=True)
settings.load_profile("suite")

# The engine is on this machine, and no proxy leads there. Where that is said, a client does not read the whole
# environment twice before each statement to find one.
for name in ("no_proxy", "NO_PROXY"):
    os.environ[name] = ",".join(filter(None, (os.environ.get(name), "127.0.0.1", "localhost")))

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "lost", "card", "phone", "fee")
EncoderMaker = Callable[..., Path]


@pytest.fixture
def make_encoder(tmp_path: Path) -> EncoderMaker:
    """Makes a sentence encoder's folder as sentence-transformers writes it, small enough to be reckoned by hand.

    Each of the words is its own direction: place i is word i. Tokens come as `[CLS] word .. [SEP]`.
    """

    def make(
        *,
        pooling: dict[str, object] | None = None,
        parts: tuple[str, ...] = ("Transformer", "Pooling", "Normalize"),
        output: str = "last_hidden_state",
        extra_input: str = "",
        most_tokens: int = 6,
        prompt: str = "",
        dimension: int = len(WORDS),
    ) -> Path:
        folder = tmp_path / "encoder"
        for name in ("onnx", "1_Pooling"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        write_tokenizer(folder / "tokenizer.json")
        write_model(folder / "onnx" / "model.onnx", output, extra_input, dimension)
        listed = [
            {"idx": at, "name": str(at), "path": f"{at}_{kind}" if at else "", "type": f"sentence_transformers.{kind}"}
            for at, kind in enumerate(parts)
        ]
        prompts = {"default_prompt_name": "text", "prompts": {"text": prompt}} if prompt else {}
        for name, content in (
            ("modules.json", listed),
            ("1_Pooling/config.json", {"pooling_mode": "mean"} if pooling is None else pooling),
            ("sentence_bert_config.json", {"max_seq_length": most_tokens}),
            ("config_sentence_transformers.json", prompts),
        ):
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
        return folder

    return make


def write_tokenizer(file: Path) -> None:
    """A tokenizer by words; like many real ones it comes with a padding and a cut of its own."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors  # noqa: PLC0415 - few tests need it

    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.enable_padding(length=16)
    tokenizer.enable_truncation(3)
    tokenizer.save(str(file))


def write_model(file: Path, output: str, extra_input: str, dimension: int) -> None:
    """A model that looks each token's vector up; as `sentence_embedding` it adds them up itself."""
    from onnx import TensorProto, helper, numpy_helper, save  # noqa: PLC0415 - few tests need it

    table = np.eye(len(WORDS), dimension, dtype=np.float32)
    inputs = ["input_ids", "attention_mask", *([extra_input] if extra_input else [])]
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["there"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["there", "last"], ["weights"]),
        helper.make_node("Gather", ["table", "input_ids"], ["looked_up"]),
        helper.make_node("Mul", ["looked_up", "weights"], ["tokens"]),
    ]
    is_pooled = output == "sentence_embedding"
    nodes.append(
        helper.make_node("ReduceSum", ["tokens", "first"], [output], keepdims=0)
        if is_pooled
        else helper.make_node("Identity", ["tokens"], [output])
    )
    shape: list[str | int | None] = ["texts", dimension] if is_pooled else ["texts", "tokens", dimension]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, shape)],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array([-1]), "last"),
            numpy_helper.from_array(np.array([1]), "first"),
        ],
    )
    save(helper.make_model(graph, ir_version=10, opset_imports=[helper.make_opsetid("", 17)]), str(file))
