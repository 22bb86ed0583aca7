"""Tasks of lesson 9.1, the document's three questions: horizons, readouts, shortcuts, orders."""

import numpy as np

from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.tasks.bent import bend, normal
from rnncourse.tasks.ch09_1_data import rows_of_digits

# --- warm-up: what does a clip change? --------------------


@value_task(
    wrong={
        "far-clipped-twice": 0.01 * 5 / 40,
        "after-the-clip": 0.05,
        "near-clipped-only": 0.4 / 5,
        "grown": 1.0,
        "turned-round": 100.0,
        "gone": 0.0,
        "far-itself": 0.4,
        "near-itself": 5.0,
    },
    points=1,
)
def share_after_clip():
    near, far, limit = 40.0, 0.4, 5.0
    factor = limit / np.hypot(near, far)
    return far * factor / (near * factor)


# --- how far back? --------------------


def _curves(rng):
    """Curves with a gap, with a value at the bar, without an end, and below from the start.

    The one with a gap comes again with a lower bar, under which its gap is none.
    """
    bar, low = (round(rng.uniform(*ends), 2) for ends in ((0.88, 0.94), (0.52, 0.6)))

    def good(least=1, most=5):
        return rng.uniform(bar + 0.01, 1, rng.integers(least, most + 1))

    def bad():
        return rng.uniform(low + 0.02, 0.86, 1)

    gap = np.concatenate([good(2), bad(), good(), [rng.uniform(0.2, low - 0.05)]])
    on_the_bar = np.concatenate([good(), [bar], rng.uniform(0.4, 0.86, rng.integers(1, 4))])
    none = np.concatenate([bad(), good(), bad() - 0.1, good()])
    found = [(gap, bar), (on_the_bar, bar), (good(4, 9), bar), (none, bar), (gap, low)]
    return [found[k] for k in rng.permutation(5)]


def _first_below(accuracy, bar, off=0, endless=None, right=np.greater):
    below = np.flatnonzero(~right(accuracy, bar))
    return below[0] + off if len(below) else (len(accuracy) + off if endless is None else endless)


def _last_above(accuracy, bar):
    above = np.flatnonzero(accuracy > bar)
    return above[-1] + 1 if len(above) else 0


@function_task(
    cases=_curves,
    axes="",
    wrong={
        "over-the-gap": lambda accuracy, bar: (accuracy > bar).sum(),
        "last-one": _last_above,
        "one-less": bend(_first_below, off=-1),
        "one-more": bend(_first_below, off=1),
        "bar-included": bend(_first_below, right=np.greater_equal),
        "no-end-zero": bend(_first_below, endless=0),
        "no-end-minus": bend(_first_below, endless=-1),
        "bar-fixed": lambda accuracy, bar: _first_below(accuracy, 0.9),
        "bar-half": lambda accuracy, bar: _first_below(accuracy, 0.5),
        "share": lambda accuracy, bar: _first_below(accuracy, bar) / len(accuracy),
        "sum-of-accuracy": lambda accuracy, bar: accuracy.sum(),
        "wrong-ones": lambda accuracy, bar: (accuracy <= bar).sum(),
        "lowest": lambda accuracy, bar: accuracy.argmin(),
    },
)
def horizon(accuracy, bar):
    below = np.flatnonzero(accuracy <= bar)
    return below[0] if len(below) else len(accuracy)


# --- a readout on frozen states --------------------


def _readout_cases(rng):
    sizes = (30, 5, 2, 0.5), (40, 4, 3, 2.0), (25, 6, 1, 0.1)
    return [(rng.normal(0.3, 1, (n, N)), rng.normal(2, 1, (n, K)), r) for n, N, K, r in sizes]


def _ridge(H, Y, ridge, bias=1.0, penalty=None, gram=lambda F: F.T @ F, side=lambda F, Y: F.T @ Y):
    F = np.concatenate([H, np.full((len(H), 1), bias)], axis=1)
    penalty = ridge * np.eye(F.shape[1]) if penalty is None else penalty(ridge, F)
    return np.linalg.solve(gram(F) + penalty, side(F, Y))


def _no_bias(H, Y, ridge):
    return np.linalg.solve(H.T @ H + ridge * np.eye(H.shape[1]), H.T @ Y)


def _bias_first(H, Y, ridge):
    return np.roll(_ridge(H, Y, ridge), 1, axis=0)


