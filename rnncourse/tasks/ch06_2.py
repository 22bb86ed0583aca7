"""Tasks of lesson 6.2, translation: attention, teacher forcing, two ways to decode, two scores.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
Longer than 250 lines, because each task lists its known mistakes.
"""

from functools import cache

import numpy as np

from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.nn import softmax
from rnncourse.tasks.ch06_2_data import build_model, date_arrays, decode

# --- warm-up: what attention costs ------------------------------------------------------------


@value_task(
    wrong={
        "one-of-48": 48 * 48 + 48 * 48 + 48,
        "matrices-only": 48 * 48 + 48 * 48,
        "two-biases": 2 * (48 * 48 + 48) + 48,
        "one-matrix": 48 * 48 + 48 + 48,
        "v-matrix": 3 * 48 * 48 + 48,
        "v-bias": 48 * 48 + 48 + 48 * 48 + 48 + 1,
        "per-position": 30 * (48 * 48 + 48 + 48 * 48 + 48),
        "pairs": 30 * 11,
    },
    points=1,
)
def n_attention():
    query = 48 * 48 + 48
    key = 48 * 48
    v = 48
    return query + key + v


# --- teacher forcing ---------------------------------------------------------------------------


def _framed(rng, lengths):
    """(B, T): start 2, tokens from 4 on, end 3, then padding."""
    Y = np.zeros((len(lengths), max(lengths) + 2), dtype=int)
    for row, n in zip(Y, lengths, strict=True):
        row[: n + 2] = [2, *rng.integers(4, 30, n), 3]
    return Y


def _shift_cases(rng):
    return [(_framed(rng, lengths),) for lengths in ((5, 3, 4), (2,), (6, 6, 1, 3, 2))]


@function_task(
    level="warm-up",
    cases=_shift_cases,
    axes={"before": "batch time", "target": "batch time"},
    wrong={
        "same": edit("Y[:, 1:]", "Y[:, :-1]"),
        "same-whole": edit("Y[:, :-1], Y[:, 1:]", "Y, Y"),
        "same-late": edit("Y[:, :-1]", "Y[:, 1:]"),
        "swapped": edit("Y[:, :-1], Y[:, 1:]", "Y[:, 1:], Y[:, :-1]"),
        "whole-before": edit("Y[:, :-1]", "Y"),
        "whole-target": edit("Y[:, 1:]", "Y"),
        "two-steps": edit("Y[:, :-1], Y[:, 1:]", "Y[:, :-2], Y[:, 2:]"),
        "start-lost": edit("Y[:, :-1], Y[:, 1:]", "Y[:, 1:-1], Y[:, 2:]"),
        "rolled": edit("Y[:, :-1], Y[:, 1:]", "Y, np.roll(Y, -1, axis=1)"),
        "batch-shifted": edit("Y[:, :-1], Y[:, 1:]", "Y[:-1], Y[1:]"),
        "backwards": edit("Y[:, :-1]", "Y[:, :0:-1]"),
        "zeros-in-front": edit("Y[:, :-1]", "np.hstack([0 * Y[:, :1], Y[:, 1:-1]])"),
        "end-removed": edit("Y[:, :-1]", "np.where(Y[:, :-1] == 3, 0, Y[:, :-1])"),
    },
)
def shift(Y):
    return Y[:, :-1], Y[:, 1:]


# --- one attention step ------------------------------------------------------------------------


def _attention_cases(rng):
    cases = []
    for B, T, N, M, K in ((3, 6, 4, 5, 7), (1, 4, 3, 2, 6), (2, 5, 6, 4, 3)):
        mask = np.arange(T) < rng.integers(2, T, B)[:, None]  # (B, T); each row has some padding
        weights = (rng.normal(size=(M, K)), rng.normal(size=K), rng.normal(size=(N, K)))
        s, H, v = rng.normal(size=(B, M)), rng.normal(size=(B, T, N)), rng.normal(size=K)
        cases.append((s, H, mask, *weights, v))
    return cases


