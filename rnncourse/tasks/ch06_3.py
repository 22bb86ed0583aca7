"""Tasks of lesson 6.3, video and action: clips, windows, people, and a network for strangers.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
The file is long because each task lists its misconceptions.
"""

import numpy as np

from rnncourse.checking.cases import sizes
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
    """A small network for pictures: (m, H, W, 1) -> (m, D). ValueError for other axes."""

    def __init__(self, rng, height, width, n_features):
        self.axes = height, width, 1
        self.W = rng.normal(size=(height * width, n_features)) / np.sqrt(height * width)

    def __call__(self, pictures):
        pictures = np.asarray(pictures, dtype=float)
        if pictures.ndim != 4 or pictures.shape[1:] != self.axes:
            wanted = f"(m, height, width, 1), here {('m', *self.axes)}".replace("'", "")
            raise ValueError(f"f takes pictures {wanted}; received {pictures.shape}")
        return np.tanh(pictures.reshape(len(pictures), -1) @ self.W)

    def __repr__(self):
        return "a function"


def _film(rng, n_clips, T, height, width, D, rest=0):
    """A film of `n_clips` clips of T frames, and `rest` frames more."""
    film = rng.integers(0, 256, (n_clips * T + rest, height, width)).astype("uint8")
    return _Summary(rng, height, width, D), film, T


def _film_cases(rng):
    """Films of several clips with and without a rest; of one clip with a rest."""
    several, whole, (T, *others) = sizes(rng, 5), sizes(rng, 5), sizes(rng, 4)
    return [
        _film(rng, *several, rest=int(rng.integers(1, several[1]))),
        _film(rng, *whole),
        _film(rng, 1, T, *others, rest=T - 1),
    ]


def _film_edges(rng):
    n_clips, T, height, width, D = sizes(rng, 5)
    return {
        "one clip": _film(rng, 1, T, height, width, D),
        "clips of one frame": _film(rng, n_clips, 1, height, width, D),
        "one pixel": _film(rng, n_clips, T, 1, 1, D),
        "all sizes are 1": _film(rng, 1, 1, 1, 1, 1),
    }


