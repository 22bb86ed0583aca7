"""What a terminal shows: text without control characters, and the progress of a long run."""

import sys
import time

from rnncourse import language
from rnncourse.grading.untrusted import shows

__all__ = ["Bar", "clean"]


def clean(text):
    r"""`text` with control characters, and those that turn a line round, spelled as \x1b."""
    return "".join(c if shows(c) or c == "\n" else ascii(c)[1:-1] for c in text)


class Bar:
    """How much is done, how fast, how long it still takes: one line on a terminal, ten in a log."""

    def __init__(self, total):
        self.total, self.done, self.began = total, 0, time.monotonic()
        self.live, self.shown = sys.stderr.isatty(), -1.0

    def step(self):
        """Count one more, and print if it is time."""
        self.done += 1
        passed = max(time.monotonic() - self.began, 1e-9)
        due = passed - self.shown > 0.1 if self.live else self.done * 10 // self.total > self.shown
        if not (due or self.done == self.total):
            return
        self.shown = passed if self.live else self.done * 10 // self.total
        rate = self.done / passed
        minutes, seconds = divmod(round((self.total - self.done) / rate), 60)
        filled = 30 * self.done // self.total
        facts = {"bar": "█" * filled + "░" * (30 - filled), "rate": f"{rate:.1f}"}
        facts |= {"done": self.done, "total": self.total, "left": f"{minutes}:{seconds:02}"}
        line = language.say("grading.classroom.sentences", "progress", **facts)
        print(("\r" if self.live else "") + line, end="" if self.live else "\n", file=sys.stderr)

    def end(self):
        """Leave the line of the bar."""
        if self.live and self.total:
            print(file=sys.stderr)
