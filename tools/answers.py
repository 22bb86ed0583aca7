"""What a solutions notebook says of its tasks, written by `make sync` from the tasks themselves.

The body of each function's answer is the task's reference. The title says how many tasks there are
of which kind, and their points; the heading of each task has its number, and the line below its
kind and points. All other text is the notebook's own.
"""

import ast
import re
import textwrap
from collections import Counter

from rnncourse.checking.mistakes import source_of
from rnncourse.checking.task import Task, ValueTask
from tools.fault import Fault

__all__ = ["write"]

BLOCK = re.compile(
    r"^(?P<indent> *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION$", re.MULTILINE | re.DOTALL
)
TITLE = re.compile(
    r"^\S+ tasks on (\[lesson (\S+?)\]\([^)]*\)): [^.]*\. [\d.]+ points", re.MULTILINE
)
HEADING = re.compile(r"^## (?:[\d.]+ )?(.+)\n\n\*[^*\n]+ points?\.\*", re.MULTILINE)
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
LEVELS = {"warm-up": ("{} warm-up", "{} warm-ups"), "core": ("{} at the core",) * 2}
LEVELS["stretch"] = ("{} to stretch",) * 2


def write(notebook, tasks):
    """Bring a notebook up to date with `tasks`, {(chapter, name): Task}; whether anything changed.

    Raises Fault where a cell that belongs to a task is missing or is written in another way.
    """
    before = [cell.source for cell in notebook.cells]
    cells = {cell.id: cell for cell in notebook.cells}
    placed = {cell.id: k for k, cell in enumerate(notebook.cells)}
    named = {task.name.lower().replace("_", "-"): task for task in tasks.values()}
    if lacking := [f"{stem}-text" for stem in named if f"{stem}-text" not in cells]:
        raise Fault("no-text", ids=", ".join(lacking))
    order = sorted(named, key=lambda stem: placed[f"{stem}-text"])
    title = cells["title"]
    found = TITLE.search(title.source)
    if not found:
        raise Fault("no-title")
    title.source = TITLE.sub(lambda _: _summary(found[1], [named[s] for s in order]), title.source)
    for number, stem in enumerate(order, start=1):
        task, text = named[stem], cells[f"{stem}-text"]
        if not HEADING.match(text.source):
            raise Fault("no-heading", id=text.id)
        head = f"## {found[2]}.{number} \\1\n\n*{task.level.capitalize()}, {_points(task.points)}.*"
        text.source = HEADING.sub(head, text.source, count=1)
        if not isinstance(task, ValueTask):
            _write_answer(cells[stem], task, notebook)
    return before != [cell.source for cell in notebook.cells]


def _summary(lesson, tasks):
    """The first sentences of the title: how many tasks, of which kinds, for how many points."""
    levels = Counter(task.level for task in tasks)
    parts = [
        LEVELS[level][levels[level] > 1].format(NUMBERS[levels[level]])
        for level in LEVELS
        if levels[level]
    ]
    points = _points(sum(task.points for task in tasks))
    return f"{NUMBERS[len(tasks)].capitalize()} tasks on {lesson}: {', '.join(parts)}. {points}"


def _points(number):
    return f"{number:g} point{'' if number == 1 else 's'}"


def _write_answer(cell, task, notebook):
    """Put the reference's body between the markers of the function's cell."""
    if len(BLOCK.findall(cell.source)) != 1 or f"def {task.name}(" not in cell.source:
        raise Fault("no-answer", id=cell.id, task=task.name)
    body = _body(task.reference, _imported(notebook))
    indent = BLOCK.search(cell.source)["indent"]
    lines = ["### BEGIN SOLUTION", *body, "### END SOLUTION"]
    answer = "\n".join(indent + line if line else line for line in lines)
    cell.source = BLOCK.sub(lambda _: answer, cell.source)


def _imported(notebook):
    """The names that the notebook's code cells import at their top."""
    names = set()
    for cell in notebook.cells:
        if cell.cell_type == "code":
            try:
                tree = ast.parse(cell.source)
            except SyntaxError:  # a cell with %magic
                continue
            imports = [n for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
            names |= {_bound(alias) for node in imports for alias in node.names}
    return names


def _bound(alias):
    return alias.asname or alias.name.partition(".")[0]


def _body(reference, imported):
    """The lines of a reference's body as the notebook has them, without indentation.

    What the notebook imports is not imported again; what is the chapter's own gets its name:
    `ch06_2.decode`.
    """
    function = ast.parse(source_of(reference)).body[0]
    lines = source_of(reference).splitlines()
    own = _own_names(function, reference.__globals__, imported)
    chapter = reference.__module__.rpartition(".")[2]
    for node in sorted(own, key=lambda n: (n.lineno, n.col_offset), reverse=True):
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = f"{line[: node.col_offset]}{chapter}.{line[node.col_offset :]}"
    dropped = [statement for statement in function.body if _needless(statement, imported)]
    if ast.get_docstring(function):
        dropped.append(function.body[0])
    gone = {n for one in dropped for n in range(one.lineno, one.end_lineno + 1)}
    first = function.body[0].lineno
    kept = [line for n, line in enumerate(lines, start=1) if n >= first and n not in gone]
    return textwrap.dedent("\n".join(kept)).strip("\n").splitlines()


def _needless(statement, imported):
    """Whether a statement only imports what the notebook has already."""
    if not isinstance(statement, ast.Import | ast.ImportFrom):
        return False
    return all(_bound(alias) in imported for alias in statement.names)


def _own_names(function, space, imported):
    """The nodes of a function's names that are the chapter's own public functions, and no tasks."""
    nodes = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    local = {node.id for node in nodes if isinstance(node.ctx, ast.Store)}
    local |= {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    return [
        node
        for node in nodes
        if node.id not in local | imported
        and str(getattr(space.get(node.id), "__module__", "")).startswith("rnncourse.tasks.")
        and not isinstance(space[node.id], Task)
    ]
