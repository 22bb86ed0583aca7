"""Activations, softmax and the two initialisers: the smallest pieces of the engine.

The derivative of each activation is written with the activation's own *output*, because the
output is what forward has kept and the pre-activation is not:

    tanh'(a) = 1 - tanh(a)²          sigmoid'(a) = sigmoid(a) (1 - sigmoid(a))
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

__all__ = [
    "Activation",
    "get_activation",
    "glorot_uniform",
    "linear",
    "orthogonal",
    "relu",
    "sigmoid",
    "sigmoid_of_minus",
    "softmax",
    "tanh",
]


@dataclass(frozen=True)
class Activation:
    """A function of an array, element by element, and its derivative.

    `tanh(a)` gives the output; `tanh(a, out=buffer)` writes it into a buffer (which may be `a`
    itself); `tanh.derivative(h, out)` gives f'(a) for an output `h = f(a)`, in a buffer if there
    is one (not h itself). Numbers and lists are taken as arrays.
    """

    name: str
    function: Callable = None
    derivative: Callable = None

    def __call__(self, a, out=None):
        return self.function(a, out)


def _sigmoid(a, out=None):
    with np.errstate(over="ignore"):
        return sigmoid_of_minus(np.multiply(a, -1.0, out=out), out)


def sigmoid_of_minus(minus_a, out=None):
    """-a -> σ(a) = 1 / (1 + e⁻ᵃ), into `out` (which may be the argument itself) if there is one.

    Exact to rounding down to the smallest numbers, while ½ tanh(½ a) + ½ cancels: in float32 it
    would be 6 % off at a = -16, and 0 from -17 on. Where e⁻ᵃ overflows the result is 0, as it
    should be, so the caller lets NumPy ignore the overflow.
    """
    e = np.exp(minus_a, out=out)
    return np.divide(1, np.add(e, 1, out=out), out=out)


def _tanh_derivative(h, out=None):
    return np.subtract(1, np.multiply(h, h, out=out), out=out)


def _sigmoid_derivative(h, out=None):
    return np.multiply(h, np.subtract(1, h, out=out), out=out)


def _relu_derivative(h, out=None):
    return np.greater(h, 0, out=np.empty_like(h) if out is None else out, casting="unsafe")


def _linear_derivative(h, out=None):
    out = np.empty_like(h) if out is None else out
    out[...] = 1
    return out


tanh = Activation("tanh", np.tanh, _tanh_derivative)
sigmoid = Activation("sigmoid", _sigmoid, _sigmoid_derivative)
relu = Activation("relu", lambda a, out=None: np.maximum(a, 0, out=out), _relu_derivative)
linear = Activation("linear", np.positive, _linear_derivative)

_BY_NAME = {activation.name: activation for activation in (tanh, relu, sigmoid, linear)}


def get_activation(activation):
    """The Activation called `activation` (a name, an Activation, or None for linear).

    Raises ValueError for any other name.
    """
    if isinstance(activation, Activation):
        return activation
    if activation is None:
        return linear
    if activation not in _BY_NAME:
        names = ", ".join(map(repr, _BY_NAME))
        raise ValueError(
            f"activation={activation!r} is not known; choose one of {names}. For softmax, leave"
            " the last layer linear, train it with cross_entropy, which takes logits, and call"
            " rnncourse.nn.softmax on the prediction."
        )
    return _BY_NAME[activation]


def softmax(logits):
    """logits (..., K) -> probabilities (..., K) that sum to 1 along the last axis."""
    logits = np.asarray(logits)
    shifted = logits - logits.max(axis=-1, keepdims=True)  # the shift cancels, prevents overflow
    e = np.exp(shifted)
    return e / e.sum(axis=-1, keepdims=True)


def glorot_uniform(rng, shape):
    """Uniform on ±sqrt(6 / (rows + columns)): a (rows, columns) float64 array.

    Keras's kernel initialiser (Glorot and Bengio 2010, eq. 16). For fused gates the columns of
    all gates count together, as in Keras.
    """
    limit = np.sqrt(6 / sum(shape))
    return rng.uniform(-limit, limit, shape)


def orthogonal(rng, shape):
    """Orthonormal rows or columns, whichever are fewer: a (rows, columns) float64 array.

    Keras's recurrent_kernel initialiser (Saxe, McClelland and Ganguli 2014). The signs of R's
    diagonal make Q uniform over all orthogonal matrices instead of QR's own choice.
    """
    rows, columns = shape
    q, r = np.linalg.qr(rng.normal(size=(max(shape), min(shape))))
    q *= np.sign(np.diag(r))
    return q if rows >= columns else q.T
