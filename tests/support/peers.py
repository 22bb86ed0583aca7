"""A grader that we compare ourselves with, or serve, in a virtual environment of its own.

The environment sees the packages of the course's own, so that installing takes seconds, both sides
run the same NumPy and TensorFlow, and nothing is installed into the course's environment.
"""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

__all__ = ["Missing", "install"]


class Missing(Exception):
    """A peer that could not be installed, with pip's last words."""


def install(folder, *packages):
    """Make an environment in `folder` with pip `packages`; os.environ to run its programs under."""
    venv.create(folder, with_pip=False)
    programs = "Scripts" if os.name == "nt" else "bin"
    python = Path(folder, programs, Path(sys.executable).name)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout
    ours = sysconfig.get_path("purelib")
    # Not the path alone: a course installed in editable mode is itself named by a file in there.
    Path(own.strip(), "course.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--retries", "1"]
    command = [sys.executable, "-m", "pip", "--python", python, "install", *quiet, *packages]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"{', '.join(packages)}: {done.stderr.strip().splitlines()[-1:]}")
    path = os.pathsep.join([str(python.parent), os.environ.get("PATH", "")])
    shared = str(Path(sysconfig.get_path("data"), "share", "jupyter"))  # nbconvert's templates
    return os.environ | {"PATH": path, "HOME": str(folder), "JUPYTER_PATH": shared}
