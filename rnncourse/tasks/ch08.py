"""Tasks of lesson 8, summary and outlook: joining steps, scanning, and gates without a queue.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
Longer than 250 lines because each task's mistakes stand beside it.
"""

import numpy as np

from rnncourse.checking.cases import normal
from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.nn import sigmoid
from rnncourse.tasks.ch08_data import BAR, copying

# --- warm-up: what must attention keep? -------------------------------------------------------


@value_task(
    wrong={
        "keys-only": 256_000,
        "queries-too": 768_000,
        "scores": 1_000_000,
        "score-row": 1000,
        "as-an-rnn": 256,
        "one-step": 512,
        "numbers-and-bytes": 4 * 512_000,
        "weights": 3 * 256 * 256,
        "scores-too": 512_000 + 1000,
    },
    points=1,
)
def kept_numbers():
    n_steps, n_units = 1000, 256
    return 2 * n_steps * n_units


# --- two steps as one -------------------------------------------------------------------------


def _pair_cases(rng):
    return [normal(rng, *4 * [shape]) for shape in ((2, 5), (3,), (1, 4))]


@function_task(
    cases=_pair_cases,
    axes={"a": "batch unit", "b": "batch unit"},
    wrong={
        "order-swapped": edit("a_2 * b_1 + b_2", "a_1 * b_2 + b_1"),
        "b-not-scaled": edit("a_2 * b_1", "b_1"),
        "b-scaled-by-own": edit("a_2 * b_1", "a_1 * b_1"),
        "a-added": edit("a_2 * a_1", "a_2 + a_1"),
        "a-of-second-only": edit("a_2 * a_1", "a_2"),
        "both-scaled": edit("a_2 * b_1 + b_2", "a_2 * (b_1 + b_2)"),
        "b-multiplied": edit("a_2 * b_1 + b_2", "b_1 * b_2"),
        "scaled-twice": edit("a_2 * b_1", "a_2 * a_1 * b_1"),
        "b-two-forgotten": edit(" + b_2", ""),
        "b-crossed": edit("a_2 * b_1 + b_2", "a_1 * b_1 + a_2 * b_2"),
        "pairs-added": edit("a_2 * a_1, a_2 * b_1 + b_2", "a_1 + a_2, b_1 + b_2"),
        "returned-swapped": edit("a_2 * a_1, a_2 * b_1 + b_2", "a_2 * b_1 + b_2, a_2 * a_1"),
    },
)
def combine(a_1, b_1, a_2, b_2):
    return a_2 * a_1, a_2 * b_1 + b_2


# --- a scan, round by round -------------------------------------------------------------------


def _scan_cases(rng):  # no length is a power of two
    shapes = (2, 5, 3), (3, 7, 2), (1, 11, 4)
    return [(rng.uniform(0.5, 1.5, shape), rng.normal(size=shape)) for shape in shapes]


@function_task(
    cases=_scan_cases,
    axes="round batch time unit",
    points=3,
    wrong={
        "a-not-joined": edit("        new_a[:, reach:] = a[:, reach:] * a[:, :-reach]\n", ""),
        "a-joined-first": edit(
            "new_b[:, reach:] = a[:, reach:]", "new_b[:, reach:] = new_a[:, reach:]"
        ),
        "a-of-the-earlier": edit("a[:, reach:] * b[:, :-reach]", "a[:, :-reach] * b[:, :-reach]"),
        "other-way-round": edit(
            "a[:, reach:] * b[:, :-reach] + b[:, reach:]",
            "a[:, :-reach] * b[:, reach:] + b[:, :-reach]",
        ),
        "not-scaled": edit("a[:, reach:] * b[:, :-reach]", "b[:, :-reach]"),
        "reach-stays": edit(
            "while reach < b.shape[1]",
            "for _ in range(int(np.ceil(np.log2(b.shape[1]))))",
            "reach * 2",
            "reach",
        ),
        "wrapped-round": edit(
            "new_a[:, reach:] = a[:, reach:] * a[:, :-reach]",
            "new_a = a * np.roll(a, reach, axis=1)",
            "new_b[:, reach:] = a[:, reach:] * b[:, :-reach] + b[:, reach:]",
            "new_b = a * np.roll(b, reach, axis=1) + b",
        ),
        "start-lost": edit("b.copy()", "np.zeros_like(b)"),
        "from-the-future": edit(
            "new_a[:, reach:] = a[:, reach:] * a[:, :-reach]",
            "new_a[:, :-reach] = a[:, :-reach] * a[:, reach:]",
            "new_b[:, reach:] = a[:, reach:] * b[:, :-reach] + b[:, reach:]",
            "new_b[:, :-reach] = a[:, :-reach] * b[:, reach:] + b[:, :-reach]",
        ),
        "last-round-missing": edit("np.stack(found)", "np.stack(found[:-1])"),
        "begins-with-b": edit("found, reach = []", "found, reach = [b]"),
        "all-the-same": edit("np.stack(found)", "np.stack([b] * len(found))"),
        "last-only": edit("np.stack(found)", "b"),
        "a-in-b": edit(
            "b.copy()",
            "a * b",
            "a[:, reach:] * b[:, :-reach] + b[:, reach:]",
            "a[:, reach:] * (b[:, :-reach] + b[:, reach:])",
        ),
    },
)
def rounds(a, b):
    found, reach = [], 1
    while reach < b.shape[1]:
        new_a, new_b = a.copy(), b.copy()
        new_a[:, reach:] = a[:, reach:] * a[:, :-reach]
        new_b[:, reach:] = a[:, reach:] * b[:, :-reach] + b[:, reach:]
        a, b, reach = new_a, new_b, reach * 2
        found.append(b)
    return np.stack(found)


