"""Binder, played: the steps of its build, and a click on the README's links.

    python -m tests.places.binder PYTHON_3.12 PICTURES [NOTEBOOK ...]

Copies what is committed, installs the pip section of environment.yml into an empty environment of
that Python (conda's own step, which only brings this Python, is left out), and starts JupyterLab
through the script `start`, under a hub's address. Then, in a browser: each notebook by its address
in the README, run from the menu, with a picture and the memory that server and kernel hold
together; progress saved on one machine and restored on the next. Installing needs a network.
"""

import argparse
import contextlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import nbformat
import yaml

from tests.browser import lab
from tests.browser.lab import ROOT

LIMIT_GB = 1.5  # of the 2 GB that Binder gives
SECONDS = 900  # for one notebook, on a machine that has other work
LINK = re.compile(r"https://mybinder\.org/v2/gh/[^?)]+\?urlpath=([^)]+)\)")
OURS = ("RNNCOURSE_", "TF_", "OPENBLAS_", "OMP_", "PYTHONPATH", "JUPYTER", "MPLBACKEND")
ANSWER = [
    "from rnncourse.tasks import ch03\n\nch03.n_parameters.check(3 * 5 + 5 * 5 + 5)",
    "!rnncourse progress --save progress.json",
]
AGAIN = ["!rnncourse progress --restore progress.json", "!rnncourse progress"]


def committed(folder):
    """The clone that Binder makes; its path."""
    clone = folder / "course"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    return clone


def build(clone, python, environment):
    """What environment.yml asks of pip, in an empty environment; returns its Python."""
    subprocess.run([python, "-m", "venv", environment], check=True)
    wanted = yaml.safe_load((clone / "environment.yml").read_text("utf-8"))["dependencies"]
    (section,) = (entry["pip"] for entry in wanted if isinstance(entry, dict))
    lines = clone / "pip-section.txt"  # as conda does: one file, read in the folder of the clone
    lines.write_text("\n".join(section) + "\n")
    pip = [environment / "bin" / "python", "-m", "pip", "install", "--quiet"]
    subprocess.run([*pip, "-r", lines], check=True, cwd=clone)
    lines.unlink()
    return environment / "bin" / "python"


def surroundings(environment, home):
    """What a container of Binder finds, and nothing of the machine that plays it."""
    home.mkdir(parents=True, exist_ok=True)
    there = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return there | {
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "BINDER_REPO_URL": "https://github.com/rnncourse/rnncourse",
        "BINDER_LAUNCH_HOST": "https://mybinder.org/",
    }