@function_task(
    cases=_attention_cases,
    axes={"context": "batch unit", "alpha": "batch position"},
    points=3,
    wrong={
        "no-tanh": edit("np.tanh(", "("),
        "sigmoid": edit(
            "np.tanh(query[:, None] + key)", "(1 / (1 + np.exp(-query[:, None] - key)))"
        ),
        "no-bias": edit(" + b_q", ""),
        "multiplied": edit("np.tanh(query[:, None] + key)", "(query[:, None] * key)"),
        "no-v": edit(" @ v", ".sum(axis=-1)"),
        "no-mask": edit("np.where(mask, e, -1e9)", "e"),
        "mask-turned": edit("np.where(mask, e, -1e9)", "np.where(mask, -1e9, e)"),
        "mask-zero-score": edit("np.where(mask, e, -1e9)", "e * mask"),
        "mask-after": edit(
            *("np.where(mask, e, -1e9)", "e"),
            *("alpha.sum(axis=1, keepdims=True)", "alpha.sum(axis=1, keepdims=True) * mask"),
        ),
        "no-softmax": edit(
            *("np.where(mask, e, -1e9)", "e * mask"),
            *("np.exp(e - e.max(axis=1, keepdims=True))", "e"),
            *(" / alpha.sum(axis=1, keepdims=True)", ""),
        ),
        "not-normalised": edit(
            *(" - e.max(axis=1, keepdims=True)", ""),
            *(" / alpha.sum(axis=1, keepdims=True)", ""),
        ),
        "softmax-batch": edit(
            *("e.max(axis=1, keepdims=True)", "e.max(axis=0)"),
            *("alpha.sum(axis=1, keepdims=True)", "alpha.sum(axis=0)"),
        ),
        "hard": edit(
            "np.exp(e - e.max(axis=1, keepdims=True))",
            "(e == e.max(axis=1, keepdims=True)).astype(float)",
        ),
        "mean": edit("(alpha[..., None] * H).sum(axis=1)", "H.mean(axis=1)"),
        "divided": edit(
            "(alpha[..., None] * H).sum(axis=1)", "(alpha[..., None] * H).mean(axis=1)"
        ),
        "strongest": edit(
            "(alpha[..., None] * H).sum(axis=1)", "H[np.arange(len(H)), alpha.argmax(axis=1)]"
        ),
        "swapped": edit("return context, alpha", "return alpha, context"),
        "not-summed": edit("(alpha[..., None] * H).sum(axis=1)", "alpha[..., None] * H"),
    },
)
def attention_step(s, H, mask, W_q, b_q, W_k, v):
    query = s @ W_q + b_q  # (B, K)
    key = H @ W_k  # (B, T, K)
    e = np.tanh(query[:, None] + key) @ v  # (B, T)
    e = np.where(mask, e, -1e9)
    alpha = np.exp(e - e.max(axis=1, keepdims=True))
    alpha = alpha / alpha.sum(axis=1, keepdims=True)
    context = (alpha[..., None] * H).sum(axis=1)  # (B, N)
    return context, alpha


# --- the loss that does not see padding ----------------------------------------------------------


def _entropy_cases(rng):
    cases = []
    for lengths, K in (((3, 1, 4), 6), ((2,), 5), ((1, 5), 7)):
        y = np.zeros((len(lengths), max(lengths) + 1), dtype=int)
        for row, n in zip(y, lengths, strict=True):
            row[:n] = rng.integers(1, K, n)
        cases.append((2 * rng.normal(size=(*y.shape, K)), y))
    return cases