# --- one step of a minGRU ---------------------------------------------------------------------


def _min_gru_cases(rng):
    D, N = 3, 5
    return [normal(rng, (B, D), (B, N), (D, N), (N,), (D, N), (N,)) for B in (2, 4, 1)]


@function_task(
    cases=_min_gru_cases,
    axes="batch unit",
    wrong={
        "papers-letters": edit(
            "z_t * h_prev + (1 - z_t) * h_tilde", "(1 - z_t) * h_prev + z_t * h_tilde"
        ),
        "candidate-tanh": edit("x_t @ W_h + b_h", "np.tanh(x_t @ W_h + b_h)"),
        "gate-without-sigmoid": edit("sigmoid(x_t @ W_z + b_z)", "x_t @ W_z + b_z"),
        "gate-tanh": edit("sigmoid", "np.tanh"),
        "candidate-sigmoid": edit("x_t @ W_h + b_h", "sigmoid(x_t @ W_h + b_h)"),
        "candidate-whole": edit("(1 - z_t) * h_tilde", "h_tilde"),
        "state-whole": edit("z_t * h_prev", "h_prev"),
        "gated-twice": edit("z_t * h_prev + (1 - z_t) * h_tilde", "z_t * (h_prev + h_tilde)"),
        "candidate-forgotten": edit(" + (1 - z_t) * h_tilde", ""),
        "candidate-subtracted": edit(
            "z_t * h_prev + (1 - z_t) * h_tilde", "z_t * (h_prev - h_tilde)"
        ),
        "gate-without-bias": edit(" + b_z", ""),
        "gate-sees-state": edit(" + b_z", " + b_z + h_prev"),
        "no-biases": edit(" + b_z", "", " + b_h", ""),
        "weights-swapped": edit(
            "sigmoid(x_t @ W_z + b_z)",
            "sigmoid(x_t @ W_h + b_h)",
            "h_tilde = x_t @ W_h + b_h",
            "h_tilde = x_t @ W_z + b_z",
        ),
        "biases-swapped": edit("W_z + b_z", "W_z + b_h", "W_h + b_h", "W_h + b_z"),
        "state-forgotten": edit("z_t * h_prev + ", ""),
    },
)
def min_gru_step(x_t, h_prev, W_z, b_z, W_h, b_h):
    z_t = sigmoid(x_t @ W_z + b_z)
    h_tilde = x_t @ W_h + b_h
    return z_t * h_prev + (1 - z_t) * h_tilde


# --- additive attention -----------------------------------------------------------------------


def _attention_cases(rng):
    N, M, A = 4, 3, 6
    sizes = ((2, 5), (3, 7), (1, 8))
    return [normal(rng, (B, T, N), (B, M), (N, A), (M, A), (A,)) for B, T in sizes]


