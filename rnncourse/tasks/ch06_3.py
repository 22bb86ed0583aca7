"""Tasks of lesson 6.3, video and action: clips, windows, people, and a network for strangers.

Keras is imported inside functions only, so that a NumPy task never waits for TensorFlow.
"""

import numpy as np

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


def _clips(film, n_frames):
    n = len(film) // n_frames
    return film[: n * n_frames].reshape(n, n_frames, *film.shape[1:], 1) / 255


def _each(f, clips):
    return f(clips.reshape(-1, *clips.shape[2:])).reshape(*clips.shape[:2], -1)


def _film(cut=_clips, each=_each):
    def wrong(f, film, n_frames):
        clips = cut(film, n_frames)
        return clips, each(f, clips)

    return wrong


def _interleaved(film, n_frames):
    n = len(film) // n_frames
    return np.stack([film[k : n * n_frames : n] for k in range(n)])[..., None] / 255


def _sliding(film, n_frames):
    starts = range(len(film) - n_frames + 1)
    return np.stack([film[k : k + n_frames] for k in starts])[..., None] / 255


def _from_the_end(film, n_frames):
    return _clips(film[len(film) % n_frames :], n_frames)


def _filled_up(film, n_frames):
    missing = -len(film) % n_frames
    return _clips(np.concatenate([film, np.zeros((missing, *film.shape[1:]))]), n_frames)


def _time_first(f, clips):
    return np.stack([f(clips[:, t]) for t in range(clips.shape[1])])


def _mixed(f, clips):
    flat = f(clips.swapaxes(0, 1).reshape(-1, *clips.shape[2:]))
    return flat.reshape(*clips.shape[:2], -1)


