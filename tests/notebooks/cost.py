"""A pytest plugin: seconds and peak memory of every notebook that nbval runs, and a limit for both.

    pytest -p tests.notebooks.cost --nbval chapters

Measured where the kernel runs, also in a worker of xdist; the table is printed at the end. The
limits are those of STYLE.md; RNNCOURSE_SLOWNESS=2 doubles the seconds for a slow machine.
"""

import os
import re
import time
from pathlib import Path

import pytest

FACTOR = float(os.environ.get("RNNCOURSE_SLOWNESS", "1"))


def pytest_addoption(parser):
    group = parser.getgroup("notebooks")
    group.addoption("--notebook-seconds", type=float, default=120, help="limit for one notebook")
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


def kernel_gb(notebook):
    """The peak memory of the kernel of one of nbval's notebooks, or None."""
    kernel = getattr(notebook, "kernel", None)
    process = getattr(getattr(kernel, "km", None), "provisioner", None)
    return peak_gb(process.pid) if process is not None else None


class Cost:
    """Watches the cells go by, and keeps one row a notebook."""

    def __init__(self, config):
        self.config = config
        self.started = {}  # notebook: when its first cell began
        self.rows = {}  # notebook: (seconds, gb), in the controller under xdist

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        self.started.setdefault(item.parent, time.perf_counter())  # before the kernel starts

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_teardown(self, item, nextitem):
        last = nextitem is None or nextitem.parent is not item.parent
        if not (last and item.path.suffix == ".ipynb"):
            return (yield)
        seconds, gb = time.perf_counter() - self.started[item.parent], kernel_gb(item.parent)
        name = item.path.relative_to(self.config.rootpath).as_posix()
        item.user_properties.append(("cost", (name, seconds, gb)))
        result = yield  # the kernel ends here, whatever we find
        over = self.over(seconds, gb)
        if over:
            pytest.fail(f"{name} took {over}", pytrace=False)
        return result

    def over(self, seconds, gb):
        """Which limits were passed, in words; "" where none was."""
        limit, limit_gb = (
            FACTOR * self.config.option.notebook_seconds,
            self.config.option.notebook_gb,
        )
        passed = [f"{seconds:.0f} s, the limit is {limit:.0f} s"] if seconds > limit else []
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
            terminalreporter.line(f"{'seconds':>8} {'peak GB':>8}")
        for name, (seconds, gb) in sorted(self.rows.items()):
            memory = "-" if gb is None else f"{gb:.2f}"
            terminalreporter.line(f"{seconds:8.1f} {memory:>8}  {name}")
