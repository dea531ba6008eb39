"""FINETUNE's trainer: learns from the pairs, reports real losses, stores its model without pickle."""

import io
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets.local.fine_tuning import linear_model
from cortex_tickets.local.fine_tuning.trainer import TrainingCancelled, TrainingDataError, TunedModel, train
from cortex_tickets.local.fine_tuning.training_data import PromptFrame
from cortex_tickets.local.language.tokens import count_tokens

THINGS = {
    "billing": ["the invoice is wrong", "charged twice", "refund my fee", "bill too high", "strange charge"],
    "network": ["no signal here", "data is slow", "calls drop", "internet is down", "weak reception"],
    "leaving": ["close my account", "cancel the contract", "end my plan", "terminate service", "I want to leave"],
}
ENDINGS = ["", " please", " again", " today", " since May", " and I am angry"]
PAIRS = [
    (f"Label the ticket.\n<ticket>\n{text}{ending}\n</ticket>\nLabel:", label)
    for label, texts in THINGS.items()
    for text, ending in itertools.product(texts, ENDINGS)
]


def fit(
    pairs: list[tuple[str, str]], validation: list[tuple[str, str]] | None = None, *, epochs: int = 3, seed: int = 7
) -> tuple[TunedModel, list[tuple[int, int, float, float | None]]]:
    seen: list[tuple[int, int, float, float | None]] = []
    model = train(
        pairs,
        validation,
        max_epochs=epochs,
        seed=seed,
        on_epoch=lambda *epoch: seen.append(epoch),
        cancelled=lambda: False,
    )
    return model, seen


def test_learns_what_the_pairs_say() -> None:
    model, _ = fit(PAIRS[::2])

    answers = model.complete_many([prompt for prompt, _ in PAIRS[1::2]])

    assert answers == [completion for _, completion in PAIRS[1::2]]


def test_a_prompt_without_the_frame_is_answered_too() -> None:
    model, _ = fit(PAIRS)

    assert model.complete_many(["please cancel the contract", "the invoice"]) == ["leaving", "billing"]
    assert model.complete_many([]) == []
    assert model.complete_many([""])[0] in THINGS


def test_reports_every_epoch_with_falling_losses() -> None:
    model, epochs = fit(PAIRS[::2], PAIRS[1::2], epochs=5)

    assert [epoch[:2] for epoch in epochs] == [(number, 5) for number in range(1, 6)]
    training, validation = [epoch[2] for epoch in epochs], [epoch[3] for epoch in epochs]
    assert training == sorted(training, reverse=True)
    assert (model.training_loss, model.validation_loss) == (training[-1], validation[-1])
    assert 0 < model.training_loss < np.log(3)
    assert 0 < model.validation_loss < np.log(3)


def test_trained_tokens_are_those_of_the_prompts_times_the_epochs() -> None:
    model, _ = fit(PAIRS, epochs=4)

    assert model.trained_tokens == 4 * sum(count_tokens(prompt) for prompt, _ in PAIRS)


def test_same_pairs_and_seed_same_model() -> None:
    assert fit(PAIRS)[0].to_bytes() == fit(PAIRS)[0].to_bytes()


def test_without_validation_rows_the_loss_is_of_rows_not_learnt_from() -> None:
    random = np.random.default_rng(0)
    noise = [(f"ticket {random.integers(10**9)} {random.integers(10**9)}", str(label % 2)) for label in range(200)]

    model, _ = fit(noise, epochs=10)

    assert model.training_loss < 0.3
    assert model.validation_loss > 0.5  # there is nothing to learn, and it shows


def test_a_completion_unknown_to_the_model_costs_much_and_breaks_nothing() -> None:
    model, _ = fit(PAIRS, [("Label the ticket.", "a label never trained on")])

    assert model.validation_loss == pytest.approx(-np.log(1e-7), rel=1e-3)


def test_free_text_is_answered_with_the_nearest_completion() -> None:
    fruits = [f"{colour} {fruit}" for colour in ("red", "green", "sour", "ripe") for fruit in ("apple", "pear", "plum")]
    pairs = [
        (f"Tell me of {fruit} number {number}", f"The {fruit} is good, says page {number}.")
        for fruit in fruits
        for number in range(6)
    ]
    model, epochs = fit(pairs, epochs=6)

    answers = model.complete_many([f"Tell me of {fruit}" for fruit in fruits])

    assert all(answer in {completion for _, completion in pairs} for answer in answers)
    assert sum(fruit in answer for fruit, answer in zip(fruits, answers, strict=True)) >= 10
    assert epochs[-1][2] < epochs[0][2]
    assert TunedModel.from_bytes(model.to_bytes()).complete_many(fruits) == model.complete_many(fruits)


