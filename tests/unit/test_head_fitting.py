"""A head that is fitted: exact in a table's numbers, calibrated on the held-out rows, the same every time."""

import numpy as np
import pytest

from cortex_tickets._heads.fitting import Fitted, fit

DIMENSION = 16


def drawn(n_rows: int, n_labels: int, *, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return vectors of length 1 around a middle for each label, and their labels."""
    middles = np.random.default_rng(1).standard_normal((n_labels, DIMENSION))
    random = np.random.default_rng(seed)
    labels = np.arange(n_rows) % n_labels
    vectors = middles[labels] + noise * random.standard_normal((n_rows, DIMENSION))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32), labels


def fitted(n_labels: int = 4, *, noise: float = 1.0, n_rows: int = 240, n_held_out: int = 400) -> Fitted:
    vectors, labels = drawn(n_rows, n_labels, noise=noise, seed=2)
    held_out, true = drawn(n_held_out, n_labels, noise=noise, seed=3)
    return fit(vectors, labels, [str(place) for place in range(n_rows)], held_out, true, n_labels=n_labels)


def shares(head: Fitted, vectors: np.ndarray) -> np.ndarray:
    logits = (vectors @ head.weights.T + head.biases) / 2.0**head.scale_bits / head.temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("n_labels", [2, 4])
def test_its_labels_and_probabilities_are_those_of_its_rows(n_labels: int) -> None:
    head = fitted(n_labels)
    held_out, true = drawn(400, n_labels, noise=1.0, seed=3)
    found = shares(head, held_out)
    assert head.accuracy == pytest.approx(np.mean(found.argmax(axis=1) == true))
    assert head.log_loss == pytest.approx(-np.log(found[np.arange(400), true]).mean())
    assert head.accuracy > 1.5 / n_labels


def test_every_weight_is_exact_in_a_vector_of_floats() -> None:
    head = fitted()
    exact = head.weights * 2.0**-head.scale_bits
    assert np.array_equal(exact.astype(np.float32).astype(np.float64), exact)
    assert np.abs(head.weights).max() < 2**24
    assert np.abs(head.weights).max() > 2**20


def test_its_probabilities_are_calibrated_on_tickets_like_the_held_out_ones() -> None:
    head = fitted(noise=1.5)
    fresh, true = drawn(4_000, 4, noise=1.5, seed=4)
    found = shares(head, fresh)
    assert found.max(axis=1).mean() == pytest.approx(np.mean(found.argmax(axis=1) == true), abs=0.03)


def test_no_temperature_has_a_smaller_loss_but_for_the_doubt() -> None:
    head = fitted(noise=1.5)
    held_out, true = drawn(400, 4, noise=1.5, seed=3)

    def loss(factor: float) -> float:
        other = shares(
            Fitted(
                **{name: getattr(head, name) for name in Fitted.__slots__} | {"temperature": head.temperature * factor}
            ),
            held_out,
        )
        return float(-np.log(other[np.arange(400), true]).mean())

    assert all(loss(1.0) < loss(factor) for factor in (0.8, 1.25))


def test_few_rows_that_are_all_right_do_not_make_it_all_too_sure() -> None:
    head = fitted(noise=0.05, n_held_out=8)
    held_out, _ = drawn(8, 4, noise=0.05, seed=3)
    assert head.accuracy == 1.0
    assert 0.8 < shares(head, held_out).max(axis=1).mean() < 0.97


def test_the_same_rows_give_the_same_head() -> None:
    first, second = fitted(), fitted()
    assert np.array_equal(first.weights, second.weights)
    assert (first.temperature, first.inverse_regularisation) == (second.temperature, second.inverse_regularisation)


def test_near_copies_of_one_group_choose_nothing() -> None:
    vectors, labels = drawn(12, 2, noise=0.1, seed=2)
    head = fit(vectors, labels, ["one group"] * 12, vectors, labels, n_labels=2)
    assert head.accuracy == 1.0
