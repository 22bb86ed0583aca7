"""Whether this process itself was stopped for a while: Ctrl-Z, a closed laptop, SIGSTOP."""

import threading
import time

from rnncourse.time_limit import TICK

__all__ = ["Pulse"]

PAUSE = 1.0  # s between two ticks that are not a busy machine's


class Pulse:
    """`with Pulse() as pulse`: `pulse.missed` is true once this process stood still meanwhile.

    Who waits for an answer of ours in that time must not be told that it was slow.
    """

    def __init__(self):
        self._missed, self._done = False, threading.Event()

    def __enter__(self):
        self._before = time.monotonic()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()
        return self

    def _beat(self):
        while not self._done.wait(TICK):
            self._look()

    def _look(self):
        now = time.monotonic()
        self._missed = self._missed or now - self._before > PAUSE
        self._before = now

    @property
    def missed(self):
        """Also true at once after a pause, before the next tick."""
        self._look()
        return self._missed

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()
