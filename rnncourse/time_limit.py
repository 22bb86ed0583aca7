"""How long a learner's code may take, in seconds of its own: a busy machine is nobody's fault.

A clock on the wall also counts the work of other programs. A Stopwatch counts the processor time
of one process, and its idle time, in which it neither ran nor waited for a processor. So it finds
code that computes for too long and code that sleeps for ever, and is patient with the rest.
"""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

__all__ = ["TICK", "Stopwatch", "TimeIsUp", "time_limit"]

TICK = 0.2  # s between two looks at the clocks
PATIENCE = 10  # where nobody counts the waiting, so many seconds of not running are one idle one


class TimeIsUp(BaseException):
    """Not an Exception, so that a learner's `except Exception` does not catch it."""


class Stopwatch:
    """What a process has spent since the watch was made: `used` processor seconds, `idle` seconds.

    `tick` brings both up to date and must be called more often than once a second: of a longer
    pause, in which whoever holds the watch was stopped too, one second is counted.
    """

    def __init__(self, pid=None):
        self.pid, self.used, self.idle = pid, 0.0, 0.0
        self._now = self._read()

    def _read(self):
        """(wall, processor time, waiting for a processor) so far; None for what nobody counts."""
        cpu = time.process_time() if self.pid is None else _processor_time(self.pid)
        return time.monotonic(), cpu, _waited("self" if self.pid is None else self.pid)

    def tick(self):
        then, self._now = self._now, self._read()
        wall, ran, waited = (
            None if None in pair else max(pair[1] - pair[0], 0.0)
            for pair in zip(then, self._now, strict=True)
        )
        idle = min(wall, 1.0) - (ran or 0.0) - (waited or 0.0)
        if ran is not None and waited is None:  # it may have waited: be patient
            idle /= PATIENCE
        self.used += ran or 0.0
        self.idle += max(idle, 0.0)
        return self

    @property
    def spent(self):
        """Seconds that the process would have needed on a machine of its own, roughly."""
        return self.used + self.idle


def _waited(pid):
    """Seconds that the threads of a process waited for a processor; None where nobody counts."""
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # a thread that ended
                total += int((task / "schedstat").read_bytes().split()[1])
    except (OSError, ValueError, IndexError):
        return None
    return total / 1e9


def _processor_time(pid):
    """Seconds that all threads of another process ran; None where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return None


@contextlib.contextmanager
def time_limit(seconds):
    """Stop the block by TimeIsUp once it has spent `seconds`.

    By a signal: in the main thread, where there is SIGALRM; elsewhere there is no limit.
    """
    usable = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()
    if not usable:
        yield
        return
    watch = Stopwatch()

    def look(*_):
        if watch.tick().spent > seconds:  # again at each tick, if a bare `except:` swallowed it
            raise TimeIsUp

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
