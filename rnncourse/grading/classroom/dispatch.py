"""Send submissions to workers: this process, more processes on this machine, or a Dask cluster.

All three run `grade_one.grade`, and results come in the order of completion. A worker that dies
takes no other result with it: what it held is tried again, one submission at a time, so that none
is blamed for another. A submission that ends three workers becomes a problem of its own.
"""

import multiprocessing
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from enum import Enum
from itertools import chain

from rnncourse.grading.classroom import grade_one
from rnncourse.grading.classroom.stop import Stop

__all__ = ["Options", "results"]

RETRIES = 2


@dataclass(frozen=True)
class Options:
    """Where submissions are graded, and under which limits."""

    seconds: float = 300  # that one notebook may spend
    sandbox: bool = True
    workers: int = 1  # processes on this machine
    scheduler: str | None = None  # the address of a Dask scheduler, instead of this machine


def results(jobs, options):
    """(Submission, result) of each of `jobs`, (Submission, seed), in the order of completion."""
    limits = (options.seconds, options.sandbox)
    if options.scheduler:
        with _client(options.scheduler) as client:
            yield from _spread(jobs, _Dask(client), limits)
    elif options.workers > 1:
        pool = _Processes(options.workers)
        try:
            yield from _spread(jobs, pool, limits)
        finally:
            pool.close()
    else:
        for one, seed in jobs:
            yield one, _known(one) or grade_one.grade(one.content, one.path, seed, *limits)


def _client(scheduler):
    """A connection to the Dask scheduler at that address, or Stop."""
    try:
        from distributed import Client  # in the extra `dask`
    except ImportError:
        raise Stop("no-extra", extra="class,dask", package="distributed") from None
    try:
        return Client(scheduler)
    except (OSError, ValueError) as error:
        raise Stop("no-scheduler", address=scheduler, what=error) from None


def _known(one):
    """The result of a submission that cannot be graded: it vanished in the meantime, say."""
    return grade_one.problem(one.problem[0], **one.problem[1]) if one.problem else None


def _spread(jobs, pool, limits):
    """Keep a window of submissions with the pool, so that memory use stays small."""
    queue, running = _Queue(jobs), {}
    while True:
        window = pool.window()
        while job := queue.take(len(running), window):
            one, seed = job
            if one.problem:
                yield one, _known(one)
                continue
            future = pool.submit(grade_one.grade, one.content, one.path, seed, *limits)
            if future is None:
                queue.put_back(job)
                break
            running[future] = job
        else:
            if not running:
                return
        for future in pool.completed():
            job = running.pop(future)
            error = future.exception()
            if deaths := pool.deaths(error):
                if queue.is_to_blame(job, deaths):
                    yield job[0], grade_one.problem("ended-grader", n=queue.deaths[_key(job)])
            else:
                one = job[0]
                yield one, grade_one.failed(error, one.path) if error else future.result()


class _State(Enum):
    OPEN = "submissions start while the pool has room"
    DRAINING = "a worker died: nothing starts until all that runs has ended"
    ALONE = "one suspect runs, and nothing else"


class _Queue:
    """The submissions that wait, and the suspects: those that were with a worker when it died.

    A worker holds several submissions, so that its death convicts none of them. A suspect runs
    again alone; if it is alone when a worker dies, it has ended that worker.
    """

    def __init__(self, jobs):
        self.jobs, self.suspects = iter(jobs), deque()
        self.deaths = Counter()  # _key(job) -> workers that died with it
        self.state = _State.OPEN

    def take(self, running, window):
        """The next job that may start while `running` others run, or None."""
        if not running:
            self.state = _State.ALONE if self.suspects else _State.OPEN
            if self.suspects:
                return self.suspects.popleft()
        return next(self.jobs, None) if self.state is _State.OPEN and running < window else None

    def put_back(self, job):
        """Take `job` back, as the next one: the pool did not accept it."""
        if self.state is _State.ALONE:
            self.suspects.appendleft(job)
        else:
            self.jobs = chain([job], self.jobs)

    def is_to_blame(self, job, deaths):
        """Whether `job` ended the workers that died with it; if not, it becomes a suspect."""
        self.deaths[_key(job)] += deaths
        if self.state is _State.ALONE and self.deaths[_key(job)] > RETRIES:
            return True
        if self.state is _State.OPEN:
            self.state = _State.DRAINING
        self.suspects.append(job)
        return False


def _key(job):
    return job[0].student, job[0].path


class _Processes:
    """Processes on this machine."""

    def __init__(self, n):
        self.n, self.context = n, multiprocessing.get_context("spawn")
        self.pool, self.running = ProcessPoolExecutor(n, self.context), set()

    def window(self):
        """How many submissions the pool may hold."""
        return 3 * self.n

    def submit(self, *call):
        """A future, or None where a process died a moment ago: `completed` says with what."""
        try:
            future = self.pool.submit(*call)
        except BrokenProcessPool:
            return None
        self.running.add(future)
        return future

    def completed(self):
        """The futures that are done. One dead process ends the pool; a new one replaces it."""
        found, self.running = wait(self.running, return_when=FIRST_COMPLETED)
        if not found or any(isinstance(future.exception(), BrokenProcessPool) for future in found):
            found |= wait(self.running)[0]
            self.running = set()
            self.close()
            self.pool = ProcessPoolExecutor(self.n, self.context)
        return found

    def deaths(self, error):
        """How many workers died with the submission whose future ended in `error`, or 0."""
        return int(isinstance(error, BrokenProcessPool))

    def close(self):
        self.pool.shutdown(cancel_futures=True)


class _Dask:
    """A Dask cluster at an address. Whoever reaches it can run code: use localhost or TLS."""

    def __init__(self, client):
        from distributed import as_completed

        self.client, self.stream = client, as_completed([])

    def window(self):
        return 4 * max(1, sum(self.client.nthreads().values()))

    def submit(self, *call):
        future = self.client.submit(*call, pure=False)
        self.stream.add(future)
        return future

    def completed(self):
        return [next(self.stream)]

    def deaths(self, error):
        """Dask itself tries again, as often as its allowed-failures say."""
        from distributed import KilledWorker

        return error.allowed_failures + 1 if isinstance(error, KilledWorker) else 0