def test_with_very_many_completions_a_batch_is_judged_against_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(linear_model, "_MOST_CANDIDATES", 20)
    pairs = [(f"word{number} tell", f"answer word{number} told") for number in range(80)]

    model, epochs = fit(pairs, epochs=5)

    assert epochs[-1][2] < epochs[0][2]
    assert model.complete_many(["word7 tell"]) == ["answer word7 told"]


def test_a_stored_model_gives_the_same_answers_and_facts() -> None:
    model, _ = fit([*PAIRS, ("odd\\n \n\\characters \0 é 你好", "billing")])
    copy = TunedModel.from_bytes(model.to_bytes())
    prompts = [prompt for prompt, _ in PAIRS] + ["odd\\n", "é 你好"]

    assert copy.complete_many(prompts) == model.complete_many(prompts)
    assert (copy.training_loss, copy.validation_loss, copy.trained_tokens) == (
        model.training_loss,
        model.validation_loss,
        model.trained_tokens,
    )


def test_a_stored_model_is_no_pickle() -> None:
    with np.load(io.BytesIO(fit(PAIRS)[0].to_bytes()), allow_pickle=False) as archive:
        assert all(archive[name].dtype != object for name in archive.files)
    with pytest.raises(ValueError, match="pickle"):
        TunedModel.from_bytes(pickle.dumps({"weights": 1}))


def test_another_format_is_refused() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, facts=np.frombuffer(b'{"format": 99}', dtype=np.uint8))

    with pytest.raises(ValueError, match="format 99"):
        TunedModel.from_bytes(buffer.getvalue())


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "has no rows"),
        ([("secret", "a"), ("", "b")], r"1 of 2 rows have a prompt that is NULL, blank or not a text \(rows 2\)"),
        ([("secret", None)] * 7, r"7 of 7 rows have a completion .* \(rows 1, 2, 3, 4, 5, \.\.\.\)"),
        ([(" ", 1)], "prompt .*; .* completion"),
        ([("secret", "secret"), ("secret two", "secret")], "All 2 rows .* same completion; at least 2"),
    ],
)
def test_bad_training_data_is_refused_without_quoting_it(pairs: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(TrainingDataError, match=message) as refusal:
        fit(pairs)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("validation", [[], [("a", " ")]])
def test_bad_validation_data_is_refused(validation: list[tuple[str, str]]) -> None:
    with pytest.raises(TrainingDataError, match="validation data"):
        fit(PAIRS, validation)


def test_training_stops_when_it_is_told_to() -> None:
    polls = itertools.count()
    seen: list[int] = []

    with pytest.raises(TrainingCancelled):
        train(
            PAIRS,
            None,
            max_epochs=10,
            seed=1,
            on_epoch=lambda *epoch: seen.append(epoch[0]),
            cancelled=lambda: next(polls) > 40,
        )
    assert 0 < len(seen) < 10


@pytest.mark.parametrize(
    "pairs",
    [
        [("a", "x"), ("b", "y")],
        [("same", "x"), ("same", "y")],
        [("!!", "x"), ("??", "y")],
        [("Label: one", "x"), ("Label: one two", "y"), ("Label: one three", "x")],
    ],
)
def test_the_smallest_sets_train(pairs: list[tuple[str, str]]) -> None:
    model, _ = fit(pairs)

    assert set(model.complete_many([prompt for prompt, _ in pairs])) <= {"x", "y"}
    assert np.isfinite([model.training_loss, model.validation_loss]).all()


def test_the_frame_is_what_all_prompts_share_in_whole_words() -> None:
    frame = PromptFrame.shared_by(["Label: good thing.\nEnd", "Label: gone thing.\nEnd"])

    assert frame == PromptFrame("Label: ", " thing.\nEnd")
    assert frame.inside("Label: new thing.\nEnd") == "new"
    assert frame.inside("something else") == "something else"


@given(st.lists(st.text(alphabet="ab \n.", max_size=12), min_size=1, max_size=6))
def test_the_frame_fits_every_prompt(prompts: list[str]) -> None:
    frame = PromptFrame.shared_by(prompts)

    for prompt in prompts:
        assert prompt.startswith(frame.prefix)
        assert prompt.endswith(frame.suffix)
        assert len(frame.prefix) + len(frame.suffix) <= len(prompt)
