"""Tasks of lesson 7.1, tools and resources: a loop like fit, a log, costs, cuDNN, many devices.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

import csv
import io
import math

import numpy as np

from rnncourse.checking.attempt import Refused
from rnncourse.checking.task import function_task, value_task
from rnncourse.tasks.bent import bend
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


def _log(rng, n, best, columns, size=1.0, diverged=0):
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
    rows = [",".join(str(found[name][i].item()) for name in columns) for i in range(n)]
    return "\n".join([",".join(columns), *rows]) + "\n"


def _log_cases(rng):
    return [
        (_log(rng, 9, 5, ("epoch", "loss", "val_loss")),),
        (_log(rng, 8, 4, ("epoch", "accuracy", "loss", "val_loss", "val_mae"), size=3e-4),),
        (_log(rng, 10, 6, ("epoch", "loss", "val_loss", "val_mae"), diverged=2),),
    ]


def _best(text, column="val_loss", pick=np.nanargmin, tell="val_loss", add=1, read=float):
    rows = list(csv.DictReader(io.StringIO(text)))
    column = list(rows[0])[column] if isinstance(column, int) else column
    found = pick([read(row[column]) for row in rows])
    return int(found) + add, float(rows[int(found)][tell])


def _first_valley(values):
    return next(i for i in range(len(values) - 1) if values[i + 1] > values[i])


@function_task(
    cases=_log_cases,
    axes={"epoch": "", "val_loss": ""},
    wrong={
        "training-loss": bend(_best, column="loss"),
        "training-loss-told": bend(_best, column="loss", tell="loss"),
        "from-zero": bend(_best, add=0),
        "header-counted": bend(_best, add=2),
        "last-epoch": bend(_best, pick=lambda values: len(values) - 1),
        "last-number": bend(_best, pick=lambda v: np.flatnonzero(np.isfinite(v))[-1]),
        "worst": bend(_best, pick=np.nanargmax),
        "texts": bend(_best, read=str, pick=lambda values: values.index(min(values))),
        "nan-wins": bend(_best, pick=np.argmin),
        "last-column": bend(_best, column=-1),
        "third-column": bend(_best, column=2),
        "loss-told": bend(_best, tell="loss"),
        "first-valley": bend(_best, pick=_first_valley),
    },
)
def best_epoch(text):
    rows = list(csv.DictReader(io.StringIO(text)))
    val_loss = np.array([float(row["val_loss"]) for row in rows])
    best = np.nanargmin(val_loss)
    return best + 1, val_loss[best]


# --- a training loop that equals fit -----------------------------------------------------------


def _loop_cases(rng):
    sizes = ((7, 3, 2, 3), (5, 4, 3, 2))  # windows, days, epochs, batch: the last one is smaller
    return [
        (small_model, *(rng.normal(size=s).astype("float32") for s in ((n, T, 1), (n, 1))), *more)
        for n, T, *more in sizes
    ]


def _starts(n, batch_size):
    return range(0, n, batch_size)


def _squares(errors):
    import tensorflow as tf

    return tf.reduce_mean(tf.square(errors))


def _absolute(errors):
    import tensorflow as tf

    return tf.reduce_mean(tf.abs(errors))


def _summed(errors):
    import tensorflow as tf

    return tf.reduce_sum(tf.square(errors))


def _forget(model):
    """Give the model an optimizer without memory, as if it were new."""
    import keras

    model.optimizer = keras.optimizers.SGD(0.05, momentum=0.9)


def _train(
    build,
    X,
    y,
    epochs,
    batch_size,
    *,
    loss=_squares,
    starts=_starts,
    variables=lambda model: model.trainable_variables,
    sign=1,
    before_step=lambda model: None,
    apply_in=("step",),
):
    """The right loop with its joints exposed: each misconception bends one of them."""
    import tensorflow as tf

    model = build()
    for _ in range(epochs):
        for i in starts(len(X), batch_size):
            before_step(model)
            with tf.GradientTape() as tape:
                value = loss(model(X[i : i + batch_size]) - y[i : i + batch_size])
            chosen = variables(model)
            gradients = [sign * g for g in tape.gradient(value, chosen)]
            if "step" in apply_in:
                model.optimizer.apply(gradients, chosen)
        if "epoch" in apply_in:
            model.optimizer.apply(gradients, chosen)
    return model.get_weights()


def _one_batch(build, X, y, epochs, batch_size):
    return _train(build, X, y, epochs, len(X))


@function_task(
    cases=_loop_cases,
    axes={
        "W": "feature unit",
        "U": "unit unit",
        "b": "unit",
        "W_y": "unit output",
        "b_y": "output",
    },
    wrong={
        "summed": bend(_train, loss=_summed),
        "absolute": bend(_train, loss=_absolute),
        "last-batch-lost": bend(_train, starts=lambda n, batch: range(0, n - n % batch, batch)),
        "one-batch": _one_batch,
        "one-epoch": lambda build, X, y, epochs, batch: _train(build, X, y, 1, batch),
        "last-layer-only": bend(_train, variables=lambda model: model.layers[-1].weights),
        "first-layer-only": bend(_train, variables=lambda model: model.layers[0].weights),
        "uphill": bend(_train, sign=-1),
        "never-applied": bend(_train, apply_in=()),
        "once-an-epoch": bend(_train, apply_in=("epoch",)),
        "optimizer-forgets": bend(_train, before_step=_forget),
        "backwards": bend(_train, starts=lambda n, batch: reversed(range(0, n, batch))),
        "one-by-one": lambda build, X, y, epochs, batch: _train(build, X, y, epochs, 1),
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
    found = [
        (first, step, first + gain * (n + 0.3), step - gain),  # ahead after n + 1 steps
        (first, step, first + gain * (2 * n + 0.7), step - gain),
        (0.5, 0.75, 0.5 + exact, 0.5),  # level after 4 * exact steps
        (first, step, first + 1, step * (1 if rng.random() < 0.3 else 1.2)),  # never
        (first + 0.2, step, first, step * 1.2),  # at once
    ]
    return [found[k] for k in rng.permutation(5)]


def _pays(
    first_a,
    step_a,
    first_b,
    step_b,
    gap=lambda a, b: b - a,
    saved=lambda a, b: a - b,
    steps=lambda n: math.floor(n) + 1,
    never=-1,
    at_once=True,
):
    behind, gain = gap(first_a, first_b), saved(step_a, step_b)
    if at_once and behind < 0:
        return 0
    return never if gain <= 0 and never is not None else steps(behind / gain)


@function_task(
    cases=_pay_cases,
    axes="",
    wrong={
        "not-rounded": bend(_pays, steps=lambda n: n),
        "rounded-down": bend(_pays, steps=math.floor),
        "level-is-enough": bend(_pays, steps=math.ceil),
        "rounded": bend(_pays, steps=round),
        "one-too-many": bend(_pays, steps=lambda n: math.floor(n) + 2),
        "whole-first": bend(_pays, gap=lambda a, b: b),
        "by-step-b": bend(_pays, saved=lambda a, b: b),
        "by-step-a": bend(_pays, saved=lambda a, b: a),
        "steps-added": bend(_pays, saved=lambda a, b: a + b),
        "never-forgotten": bend(_pays, never=None),
        "never-is-zero": bend(_pays, never=0),
        "at-once-forgotten": bend(_pays, at_once=False),
        "swapped": lambda fa, sa, fb, sb: _pays(fb, sb, fa, sa),
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
    if kind == "SimpleRNN":
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


def _names(returned):
    """The named options as one text, in the order of the alphabet."""
    if isinstance(returned, str) or not hasattr(returned, "__iter__"):
        raise Refused("not-names", what=type(returned).__name__)
    found = sorted(returned, key=str)
    if not all(isinstance(name, str) for name in found):
        raise Refused("not-names", what=f"{type(returned).__name__} of other things than text")
    return {"the list": ", ".join(found) or "(empty)"}


_names.codes = ("not-names",)


def _breaks(kind, config, wants=_FINE, gru=True, kinds=("LSTM", "GRU"), pick=lambda bad, fine: bad):
    if kind not in kinds:
        return ["kind"]
    wants = dict(wants)
    if gru and (kind == "GRU" or gru == "always"):
        wants["reset_after"] = True
    bad = [name for name in wants if config.get(name, wants[name]) != wants[name]]
    if gru == "always" and "reset_after" not in config:
        bad.append("reset_after")
    return pick(bad, [name for name in wants if name not in bad])


def _without(name):
    return bend(_breaks, wants={key: value for key, value in _FINE.items() if key != name})


@function_task(
    cases=_cudnn_cases,
    observe=_names,
    wrong={
        "dropout-too": bend(_breaks, wants=_FINE | {"dropout": 0.0}),
        "activation-free": _without("activation"),
        "gates-free": _without("recurrent_activation"),
        "recurrent-dropout-free": _without("recurrent_dropout"),
        "unroll-free": _without("unroll"),
        "unroll-wanted": bend(_breaks, wants=_FINE | {"unroll": True}),
        "bias-free": _without("use_bias"),
        "hard-sigmoid": bend(_breaks, wants=_FINE | {"recurrent_activation": "hard_sigmoid"}),
        "reset-after-free": bend(_breaks, gru=False),
        "reset-after-in-lstm": bend(_breaks, gru="always"),
        "simple-rnn-too": bend(_breaks, kinds=("LSTM", "GRU", "SimpleRNN")),
        "gru-never": bend(_breaks, kinds=("LSTM",)),
        "first-only": bend(_breaks, pick=lambda bad, fine: bad[:1]),
        "the-kept": bend(_breaks, pick=lambda bad, fine: fine),
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


def _fits(mask):
    lengths = mask.sum(axis=1, keepdims=True)
    return (mask == (np.arange(mask.shape[1]) < lengths)).all(axis=1) & mask[:, 0]


@function_task(
    cases=_mask_cases,
    axes="batch",
    wrong={
        "empty-fits": lambda mask: _fits(mask) | ~mask.any(axis=1),
        "left-padded": lambda mask: _fits(mask[:, ::-1]),
        "either-side": lambda mask: _fits(mask) | _fits(mask[:, ::-1]),
        "first-only": lambda mask: mask[:, 0],
        "not-empty": lambda mask: mask.any(axis=1),
        "full-only": lambda mask: mask.all(axis=1),
        "padded-only": lambda mask: _fits(mask) & ~mask[:, -1],
        "ends-only": lambda mask: mask[:, 0] & ~mask[:, -1],
        "inverted": lambda mask: ~_fits(mask),
        "one-answer": lambda mask: _fits(mask).all(),
        "over-the-batch": lambda mask: _fits(mask.T),
        "lengths": lambda mask: mask.sum(axis=1),
        "one-change": lambda mask: (mask[:, 1:] != mask[:, :-1]).sum(axis=1) <= 1,
    },
)
def mask_fits(mask):
    lengths = mask.sum(axis=1)
    right_padded = np.arange(mask.shape[1]) < lengths[:, None]
    return (mask == right_padded).all(axis=1) & (lengths > 0)


# --- stretch: one gradient out of many devices ----------------------------------------------------


def _device_cases(rng):
    found = []
    for R, P, clip in ((2, 5, 0.5), (3, 4, 1.0), (4, 3, 1000.0)):
        sizes = rng.permutation(np.arange(1, R + 1) ** 2 + 2)
        if R == 4 and sizes.argmax() == 0:  # the first device is not always the largest
            sizes = sizes[::-1]
        found.append((rng.normal(size=(R, P)) + 1, sizes, clip))
    return found


def _weighed(gradients, sizes):
    return sizes @ gradients / sizes.sum()


def _clipped(g, limit):
    return g * min(1.0, limit / np.sqrt((g**2).sum()))


def _step(gradients, sizes, clipnorm, mean=_weighed, clip=_clipped):
    return clip(mean(gradients, sizes), clipnorm)


def _each_clipped(gradients, sizes, clipnorm):
    return _weighed(np.array([_clipped(g, clipnorm) for g in gradients]), sizes)


@function_task(
    level="stretch",
    cases=_device_cases,
    axes="parameter",
    wrong={
        "plain-mean": bend(_step, mean=lambda g, n: g.mean(axis=0)),
        "plain-sum": bend(_step, mean=lambda g, n: g.sum(axis=0)),
        "not-divided": bend(_step, mean=lambda g, n: n @ g),
        "divided-by-devices": bend(_step, mean=lambda g, n: n @ g / len(n)),
        "weighed-inversely": bend(_step, mean=lambda g, n: (1 / n) @ g / (1 / n).sum()),
        "first-device": bend(_step, mean=lambda g, n: g[0]),
        "largest-part": bend(_step, mean=lambda g, n: g[n.argmax()]),
        "each-clipped": _each_clipped,
        "not-clipped": bend(_step, clip=lambda g, limit: g),
        "by-value": bend(_step, clip=lambda g, limit: np.clip(g, -limit, limit)),
        "always-scaled": bend(_step, clip=lambda g, limit: g * limit / np.sqrt((g**2).sum())),
        "no-root": bend(_step, clip=lambda g, limit: g * min(1.0, limit / (g**2).sum())),
        "unit-length": bend(_step, clip=lambda g, limit: g / np.sqrt((g**2).sum())),
        "largest-entry": bend(_step, clip=lambda g, limit: g * min(1.0, limit / abs(g).max())),
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
