"""`make sync`: make exercises/ from solutions/, by taking the answers out.

First the solutions get what their tasks say: answers, numbers and points (answers.py), and
nbgrader's metadata (nbgrader_metadata.py). Then

    def rnn_step(x_t, h_prev, W, U, b):
        ### BEGIN SOLUTION
        return np.tanh(x_t @ W + h_prev @ U + b)        becomes one line: raise NotImplementedError
        ### END SOLUTION

    ### BEGIN SOLUTION
    n_parameters = 51                                   becomes: n_parameters = ...
    ### END SOLUTION

A cell tagged `solution-only` is left out; outputs and execution counts go; the rest stays as it is.
"""

import argparse
import ast
import copy
import json
import sys
import textwrap
from pathlib import Path

import nbformat

from rnncourse.environment import course_folder
from tools import answers, nbgrader_metadata
from tools.fault import Fault, say

__all__ = ["check", "exercise", "exercise_source", "stale", "sync"]

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
TO_WRITE = "raise NotImplementedError  # your code here"
TO_ANSWER = "{name} = ...  # your answer here"


def assigned(block):
    """The names that the statements of a block assign, in order, each once."""
    targets = []
    for statement in ast.parse(block).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            raise Fault("nothing-assigned")
        if isinstance(statement, ast.Assign):
            targets += statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets.append(statement.target)
    nodes = [node for target in targets for node in ast.walk(target)]
    stores = [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return list(dict.fromkeys(stores))


def stub(block):
    """What stands in the exercise for a block of answer: lines with the block's indentation."""
    code = [line for line in block if line.strip() and not line.lstrip().startswith("#")]
    if not code:
        raise Fault("empty")
    indent = code[0][: len(code[0]) - len(code[0].lstrip())]
    if indent:
        return [indent + TO_WRITE]
    try:
        names = assigned(textwrap.dedent("\n".join(block)))
    except SyntaxError as error:
        raise Fault("syntax", what=error.msg) from None
    if not names:
        raise Fault("nothing-assigned")
    return [TO_ANSWER.format(name=name) for name in names]


def exercise_source(source):
    """The source of a code cell without its answers."""
    kept, block = [], None
    for line in source.split("\n"):
        marker = line.strip()
        if marker == BEGIN and block is None:
            block = []
        elif marker == END and block is not None:
            kept += stub(block)
            block = None
        elif marker.startswith("###") and "SOLUTION" in marker:  # misspelt, or out of order
            raise Fault("marker", line=marker)
        else:
            (kept if block is None else block).append(line)
    if block is not None:
        raise Fault("open")
    return "\n".join(kept)


def exercise(solution):
    """The exercise notebook of a solution notebook: no answers, outputs or counts."""
    made = copy.deepcopy(solution)
    made.cells = [c for c in made.cells if "solution-only" not in c.metadata.get("tags", [])]
    for n, cell in enumerate(made.cells, start=1):
        if cell.cell_type != "code":
            continue
        try:
            cell.source = exercise_source(cell.source)
        except Fault as fault:
            raise Fault("cell", n=n, id=cell.get("id", "-"), what=fault) from None
        cell.outputs, cell.execution_count = [], None
    return made


def written(notebook):
    """The bytes of a notebook file, as nbformat and JupyterLab write them."""
    return (nbformat.writes(notebook).rstrip("\n") + "\n").encode("utf-8")


def made_from(path):
    """(the solution's bytes, those of its exercise) as they belong, of the solution at `path`."""
    try:
        data = path.read_bytes()
        raw = json.loads(data)
        if not isinstance(raw, dict) or raw.get("nbformat") != 4:
            raise ValueError("nbformat is not 4.")
        if not all("id" in cell for cell in raw.get("cells", [])):  # a made-up id would not last
            raise ValueError("a cell has no id.")
        notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
        nbformat.validate(notebook)
    except (ValueError, nbformat.ValidationError) as error:
        what = str(error).strip().partition("\n")[0]
        raise Fault("notebook", path=path, what=what) from None
    try:
        changed = _bring_up_to_date(notebook, path)
        return written(notebook) if changed else data, written(exercise(notebook))
    except Fault as fault:
        raise Fault("file", path=path, what=fault) from None


def _bring_up_to_date(notebook, path):
    """Write into a solution what comes from elsewhere; whether anything changed."""
    tasks = nbgrader_metadata.tasks_in(notebook)
    changed = [nbgrader_metadata.mark(notebook, tasks)]
    if tasks:
        changed.append(answers.write(notebook, tasks))
    return any(changed)


def notebooks(folder):
    """Every notebook in a folder and the folders of its languages, but for JupyterLab's copies."""
    return [p for p in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in p.parts]


def stale(folder):
    """{notebook: its right bytes, or None for an exercise without solution}, where they differ."""
    solutions, exercises = folder / "solutions", folder / "exercises"
    wanted = {}
    for path in notebooks(solutions):
        wanted[path], wanted[exercises / path.relative_to(solutions)] = made_from(path)
    differ = {p: data for p, data in wanted.items() if not p.exists() or p.read_bytes() != data}
    return differ | {path: None for path in notebooks(exercises) if path not in wanted}


def worked_on(path):
    """Whether an exercise holds somebody's work: what sync writes has never been run."""
    try:
        cells = json.loads(path.read_text("utf-8"))["cells"]
    except FileNotFoundError:
        return False
    except (ValueError, KeyError, TypeError):
        return True  # unreadable, but perhaps not to its owner
    return any(cell.get("execution_count") or cell.get("outputs") for cell in cells)


def sync(folder):
    """Write every stale notebook; {path: "wrote", "worked-on" or "orphan"} of those that differ.

    A learner's own work and an exercise without a solution are left to people to judge.
    """
    done = {}
    for path, data in stale(folder).items():
        mine = folder / "exercises" in path.parents and worked_on(path)
        done[path] = "orphan" if data is None else "worked-on" if mine else "wrote"
        if done[path] == "wrote":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return done


def check(folder):
    """{path: "unmarked", "stale" or "orphan"} of those that differ; nothing is written."""
    differ = {}
    for path, data in stale(folder).items():
        exercise = folder / "exercises" in path.parents
        differ[path] = "orphan" if data is None else "stale" if exercise else "unmarked"
    return differ


def main(arguments=None):
    """The exit status: 0 in sync, 1 where a file differs or is faulty."""
    parser = argparse.ArgumentParser(prog="python -m tools.sync")
    parser.add_argument("--check", action="store_true", help=say("help-check"))
    parser.add_argument("--folder", type=Path, default=course_folder(), help=say("help-folder"))
    arguments = parser.parse_args(arguments)
    try:
        differ = (check if arguments.check else sync)(arguments.folder)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    for path, code in differ.items():
        print(say(code, path=path.relative_to(arguments.folder)))
    if not differ:
        print(say("fresh"))
    return 1 if set(differ.values()) - {"wrote"} else 0


if __name__ == "__main__":
    sys.exit(main())