def _bias_free(ridge, F):
    return ridge * np.diag([1.0] * (F.shape[1] - 1) + [0.0])


@function_task(
    cases=_readout_cases,
    axes="feature output",
    points=3,
    wrong={
        "no-bias": _no_bias,
        "bias-first": _bias_first,
        "no-ridge": lambda H, Y, ridge: _ridge(H, Y, 0.0),
        "ridge-squared": lambda H, Y, ridge: _ridge(H, Y, ridge**2),
        "ridge-subtracted": lambda H, Y, ridge: _ridge(H, Y, -ridge),
        "ridge-everywhere": bend(_ridge, penalty=lambda ridge, F: ridge),
        "ridge-per-example": bend(_ridge, penalty=lambda r, F: r * len(F) * np.eye(F.shape[1])),
        "bias-not-shortened": bend(_ridge, penalty=_bias_free),
        "gram-mean": bend(_ridge, gram=lambda F: F.T @ F / len(F)),
        "not-solved": lambda H, Y, ridge: np.c_[H, np.ones(len(H))].T @ Y,
        "zeros-for-ones": lambda H, Y, ridge: _ridge(H, Y, ridge, bias=0.0),
        "bias-is-mean": lambda H, Y, ridge: np.r_[_no_bias(H, Y, ridge), Y.mean(axis=0)[None]],
    },
)
def frozen_readout(H, Y, ridge):
    F = np.concatenate([H, np.ones((len(H), 1))], axis=1)
    return np.linalg.solve(F.T @ F + ridge * np.eye(F.shape[1]), F.T @ Y)


# --- the same network with its units renumbered --------------------


def _unit_cases(rng):
    found = []
    for D, N, K, order in ((3, 4, 2, [2, 0, 3, 1]), (2, 5, 3, [1, 2, 4, 0, 3])):
        found.append((*normal(rng, (D, N), (N, N), (N,), (N, K)), np.array(order)))
    return found


def _renumber(
    W,
    U,
    b,
    W_y,
    order,
    to_W=lambda W, o: W[:, o],
    to_U=lambda U, o: U[o][:, o],
    to_b=lambda b, o: b[o],
    to_y=lambda W_y, o: W_y[o],
):
    return to_W(W, order), to_U(U, order), to_b(b, order), to_y(W_y, order)


def _same(w, order):
    return w


@function_task(
    cases=_unit_cases,
    axes={"W": "feature unit", "U": "unit unit", "b": "unit", "W_y": "unit output"},
    points=3,
    wrong={
        "rows-only": bend(_renumber, to_U=lambda U, o: U[o]),
        "columns-only": bend(_renumber, to_U=lambda U, o: U[:, o]),
        "U-as-it-was": bend(_renumber, to_U=_same),
        "W-as-it-was": bend(_renumber, to_W=_same),
        "b-as-it-was": bend(_renumber, to_b=_same),
        "W-y-as-it-was": bend(_renumber, to_y=_same),
        "U-alone": bend(_renumber, to_W=_same, to_b=_same, to_y=_same),
        "rows-alone": bend(_renumber, to_W=_same, to_b=_same, to_y=_same, to_U=lambda U, o: U[o]),
        "U-diagonal": bend(_renumber, to_U=lambda U, o: U[o, o]),
        "U-turned": bend(_renumber, to_U=lambda U, o: U[o][:, o].T),
        "other-direction": lambda W, U, b, W_y, order: _renumber(W, U, b, W_y, np.argsort(order)),
        "back-on-columns": bend(_renumber, to_U=lambda U, o: U[o][:, np.argsort(o)]),
        "back-on-W-y": bend(_renumber, to_y=lambda W_y, o: W_y[np.argsort(o)]),
        "nothing-moved": lambda W, U, b, W_y, order: (W, U, b, W_y),
    },
)
def same_network(W, U, b, W_y, order):
    return W[:, order], U[order][:, order], b[order], W_y[order]


# --- the shortest path --------------------


def _distances(rng):
    """Shorter than a jump, one jump, several, and several with a rest, in any order."""
    found = []
    for k in rng.choice(np.arange(3, 13), 2, replace=False).tolist():
        several, more = rng.integers(3, 9, 2)
        any_length = rng.integers(1, 10 * k, rng.integers(1, 4))
        distance = [rng.integers(1, k), k, several * k, more * k + k - 1, *any_length]
        found.append((rng.permutation(distance), k))
    return found


