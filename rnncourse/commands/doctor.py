"""`rnncourse doctor`: what is installed, what is missing or out of range, and how to fix it.

Versions come from the metadata that pip wrote, so no package is imported: a broken TensorFlow can
be diagnosed too. The ranges come from rnncourse's own metadata, so there is no second list.
"""

import json
import os
import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path

import rnncourse
from rnncourse import progress
from rnncourse.environment import (
    course_folder,
    foreign,
    left_out,
    locked,
    own_kernels,
    write_error,
)
from rnncourse.language import say

__all__ = ["examine"]

DISK_GB = 1  # for saved models and notebooks; an installation needs more
SUBSTITUTES = {"tensorflow": ("tensorflow", "tensorflow-cpu")}  # the half-size build is as good
NEEDED_FOR = ("", "keras", "lab")  # the extras that a learner needs; "" is the course itself


def installed(name):
    """The version of a distribution, or None."""
    for candidate in SUBSTITUTES.get(name, (name,)):
        try:
            return metadata.version(candidate)
        except metadata.PackageNotFoundError:
            continue
    return None


def requirements():
    """{name: requirement} of a learner on this machine, from rnncourse's metadata."""
    from packaging.requirements import Requirement

    wanted = {}
    for line in metadata.requires("rnncourse") or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in NEEDED_FOR):
            wanted[requirement.name] = requirement
    return wanted


def row(what, status, found, **facts):
    """One line of the report. status: ok, note (works without it) or wrong."""
    return {"what": what, "status": status, "found": found, **facts}


def package_row(name, requirement):
    """The row of one package that a learner needs."""
    version, wanted = installed(name), str(requirement.specifier)
    if version is not None and requirement.specifier.contains(version, prereleases=True):
        return row(name, "ok", version, wanted=wanted)
    found = version or say("commands.doctor", "absent")
    return row(name, "wrong", found, wanted=wanted, fix=command_for(name, wanted))


def command_for(name, wanted):
    """The command that installs it: in a clone's .venv the whole lock, elsewhere this package."""
    venv, python = Path(sys.prefix), Path(sys.executable)
    ours = venv.resolve() == course_folder() / ".venv"
    if ours and (course_folder() / "bootstrap.py").is_file():
        return f"{python.relative_to(venv.parent)} bootstrap.py --again"
    return f'{this_python()} -m pip install "{name}{wanted}"'


def this_python():
    """The Python that runs here, as a shell wants it: `python` may be another one there."""
    quoted = f'"{sys.executable}"' if " " in sys.executable else sys.executable
    return f"& {quoted}" if os.name == "nt" and quoted != sys.executable else quoted


def without(variable):
    """The line that unsets a variable in this terminal."""
    return f"Remove-Item Env:{variable}" if os.name == "nt" else f"unset {variable}"


def python_row():
    """Whether this Python is in the range that rnncourse needs."""
    from packaging.specifiers import SpecifierSet

    wanted = metadata.metadata("rnncourse")["Requires-Python"] or ""
    fits = SpecifierSet(wanted).contains(platform.python_version(), prereleases=True)
    facts = {} if fits else {"fix": say("commands.doctor", "get-python")}
    return row(
        "Python", "ok" if fits else "wrong", platform.python_version(), wanted=wanted, **facts
    )


def kernel_row():
    """Whether `python3` is this very Python, as `rnncourse lab` and as other programs find it."""
    missing = row(
        "kernel", "wrong", say("commands.doctor", "absent"), fix=command_for("ipykernel", "")
    )
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ModuleNotFoundError:
        return missing
    others = KernelSpecManager()
    ours = KernelSpecManager(kernel_dirs=[str(own_kernels()), *others.kernel_dirs])
    try:
        spec, elsewhere = (manager.get_kernel_spec("python3") for manager in (ours, others))
    except NoSuchKernel:
        return missing
    if not is_this_python(spec.argv[0]):
        line = f"{this_python()} -m ipykernel install --sys-prefix"
        return row("kernel", "wrong", spec.argv[0], fix=line)
    if not is_this_python(elsewhere.argv[0]):
        return row("kernel", "note", elsewhere.argv[0], fix=other_kernel(elsewhere))
    return row("kernel", "ok", spec.argv[0])


def is_this_python(program):
    """Whether the first word of a kernel starts this Python; Jupyter fills in `python` itself."""
    return program in ("python", "python3") or same_file(program, sys.executable)


