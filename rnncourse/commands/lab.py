"""`rnncourse lab`: start JupyterLab in the course's folder; further arguments are JupyterLab's."""

import os
import subprocess
import sys
from importlib.util import find_spec

from rnncourse import environment
from rnncourse.language import say

PASSES_ON = True  # unknown arguments are JupyterLab's: --no-browser, --port=8890


def add_arguments(parser):
    """`rnncourse lab` has no options of its own."""
    parser.epilog = say("commands.lab", "passes-on")


def run(arguments):
    """Start JupyterLab and wait; its exit status, or 1 where it cannot be started."""
    if find_spec("jupyterlab") is None:
        print(say("commands.lab", "missing"), file=sys.stderr)
        return 1
    locked = list(environment.locked().values())
    try:
        ours = environment.jupyter()
    except OSError as error:
        print(say("commands.lab", "nowhere", folder=locked[0][0], error=error), file=sys.stderr)
        return 1
    if locked:
        folder, error = locked[0]
        said = say("commands.lab", "locked", folder=folder, error=error.strerror)
        print(said, file=sys.stderr)
    root = f"--ServerApp.root_dir={environment.course_folder()}"
    command = [sys.executable, "-P", "-m", "jupyterlab", root]
    if getattr(os, "geteuid", lambda: 1)() == 0:  # a container has no other user
        command.append("--allow-root")
    return wait(subprocess.Popen(command + arguments.rest, env=ours))


def wait(process):
    """JupyterLab's exit status. Ctrl-C reaches JupyterLab too, which asks before it stops."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
