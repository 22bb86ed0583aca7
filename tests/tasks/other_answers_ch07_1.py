"""Right answers to lesson 7.1, written differently from ours."""

import itertools

import numpy as np


def _best_epoch(text):
    head, *rows = [line.split(",") for line in text.strip().splitlines()]
    at = head.index("val_loss")
    best = min((row for row in rows if row[at] != "nan"), key=lambda row: float(row[at]))
    return [int(best[0]) + 1, float(best[at])]


def _train_loop(build, X, y, epochs, batch_size):
    """Keras's own loop, without shuffling."""
    model = build()
    model.fit(X, y, batch_size=batch_size, epochs=epochs, shuffle=False, verbose=0)
    return tuple(model.get_weights())


def _pays_after(first_a, step_a, first_b, step_b):
    for n in range(100_000):
        if first_b + n * step_b < first_a + n * step_a:
            return float(n)
    return -1


def _cudnn_breaks(kind, config):
    if not {kind} & {"LSTM", "GRU"}:
        return {"kind"}
    broken = {name for name in ("activation",) if config[name] != "tanh"}
    broken |= {name for name in ("recurrent_activation",) if config[name] != "sigmoid"}
    broken |= {name for name in ("recurrent_dropout", "unroll") if config[name]}
    return broken | {name for name in ("use_bias", "reset_after") if not config.get(name, True)}


def _mask_fits(mask):
    answers = []
    for row in mask:
        runs = [bool(key) for key, _ in itertools.groupby(row)]
        answers.append(runs in ([True], [True, False]))
    return np.array(answers)


def _one_gradient(gradients, sizes, clipnorm):
    mean = np.average(gradients, axis=0, weights=sizes)
    return mean / max(1, np.linalg.norm(mean) / clipnorm)


ANSWERS = {
    "best_epoch": _best_epoch,
    "train_loop": _train_loop,
    "pays_after": _pays_after,
    "cudnn_breaks": _cudnn_breaks,
    "mask_fits": _mask_fits,
    "one_gradient": _one_gradient,
}
