"""Everything that CI runs, in order: what `make test` calls, and on Windows

    .venv\\Scripts\\python -m tools.ci

Each step runs even if an earlier one failed, so that one call shows everything there is to mend.
--quick leaves the notebooks out (`make check`); --bare runs the unit tests and the untouched
exercises alone (CI's other versions of Python).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

from rnncourse.environment import KERNELS, course_folder

__all__ = ["steps"]

PYTHON = [sys.executable, "-m"]
PAIRS = ["-n", "2", "--dist", "loadfile"]  # loadfile: the cells of a notebook stay together
# A lesson takes at most 120 s on two cores and 1.2 GB; its peak differs by a few percent from run
# to run.
COST = ["-p", "tests.notebooks.cost", "--notebook-seconds", "240", "--notebook-gb", "1.25"]
COST += ["--nbval-kernel-startup-timeout", "600"]  # beside other work a kernel starts slowly
# What depends on the kernel, on nbgrader or on the processor, not on the version of Python: --bare
# leaves it to the whole run.
SAME_EVERYWHERE = [
    *("grading/test_nbgrader.py", "grading/test_attacks.py", "grading/test_isolation*"),
    *("grading/test_scale.py", "grading/test_border_fuzz.py", "grading/test_border_class.py"),
    *("grading/test_where_python_starts.py", "grading/test_faults.py", "grading/test_by_heart.py"),
    *("grading/test_trial.py", "tasks/test_cases_vary.py", "nn/test_mutations.py", "tools/*"),
]
STRICT = ["--nbval", "--nbval-sanitize-with", "tests/notebooks/sanitize.cfg"]


def pytest(*options):
    return [*PYTHON, "pytest", *options]


def has_notebooks(folder):
    return any((course_folder() / folder).rglob("*.ipynb"))


def steps(quick=False, bare=False):
    """(name, command) of each step. Notebooks last: their costs are what one reads at the end."""
    units = pytest(*PAIRS, "tests", "--ignore=tests/browser")
    if bare:
        units += [f"--ignore-glob=tests/{pattern}" for pattern in SAME_EVERYWHERE]
        units += ["-m", "not slow"]  # trainings are Keras's, and the whole run has them
    lint = [
        ("ruff check", [*PYTHON, "ruff", "check", "."]),
        ("ruff format", [*PYTHON, "ruff", "format", "--check", "."]),
    ]
    in_sync = [("exercises in sync", [*PYTHON, "tools.sync", "--check"])]
    in_sync += [("translations", [*PYTHON, "tools.translations"])]  # a release adds --strict
    browser = [("JupyterLab in a browser", pytest("tests/browser"))]
    exercises = [name for name in ["exercises"] if has_notebooks(name)]
    lessons = [name for name in ["chapters", "solutions"] if has_notebooks(name)]
    if bare:  # what the solutions hold, the unit tests try too, each reference by itself
        lessons = []
    site = [("the site", [*PYTHON, "tools.site"])]
    notebooks = []
    if exercises:
        notebooks.append(("untouched exercises", pytest(*PAIRS, *COST, "--nbval-lax", *exercises)))
    if lessons:
        notebooks.append((" and ".join(lessons), pytest(*PAIRS, *COST, *STRICT, *lessons)))
    first = in_sync if bare else lint + in_sync
    last = [] if quick else notebooks if bare else site + browser + notebooks
    return [*first, ("unit tests", units), *last]


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tools.ci")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--quick", action="store_true", help="no notebooks and no browser")
    which.add_argument("--bare", action="store_true", help="unit tests and untouched exercises")
    asked = parser.parse_args(arguments)
    failed = []
    with tempfile.TemporaryDirectory() as home:  # the progress of whoever runs this stays as it is
        site = course_folder() / "build" / "site"  # one step builds it, browser tests read it
        own = {"RNNCOURSE_HOME": home, "RNNCOURSE_SITE": str(site)}
        environment = KERNELS | os.environ | own
        environment.pop("MPLBACKEND", None)  # or figures would not reach the notebook
        for name, command in steps(asked.quick, asked.bare):
            print(f"\n== {name}", flush=True)
            start = time.perf_counter()
            if subprocess.call(command, env=environment, cwd=course_folder()):
                failed.append(name)
            print(f"== {name}: {time.perf_counter() - start:.0f} s", file=sys.stderr, flush=True)
    if failed:
        print(f"✗ {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
