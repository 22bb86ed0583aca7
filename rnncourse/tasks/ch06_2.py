"""Tasks of lesson 6.2, translation: attention, teacher forcing, two ways to decode, two scores.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

from functools import cache

import numpy as np

from rnncourse.checking.task import function_task, model_task, value_task
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


def _without_ends(Y):
    before = Y[:, :-1].copy()
    before[before == 3] = 0
    return before


@function_task(
    level="warm-up",
    cases=_shift_cases,
    axes={"before": "batch time", "target": "batch time"},
    wrong={
        "same": lambda Y: (Y[:, :-1], Y[:, :-1]),
        "same-whole": lambda Y: (Y, Y),
        "same-late": lambda Y: (Y[:, 1:], Y[:, 1:]),
        "swapped": lambda Y: (Y[:, 1:], Y[:, :-1]),
        "whole-before": lambda Y: (Y, Y[:, 1:]),
        "whole-target": lambda Y: (Y[:, :-1], Y),
        "two-steps": lambda Y: (Y[:, :-2], Y[:, 2:]),
        "start-lost": lambda Y: (Y[:, 1:-1], Y[:, 2:]),
        "rolled": lambda Y: (Y, np.roll(Y, -1, axis=1)),
        "batch-shifted": lambda Y: (Y[:-1], Y[1:]),
        "backwards": lambda Y: (Y[:, :0:-1], Y[:, 1:]),
        "zeros-in-front": lambda Y: (np.hstack([0 * Y[:, :1], Y[:, 1:-1]]), Y[:, 1:]),
        "end-removed": lambda Y: (_without_ends(Y), Y[:, 1:]),
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


def _softmax(e, axis=-1):
    e = np.exp(e - e.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _attend(s, H, mask, W_q, b_q, W_k, v, **joint):
    """The right step with its joints exposed: each misconception bends one of them."""
    query = s @ W_q + joint.get("bias", 1) * b_q
    e = joint.get("squash", np.tanh)(query[:, None] + H @ W_k)
    e = e @ v if joint.get("weighted", True) else e.sum(axis=-1)
    e = joint.get("hide", lambda e, mask: np.where(mask, e, -1e9))(e, mask)
    alpha = joint.get("weigh", _softmax)(e)
    alpha = joint.get("after", lambda alpha, mask: alpha)(alpha, mask)
    return joint.get("mix", lambda alpha, H: np.einsum("bt,btn->bn", alpha, H))(alpha, H), alpha


def _bent(**joint):
    return lambda *args: _attend(*args, **joint)


def _one_hot(e):
    return (np.arange(e.shape[1]) == e.argmax(axis=1)[:, None]).astype(float)


@function_task(
    cases=_attention_cases,
    axes={"context": "batch unit", "alpha": "batch position"},
    points=3,
    wrong={
        "no-tanh": _bent(squash=lambda a: a),
        "sigmoid": _bent(squash=lambda a: 1 / (1 + np.exp(-a))),
        "no-bias": _bent(bias=0),
        "multiplied": lambda s, H, mask, W_q, b_q, W_k, v: _attend(
            0 * s,
            (s @ W_q + b_q)[:, None] * (H @ W_k),
            mask,
            W_q,
            0 * b_q,
            np.eye(len(v)),
            v,
            squash=lambda a: a,
            mix=lambda alpha, _: np.einsum("bt,btn->bn", alpha, H),
        ),
        "no-v": _bent(weighted=False),
        "no-mask": _bent(hide=lambda e, mask: e),
        "mask-turned": _bent(hide=lambda e, mask: np.where(mask, -1e9, e)),
        "mask-zero-score": _bent(hide=lambda e, mask: e * mask),
        "mask-after": _bent(hide=lambda e, mask: e, after=lambda alpha, mask: alpha * mask),
        "no-softmax": _bent(hide=lambda e, mask: e * mask, weigh=lambda e: e),
        "not-normalised": _bent(weigh=np.exp),
        "softmax-batch": _bent(weigh=lambda e: _softmax(e, axis=0)),
        "hard": _bent(weigh=_one_hot),
        "mean": _bent(mix=lambda alpha, H: H.mean(axis=1)),
        "divided": _bent(mix=lambda alpha, H: (alpha[..., None] * H).mean(axis=1)),
        "strongest": _bent(mix=lambda alpha, H: H[np.arange(len(H)), alpha.argmax(axis=1)]),
        "swapped": lambda *args: _attend(*args)[::-1],
        "not-summed": _bent(mix=lambda alpha, H: alpha[..., None] * H),
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


def _log_p(logits, y):
    """(B, T): the log-probability of each right token."""
    log_p = logits - logits.max(axis=-1, keepdims=True)
    log_p = log_p - np.log(np.exp(log_p).sum(axis=-1, keepdims=True))
    return np.take_along_axis(log_p, y[..., None], axis=-1)[..., 0]


def _scored(score):
    """`score(log_p, real)` of the log-probabilities (B, T) and where the real tokens are."""
    return lambda logits, y: score(_log_p(logits, y), y != 0)


@function_task(
    cases=_entropy_cases,
    axes="",
    wrong={
        "padding-too": _scored(lambda p, real: -p.mean()),
        "divided-by-all": _scored(lambda p, real: -(p * real).mean()),
        "summed": _scored(lambda p, real: -p[real].sum()),
        "sentence-means": _scored(lambda p, real: -((p * real).sum(1) / real.sum(1)).mean()),
        "per-sentence": _scored(lambda p, real: -(p * real).sum() / len(p)),
        "sign": _scored(lambda p, real: p[real].mean()),
        "probability": _scored(lambda p, real: -np.exp(p[real]).mean()),
        "log-of-mean": _scored(lambda p, real: -np.log(np.exp(p[real]).mean())),
        "bits": _scored(lambda p, real: -p[real].mean() / np.log(2)),
        "only-padding": _scored(lambda p, real: -p[~real].mean()),
        "perplexity": _scored(lambda p, real: np.exp(-p[real].mean())),
        "no-softmax": lambda logits, y: (
            -np.take_along_axis(logits, y[..., None], axis=-1)[..., 0][y != 0].mean()
        ),
        "softmax-over-time": lambda logits, y: (
            -np.take_along_axis(np.log(_softmax(logits, axis=1)), y[..., None], -1)[..., 0][
                y != 0
            ].mean()
        ),
        "argmax": lambda logits, y: (logits.argmax(-1) != y)[y != 0].mean(),
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
    W[:, :2] = 0  # padding and start...

    def step(y_prev, s):
        s = np.tanh(E[np.asarray(y_prev, dtype=int)] + np.asarray(s) @ U)
        logits = s @ W
        logits[..., :2] = -30  # ... never come
        return np.log(_softmax(logits)), s

    return step


def _greedy(step, s, start, end, most, *, feed=None, carry=True, stop=True, pick=None):
    """Greedy decoding with its joints exposed."""
    y, out, done = np.full(len(s), start), [], np.zeros(len(s), dtype=bool)
    first = s
    for _ in range(most):
        log_p, s_new = step(feed(y, start) if feed else y, s)
        s = s_new if carry else first
        y = (pick or (lambda p: p.argmax(axis=1)))(log_p)
        y = np.where(done, 0, y) if stop else y
        done |= y == end
        out.append(y)
    return np.stack(out, axis=1)


def _greedy_cases(rng):
    """Decoders under which some sentences end early, some late, some not at all."""
    cases = []
    for B, V, N, most in ((5, 7, 4, 8), (4, 6, 5, 7), (1, 8, 3, 6)):
        while True:
            step, s = _decoder(rng, V, N), rng.normal(size=(B, N))
            ends = (_greedy(step, s, 1, 2, most) == 2).argmax(axis=1)  # 0: at once, or never
            ended = (_greedy(step, s, 1, 2, most) == 2).any(axis=1)
            on = _greedy(step, s, 1, 2, most, stop=False)
            late = 0 < ends.max() < most - 1
            if late and len(np.unique(on)) > 2 and (B == 1 or (len(set(ends)) > 1 > ended.min())):
                break
        cases.append((step, s, 1, 2, most))
    return cases


def _all_stop(step, s, start, end, most):
    """Everything ends with the first sentence that ends."""
    out = _greedy(step, s, start, end, most)
    first = (out == end).any(axis=0).argmax()
    out[:, first + 1 :] = 0
    return out


def _end_zeroed(step, s, start, end, most):
    """Instead of the end a zero is written, and the sentence goes on from there."""
    return _greedy(
        step,
        s,
        start,
        end,
        most,
        stop=False,
        pick=lambda p: np.where(p.argmax(axis=1) == end, 0, p.argmax(axis=1)),
    )


def _end_hidden(*args):
    out = _greedy(*args)
    return np.where(out == args[3], 0, out)


@function_task(
    cases=_greedy_cases,
    axes="sentence time",
    points=3,
    wrong={
        "start-fed-again": lambda *a: _greedy(*a, feed=lambda y, start: 0 * y + start),
        "state-not-carried": lambda *a: _greedy(*a, carry=False),
        "writes-on": lambda *a: _greedy(*a, stop=False),
        "stops-all": _all_stop,
        "end-zeroed": _end_zeroed,
        "end-hidden": _end_hidden,
        "start-included": lambda step, s, start, end, most: np.hstack(
            [np.full((len(s), 1), start), _greedy(step, s, start, end, most)[:, :-1]]
        ),
        "start-in-front": lambda step, s, start, end, most: np.hstack(
            [np.full((len(s), 1), start), _greedy(step, s, start, end, most)]
        ),
        "one-short": lambda step, s, start, end, most: _greedy(step, s, start, end, most - 1),
        "least-likely": lambda *a: _greedy(*a, pick=lambda p: p.argmin(axis=1)),
        "time-first": lambda *a: _greedy(*a).T,
        "end-repeated": lambda *a: np.where(_greedy(*a) == 0, a[3], _greedy(*a)),
        "only-last": lambda *a: _greedy(*a)[:, -1],
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


def _beam(step, s, start, end, width, most, **joint):
    """Beam search with its joints exposed; see the reference for the straight one."""
    beams = [(0.0, [], s)]
    for _ in range(most):
        candidates = []
        for total, tokens, state in beams:
            if tokens and tokens[-1] == end:
                if joint.get("keep_finished", True):
                    candidates.append((total, tokens, state))
                continue
            y_prev = start if joint.get("start_again") or not tokens else tokens[-1]
            log_p, after = step(np.array([y_prev]), state)
            after = state if joint.get("stale") else after
            for y, p in enumerate(log_p[0]):
                p = np.exp(p) if joint.get("probability") else p
                candidates.append((p if joint.get("forget") else total + p, [*tokens, y], after))
        beams = sorted(candidates, key=lambda c: -c[0])[:width] or beams
    best = joint.get("choose", lambda beams: max(beams, key=lambda b: b[0]))(beams)
    return np.array(best[1]), np.array(best[0])


def _width_one(step, s, start, end, width, most):
    return _beam(step, s, start, end, 1, most)


def _by_length(*args):
    return _beam(*args, choose=lambda beams: max(beams, key=lambda b: b[0] / len(b[1])))


def _only_whole(*args):
    return _beam(*args, keep_finished=False)


def _worst(*args):
    return _beam(*args, choose=lambda beams: min(beams, key=lambda b: b[0]))


@cache
def _searches(seed):
    """Decoders whose best sentence ends in time, and is none that a common mistake finds."""
    variants = (_beam, _width_one, _by_length, _only_whole, _worst)
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
        if len(set(zip(*found, strict=True))) == len(variants):  # told apart by one case at least
            return cases


def _beam_cases(rng):
    searches = _searches(int(rng.integers(2**31)))  # found once: that takes a fifth of a second
    return [(step, s.copy(), *rest) for step, s, *rest in searches]


@function_task(
    cases=_beam_cases,
    axes={"tokens": "time", "log_p": ""},
    points=4,
    wrong={
        "greedy": _width_one,
        "per-token": _by_length,
        "start-fed-again": lambda *a: _beam(*a, start_again=True),
        "state-not-carried": lambda *a: _beam(*a, stale=True),
        "last-step-only": lambda *a: _beam(*a, forget=True),
        "probability": lambda *a: _beam(*a, probability=True),
        "worst": _worst,
        "finished-dropped": _only_whole,
        "start-included": lambda *a: (
            np.concatenate([[a[2]], _beam(*a)[0]]),
            _beam(*a)[1],
        ),
        "end-lost": lambda *a: (_beam(*a)[0][:-1], _beam(*a)[1]),
        "not-log": lambda *a: (_beam(*a)[0], np.exp(_beam(*a)[1])),
        "mean-log": lambda *a: (_beam(*a)[0], _beam(*a)[1] / len(_beam(*a)[0])),
        "sign": lambda *a: (_beam(*a)[0], -_beam(*a)[1]),
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
    """Sentences whose words repeat, and that share some runs of words with their reference."""
    cases = []
    for length, n in zip(rng.integers(9, 15, 3), (1, 2, 3), strict=True):
        while True:
            reference = rng.integers(0, 5, length + 2).tolist()
            hypothesis = reference[1 : length - 2] + rng.integers(0, 4, 3).tolist()
            hypothesis = [*hypothesis[:3], *hypothesis[:3], *hypothesis[5:]]
            args = ([f"w{i}" for i in hypothesis], [f"w{i}" for i in reference], n)
            found = {code: round(f(*args), 6) for code, f in PRECISIONS.items()}
            right = round(_precision(*args), 6)
            if right > 0 and right not in [found[code] for code in ("not-clipped", "sets")]:
                break
        cases.append(args)
    return cases


def _grams(tokens, n):
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


def _precision(hypothesis, reference, n, *, clip=True, last=0):
    made = _grams(hypothesis, n)[: -last or None]
    wanted = _grams(reference, n)
    if clip:
        hits = sum(min(made.count(gram), wanted.count(gram)) for gram in set(made))
    else:
        hits = sum(gram in wanted for gram in made)
    return hits / len(made)


def _over(total):
    """The right number of hits over another total."""

    def wrong(hypothesis, reference, n):
        hits = _precision(hypothesis, reference, n) * (len(hypothesis) - n + 1)
        return hits / total(hypothesis, reference, n)

    return wrong


def _sets(hypothesis, reference, n):
    made, wanted = set(_grams(hypothesis, n)), set(_grams(reference, n))
    return len(made & wanted) / len(made)


def _places(hypothesis, reference, n):
    made = _grams(hypothesis, n)
    return sum(a == b for a, b in zip(made, _grams(reference, n), strict=False)) / len(made)


def _f_score(hypothesis, reference, n):
    p, r = _precision(hypothesis, reference, n), _precision(reference, hypothesis, n)
    return 2 * p * r / (p + r)


PRECISIONS = {
    "not-clipped": lambda h, r, n: _precision(h, r, n, clip=False),
    "recall": _over(lambda h, r, n: len(r) - n + 1),
    "over-tokens": _over(lambda h, r, n: len(h)),
    "over-different": _over(lambda h, r, n: len(set(_grams(h, n)))),
    "sets": _sets,
    "same-place": _places,
    "f-score": _f_score,
    "last-lost": lambda h, r, n: _precision(h, r, n, last=1),
    "single-words": lambda h, r, n: _precision(h, r, 1),
    "one-more": lambda h, r, n: _precision(h, r, n + 1),
    "count": lambda h, r, n: _precision(h, r, n) * (len(h) - n + 1),
    "percent": lambda h, r, n: 100 * _precision(h, r, n),
}


@function_task(cases=_precision_cases, axes="", wrong=PRECISIONS)
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
    return _answers(lambda X, data: change(data.y_test.copy(), data))


def _put(y, columns, values):
    y[:, columns] = values
    return y


def _nearest(X, data):
    """The training date whose source shares most characters in the same places."""
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
