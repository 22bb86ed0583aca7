"""What the explorers compute, held against the engine, finite differences and hand-made cases."""

import numpy as np
import pytest

from rnncourse import language, widgets
from rnncourse.data import moving_digits_reader, seattle_weather, synthetic_moving_digits
from rnncourse.nn import GRUCell, LSTMCell, SimpleRNN, SimpleRNNCell
from rnncourse.nn.gradcheck import numeric_gradient
from rnncourse.widgets import (
    _gates,
    _gradient_flow,
    _play_frames,
    _stepper,
    _task_shapes,
    _two_units,
)
from rnncourse.widgets._bptt_by_hand import PAPER, sums, unfold


@pytest.fixture(autouse=True)
def _english():
    before, language._chosen = language._chosen, "en"
    yield
    language._chosen = before


# --- bptt_by_hand


def other_numbers(T=4, D=2, N=2):
    rng = np.random.default_rng(5)
    shapes = {"X": (T, D), "W": (D, N), "U": (N, N), "b": (N,), "W_y": (N, 1), "b_y": (1,)}
    numbers = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    return numbers | {"y": rng.normal(size=1), "h_0": rng.normal(size=N)}


@pytest.mark.parametrize("numbers", [PAPER, other_numbers(), other_numbers(T=1, D=1)])
def test_the_shares_add_up_to_the_finite_differences(numbers):
    numbers = {name: array.copy() for name, array in numbers.items()}
    added = sums(unfold(**numbers)[3])
    for name in ("W", "U", "b", "W_y", "b_y"):
        measured = numeric_gradient(lambda: unfold(**numbers)[2], numbers[name])
        got = np.reshape(added[f"d{name}"], measured.shape)
        np.testing.assert_allclose(got, measured, rtol=1e-6, atol=1e-8)


def test_the_last_product_is_the_gradient_of_the_first_state():
    numbers = other_numbers()
    products = unfold(**numbers)[3]
    assert [p.name for p in products[-5:]] == ["da_1", "dW", "dU", "db", "dh_0"]
    measured = numeric_gradient(lambda: unfold(**numbers)[2], numbers["h_0"])
    np.testing.assert_allclose(products[-1].value, measured, rtol=1e-6)


def test_every_product_shows_factors_that_give_its_value():
    for product in unfold(**other_numbers())[3]:
        arrays = [f for f in product.factors if not isinstance(f, str)]
        signs = [f for f in product.factors if isinstance(f, str)]
        if signs == ["2 (", "−", ")"]:
            value = 2 * (arrays[0] - arrays[1])
        elif signs == ["⊙"]:
            value = arrays[0] * arrays[1]
        elif len(arrays) == 1:
            value = arrays[0]
        else:
            value = np.atleast_2d(arrays[0]) @ np.atleast_2d(arrays[1])
        np.testing.assert_allclose(np.ravel(value), np.ravel(product.value))


# --- gradient_flow


@pytest.mark.parametrize("cell", list(_gradient_flow.CELLS))
def test_flow_is_the_derivative_of_the_last_state(cell):
    T, t = 6, 2
    unit, X = _gradient_flow._network(1.1, "tanh", T, cell, 0.5, seed=0)

    nudge = [np.zeros((1, _gradient_flow.N)) for _ in range(2 if cell == "LSTM" else 1)]

    def end():
        """The sum that flow sends back, when the state after step t is nudged."""
        state = tuple(np.zeros_like(n) for n in nudge)
        for k, x_t in enumerate(X, start=1):
            state = unit.step(x_t, *state)
            state = state if cell == "LSTM" else (state,)
            if k == t:
                state = tuple(s + n for s, n in zip(state, nudge, strict=True))
        return state[0].sum() / np.sqrt(_gradient_flow.N)

    measured = [numeric_gradient(end, part)[0] for part in nudge]
    want = np.sqrt(sum(m**2 for m in measured))
    got = _gradient_flow.run_flow(1.1, "tanh", T, cell, 0.5)
    np.testing.assert_allclose(got.dH[t - 1], want, rtol=1e-5, atol=1e-9)
    assert got.norms[-1] == pytest.approx(1)


def test_linear_orthogonal_flow_is_the_power_of_its_scale():
    norms = _gradient_flow.run_flow(0.8, "linear", 30).norms
    np.testing.assert_allclose(norms, 0.8 ** np.arange(29, -1, -1))


