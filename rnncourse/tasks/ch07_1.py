"""Tasks of lesson 7.1, tools and resources: a loop like fit, a log, costs, cuDNN, many devices.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
Longer than 250 lines because each task's mistakes stand beside it.
"""

import csv
import io
import math

import numpy as np

from rnncourse.checking.cases import sizes
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, value_task
from rnncourse.tasks.ch07_1_data import small_model

# --- warm-up: how many updates? ---------------------------------------------------------------


@value_task(
    wrong={
        "last-batch-lost": 717 // 32 * 5,
        "one-epoch": 23,
        "windows": 717 * 5,
        "over-all": math.ceil(717 * 5 / 32),
        "not-rounded": 717 * 5 / 32,
        "batch-times-epochs": 32 * 5,
        "windows-a-batch": 717,
        "one-more-epoch": 23 * 6,
    },
    points=1,
)
def n_updates():
    return math.ceil(717 / 32) * 5


# --- the best epoch of a log ------------------------------------------------------------------


COLUMNS = ("epoch", "loss", "val_loss", "val_mae")


def _log(rng, n, best, columns=COLUMNS, size=1.0, diverged=0):
    """A CSVLogger's text: `best` is where val_loss is lowest, after an earlier, shallower dent."""
    val_loss = size * rng.uniform(0.6, 0.9, n)
    val_loss[1:3] = size * np.array([0.4, 0.5])
    val_loss[best] = size * rng.uniform(0.1, 0.3)
    loss = size * np.sort(rng.uniform(0.3, 1.5, n))[::-1]
    last = n - diverged - 1
    loss[[last - 1, last]] = loss[[last, last - 1]]  # lowest in the last row but one
    val_loss[n - diverged :] = loss[n - diverged :] = np.nan
    more = {"accuracy": rng.uniform(size=n), "val_mae": size * rng.uniform(0.01, 0.09, n)}
    more["val_mae"][best] = 0.1 * size  # lowest somewhere else
    found = {"epoch": np.arange(n), "loss": loss, "val_loss": val_loss, **more}
    return _text(found, columns)


def _text(table, columns):
    rows = zip(*(table[name].tolist() for name in columns), strict=True)
    return "\n".join([",".join(columns), *(",".join(map(str, row)) for row in rows)]) + "\n"


def _log_cases(rng):
    n, ends = rng.integers(10, 15, 4).tolist(), int(rng.integers(1, 4))
    best = [int(rng.integers(4, last)) for last in (n[0] - 2, n[1] - 2, n[2] - ends - 2)]
    accuracy = ("epoch", "accuracy", "loss", "val_loss", "val_mae")
    return [
        (_log(rng, n[0], best[0], COLUMNS[:3]),),
        (_log(rng, n[1], best[1], accuracy, size=rng.uniform(2.6e-4, 3.3e-4)),),
        (_log(rng, n[2], best[2], diverged=ends),),
        (_log(rng, n[3], n[3] - 1),),
    ]


def _log_edges(rng):
    """Short logs: the lowest val_loss in the first row or the last, one row, nan in front, …"""

    def log(*val_loss, columns=COLUMNS[:3]):
        n = len(val_loss)
        table = {"epoch": np.arange(n), "loss": rng.uniform(0.1, 1, n)}
        table |= {"val_loss": np.array(val_loss), "val_mae": -rng.uniform(1, 2, n)}
        return (_text(table, columns),)

    rising = np.sort(rng.uniform(0.1, 0.9, rng.integers(3, 7)))
    nan = [np.nan] * int(rng.integers(1, 3))
    return {
        "the first epoch is the best": log(*rising),
        "the last epoch is the best": log(*rising[::-1], columns=COLUMNS),
        "one epoch": log(rising[0]),
        "the first val_loss is nan": log(*nan, *rising[::-1], *nan),
        "losses below 0": log(*rng.permutation(-rising)),
    }


