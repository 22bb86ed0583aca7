"""Similar submissions: rings of any size are found, and nobody in an honest class is listed."""

import re

import pytest

from rnncourse.grading.classroom import similar
from rnncourse.grading.fingerprint import fingerprint
from tests.grading import honest


def prints(students):
    return {name: fingerprint(cells) for name, cells in students.items()}


@pytest.mark.parametrize("n", [2, 3, 5, 8, 12, 20, 40, 120])
def test_nobody_in_an_honest_class_is_listed(n):
    for seed in range(8 if n <= 40 else 2):
        assert similar.pairs(prints(honest.students(n, seed))) == []


@pytest.mark.parametrize(
    ("n", "size"),
    [
        (2, 2),
        (4, 3),
        (20, 2),
        (20, 3),
        (29, 3),
        (30, 4),
        (20, 15),
        (200, 20),
        (200, 21),
        (200, 150),
    ],
)
@pytest.mark.parametrize("edited", [False, True])
def test_a_ring_of_copies_of_any_size_is_one_group_and_nobody_else_is_in_it(n, size, edited):
    for seed in range(2 if n < 100 else 1):
        students, copy = honest.students(n - size, seed), honest.full(1000 + seed)
        ring = [f"x{i:03}" for i in range(size)]
        for i, name in enumerate(ring):
            more = [f"# {name}\nprint(X.shape[0] + {i} * X.shape[1], {i} + 1)"] if edited else []
            students[name] = copy + more
        found = similar.groups(prints(students))
        assert [names for _, names in found] == [ring]
        assert found[0][0] == 1 if not edited else found[0][0] >= 0.9


def test_a_copy_with_other_names_is_found_where_the_code_is_its_authors_own():
    students = honest.students(40, 3)
    own = [
        *honest.STARTER[:2],
        "def rnn_step(x_t, h_prev, W, U, b):\n    total = b.copy()[None]\n"
        "    for row in range(W.shape[0]):\n        total = total + x_t[:, row, None] * W[row]\n"
        "    while h_prev is not None and total.ndim == 2:\n"
        "        total, h_prev = total + h_prev.dot(U), None\n    return np.tanh(total)",
    ]
    students["ada"] = own
    students["bo"] = [re.sub(r"\b(total|row)\b", r"my_\1", cell) for cell in own]
    assert [names for _, names in similar.groups(prints(students))] == [["ada", "bo"]]


def test_who_wrote_nothing_is_like_nobody():
    students = {f"s{i}": list(honest.STARTER) for i in range(30)} | {
        "z": [],
        "y": ["1 +", "\ud800"],
    }
    assert similar.groups(prints(students)) == []


def test_texts_numbers_and_names_say_nothing_without_names():
    one, other = "x = f(1, 'a') + g(2, 'b')", "y = h(7, 'c') + k(9, '')  # mine"
    even = [{p for p in fingerprint([c]) if not p & 1} for c in (one, other)]
    assert even[0] == even[1] != set()
    odd = [{p for p in fingerprint([c]) if p & 1} for c in (one, other)]
    assert not odd[0] & odd[1]
