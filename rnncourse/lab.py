"""`rnncourse lab`: JupyterLab on the course's folder. What follows is passed on to JupyterLab."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import rnncourse
from rnncourse.language import say

PASSES_ON = True  # unknown arguments are JupyterLab's: --no-browser, --port=8890
# Keras prints the numbers that the lessons show, without TensorFlow's own remarks. One thread for
# NumPy: the products of one time step are small, and on busy cores a second thread only waits.
KERNELS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "OPENBLAS_NUM_THREADS": "1",
}


def course_folder():
    """The clone that rnncourse is installed from; from a wheel, the folder we stand in."""
    clone = Path(rnncourse.__file__).resolve().parents[1]
    return clone if (clone / "chapters").is_dir() else Path.cwd()


def environment():
    """What JupyterLab and its kernels find in their environment; what the learner set stays.

    The settings in jupyter/labconfig keep Lab from asking about news and looking for updates:
    nothing here needs a network.
    """
    ours, theirs = Path(__file__).with_name("jupyter"), os.environ.get("JUPYTER_CONFIG_PATH")
    paths = os.pathsep.join([str(ours), *([theirs] if theirs else [])])
    return KERNELS | os.environ | {"JUPYTER_CONFIG_PATH": paths}


def add_arguments(parser):
    parser.epilog = say("lab", "passes-on")


def run(arguments):
    if find_spec("jupyterlab") is None:
        print(say("lab", "missing"), file=sys.stderr)
        return 1
    command = [sys.executable, "-P", "-m", "jupyterlab", f"--ServerApp.root_dir={course_folder()}"]
    if getattr(os, "geteuid", lambda: 1)() == 0:  # a container has no other user
        command.append("--allow-root")
    return wait(subprocess.Popen(command + arguments.rest, env=environment()))


def wait(process):
    """JupyterLab's exit status. Ctrl-C reaches JupyterLab too, which asks before it stops."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def become(command):
    """Run another command in this process's place, in the environment of the course's JupyterLab.

    `python -m rnncourse.lab COMMAND …` is how Binder starts its server: see the script `start`.
    """
    os.execvpe(command[0], command, environment())


if __name__ == "__main__":
    become(sys.argv[1:])
