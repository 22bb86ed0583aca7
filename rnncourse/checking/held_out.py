"""What a model task is trained on and judged by: a training part and a test part."""

from types import SimpleNamespace

import numpy as np

__all__ = ["HeldOut"]


class HeldOut(SimpleNamespace):
    """A training part, and a test part that a learner's model meets only when it is judged.

    train: the arguments of the learner's function. X_test, y_test: arrays whose first axis are the
    n test examples. measure(y_hat, y_test): the error of predictions, a number, lower is better.
    baseline: the predictions of the honest baseline, (n, …), or its error where that is known
    without them. order: (n,), when each example may be seen, where an input holds the target of an
    earlier example; None where none does. Whatever else a lesson's notebook reads of the data
    (`vocabulary`, `mean`) is given by name.
    """

    def __init__(self, *, train, X_test, y_test, measure, baseline, order=None, **more):
        super().__init__(
            train=train,
            X_test=X_test,
            y_test=y_test,
            measure=measure,
            baseline=baseline if np.ndim(baseline) == 0 else measure(baseline, y_test),
            order=order,
            baseline_hat=baseline,
            **more,
        )

    def error(self, y_hat):
        """The error of predictions for all test examples, (n, …)."""
        return float(self.measure(y_hat, self.y_test))

    def only(self, rows):
        """The same with these test examples only; `rows` are indices (m,)."""
        known = np.ndim(self.baseline_hat) == 0
        own = {"train", "X_test", "y_test", "measure", "baseline", "baseline_hat", "order"}
        return HeldOut(
            train=self.train,
            X_test=self.X_test[rows],
            y_test=self.y_test[rows],
            measure=self.measure,
            baseline=self.baseline_hat if known else self.baseline_hat[rows],
            order=None if self.order is None else self.order[rows],
            **{name: value for name, value in vars(self).items() if name not in own},
        )
