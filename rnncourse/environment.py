"""Where the course lies, and the environment that its notebooks run in.

    python -m rnncourse.environment COMMAND …      runs COMMAND in that environment

Binder starts its server that way: see the script `start`.
"""

import atexit
import os
import pkgutil
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

__all__ = [
    "KERNELS",
    "course_folder",
    "foreign",
    "jupyter",
    "leave_out_foreign",
    "left_out",
    "locked",
    "own_kernels",
    "write_error",
]

PACKAGE = Path(__file__).resolve().parent
# Keras prints the numbers that the lessons show, without TensorFlow's own remarks. One thread for
# NumPy: the products of one time step are small, and on busy cores a second thread only waits.
KERNELS = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "OPENBLAS_NUM_THREADS": "1",
}
left_out = {}  # what leave_out_foreign has removed from PYTHONPATH in this process


def course_folder():
    """The clone that rnncourse is installed from; from a wheel, the current folder."""
    clone = PACKAGE.parent
    return clone if (clone / "chapters").is_dir() else Path.cwd()


def jupyter():
    """The environment of JupyterLab and its kernels; what the learner has set stays.

    The settings in jupyter/labconfig keep JupyterLab from asking about news and looking for
    updates: nothing here needs a network. PATH and JUPYTER_PATH begin with this Python's folders,
    so that terminals find `rnncourse` and `pip`, and `python3` is the kernel of this Python.
    Raises OSError where neither the home folder nor a temporary one can be written to.
    """
    leave_out_foreign()
    programs = dict.fromkeys([sysconfig.get_path("scripts"), str(Path(sys.executable).parent)])
    folders = {
        "JUPYTER_CONFIG_PATH": [str(PACKAGE / "jupyter")],
        "JUPYTER_PATH": [str(own_kernels().parent)],
        "PATH": programs,
    }
    paths = {name: _in_front(name, first) for name, first in folders.items()}
    return KERNELS | os.environ | paths | _temporary(locked())


def own_kernels():
    """The folder of the kernels that are installed in this Python's environment."""
    return Path(sys.prefix, "share", "jupyter", "kernels")


def _in_front(name, folders):
    """The folders, then what the variable `name` holds."""
    theirs = os.environ.get(name)
    return os.pathsep.join([*folders, *([theirs] if theirs else [])])


def write_error(folder):
    """The OSError of writing to a folder, or to the nearest that exists above it; else None."""
    folder = Path(folder)
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    try:
        with tempfile.TemporaryFile(dir=there) as file:  # it has no name and leaves no trace
            file.write(bytes(1 << 16))  # a full disk makes files, and refuses what is in them
    except OSError as error:
        return error
    return None


def locked():
    """{variable: (folder, OSError)} of the folders that Jupyter needs and cannot write to."""
    found = {name: (folder, write_error(folder)) for name, folder in _needed().items()}
    return {name: pair for name, pair in found.items() if pair[1]}


def _needed():
    """{variable: the folder that it names, or the default}."""
    from jupyter_core import paths

    config = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    plots = f"{config}/matplotlib" if sys.platform.startswith("linux") else "~/.matplotlib"
    folders = {
        "JUPYTER_CONFIG_DIR": paths.jupyter_config_dir(),
        "JUPYTER_DATA_DIR": paths.jupyter_data_dir(),
        "JUPYTER_RUNTIME_DIR": paths.jupyter_runtime_dir(),
        "IPYTHONDIR": os.environ.get("IPYTHONDIR") or "~/.ipython",
        "MPLCONFIGDIR": os.environ.get("MPLCONFIGDIR") or plots,
    }
    return {name: Path(folder).expanduser().absolute() for name, folder in folders.items()}


def _temporary(names):
    """{variable: a new folder}, removed when this process ends."""
    if not names:
        return {}
    folder = tempfile.mkdtemp(prefix="rnncourse_lab-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folders = {name: Path(folder, name.lower()) for name in names}
    for made in folders.values():
        made.mkdir(mode=0o700)
    return {name: str(made) for name, made in folders.items()}


def foreign():
    """{folder of PYTHONPATH: [packages in it that Python finds before its own]}.

    ROS, for example, names its folder for every terminal, and its NumPy may be too old here.
    """
    folders = list(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    ours = {os.path.realpath(sysconfig.get_path(name)) for name in ("purelib", "platlib")}
    own = _packages(ours) - {"rnncourse"} if folders else set()
    others = [folder for folder in folders if os.path.realpath(folder) not in ours]
    found = {folder: sorted(own & _packages([folder])) for folder in others}
    return {folder: names for folder, names in found.items() if names}


def _packages(folders):
    """The names of the modules and packages in these folders."""
    return {module.name for module in pkgutil.iter_modules(folders)}


def leave_out_foreign():
    """Remove foreign folders from PYTHONPATH and sys.path, here and for processes started here."""
    found = foreign()
    if found:
        left_out.update(found)
        paths = os.environ["PYTHONPATH"].split(os.pathsep)
        os.environ["PYTHONPATH"] = os.pathsep.join(path for path in paths if path not in found)
        out = set(map(os.path.abspath, found))
        sys.path[:] = [path for path in sys.path if os.path.abspath(path) not in out]


if __name__ == "__main__":
    os.execvpe(sys.argv[1], sys.argv[1:], jupyter())