def test_flow_vanishes_explodes_and_lives_as_the_lesson_says():
    assert _gradient_flow.run_flow(0.9).norms[0] < 1e-2
    assert _gradient_flow.run_flow(1.2, "linear").norms[0] > 1e3
    assert _gradient_flow.run_flow(0.9, cell="LSTM", gate_bias=3).norms[0] > 1
    assert _gradient_flow.run_flow(0.9, cell="GRU", gate_bias=6).norms[0] > 0.5
    assert _gradient_flow.run_flow(0.9, cell="LSTM", gate_bias=-2).norms[0] < 1e-6


def test_clipping_shrinks_all_steps_alike_and_only_above_the_threshold():
    norms = np.array([1e-6, 1.0, 50.0])
    np.testing.assert_allclose(_gradient_flow.clipped(norms, 100.0, 10.0), norms / 10)
    assert _gradient_flow.clipped(norms, 5.0, 10.0) == pytest.approx(norms)
    assert _gradient_flow.clipped(norms, 100.0, 0.0) is norms


# --- gates


def logit(p):
    return np.log(p) - np.log1p(-p)


def random_gates(cell, T, rng):
    return {letter: rng.uniform(0.05, 0.95, T) for letter in _gates.GATES[cell]}


@pytest.mark.parametrize("u", [0.0, 0.7])
def test_set_gates_are_the_engines_cell_with_their_biases(u):
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, 9)
    for cell in _gates.GATES:
        opened = random_gates(cell, len(x), rng)
        answer = _gates.run_gates(cell, x, opened, u)
        state = (np.zeros((1, 1)),) * (2 if cell == "LSTM" else 1)
        for t, x_t in enumerate(x):
            set_to = {letter: logit(values[t]) for letter, values in opened.items()}
            if cell == "LSTM":  # blocks i, f, c, o
                b = np.array([set_to["i"], set_to["f"], 0.0, set_to["o"]])
                W, U = np.array([[0, 0, 1.0, 0]]), np.array([[0, 0, u, 0]])
                state = LSTMCell(W, U, b).step(np.array([[x_t]]), *state)
            else:  # blocks z, r, h
                b = np.array([set_to["z"], set_to["r"], 0.0])
                W, U = np.array([[0, 0, 1.0]]), np.array([[0, 0, u]])
                made = GRUCell(W, U, b, reset_after=False).step(np.array([[x_t]]), *state)
                state = (made,)
            assert answer.h[t] == pytest.approx(state[0][0, 0])
            assert answer.c[t] == pytest.approx(state[-1][0, 0])


@pytest.mark.parametrize("cell", list(_gates.GATES))
def test_the_gates_answer_is_the_derivative_of_the_last_output(cell):
    rng = np.random.default_rng(3)
    x, T = rng.uniform(-1, 1, 7), 7
    opened = random_gates(cell, T, rng)
    answer = _gates.run_gates(cell, x, opened, 0.6)
    measured = numeric_gradient(lambda: _gates.run_gates(cell, x, opened, 0.6).h[-1], x)
    np.testing.assert_allclose(answer.dx, measured, rtol=1e-6, atol=1e-9)
    lets_in = opened["i"] if cell == "LSTM" else 1 - opened["z"]
    through_x = answer.dstate * lets_in * (1 - answer.candidate**2)
    np.testing.assert_allclose(through_x, measured, rtol=1e-6, atol=1e-9)


def test_the_state_answer_of_an_lstm_with_a_shut_input_gate_is_the_product_of_forget_gates():
    T = 8
    f = np.linspace(0.5, 1, T)
    opened = {"i": np.eye(T)[0], "f": f, "o": np.eye(T)[-1]}
    answer = _gates.run_gates("LSTM", _gates.SEQUENCE[:T], opened, 0.9)
    end = answer.dstate[-1]
    np.testing.assert_allclose(answer.dstate, [end * np.prod(f[t + 1 :]) for t in range(T)])


def test_patterns_do_what_they_are_called():
    x, T = _gates.SEQUENCE, len(_gates.SEQUENCE)
    for cell in _gates.GATES:
        for name, only in (("keep step 2 to the end", 2), ("erase at step 7", None)):
            answer = _gates.run_gates(cell, x, _gates.pattern(cell, name, T), _gates.HEARS[cell])
            if only:
                assert list(np.flatnonzero(np.abs(answer.dx) > 0.01) + 1) == [only]
            else:
                assert np.abs(answer.dx[:6]).max() < 1e-12


