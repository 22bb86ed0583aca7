"""Finite differences, by which every derivative in this course is checked.

    report = gradcheck(loss, {"W": W, "U": U}, {"W": dW, "U": dU})
    print(report)

`loss` is a function without arguments that reads the arrays; they are changed in place, one
number at a time. Use float64: in float32 the difference of two losses has few digits left.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["GradientReport", "gradcheck", "numeric_gradient", "relative_error"]


EPS = 1e-6  # how far each number is nudged
TOLERANCE = 1e-6  # the largest relative error of a right gradient


def numeric_gradient(loss, array):
    """Centred differences (loss(w + EPS) - loss(w - EPS)) / (2 EPS), for each number w of `array`.

    loss: a function without arguments that returns a float. array: float64, any shape; it is
    changed and restored in place. Returns an array of its shape. The error is about EPS² f'''
    from the difference and 1e-16 |loss| / EPS from rounding.
    Raises TypeError for an array that is not float64.
    """
    if not isinstance(array, np.ndarray) or array.dtype != np.float64:
        kind = getattr(array, "dtype", type(array).__name__)
        raise TypeError(
            f"numeric_gradient needs a float64 array, got {kind}: build the layer with"
            ' dtype="float64", or convert with array.astype("float64") before you close over it.'
        )
    gradient = np.empty_like(array)
    for i in np.ndindex(array.shape):
        w = array[i]
        array[i] = w + EPS
        up = loss()
        array[i] = w - EPS
        down = loss()
        array[i] = w
        gradient[i] = (up - down) / (2 * EPS)
    return gradient


def relative_error(got, want):
    """max |got - want| / max(|got|, |want|), over the arrays as wholes: 0 if both are zero.

    Entry by entry, a gradient of 1e-12 that ought to be 0 would count as an error of 100 %.
    """
    got, want = np.asarray(got), np.asarray(want)
    if got.shape != want.shape:
        raise ValueError(f"relative_error: shapes {got.shape} and {want.shape} differ.")
    largest = max(np.abs(got).max(initial=0), np.abs(want).max(initial=0))
    return float(np.abs(got - want).max() / largest) if largest > 0 else 0.0


@dataclass(frozen=True)
class GradientReport:
    """`errors`: the relative error of each array's gradient; `ok`: all are below TOLERANCE."""

    errors: dict

    @property
    def ok(self):
        """True if every error is below TOLERANCE; a nan is not."""
        return all(error < TOLERANCE for error in self.errors.values())

    def __str__(self):
        return "\n".join(
            f"{'✓' if error < TOLERANCE else '✗'} {name:<12} relative error {error:.0e}"
            for name, error in self.errors.items()
        )


def gradcheck(loss, arrays, grads):
    """Compare `grads` with centred differences of `loss`, array by array.

    loss: a function without arguments that returns a float and reads `arrays`.
    arrays, grads: dictionaries with the same names; float64 arrays of the same shapes.
    Returns a GradientReport; print it, or assert its `ok`.
    """
    if arrays.keys() != grads.keys():
        raise ValueError(f"arrays are named {[*arrays]}, grads {[*grads]}: use the same names.")
    errors = {
        name: relative_error(grads[name], numeric_gradient(loss, array))
        for name, array in arrays.items()
    }
    return GradientReport(errors)