@function_task(
    cases=_attention_cases,
    axes={"alpha": "batch time", "c": "batch unit"},
    points=3,
    wrong={
        "over-the-batch": edit(
            "e.max(axis=1", "e.max(axis=0", "alpha.sum(axis=1", "alpha.sum(axis=0"
        ),
        "over-everything": edit(
            "e.max(axis=1, keepdims=True)",
            "e.max()",
            "alpha.sum(axis=1, keepdims=True)",
            "alpha.sum()",
        ),
        "no-tanh": edit("np.tanh(", "("),
        "no-softmax": edit(
            "    alpha = np.exp(e - e.max(axis=1, keepdims=True))\n"
            "    alpha = alpha / alpha.sum(axis=1, keepdims=True)\n",
            "    alpha = e\n",
        ),
        "not-normalised": edit(
            "    alpha = np.exp(e - e.max(axis=1, keepdims=True))\n"
            "    alpha = alpha / alpha.sum(axis=1, keepdims=True)\n",
            "    alpha = np.exp(e)\n",
        ),
        "divided-by-sum": edit("np.exp(e - e.max(axis=1, keepdims=True))", "e"),
        "sigmoid": edit(
            "    alpha = np.exp(e - e.max(axis=1, keepdims=True))\n"
            "    alpha = alpha / alpha.sum(axis=1, keepdims=True)\n",
            "    alpha = sigmoid(e)\n",
        ),
        "query-without-effect": edit(" + (q @ W_q)[:, None]", ""),
        "v-ignored": edit(" @ v", ".sum(axis=2)"),
        "divided-by-root": edit("@ v", "@ v / np.sqrt(len(v))"),
        "small-scores-win": edit("e = np.tanh", "e = -np.tanh"),
        "plain-mean": edit("(alpha[:, :, None] * H).sum(axis=1)", "H.mean(axis=1)"),
        "hardest-only": edit(
            "(alpha[:, :, None] * H).sum(axis=1)", "H[np.arange(len(H)), alpha.argmax(axis=1)]"
        ),
        "mean-not-sum": edit("* H).sum", "* H).mean"),
        "not-summed": edit("(alpha[:, :, None] * H).sum(axis=1)", "alpha[:, :, None] * H"),
        "returned-swapped": edit(
            "alpha, (alpha[:, :, None] * H).sum(axis=1)",
            "(alpha[:, :, None] * H).sum(axis=1), alpha",
        ),
    },
)
def attend(H, q, W_h, W_q, v):
    e = np.tanh(H @ W_h + (q @ W_q)[:, None]) @ v
    alpha = np.exp(e - e.max(axis=1, keepdims=True))
    alpha = alpha / alpha.sum(axis=1, keepdims=True)
    return alpha, (alpha[:, :, None] * H).sum(axis=1)


# --- a decay that cannot explode --------------------------------------------------------------


def _lru_cases(rng):
    return [(rng.normal(-0.5, 0.7, n), rng.uniform(0.1, 3, n)) for n in (4, 6, 1)]


@function_task(
    cases=_lru_cases,
    axes={"re": "unit", "im": "unit", "gamma": "unit"},
    wrong={
        "one-exponential": edit("-np.exp(nu)", "-nu"),
        "no-minus": edit("-np.exp(nu)", "np.exp(nu)"),
        "minus-inside": edit("-np.exp(nu)", "-np.exp(-nu)"),
        "size-sigmoid": edit("np.exp(-np.exp(nu))", "sigmoid(nu)"),
        "size-exp": edit("np.exp(-np.exp(nu))", "np.exp(nu)"),
        "size-of-square": edit("-np.exp(nu)", "-(nu**2)"),
        "gamma-no-root": edit("np.sqrt(1 - size**2)", "1 - size**2"),
        "gamma-no-square": edit("size**2", "size"),
        "gamma-plus": edit("1 - size**2", "1 + size**2"),
        "gamma-of-re": edit("size**2", "(size * np.cos(theta)) ** 2"),
        "gamma-one-minus": edit("np.sqrt(1 - size**2)", "1 - size"),
        "degrees": edit(
            "cos(theta)", "cos(np.radians(theta))", "sin(theta)", "sin(np.radians(theta))"
        ),
        "theta-exponential": edit(
            "cos(theta)", "cos(np.exp(theta))", "sin(theta)", "sin(np.exp(theta))"
        ),
        "turned-back": edit("sin(theta)", "sin(-theta)"),
        "sin-and-cos-swapped": edit(
            "size * np.cos(theta), size * np.sin(theta)",
            "size * np.sin(theta), size * np.cos(theta)",
        ),
        "size-forgotten": edit("size * np.cos", "np.cos", "size * np.sin", "np.sin"),
        "size-and-angle": edit("size * np.cos(theta), size * np.sin(theta)", "size, theta"),
    },
)
def lru_parameters(nu, theta):
    size = np.exp(-np.exp(nu))
    return size * np.cos(theta), size * np.sin(theta), np.sqrt(1 - size**2)


# --- stretch: an exponential gate that does not overflow ----------------------------------------


def _xlstm_cases(rng):
    found = []
    for B, N, size in ((2, 5, 1), (3, 4, 2), (1, 3, 900)):  # the last one overflows without m_t
        i_tilde, f_tilde, o_tilde, c_tilde, c_prev = rng.normal(size=(5, B, N))
        n_prev, m_prev = rng.uniform(0.5, 2, (B, N)), rng.normal(size=(B, N))
        # In one place nearly nothing is written: there the count stays below 1.
        i_tilde[0, 0], m_prev[0, 0], n_prev[0, 0] = -5, 1, rng.uniform(0.5, 0.9)
        found.append((size * i_tilde, f_tilde, o_tilde, c_tilde, c_prev, n_prev, size * m_prev))
    return found


