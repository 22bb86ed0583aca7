"""Tasks of lesson 6.3, video and action: clips, windows, people, and a network for strangers.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.mistakes import edit
from rnncourse.checking.task import function_task, model_task, value_task
from rnncourse.tasks.ch06_3_data import BAR, by_statistics, watch_windows

# --- warm-up: count ---------------------------------------------------------------------------


@value_task(
    wrong={
        "times-T": 12 * (40 + 1970) + 255 + 18,
        "no-stride": 40 + (14 * 14 * 4 * 10 + 10) + 255 + 18,
        "padded": 40 + (8 * 8 * 4 * 10 + 10) + 255 + 18,
        "no-filters": 40 + (7 * 7 * 10 + 10) + 255 + 18,
        "one-bias": 40 + 1970 + 240 + 18,
        "simple-rnn": 40 + 1970 + 80 + 18,
        "lstm": 40 + 1970 + 320 + 18,
        "conv-no-bias": 36 + 1970 + 255 + 18,
        "one-filter": 10 + 1970 + 255 + 18,
        "no-output": 40 + 1970 + 255,
    },
    points=1,
)
def n_parameters():
    conv = 4 * (3 * 3 * 1 + 1)
    dense = 7 * 7 * 4 * 10 + 10
    gru = 3 * 5 * (10 + 5) + 2 * 3 * 5
    return conv + dense + gru + (5 * 3 + 3)


# --- a film becomes clips, and each frame a vector ----------------------------------------------


class _Summary:
    """A small network for pictures: (n, H, W, 1) -> (n, D)."""

    def __init__(self, rng, n_pixels, n_features):
        self.W = rng.normal(size=(n_pixels, n_features)) / np.sqrt(n_pixels)

    def __call__(self, pictures):
        pictures = np.asarray(pictures, dtype=float)
        if pictures.ndim != 4 or pictures[0].size != len(self.W):
            wanted = f"of {len(self.W)} pixels, (n, height, width, 1)"
            raise ValueError(f"f takes pictures {wanted}; received {pictures.shape}")
        return np.tanh(pictures.reshape(len(pictures), -1) @ self.W)

    def __repr__(self):
        return "a function"


def _film_cases(rng):
    sizes = ((14, 3, 4, 5, 2), (12, 4, 3, 2, 6), (11, 6, 2, 5, 3))
    return [
        (_Summary(rng, H * W, D), rng.integers(1, 256, (n, H, W)).astype("uint8"), T)
        for n, T, H, W, D in sizes
    ]


@function_task(
    cases=_film_cases,
    axes={"clips": "clip time row column channel", "features": "clip time feature"},
    wrong={
        "bytes": edit(" / 255", ""),
        "interleaved": edit(
            "(n_clips, n_frames, *film.shape[1:], 1)",
            "(n_frames, n_clips, *film.shape[1:], 1).swapaxes(0, 1)",
        ),
        "sliding": edit(
            "len(film) // n_frames",
            "len(film) - n_frames + 1",
            "film[: n_clips * n_frames].reshape(n_clips, n_frames, *film.shape[1:], 1)",
            "np.stack([film[k : k + n_frames] for k in range(n_clips)])[..., None]",
        ),
        "from-the-end": edit("film[: n_clips * n_frames]", "film[len(film) % n_frames :]"),
        "filled-up": edit(
            "n_clips = len(film)",
            "film = np.pad(film, ((0, -len(film) % n_frames), (0, 0), (0, 0)))\n"
            "    n_clips = len(film)",
        ),
        "time-first": edit("n_frames, -1)", "n_frames, -1).swapaxes(0, 1)"),
        "mixed": edit("clips.reshape(", "clips.swapaxes(0, 1).reshape("),
        "flat": edit("f(frames).reshape(n_clips, n_frames, -1)", "f(frames)"),
        "averaged": edit("n_frames, -1)", "n_frames, -1).mean(axis=1)"),
        "last-frame": edit("f(frames).reshape(n_clips, n_frames, -1)", "f(clips[:, -1])"),
        "no-channel": edit("return clips,", "return clips[..., 0],"),
        "channel-second": edit("return clips,", "return np.moveaxis(clips, -1, 2),"),
    },
)
def read_film(f, film, n_frames):
    n_clips = len(film) // n_frames
    clips = film[: n_clips * n_frames].reshape(n_clips, n_frames, *film.shape[1:], 1) / 255
    frames = clips.reshape(n_clips * n_frames, *film.shape[1:], 1)
    return clips, f(frames).reshape(n_clips, n_frames, -1)


# --- windows that stay inside their recording ---------------------------------------------------


def _recording_cases(rng):
    cases = [((11, 7, 14), 3, 4, 2), ((9, 3, 12, 5), 2, 5, 3), ((8, 13), 4, 6, 5)]
    return [(rng.normal(size=(sum(n), D)), np.array(n), T, s) for n, D, T, s in cases]


def _across(series, lengths, length, step):
    """Windows of one long recording; each belongs to the recording in which it begins."""
    starts = np.arange(0, len(series) - length + 1, step)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return series[starts[:, None] + np.arange(length)], owner[starts]


@function_task(
    cases=_recording_cases,
    axes={"X": "window time sensor", "owner": "window"},
    wrong={
        "across": _across,
        "last-lost": edit("n - length + 1", "n - length"),
        "step-ignored": edit("length + 1, step", "length + 1"),
        "step-is-length": edit("length + 1, step", "length + 1, length"),
        "one-each": edit("length + 1, step)", "length + 1, step)[:1]"),
        "from-the-end": edit(
            "range(0, n - length + 1, step)", "sorted(range(n - length, -1, -step))"
        ),
        "last-filled": edit(
            "series[begin : begin + n]",
            "np.pad(series[begin : begin + n], ((0, length), (0, 0)))",
            "range(0, n - length + 1, step)",
            "range(0, n, step)",
        ),
        "owner-is-window": edit("append(k)", "append(len(owner))"),
        "owner-from-one": edit("append(k)", "append(k + 1)"),
        "owner-is-start": edit("append(k)", "append(start)"),
        "sensor-second": edit("np.array(X)", "np.array(X).swapaxes(1, 2)"),
        "first-recording": edit("enumerate(lengths)", "enumerate(lengths[:1])"),
    },
)
def windows(series, lengths, length, step):
    X, owner, begin = [], [], 0
    for k, n in enumerate(lengths):
        recording = series[begin : begin + n]
        for start in range(0, n - length + 1, step):
            X.append(recording[start : start + length])
            owner.append(k)
        begin += n
    return np.array(X), np.array(owner)


# --- everybody is tested once -------------------------------------------------------------------


def _people_cases(rng):
    cases = []
    for people, n, n_folds in (
        ([3, 8, 4, 11, 20], 17, 2),
        ([12, 2, 9, 30, 7, 6, 5], 26, 3),
        ([5, 1, 10, 4], 13, 4),
    ):
        order = np.concatenate([people, rng.choice(people, n - len(people))])
        cases.append((order, n_folds))
    return cases


@function_task(
    cases=_people_cases,
    axes="window",
    wrong={
        "by-window": edit("return rank", "return np.arange(len(person))"),
        "by-window-blocks": edit(
            "rank % n_folds", "np.arange(len(person)) * n_folds // len(person)"
        ),
        "number-not-rank": edit("return rank", "return person"),
        "appearance": edit(
            "np.searchsorted(np.unique(person), person)",
            "np.array([list(dict.fromkeys(person)).index(one) for one in person])",
        ),
        "divided": edit("rank %", "rank //"),
        "blocks": edit("rank % n_folds", "rank // (rank.max() // n_folds + 1)"),
        "from-one": edit("% n_folds", "% n_folds + 1"),
        "rank": edit(" % n_folds", ""),
        "per-person": edit("return rank", "return np.unique(rank)"),
        "backwards": edit("return rank", "return (rank.max() - rank)"),
        "first-only": edit("rank % n_folds", "(rank % n_folds == 0).astype(int)"),
    },
)
def person_folds(person, n_folds):
    rank = np.searchsorted(np.unique(person), person)
    return rank % n_folds


# --- recall ------------------------------------------------------------------------------------


def _confusion_cases(rng):
    cases = [rng.integers(1, 30, (k, k)) for k in (4, 3, 6)]
    cases[2][2] = 0  # a class that never occurs
    return [(C,) for C in cases]


@function_task(
    cases=_confusion_cases,
    axes="class",
    wrong={
        "precision": edit("axis=1", "axis=0"),
        "of-all": edit("C.sum(axis=1)", "C.sum()"),
        "accuracy": edit("C.diagonal() / C.sum(axis=1)", "C.trace() / C.sum()"),
        "mean": edit("C.diagonal() / C.sum(axis=1)", "np.nanmean(C.diagonal() / C.sum(axis=1))"),
        "counts": edit(" / C.sum(axis=1)", ""),
        "missed": edit("return ", "return 1 - "),
        "zero-for-absent": edit(
            "C.diagonal() / C.sum(axis=1)", "np.nan_to_num(C.diagonal() / C.sum(axis=1))"
        ),
        "absent-left-out": edit(
            "C.diagonal() / C.sum(axis=1)", "(C.diagonal() / C.sum(axis=1))[C.any(axis=1)]"
        ),
        "whole-matrix": edit("C.diagonal()", "C", "axis=1", "axis=1, keepdims=True"),
        "without-itself": edit("C.sum(axis=1)", "(C.sum(axis=1) - C.diagonal())"),
        "f1": edit(
            "return C.diagonal() / C.sum(axis=1)",
            "p, r = C.diagonal() / C.sum(axis=0), C.diagonal() / C.sum(axis=1)\n"
            "        return 2 * p * r / (p + r)",
        ),
        "largest": edit("C.diagonal()", "C.max(axis=1)"),
    },
)
def recall(C):
    with np.errstate(invalid="ignore"):
        return C.diagonal() / C.sum(axis=1)


# --- a recording's windows vote -----------------------------------------------------------------


def _vote_cases(rng):
    cases = []
    for n_recordings, n, n_classes in ((4, 29, 5), (3, 20, 4), (5, 41, 6)):
        owner = np.concatenate([np.arange(n_recordings)[::-1], rng.integers(n_recordings, size=n)])
        y_hat = rng.integers(n_classes, size=len(owner))
        tie = [n_classes - 1, 0] * len(owner)  # recording 0 ends in a tie, the higher class first
        y_hat[owner == 0] = tie[: np.sum(owner == 0)]
        y_hat[owner == 1] %= n_classes - 1  # recording 1 is never taken for the highest
        if np.sum(owner == 0) % 2:
            owner, y_hat = np.append(owner, 0), np.append(y_hat, 0)
        cases.append((y_hat, owner, n_classes))
    return cases


@function_task(
    cases=_vote_cases,
    axes="recording",
    wrong={
        "mean": edit("votes.argmax()", "round(y_hat[owner == k].mean())"),
        "mean-not-rounded": edit("votes.argmax()", "y_hat[owner == k].mean()"),
        "median": edit("votes.argmax()", "np.median(y_hat[owner == k])"),
        "first-window": edit("votes.argmax()", "y_hat[owner == k][0]"),
        "last-window": edit("votes.argmax()", "y_hat[owner == k][-1]"),
        "highest-class": edit("votes.argmax()", "y_hat[owner == k].max()"),
        "tie-to-highest": edit("votes.argmax()", "n_classes - 1 - votes[::-1].argmax()"),
        "least-frequent": edit("argmax", "argmin"),
        "how-many": edit("argmax", "max"),
        "all-together": edit("y_hat[owner == k]", "y_hat"),
        "per-window": edit("np.array(winners)", "np.array(winners)[owner]"),
        "appearance": edit("range(owner.max() + 1)", "dict.fromkeys(owner)"),
    },
)
def vote(y_hat, owner, n_classes):
    winners = []
    for k in range(owner.max() + 1):
        votes = np.bincount(y_hat[owner == k], minlength=n_classes)
        winners.append(votes.argmax())  # the first of equals
    return np.array(winners)


# --- how soon does it know? ---------------------------------------------------------------------

# Of all steps. In floats, a share times T may lie a little over a whole number.
SHARES = np.array([0.1, 0.25, 0.5, 0.8, 1.0])


def _answer_cases(rng):
    cases = []
    for B, T, K in ((37, 7, 4), (52, 12, 3), (29, 9, 5)):
        y = rng.integers(K, size=B)
        scores = rng.normal(size=(B, T, K))
        scores[np.arange(B), :, y] += np.linspace(0, 2, T) + rng.normal(size=(B, T)) / 2
        p = np.exp(scores) / np.exp(scores).sum(axis=2, keepdims=True)
        cases.append((p, y, SHARES.copy()))
    return cases


@function_task(
    cases=_answer_cases,
    axes="share",
    wrong={
        "one-late": edit("steps - 1", "np.minimum(steps, T - 1)"),
        "rounded": edit("np.ceil(shares * T - 1e-9)", "np.maximum(np.round(shares * T), 1)"),
        "rounded-down": edit("np.ceil(shares * T - 1e-9)", "np.maximum(shares * T + 1e-9, 1)"),
        "mean-so-far": edit("right[:, steps - 1]", "(right.cumsum(axis=1)[:, steps - 1] / steps)"),
        "mean-probability": edit("p.argmax", "p.cumsum(axis=1).argmax"),
        "surest-so-far": edit("p.argmax", "np.maximum.accumulate(p, axis=1).argmax"),
        "right-once": edit("right[", "np.logical_or.accumulate(right, axis=1)["),
        "always-right": edit("right[", "np.logical_and.accumulate(right, axis=1)["),
        "only-the-end": edit("steps - 1", "0 * steps - 1"),
        "counts": edit(".mean(axis=0)", ".sum(axis=0)"),
        "errors": edit("==", "!="),
        "probability": edit(
            "p.argmax(axis=2) == y[:, None]",
            "np.take_along_axis(p, y[:, None, None], axis=2)[:, :, 0]",
        ),
        "every-step": edit("[:, steps - 1]", ""),
        "from-the-end": edit("steps - 1", "-steps"),
    },
    points=3,
)
def accuracy_seen(p, y, shares):
    T = p.shape[1]
    steps = np.ceil(shares * T - 1e-9).astype(int)  # how many steps have been seen
    right = p.argmax(axis=2) == y[:, None]  # (B, T)
    return right[:, steps - 1].mean(axis=0)


# --- stretch: exercises of people who were never seen --------------------------------------------


def _scores(change):
    """A `train` that fits the statistics and returns their scores (n, 7) after `change`."""

    def train(X_train, y_train, person_train):
        scores = by_statistics(X_train, y_train)
        return lambda X: change(scores(X))

    return train


def _right(p, data):
    return float(np.mean(p.argmax(axis=1) == data.y_test.argmax(axis=1)))


SYMPTOMS = {
    "one-class": lambda p, data: len(np.unique(p.argmax(axis=1))) == 1,
    "upside-down": lambda p, data: _right(p, data) < 0.1 < 0.4 < _right(-p, data),
    "shifted": lambda p, data: _right(p, data) < 0.3 < 0.5 < _right(np.roll(p, -1, axis=1), data),
    "guesses": lambda p, data: _right(p, data) < 0.3,
    "level": lambda p, data: BAR * data.baseline < data.error(p) < 1.3 * data.baseline,
}


@model_task(
    data=watch_windows,
    bar=BAR,
    axes="window class",
    symptoms=SYMPTOMS,
    wrong={
        "one-class": _scores(lambda scores: np.tile(np.eye(7)[3], (len(scores), 1))),
        "guesses": _scores(lambda scores: np.random.default_rng(0).uniform(size=scores.shape)),
        "upside-down": _scores(np.negative),
        "shifted": _scores(lambda scores: np.roll(scores, 1, axis=1)),
        "level": _scores(np.asarray),
    },
    points=4,
    seconds=90,
)
def train(X_train, y_train, person_train):
    import keras
    from keras import layers

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((50, 6))])
    model.add(layers.Conv1D(32, 5, strides=2, activation="relu"))
    model.add(layers.GRU(32))
    model.add(layers.Dense(7, activation="softmax"))
    rate = keras.optimizers.Adam(0.005, clipnorm=1.0)
    model.compile(optimizer=rate, loss="sparse_categorical_crossentropy")
    model.fit(X_train, y_train, epochs=15, batch_size=64, verbose=0)
    return model
