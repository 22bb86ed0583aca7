"""Tasks of lesson 6.1, text and sentiment: indices, masks, counting, temperature, perplexity.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

import numpy as np

from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.nn import softmax
from rnncourse.tasks.ch06_1_data import BAR, bag_of_tokens, word_data

# --- warm-up: the weights of a text classifier -------------------------------------------------

EMBEDDING, GRUS, OUTPUT = 2000 * 32, 2 * 3 * (32 * 16 + 16 * 16 + 2 * 16), 32 * 9 + 9


@value_task(
    wrong={
        "one-direction": EMBEDDING + GRUS // 2 + OUTPUT,
        "one-way-everywhere": EMBEDDING + GRUS // 2 + 16 * 9 + 9,
        "output-from-one": EMBEDDING + GRUS + 16 * 9 + 9,
        "one-bias": EMBEDDING + 2 * 3 * (32 * 16 + 16 * 16 + 16) + OUTPUT,
        "no-biases": EMBEDDING + 2 * 3 * (32 * 16 + 16 * 16) + 32 * 9,
        "no-gru-bias": EMBEDDING + 2 * 3 * (32 * 16 + 16 * 16) + OUTPUT,
        "no-output-bias": EMBEDDING + GRUS + 32 * 9,
        "no-output": EMBEDDING + GRUS,
        "no-embedding": GRUS + OUTPUT,
        "embedding-bias": EMBEDDING + 32 + GRUS + OUTPUT,
        "one-hot": 2 * 3 * (2000 * 16 + 16 * 16 + 2 * 16) + OUTPUT,
        "lstm": EMBEDDING + 2 * 4 * (32 * 16 + 16 * 16 + 16) + OUTPUT,
        "simple-rnn": EMBEDDING + 2 * (32 * 16 + 16 * 16 + 16) + OUTPUT,
    },
    points=1,
)
def n_parameters():
    embedding = 2000 * 32
    one_gru = 3 * (32 * 16 + 16 * 16 + 2 * 16)
    output = (2 * 16) * 9 + 9
    return embedding + 2 * one_gru + output


# --- from tokens to indices --------------------------------------------------------------------


def _vectorize_cases(rng):
    """Texts with unknown tokens among known ones, shorter than the length, as long, and longer."""
    cases = []
    given = {4: ["bxgbhx", "aa", "ecxd"], 6: ["xac", "hgfedcba", "d"], 5: ["fxxafe"]}
    for length, texts in given.items():
        letters = rng.permutation(list("abcdefgh"))
        vocabulary = {str(letter): index for index, letter in enumerate(letters, start=2)}
        cases.append(([list(text) for text in texts], vocabulary, length))
    return cases


def _indices(text, vocabulary, unknown=1):
    return [vocabulary.get(token, unknown) for token in text]


def _rows(rows, length, *, padding=0, front=False):
    X = np.full((len(rows), length), padding)
    for row, indices in zip(X, rows, strict=True):
        kept = indices[:length]
        row[length - len(kept) if front else 0 :][: len(kept)] = kept
    return X


def _vectorized(change=lambda indices, length: indices, **joint):
    """The right rows, each changed before it is padded."""
    return lambda texts, vocabulary, length: _rows(
        [change(_indices(text, vocabulary), length) for text in texts], length, **joint
    )


def _bag(texts, vocabulary, length):
    return np.stack(
        [np.bincount(_indices(t, vocabulary), minlength=len(vocabulary) + 2) for t in texts]
    )


@function_task(
    cases=_vectorize_cases,
    axes="text step",
    wrong={
        "unknown-as-padding": lambda texts, vocabulary, length: _rows(
            [_indices(text, vocabulary, unknown=0) for text in texts], length
        ),
        "unknown-as-new": lambda texts, vocabulary, length: _rows(
            [_indices(text, vocabulary, unknown=len(vocabulary) + 2) for text in texts], length
        ),
        "unknown-skipped": _vectorized(lambda row, n: [i for i in row if i != 1]),
        "padding-in-front": _vectorized(front=True),
        "padded-with-unknown": _vectorized(padding=1),
        "padded-with-minus-one": _vectorized(padding=-1),
        "end-kept": _vectorized(lambda row, n: row[-n:]),
        "end-kept-front": _vectorized(lambda row, n: row[-n:], front=True),
        "length-ignored": lambda texts, vocabulary, length: _rows(
            [_indices(text, vocabulary) for text in texts], max(map(len, texts))
        ),
        "one-lost": _vectorized(lambda row, n: row[: n - 1]),
        "last-token-lost": _vectorized(lambda row, n: row[:-1]),
        "backwards": _vectorized(lambda row, n: row[:n][::-1]),
        "each-once": _vectorized(lambda row, n: list(dict.fromkeys(row))),
        "sorted": _vectorized(lambda row, n: sorted(row)),
        "shifted": lambda texts, vocabulary, length: _rows(
            [[max(i - 2, 0) for i in _indices(text, vocabulary)] for text in texts], length
        ),
        "bag": _bag,
    },
)
def vectorize(texts, vocabulary, length):
    X = np.zeros((len(texts), length), dtype=int)
    for row, text in zip(X, texts, strict=True):
        indices = [vocabulary.get(token, 1) for token in text[:length]]
        row[: len(indices)] = indices
    return X


# --- the last real state -----------------------------------------------------------------------


def _state_cases(rng):
    cases = []
    for B, T, N in ((4, 7, 3), (3, 5, 2), (1, 6, 4)):
        n_real = rng.permutation(np.arange(2, T))[:B]  # all different, none full
        X = rng.integers(1, 9, size=(B, T)) * (np.arange(T) < n_real[:, None])
        cases.append((rng.normal(size=(B, T, N)), X))
    return cases


def _real(X):
    return (X != 0).sum(axis=1)


def _at(steps):
    """The states at the steps that `steps(X)` chooses."""
    return lambda H, X: H[np.arange(len(H)), steps(X)]


@function_task(
    cases=_state_cases,
    axes="batch unit",
    wrong={
        "last-step": lambda H, X: H[:, -1],
        "first-step": lambda H, X: H[:, 0],
        "one-too-far": _at(lambda X: _real(X)),
        "one-too-early": _at(lambda X: _real(X) - 2),
        "all-pairs": lambda H, X: H[:, _real(X) - 1],
        "longest": lambda H, X: H[:, _real(X).max() - 1],
        "shortest": lambda H, X: H[:, _real(X).min() - 1],
        "zeroed": lambda H, X: (H * (X != 0)[..., None])[:, -1],
        "mean": lambda H, X: H.mean(axis=1),
        "masked-mean": lambda H, X: (H * (X != 0)[..., None]).sum(axis=1) / _real(X)[:, None],
        "masked-sum": lambda H, X: (H * (X != 0)[..., None]).sum(axis=1),
        "first-padding": lambda H, X: H[np.arange(len(H)), (X == 0).sum(axis=1) - 1],
        "largest": lambda H, X: np.where((X != 0)[..., None], H, -np.inf).max(axis=1),
    },
)
def last_state(H, X):
    n_real = (X != 0).sum(axis=1)
    return H[np.arange(len(H)), n_real - 1]


# --- naive Bayes: count, smooth, take logs -----------------------------------------------------


def _count_cases(rng):
    cases = []
    for K, V, alpha in ((3, 7, 0.5), (2, 5, 2.0), (4, 6, 0.1)):
        counts = rng.poisson(3.0, size=(K, V)).astype(float)
        counts[rng.integers(K), rng.integers(V)] = 0  # a token that a class never had
        counts[0, 0] += 4
        cases.append((counts, rng.permutation(np.arange(4, 4 + 3 * K, 3)).astype(float), alpha))
    return cases


def _prior(n_texts):
    return np.log(n_texts / n_texts.sum())


def _smoothed(counts, alpha):
    return (counts + alpha) / (counts + alpha).sum(axis=1, keepdims=True)


def _quiet_log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def _likelihood(p):
    """Wrong log-likelihoods beside a right prior: `p(counts, n_texts, alpha)`."""
    return lambda counts, n_texts, alpha: (
        _prior(n_texts),
        _quiet_log(p(counts, n_texts, alpha)),
    )


def _with_prior(prior):
    return lambda counts, n_texts, alpha: (
        prior(counts, n_texts),
        np.log(_smoothed(counts, alpha)),
    )


@function_task(
    cases=_count_cases,
    axes={"log_prior": "class", "log_likelihood": "class token"},
    points=3,
    wrong={
        "no-smoothing": _likelihood(lambda c, n, a: c / c.sum(axis=1, keepdims=True)),
        "alpha-above-only": _likelihood(lambda c, n, a: (c + a) / c.sum(axis=1, keepdims=True)),
        "alpha-once": _likelihood(lambda c, n, a: (c + a) / (c.sum(axis=1, keepdims=True) + a)),
        "alpha-by-classes": _likelihood(
            lambda c, n, a: (c + a) / (c.sum(axis=1, keepdims=True) + a * len(c))
        ),
        "one-added": _likelihood(lambda c, n, a: _smoothed(c, 1)),
        "over-classes": _likelihood(lambda c, n, a: (c + a) / (c + a).sum(axis=0)),
        "over-all": _likelihood(lambda c, n, a: (c + a) / (c + a).sum()),
        "by-texts": _likelihood(lambda c, n, a: (c + a) / (n[:, None] + a * c.shape[1])),
        "not-divided": _likelihood(lambda c, n, a: c + a),
        "smoothed-after": _likelihood(lambda c, n, a: c / c.sum(axis=1, keepdims=True) + a),
        "no-logs": lambda c, n, a: (n / n.sum(), _smoothed(c, a)),
        "likelihood-no-log": lambda c, n, a: (_prior(n), _smoothed(c, a)),
        "prior-no-log": _with_prior(lambda c, n: n / n.sum()),
        "prior-equal": _with_prior(lambda c, n: np.full(len(n), -np.log(len(n)))),
        "prior-of-tokens": _with_prior(lambda c, n: np.log(c.sum(axis=1) / c.sum())),
        "prior-counts": _with_prior(lambda c, n: np.log(n)),
        "prior-by-classes": _with_prior(lambda c, n: np.log(n / len(n))),
        "log2": lambda c, n, a: (np.log2(n / n.sum()), np.log2(_smoothed(c, a))),
        "log10": lambda c, n, a: (np.log10(n / n.sum()), np.log10(_smoothed(c, a))),
        "swapped": lambda c, n, a: (np.log(_smoothed(c, a)), _prior(n)),
    },
)
def naive_bayes(counts, n_texts, alpha):
    smoothed = counts + alpha
    log_likelihood = np.log(smoothed / smoothed.sum(axis=1, keepdims=True))
    log_prior = np.log(n_texts / n_texts.sum())
    return log_prior, log_likelihood


# --- score texts with what was counted ---------------------------------------------------------


def _score_cases(rng):
    cases = []
    for B, T, K, V in ((4, 6, 3, 9), (2, 5, 4, 7), (1, 4, 2, 6)):
        n_real = rng.permutation(np.arange(2, T + 1))[:B]
        X = rng.integers(1, V, size=(B, T)) * (np.arange(T) < n_real[:, None])
        X[:, 1] = X[:, 0]  # a token that occurs twice
        log_prior = np.log(softmax(rng.normal(size=K)))
        cases.append((X, log_prior, np.log(softmax(rng.normal(size=(K, V))))))
    return cases


def _per_token(X, log_likelihood, mask):
    """(B, T, K): what each token says of each class, 0 where the mask is False."""
    return log_likelihood.T[X] * mask[..., None]


def _scored(change):
    """`change(says, prior, mask)` of the right pieces: says (B, T, K), prior (K,), mask (B, T)."""
    return lambda X, prior, table: change(_per_token(X, table, X != 0), prior, X != 0)


@function_task(
    cases=_score_cases,
    axes="text class",
    wrong={
        "padding-counted": lambda X, prior, table: prior + table.T[X].sum(axis=1),
        "no-prior": _scored(lambda says, prior, mask: says.sum(axis=1)),
        "prior-each-token": _scored(
            lambda says, prior, mask: says.sum(axis=1) + mask.sum(axis=1, keepdims=True) * prior
        ),
        "averaged": _scored(
            lambda says, prior, mask: prior + says.sum(axis=1) / mask.sum(axis=1, keepdims=True)
        ),
        "averaged-with-padding": _scored(lambda says, prior, mask: prior + says.mean(axis=1)),
        "each-token-once": lambda X, prior, table: np.stack(
            [prior + table[:, sorted({*row} - {0})].sum(axis=1) for row in X]
        ),
        "first-token-only": _scored(lambda says, prior, mask: prior + says[:, 0]),
        "strongest-token": _scored(
            lambda says, prior, mask: prior + np.where(mask[..., None], says, -np.inf).max(axis=1)
        ),
        "prior-no-log": _scored(lambda says, prior, mask: np.exp(prior) + says.sum(axis=1)),
        "probabilities": _scored(lambda says, prior, mask: softmax(prior + says.sum(axis=1))),
        "exp": _scored(lambda says, prior, mask: np.exp(prior + says.sum(axis=1))),
        "sum-of-probabilities": lambda X, prior, table: (
            np.exp(prior) + (np.exp(table.T[X]) * (X != 0)[..., None]).sum(axis=1)
        ),
        "product-of-logs": lambda X, prior, table: (
            prior * np.where((X != 0)[..., None], table.T[X], 1).prod(axis=1)
        ),
        "prior-subtracted": _scored(lambda says, prior, mask: says.sum(axis=1) - prior),
        "choice": _scored(lambda says, prior, mask: (prior + says.sum(axis=1)).argmax(axis=1)),
        "class-first": _scored(lambda says, prior, mask: (prior + says.sum(axis=1)).T),
    },
)
def score_texts(X, log_prior, log_likelihood):
    says = log_likelihood.T[X]  # (text, step, class)
    real = (X != 0)[:, :, None]
    return log_prior + (says * real).sum(axis=1)


# --- temperature -------------------------------------------------------------------------------


def _logit_cases(rng):
    cases = [(2 * rng.normal(size=(B, V)), t) for B, V, t in ((3, 5, 0.5), (2, 4, 1.7))]
    return [*cases, (2000 + 3 * rng.normal(size=(1, 6)), 0.4)]  # exp(800) is infinite


def _quiet(function):
    def wrong(logits, temperature):
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return function(logits, temperature)

    return wrong


def _plain_softmax(a):
    return np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)


@function_task(
    cases=_logit_cases,
    axes="row token",
    wrong={
        "no-temperature": lambda a, t: softmax(a),
        "multiplied": lambda a, t: softmax(a * t),
        "after-softmax": lambda a, t: softmax(a) / t,
        "overflow": _quiet(lambda a, t: _plain_softmax(a / t)),
        "overflow-multiplied": _quiet(lambda a, t: _plain_softmax(a * t)),
        "overflow-no-temperature": _quiet(lambda a, t: _plain_softmax(a)),
        "not-normalised": _quiet(lambda a, t: np.exp(a / t)),
        "shifted-not-normalised": lambda a, t: np.exp((a - a.max(axis=1, keepdims=True)) / t),
        "whole-batch": lambda a, t: softmax((a / t).ravel()).reshape(a.shape),
        "down-columns": lambda a, t: softmax((a / t).T).T,
        "logs": lambda a, t: np.log(softmax(a / t)),
        "squared": lambda a, t: softmax(a / t**2),
        "root": lambda a, t: softmax(a / np.sqrt(t)),
        "shift-not-divided": lambda a, t: softmax(a / t - a.max(axis=1, keepdims=True) + a),
        "below-only": lambda a, t: (
            softmax(a) * np.exp(a - a.max(axis=1, keepdims=True)) ** (1 / t - 1)
        ),
        "shares": lambda a, t: a / a.sum(axis=1, keepdims=True),
        "sigmoid": _quiet(lambda a, t: 1 / (1 + np.exp(-a / t))),
        "most-likely": lambda a, t: (a == a.max(axis=1, keepdims=True)).astype(float),
    },
)
def soften(logits, temperature):
    a = logits / temperature
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


# --- perplexity --------------------------------------------------------------------------------


def _perplexity_cases(rng):
    cases = []
    for B, T in ((4, 6), (3, 5), (1, 7)):
        n_real = rng.permutation(np.arange(2, T))[:B]
        cases.append((-rng.uniform(0.2, 3.0, size=(B, T)), np.arange(T) < n_real[:, None]))
    return cases


def _by_row(log_p, mask):
    return -(log_p * mask).sum(axis=1) / mask.sum(axis=1)


@function_task(
    cases=_perplexity_cases,
    axes="",
    wrong={
        "padding-counted": lambda log_p, mask: np.exp(-log_p.mean()),
        "divided-by-all": lambda log_p, mask: np.exp(-(log_p * mask).mean()),
        "text-by-text": lambda log_p, mask: np.exp(_by_row(log_p, mask).mean()),
        "mean-of-perplexities": lambda log_p, mask: np.exp(_by_row(log_p, mask)).mean(),
        "one-a-text": lambda log_p, mask: np.exp(_by_row(log_p, mask)),
        "no-exp": lambda log_p, mask: -log_p[mask].mean(),
        "no-minus": lambda log_p, mask: np.exp(log_p[mask].mean()),
        "log-likelihood": lambda log_p, mask: log_p[mask].mean(),
        "base-two": lambda log_p, mask: 2 ** (-log_p[mask].mean()),
        "base-ten": lambda log_p, mask: 10 ** (-log_p[mask].mean()),
        "each-token": lambda log_p, mask: np.exp(-log_p[mask]),
        "by-texts": lambda log_p, mask: np.exp(-log_p[mask].sum() / len(log_p)),
        "bits": lambda log_p, mask: -log_p[mask].mean() / np.log(2),
        "summed": lambda log_p, mask: np.exp(-log_p[mask].sum()),
        "mean-of-inverses": lambda log_p, mask: np.exp(-log_p[mask]).mean(),
        "inverse-of-mean": lambda log_p, mask: 1 / np.exp(log_p[mask]).mean(),
        "median": lambda log_p, mask: np.exp(-np.median(log_p[mask])),
        "padding-only": lambda log_p, mask: np.exp(-log_p[~mask].mean()),
    },
)
def perplexity(log_p, mask):
    return np.exp(-log_p[mask].mean())


# --- stretch: a model that knows more than which characters occur --------------------------------


def _most_common(y_hat):
    return np.bincount(y_hat.argmax(axis=1)).max() / len(y_hat)


SYMPTOMS = {
    "one-class": lambda y_hat, data: _most_common(y_hat) > 0.6,
    "upside-down": lambda y_hat, data: data.error(-y_hat) < 0.4,
    "labels-shifted": lambda y_hat, data: (
        min(data.error(np.roll(y_hat, by, axis=1)) for by in (-1, 1)) < 0.4
    ),
    "guessing": lambda y_hat, data: data.error(y_hat) > 0.8,
    "level": lambda y_hat, data: BAR * data.baseline < data.error(y_hat) < 1.05 * data.baseline,
}


def _from_bag(change, alpha=0.5):
    """A `train` whose model changes the scores of the bag of tokens."""

    def wrong(X_train, y_train):
        data = word_data()
        bag = bag_of_tokens(X_train, y_train, data.n_tokens, len(data.names), alpha)
        return lambda X: change(bag(X))

    return wrong


@model_task(
    data=word_data,
    bar=BAR,
    axes="text class",
    symptoms=SYMPTOMS,
    points=4,
    seconds=180,
    wrong={
        "one-class": lambda X_train, y_train: lambda X: np.tile(np.eye(9)[3], (len(X), 1)),
        "upside-down": _from_bag(lambda scores: -scores),
        "labels-shifted": _from_bag(lambda scores: np.roll(scores, 1, axis=1)),
        "guessing": lambda X_train, y_train: lambda X: np.random.default_rng(0).random((len(X), 9)),
        "level": _from_bag(lambda scores: scores),
        "below-bar": _from_bag(lambda scores: scores, alpha=300.0),
    },
)
def train(X_train, y_train):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((None,), dtype="int32")])
    model.add(layers.Embedding(int(X_train.max()) + 1, 32, mask_zero=True))
    model.add(layers.Dropout(0.4))
    model.add(layers.Bidirectional(layers.GRU(32)))
    model.add(layers.Dropout(0.4))
    model.add(layers.Dense(9))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-2), loss)
    model.fit(X_train, y_train, batch_size=256, epochs=3, verbose=0)
    return model
