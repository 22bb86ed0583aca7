"""The data of lesson 6.2's model task, English dates, with a translator and its decoding.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

from functools import cache

import numpy as np

from rnncourse.checking.held_out import HeldOut
from rnncourse.data import cldr_dates
from rnncourse.data.text import Vocabulary, pad

__all__ = ["build_model", "date_arrays", "decode"]

START, END = "<s>", "</s>"


@cache
def date_arrays():
    """English dates as indices: 3,000 to learn from, 500 of other days to be judged on.

    Has X_train (3000, T), Y_train (3000, 12) and X_test (500, T), all framed by start and end and
    padded, y_test (500, 11) without the start, and the vocabularies `source` and `target`. `train`,
    `error` and `baseline` are for the checker: the error is the share of dates that are not right
    to the last character.
    """
    train, test = cldr_dates.load(3000, 500, seed=1, languages=("en",))
    source = Vocabulary([START, *text, END] for text in train.source)
    target = Vocabulary([START, *text, END] for text in train.target)

    def indices(vocabulary, texts, length=None):
        return pad([vocabulary.encode([START, *text, END]) for text in texts], length)

    X_train, Y_train = indices(source, train.source), indices(target, train.target)
    return HeldOut(
        train=(X_train, Y_train),
        X_test=indices(source, test.source, X_train.shape[1]),
        y_test=indices(target, test.target)[:, 1:],
        measure=lambda y_hat, y: float((y_hat != y).any(axis=1).mean()),
        baseline=1.0,  # whatever was learned by heart: no day of the test occurs in training
        X_train=X_train,
        Y_train=Y_train,
        source=source,
        target=target,
    )


def build_model(n_source, n_target, units=64, attention=False):
    """The lesson's translator, not compiled: (source (B, T), before (B, U)) -> logits (B, U, K)."""
    import keras
    from keras import layers

    source = keras.Input((None,), dtype="int32", name="source")
    before = keras.Input((None,), dtype="int32", name="before")
    x = layers.Embedding(int(n_source), units, mask_zero=True)(source)
    read = layers.GRU(units // 2, return_sequences=True, return_state=True)
    H, *ends = layers.Bidirectional(read)(x)
    s_0 = layers.Dense(units, activation="tanh")(layers.Concatenate()(ends))
    y = layers.Embedding(int(n_target), units)(before)
    S = layers.GRU(units, return_sequences=True)(y, initial_state=s_0)
    if attention:
        query, key = layers.Dense(units)(S), layers.Dense(units, use_bias=False)(H)
        S = layers.Concatenate()([S, layers.AdditiveAttention()([query, H, key])])
    S = layers.Dense(units, activation="tanh")(S)
    return keras.Model([source, before], layers.Dense(int(n_target))(S))


def decode(model, X, start, n_steps):
    """What `model` writes to X (n, T), greedily: (n, n_steps). It sees nothing but X and itself."""
    Y = np.zeros((len(X), n_steps + 1), dtype=np.int32)
    Y[:, 0] = start
    for t in range(n_steps):  # slow and short: every step computes the steps before it again
        logits = model.predict([X, Y[:, :n_steps]], batch_size=500, verbose=0)
        Y[:, t + 1] = logits[:, t].argmax(axis=1)
    return Y[:, 1:]