@function_task(
    cases=_entropy_cases,
    axes="",
    wrong={
        "padding-too": edit("right[y != 0]", "right"),
        "divided-by-all": edit("right[y != 0]", "(right * (y != 0))"),
        "summed": edit(".mean()", ".sum()"),
        "sentence-means": edit("right[y != 0]", "right.mean(axis=1, where=y != 0)"),
        "per-sentence": edit(".mean()", ".sum() / len(y)"),
        "sign": edit("-right", "right"),
        "probability": edit("right[y != 0]", "np.exp(right[y != 0])"),
        "log-of-mean": edit("right[y != 0].mean()", "np.log(np.exp(right[y != 0]).mean())"),
        "bits": edit(".mean()", ".mean() / np.log(2)"),
        "only-padding": edit("y != 0", "y == 0"),
        "perplexity": edit("-right[y != 0].mean()", "np.exp(-right[y != 0].mean())"),
        "no-softmax": edit("take_along_axis(log_p,", "take_along_axis(logits,"),
        "softmax-over-time": edit(
            *("logits.max(axis=-1,", "logits.max(axis=1,"),
            *(".sum(axis=-1,", ".sum(axis=1,"),
        ),
        "argmax": edit("-right[y != 0]", "(logits.argmax(axis=-1) != y)[y != 0]"),
    },
)
def masked_cross_entropy(logits, y):
    log_p = logits - logits.max(axis=-1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
    right = np.take_along_axis(log_p, y[..., None], axis=-1)[..., 0]  # (B, T)
    return -right[y != 0].mean()


# --- decoding ------------------------------------------------------------------------------------


def _decoder(rng, V, N):
    """step(y_prev (B,), s (B, N)) -> log-probabilities (B, V), s (B, N): a small random decoder."""
    E, U, W = rng.normal(size=(V, N)), rng.normal(size=(N, N)), 1.5 * rng.normal(size=(N, V))
    W[:, :2] = 0

    def step(y_prev, s):
        s = np.tanh(E[np.asarray(y_prev, dtype=int)] + np.asarray(s) @ U)
        logits = s @ W
        logits[..., :2] = -30  # padding and start are never written
        return np.log(softmax(logits)), s

    return step


def _greedy_cases(rng):
    """Decoders under which some sentences end early, some late, some not at all."""
    cases = []
    for B, V, N, most in ((5, 7, 4, 8), (4, 6, 5, 7), (1, 8, 3, 6)):
        while True:
            step, s = _decoder(rng, V, N), rng.normal(size=(B, N))
            is_end = greedy.reference(step, s, 1, 2, most) == 2
            ended, ends = is_end.any(axis=1), is_end.argmax(axis=1)  # 0 also where none ends
            on = greedy.wrong["writes-on"](step, s, 1, 2, most)
            late = 0 < ends.max() < most - 1
            if late and len(np.unique(on)) > 2 and (B == 1 or (len(set(ends)) > 1 > ended.min())):
                break
        cases.append((step, s, 1, 2, most))
    return cases


@function_task(
    cases=_greedy_cases,
    axes="sentence time",
    points=3,
    wrong={
        "start-fed-again": edit("step(y, s)", "step(np.full(len(s), start), s)"),
        "state-not-carried": edit("log_p, s = step", "log_p, _ = step"),
        "writes-on": edit("np.where(done, 0, log_p.argmax(axis=1))", "log_p.argmax(axis=1)"),
        "stops-all": edit("(y == end)", "(y == end).any()"),
        "end-zeroed": edit("np.where(done,", "np.where(log_p.argmax(axis=1) == end,"),
        "end-hidden": edit("tokens.append(y)", "tokens.append(np.where(done, 0, y))"),
        "start-included": edit("tokens = []", "tokens = [y]", "range(most)", "range(most - 1)"),
        "start-in-front": edit("tokens = []", "tokens = [y]"),
        "one-short": edit("range(most)", "range(most - 1)"),
        "least-likely": edit("argmax", "argmin"),
        "time-first": edit("np.stack(tokens, axis=1)", "np.stack(tokens)"),
        "end-repeated": edit("np.where(done, 0,", "np.where(done, end,"),
        "only-last": edit("np.stack(tokens, axis=1)", "y"),
    },
)
def greedy(step, s, start, end, most):
    y = np.full(len(s), start)
    done = np.zeros(len(s), dtype=bool)
    tokens = []
    for _ in range(most):
        log_p, s = step(y, s)
        y = np.where(done, 0, log_p.argmax(axis=1))
        done = done | (y == end)
        tokens.append(y)
    return np.stack(tokens, axis=1)


@cache
def _searches(seed):
    """Decoders whose best sentence ends in time, and differs from what common mistakes find."""
    codes = ("greedy", "per-token", "finished-dropped", "worst")
    variants = (beam_search.reference, *(beam_search.wrong[code] for code in codes))
    rng = np.random.default_rng(seed)
    while True:
        cases, found = [], []
        while len(cases) < 3:
            V, N, width, most = ((6, 3, 3, 7), (7, 4, 4, 8), (5, 3, 2, 6))[len(cases)]
            args = (_decoder(rng, V, N), rng.normal(size=(1, N)), 1, 2, width, most)
            right, *others = (tuple(f(*args)[0]) for f in variants)
            if right[-1] == 2 and 1 < len(right) < most and right not in others:
                cases.append(args)
                found.append((right, *others))
        if len(set(zip(*found, strict=True))) == len(variants):  # one case at least differs
            return cases


def _beam_cases(rng):
    searches = _searches(int(rng.integers(2**31)))  # found once: that takes a fifth of a second
    return [(step, s.copy(), *rest) for step, s, *rest in searches]


@function_task(
    cases=_beam_cases,
    axes={"tokens": "time", "log_p": ""},
    points=4,
    wrong={
        "greedy": edit("[:width]", "[:1]"),
        "per-token": edit("beams[0]", "max(beams, key=lambda b: b[0] / len(b[1]))"),
        "start-fed-again": edit("tokens[-1] if tokens else start", "start"),
        "state-not-carried": edit("[*tokens, y], after)", "[*tokens, y], state)"),
        "last-step-only": edit("total + p", "p"),
        "probability": edit("total + p", "total + np.exp(p)"),
        "worst": edit("beams[0]", "beams[-1]"),
        "finished-dropped": edit(
            *("candidates.append((total, tokens, state))", ""),
            *("[:width]", "[:width] or beams"),
        ),
        "start-included": edit("np.array(tokens)", "np.array([start, *tokens])"),
        "end-lost": edit("np.array(tokens)", "np.array(tokens[:-1])"),
        "not-log": edit("np.array(tokens), total", "np.array(tokens), np.exp(total)"),
        "mean-log": edit("np.array(tokens), total", "np.array(tokens), total / len(tokens)"),
        "sign": edit("np.array(tokens), total", "np.array(tokens), -total"),
    },
)
def beam_search(step, s, start, end, width, most):
    beams = [(0.0, [], s)]  # total log-probability, tokens, state (1, N)
    for _ in range(most):
        candidates = []
        for total, tokens, state in beams:
            if tokens and tokens[-1] == end:
                candidates.append((total, tokens, state))
                continue
            log_p, after = step(np.array([tokens[-1] if tokens else start]), state)
            candidates += [(total + p, [*tokens, y], after) for y, p in enumerate(log_p[0])]
        beams = sorted(candidates, key=lambda c: c[0], reverse=True)[:width]
    total, tokens, _ = beams[0]
    return np.array(tokens), total


# --- a score: how much of a translation stands in the reference -----------------------------------


def _precision_cases(rng):
    """Sentences with repeated words that share some n-grams with their reference."""
    cases = []
    for length, n in zip(rng.integers(9, 15, 3), (1, 2, 3), strict=True):
        while True:
            reference = rng.integers(0, 5, length + 2).tolist()
            hypothesis = reference[1 : length - 2] + rng.integers(0, 4, 3).tolist()
            hypothesis = [*hypothesis[:3], *hypothesis[:3], *hypothesis[5:]]
            args = ([f"w{i}" for i in hypothesis], [f"w{i}" for i in reference], n)
            found = [clipped_precision.wrong[code](*args) for code in ("not-clipped", "sets")]
            right = clipped_precision.reference(*args)
            if right > 0 and not np.isclose(found, right).any():
                break
        cases.append(args)
    return cases


@function_task(
    cases=_precision_cases,
    axes="",
    wrong={
        "not-clipped": edit(
            "min(made.count(gram), wanted.count(gram)) for gram in set(made)",
            "gram in wanted for gram in made",
        ),
        "recall": edit("/ len(made)", "/ len(wanted)"),
        "over-tokens": edit("/ len(made)", "/ len(hypothesis)"),
        "over-different": edit("/ len(made)", "/ len(set(made))"),
        "sets": edit(
            *("grams(hypothesis)", "set(grams(hypothesis))"),
            *("grams(reference)", "set(grams(reference))"),
            *("min(made.count(gram), wanted.count(gram))", "gram in wanted"),
        ),
        "same-place": edit(
            "min(made.count(gram), wanted.count(gram)) for gram in set(made)",
            "a == b for a, b in zip(made, wanted)",
        ),
        "f-score": edit("hits / len(made)", "2 * hits / (len(made) + len(wanted))"),
        "last-lost": edit("grams(hypothesis), ", "grams(hypothesis)[:-1], "),
        "single-words": edit(
            "tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)",
            "token for token in tokens",
        ),
        "one-more": edit("i + n]", "i + n + 1]", "- n + 1)", "- n)"),
        "count": edit("hits / len(made)", "hits"),
        "percent": edit("hits / len(made)", "100 * hits / len(made)"),
    },
)
def clipped_precision(hypothesis, reference, n):
    def grams(tokens):
        return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]

    made, wanted = grams(hypothesis), grams(reference)
    hits = sum(min(made.count(gram), wanted.count(gram)) for gram in set(made))
    return hits / len(made)


