"""Train the two character models of lesson 6.1 and keep their weights: some minutes.

Sizes, dropout and epochs were chosen with an eye on the test parts; lesson 6.1 says so.

python -m tools.data.character_models
"""

import io
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
from keras import layers

from rnncourse.data.character_models import CARD, NAMES, corpus
from rnncourse.data.text import Vocabulary, pad
from tools.data.package import keep

LEAST = {"hamlet": 1, "tang": 3}  # how often a character has to occur to be known
WINDOW = 100  # characters of Hamlet in one example
EPOCHS = {"hamlet": 30, "tang": 16}
SIZES = {"hamlet": (32, 192), "tang": (64, 128)}  # embedding, GRU
DROPOUT = {"hamlet": (0.2, 0.3), "tang": (0.3, 0.5)}  # of the embedding's numbers, of the states


def build(n_tokens, n_embedding, n_units, dropout):
    """Indices (B, T) -> scores of each next character, (B, T, V)."""
    model = keras.Sequential([keras.Input((None,), dtype="int32")])
    model.add(layers.Embedding(n_tokens, n_embedding, mask_zero=True))
    model.add(layers.Dropout(dropout[0]))
    model.add(layers.GRU(n_units, return_sequences=True))
    model.add(layers.Dropout(dropout[1]))
    model.add(layers.Dense(n_tokens))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(4e-3, clipnorm=1.0), loss)
    return model


def examples(name, texts, vocabulary, rng):
    """(B, T + 1) indices: poems as they are, Hamlet in windows that begin anywhere."""
    encoded = [vocabulary.encode(text) for text in texts]
    if name == "tang":
        return pad(encoded)
    text, start = np.array(encoded[0], dtype=np.int32), int(rng.integers(WINDOW))
    n = (len(text) - start - 1) // WINDOW
    return text[start + np.arange(n)[:, None] * WINDOW + np.arange(WINDOW + 1)]


def train(name, seed=0):
    """(vocabulary, model) trained on the training part, with a falling learning rate."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    train_texts, test_texts = corpus(name)
    vocabulary = Vocabulary(train_texts, least=LEAST[name])
    model, began = build(len(vocabulary), *SIZES[name], DROPOUT[name]), time.process_time()
    held_out = examples(name, test_texts, vocabulary, rng)
    for epoch in range(EPOCHS[name]):
        X = examples(name, train_texts, vocabulary, rng)
        model.optimizer.learning_rate = 4e-3 * min(1, 2 * (1 - epoch / EPOCHS[name])) + 1e-4
        fitted = model.fit(X[:, :-1], X[:, 1:], batch_size=32, verbose=0)
        if epoch % 2 == 1:
            loss = model.evaluate(held_out[:, :-1], held_out[:, 1:], verbose=0)
            said = f"perplexity {np.exp(fitted.history['loss'][0]):.1f}, unseen {np.exp(loss):.1f}"
            print(f"{name} epoch {epoch + 1}: {said}, {time.process_time() - began:.0f} s")
    return vocabulary, model


if __name__ == "__main__":
    arrays = {}
    for name in NAMES:
        vocabulary, model = train(name)
        arrays[f"{name}_tokens"] = "".join([" ", *vocabulary.tokens[1:]])
        for i, weights in enumerate(model.get_weights()):
            arrays[f"{name}_{i}"] = weights.astype("float16")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    keep(buffer.getvalue(), CARD)
