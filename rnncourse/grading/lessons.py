"""Which lessons a notebook's code imports, in whatever form.

    from rnncourse.tasks import ch03, ch05 as c    # and over several lines, in a try or an if
    from rnncourse.tasks.ch03 import *
    import rnncourse.tasks.ch03 as ch03
    import rnncourse.tasks                          # then rnncourse.tasks.ch03 names it

The code is parsed, so that a string or a comment is no import.
"""

import ast
import functools
import pkgutil
import re
import warnings

from rnncourse import tasks

__all__ = ["data_modules", "imported", "known"]

LESSON = re.compile(r"ch[0-9]{2}(_[0-9])?")
HOME = "rnncourse.tasks"
# Magics whose cell is Python; cells of other magics are in other languages.
PYTHON_CELLS = {"%%time", "%%timeit", "%%capture", "%%prun"}


def known():
    """The lessons of the course, ["ch01", ...], and those of an instructor."""
    return _modules(tuple(tasks.__path__))[0]


def data_modules():
    """The modules that hold a lesson's data, and no task: {"ch05_data", ...}."""
    return {name for name in _modules(tuple(tasks.__path__))[1] if name.endswith("_data")}


@functools.cache
def _modules(folders):
    """(lessons, other modules) in these folders; only the first has other modules."""
    found = list(pkgutil.iter_modules(folders))
    other = {
        module.name
        for module in found
        if module.name.endswith("_data")
        or (module.module_finder.path == folders[0] and not LESSON.fullmatch(module.name))
    }
    return sorted({module.name for module in found} - other), other


def imported(sources):
    """(lessons, packages) that these code cells import: {"ch03"}, {"numpy", "rnncourse"}.

    The lessons need not exist: `known` lists those that do. A cell that cannot be parsed is
    skipped, because it does not run in a notebook either.
    """
    trees = [tree for source in sources if (tree := _parsed(source)) is not None]
    found, names = set(), {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.add(alias.name)
                top = alias.name.partition(".")[0]
                names[alias.asname or top] = alias.name if alias.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                found.add(f"{node.module}.{alias.name}")
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called == "import_module" and isinstance(node.args[0].value, str):
                found.add(node.args[0].value)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Attribute) and _is_home(node.value, names):
            found.add(f"{HOME}.{node.attr}")
    parts = [name.split(".", 3) for name in found]
    lessons = {part[2] for part in parts if part[:2] == HOME.split(".") and len(part) > 2}
    lessons -= _modules(tuple(tasks.__path__))[1].union(tasks.__all__, "*")
    return {name for name in lessons if name[:1] != "_"}, {part[0] for part in parts}


def _is_home(node, names):
    """Whether an expression names the package of tasks: `tasks`, `rnncourse.tasks`."""
    if isinstance(node, ast.Name):
        return names.get(node.id) == HOME
    whole = isinstance(node, ast.Attribute) and node.attr == "tasks"
    return whole and isinstance(node.value, ast.Name) and names.get(node.value.id) == "rnncourse"


def _parsed(source):
    for code in (source, None):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # ignore invalid escapes in strings
                return ast.parse(_without_magics(source) if code is None else code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # MemoryError: nested too deeply for the parser
    return None


def _without_magics(source):
    """A cell without the lines that IPython handles itself."""
    lines = source.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    if lines[first].lstrip().startswith("%%"):
        if lines[first].split()[0] not in PYTHON_CELLS:
            return ""
        lines[first] = ""
    return "\n".join(map(_without_magic, lines))


def _without_magic(line):
    bare = line.strip()
    given = bare.partition("=")[2].lstrip()  # files = !ls
    if bare[:1] in ("%", "!", "?") or bare[-1:] == "?" or given[:1] in ("%", "!"):
        return line[: len(line) - len(line.lstrip())] + "pass"
    return line
