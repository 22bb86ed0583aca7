"""Digits, photographs, clips and watch recordings: as their docstrings promise, parts apart."""

import numpy as np
import pytest

from rnncourse.data import (
    basic_motions,
    digits,
    motion_results,
    photographs,
    synthetic_camera,
    synthetic_moving_digits,
    watch_exercises,
)


def distinct(rows):
    """The rows as a set of bytes."""
    return {np.ascontiguousarray(row).tobytes() for row in rows}


# --- digits and photographs


def test_digits_are_all_there_and_their_parts_are_different_images():
    data = digits.load()
    assert len(data) == 1797
    assert (data.image.min(), data.image.max()) == (0, 1)
    assert set(data.label) == set(range(10))
    train, test = data.part("train"), data.part("test")
    assert (len(train), len(test)) == (1200, 597)
    assert not distinct(train.image) & distinct(test.image)
    with pytest.raises(ValueError, match="choose 'train' or 'test'"):
        data.part("validation")


def test_photographs_are_grey_and_small_and_their_parts_are_different_ones():
    images = photographs.load()
    assert set(images) == {*photographs.TRAIN, *photographs.TEST}
    assert not set(photographs.TRAIN) & set(photographs.TEST)
    assert all(min(image.shape) == 120 for image in images.values())
    assert all(image.std() > 10 for image in images.values())


# --- clips

SYNTHETIC = (synthetic_moving_digits, synthetic_camera)


@pytest.mark.parametrize("module", SYNTHETIC)
def test_clips_have_the_shape_asked_for_and_all_classes_equally_often(module):
    clips = module.load(np.random.default_rng(0), 48, n_frames=5, size=22)
    assert clips.X.shape == (48, 5, 22, 22, 1)
    assert clips.X.dtype == np.uint8
    names = getattr(module, "MOTIONS", None) or module.MOVES
    assert set(np.bincount(clips.y)) == {48 // len(names)}
    again = module.load(np.random.default_rng(0), 48, n_frames=5, size=22)
    assert (clips.X == again.X).all()


@pytest.mark.parametrize("module", SYNTHETIC)
@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"n_frames": 1}, "one frame shows no motion, give at least 2"),
        ({"part": "other"}, "choose 'train' or 'test'"),
    ],
)
def test_what_gives_no_clip_is_named(module, options, says):
    with pytest.raises(ValueError, match=says):
        module.load(np.random.default_rng(0), 8, **options)


def test_frames_too_small_or_too_large_are_named():
    with pytest.raises(ValueError, match="give at least 20"):
        synthetic_moving_digits.load(np.random.default_rng(0), 8, size=8)
    with pytest.raises(ValueError, match="give at most 40"):
        synthetic_camera.load(np.random.default_rng(0), 8, size=100)


def test_training_and_test_clips_show_different_digits_and_photographs():
    rng = np.random.default_rng(0)
    for part, n in (("train", 1200), ("test", 597)):
        clips = synthetic_moving_digits.load(rng, 64, part)
        pool = digits.load().part(part)
        assert clips.image.max() < n
        assert (pool.label[clips.image] == clips.digit).all()
    seen = {p: set(synthetic_camera.load(rng, 200, p).photograph) for p in ("train", "test")}
    assert seen == {"train": set(photographs.TRAIN), "test": set(photographs.TEST)}


def steps(X):
    """(clip, time - 1, 2): how far the light moves from frame to frame, edges joined."""
    size, light = X.shape[2], X[..., 0].astype(float)
    turn = np.exp(2j * np.pi * np.arange(size) / size)
    angles = [np.angle(light.sum(axis=axis) @ turn) for axis in (3, 2)]  # rows, columns
    gone = np.diff(np.stack(angles, axis=-1), axis=1)
    return ((gone + np.pi) % (2 * np.pi) - np.pi) * size / (2 * np.pi)


def test_digits_move_as_their_class_says():
    clips = synthetic_moving_digits.load(np.random.default_rng(3), 400)
    down, right = steps(clips.X).mean(axis=1).T
    for k, (name, (to_right, to_down)) in enumerate(synthetic_moving_digits.DIRECTIONS.items()):
        mine = clips.y == k
        along = to_right * right[mine] + to_down * down[mine]
        across = to_down * right[mine] - to_right * down[mine]
        assert 0.9 < along.min() < along.max() < 2.1, name  # pixels a frame
        assert np.abs(across).max() < 0.2, name