@function_task(
    cases=_log_cases,
    edges=_log_edges,
    axes={"epoch": "", "val_loss": ""},
    wrong={
        "training-loss": edit(
            "np.nanargmin(val_loss)", 'np.nanargmin([float(row["loss"]) for row in rows])'
        ),
        "training-loss-told": edit('row["val_loss"]', 'row["loss"]'),
        "from-zero": edit("best + 1", "best"),
        "header-counted": edit("best + 1", "best + 2"),
        "last-epoch": edit("np.nanargmin(val_loss)", "len(val_loss) - 1"),
        "last-missed": edit("np.nanargmin(val_loss)", "np.nanargmin(val_loss[:-1])"),
        "last-number": edit("np.nanargmin(val_loss)", "np.flatnonzero(np.isfinite(val_loss))[-1]"),
        "worst": edit("nanargmin", "nanargmax"),
        "texts": edit(
            "np.nanargmin(val_loss)", 'min(range(len(rows)), key=lambda i: rows[i]["val_loss"])'
        ),
        "nan-wins": edit("nanargmin", "argmin"),
        "last-column": edit(
            "np.nanargmin(val_loss)", "np.nanargmin([float([*row.values()][-1]) for row in rows])"
        ),
        "third-column": edit(
            "np.nanargmin(val_loss)", "np.nanargmin([float([*row.values()][2]) for row in rows])"
        ),
        "loss-told": edit("val_loss[best]", 'float(rows[best]["loss"])'),
        "first-valley": edit("np.nanargmin(val_loss)", "np.argmax(np.diff(val_loss) > 0)"),
    },
)
def best_epoch(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    val_loss = np.array([float(row["val_loss"]) for row in rows])
    best = np.nanargmin(val_loss)
    return best + 1, val_loss[best]


# --- a training loop that equals fit -----------------------------------------------------------


def _loop(rng, n, T, epochs, batch_size):
    X, y = (rng.normal(size=shape).astype("float32") for shape in ((n, T, 1), (n, 1)))
    return small_model, X, y, epochs, batch_size


def _loop_cases(rng):
    """Batches of which the last one is smaller."""
    found = []
    for batch_size, epochs in zip((3, 2), rng.permutation([2, 3]).tolist(), strict=True):
        n = batch_size * int(rng.integers(2, 4)) + int(rng.integers(1, batch_size))
        found.append(_loop(rng, n, int(rng.integers(2, 5)), epochs, batch_size))
    return found


def _loop_edges(rng):
    batch_size, T = rng.integers(2, 4, 2).tolist()
    return {
        "the last batch is full": _loop(rng, 2 * batch_size, T, 1, batch_size),
        "a batch that holds everything": _loop(rng, T, T, 2, T + batch_size - 2),
    }


@function_task(
    cases=_loop_cases,
    edges=_loop_edges,
    axes={
        "W": "feature unit",
        "U": "unit unit",
        "b": "unit",
        "W_y": "unit output",
        "b_y": "output",
    },
    wrong={
        "summed": edit("reduce_mean", "reduce_sum"),
        "absolute": edit("tf.square", "tf.abs"),
        "last-batch-lost": edit("range(0, len(X), ", "range(0, len(X) - len(X) % batch_size, "),
        "one-batch": edit(
            "range(0, len(X), batch_size)",
            "[0]",
            "X[i : i + batch_size], y[i : i + batch_size]",
            "X, y",
        ),
        "one-epoch": edit("range(epochs)", "range(1)"),
        "last-layer-only": edit(
            "loss, model.trainable_variables",
            "loss, model.layers[-1].weights",
            "gradients, model.trainable_variables",
            "gradients, model.layers[-1].weights",
        ),
        "first-layer-only": edit(
            "loss, model.trainable_variables",
            "loss, model.layers[0].weights",
            "gradients, model.trainable_variables",
            "gradients, model.layers[0].weights",
        ),
        "uphill": edit("loss = tf.reduce_mean", "loss = -tf.reduce_mean"),
        "never-applied": edit(
            "model.optimizer.apply(gradients, model.trainable_variables)", "pass"
        ),
        "once-an-epoch": edit("            model.optimizer.apply", "        model.optimizer.apply"),
        "optimizer-forgets": edit(
            "model.optimizer.apply", "tf.keras.optimizers.SGD(0.05, momentum=0.9).apply"
        ),
        "backwards": edit("range(0, len(X), batch_size)", "reversed(range(0, len(X), batch_size))"),
        "one-by-one": edit(
            "range(0, len(X), batch_size)",
            "range(len(X))",
            "X[i : i + batch_size], y[i : i + batch_size]",
            "X[i : i + 1], y[i : i + 1]",
        ),
    },
    points=3,
    seconds=60,  # the first call starts TensorFlow
)
def train_loop(build, X, y, epochs, batch_size):
    import tensorflow as tf

    model = build()
    for _ in range(epochs):
        for i in range(0, len(X), batch_size):
            x, target = X[i : i + batch_size], y[i : i + batch_size]
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(model(x, training=True) - target))
            gradients = tape.gradient(loss, model.trainable_variables)
            model.optimizer.apply(gradients, model.trainable_variables)
    return model.get_weights()


