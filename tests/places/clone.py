"""A clone and `make lab`, played: what the README's first lines give on a new machine.

    python -m tests.places.clone PICTURES [PYTHON]

Clones what is committed, calls `make lab` twice (the second start finds everything ready), opens
the README's first lesson and its exercises in a browser, runs both, and takes pictures. Installing
needs a network.
"""

import argparse
import contextlib
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.browser import lab
from tests.browser.lab import ROOT

SECONDS = 600
OURS = ("RNNCOURSE_", "TF_", "OPENBLAS_", "PYTHONPATH", "JUPYTER", "MPLBACKEND", "VIRTUAL_ENV")


def first_lesson():
    """The notebook that the README's table of lessons opens first."""
    return re.search(r"\]\((chapters/[^)]+\.ipynb)\)", (ROOT / "README.md").read_text("utf-8"))[1]


@contextlib.contextmanager
def make_lab(clone, home, python):
    """`make lab` until it answers; yields its Server."""
    port, token = lab.free_port(), secrets.token_hex(16)
    options = f"--no-browser --port={port} --IdentityProvider.token={token}"
    there = {k: v for k, v in os.environ.items() if not k.startswith(OURS)} | {"HOME": str(home)}
    log = home / "make.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            ["make", "lab", f"PYTHON={python}", f"LAB_ARGS={options}"],
            cwd=clone,
            env=there,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            started = lab.Server(f"http://127.0.0.1:{port}", token)
            lab.wait_for(started, process, log, SECONDS)
            yield started
            with contextlib.suppress(OSError):
                started.ask("/api/shutdown", "POST")
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(30)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.places.clone", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("pictures", type=Path)
    parser.add_argument("python", nargs="?", default="python3")
    asked = parser.parse_args(arguments)
    asked.pictures.mkdir(parents=True, exist_ok=True)
    well, lesson = True, first_lesson()
    with tempfile.TemporaryDirectory() as name, lab.browser() as browser:
        home, clone = Path(name), Path(name) / "rnncourse"
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
        for time_ in ("first", "second"):
            began = time.perf_counter()
            with make_lab(clone, home, asked.python) as server:
                print(
                    f"{time_} make lab: ready after {time.perf_counter() - began:.0f} s", flush=True
                )
                if time_ == "first":
                    continue
                for path in (lesson, lesson.replace("chapters", "exercises")):
                    page = browser.new_page()
                    lab.open_notebook(page, server.notebook(path))
                    state = lab.run_all(page, SECONDS)
                    page.screenshot(path=asked.pictures / f"clone-{path.replace('/', '-')}.png")
                    page.close()
                    right = not state["errors"] and state["done"] == state["code"]
                    print(f"{'✓' if right else '✗'} {path}: {state}", flush=True)
                    well &= right
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
