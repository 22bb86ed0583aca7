"""Two errors are the same where the same operation failed on operands of the same shapes."""

import numpy as np
import pytest

from rnncourse.checking.attempt import call
from rnncourse.checking.raised import facts_of
from rnncourse.tasks import ch03

X, H, W, U, B = (np.ones(shape) for shape in ((2, 3), (2, 5), (3, 5), (5, 5), 5))


def operation(function):
    outcome = call(function, (X, H, W, U, B), ["x_t", "h_prev", "W", "U", "b"], lambda y: {}, 5)
    return outcome.facts["operation"]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda x, h, W, U, b: W @ x, "matmul (3, 5) (2, 3)"),
        (lambda x, h, W, U, b: np.tanh(x @ W + U @ h + b), "matmul (5, 5) (2, 5)"),
        (lambda x, h, W, U, b: np.dot(W, x) + b, "matmul (3, 5) (2, 3)"),
        (lambda x, h, W, U, b: W.dot(x), "matmul (3, 5) (2, 3)"),
        (lambda x, h, W, U, b: x + h, "Add (2, 3) (2, 5)"),
        (lambda x, h, W, U, b: x * W.T[:, 1:], "Mult (2, 3) (5, 2)"),
        (lambda x, h, W, U, b: np.concatenate(x, 7), "np.concatenate (2, 3) ()"),
        (lambda x, h, W, U, b: [][3], ""),
        (lambda x, h, W, U, b: int("x") + (x @ W), "int ()"),
    ],
)
def test_the_failed_operation_is_found(function, said):
    assert operation(function) == said


def test_an_operand_that_might_do_something_is_not_evaluated_again():
    calls = []

    def once(x):
        calls.append(1)
        return x

    assert operation(lambda x, h, W, U, b: W @ once(x)) == ""
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("product", "code"),
    [
        (lambda h, U, x, W: U @ h, "state-in-column-order"),
        (lambda h, U, x, W: h @ h, "raised"),
        (lambda h, U, x, W: h @ x, "raised"),
    ],
)
def test_another_product_is_not_called_by_the_first_ones_name(product, code):
    """All raise NumPy's one sentence on a mismatch, and only W @ x is the column order."""
    wrong = lambda x_t, h_prev, W, U, b: np.tanh(x_t @ W + product(h_prev, U, x_t, W) + b)  # noqa: E731
    assert ch03.rnn_step.grade(wrong).code == code
    columns = lambda x_t, h_prev, W, U, b: np.tanh(np.dot(W, x_t) + np.dot(U, h_prev) + b)  # noqa: E731
    assert ch03.rnn_step.grade(columns).code == "column-order"


def test_an_error_without_a_line_of_the_learners_has_no_operation():
    with pytest.raises(ValueError, match="invalid literal") as caught:
        int("x")
    assert facts_of(caught.value, len, (), ()).keys() == {"what", "line", "given"}
