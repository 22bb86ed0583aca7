"""Quick checks without pytest or Keras, for test_mutations.py to run against a mutated engine."""

import numpy as np

from rnncourse.nn import (
    GRU,
    LSTM,
    SGD,
    Adam,
    Bidirectional,
    Dense,
    Embedding,
    Sequential,
    SimpleRNN,
    gradcheck,
    mse,
)
from rnncourse.nn.layers import recurrent

B, T, D, N = 2, 5, 3, 4
RNG = np.random.default_rng(0)
MASK = np.array([[1, 0, 1, 1, 0], [0, 1, 1, 0, 1]], bool)
KINDS = [(SimpleRNN, {}), (LSTM, {}), (GRU, {}), (GRU, {"reset_after": False})]


def same(got, want):
    """AssertionError unless the two are equal to rounding."""
    np.testing.assert_allclose(got, want, rtol=1e-7, atol=1e-10)


def random(layer, width=D):
    """The layer, built, with weights that are nowhere special."""
    layer.build(width)
    for w in layer.params.values():
        w[...] = RNG.normal(scale=0.6, size=w.shape)
    return layer


def formulas(kind, extra, X, layer, states):
    """One step, written once more from the papers, with other means than cells.py."""

    def s(a):
        return 1 / (1 + np.exp(-a))

    W, U, b = layer.get_weights()
    h = states[0]
    if kind is SimpleRNN:
        return [np.tanh(X @ W + h @ U + b)]
    if kind is LSTM:
        i, f, g, o = np.split(X @ W + h @ U + b, 4, axis=1)
        c = s(f) * states[1] + s(i) * np.tanh(g)
        return [s(o) * np.tanh(c), c]
    b_x, b_h = (b, 0 * b) if extra else b
    (xz, xr, xh), (Uz, Ur, Uh) = np.split(X @ W + b_x, 3, axis=1), np.split(U, 3, axis=1)
    bz, br, bh = np.split(b_h, 3)
    z, r = s(xz + h @ Uz + bz), s(xr + h @ Ur + br)
    inner = (r * h) @ Uh if extra else r * (h @ Uh + bh)
    return [z * h + (1 - z) * np.tanh(xh + inner)]


def check_recurrent(kind, extra, mask, **options):
    layer = random(kind(N, dtype="float64", return_state=True, **extra, **options))
    X, states = RNG.normal(size=(B, T, D)), [RNG.normal(size=(B, N)) for _ in range(layer.n_states)]
    results = layer.forward(X, states, mask)
    state, order = states, range(T)
    for t in reversed(order) if layer.go_backwards else order:
        new = formulas(kind, extra, X[:, t], layer, state)
        stepped = layer.cell.step(X[:, t], *state)
        for a, b in zip(stepped if isinstance(stepped, tuple) else [stepped], new, strict=True):
            same(a, b)
        real = True if mask is None else mask[:, t, None]
        state = [np.where(real, a, b) for a, b in zip(new, state, strict=True)]
    for a, b in zip(results[1:], state, strict=True):
        same(a, b)
    seeds = [RNG.normal(size=r.shape) for r in results]

    def loss():
        return sum(
            np.sum(r * d) for r, d in zip(layer.forward(X, states, mask), seeds, strict=True)
        )

    dX = layer.backward(seeds[0], seeds[1:])
    arrays = {**layer.params, "X": X, **{f"s{i}": s for i, s in enumerate(states)}}
    grads = dict(zip(arrays, [*layer.grads, dX, *layer.grad_initial_state], strict=True))
    report = gradcheck(loss, arrays, grads)
    assert report.ok, report


def check_cell(kind, extra):
    layer = random(kind(N, dtype="float64", **extra))
    inputs = [RNG.normal(size=(B, D)), *(RNG.normal(size=(B, N)) for _ in range(layer.n_states))]
    seeds = [RNG.normal(size=(B, N)) for _ in range(layer.n_states)]

    def loss():
        states = layer.cell.step(*inputs)
        states = states if isinstance(states, tuple) else [states]
        return sum(np.sum(s * d) for s, d in zip(states, seeds, strict=True))

    *d_inputs, grads = layer.cell.step_back(*seeds, *inputs)
    names = ["x_t", "h_prev", "c_prev"][: len(inputs)]
    arrays = {**dict(zip(names, inputs, strict=True)), **layer.params}
    report = gradcheck(loss, arrays, {**dict(zip(names, d_inputs, strict=True)), **grads})
    assert report.ok, report


