"""Put submissions to workers: this process, more processes here, or a Dask cluster.

All three run `work.grade` and give results as they come. A worker that dies takes nothing with it:
its submissions go to another, twice at most, and then become a problem of their own.
"""

import multiprocessing
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool

from rnncourse.grading import work

__all__ = ["results"]

RETRIES = 2


def results(jobs, args, sandbox):
    """(Submission, result) of each of `jobs`, (Submission, seed), in the order of completion."""
    if args.scheduler:
        yield from _dask(jobs, args, sandbox)
    elif args.workers > 1:
        yield from _processes(jobs, args, sandbox)
    else:
        for one, seed in jobs:
            try:
                yield one, work.grade(one.content, one.path, seed, args.timeout, sandbox)
            except Exception as error:  # the grader's own mistake, on this submission alone
                yield one, _failed(error)


def _failed(error):
    facts = {"what": f"{type(error).__name__}: {error}"[:500]}
    return {"tasks": [], "errors": [], "problem": {"code": "grader-failed", "facts": facts}}


def _processes(jobs, args, sandbox):
    """Processes of this machine; a window of a few submissions each, so that memory stays small."""
    context = multiprocessing.get_context("spawn")
    jobs, waiting, again, lost = iter(jobs), {}, [], {}
    pool = ProcessPoolExecutor(args.workers, context)
    try:
        while True:
            while len(waiting) < 3 * args.workers:
                job = again.pop() if again else next(jobs, None)
                if job is None:
                    break
                one, seed = job
                call = (work.grade, one.content, one.path, seed, args.timeout, sandbox)
                try:
                    waiting[pool.submit(*call)] = job
                except BrokenProcessPool:
                    again.append(job)
                    break
            if not waiting and not again:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED)[0]:
                job = waiting.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool) and lost.get(job[0], 0) < RETRIES:
                    lost[job[0]] = lost.get(job[0], 0) + 1
                    again.append(job)
                else:
                    yield job[0], _failed(error) if error else future.result()
            if again and not waiting:  # what died has been collected: a new pool
                pool.shutdown(wait=False, cancel_futures=True)
                pool = ProcessPoolExecutor(args.workers, context)
    finally:
        pool.shutdown(cancel_futures=True)


def _dask(jobs, args, sandbox):
    """A Dask cluster at `--scheduler`; whoever reaches it can run code: localhost or TLS."""
    import dask
    from distributed import Client, as_completed

    dask.config.set({"distributed.scheduler.allowed-failures": RETRIES})
    with Client(args.scheduler) as client:
        jobs, of = iter(jobs), {}
        window = 4 * max(1, sum(client.nthreads().values()))
        stream = as_completed([])

        def fill():
            while len(of) < window and (job := next(jobs, None)):
                one, seed = job
                call = (one.content, one.path, seed, args.timeout, sandbox)
                future = client.submit(work.grade, *call, pure=False, retries=RETRIES)
                of[future.key] = one
                stream.add(future)

        fill()
        while of:
            future = next(stream)
            one = of.pop(future.key)
            error = future.exception()
            yield one, _failed(error) if error else future.result()
            fill()
