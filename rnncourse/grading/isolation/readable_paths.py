"""What a submission may read of this machine: what Python needs, by name, and nothing beside it.

No whole prefix: an environment may lie in the folder in which a class is graded, and `/usr` may
hold a class's exchange. Within these folders our solutions are hidden, and the files that hold the
targets of model tasks, every copy of them.
"""

import functools
import importlib
import os
import pkgutil
import sys
import sysconfig
import zoneinfo
from pathlib import Path

from rnncourse import data, tasks  # the packages alone: their modules would bring NumPy

__all__ = [
    "apart",
    "beside",
    "data_files",
    "overlaps",
    "readable",
    "solutions",
    "uncovered",
    "within",
]

COURSE = Path(__file__).resolve().parents[2]
SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib")  # shared libraries
FILES = (
    *("/usr/share/fonts", "/usr/share/fontconfig", "/usr/share/matplotlib", "/etc/fonts"),
    *("/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives"),  # the last: Debian's BLAS
    *("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random"),
)
SITES = ("site-packages", "dist-packages")


def _packages():
    """The folders from which this Python imports what was installed."""
    installed = [p for p in sys.path if Path(p).name in SITES]
    return [*installed, *(sysconfig.get_path(name) for name in ("purelib", "platlib"))]


@functools.cache  # it costs milliseconds, and is the same for every submission
def readable():
    """What a submission may read, as paths of which none lies inside another."""
    python = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib")]
    python += [p for p in sys.path if p.endswith((".zip", "lib-dynload"))]
    python += [sys.executable, os.path.realpath(sys.executable)]
    for prefix in (sys.prefix, sys.base_prefix):  # conda keeps all its shared libraries there
        python += sorted(Path(prefix, "lib").glob("lib*.so*"))
    wanted = [*SYSTEM, *FILES, *zoneinfo.TZPATH, *python, *_packages(), COURSE]
    found = []
    for path in sorted({Path(p) for p in wanted}, key=lambda path: (len(path.parts), path)):
        inside = any(path.is_relative_to(other) for other in found)
        if not inside and os.path.exists(path) and path != Path("/"):
            found.append(path)
    return found


def _sites():
    """All folders of installed packages within what is readable, whoever they belong to."""
    for path in readable():
        if os.path.isdir(path):
            for name in SITES:
                yield from {path, *path.glob(name), *path.glob(f"*/{name}")}


@functools.cache
def solutions():
    """Where solutions stand: the tasks, an instructor's own, copies within what is readable."""
    copies = {*map(Path, tasks.__path__), *(site / "rnncourse" / "tasks" for site in _sites())}
    return sorted({path.resolve() for path in copies if os.path.isdir(path)})


@functools.cache
def data_files():
    """The files of datasets by which model tasks are judged, in every copy of the course."""
    modules = [
        importlib.import_module(f"{data.__name__}.{module.name}")
        for module in pkgutil.iter_modules(data.__path__)
    ]
    cards = [card for module in modules if (card := getattr(module, "CARD", None))]
    names = [card.file for card in cards if card.held_back]
    homes = {COURSE, *(site / "rnncourse" for site in _sites())}
    files = {home / "data" / "files" / name for home in homes for name in names}
    return sorted({file.resolve() for file in files if file.is_file()})


@functools.cache
def hidden():
    """What lies within `readable` and is closed: solutions, targets, other Pythons' packages."""
    ours = {Path(path).resolve() for path in _packages()}
    others = {path.resolve() for path in _sites() if path.name in SITES} - ours
    others = {path for path in others if not any(own.is_relative_to(path) for own in ours)}
    found = []
    for path in sorted(others | set(solutions()) | set(data_files())):
        if not any(path.is_relative_to(other) for other in found):
            found.append(path)
    return found


def beside(paths, hidden):
    """(paths that together hold all that `paths` hold but `hidden`, the folders on the way).

    All of them resolved. A link on the way is left out, so that none leads elsewhere.
    """
    found, on_the_way = [], []
    todo = [Path(path).resolve() for path in paths]
    while todo:
        path = todo.pop(0)
        if path in hidden:
            continue
        if not any(other.is_relative_to(path) for other in hidden):
            found.append(path)
            continue
        on_the_way.append(path)
        todo = [inner for inner in sorted(path.iterdir()) if not inner.is_symlink()] + todo
    return found, on_the_way


@functools.cache
def apart():
    """`beside` of all that is readable: what Landlock allows where nothing lies over the rest."""
    return beside(readable(), hidden())


def within():
    """What is hidden, under each path by which it can be reached."""
    for path in readable():
        if not path.is_symlink():
            real = path.resolve()
            yield from (
                path / one.relative_to(real) for one in hidden() if one.is_relative_to(real)
            )


def uncovered():
    """The first file of solutions or targets that this process can read after all, or None."""
    for file in [*(file for path in solutions() for file in path.glob("*.py")), *data_files()]:
        try:
            os.close(os.open(file, os.O_RDONLY))
        except OSError:
            continue
        return file
    return None


def overlaps(folder):
    """Where `folder` meets what submissions can read, or None: submissions and marks lie apart.

    Either the readable path in which it lies, or the one of Python, its packages or this course
    that it contains: there a student's folder could be taken for a part of them.
    """
    folder = Path(folder).resolve()
    for path in readable():
        if folder.is_relative_to(path.resolve()):
            return path
    environment = [sys.prefix, sys.base_prefix, *_packages(), COURSE]
    return next((Path(p) for p in environment if Path(p).resolve().is_relative_to(folder)), None)
