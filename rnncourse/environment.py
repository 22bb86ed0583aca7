"""Where the course lies, and the environment that its notebooks run in.

    python -m rnncourse.environment COMMAND …      runs COMMAND in that environment

Binder starts its server that way: see the script `start`.
"""

import os
import sys
from pathlib import Path

__all__ = ["KERNELS", "course_folder", "jupyter"]

PACKAGE = Path(__file__).resolve().parent
# Keras prints the numbers that the lessons show, without TensorFlow's own remarks. One thread for
# NumPy: the products of one time step are small, and on busy cores a second thread only waits.
KERNELS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "OPENBLAS_NUM_THREADS": "1",
}


def course_folder():
    """The clone that rnncourse is installed from; from a wheel, the current folder."""
    clone = PACKAGE.parent
    return clone if (clone / "chapters").is_dir() else Path.cwd()


def jupyter():
    """The environment of JupyterLab and its kernels; what the learner has set stays.

    The settings in jupyter/labconfig keep JupyterLab from asking about news and looking for
    updates: nothing here needs a network.
    """
    ours, theirs = PACKAGE / "jupyter", os.environ.get("JUPYTER_CONFIG_PATH")
    paths = os.pathsep.join([str(ours), *([theirs] if theirs else [])])
    return KERNELS | os.environ | {"JUPYTER_CONFIG_PATH": paths}


if __name__ == "__main__":
    os.execvpe(sys.argv[1], sys.argv[1:], jupyter())