@function_task(
    cases=_film_cases,
    edges=_film_edges,
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


def _recordings(rng, lengths, length, step, D):
    return rng.normal(size=(sum(lengths), D)), np.array(lengths), length, step


def _recording_cases(rng):
    """A recording that ends with a window, one with a rest, sometimes one that is too short."""
    cases = []
    for more in rng.permutation(3):
        length, step, D = sizes(rng, 3)
        whole, rest = (length + step * int(n) for n in rng.integers(1, 4, size=2))
        short = rng.integers(1, length, size=more).tolist()
        lengths = [whole, rest + int(rng.integers(1, step)), *short]
        cases.append(_recordings(rng, rng.permutation(lengths).tolist(), length, step, D))
    return cases


def _recording_edges(rng):
    length, step, D = sizes(rng, 3)
    return {
        "one window": _recordings(rng, [length], length, step, D),
        "one sensor": _recordings(rng, [length + step, length], length, step, 1),
        "windows of one step": _recordings(rng, [4, 7], 1, step, D),
        "steps longer than a window": _recordings(rng, [3 * length, 1], length, length + 1, D),
        "all sizes are 1": _recordings(rng, [1], 1, 1, 1),
    }


def _across(series, lengths, length, step):
    """Windows of one long recording; each belongs to the recording in which it begins."""
    starts = np.arange(0, len(series) - length + 1, step)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    return series[starts[:, None] + np.arange(length)], owner[starts]


@function_task(
    cases=_recording_cases,
    edges=_recording_edges,
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


def _people(rng, n_people, n_folds):
    """Windows of `n_people` people, whose numbers have gaps, in any order."""
    people = rng.choice(40, n_people, replace=False)
    more = rng.choice(people, rng.integers(2, 3 * n_people))
    return rng.permutation([*people, *more]), n_folds


def _people_cases(rng):
    """Some folds get fewer people than others, so that the direction of dealing matters."""
    return [_people(rng, n, n_folds) for n, n_folds in ((6, 4), (8, 3), (sizes(rng, 1, 5)[0], 2))]


def _people_edges(rng):
    n_people = sizes(rng, 1)[0]
    return {
        "one window": (rng.integers(30, size=1), 3),
        "one fold": _people(rng, n_people, 1),
        "a fold for each person": _people(rng, n_people, n_people),
        "person 0": (rng.permutation([0, 0, 5, 7]), 2),
    }


@function_task(
    cases=_people_cases,
    edges=_people_edges,
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
    """Full tables; in the last one class never occurs, and one is never found."""
    cases = [rng.integers(1, 30, (k, k)) for k in sizes(rng, 3, 3)]
    absent, missed = sizes(rng, 2, 0, len(cases[2]) - 1)
    cases[2][absent] = 0
    cases[2][missed, missed] = 0
    return [(C,) for C in cases]


def _confusion_edges(rng):
    return {"one class": (rng.integers(1, 30, (1, 1)),)}


@function_task(
    cases=_confusion_cases,
    edges=_confusion_edges,
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


def _recorded_votes(rng, n_recordings, n, n_classes):
    """One recording ends in a tie, the higher class first; one never says the highest class.

    The recordings appear neither in the order of their numbers nor in reverse.
    """
    tied, modest, *others = rng.permutation(n_recordings)
    first = [tied, modest, *others]
    while sorted(first) in (first, first[::-1]):
        first = rng.permutation(n_recordings).tolist()
    owner = np.concatenate([first, rng.integers(n_recordings, size=n)])
    if np.sum(owner == tied) % 2:
        owner = np.append(owner, tied)
    y_hat = rng.integers(n_classes, size=len(owner))
    pair = [n_classes - 1, int(rng.integers(n_classes - 1))]
    y_hat[owner == tied] = np.resize(pair, np.sum(owner == tied))
    y_hat[owner == modest] %= n_classes - 1
    return y_hat, owner, n_classes


def _vote_cases(rng):
    def case(least):
        n_recordings, n_classes = sizes(rng, 2, least, least + 3)
        return _recorded_votes(rng, n_recordings, int(rng.integers(20, 42)), n_classes)

    return [case(4), case(3), case(4)]


def _vote_edges(rng):
    n_recordings, n_classes = sizes(rng, 2, 3)
    return {
        "one window": (rng.integers(n_classes, size=1), np.array([0]), n_classes),
        "one window per recording": (
            rng.integers(n_classes, size=n_recordings),
            rng.permutation(n_recordings),
            n_classes,
        ),
        "each class has one vote": (
            rng.permutation(2 * [*range(n_classes)]),
            np.repeat([0], 2 * n_classes),
            n_classes,
        ),
    }


@function_task(
    cases=_vote_cases,
    edges=_vote_edges,
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

# Steps and a share of them that is a little over a whole number in floats: 7.000000000000001.
JUST_OVER = ((25, 0.28), (25, 0.56), (50, 0.14))


def _answered(rng, B, T, K, *shares):
    """Answers that are right more often from step to step."""
    y = rng.integers(K, size=B)
    scores = rng.normal(size=(B, T, K))
    scores[np.arange(B), :, y] += np.linspace(0, 2, T) + rng.normal(size=(B, T)) / 2
    p = np.exp(scores) / np.exp(scores).sum(axis=2, keepdims=True)
    return p, y, np.array(shares)


def _just_over(rng):
    """A case in which it matters how each share is rounded."""
    T, share = JUST_OVER[rng.integers(len(JUST_OVER))]
    while True:
        args = _answered(rng, int(rng.integers(17, 23)), T, 3, share, 2.3 / T, 0.99)
        right = accuracy_seen.reference(*args)
        over, rounded = (accuracy_seen.wrong[code](*args) for code in ("float-over", "rounded"))
        if over[0] != right[0] and rounded[1] != right[1]:
            return args


def _answer_cases(rng):
    """Shares that are rounded up by much and by little, and some that are whole steps."""
    T, K = sizes(rng, 2, 5, 13)
    some = rng.permutation([0.1, 0.25, 0.5, 0.8, rng.integers(1, T) / T, 1.0])
    return [
        _answered(rng, int(rng.integers(29, 53)), T, K, *some),
        _just_over(rng),
        _answered(rng, int(rng.integers(29, 53)), 7, 4, 0.05, 0.4, rng.uniform(0.5, 0.9), 1.0),
    ]


def _answer_edges(rng):
    B, T, K = sizes(rng, 3, 3, 9)
    return {
        "one share": _answered(rng, B, T, K, 0.5),
        "one step": _answered(rng, B, 1, K, 0.01, 1.0),
        "one example": _answered(rng, 1, T, K, *rng.permutation([0.1, 0.3, 0.6, 1.0])),
        "more steps than examples": _answered(rng, 2, 30, K, 0.1, 0.5, 0.97),
    }


@function_task(
    cases=_answer_cases,
    edges=_answer_edges,
    axes="share",
    wrong={
        "one-late": edit("steps - 1", "np.minimum(steps, T - 1)"),
        "rounded": edit("np.ceil(shares * T - 1e-9)", "np.maximum(np.round(shares * T), 1)"),
        "rounded-down": edit("np.ceil(shares * T - 1e-9)", "np.maximum(shares * T + 1e-9, 1)"),
        "float-over": edit(" - 1e-9", ""),
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
