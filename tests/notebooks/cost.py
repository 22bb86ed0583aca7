"""A pytest plugin: time and peak memory of every notebook that nbval runs, and a limit for both.

    pytest -p tests.notebooks.cost --nbval chapters

Measured where the kernel runs, also in a worker of xdist; the table is printed at the end. What is
limited is the kernel's processor time, so that other programs do not count, and a slower processor
is allowed as much more as it needs for a fixed piece of work. The limits are those of STYLE.md.
"""

import re
import time
from pathlib import Path

import psutil
import pytest

STEPS, STEPS_COST = 4_000_000, 0.11  # of `slowness`; seconds where the limits were set


def slowness():
    """How many times as much processor time as there a fixed piece of work takes here and now."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        sum(n & 3 for n in range(STEPS))
        taken.append(time.process_time() - start)
    return max(1.0, min(taken) / STEPS_COST)


def pytest_addoption(parser):
    group = parser.getgroup("notebooks")
    group.addoption("--notebook-seconds", type=float, default=240, help="of the processor, for one")
    group.addoption("--notebook-gb", type=float, default=1.2, help="limit for its peak memory")


def pytest_configure(config):
    config.pluginmanager.register(Cost(config))


def peak_gb(pid):
    """The most memory that a process has held so far; None where the system does not say."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    kilobytes = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(kilobytes[1]) * 1024 / 1e9 if kilobytes else None


def kernel_of(notebook):
    """The number of the process that runs one of nbval's notebooks, or None."""
    kernel = getattr(notebook, "kernel", None)
    process = getattr(getattr(kernel, "km", None), "provisioner", None)
    return getattr(process, "pid", None)


def processor_seconds(pid):
    """What a process and those it has waited for have had of the processors; None if it is gone."""
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return times.user + times.system + times.children_user + times.children_system


class Cost:
    """Watches the cells go by, and keeps one row a notebook."""

    def __init__(self, config):
        self.config = config
        self.started = {}  # notebook: when its first cell began
        self.rows = {}  # notebook: (processor seconds, wall seconds, gb), in xdist's controller

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        self.started.setdefault(item.parent, time.perf_counter())  # before the kernel starts

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item, nextitem):
        last = nextitem is None or nextitem.parent is not item.parent
        if not (last and item.path.suffix == ".ipynb"):
            return (yield)
        wall, kernel = time.perf_counter() - self.started[item.parent], kernel_of(item.parent)
        seconds, gb = processor_seconds(kernel), peak_gb(kernel)
        name = item.path.relative_to(self.config.rootpath).as_posix()
        item.user_properties.append(("cost", (name, seconds, wall, gb)))
        result = yield  # the kernel ends here, whatever we find
        over = self.over(seconds, gb)
        if over:
            pytest.fail(f"{name} took {over}", pytrace=False)
        return result

    def over(self, seconds, gb):
        """Which limits were passed, in words; "" where none was."""
        limit, limit_gb = self.config.option.notebook_seconds, self.config.option.notebook_gb
        passed = []
        if seconds is not None and seconds > limit and seconds > limit * (slower := slowness()):
            passed.append(
                f"{seconds:.0f} s of the processor, the limit is {limit:.0f} s"
                f" times {slower:.1f} for this machine"
            )
        if gb is not None and gb > limit_gb:
            passed.append(f"{gb:.2f} GB, the limit is {limit_gb:.2f} GB")
        return " and ".join(passed)

    def pytest_runtest_logreport(self, report):
        for key, value in report.user_properties:
            if key == "cost":
                self.rows[value[0]] = value[1:]

    def pytest_terminal_summary(self, terminalreporter):
        if self.rows:
            terminalreporter.section("notebooks")
            terminalreporter.line(f"{'CPU s':>8} {'wall s':>8} {'peak GB':>8}")
        for name, (seconds, wall, gb) in sorted(self.rows.items()):
            cost = "-" if seconds is None else f"{seconds:.1f}"
            memory = "-" if gb is None else f"{gb:.2f}"
            terminalreporter.line(f"{cost:>8} {wall:8.1f} {memory:>8}  {name}")
