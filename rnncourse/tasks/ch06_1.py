"""Tasks of lesson 6.1, text and sentiment: indices, masks, counting, temperature, perplexity.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
Longer than 250 lines, because each task lists its known mistakes.
"""

import numpy as np

from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.nn import softmax
from rnncourse.tasks.ch06_1_data import BAR, bag_of_tokens, word_data

# A pair for `edit`. Some mistakes overflow or take log(0); a learner whose answer is compared with
# them must not see NumPy's warning.
_NO_WARNING = ("def ", "@np.errstate(all='ignore')\ndef ")

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


def _bag(texts, vocabulary, length):
    """(B, V): how often each index occurs, in place of the indices in their order."""
    rows = ([vocabulary.get(token, 1) for token in text] for text in texts)
    return np.stack([np.bincount(row, minlength=len(vocabulary) + 2) for row in rows])


@function_task(
    cases=_vectorize_cases,
    axes="text step",
    wrong={
        "unknown-as-padding": edit("(token, 1)", "(token, 0)"),
        "unknown-as-new": edit("(token, 1)", "(token, len(vocabulary) + 2)"),
        "unknown-skipped": edit(
            "[vocabulary.get(token, 1) for token in text[:length]]",
            "[vocabulary[token] for token in text if token in vocabulary][:length]",
        ),
        "padding-in-front": edit("row[: len(indices)]", "row[length - len(indices) :]"),
        "padded-with-unknown": edit("np.zeros", "np.ones"),
        "padded-with-minus-one": edit(
            "np.zeros((len(texts), length), dtype=int)", "np.full((len(texts), length), -1)"
        ),
        "end-kept": edit("text[:length]", "text[-length:]"),
        "end-kept-front": edit(
            *("text[:length]", "text[-length:]"),
            *("row[: len(indices)]", "row[length - len(indices) :]"),
        ),
        "length-ignored": edit(
            *("(len(texts), length)", "(len(texts), max(map(len, texts)))"),
            *("text[:length]", "text"),
        ),
        "one-lost": edit("text[:length]", "text[: length - 1]"),
        "last-token-lost": edit("text[:length]", "text[:-1][:length]"),
        "backwards": edit("text[:length]", "text[:length][::-1]"),
        "each-once": edit(
            "[vocabulary.get(token, 1) for token in text[:length]]",
            "list(dict.fromkeys(vocabulary.get(token, 1) for token in text))[:length]",
        ),
        "sorted": edit(
            "[vocabulary.get(token, 1) for token in text[:length]]",
            "sorted(vocabulary.get(token, 1) for token in text)[:length]",
        ),
        "shifted": edit("vocabulary.get(token, 1)", "max(vocabulary.get(token, 1) - 2, 0)"),
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
        n_real = rng.permutation(np.arange(2, T))[:B]  # all different, each below T
        X = rng.integers(1, 9, size=(B, T)) * (np.arange(T) < n_real[:, None])
        cases.append((rng.normal(size=(B, T, N)), X))
    return cases


@function_task(
    cases=_state_cases,
    axes="batch unit",
    wrong={
        "last-step": edit("H[np.arange(len(H)), n_real - 1]", "H[:, -1]"),
        "first-step": edit("H[np.arange(len(H)), n_real - 1]", "H[:, 0]"),
        "one-too-far": edit("n_real - 1", "n_real"),
        "one-too-early": edit("n_real - 1", "n_real - 2"),
        "all-pairs": edit("np.arange(len(H))", ":"),
        "longest": edit("np.arange(len(H)), n_real - 1", ":, n_real.max() - 1"),
        "shortest": edit("np.arange(len(H)), n_real - 1", ":, n_real.min() - 1"),
        "zeroed": edit("H[np.arange(len(H)), n_real - 1]", "(H * (X != 0)[:, :, None])[:, -1]"),
        "mean": edit("H[np.arange(len(H)), n_real - 1]", "H.mean(axis=1)"),
        "masked-mean": edit(
            "H[np.arange(len(H)), n_real - 1]",
            "(H * (X != 0)[:, :, None]).sum(axis=1) / n_real[:, None]",
        ),
        "masked-sum": edit(
            "H[np.arange(len(H)), n_real - 1]", "(H * (X != 0)[:, :, None]).sum(axis=1)"
        ),
        "first-padding": edit("X != 0", "X == 0"),
        "largest": edit(
            "H[np.arange(len(H)), n_real - 1]",
            "np.where((X != 0)[:, :, None], H, -np.inf).max(axis=1)",
        ),
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
        counts[rng.integers(K), rng.integers(V)] = 0  # a token that does not occur in a class
        counts[0, 0] += 4
        cases.append((counts, rng.permutation(np.arange(4, 4 + 3 * K, 3)).astype(float), alpha))
    return cases


@function_task(
    cases=_count_cases,
    axes={"log_prior": "class", "log_likelihood": "class token"},
    points=3,
    wrong={
        "no-smoothing": edit(*_NO_WARNING, "counts + alpha", "counts"),
        "alpha-above-only": edit("smoothed.sum(", "counts.sum("),
        "alpha-once": edit(
            "smoothed.sum(axis=1, keepdims=True)", "(counts.sum(axis=1, keepdims=True) + alpha)"
        ),
        "alpha-by-classes": edit(
            "smoothed.sum(axis=1, keepdims=True)",
            "(counts.sum(axis=1, keepdims=True) + alpha * len(counts))",
        ),
        "one-added": edit("counts + alpha", "counts + 1"),
        "over-classes": edit("axis=1, keepdims=True", "axis=0"),
        "over-all": edit("axis=1, keepdims=True", ""),
        "by-texts": edit(
            "smoothed.sum(axis=1, keepdims=True)",
            "(n_texts[:, None] + alpha * counts.shape[1])",
        ),
        "not-divided": edit(" / smoothed.sum(axis=1, keepdims=True)", ""),
        "smoothed-after": edit(
            *("counts + alpha", "counts / counts.sum(axis=1, keepdims=True) + alpha"),
            *(" / smoothed.sum(axis=1, keepdims=True)", ""),
        ),
        "no-logs": edit("np.log(smoothed", "(smoothed", "np.log(n_texts", "(n_texts"),
        "likelihood-no-log": edit("np.log(smoothed", "(smoothed"),
        "prior-no-log": edit("np.log(n_texts", "(n_texts"),
        "prior-equal": edit(
            "np.log(n_texts / n_texts.sum())", "np.full(len(n_texts), -np.log(len(n_texts)))"
        ),
        "prior-of-tokens": edit("n_texts / n_texts.sum()", "counts.sum(axis=1) / counts.sum()"),
        "prior-counts": edit(" / n_texts.sum()", ""),
        "prior-by-classes": edit("n_texts.sum()", "len(n_texts)"),
        "log2": edit("np.log(smoothed", "np.log2(smoothed", "np.log(n_texts", "np.log2(n_texts"),
        "log10": edit("np.log(smoothed", "np.log10(smoothed", "np.log(n_texts", "np.log10(n_texts"),
        "swapped": edit("log_prior, log_likelihood", "log_likelihood, log_prior"),
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


def _each_token_once(X, log_prior, log_likelihood):
    """Score the set of a text's tokens."""
    rows = [log_likelihood[:, sorted({*row} - {0})].sum(axis=1) for row in X]
    return log_prior + np.stack(rows)


@function_task(
    cases=_score_cases,
    axes="text class",
    wrong={
        "padding-counted": edit("says * real", "says"),
        "no-prior": edit("log_prior + ", ""),
        "prior-each-token": edit("log_prior + (says * real)", "((log_prior + says) * real)"),
        "averaged": edit(".sum(axis=1)", ".sum(axis=1) / real.sum(axis=1)"),
        "averaged-with-padding": edit(".sum(axis=1)", ".mean(axis=1)"),
        "each-token-once": _each_token_once,
        "first-token-only": edit("(says * real).sum(axis=1)", "says[:, 0]"),
        "strongest-token": edit(
            "(says * real).sum(axis=1)", "np.where(real, says, -np.inf).max(axis=1)"
        ),
        "prior-no-log": edit("log_prior + ", "np.exp(log_prior) + "),
        "probabilities": edit(
            *("return log_prior", "return softmax(log_prior"),
            *(".sum(axis=1)", ".sum(axis=1))"),
        ),
        "exp": edit("return log_prior", "return np.exp(log_prior", "axis=1)", "axis=1))"),
        "sum-of-probabilities": edit("log_prior + (says", "np.exp(log_prior) + (np.exp(says)"),
        "product-of-logs": edit(
            "log_prior + (says * real).sum(axis=1)",
            "log_prior * np.where(real, says, 1).prod(axis=1)",
        ),
        "prior-subtracted": edit("log_prior + ", "-log_prior + "),
        "choice": edit(
            *("return log_prior", "return (log_prior"),
            *(".sum(axis=1)", ".sum(axis=1)).argmax(axis=1)"),
        ),
        "class-first": edit("return log_prior", "return (log_prior", "axis=1)", "axis=1)).T"),
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


@function_task(
    cases=_logit_cases,
    axes="row token",
    wrong={
        "no-temperature": edit(" / temperature", ""),
        "multiplied": edit("/ temperature", "* temperature"),
        "after-softmax": edit(
            *(" / temperature", ""),
            *("e / e.sum(axis=1, keepdims=True)", "e / e.sum(axis=1, keepdims=True) / temperature"),
        ),
        "overflow": edit(*_NO_WARNING, " - a.max(axis=1, keepdims=True)", ""),
        "overflow-multiplied": edit(
            *_NO_WARNING,
            *("/ temperature", "* temperature"),
            *(" - a.max(axis=1, keepdims=True)", ""),
        ),
        "overflow-no-temperature": edit(
            *_NO_WARNING,
            *(" / temperature", ""),
            *(" - a.max(axis=1, keepdims=True)", ""),
        ),
        "not-normalised": edit(
            *_NO_WARNING,
            *(" - a.max(axis=1, keepdims=True)", ""),
            *(" / e.sum(axis=1, keepdims=True)", ""),
        ),
        "shifted-not-normalised": edit(" / e.sum(axis=1, keepdims=True)", ""),
        "whole-batch": edit(
            *("a.max(axis=1, keepdims=True)", "a.max()"),
            *("e.sum(axis=1, keepdims=True)", "e.sum()"),
        ),
        "down-columns": edit(
            *("a.max(axis=1, keepdims=True)", "a.max(axis=0)"),
            *("e.sum(axis=1, keepdims=True)", "e.sum(axis=0)"),
        ),
        "logs": edit(
            "e / e.sum(axis=1, keepdims=True)", "np.log(e / e.sum(axis=1, keepdims=True))"
        ),
        "squared": edit("/ temperature", "/ temperature**2"),
        "root": edit("/ temperature", "/ np.sqrt(temperature)"),
        "shift-not-divided": edit("/ temperature", "/ temperature + logits"),
        "below-only": edit(
            "e / e.sum(axis=1, keepdims=True)",
            "e / np.exp(logits - logits.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)",
        ),
        "shares": edit("np.exp(a - a.max(axis=1, keepdims=True))", "a"),
        "sigmoid": edit("e / e.sum(axis=1, keepdims=True)", "1 / (1 + np.exp(-a))"),
        "most-likely": edit("e / e.sum(axis=1, keepdims=True)", "(e == 1).astype(float)"),
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


@function_task(
    cases=_perplexity_cases,
    axes="",
    wrong={
        "padding-counted": edit("log_p[mask]", "log_p"),
        "divided-by-all": edit("log_p[mask]", "(log_p * mask)"),
        "text-by-text": edit("log_p[mask]", "log_p.mean(axis=1, where=mask)"),
        "mean-of-perplexities": edit(
            "log_p[mask].mean())", "log_p.mean(axis=1, where=mask)).mean()"
        ),
        "one-a-text": edit("log_p[mask].mean()", "log_p.mean(axis=1, where=mask)"),
        "no-exp": edit("np.exp", ""),
        "no-minus": edit("-log_p", "log_p"),
        "log-likelihood": edit("np.exp(-log_p", "(log_p"),
        "base-two": edit("np.exp(", "2 ** ("),
        "base-ten": edit("np.exp(", "10 ** ("),
        "each-token": edit(".mean()", ""),
        "by-texts": edit(".mean()", ".sum() / len(log_p)"),
        "bits": edit("np.exp(-log_p[mask].mean())", "-log_p[mask].mean() / np.log(2)"),
        "summed": edit(".mean()", ".sum()"),
        "mean-of-inverses": edit(".mean())", ").mean()"),
        "inverse-of-mean": edit("np.exp(-log_p[mask].mean())", "1 / np.exp(log_p[mask]).mean()"),
        "median": edit("log_p[mask].mean()", "np.median(log_p[mask])"),
        "padding-only": edit("[mask]", "[~mask]"),
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
    """A `train` whose model returns the scores of the bag of tokens, changed by `change`."""

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