@contextlib.contextmanager
def container(clone, environment, home):
    """One session of Binder: a server under a prefix, started through `start`."""
    port, token = lab.free_port(), secrets.token_hex(16)
    prefix = "/user/rnncourse-rnncourse-a1b2c3d4"
    command = ["jupyter", "lab", "--ip=127.0.0.1", f"--port={port}", "--no-browser"]
    options = [f"--ServerApp.base_url={prefix}", f"--IdentityProvider.token={token}"]
    log = home.with_suffix(".log")
    surround = surroundings(environment, home)
    with log.open("w") as out:
        process = subprocess.Popen(
            ["./start", *command, *options, "--allow-root"],
            cwd=clone,
            env=surround,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            started = lab.Server(f"http://127.0.0.1:{port}{prefix}", token)
            lab.wait_for(started, process, log)
            yield started, process.pid
        finally:
            process.terminate()
            process.wait(30)


def links():
    """{notebook: the path that the README's badge opens under the server's address}."""
    paths = LINK.findall((ROOT / "README.md").read_text("utf-8"))
    return {path.removeprefix("lab/tree/"): path for path in paths}


class Memory(threading.Thread):
    """Watches what a process and its children hold together, in GB: shared pages count once."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.running = pid, 0.0, True

    def run(self):
        while self.running:
            self.peak = max(self.peak, held_gb(self.pid))
            time.sleep(0.5)


def held_gb(pid):
    """The proportional set size of a process with all that it started."""
    total, waiting = 0, [pid]
    while waiting:
        one = Path("/proc") / str(waiting.pop())
        with contextlib.suppress(OSError, AttributeError):
            waiting += (one / "task" / one.name / "children").read_text().split()
            rollup = (one / "smaps_rollup").read_text()
            total += int(re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)[1])
    return total * 1024 / 1e9


def upload(server, name, data):
    """Put a file beside the notebooks, as the file browser's upload does."""
    body = json.dumps({"type": "file", "format": "text", "content": data}).encode()
    headers = {"Authorization": f"token {server.token}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{server.address}/api/contents/{name}", data=body, method="PUT", headers=headers
    )
    urllib.request.urlopen(request, timeout=30).close()


def click(server, pid, browser, path, pictures):
    """Open one address, run all, take a picture; (what the page says of it, seconds, GB)."""
    memory = Memory(pid)
    memory.start()
    page = browser.new_page()
    began = time.perf_counter()
    try:
        lab.open_notebook(page, f"{server.address}/{path}?token={server.token}&reset")
        state = lab.run_all(page)
        took = time.perf_counter() - began
        page.wait_for_timeout(1000)
        said = " ".join(
            page.locator(".jp-NotebookPanel:visible .jp-RenderedText").all_inner_texts()
        )
        page.screenshot(path=pictures / f"binder-{Path(path).stem}.png")
    finally:
        memory.running = False
        memory.join()
        page.close()
        server.stop_kernels()
    return state, said, took, memory.peak


def report(path, state, took, gb):
    """Print a row; whether all ran within the limit."""
    well = not state["errors"] and state["done"] == state["code"] and gb < LIMIT_GB
    print(f"{'✓' if well else '✗'} {took:6.1f} s  {gb:5.2f} GB  {path}", flush=True)
    for error in state["errors"]:
        print(error[-1500:])
    return well


def small(*cells):
    """A notebook of some code cells, as text."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)"}
    return nbformat.writes(notebook)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.places.binder", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("python", help="a Python of environment.yml's version")
    parser.add_argument("pictures", type=Path)
    parser.add_argument("notebooks", nargs="*", help="default: one lesson and its exercises")
    asked = parser.parse_args(arguments)
    asked.pictures.mkdir(parents=True, exist_ok=True)
    known, well = links(), True
    with tempfile.TemporaryDirectory() as name, lab.browser() as browser:
        folder = Path(name)
        clone, environment = committed(folder), folder / "environment"
        began = time.perf_counter()
        build(clone, asked.python, environment)
        print(f"built in {time.perf_counter() - began:.0f} s", flush=True)
        with container(clone, environment, folder / "home") as (server, pid):
            wanted = asked.notebooks or ["chapters/03_algorithm.ipynb"]
            for path in wanted:
                address = known.get(path, f"lab/tree/{path}")
                state, _, took, gb = click(server, pid, browser, address, asked.pictures)
                well &= report(path, state, took, gb)
            upload(server, "mine.ipynb", small(*ANSWER))
            at = (server, pid, browser, "lab/tree/mine.ipynb", asked.pictures)
            state, said, took, gb = click(*at)
            well &= report("an answer, saved", state, took, gb) and "This is Binder" in said
            kept = json.loads(server.ask("/api/contents/progress.json"))["content"]
        shutil.rmtree(folder / "home")  # the session is over
        for left in ("progress.json", "mine.ipynb"):
            (clone / left).unlink()
        with container(clone, environment, folder / "next") as (server, pid):
            upload(server, "progress.json", kept)
            upload(server, "again.ipynb", small(*AGAIN))
            at = (server, pid, browser, "lab/tree/again.ipynb", asked.pictures)
            state, said, took, gb = click(*at)
            well &= report("restored", state, took, gb) and "✓ n_parameters" in said
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