@function_task(
    level="stretch",
    cases=_xlstm_cases,
    axes=dict.fromkeys(("h_t", "c_t", "n_t", "m_t"), "batch unit"),
    points=3,
    wrong={
        "not-stabilised": edit(
            "np.maximum(log_f + m_prev, i_tilde)",
            "0 * i_tilde",
            "log_f + m_prev - m_t",
            "log_f - m_t",
        ),
        "smaller-one": edit("maximum", "minimum"),
        "sum-for-max": edit("maximum", "add"),
        "m-of-input-only": edit("np.maximum(log_f + m_prev, i_tilde)", "i_tilde"),
        "m-prev-forgotten": edit("log_f + m_prev - m_t", "log_f - m_t"),
        "f-without-log": edit("-np.logaddexp(0, -f_tilde)", "sigmoid(f_tilde)"),
        "f-exponential": edit("-np.logaddexp(0, -f_tilde)", "f_tilde"),
        "f-log-of-raw": edit("-np.logaddexp(0, -f_tilde)", "np.log(np.abs(f_tilde))"),
        "not-divided": edit(" / n_t", ""),
        "tanh-of-c": edit("c_t / n_t", "np.tanh(c_t)"),
        "o-without-sigmoid": edit("sigmoid(o_tilde)", "o_tilde"),
        "count-at-least-one": edit(" / n_t", " / np.maximum(n_t, 1)"),
        "i-sigmoid": edit("np.exp(i_tilde - m_t)", "sigmoid(i_tilde - m_t)"),
        "candidate-counted": edit("n_prev + i_t", "n_prev + i_t * c_tilde"),
        "count-not-faded": edit("f_t * n_prev", "n_prev"),
        "candidate-tanh": edit("i_t * c_tilde", "i_t * np.tanh(c_tilde)"),
        "o-forgotten": edit("sigmoid(o_tilde) * ", ""),
    },
)
def stable_step(i_tilde, f_tilde, o_tilde, c_tilde, c_prev, n_prev, m_prev):
    log_f = -np.logaddexp(0, -f_tilde)  # the logarithm of sigmoid(f_tilde)
    m_t = np.maximum(log_f + m_prev, i_tilde)
    i_t, f_t = np.exp(i_tilde - m_t), np.exp(log_f + m_prev - m_t)
    c_t = f_t * c_prev + i_t * c_tilde
    n_t = f_t * n_prev + i_t
    return sigmoid(o_tilde) * c_t / n_t, c_t, n_t, m_t


# --- a network for selective copying ------------------------------------------------------------


def _same_everywhere(y_hat, data):
    named = y_hat.argmax(axis=2)
    return bool((named == named[0]).all())


SYMPTOMS = {
    "always-the-same": _same_everywhere,
    "last-first": lambda y_hat, data: data.error(y_hat[:, ::-1]) < 0.25,
    "marks-ignored": lambda y_hat, data: _distance(y_hat, data.X_test[:, -3:, :6]) < 0.4,
    "blind": lambda y_hat, data: data.error(y_hat) > 0.75,
    "no-order": lambda y_hat, data: 0.42 < data.error(y_hat) < 0.58,
}


def _distance(y_hat, other):
    return np.mean(y_hat.argmax(axis=2) != other.argmax(axis=2))


def _marked(X):
    """The right answer, (n, 3, 6), read off the marks."""
    at = np.argsort(-X[:, :, 6], axis=1, kind="stable")[:, :3]
    return np.take_along_axis(X[:, :, :6], at[:, :, None], axis=1)


def _answers(predict):
    """A `train` that learns nothing and returns `predict`."""
    return lambda X_train, y_train: predict


def _most_frequent(X):
    return np.repeat(_marked(X).sum(axis=1, keepdims=True), 3, axis=1)


@model_task(
    data=copying,
    bar=BAR,
    axes="sequence mark symbol",
    symptoms=SYMPTOMS,
    exact=True,  # the sequences are synthetic, and the answer is in them
    points=4,
    seconds=90,
    wrong={
        "always-the-same": _answers(lambda X: np.ones((len(X), 3, 6))),
        "last-first": _answers(lambda X: _marked(X)[:, ::-1]),
        "marks-ignored": _answers(lambda X: X[:, -3:, :6]),
        "blind": _answers(lambda X: X[:, :3, :6]),
        "no-order": _answers(_most_frequent),
        "below-bar": _answers(
            lambda X: np.concatenate([_marked(X)[:, :1], _most_frequent(X)[:, 1:]], axis=1)
        ),
    },
)
def train(X_train, y_train):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((None, 7)), layers.GRU(32)])
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(18))
    model.add(layers.Reshape((3, 6)))
    model.add(layers.Softmax())
    model.compile(keras.optimizers.Adam(0.005), "categorical_crossentropy")
    model.fit(X_train, y_train, batch_size=64, epochs=5, verbose=0)
    return model