@function_task(
    level="warm-up",
    cases=_distances,
    axes="distance",
    points=1,
    wrong={
        "jumps-only": lambda distance, k: distance // k,
        "rest-forgotten": lambda distance, k: -(-distance // k),
        "fraction": lambda distance, k: distance / k,
        "rest-only": lambda distance, k: distance % k,
        "every-step": lambda distance, k: distance,
        "one-jump": lambda distance, k: np.where(distance >= k, distance - k + 1, distance),
        "jump-and-rest": lambda distance, k: np.where(distance >= k, 1, 0) + distance % k,
        "one-too-many": lambda distance, k: distance // k + distance % k + 1,
        "jump-longer": lambda distance, k: distance // (k + 1) + distance % (k + 1),
        "jumps-plus-k": lambda distance, k: distance // k + k,
    },
)
def shortest_path(distance, k):
    return distance // k + distance % k


# --- back through a residual step --------------------


def _residual_cases(rng):
    found = []
    for B, D, N, step in ((3, 2, 4, 0.1), (2, 3, 5, 0.5), (1, 4, 3, 0.3)):
        found.append((*normal(rng, (B, N), (B, D), (B, N), (D, N), (N, N), (N,)), step))
    return found


def _residual(
    dh_t,
    x_t,
    h_prev,
    W,
    U,
    b,
    step,
    kept=lambda dh_t: dh_t,
    slope=lambda f, h_t: 1 - f**2,
    scale=lambda step: step,
    through=lambda da_t, U: da_t @ U.T,
    seen=lambda h_prev, h_t: h_prev,
    bias=lambda da_t: da_t.sum(axis=0),
):
    """The right way back with its joints exposed: each misconception bends one of them."""
    f = np.tanh(x_t @ W + h_prev @ U + b)
    h_t = h_prev + step * f
    da_t = scale(step) * dh_t * slope(f, h_t)
    return kept(dh_t) + through(da_t, U), x_t.T @ da_t, seen(h_prev, h_t).T @ da_t, bias(da_t)


def _through_state(da_t, U):
    return da_t @ U


@function_task(
    cases=_residual_cases,
    axes={"dh_prev": "batch unit", "dW": "feature unit", "dU": "unit unit", "db": "unit"},
    points=3,
    wrong={
        "shortcut-forgotten": bend(_residual, kept=lambda dh_t: 0 * dh_t),
        "step-forgotten": bend(_residual, scale=lambda step: 1.0),
        "step-twice": bend(_residual, scale=lambda step: step**2),
        "slope-forgotten": bend(_residual, slope=lambda f, h_t: 1.0),
        "slope-of-state": bend(_residual, slope=lambda f, h_t: 1 - h_t**2),
        "slope-not-squared": bend(_residual, slope=lambda f, h_t: 1 - f),
        "U-not-turned": bend(_residual, through=_through_state),
        "leaky": lambda *a: _residual(*a, kept=lambda dh_t: (1 - a[-1]) * dh_t),
        "shortcut-scaled": lambda *a: _residual(*a, kept=lambda dh_t: a[-1] * dh_t),
        "only-the-shortcut": bend(_residual, through=lambda da_t, U: 0.0),
        "state-after": bend(_residual, seen=lambda h_prev, h_t: h_t),
        "bias-mean": bend(_residual, bias=lambda da_t: da_t.mean(axis=0)),
        "bias-not-summed": bend(_residual, bias=lambda da_t: da_t),
    },
)
def residual_step_back(dh_t, x_t, h_prev, W, U, b, step):
    f = np.tanh(x_t @ W + h_prev @ U + b)
    da_t = step * dh_t * (1 - f**2)
    return dh_t + da_t @ U.T, x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)


# --- an image as a sequence --------------------


def _image_cases(rng):
    found = []
    for B, height, width, n_steps in ((3, 4, 6, 4), (2, 4, 6, 24), (1, 6, 4, 8)):
        images, order = rng.normal(size=(B, height, width)), rng.permutation(height * width)
        order[:B] = np.roll(np.sort(order[:B]), 1)  # no order for images is the one they have
        found.append((images, n_steps, order))
    return found


def _sequence(images, n_steps, order, pixels=lambda X: X.reshape(len(X), -1), cut=None):
    found = pixels(images)[:, order]
    return cut(found, n_steps) if cut else found.reshape(len(images), n_steps, -1)


