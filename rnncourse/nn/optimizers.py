"""SGD and Adam, in Keras's words and with Keras's numbers.

    optimizer = Adam(1e-3, clipnorm=1.0)
    optimizer.apply(grads, weights)          # changes the weights in place

Two ways to clip, at most one at a time: `clipnorm` scales each array down to that norm,
`global_clipnorm` all of them together (the direction is kept: Pascanu, Mikolov and Bengio 2013).
As in Keras, an infinite gradient has no direction and becomes nan.

One difference, on purpose. A token that occurs several times in a batch has one gradient here, the
sum, as in the textbooks; Adam and clipping see that sum. Keras 3 on TensorFlow keeps one gradient
per occurrence (IndexedSlices): its Adam adds up their squares, and it clips before it adds. So an
Embedding trained by Adam or with clipping gets other weights there; by plain SGD, the same.
"""

import math
import numbers

import numpy as np

from rnncourse.nn.keras_words import check_words, constructors

__all__ = ["SGD", "Adam", "clip_by_global_norm", "global_norm"]


def global_norm(arrays):
    """The norm of all arrays as if they were one vector: a float."""
    # As float64, because the square of a float32 gradient of 1e20 overflows.
    with np.errstate(over="ignore", under="ignore"):
        squares = float(sum(np.sum(np.square(a, dtype=np.float64)) for a in arrays))
    if 1e-280 < squares < math.inf:
        return math.sqrt(squares)
    # The squares have overflowed or vanished: bring the largest number to 1 first.
    largest = float(max((np.abs(a).max(initial=0) for a in arrays), default=0))
    if largest == 0 or not math.isfinite(largest):
        return largest
    return largest * global_norm([a / largest for a in arrays])


def clip_by_norm(array, limit):
    """`array` scaled down to norm `limit`, or itself if its norm is smaller already."""
    norm = global_norm([array])
    return array * array.dtype.type(limit / norm) if norm > limit else array


def clip_by_global_norm(arrays, limit):
    """All arrays scaled by one number, so that their common norm is at most `limit`."""
    norm = global_norm(arrays)
    return [a * a.dtype.type(limit / norm) for a in arrays] if norm > limit else list(arrays)


class Optimizer:
    """What SGD and Adam share: the step counter, the learning rate and clipping."""

    def __init__(self, learning_rate, *, clipnorm=None, global_clipnorm=None, **unknown):
        check_words(type(self).__name__, unknown, *constructors(type(self)))
        if clipnorm is not None and global_clipnorm is not None:
            raise ValueError("Give clipnorm or global_clipnorm, not both.")
        for name, limit in (("clipnorm", clipnorm), ("global_clipnorm", global_clipnorm)):
            if limit is not None:
                _check_number(name, limit, "above 0", lambda v: v > 0)
        _check_number("learning_rate", learning_rate, "from 0 on", lambda v: 0 <= v < math.inf)
        self.learning_rate = learning_rate
        self.clipnorm, self.global_clipnorm = clipnorm, global_clipnorm
        self.iterations = 0
        self._weights = None  # the arrays that it trains, once they are known

    def _clip(self, grads):
        if self.clipnorm is not None:
            return [clip_by_norm(g, self.clipnorm) for g in grads]
        if self.global_clipnorm is not None:
            return clip_by_global_norm(grads, self.global_clipnorm)
        return grads

    def apply(self, grads, weights):
        """Take one step: changes each array of `weights` in place.

        grads and weights: lists of arrays, shape by shape equal; the weights the same arrays at
        every call, because Adam keeps two averages for each number. Raises TypeError for what is
        no list of arrays, ValueError for other shapes or another model's weights.
        """
        grads, weights = _as_lists(grads, weights)
        if self._weights is None:
            self._weights = list(weights)
            self._start(sum(w.size for w in weights), weights[0].dtype)
        elif not _are_same(self._weights, weights):
            raise ValueError(
                f"This {type(self).__name__} has been training other weights, and their averages"
                " do not fit these; make a new optimizer for a new model."
            )
        # All gradients in one vector: an elementwise rule then takes a dozen NumPy calls for the
        # whole model instead of a dozen per array.
        change = self._change(np.concatenate([g.reshape(-1) for g in self._clip(grads)]))
        end = 0
        for w in weights:
            start, end = end, end + w.size
            w += change[start:end].reshape(w.shape)
        self.iterations += 1


