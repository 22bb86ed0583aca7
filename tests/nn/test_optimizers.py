"""Optimizers: one for one model, lists of arrays, numbers for rates, clipping of huge gradients."""

import numpy as np
import pytest

from rnncourse.nn import SGD, Adam, Dense, Sequential, clip_by_global_norm, global_norm


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_an_optimizer_is_refused_for_a_second_model(kind):
    """Of equal shapes too: else the second model goes on with the first one's momentum."""
    X, optimizer = np.ones((4, 3)), kind(0.1)
    models = [Sequential([Dense(2, seed=n)]) for n in range(2)]
    for model in models:
        model.compile(optimizer, "mse")
    models[0].train_on_batch(X, X[:, :2])
    before = models[1].build((None, 3)).get_weights()
    with pytest.raises(ValueError, match="make a new optimizer for a new model"):
        models[1].train_on_batch(X, X[:, :2])
    np.testing.assert_array_equal(models[1].get_weights()[0], before[0])
    models[0].train_on_batch(X, X[:, :2])


@pytest.mark.parametrize(
    ("grads", "weights"),
    [
        (np.ones(3), np.ones(3)),
        (np.ones((2, 3)), np.ones((2, 3))),
        ([np.ones(3)], [[1.0, 1.0, 1.0]]),
        ([None], [np.ones(3)]),
        ([np.ones(3)], [np.ones(3, int)]),
    ],
)
def test_apply_takes_lists_of_arrays(grads, weights):
    """Of 1-D arrays instead of lists, the steps would go to copies of the numbers."""
    with pytest.raises(TypeError, match=r"apply\(\[dW, db\], \[W, b\]\)"):
        SGD(1.0).apply(grads, weights)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Adam("0.1"),
        lambda: SGD(None),
        lambda: SGD(-1),
        lambda: SGD(np.nan),
        lambda: Adam(epsilon=-1),
        lambda: Adam(clipnorm="1"),
        lambda: SGD(global_clipnorm=0),
        lambda: Adam(beta_1=1),
        lambda: Adam(beta_2="0.9"),
    ],
)
def test_what_is_no_such_number_is_named(make):
    words = "(learning_rate|epsilon|clipnorm|beta_.) must be a number .*, got"
    with pytest.raises((TypeError, ValueError), match=words):
        make()


@pytest.mark.parametrize(("dtype", "size"), [("float32", 1e20), ("float64", 1e200)])
@pytest.mark.parametrize("clip", ["clipnorm", "global_clipnorm"])
def test_a_huge_gradient_keeps_its_direction(dtype, size, clip):
    w = np.zeros(2, dtype)
    SGD(1.0, **{clip: 5}).apply([size * np.array([3, 4], dtype)], [w])
    np.testing.assert_allclose(w, [-3, -4], rtol=1e-6)


def test_the_norm_of_tiny_and_huge_numbers():
    for size in (1e-200, 1e-30, 1, 1e200):
        assert global_norm([size * np.array([3.0, 4.0])]) == pytest.approx(5 * size, rel=1e-12)
    assert global_norm([np.zeros(2)]) == 0
    assert global_norm([np.array([np.inf])]) == np.inf
    assert np.isnan(global_norm([np.array([np.nan, 1])]))


def test_an_infinite_gradient_has_no_direction():
    """As in Keras: nan, so that the loss says so at the next step, rather than 0."""
    with np.errstate(invalid="ignore"):
        (clipped,) = clip_by_global_norm([np.array([np.inf, 1.0])], 1.0)
    assert np.isnan(clipped[0])