# --- when has compiling paid? -----------------------------------------------------------------


def _pay_cases(rng):
    first, step = rng.uniform(0.3, 0.6), rng.uniform(0.004, 0.009)
    n, gain = rng.integers(300, 600), step * rng.uniform(0.2, 0.6)
    exact = 0.25 * int(rng.integers(3, 60))  # such numbers have no rounding error
    quarter = 0.25 * int(rng.integers(1, 9))
    found = [
        (first, step, first + gain * (n + 0.3), step - gain),  # ahead after n + 1 steps
        (first, step, first + gain * (2 * n + 0.7), step - gain),
        (0.5, 0.75, 0.5 + exact, 0.5),  # level after 4 * exact steps
        (first, step, first + 1, step * (1 if rng.random() < 0.3 else 1.2)),  # never
        (first + 0.2, step, first, step * 1.2),  # at once
        (quarter, 2 * quarter, quarter, quarter),  # level now, ahead after one step
    ]
    return [found[k] for k in rng.permutation(6)]


def _pay_edges(rng):
    first, more, step = (0.25 * rng.integers(1, 40, 3)).tolist()
    n = int(rng.integers(2, 400))
    found = {
        "B is behind, and its later steps are as long": (first, step, first + more, step),
        "both take equally long": (first, step, first, step),
        "B is ahead, and its later steps are as long": (first + more, step, first, step),
        "later steps that take no time": (first, step, first + n * step, 0.0),
    }
    return {name: found[name] for name in rng.permutation(list(found))}


@function_task(
    cases=_pay_cases,
    edges=_pay_edges,
    axes="",
    wrong={
        "not-rounded": edit("math.floor(behind / gain) + 1", "behind / gain"),
        "rounded-down": edit(" + 1", ""),
        "level-is-enough": edit("math.floor(behind / gain) + 1", "math.ceil(behind / gain)"),
        "rounded": edit("math.floor(behind / gain) + 1", "round(behind / gain)"),
        "one-too-many": edit("+ 1", "+ 2"),
        "whole-first": edit("first_b - first_a", "first_b"),
        "by-step-b": edit("step_a - step_b", "step_b"),
        "by-step-a": edit("step_a - step_b", "step_a"),
        "steps-added": edit("step_a - step_b", "step_a + step_b"),
        "never-forgotten": edit("    if gain <= 0:\n        return -1\n", ""),
        "never-is-zero": edit("return -1", "return 0"),
        "at-once-forgotten": edit("    if behind < 0:\n        return 0\n", ""),
        "level-now": edit("behind < 0", "behind <= 0"),
        "swapped": edit("first_b - first_a, step_a - step_b", "first_a - first_b, step_b - step_a"),
    },
)
def pays_after(first_a, step_a, first_b, step_b):
    behind, gain = first_b - first_a, step_a - step_b
    if behind < 0:
        return 0
    if gain <= 0:
        return -1
    return math.floor(behind / gain) + 1