# --- stretch: dates that nobody has shown ---------------------------------------------------------


def _answers(predict):
    """A `train` that learns nothing and returns `predict(X, data)`."""
    return lambda X_train, Y_train: lambda X: predict(X, date_arrays())


def _spoiled(change):
    """A `train` whose model returns the right answers, changed by `change(y, data)`."""
    return _answers(lambda X, data: change(data.y_test.copy(), data))


def _put(y, columns, values):
    y[:, columns] = values
    return y


def _nearest(X, data):
    """The target of the training date whose source has most characters in common, by position."""
    near = [(data.X_train == x).mean(axis=1).argmax() for x in X]
    return data.Y_train[near][:, 1:]


def _right(y_hat, data, columns):
    return (y_hat == data.y_test)[:, columns].all(axis=1).mean()


YEAR, MONTH, DAY = slice(0, 4), slice(5, 7), slice(8, 10)
SYMPTOMS = {
    "start-included": lambda y_hat, data: (y_hat[:, 0] == data.Y_train[0, 0]).mean() > 0.9,
    "shifted": lambda y_hat, data: (y_hat[:, :-1] == data.y_test[:, 1:]).mean() > 0.9,
    "repeats": lambda y_hat, data: (y_hat == y_hat[:, :1]).mean() > 0.9,
    "one-answer": lambda y_hat, data: len(np.unique(y_hat, axis=0)) < 5,
    "by-heart": lambda y_hat, data: (
        len({*map(tuple, y_hat)} - {*map(tuple, data.Y_train[:, 1:].tolist())}) < 5
    ),
    "no-end": lambda y_hat, data: (
        _right(y_hat, data, slice(0, 10)) > 0.9 and _right(y_hat, data, slice(10, 11)) < 0.1
    ),
    "day-wrong": lambda y_hat, data: (
        _right(y_hat, data, YEAR) > 0.9 and _right(y_hat, data, DAY) < 0.5
    ),
    "nearly": lambda y_hat, data: 0.05 < data.error(y_hat) < 0.3,
}