def _turned(found, n_steps):
    return found.reshape(len(found), -1, n_steps)


def _every_nth(found, n_steps):
    return found.reshape(len(found), -1, n_steps).transpose(0, 2, 1)


def _columns(X):
    return X.transpose(0, 2, 1).reshape(len(X), -1)


@function_task(
    cases=_image_cases,
    axes="batch time feature",
    wrong={
        "order-ignored": lambda X, n, order: X.reshape(len(X), n, -1),
        "order-backwards": lambda X, n, order: _sequence(X, n, order[::-1]),
        "order-inverted": lambda X, n, order: _sequence(X, n, np.argsort(order)),
        "columns-first": bend(_sequence, pixels=_columns),
        "steps-are-features": bend(_sequence, cut=_turned),
        "every-nth": bend(_sequence, cut=_every_nth),
        "time-first": lambda X, n, order: _sequence(X, n, order).transpose(1, 0, 2),
        "no-feature-axis": lambda X, n, order: X.reshape(len(X), -1)[:, order],
        "sorted": lambda X, n, order: np.sort(X.reshape(len(X), -1), axis=1).reshape(len(X), n, -1),
        "order-of-images": lambda X, n, order: _sequence(
            X[np.argsort(order[: len(X)])], n, np.arange(len(order))
        ),
        "from-the-end": lambda X, n, order: _sequence(X, n, order)[:, ::-1],
        "batch-mixed-in": lambda X, n, order: np.tile(_sequence(X, n, order)[:1], (len(X), 1, 1)),
    },
)
def as_sequence(images, n_steps, order):
    pixels = images.reshape(len(images), -1)[:, order]
    return pixels.reshape(len(images), n_steps, -1)


# --- stretch: read digits row by row --------------------


def _linear(part, y=None):
    """A `train` that fits a linear readout to `part` of the rows, (n, 8, 8) -> (n, D)."""

    def train(X_train, y_train):
        W_y = frozen_readout.reference(part(X_train), y_train if y is None else y(y_train), 1.0)
        return lambda X: part(X) @ W_y[:-1] + W_y[-1]

    return train


def _one_row(y_hat, data):
    return 0.45 < data.error(y_hat) < 0.85


SYMPTOMS = {
    "always-the-same": lambda y_hat, data: len(set(y_hat.argmax(axis=1))) == 1,
    "least-likely": lambda y_hat, data: data.error(-y_hat) < 0.25,
    "one-digit-on": lambda y_hat, data: data.error(np.roll(y_hat, -1, axis=1)) < 0.25,
    "one-digit-back": lambda y_hat, data: data.error(np.roll(y_hat, 1, axis=1)) < 0.25,
    "last-first": lambda y_hat, data: data.error(y_hat[:, ::-1]) < 0.25,
    "guessing": lambda y_hat, data: data.error(y_hat) > 0.85,
    "one-row": _one_row,
}


def _flat(X):
    return X.reshape(len(X), -1)


@model_task(
    data=rows_of_digits,
    bar=0.15,
    axes="image digit",
    symptoms=SYMPTOMS,
    points=4,
    seconds=60,
    wrong={
        "always-the-same": lambda X_train, y_train: lambda X: np.eye(10)[np.full(len(X), 3)],
        "least-likely": _linear(_flat, lambda y: -y),
        "one-digit-on": _linear(_flat, lambda y: np.roll(y, 1, axis=1)),
        "one-digit-back": _linear(_flat, lambda y: np.roll(y, -1, axis=1)),
        "last-first": _linear(_flat, lambda y: y[:, ::-1]),
        "guessing": lambda X_train, y_train: (
            lambda X: np.sin(X.sum(2) @ np.ones((8, 10)) * 99 + 7 * np.arange(10))
        ),
        "one-row": _linear(lambda X: X[:, -1]),
        "below-bar": _linear(lambda X: X[:, 3:6].reshape(len(X), -1)),
    },
)
def train(X_train, y_train):
    from rnncourse.nn import Adam, Dense, Sequential, SimpleRNN

    model = Sequential([SimpleRNN(64, seed=0), Dense(10, seed=1)])
    model.compile(Adam(0.003, global_clipnorm=1.0), "cross_entropy")
    model.fit(X_train, y_train, epochs=20, batch_size=32, verbose=0, seed=0)
    return model