# --- would cuDNN run this layer? ---------------------------------------------------------------

_FINE = {"activation": "tanh", "recurrent_activation": "sigmoid", "recurrent_dropout": 0.0}
_FINE |= {"unroll": False, "use_bias": True}
_BROKEN = {"activation": ("relu", "linear"), "recurrent_activation": ("hard_sigmoid", "tanh")}
_BROKEN |= {"recurrent_dropout": (0.1, 0.2, 0.5), "unroll": (True,), "use_bias": (False,)}
_BROKEN |= {"reset_after": (False,)}


def _config(rng, kind, broken, dropout=True):
    config = {"units": 2 ** int(rng.integers(8)), "dropout": 0.0} | _FINE
    config |= {"reset_after": True} if kind == "GRU" else {}
    if dropout:
        config["dropout"] = float(rng.choice([0.1, 0.2, 0.3]))
    if kind not in ("LSTM", "GRU"):
        del config["recurrent_activation"]
    return kind, config | {name: _BROKEN[name][rng.integers(len(_BROKEN[name]))] for name in broken}


def _cudnn_cases(rng):
    """Seven layers in any order: whatever the first two LSTMs have right, a GRU has wrong."""
    names, more = rng.permutation(list(_FINE)).tolist(), rng.permutation(list(_FINE)).tolist()
    some = rng.integers(2, 4)
    found = [
        _config(rng, "LSTM", (), dropout=True),
        _config(rng, "LSTM", names[:some]),
        _config(rng, "LSTM", more[: rng.integers(2, 6)], dropout=False),
        _config(rng, "GRU", [*names[some:], "reset_after"], dropout=False),
        _config(rng, "GRU", more[: rng.integers(3)]),
        _config(rng, "GRU", [*more[: rng.integers(3)], "reset_after"]),
        _config(rng, "SimpleRNN", more[:1] if more[0] != "recurrent_activation" else ()),
    ]
    return [found[k] for k in rng.permutation(7)]


def _cudnn_edges(rng):
    every = [*_FINE, "reset_after"]
    most = [*rng.permutation(list(_FINE)).tolist()[:-1], "reset_after"]
    found = {
        "another kind of layer": _config(rng, rng.choice(["Conv1D", "RNN"]).item(), ()),
        "a GRU that has everything": _config(rng, "GRU", (), dropout=False),
        "a GRU that has nothing": _config(rng, "GRU", every),
        "an LSTM that has nothing": _config(rng, "LSTM", list(_FINE)),
        "a GRU that has one thing": _config(rng, "GRU", most, dropout=False),
    }
    return {name: found[name] for name in rng.permutation(list(found))}


@function_task(
    cases=_cudnn_cases,
    edges=_cudnn_edges,
    observe="names",
    wrong={
        "dropout-too": edit('"recurrent_dropout": 0', '"recurrent_dropout": 0, "dropout": 0'),
        "activation-free": edit('"activation": "tanh", ', ""),
        "gates-free": edit('"recurrent_activation": "sigmoid", ', ""),
        "recurrent-dropout-free": edit(', "recurrent_dropout": 0', ""),
        "unroll-free": edit('"unroll": False, ', ""),
        "unroll-wanted": edit('"unroll": False', '"unroll": True'),
        "bias-free": edit(', "use_bias": True', ""),
        "hard-sigmoid": edit('"sigmoid"', '"hard_sigmoid"'),
        "reset-after-free": edit(
            '    if kind == "GRU":\n        wants["reset_after"] = True\n', ""
        ),
        "reset-after-in-lstm": edit(
            '    if kind == "GRU":\n        wants["reset_after"] = True\n',
            '    wants["reset_after"] = True\n',
            "config[name]",
            "config.get(name)",
        ),
        "simple-rnn-too": edit(
            '("LSTM", "GRU")',
            '("LSTM", "GRU", "SimpleRNN")',
            "config[name]",
            "config.get(name, value)",
        ),
        "gru-never": edit('kind not in ("LSTM", "GRU")', 'kind != "LSTM"'),
        "first-only": edit("!= value]", "!= value][:1]"),
        "the-kept": edit("!= value", "== value"),
    },
)
def cudnn_breaks(kind, config):
    if kind not in ("LSTM", "GRU"):
        return ["kind"]
    wants = {"activation": "tanh", "recurrent_activation": "sigmoid", "recurrent_dropout": 0}
    wants |= {"unroll": False, "use_bias": True}
    if kind == "GRU":
        wants["reset_after"] = True
    return [name for name, value in wants.items() if config[name] != value]