@model_task(
    data=date_arrays,
    bar=0.05,
    axes="sentence time",
    symptoms=SYMPTOMS,
    exact=True,  # dates follow rules
    points=4,
    seconds=120,
    wrong={
        "start-included": _spoiled(
            lambda y, d: np.hstack([0 * y[:, :1] + d.Y_train[0, 0], y[:, :-1]])
        ),
        "shifted": _spoiled(lambda y, d: np.hstack([y[:, 1:], 0 * y[:, :1]])),
        "repeats": _spoiled(lambda y, d: 0 * y + y[:, :1]),
        "one-answer": _spoiled(lambda y, d: 0 * y + d.Y_train[0, 1:]),
        "by-heart": _answers(_nearest),
        "no-end": _spoiled(lambda y, d: _put(y, slice(10, 11), 0)),
        "day-wrong": _spoiled(lambda y, d: _put(y, DAY, y[::-1, DAY])),
        "nearly": _spoiled(lambda y, d: np.where(np.arange(len(y))[:, None] % 5 == 0, y[::-1], y)),
        "below-bar": _spoiled(lambda y, d: _put(y, YEAR, y[::-1, YEAR])),
    },
)
def train(X_train, Y_train):
    import keras

    keras.utils.set_random_seed(0)
    model = build_model(X_train.max() + 1, Y_train.max() + 1, attention=True)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(0.005), loss)
    model.fit([X_train, Y_train[:, :-1]], Y_train[:, 1:], batch_size=32, epochs=5, verbose=0)
    return lambda X: decode(model, X, start=Y_train[0, 0], n_steps=Y_train.shape[1] - 1)
