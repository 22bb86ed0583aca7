"""SGD and Adam, in Keras's words and with Keras's numbers.

    optimizer = Adam(1e-3, clipnorm=1.0)
    optimizer.apply(grads, weights)          # changes the weights in place

Two ways to clip, at most one at a time: `clipnorm` scales each array down to that norm,
`global_clipnorm` all of them together (the direction is kept: Pascanu, Mikolov and Bengio 2013).
"""

import math

import numpy as np

__all__ = ["SGD", "Adam", "clip_by_global_norm", "global_norm"]


def global_norm(arrays):
    """The norm of all arrays as if they were one vector: a float."""
    # As float64, because the square of a float32 gradient of 1e20 overflows.
    return float(np.sqrt(sum(np.sum(np.square(a, dtype=np.float64)) for a in arrays)))


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

    def __init__(self, learning_rate, *, clipnorm=None, global_clipnorm=None):
        limits = {"clipnorm": clipnorm, "global_clipnorm": global_clipnorm}
        given = [name for name, limit in limits.items() if limit is not None]
        if len(given) > 1:
            raise ValueError("Give clipnorm or global_clipnorm, not both.")
        for name in given:
            if not limits[name] > 0:
                raise ValueError(f"{name} must be positive, got {limits[name]}.")
        if not learning_rate >= 0:
            raise ValueError(f"learning_rate must be 0 or more, got {learning_rate}.")
        self.learning_rate = learning_rate
        self.clipnorm, self.global_clipnorm = clipnorm, global_clipnorm
        self.iterations = 0
        self._shapes = None  # of the weights, once they are known

    def _clip(self, grads):
        if self.clipnorm is not None:
            return [clip_by_norm(g, self.clipnorm) for g in grads]
        if self.global_clipnorm is not None:
            return clip_by_global_norm(grads, self.global_clipnorm)
        return grads

    def apply(self, grads, weights):
        """Take one step: changes each array of `weights` in place.

        grads and weights: lists of arrays, shape by shape equal and in the same order at every
        call, because Adam keeps two averages for each number. Raises ValueError otherwise.
        """
        grads, weights = list(grads), list(weights)
        shapes = [w.shape for w in weights]
        if [g.shape for g in grads] != shapes:
            raise ValueError(
                f"The gradients have shapes {[g.shape for g in grads]}, the weights {shapes}."
            )
        if self._shapes is None:
            self._shapes = shapes
            self._start(sum(w.size for w in weights), weights[0].dtype)
        elif self._shapes != shapes:
            raise ValueError(
                f"This {type(self).__name__} has been training other weights, of shapes"
                f" {self._shapes}, not {shapes}; make a new optimizer for a new model."
            )
        # All gradients in one vector: an elementwise rule then takes a dozen NumPy calls for the
        # whole model instead of a dozen per array.
        change = self._change(np.concatenate([g.reshape(-1) for g in self._clip(grads)]))
        end = 0
        for w in weights:
            start, end = end, end + w.size
            w += change[start:end].reshape(w.shape)
        self.iterations += 1


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
            if not 0 <= beta < 1:
                raise ValueError(f"{name} must be at least 0 and below 1, got {beta}.")
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