# --- which masks may it have? -------------------------------------------------------------------


def _mask_cases(rng):
    """Every kind of row, twice; then a hole behind a right start, with a right end, and more."""
    found = []
    for T in rng.choice([5, 7, 8, 9], 3, replace=False):
        lengths = rng.integers(1, T, size=2)
        right = np.arange(T) < lengths[:, None]
        hole = np.arange(T) != rng.integers(1, T - 1)
        rows = np.array([*right, right[0, ::-1], hole, np.ones(T, bool), np.zeros(T, bool)])
        found.append(rows[rng.permutation(len(rows))])
    both = np.arange(T) < T - 1
    both[rng.integers(1, T - 2)] = False
    last = np.array([both, *found[2][: rng.integers(4)]])
    return [(found[0],), (found[1],), (last[rng.permutation(len(last))],)]


def _mask_edges(rng):
    T, n = rng.integers(2, 10, 2).tolist()
    padded = np.arange(T) < rng.integers(1, T)
    found = {
        "one row that fits": padded[None],
        "one row that does not fit": ~padded[None],
        "one step": rng.random((n, 1)) < 0.5,
        "lengths that are powers of two": np.arange(16) < 2 ** rng.integers(5, size=(n, 1)),
    }
    return {name: (found[name],) for name in rng.permutation(list(found))}


@function_task(
    cases=_mask_cases,
    edges=_mask_edges,
    axes="batch",
    wrong={
        "empty-fits": edit(" & (lengths > 0)", ""),
        "left-padded": edit("mask == right_padded", "mask[:, ::-1] == right_padded"),
        "either-side": lambda mask: mask_fits.reference(mask) | mask_fits.reference(mask[:, ::-1]),
        "first-only": lambda mask: mask[:, 0],
        "not-empty": lambda mask: mask.any(axis=1),
        "full-only": lambda mask: mask.all(axis=1),
        "padded-only": edit("(lengths > 0)", "(lengths > 0) & ~mask[:, -1]"),
        "ends-only": lambda mask: mask[:, 0] & ~mask[:, -1],
        "inverted": lambda mask: ~mask_fits.reference(mask),
        "one-answer": edit(".all(axis=1) & (lengths > 0)", ".all() & (lengths > 0).all()"),
        "over-the-batch": lambda mask: mask_fits.reference(mask.T),
        "lengths": lambda mask: mask.sum(axis=1),
        "one-change": lambda mask: (mask[:, 1:] != mask[:, :-1]).sum(axis=1) <= 1,
    },
)
def mask_fits(mask):
    lengths = mask.sum(axis=1)
    right_padded = np.arange(mask.shape[1]) < lengths[:, None]
    return (mask == right_padded).all(axis=1) & (lengths > 0)


# --- stretch: one gradient out of many devices ----------------------------------------------------


def _devices(rng, R, P, clip):
    return rng.normal(size=(R, P)) + 1, rng.permutation(np.arange(1, R + 1) ** 2 + 2), clip