def other_kernel(spec):
    """What to do where only `rnncourse lab` finds the right kernel."""
    folders = filter(None, os.environ.get("JUPYTER_PATH", "").split(os.pathsep))
    if any(Path(spec.resource_dir).is_relative_to(folder) for folder in folders):
        line = without("JUPYTER_PATH")
    else:
        line = f"{this_python()} -m jupyter kernelspec remove python3"
    return say("commands.doctor", "kernel", folder=spec.resource_dir, line=line)


def same_file(one, other):
    """Whether two Pythons are in one environment (a link to the base Python is not)."""
    return Path(one).parent.resolve() == Path(other).parent.resolve()


def disk_row():
    """Whether the disk of the working directory has DISK_GB free."""
    free = shutil.disk_usage(Path.cwd()).free / 1e9
    facts = {} if free >= DISK_GB else {"fix": say("commands.doctor", "free-space", need=DISK_GB)}
    return row(
        "disk",
        "wrong" if facts else "ok",
        say("commands.doctor", "free", gb=f"{free:.1f}"),
        **facts,
    )


def progress_row():
    """Whether progress can be read and written; the course works without it."""
    file = progress.path()
    try:
        if error := write_error(file.parent):
            raise error
        if file.exists():
            file.open("r+b").close()
    except OSError as error:
        fix = say("commands.doctor", "progress", variable="RNNCOURSE_HOME")
        return row("progress", "note", f"{file}: {error.strerror}", fix=fix)
    if error := progress.damage():
        fix = say("commands.progress", "unreadable", path=file, error=error)
        return row("progress", "note", f"{file}: {error}", fix=fix)
    return row("progress", "ok", str(file))


def folders_row():
    """Whether Jupyter can keep its settings; `rnncourse lab` runs without."""
    try:
        found = list(locked().values())
    except ModuleNotFoundError:  # without Jupyter there is nothing to keep
        found = []
    if not found:
        return row("settings", "ok", str(Path.home()))
    folder, error = found[0]
    fix = say("commands.doctor", "settings", folder=folder)
    return row("settings", "note", f"{folder}: {error.strerror}", fix=fix)


def pythonpath_rows():
    """A row for each folder of PYTHONPATH whose packages hide those that are installed here."""
    rows = []
    for folder, names in (left_out or foreign()).items():
        found = say("commands.doctor", "foreign", folder=folder, names=", ".join(names[:5]))
        fix = say("commands.doctor", "pythonpath", line=without("PYTHONPATH"))
        rows.append(row("PYTHONPATH", "wrong", found, fix=fix))
    return rows


def examine():
    """All rows of the report."""
    try:
        wanted = requirements()
    except metadata.PackageNotFoundError:  # unpacked but not installed: there are no ranges
        fix = command_for("rnncourse", "")
        return [row("rnncourse", "wrong", say("commands.doctor", "absent"), fix=fix)]
    except ModuleNotFoundError:
        return [
            row(
                "packaging",
                "wrong",
                say("commands.doctor", "absent"),
                fix=command_for("packaging", ""),
            )
        ]
    rows = [python_row(), row("rnncourse", "ok", rnncourse.__version__)]
    rows += [package_row(*found) for found in wanted.items()]
    rows += [kernel_row(), *pythonpath_rows(), disk_row(), progress_row(), folders_row()]
    return rows


def table(rows):
    """The report as text, with the commands that fix it below, each once."""
    marks = {"ok": "✓", "note": "·", "wrong": "✗"}
    width = max(len(r["what"]) for r in rows)
    lines = [
        f"{marks[r['status']]} {r['what']:{width}}  {r['found']:14} {r.get('wanted', '')}".rstrip()
        for r in rows
    ]
    wrong = [r for r in rows if r["status"] == "wrong" and "fix" in r]
    notes = [r for r in rows if r["status"] == "note" and "fix" in r]
    for code, some in (("wrong", wrong), ("note", notes)):
        fixes = dict.fromkeys(r["fix"] for r in some)
        if fixes:
            lines += ["", say("commands.doctor", code), *(f"  {fix}" for fix in fixes)]
    return "\n".join(lines if wrong or notes else [*lines, "", say("commands.doctor", "well")])


def add_arguments(parser):
    """The options of `rnncourse doctor`."""
    parser.add_argument("--json", action="store_true", help=say("commands.doctor", "help-json"))


def run(arguments):
    """Print the report; exit status 0 if nothing is wrong, else 1."""
    rows = examine()
    whole = all(r["status"] != "wrong" for r in rows)
    if arguments.json:
        print(json.dumps({"ok": whole, "rows": rows}, ensure_ascii=False, indent=2))
    else:
        print(table(rows))
    return 0 if whole else 1