@function_task(
    cases=_film_cases,
    axes={"clips": "clip time row column channel", "features": "clip time feature"},
    wrong={
        "bytes": _film(lambda film, T: 255 * _clips(film, T)),
        "interleaved": _film(_interleaved),
        "sliding": _film(_sliding),
        "from-the-end": _film(_from_the_end),
        "filled-up": _film(_filled_up),
        "time-first": _film(each=_time_first),
        "mixed": _film(each=_mixed),
        "flat": _film(each=lambda f, clips: f(clips.reshape(-1, *clips.shape[2:]))),
        "averaged": _film(each=lambda f, clips: _each(f, clips).mean(axis=1)),
        "last-frame": _film(each=lambda f, clips: f(clips[:, -1])),
        "no-channel": lambda f, film, T: (
            _clips(film, T)[..., 0],
            _each(f, _clips(film, T)),
        ),
        "channel-second": lambda f, film, T: (
            np.moveaxis(_clips(film, T), -1, 2),
            _each(f, _clips(film, T)),
        ),
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


def _starts(n, length, step):
    return range(0, n - length + 1, step)


def _cut(series, lengths, length, step, starts=_starts, filled=False):
    X, owner, first = [], [], []
    for k, x in enumerate(np.split(series, np.cumsum(lengths)[:-1])):
        for start in starts(len(x), length, step):
            piece = np.zeros((length, x.shape[1]))
            piece[: len(x) - start] = x[start : start + length]
            X, owner, first = [*X, piece], [*owner, k], [*first, start]
    return (np.array(X), np.array(owner), np.array(first))[: 3 if filled else 2]


def _across(series, lengths, length, step):
    owner = np.repeat(np.arange(len(lengths)), lengths)
    starts = list(_starts(len(series), length, step))
    return np.stack([series[start : start + length] for start in starts]), owner[starts]


def _with_starts(starts):
    return lambda *case: _cut(*case, starts)


def _then(change):
    return lambda *case: change(*_cut(*case))


@function_task(
    cases=_recording_cases,
    axes={"X": "window time sensor", "owner": "window"},
    wrong={
        "across": _across,
        "last-lost": _with_starts(lambda n, T, s: range(0, n - T, s)),
        "step-ignored": _with_starts(lambda n, T, s: _starts(n, T, 1)),
        "step-is-length": _with_starts(lambda n, T, s: _starts(n, T, T)),
        "one-each": _with_starts(lambda n, T, s: _starts(n, T, s)[:1]),
        "from-the-end": _with_starts(lambda n, T, s: sorted(range(n - T, -1, -s))),
        "last-filled": _with_starts(lambda n, T, s: range(0, n, s)),
        "owner-is-window": _then(lambda X, owner: (X, np.arange(len(X)))),
        "owner-from-one": _then(lambda X, owner: (X, owner + 1)),
        "owner-is-start": lambda *case: _cut(*case, filled=True)[::2],
        "sensor-second": _then(lambda X, owner: (X.swapaxes(1, 2), owner)),
        "first-recording": lambda series, lengths, *a: _cut(series[: lengths[0]], lengths[:1], *a),
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


def _rank(person):
    return np.unique(person, return_inverse=True)[1]


def _appearance(person, n_folds):
    seen = list(dict.fromkeys(person.tolist()))
    return np.array([seen.index(p) for p in person.tolist()]) % n_folds


def _blocks(person, n_folds):
    size = -(-len(np.unique(person)) // n_folds)
    return _rank(person) // size


@function_task(
    cases=_people_cases,
    axes="window",
    wrong={
        "by-window": lambda person, n: np.arange(len(person)) % n,
        "by-window-blocks": lambda person, n: np.arange(len(person)) * n // len(person),
        "number-not-rank": lambda person, n: person % n,
        "appearance": _appearance,
        "divided": lambda person, n: _rank(person) // n,
        "blocks": _blocks,
        "from-one": lambda person, n: _rank(person) % n + 1,
        "rank": lambda person, n: _rank(person),
        "per-person": lambda person, n: np.arange(len(np.unique(person))) % n,
        "backwards": lambda person, n: (len(np.unique(person)) - 1 - _rank(person)) % n,
        "first-only": lambda person, n: (_rank(person) % n == 0).astype(int),
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


def _without_warning(function):
    def quiet(C):
        with np.errstate(divide="ignore", invalid="ignore"):
            return function(C)

    return quiet


def _recall(C):
    return C.diagonal() / C.sum(axis=1)


def _f1(C):
    precision = C.diagonal() / C.sum(axis=0)
    return 2 * precision * _recall(C) / (precision + _recall(C))


@function_task(
    cases=_confusion_cases,
    axes="class",
    wrong={
        name: _without_warning(function)
        for name, function in {
            "precision": lambda C: C.diagonal() / C.sum(axis=0),
            "of-all": lambda C: C.diagonal() / C.sum(),
            "accuracy": lambda C: C.trace() / C.sum(),
            "mean": lambda C: np.nanmean(_recall(C)),
            "counts": lambda C: C.diagonal(),
            "missed": lambda C: 1 - _recall(C),
            "zero-for-absent": lambda C: np.nan_to_num(_recall(C)),
            "absent-left-out": lambda C: _recall(C)[C.sum(axis=1) > 0],
            "whole-matrix": lambda C: C / C.sum(axis=1, keepdims=True),
            "without-itself": lambda C: C.diagonal() / (C.sum(axis=1) - C.diagonal()),
            "f1": _f1,
            "largest": lambda C: C.max(axis=1) / C.sum(axis=1),
        }.items()
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


def _by_recording(rule):
    return lambda y_hat, owner, n: np.array([rule(y_hat[owner == k], n) for k in np.unique(owner)])


def _tally(classes, n):
    return np.bincount(classes, minlength=n)


def _highest_wins(classes, n):
    return n - 1 - _tally(classes, n)[::-1].argmax()


@function_task(
    cases=_vote_cases,
    axes="recording",
    wrong={
        "mean": _by_recording(lambda classes, n: round(classes.mean())),
        "mean-not-rounded": _by_recording(lambda classes, n: classes.mean()),
        "median": _by_recording(lambda classes, n: np.median(classes)),
        "first-window": _by_recording(lambda classes, n: classes[0]),
        "last-window": _by_recording(lambda classes, n: classes[-1]),
        "highest-class": _by_recording(lambda classes, n: classes.max()),
        "tie-to-highest": _by_recording(_highest_wins),
        "least-frequent": _by_recording(lambda classes, n: _tally(classes, n).argmin()),
        "how-many": _by_recording(lambda classes, n: _tally(classes, n).max()),
        "all-together": lambda y_hat, owner, n: np.full(
            len(np.unique(owner)), _tally(y_hat, n).argmax()
        ),
        "per-window": lambda y_hat, owner, n: vote.reference(y_hat, owner, n)[owner],
        "appearance": lambda y_hat, owner, n: vote.reference(y_hat, owner, n)[
            list(dict.fromkeys(owner.tolist()))
        ],
    },
)
def vote(y_hat, owner, n_classes):
    winners = []
    for k in range(owner.max() + 1):
        votes = np.bincount(y_hat[owner == k], minlength=n_classes)
        winners.append(votes.argmax())  # the first of equals
    return np.array(winners)


# --- how soon does it know? ---------------------------------------------------------------------

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


def _steps(T, shares):
    """The last step that has been seen; 1e-9 keeps 0.1 · 10 from being a little over 1."""
    return np.ceil(shares * T - 1e-9).astype(int) - 1


def _hits(p, y):
    return p.argmax(axis=2) == y[:, None]


def _seen(change):
    """`change(p, y, t)` for each share's last step t."""
    return lambda p, y, shares: np.array([change(p, y, t) for t in _steps(p.shape[1], shares)])


def _one_late(p, y, shares):
    t = np.minimum(np.ceil(shares * p.shape[1] - 1e-9).astype(int), p.shape[1] - 1)
    return _hits(p, y)[:, t].mean(axis=0)


def _rounded(p, y, shares):
    t = np.maximum(np.round(shares * p.shape[1]).astype(int) - 1, 0)
    return _hits(p, y)[:, t].mean(axis=0)


def _rounded_down(p, y, shares):
    t = np.maximum((shares * p.shape[1] + 1e-9).astype(int) - 1, 0)
    return _hits(p, y)[:, t].mean(axis=0)


@function_task(
    cases=_answer_cases,
    axes="share",
    wrong={
        "one-late": _one_late,
        "rounded": _rounded,
        "rounded-down": _rounded_down,
        "mean-so-far": _seen(lambda p, y, t: _hits(p, y)[:, : t + 1].mean()),
        "mean-probability": _seen(
            lambda p, y, t: np.mean(p[:, : t + 1].mean(axis=1).argmax(axis=1) == y)
        ),
        "surest-so-far": _seen(
            lambda p, y, t: np.mean(p[:, : t + 1].max(axis=1).argmax(axis=1) == y)
        ),
        "right-once": _seen(lambda p, y, t: _hits(p, y)[:, : t + 1].any(axis=1).mean()),
        "always-right": _seen(lambda p, y, t: _hits(p, y)[:, : t + 1].all(axis=1).mean()),
        "only-the-end": _seen(lambda p, y, t: _hits(p, y)[:, -1].mean()),
        "counts": _seen(lambda p, y, t: _hits(p, y)[:, t].sum()),
        "errors": _seen(lambda p, y, t: 1 - _hits(p, y)[:, t].mean()),
        "probability": _seen(lambda p, y, t: p[np.arange(len(y)), t, y].mean()),
        "every-step": lambda p, y, shares: _hits(p, y).mean(axis=0),
        "from-the-end": _seen(lambda p, y, t: _hits(p, y)[:, -1 - t].mean()),
    },
    points=3,
)
def accuracy_seen(p, y, shares):
    T = p.shape[1]
    steps = np.ceil(shares * T - 1e-9).astype(int)  # how many steps have been seen
    right = p.argmax(axis=2) == y[:, None]  # (B, T)
    return right[:, steps - 1].mean(axis=0)


# --- stretch: exercises of people who were never seen --------------------------------------------


def _same_class(X, y, person):
    return lambda X: np.tile(np.eye(7)[3], (len(X), 1))


def _guesses(X, y, person):
    return lambda X: np.random.default_rng(0).uniform(size=(len(X), 7))


def _upside_down(X, y, person):
    scores = by_statistics(X, y)
    return lambda X: -scores(X)


def _neighbour(X, y, person):
    scores = by_statistics(X, y)
    return lambda X: np.roll(scores(X), 1, axis=1)


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
        "one-class": _same_class,
        "guesses": _guesses,
        "upside-down": _upside_down,
        "shifted": _neighbour,
        "level": lambda X, y, person: by_statistics(X, y),
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