def check_views(kind, extra):
    """What a call returned stays as it was, whatever the layer does next."""
    layer = random(kind(N, dtype="float64", return_sequences=True, **extra))
    X, dH = RNG.normal(size=(3, B, T, D)), RNG.normal(size=(B, T, N))
    shown = []
    for x in X:
        H = layer.forward(x)
        shown += [(H[:, -1], H[:, -1].copy())]
        dX = layer.backward(dH)
        shown += [(dX[0], dX[0].copy())]
    for view, was in shown:
        same(view, was)


def check_blocks(kind, extra):
    """The way back taken two steps at a time gives what one block gives."""
    layer = random(kind(N, dtype="float64", return_sequences=True, **extra))
    X, dH = RNG.normal(size=(B, T, D)), RNG.normal(size=(B, T, N))
    results, whole = [], recurrent.NUMBERS
    for recurrent.NUMBERS in (2 * B * N, whole):
        layer.forward(X)
        results.append([layer.backward(dH), *layer.grads])
    for one, other in zip(*results, strict=True):
        same(one, other)


def check_bidirectional():
    layer = random(Bidirectional(SimpleRNN(N, return_sequences=True, dtype="float64")))
    X, dH = RNG.normal(size=(B, T, D)), RNG.normal(size=(B, T, 2 * N))
    layer.forward(X)
    dX = layer.backward(dH)
    report = gradcheck(lambda: (layer.forward(X) * dH).sum(), {"X": X}, {"X": dX})
    assert report.ok, report


def check_embedding():
    layer = Embedding(6, 3, dtype="float64", seed=0)
    dH = RNG.normal(size=(2, 3, 3))
    layer.forward([[1, 4, 1], [1, 2, 4]])
    layer.backward(dH)
    same(layer.grads[0][1], dH[0, 0] + dH[0, 2] + dH[1, 0])


def check_losses():
    y_hat, y = RNG.normal(size=(B, T, 3)), RNG.normal(size=(B, T, 3))
    for mask in (None, MASK):
        report = gradcheck(
            lambda m=mask: mse(y_hat, y, m)[0], {"y_hat": y_hat}, {"y_hat": mse(y_hat, y, mask)[1]}
        )
        assert report.ok, report


def check_optimizers():
    grads = [np.array([3.0, 4.0]), np.array([12.0])]
    weights = [np.zeros(2), np.zeros(1)]
    SGD(1.0, global_clipnorm=6.5).apply(grads, weights)  # the common norm is 13
    same(np.concatenate(weights), [-1.5, -2, -6])
    weights = [np.zeros(2), np.zeros(1)]
    Adam(0.1).apply(grads, weights)  # the first step of Adam is the rate, whatever the gradient
    np.testing.assert_allclose(np.concatenate(weights), -0.1, rtol=1e-5)


def check_model():
    X, y = RNG.normal(size=(6, T, D)), RNG.normal(size=(6, T, 1))

    def weights(seed):
        recurrent = SimpleRNN(N, return_sequences=True, dtype="float64", seed=0)
        model = Sequential([recurrent, Dense(1, dtype="float64", seed=1)])
        model.compile(SGD(0.1), "mse")
        model.fit(X, y, verbose=0, batch_size=2, seed=seed)
        return np.concatenate([w.ravel() for w in model.weights])

    same(weights(seed=1), weights(seed=1))
    assert not np.array_equal(weights(seed=1), weights(seed=2))


def check_stateful():
    """Two halves, read one after the other, end where the whole sequence does."""
    layer = random(LSTM(N, dtype="float64", stateful=True))
    X = RNG.normal(size=(B, T, D))
    whole = layer.forward(X)
    layer.reset_state()
    layer.forward(X[:, :2])
    same(layer.forward(X[:, 2:]), whole)


def check_initial_bias():
    np.testing.assert_array_equal(LSTM(2).build(3).b, [0, 0, 1, 1, 0, 0, 0, 0])


if __name__ == "__main__":
    for kind, extra in KINDS:
        check_cell(kind, extra)
        check_recurrent(kind, extra, None, return_sequences=True)
        check_recurrent(kind, extra, MASK, return_sequences=False)
        check_recurrent(kind, extra, None, return_sequences=True, go_backwards=True)
        check_views(kind, extra)
        check_blocks(kind, extra)
    check_bidirectional()
    check_embedding()
    check_losses()
    check_optimizers()
    check_model()
    check_stateful()
    check_initial_bias()
