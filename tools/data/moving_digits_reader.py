"""Train the network that the explorer of lesson 6.3 looks into, and keep its weights: a minute.

python -m tools.data.moving_digits_reader
"""

import json
import lzma
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
from keras import layers

from rnncourse.data import synthetic_moving_digits
from rnncourse.data.moving_digits_reader import CARD
from tools.data.package import keep


def build():
    """(T, 24, 24, 1) -> a distribution over the eight directions after every frame, (T, 8)."""
    cnn = keras.Sequential([keras.Input((24, 24, 1))], name="cnn")
    cnn.add(layers.Conv2D(8, 5, strides=2, activation="relu", name="conv_1"))
    cnn.add(layers.Conv2D(16, 3, strides=2, activation="relu", name="conv_2"))
    cnn.add(layers.Flatten())
    cnn.add(layers.Dense(32, activation="tanh", name="dense"))
    model = keras.Sequential([keras.Input((None, 24, 24, 1)), layers.TimeDistributed(cnn)])
    model.add(layers.GRU(32, return_sequences=True, name="gru"))
    model.add(layers.Dense(8, activation="softmax", name="output"))
    model.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    return model, {layer.name: layer for layer in [*cnn.layers, *model.layers]}


if __name__ == "__main__":
    rng = np.random.default_rng(5)
    train, test = (
        synthetic_moving_digits.load(rng, n, p) for n, p in ((6000, "train"), (800, "test"))
    )
    keras.utils.set_random_seed(0)
    model, by_name = build()
    every_step = np.repeat(train.y[:, None], train.X.shape[1], axis=1)
    model.fit(train.X / np.float32(255), every_step, epochs=12, batch_size=32, verbose=2)
    y_hat = model.predict(test.X / np.float32(255), verbose=0)
    print(
        "right after each frame:", (y_hat.argmax(axis=2) == test.y[:, None]).mean(axis=0).round(3)
    )
    names = ("conv_1", "conv_2", "dense", "gru", "output")
    arrays = [(name, array) for name in names for array in by_name[name].get_weights()]
    header = json.dumps([(name, array.shape) for name, array in arrays]).encode()
    content = b"".join(array.astype("<f2").tobytes() for _, array in arrays)
    keep(lzma.compress(header + b"\n" + content, preset=9), CARD)
