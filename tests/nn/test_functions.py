"""Activations: exact where gates are nearly shut, and for single numbers too."""

import warnings

import numpy as np
import pytest

from rnncourse.nn import GRU, LSTM
from rnncourse.nn.functions import linear, relu, sigmoid, softmax, tanh


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_nearly_shut_gate_keeps_its_digits(dtype):
    a = np.linspace(-85, 85, 1001).astype(dtype)
    want = 1 / (1 + np.exp(-a.astype(np.longdouble)))
    relative = np.abs(sigmoid(a) - want) / want
    assert relative.max() < 4 * np.finfo(dtype).eps


def test_huge_numbers_are_no_overflow():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for dtype in ("float32", "float64"):
            h = sigmoid(np.array([-1e30, 0, 1e30], dtype))
            np.testing.assert_array_equal(h, np.array([0, 0.5, 1], dtype))
            assert h.dtype == dtype


@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_layers_keep_the_digits_of_a_nearly_shut_gate(kind):
    """float32 within rounding of float64, where the gates are at e⁻¹² and the state is small."""
    results = []
    for dtype in ("float32", "float64"):
        layer = kind(1, dtype=dtype, return_sequences=True).build(1)
        layer.set_weights([np.zeros_like(w) for w in layer.get_weights()])
        if kind is LSTM:  # an integrator: i is nearly shut, f is open
            layer.b[:] = [-12, 20, 1, 0]
        else:  # h̃ is reset by r: h_tilde = tanh(r b_h), and z is half open
            layer.b[1] = [0, -12, 1]
        H = layer.forward(np.zeros((1, 200, 1)))
        layer.backward(np.ones((1, 200, 1)))
        results.append((H, layer.grads[-1]))
    for got, want in zip(*results, strict=True):
        np.testing.assert_allclose(got, want, rtol=2e-5, atol=2e-8)  # 1 - f has no more


def test_an_exhausted_gate_makes_no_warning():
    layer = LSTM(2).build(1)
    layer.b[:] = -1e4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not layer.forward(np.ones((1, 3, 1))).any()


@pytest.mark.parametrize("function", [sigmoid, tanh, relu, linear], ids=lambda f: f.name)
@pytest.mark.parametrize("number", [0.5, -2, np.float32(0.5), np.array(0.5), [0.5, -1]])
def test_single_numbers_and_lists(function, number):
    as_array = np.atleast_1d(np.asarray(number, float))
    for f in (function, function.derivative):
        got = f(number)
        np.testing.assert_allclose(got, f(as_array).reshape(np.shape(number)), rtol=1e-6)
        assert np.shape(got) == np.shape(number)


def test_softmax_takes_whole_numbers_and_lists():
    np.testing.assert_allclose(softmax([0, 0]), [0.5, 0.5])