# --- two_units


def test_fixed_points_stay_and_are_told_apart():
    points, stable = _two_units.fixed_points(np.diag([2.0, 0.8]), np.array([-0.1, 0.0]))
    np.testing.assert_allclose(np.tanh(points @ np.diag([2.0, 0.8]) + [-0.1, 0]), points, atol=1e-9)
    assert stable.tolist() == [True, False, True]
    assert points[:, 0] == pytest.approx([-0.965, 0.103, 0.947], abs=0.01)
    assert len(_two_units.fixed_points(2 * np.eye(2), np.zeros(2))[0]) == 9


@pytest.mark.parametrize(
    ("name", "memory"),
    [("both forget", range(10, 40)), ("a spiral", range(10, 40)), ("a clock", [None])],
)
def test_patterns_remember_as_long_as_they_are_said_to(name, memory):
    assert _two_units.run_impulse(*_two_units.PATTERNS[name]).memory in memory


def test_a_latch_keeps_and_a_lone_unit_forgets_at_once():
    assert _two_units.run_impulse(*next(iter(_two_units.PATTERNS.values()))).memory is None
    assert _two_units.run_impulse((1, 0), np.zeros((2, 2)), (0, 0)).memory == 1
    assert _two_units.run_impulse((0, 0), np.eye(2) / 2, (0, 0)).memory == 0


def test_an_impulse_runs_through_the_engines_cell():
    W, U, b = (np.array(a, dtype=float) for a in _two_units.PATTERNS["a spiral"])
    H = _two_units.run_impulse(W, U, b, T=5).H
    layer = SimpleRNN(2, return_sequences=True, dtype="float64")
    layer.build(1)
    layer.set_weights([W[None], U, b])
    X = np.array([1.0, 0, 0, 0, 0]).reshape(1, 5, 1)
    np.testing.assert_allclose(layer.forward(X, initial_state=H[None, 0])[0], H[1:], atol=1e-12)


# --- task_shapes


@pytest.mark.parametrize("kind", list(_task_shapes.KINDS))
def test_arrays_of_these_shapes_really_come_out(kind):
    B, T, D, N, K, T_out = 3, 4, 2, 5, 6, 7
    graph = _task_shapes.unroll(kind, B, T, D, N, K, T_out)
    w = {name: np.zeros(shape) for name, shape in graph.weights.items()}
    reads = np.zeros(graph.arrays["X" if "X" in graph.arrays else "x"][0])
    states, answers, h = [], [], np.zeros((B, N))
    n_encoder = 0
    for t, (x_in, y_out, decodes) in enumerate(graph.columns):
        n_encoder += not decodes
        if decodes:
            before = answers[-1] if answers else np.zeros((B, K))
            h = np.tanh(before @ w["W′"] + h @ w["U′"] + w["b′"])
        else:
            x_t = (reads[:, t] if reads.ndim == 3 else reads) if x_in else np.zeros((B, D))
            h = SimpleRNNCell(w["W"], w.get("U", np.zeros((N, N))), w["b"]).step(x_t, h)
        states.append(h)
        if y_out:
            answers.append(h @ w["W_y"] + w["b_y"])
    want = {name: shape for name, (shape, _) in graph.arrays.items()}
    assert want["ŷ"] == (
        np.stack(answers, axis=1).shape if len(want["ŷ"]) == 3 else answers[0].shape
    )
    for name, stacked in (("H", states), ("H′", states[n_encoder:])):
        if name in want:
            assert want[name] == np.stack(stacked, axis=1).shape
    assert all(len(shape) == len(axes) for shape, axes in graph.arrays.values())


def test_the_number_of_weights_does_not_know_the_length():
    short, long = (_task_shapes.unroll("many to many", T=T) for T in (2, 6))
    assert short.n_weights == long.n_weights == 3 * 5 + 5 * 5 + 5 + 5 * 2 + 2
    with pytest.raises(ValueError, match="one of"):
        _task_shapes.unroll("many to none")


# --- play_frames


def test_convolve_is_the_sum_over_a_window():
    rng = np.random.default_rng(1)
    X, kernel, bias = (
        rng.normal(size=(2, 9, 8, 3)),
        rng.normal(size=(4, 2, 3, 5)),
        rng.normal(size=5),
    )
    Y = _play_frames.convolve(X, kernel, bias)
    assert Y.shape == (2, 3, 4, 5)
    want = (X[1, 2:6, 4:6, :, None] * kernel).sum(axis=(0, 1, 2)) + bias
    np.testing.assert_allclose(Y[1, 1, 2], want)