def _device_cases(rng):
    """Two gradients that are longer than clipnorm, and one that is shorter whatever is done to it.

    The first device is not always the one with the largest part.
    """
    found = []
    for R, P in zip(sizes(rng, 3, 2, 5), sizes(rng, 3, 2, 7), strict=True):
        gradients, parts, _ = _devices(rng, R, P, 1)
        if parts.argmax() == 0 and rng.random() < 0.8:
            parts = parts[::-1].copy()
        mean = parts @ gradients / parts.sum()
        found.append((gradients, parts, np.linalg.norm(mean).item() * rng.uniform(0.3, 0.8)))
    if all(parts.argmax() == 0 for _, parts, _ in found):
        found[1] = (found[1][0], found[1][1][::-1].copy(), found[1][2])
    gradients, parts, _ = found[2]
    found[2] = gradients, parts, 10 ** rng.uniform(5, 6)
    return [found[k] for k in rng.permutation(3)]


def _device_edges(rng):
    R, P = sizes(rng, 2)
    gradients, parts, _ = _devices(rng, R, P, 1)
    return {
        "one device": _devices(rng, 1, P, rng.uniform(0.1, 0.3)),
        "one parameter": _devices(rng, R, 1, rng.uniform(0.01, 0.1)),
        "a part with one example": (gradients, np.where(parts == 3, 1, parts), 1000.0),
        "negative numbers alone": (-np.abs(gradients), parts, 0.1),
    }


def _each_clipped(gradients, sizes, clipnorm):
    norms = np.sqrt((gradients**2).sum(axis=1))
    return (sizes * np.minimum(1, clipnorm / norms)) @ gradients / sizes.sum()


@function_task(
    level="stretch",
    cases=_device_cases,
    edges=_device_edges,
    axes="parameter",
    wrong={
        "plain-mean": edit(
            "(sizes[:, None] * gradients).sum(axis=0) / sizes.sum()", "gradients.mean(axis=0)"
        ),
        "plain-sum": edit(
            "(sizes[:, None] * gradients).sum(axis=0) / sizes.sum()", "gradients.sum(axis=0)"
        ),
        "not-divided": edit(" / sizes.sum()", ""),
        "divided-by-devices": edit("sizes.sum()", "len(sizes)"),
        "weighed-inversely": edit(
            "sizes[:, None] * gradients",
            "gradients / sizes[:, None]",
            "sizes.sum()",
            "(1 / sizes).sum()",
        ),
        "first-device": edit(
            "(sizes[:, None] * gradients).sum(axis=0) / sizes.sum()", "gradients[0]"
        ),
        "largest-part": edit(
            "(sizes[:, None] * gradients).sum(axis=0) / sizes.sum()", "gradients[sizes.argmax()]"
        ),
        "each-clipped": _each_clipped,
        "not-clipped": edit(" * min(1, clipnorm / norm)", ""),
        "clipped-then-divided": edit(
            " / sizes.sum()", "", "clipnorm / norm)", "clipnorm / norm) / sizes.sum()"
        ),
        "by-value": edit("mean * min(1, clipnorm / norm)", "np.clip(mean, -clipnorm, clipnorm)"),
        "always-scaled": edit("min(1, clipnorm / norm)", "clipnorm / norm"),
        "no-root": edit("np.sqrt((mean**2).sum())", "(mean**2).sum()"),
        "unit-length": edit("mean * min(1, clipnorm / norm)", "mean / norm"),
        "largest-entry": edit("np.sqrt((mean**2).sum())", "np.abs(mean).max()"),
    },
    points=3,
)
def one_gradient(gradients, sizes, clipnorm):
    mean = (sizes[:, None] * gradients).sum(axis=0) / sizes.sum()
    norm = np.sqrt((mean**2).sum())
    return mean * min(1, clipnorm / norm)


# --- which tool? ----------------------------------------------------------------------------------


@value_task(wrong={"network-first": "a", "newest-paper": "c", "more-devices": "d"}, points=1)
def tool():
    return "b"
