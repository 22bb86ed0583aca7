"""Who is blamed when a worker dies: `_spread` with a pool whose workers die as a test says."""

from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from rnncourse.grading.classroom import dispatch


class Died(Exception):
    """What a future ends in when its worker has died."""


class Pool:
    """Holds up to three submissions, as one worker: if one of `deadly` is there, all die."""

    def __init__(self, deadly, refuses=0):
        self.deadly, self.refuses = deadly, refuses
        self.held, self.history = {}, []

    def window(self):
        return 3

    def submit(self, function, content, path, *rest):
        if self.refuses and self.held:  # broken since a moment ago
            self.refuses -= 1
            return None
        future = Future()
        self.held[future] = path
        return future

    def completed(self):
        self.history.append(sorted(self.held.values()))
        dead = bool(self.deadly & set(self.held.values()))
        for future, path in self.held.items():
            future.set_exception(Died()) if dead else future.set_result({"path": path})
        found, self.held = list(self.held), {}
        return found

    def deaths(self, error):
        return int(isinstance(error, Died))


def jobs(names):
    for name in names:
        yield SimpleNamespace(student=name, path=name, content=b"", problem=None), 0


@pytest.mark.parametrize("refuses", [0, 1])
@pytest.mark.parametrize("deadly", ["", "b", "bd", "abcde"])
def test_only_who_is_alone_with_a_dying_worker_three_times_is_blamed(deadly, refuses):
    pool = Pool(set(deadly), refuses)
    found = {one.path: result for one, result in dispatch._spread(jobs("abcdefg"), pool, (1, True))}
    assert sorted(found) == list("abcdefg")
    for name, result in found.items():
        if name in deadly:
            assert result["problem"] == {"code": "ended-grader", "facts": {"n": 3}}
        else:
            assert result == {"path": name}
    for name in deadly:
        assert sum(name in held for held in pool.history) == 3


def test_suspects_run_alone_and_before_anything_new():
    pool = Pool({"b"})
    list(dispatch._spread(jobs("abcdef"), pool, (1, True)))
    assert pool.history == [["a", "b", "c"], ["a"], ["b"], ["c"], ["b"], ["d", "e", "f"]]