def test_frames_are_read_as_keras_reads_them():
    pytest.importorskip("keras")
    from tools.data import moving_digits_reader as script

    weights = moving_digits_reader.load()
    model, by_name = script.build()
    for name, arrays in weights.items():
        by_name[name].set_weights(arrays)
    clip = _play_frames._examples()["up right"]
    reading = _play_frames.read_frames(clip, weights)
    want = model.predict(clip[None, ..., None] / np.float32(255), verbose=0)[0]
    np.testing.assert_allclose(reading.p, want, atol=1e-4)


def test_the_reader_knows_nothing_after_one_frame_and_nearly_all_after_three():
    clips = synthetic_moving_digits.load(np.random.default_rng(0), 96, "test")
    weights = moving_digits_reader.load()
    said = [_play_frames.read_frames(X[..., 0], weights).p.argmax(axis=1) for X in clips.X]
    right = (np.array(said) == clips.y[:, None]).mean(axis=0)
    assert right[0] < 0.3
    assert right[2] > 0.9
    assert right[-1] > 0.97


# --- stepper


def test_steps_are_the_engines_layer():
    rng = np.random.default_rng(0)
    X, W, U, b = (
        rng.normal(size=(7, 2)),
        rng.normal(size=(2, 2)),
        rng.normal(size=(2, 2)),
        np.ones(2),
    )
    layer = SimpleRNN(2, return_sequences=True, dtype="float64")
    layer.build(2)
    layer.set_weights([W, U, b])
    H = _stepper.run_steps(X, W, U, b, h_0=np.array([0.5, -0.5]))
    want = layer.forward(X[None], initial_state=np.array([[0.5, -0.5]]))[0]
    np.testing.assert_allclose(H[1:], want, atol=1e-12)


def not_written(x_t, h_prev, W, U, b):
    raise NotImplementedError


def transposed(x_t, h_prev, W, U, b):
    return W.T @ x_t.T + U @ h_prev.T


def grows(x_t, h_prev, W, U, b):
    return (h_prev + 2) ** 9


MISSTEPS = {
    "still to be written": not_written,
    "has to be a function": "tanh",
    "stopped at step 1: ZeroDivisionError": lambda *a: 1 / 0,
    "returned nothing": lambda *a: None,
    "not an array of numbers": lambda *a: "h_t",
    r"shape \(2, 1\), expected \(1, 2\)": transposed,
    "nan or infinity": grows,
    "takes 2 positional arguments": lambda x_t, h_prev: h_prev,
}


@pytest.mark.parametrize("says", MISSTEPS)
def test_a_misstep_is_named(says):
    with np.errstate(over="ignore"), pytest.raises(_stepper.Misstep, match=says):
        _stepper.run_steps(np.ones((9, 1)), **_stepper.WEIGHTS, step=MISSTEPS[says])


def test_missteps_speak_chinese_too():
    assert (
        language.table("widgets._stepper", "zh").keys()
        == language.table("widgets._stepper", "en").keys()
    )
    language.use("zh")
    with pytest.raises(_stepper.Misstep, match="没有返回值"):
        _stepper.run_steps(np.ones((9, 1)), **_stepper.WEIGHTS, step=lambda *a: None)


def test_a_step_that_changes_its_arguments_does_no_harm():
    def careless(x_t, h_prev, W, U, b):
        W *= 0
        h_prev += 1
        return h_prev

    H = _stepper.run_steps(np.ones((3, 1)), **_stepper.WEIGHTS, step=careless)
    assert H[:, 0].tolist() == [0, 1, 2, 3]
    assert _stepper.WEIGHTS["W"].any()


def test_public_names():
    assert all(hasattr(widgets, name) for name in widgets.__all__)


def test_the_steppers_rain_is_the_datasets():
    rain, names = _stepper._rain()
    weather = seattle_weather.load()
    first = int(np.searchsorted(weather.date, _stepper.FIRST_DAY))
    assert np.array_equal(rain[:, 0], weather.precipitation[first : first + len(rain)] / 10)
    assert (names[0], names[-1], len(names)) == ("25 Aug", "23 Sep", len(rain))
