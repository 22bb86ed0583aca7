"""Train the networks of lesson 6.1 with three seeds each, and keep what they reach: half an hour.

python -m tools.data.text_results

The numbers of epochs were chosen on a tenth of the training parts (`--choose` prints what that
choice looked at); sizes and learning rates by a few trial runs.
"""

import argparse
import json
import os
import time
from functools import partial

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
from keras import layers

from rnncourse.data import (
    chinese_reviews,
    chinese_words,
    english_reviews,
    surnames,
    synthetic_negation,
)
from rnncourse.data.text import Vocabulary, pad, words
from rnncourse.data.text_results import CARD, SIZES, subset
from tools.data.package import keep

SEEDS = (0, 1, 2)


def ends_marked(text):
    """The characters of a word or a name, with a mark before and behind."""
    return ["^", *text.lower(), "$"]


#: task: (dataset, tokens, least, length, units, learning rate, epochs, batch size)
TASKS = {
    "surnames": (surnames, ends_marked, 1, 18, 64, 1e-2, 10, 64),
    "Chinese words": (chinese_words, ends_marked, 1, 10, 32, 5e-3, 4, 128),
    "English reviews": (english_reviews, words, 2, 40, 32, 5e-3, 2, 128),
    "Chinese reviews": (chinese_reviews, list, 2, 60, 32, 5e-3, 2, 128),
}
CURVES = ("English reviews", "Chinese reviews")


def build(n_tokens, n_classes, units=32, rate=5e-3):
    """Tokens (B, T) -> one score a class, (B, K): a bidirectional GRU on learned embeddings."""
    model = keras.Sequential([keras.Input((None,), dtype="int32")])
    model.add(layers.Embedding(n_tokens, 32, mask_zero=True))
    model.add(layers.Dropout(0.4))
    model.add(layers.Bidirectional(layers.GRU(units)))
    model.add(layers.Dropout(0.4))
    model.add(layers.Dense(n_classes))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    return model


def build_one_way(n_tokens, n_classes, masked):
    """The same with one GRU that reads forwards, with or without a mask."""
    model = keras.Sequential([keras.Input((None,), dtype="int32")])
    model.add(layers.Embedding(n_tokens, 32, mask_zero=masked))
    model.add(layers.Dropout(0.4))
    model.add(layers.GRU(32))
    model.add(layers.Dropout(0.4))
    model.add(layers.Dense(n_classes))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(5e-3), loss, metrics=["accuracy"])
    return model


class Task:
    """One dataset as indices, its vocabulary made from the training texts that may be seen."""

    def __init__(self, name, size=None):
        module, self.tokens, least, self.length, *sizes, self.epochs, self.batch = TASKS[name]
        self.units, self.rate = sizes
        self.data = module.load()
        texts, labels = self.data.train
        seen = subset(len(texts), size)
        self.vocabulary = Vocabulary((self.tokens(t) for t in texts[seen]), least)
        self.X, self.y = self.encode(texts[seen]), labels[seen]
        self.X_test, self.y_test = self.encode(self.data.test[0]), self.data.test[1]
        # Fewer texts, more rounds: twice as many rounds for a quarter of the texts.
        self.rounds = round(self.epochs * (len(texts) / len(seen)) ** 0.5)

    def encode(self, texts):
        return pad([self.vocabulary.encode(self.tokens(text)) for text in texts], self.length)

    def train(self, seed, model=None, X=None, **options):
        """(model, processor seconds)."""
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        if model is None:
            model = partial(
                build, len(self.vocabulary), len(self.data.names), self.units, self.rate
            )
        model, began = model(), time.process_time()
        X = self.X if X is None else X
        options = {"epochs": self.rounds, "batch_size": self.batch, "verbose": 0} | options
        self.history = model.fit(X, self.y, **options).history
        return model, time.process_time() - began


def scores(model, X):
    """The classes' scores, (B, K)."""
    return model.predict(X, batch_size=512, verbose=0)


def share_right(y_hat, y):
    return round(float((y_hat.argmax(axis=1) == y).mean()), 4)


def negation(task, model, lang):
    """[both sentences right, the negation moves to the right side, it moves down]: pairs of 30."""
    pairs = synthetic_negation.load(lang)
    sentences = [[getattr(pair, side) for pair in pairs] for side in ("plain", "negated")]
    plain, negated = (np.diff(scores(model, task.encode(s)))[:, 0] for s in sentences)
    sign = np.array([2 * pair.label - 1 for pair in pairs])
    both = (sign * plain > 0) & (sign * negated < 0)
    right_way, down = sign * negated < sign * plain, negated < plain
    return [int(found.sum()) for found in (both, right_way, down)]


def measure_task(name, results):
    task, found, runs = Task(name), {"accuracy": [], "seconds": []}, []
    for seed in SEEDS:
        model, seconds = task.train(seed)
        runs.append(keras.ops.softmax(scores(model, task.X_test)).numpy())
        found["accuracy"].append(share_right(runs[-1], task.y_test))
        found["seconds"].append(round(seconds, 1))
        if name == "English reviews":
            products = english_reviews.load("product")
            y_hat = scores(model, task.encode(products.text))
            results["products"].append(share_right(y_hat, products.label))
        if name in CURVES:
            lang = name[:2].lower().replace("ch", "zh")
            results["negation"].setdefault(lang, []).append(negation(task, model, lang))
    found["averaged"] = share_right(sum(runs), task.y_test)
    found |= {"parameters": model.count_params(), "epochs": task.epochs}
    results["table"][name] = found
    print(name, found, flush=True)


def measure_curve(name, results):
    curve = results["curves"][name] = {}
    for size in SIZES[:-1]:
        task = Task(name, size)
        runs = [scores(task.train(seed)[0], task.X_test) for seed in SEEDS]
        curve[str(size)] = [share_right(y_hat, task.y_test) for y_hat in runs]
        print(name, size, task.rounds, curve[str(size)], flush=True)


def measure_masks(results):
    task = Task("Chinese reviews")
    in_front = [np.stack([np.roll(row, (row == 0).sum()) for row in X])
                for X in (task.X, task.X_test)]  # fmt: skip
    variants = {
        "masked": (True, task.X, task.X_test),
        "zeros behind, no mask": (False, task.X, task.X_test),
        "zeros in front, no mask": (False, *in_front),
    }
    for variant, (masked, X, X_test) in variants.items():
        right = results["masks"][variant] = []
        for seed in SEEDS:
            one_way = partial(build_one_way, len(task.vocabulary), 2, masked)
            model, _ = task.train(seed, one_way, X)
            right.append(share_right(scores(model, X_test), task.y_test))
        print(variant, right, flush=True)


def choose():
    """Print the accuracy on a tenth of each training part, epoch by epoch."""
    for name in TASKS:
        task = Task(name)
        n = len(task.X) // 10
        held_out, task.X, task.y = (task.X[-n:], task.y[-n:]), task.X[:-n], task.y[:-n]
        task.train(0, epochs=2 * task.epochs, validation_data=held_out)
        print(name, [f"{a:.3f}" for a in task.history["val_accuracy"]], flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--choose", action="store_true")
    if parser.parse_args().choose:
        return choose()
    results = {"table": {}, "curves": {}, "masks": {}, "products": [], "negation": {}}
    for name in TASKS:
        measure_task(name, results)
    measure_masks(results)
    for name in CURVES:
        measure_curve(name, results)
    return keep(json.dumps(results, indent=1).encode("utf-8"), CARD)


if __name__ == "__main__":
    main()