def _check_number(name, value, where, allowed):
    """TypeError for what is no number, ValueError for a number that is not `allowed`."""
    number = isinstance(value, numbers.Real)
    if not number or not allowed(value):
        kind = ValueError if number else TypeError
        raise kind(f"{name} must be a number {where}, got {value!r}.")


def _as_lists(grads, weights):
    """grads and weights as lists; raises unless they are float arrays of the same shapes."""
    one_array = isinstance(grads, np.ndarray) or isinstance(weights, np.ndarray)
    grads, weights = list(grads), list(weights)
    arrays = not one_array and all(isinstance(a, np.ndarray) for a in (*grads, *weights))
    if not arrays or any(w.dtype.kind != "f" for w in weights):
        raise TypeError(
            "apply takes two lists of float arrays, the gradients and the weights, which it changes"
            " in place: optimizer.apply([dW, db], [W, b])."
        )
    if [g.shape for g in grads] != [w.shape for w in weights]:
        raise ValueError(
            f"The gradients have shapes {[g.shape for g in grads]}, the weights"
            f" {[w.shape for w in weights]}."
        )
    return grads, weights


def _are_same(some, others):
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))


class SGD(Optimizer):
    """Gradient descent: w ← w - η dw, η the learning rate."""

    def __init__(self, learning_rate=0.01, **clipping):
        super().__init__(learning_rate, **clipping)

    def _start(self, size, dtype):
        """Nothing to remember from step to step."""

    def _change(self, g):
        return g * -self.learning_rate


class Adam(Optimizer):
    """Adam (Kingma and Ba 2015), with the bias correction folded into the rate as in Keras.

    m ← m + (1 - β₁)(dw - m),   v ← v + (1 - β₂)(dw² - v),   k = 1, 2, … the step,
    w ← w - η sqrt(1 - β₂ᵏ) / (1 - β₁ᵏ) · m / (sqrt(v) + ε)
    """

    def __init__(self, learning_rate=0.001, beta_1=0.9, beta_2=0.999, epsilon=1e-7, **clipping):
        super().__init__(learning_rate, **clipping)
        for name, beta in (("beta_1", beta_1), ("beta_2", beta_2)):
            _check_number(name, beta, "from 0 on, below 1", lambda v: 0 <= v < 1)
        _check_number("epsilon", epsilon, "above 0", lambda v: v > 0)
        self.beta_1, self.beta_2, self.epsilon = beta_1, beta_2, epsilon

    def _start(self, size, dtype):
        self._m, self._v = np.zeros(size, dtype), np.zeros(size, dtype)

    def _change(self, g):
        k = self.iterations + 1
        rate = self.learning_rate * math.sqrt(1 - self.beta_2**k) / (1 - self.beta_1**k)
        self._m += (1 - self.beta_1) * (g - self._m)
        g *= g
        self._v += (1 - self.beta_2) * (g - self._v)
        change = np.sqrt(self._v)
        change += self.epsilon
        np.divide(self._m, change, out=change)
        change *= -rate
        return change


_BY_NAME = {"sgd": SGD, "adam": Adam}


def get_optimizer(optimizer):
    """An Optimizer from a name ("sgd", "adam") or an Optimizer."""
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not isinstance(optimizer, str) or optimizer.lower() not in _BY_NAME:
        raise ValueError(
            f"optimizer={optimizer!r} is not known; give 'sgd', 'adam', or an object"
            " such as Adam(1e-3, clipnorm=1.0)."
        )
    return _BY_NAME[optimizer.lower()]()
