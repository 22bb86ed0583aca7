"""Put submissions to workers: this process, more processes here, or a Dask cluster.

All three run `work.grade` and give results as they come. A worker that dies takes nothing with it.
Its submissions are tried again one at a time, so that none is blamed for what another did; one
that ends three workers becomes a problem of its own.
"""

import multiprocessing
from collections import Counter, deque
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import chain

from rnncourse.grading.classroom import grade_one

__all__ = ["results"]

RETRIES = 2


def results(jobs, args, sandbox):
    """(Submission, result) of each of `jobs`, (Submission, seed), in the order of completion."""
    call = (args.timeout, sandbox)
    if args.scheduler:
        from distributed import Client

        with Client(args.scheduler) as client:
            yield from _spread(jobs, _Dask(client), call)
    elif args.workers > 1:
        pool = _Processes(args.workers)
        try:
            yield from _spread(jobs, pool, call)
        finally:
            pool.close()
    else:
        for one, seed in jobs:
            result = _known(one) or grade_one.grade(one.content, one.path, seed, *call)
            yield one, result


def _known(one):
    """The result of a submission that is a problem already: it vanished in the meantime, say."""
    return grade_one.problem(one.problem[0], **one.problem[1]) if one.problem else None


def _spread(jobs, pool, call):
    """Keep a window of submissions with the pool, so that memory stays small.

    When a worker dies, all that it held are suspects. They wait until nothing else runs, and then
    run alone: whoever is alone when a worker dies has ended it.
    """
    jobs, running, suspects, tries, alone = iter(jobs), {}, deque(), Counter(), False
    while True:
        alone = alone and bool(running)
        ready = jobs
        if suspects and not running:
            alone, ready = True, iter([suspects.popleft()])
        room, refused = 1 if alone else 0 if suspects else pool.window(), None
        while len(running) < room and not refused and (job := next(ready, None)):
            if job[0].problem:
                yield job[0], _known(job[0])
                continue
            future = pool.submit(grade_one.grade, job[0].content, job[0].path, job[1], *call)
            if future is None:
                refused = job
            else:
                running[future] = job
        if refused:
            jobs = chain([refused], jobs)
        elif not running and not suspects:
            return
        for future in pool.done(running):
            job = running.pop(future)
            error, key = future.exception(), (job[0].student, job[0].path)
            died = pool.deaths(error)
            tries[key] += died
            if died and not (alone and tries[key] > RETRIES):
                suspects.append(job)
            elif died:
                yield job[0], grade_one.problem("ended-grader", n=tries[key])
            else:
                yield job[0], grade_one.failed(error, job[0].path) if error else future.result()


class _Processes:
    """Processes of this machine."""

    def __init__(self, n):
        self.n, self.context = n, multiprocessing.get_context("spawn")
        self.pool = ProcessPoolExecutor(n, self.context)

    def window(self):
        return 3 * self.n

    def submit(self, *call):
        """A future, or None where a process died a moment ago: `done` says whom it concerns."""
        try:
            return self.pool.submit(*call)
        except BrokenProcessPool:
            return None

    def done(self, running):
        """What has ended. Where one process died, all of its pool end, and there is a new pool."""
        found = wait(running, return_when=FIRST_COMPLETED)[0]
        if not found or any(isinstance(future.exception(), BrokenProcessPool) for future in found):
            found = wait(running)[0]
            self.close()
            self.pool = ProcessPoolExecutor(self.n, self.context)
        return found

    def deaths(self, error):
        """How many workers a submission was with when they died."""
        return int(isinstance(error, BrokenProcessPool))

    def close(self):
        self.pool.shutdown(cancel_futures=True)


class _Dask:
    """A Dask cluster at an address; whoever reaches it can run code: localhost or TLS."""

    def __init__(self, client):
        from distributed import as_completed

        self.client, self.stream = client, as_completed([])

    def window(self):
        return 4 * max(1, sum(self.client.nthreads().values()))

    def submit(self, *call):
        future = self.client.submit(*call, pure=False)
        self.stream.add(future)
        return future

    def done(self, running):
        return [next(self.stream)]

    def deaths(self, error):
        """The scheduler tries again by itself as often as its allowed-failures say."""
        from distributed import KilledWorker

        return error.allowed_failures + 1 if isinstance(error, KilledWorker) else 0
