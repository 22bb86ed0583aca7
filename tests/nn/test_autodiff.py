"""All options at random, against TensorFlow's automatic differentiation of the papers' formulas.

In float64, with zero and other initial states, masks with holes and with padding at either end, and
the way back in blocks of several sizes. RNNCOURSE_SEEDS sets how many cases there are; those after
the first thirty have the mark `slow`.
"""

import os

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM, SimpleRNN
from rnncourse.nn.layers import recurrent

tf = pytest.importorskip("tensorflow")

MANY = int(os.environ.get("RNNCOURSE_SEEDS", "100"))
FEW = 30


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=[pytest.mark.slow] if n >= FEW else []) for n in range(MANY)]
)
def test_random_options_against_automatic_differentiation(seed, monkeypatch):
    rng = np.random.default_rng(seed)
    kind, extra = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})][seed % 4]
    B, T, D, N = (int(n) for n in rng.integers(1, (4, 8, 4, 5)))
    names = ("use_bias", "return_sequences", "go_backwards", "zero_output_for_mask")
    options = {name: bool(rng.random() < 0.5) for name in names}
    activation = str(rng.choice(["tanh", "tanh", "relu", "sigmoid", "linear"]))
    layer = kind(N, activation, return_state=True, dtype="float64", **options, **extra).build(D)
    layer.set_weights([rng.normal(scale=0.5, size=w.shape) for w in layer.get_weights()])
    X, mask = rng.normal(size=(B, T, D)), random_mask(rng, B, T)
    zero = rng.random() < 0.5  # the usual start, where a learned h_0 begins, too
    first = [(1 - zero) * rng.normal(size=(B, N)) for _ in range(layer.n_states)]
    monkeypatch.setattr(recurrent, "NUMBERS", int(rng.choice([1, 2 * B * N, 2**16])))

    variables = [tf.constant(a) for a in [X, *layer.get_weights(), *first]]
    with tf.GradientTape() as tape:
        tape.watch(variables)
        want = by_formulas(layer, variables, mask)
        seeds = [rng.normal(size=w.shape) for w in want]
        loss = sum(tf.reduce_sum(w * d) for w, d in zip(want, seeds, strict=True))
    want_grads = tape.gradient(loss, variables, unconnected_gradients="zero")

    got = layer.forward(X, first, mask)
    dX = layer.backward(seeds[0], seeds[1:])
    got_grads = [dX, *layer.grads, *layer.grad_initial_state]
    for g, w in zip([*got, *got_grads], [*want, *want_grads], strict=True):
        np.testing.assert_allclose(g, w, rtol=1e-9, atol=1e-12)


def random_mask(rng, B, T):
    """None, holes, padding at the beginning, or padding at the end; a row may be all padding."""
    shape = rng.integers(4)
    if shape == 0:
        return None
    if shape == 1:
        return rng.random((B, T)) < 0.6
    lengths = rng.integers(0, T + 1, size=(B, 1))
    return np.arange(T) >= lengths if shape == 2 else np.arange(T) < lengths


def by_formulas(layer, variables, mask):
    """[output, h_T] or [output, h_T, c_T] by the formulas of the papers, with Keras's options."""
    X, n_weights = variables[0], len(layer.weight_names)
    weights, states = variables[1 : 1 + n_weights], variables[1 + n_weights :]
    B, T = X.shape[:2]
    mask = np.ones((B, T), bool) if mask is None else mask
    heard, H = np.zeros((B, 1), bool), []
    for t in reversed(range(T)) if layer.go_backwards else range(T):
        real = mask[:, t, None]
        new = step_of(layer, X[:, t], weights, states)
        states = [tf.where(real, a, b) for a, b in zip(new, states, strict=True)]
        heard = heard | real
        shown = real if layer.zero_output_for_mask else heard
        H.append(tf.where(shown, states[0], 0.0))
    return [tf.stack(H, axis=1) if layer.return_sequences else H[-1], *states]


def step_of(layer, x, weights, states):
    f = {"linear": tf.identity, "tanh": tf.tanh, "relu": tf.nn.relu, "sigmoid": tf.sigmoid}
    f, s = f[layer.activation.name], tf.sigmoid
    W, U, *b = weights
    h, b = states[0], b[0] if b else 0.0
    if isinstance(layer, SimpleRNN):
        return [f(x @ W + h @ U + b)]
    if isinstance(layer, LSTM):
        i, forget, c, o = tf.split(x @ W + h @ U + b, 4, axis=1)
        c = s(forget) * states[1] + s(i) * f(c)
        return [s(o) * f(c), c]
    b_x, b_h = (b[0], b[1]) if layer.use_bias and layer.reset_after else (b, 0.0)
    x_z, x_r, x_h = tf.split(x @ W + b_x, 3, axis=1)
    if layer.reset_after:
        h_z, h_r, h_h = tf.split(h @ U + b_h, 3, axis=1)
        z, r = s(x_z + h_z), s(x_r + h_r)
        new = f(x_h + r * h_h)
    else:
        U_z, U_r, U_h = tf.split(U, 3, axis=1)
        z, r = s(x_z + h @ U_z), s(x_r + h @ U_r)
        new = f(x_h + (r * h) @ U_h)
    return [z * h + (1 - z) * new]