@pytest.mark.parametrize("t", [0, 3, 7])
def test_the_place_in_a_single_frame_tells_no_direction(t):
    clips = synthetic_moving_digits.load(np.random.default_rng(4), 4000)
    columns = clips.X[:, t, :, :, 0].astype(float).sum(axis=1)
    right, left = (columns[clips.y == k].mean(axis=0) for k in (0, 1))
    assert np.abs(right - left).max() < 0.3 * (right + left).mean() / 2


def test_a_clip_played_backwards_shows_the_neighbouring_motion():
    clips = synthetic_moving_digits.load(np.random.default_rng(3), 80)
    back = synthetic_moving_digits.reverse(clips)
    pairs = {frozenset(synthetic_moving_digits.MOTIONS[k] for k in (y, y ^ 1)) for y in range(8)}
    assert frozenset({"up left", "down right"}) in pairs
    assert len(pairs) == 4
    assert (back.y == clips.y ^ 1).all()
    assert (clips.X[:, ::-1] == back.X).all()


def test_a_camera_that_pans_right_sees_things_move_left():
    clips = synthetic_camera.load(np.random.default_rng(0), 120, n_frames=3)
    right = clips.X[clips.y == 0, ..., 0].astype(float)
    same = np.abs(right[:, 1] - right[:, 0]).mean()
    moved = np.abs(right[:, 1, :, :-2] - right[:, 0, :, 2:]).mean()
    assert moved < 0.8 * same


def test_bilinear_is_the_mean_of_its_neighbours():
    image = np.arange(12.0).reshape(1, 3, 4)
    got = synthetic_moving_digits.bilinear(image, 0, np.array([0.5, 1.0]), np.array([1.5, 2.0]))
    np.testing.assert_allclose(got, [3.5, 6.0])


# --- recordings of people


def test_basic_motions_has_ten_of_each_activity_and_no_recording_twice():
    train, test = basic_motions.load()
    assert train.X.shape == test.X.shape == (40, 100, 6)
    assert np.bincount(train.y).tolist() == np.bincount(test.y).tolist() == [10] * 4
    assert len(distinct(train.X) | distinct(test.X)) == 80
    spread = {name: train.X[train.y == k].std() for k, name in enumerate(train.names)}
    assert spread["standing"] < spread["walking"] < spread["running"]


def test_every_person_did_every_exercise_with_both_arms_once():
    data = watch_exercises.load()
    done = set(zip(data.person.tolist(), data.y.tolist(), data.arm.tolist(), strict=True))
    assert len(data) == len(done) == 10 * 7 * 2
    assert set(data.person.tolist()) == set(range(1, 11))
    assert len(distinct(data.X)) == 140
    seconds = np.array([len(x) for x in data.X]) / watch_exercises.RATE
    assert 18 < seconds.min() < seconds.max() < 53
    assert all(x.shape[1] == 6 and np.isfinite(x).all() for x in data.X)


def test_the_accelerometer_feels_gravity():
    strength = [np.linalg.norm(x[:, :3], axis=1).mean() for x in watch_exercises.load().X]
    assert 0.9 < min(strength) < np.median(strength) < 1.3


def test_mirrored_left_arms_are_like_right_arms():
    measured = watch_exercises.load()

    def apart(data):
        means = {arm: [] for arm in ("left", "right")}
        for arm, found in means.items():
            for k in range(7):
                mine = [x.mean(axis=0) for x, y, a in zip(data.X, data.y, data.arm, strict=True)
                        if (y, a) == (k, arm)]  # fmt: skip
                found.append(np.mean(mine, axis=0)[:3])
        return np.linalg.norm(np.subtract(means["left"], means["right"]), axis=1)

    mirrored = watch_exercises.to_right_arm(measured)
    assert apart(measured).max() > 1.5
    assert apart(mirrored).max() < 0.3
    right = measured.arm == "right"
    assert all((mirrored.X[i] == measured.X[i]).all() for i in np.flatnonzero(right))


# --- what a script measured


def test_results_are_shares_of_three_seeds():
    results = motion_results.load()
    for network in (*results["camera"].values(), *results["films"].values()):
        for part in ("train", "test"):
            assert len(network[part]) == 3
            assert all(0 < share <= 1 for share in network[part])
    assert set(results["camera"]["two by two"]["photograph"]) == set(photographs.TEST)
    assert {np.shape(shares) for shares in results["people"].values()} == {(3, 10)}
