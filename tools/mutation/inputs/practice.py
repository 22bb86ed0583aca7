"""Inputs for lessons 6.3 and 7: windows of recordings, logs, devices, programs to look into."""

from functools import partial

import numpy as np

from tools.mutation.inputs.draw import filled_rows, marks, real, register, size

INPUTS = {}
_for = partial(register, INPUTS)


@_for("ch06_3.read_film")
def _read_film(rng):
    T, height, width, D = size(rng), size(rng), size(rng), size(rng)
    film = rng.integers(0, 256, (T * size(rng, 1, 3) + rng.integers(T), height, width))
    M = rng.normal(size=(height * width, D))

    def f(pictures):
        if np.ndim(pictures) != 4 or np.shape(pictures)[1:] != (height, width, 1):
            raise ValueError(f"f takes pictures (m, {height}, {width}, 1)")
        return np.tanh(np.reshape(pictures, (len(pictures), -1)) @ M)

    return f, film.astype("uint8"), T


@_for("ch06_3.windows")
def _windows(rng):
    length, step = size(rng), size(rng, 1, 4)
    lengths = np.array([size(rng, 1, 9) for _ in range(size(rng, 1, 4))])
    lengths[rng.integers(len(lengths))] = length + rng.integers(6)  # one window at least
    return real(rng, lengths.sum(), size(rng, 1, 3)), lengths, length, step


@_for("ch06_3.person_folds")
def _person_folds(rng):
    people = rng.choice(30, size(rng, 1, 7), replace=False)
    return rng.choice(people, size(rng, 1, 12)), size(rng, 1, 4)


@_for("ch06_3.recall")
def _recall(rng):
    K = size(rng)
    return (rng.integers(0, rng.choice([2, 9]), (K, K)),)


@_for("ch06_3.vote")
def _vote(rng):
    n_recordings, n_classes = size(rng, 1, 4), size(rng)
    owner = np.concatenate(
        [np.arange(n_recordings), rng.integers(n_recordings, size=rng.integers(12))]
    )
    return rng.integers(n_classes, size=len(owner)), rng.permutation(owner), n_classes


@_for("ch06_3.accuracy_seen")
def _accuracy_seen(rng):
    B, T, K = size(rng, 1, 9), size(rng, 1, 30), size(rng)
    p = rng.dirichlet(np.ones(K), size=(B, T))
    shares = rng.choice([rng.integers(1, T + 1) / T, 0.01, 0.1, 0.28, 0.5, 0.99, 1], size(rng))
    return p, rng.integers(K, size=B), np.asarray(shares, dtype=float)


@_for("ch07_1.best_epoch")
def _best_epoch(rng):
    n = size(rng, 1, 9)
    columns = ["loss", "val_loss", "accuracy", "val_mae"][: size(rng, 2, 4)]
    table = rng.permuted(np.arange(1, 4 * n + 1))[: 4 * n].reshape(n, 4) * rng.choice([1e-5, 0.01])
    table[size(rng, 1, n) :, 1] = np.nan  # a run that ends in nan
    order = ["epoch", *rng.permutation(columns).tolist()]
    rows = [
        dict(zip(["epoch", *columns], [k, *row], strict=False))
        for k, row in enumerate(table.tolist())
    ]
    return ("\n".join([",".join(order), *(",".join(str(r[c]) for c in order) for r in rows), ""]),)


@_for("ch07_1.pays_after")
def _pays_after(rng):
    first_a, first_b = (rng.integers(1, 40, 2) / 4).tolist()
    step_a, step_b = (rng.integers(1, 5, 2) / 4).tolist()
    return first_a, step_a, rng.choice([first_a, first_b]).item(), step_b


@_for("ch07_1.cudnn_breaks")
def _cudnn_breaks(rng):
    def pick(fine, *others):
        return fine if rng.random() < 0.6 else others[rng.integers(len(others))]

    kind = pick("LSTM", "GRU", "GRU", "SimpleRNN")
    config = {
        "units": size(rng),
        "dropout": pick(0.0, 0.2),
        "activation": pick("tanh", "relu", "linear"),
        "recurrent_activation": pick("sigmoid", "tanh", "hard_sigmoid"),
        "recurrent_dropout": pick(0.0, 0.1),
        "unroll": pick(False, True),
        "use_bias": pick(True, False),
    }
    return kind, config | ({"reset_after": pick(True, False)} if kind == "GRU" else {})


@_for("ch07_1.mask_fits")
def _mask_fits(rng):
    B, T = size(rng), size(rng, 1, 5)
    return (filled_rows(rng, B, T) if rng.random() < 0.3 else marks(rng, B, T),)


@_for("ch07_1.one_gradient")
def _one_gradient(rng):
    R, P = size(rng), size(rng)
    return rng.normal(0, 2, size=(R, P)), rng.integers(1, 9, R), float(rng.choice([0.1, 1, 3, 50]))


@_for("ch07_2.overlap")
def _overlap(rng):
    train = np.sort(rng.choice(60, size(rng, 1, 4), replace=False))
    return train, rng.integers(0, 60, size(rng, 1, 5)), size(rng, 1, 9)


@_for("ch07_2.depends_on")
def _depends_on(rng):
    B, T, D = size(rng), size(rng), size(rng)
    share = rng.normal(size=(T, T)) * marks(rng, T, T)
    which = np.arange(D) == rng.integers(D) if rng.random() < 0.5 else np.ones(D)
    rows = marks(rng, B)
    rows[rng.integers(B)] = True

    def f(X):  # linear: some steps of some features, in some examples
        return np.einsum("ts,bsd,d,b->bt", share, X, which, rows)[:, :, None]

    return f, rng.normal(size=(B, T, D))


@_for("ch07_2.padding_change")
def _padding_change(rng):
    D, K, reads = size(rng), size(rng), rng.integers(4)
    M, b = rng.normal(size=(D, K)), rng.normal(size=K)

    def f(X):
        each = np.tanh(X @ M + b)
        masked = each * (X != 0).any(axis=2, keepdims=True)
        return (each.mean(axis=1), each[:, -1], masked.sum(axis=1), -each.sum(axis=1))[reads]

    return f, rng.normal(size=(size(rng), size(rng), D)), size(rng)


@_for("ch07_2.reset_rows")
def _reset_rows(rng):
    return (rng.integers(rng.choice([1, 2, 4]), size=(size(rng, 1, 7), size(rng))),)


@_for("ch07_2.loss_from_logits")
def _loss_from_logits(rng):
    n = size(rng)
    return real(rng, n) * rng.choice([0, 1, 400]), rng.integers(0, 2, n)
