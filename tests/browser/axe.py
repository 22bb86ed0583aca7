"""axe-core, the accessibility checker: where its script is, and what it finds on a page.

It comes with the package axe-playwright-python (of its Python nothing is used), or else, once, by
npm into a cache folder. Nothing of it is in the repository: its licence is the MPL 2.0.
"""

import importlib.util
import os
import shutil
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

import pytest

VERSION = "4.14.1"  # of npm's; the package has its own
GRAVE = ("serious", "critical")


@cache
def script():
    """The text of axe.min.js. Skips the test (in CI: fails it) where it cannot be had."""
    if found := importlib.util.find_spec("axe_playwright_python"):
        return (Path(found.origin).parent / "axe.min.js").read_text("utf-8")
    cached = Path(tempfile.gettempdir()) / f"axe-core-{VERSION}.min.js"
    if not cached.exists():
        _from_npm(cached)
    return cached.read_text("utf-8")


def _from_npm(cached):
    npm = shutil.which("npm")
    stop = pytest.fail if os.environ.get("CI") else pytest.skip
    if npm is None:
        stop("no axe-core: pip install axe-playwright-python, or install npm")
    with tempfile.TemporaryDirectory() as folder:
        pack = [npm, "pack", "--silent", f"axe-core@{VERSION}"]
        done = subprocess.run(pack, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            stop(f"npm could not fetch axe-core: {done.stderr[-300:]}")
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as packed:
            text = packed.extractfile("package/axe.min.js").read()
    part = cached.with_suffix(f".{os.getpid()}")
    part.write_bytes(text)
    part.replace(cached)  # two tests at once leave a whole file


def findings(page, within="document", known=()):
    """What axe finds in `within` (JavaScript: an element, or a context of axe's): a list of str.

    Serious and critical findings only, without those whose (rule, part of the selector) is in
    `known`.
    """
    page.evaluate(f"window.axe || (() => {{ {script()} }})()")
    result = page.evaluate(f"axe.run({within}, {{resultTypes: ['violations']}})")
    found = []
    for rule in result["violations"]:
        if rule["impact"] not in GRAVE:
            continue
        for node in rule["nodes"]:
            where = " ".join(map(str, node["target"]))
            if not any(rule["id"] == name and part in where for name, part in known):
                why = node.get("failureSummary", "").replace("\n", " ")[:160]
                found.append(f"{rule['impact']} {rule['id']}: {where}: {node['html'][:120]} {why}")
    return found
