"""What a graded notebook costs: rnncourse beside the real nbgrader and otter-grader, in one run.

    python benchmarks/grading.py [--quick]

All grade the same answers: lesson 3 (NumPy, seven tasks), lesson 5 (Keras, eight tasks, one of
which trains a model), and lesson 5 with that one left open: training costs the same under every
grader, and hides what they cost themselves. Each peer is installed into a temporary environment of
its own, which sees the same NumPy and TensorFlow as ours. Compared is processor time, that of child
processes included, because other programs do not use it up. Ours is that after the warm start and a
first notebook, printed beside it; theirs has none, and they import everything again for each
notebook. At the end, what two workers gain over one: a matter of the clock, void on a busy machine.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

from rnncourse.environment import KERNELS, course_folder
from rnncourse.grading.classroom import dispatch, grade_one
from rnncourse.grading.judge import tasks_in
from tests.support import peers

LESSONS = {"ch03": "03_algorithm", "ch05": "05_keras_project"}
KIND = {"ch03": "numpy", "ch05": "tensorflow"}
SETTINGS = "c = get_config()\nc.CourseDirectory.course_id = 'rnn'\nc.Execute.timeout = 300\n"
OTTER_TEST = """OK_FORMAT = True
test = {{"name": "{name}", "points": {points}, "suites": [{{"cases": [
    {{"code": ">>> {chapter}.{name}.grade({name}).status\\n'pass'"}}], "type": "doctest"}}]}}
"""
# About a second of one core, with the learner's own loop.
HEAVY = """
rng = np.random.default_rng(0)
X, (h_0, W, U, b) = rng.normal(size=(32, 100, 8)), (
    rng.normal(size=s) for s in ((32, 64), (8, 64), (64, 64), (64,)))
for _ in range(150):
    rnn_forward(X, h_0, W, U, b)
"""


def answers(chapter, checks=True, extra="", left_open=""):
    """The JSON text of a lesson's right answers, with the cells that check them or without.

    `extra` is one more cell; `left_open` the id of a cell whose answer is missing.
    """
    path = course_folder() / "solutions" / f"{LESSONS[chapter]}.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"] = [c for c in notebook["cells"] if checks or not c["id"].endswith("-check")]
    for cell in notebook["cells"]:
        if cell["id"] == left_open:
            cell["source"] = [*cell["source"][:1], "    raise NotImplementedError"]
    if extra:
        cell = {"cell_type": "code", "id": "heavy", "metadata": {}, "source": extra}
        notebook["cells"].append(cell | {"outputs": [], "execution_count": None})
    return json.dumps(notebook)


def cost(action, n):
    """(processor, wall) seconds a notebook of `action()`, which grades `n`."""
    before, began = _used(), time.perf_counter()
    action()
    return (_used() - before) / n, (time.perf_counter() - began) / n


def _used(pid=None):
    """Processor seconds of this process's children, or of process `pid` and its children."""
    if pid is None:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def median(costs):
    """(processor, wall), the median of each."""
    return tuple(statistics.median(column) for column in zip(*costs, strict=True))


def ours(chapter, rounds, n, left_open=""):
    """(processor, wall) seconds a notebook, and those of the clock for start and first notebook.

    The first one belongs to the start: with it, the judge imports what judging this lesson takes.
    """
    content, name = answers(chapter, left_open=left_open).encode(), f"{LESSONS[chapter]}.ipynb"

    def grade(seed):
        result = grade_one.grade(content, name, seed, 300)
        assert _unsolved(result) == bool(left_open), result

    began = time.perf_counter()
    grade(10**6)
    warm = time.perf_counter() - began
    pid = grade_one.nursery(True)._warm[KIND[chapter]][0].pid

    def used():  # a child counts once its parent has met its end, which is at the next fork
        for _ in range(2):
            time.sleep(1)  # a large process takes a while to end
            grade_one.nursery(True).open(KIND[chapter], 60).end()
        return _used(pid) + time.process_time()

    costs = []
    for batch in range(rounds):
        before, began = used(), time.perf_counter()
        for seed in range(batch * n, batch * n + n):
            grade(seed)
        wall = time.perf_counter() - began
        costs.append(((used() - before) / n, wall / n))
    return median(costs), warm


def _unsolved(result):
    return sum(task["status"] != "pass" for task in result["tasks"])


def nbgrader(env, chapter, rounds, n, left_open=""):
    """(processor, wall) seconds a notebook of `nbgrader autograde`: of one alone, and of `n`."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "nbgrader_config.py").write_text(SETTINGS)
        students = [root / "submitted" / f"s{i}" for i in range(n)]
        for own in (root / "source", *students):
            (own / "rnn").mkdir(parents=True)
            (own / "rnn" / f"{LESSONS[chapter]}.ipynb").write_text(
                answers(chapter, left_open=left_open)
            )
        _run(["nbgrader", "generate_assignment", "rnn"], root, env)
        command = ["nbgrader", "autograde", "rnn", "--force"]
        first = median([cost(lambda: _run([*command, "--student", "s0"], root, env), 1)])
        found = median([cost(lambda: _run(command, root, env), n) for _ in range(rounds)])
        _run(["nbgrader", "export"], root, env)
        marks = list(csv.DictReader((root / "grades.csv").open()))
        assert {row["score"] == row["max_score"] for row in marks} == {not left_open}, marks
        return first, found


def otter(env, chapter, rounds, n, left_open=""):
    """(processor, wall) seconds a notebook of `otter run`, which takes one."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "tests").mkdir()
        tasks = tasks_in([chapter]).values()
        for task in tasks:
            facts = {"chapter": chapter, "name": task.name, "points": task.points}
            (root / "tests" / f"{task.name}.py").write_text(OTTER_TEST.format(**facts))
        (root / "lesson.ipynb").write_text(answers(chapter, checks=False, left_open=left_open))
        _run(["otter", "generate", "-t", "tests", "-o", "all.zip"], root, env)
        command = ["otter", "run", "-a", "all.zip", "-o", ".", "lesson.ipynb"]
        found = median(cost(lambda: _run(command, root, env), 1) for _ in range(rounds * n))
        results = json.loads((root / "results.json").read_text())["tests"]
        right = sum(t.get("score") or 0 for t in results) == sum(task.points for task in tasks)
        assert right != bool(left_open), results
        return found


def _run(command, folder, env):
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout[-1000:]}\n{done.stderr[-2000:]}"


def workers(n):
    """The clock's notebooks a second with one worker and with two, each warm before we look."""
    content = answers("ch03", extra=HEAVY).encode()
    rates = []
    for count in (1, 2):
        options = dispatch.Options(workers=count)
        some = [
            (SimpleNamespace(path="03.ipynb", content=content, problem=None, grade=None), i)
            for i in range(n + 3 * count)
        ]
        times = []
        for _, result in dispatch.results(iter(some), options):
            assert not _unsolved(result), result
            times.append(time.perf_counter())
        times = times[2 * count - 1 : -count]  # both ends, where a worker starts or has no more
        rates.append((len(times) - 1) / (times[-1] - times[0]))
    return rates


def table(title, rows, warm):
    """Print what each took, and how many times ours."""
    print(f"\n{title:<34}processor      wall   times ours  (s a notebook)")
    (cpu, _), *_ = rows.values()
    for name, found in rows.items():
        print(f"  {name:<32}{found[0]:>9.3f}{found[1]:>10.3f}{found[0] / cpu:>13.0f}", flush=True)
    print(f"  our start and first notebook, once: {warm:.1f} s")


def compare(theirs, quick):
    """Print a table for each lesson; `theirs` are the environments of nbgrader and otter."""
    rounds = 1 if quick else 3
    few = 1 if quick else 2
    for title, chapter, left_open, n_ours, n in (
        ("lesson 3, NumPy", "ch03", "", 20 if quick else 50, 4),
        ("lesson 5, Keras, without training", "ch05", "train", 2 * few, few),
        ("lesson 5, Keras, with training", "ch05", "", few, few),
    ):
        rows = {}
        rows["rnncourse"], warm = ours(chapter, rounds, n_ours, left_open)
        alone, together = nbgrader(theirs[0], chapter, rounds, n, left_open)
        rows["nbgrader autograde, one alone"] = alone
        if n > 1:
            rows[f"nbgrader autograde, {n} in one call"] = together
        rows["otter run"] = otter(theirs[1], chapter, 1, 1 if quick else 3, left_open)
        table(title, rows, warm)


def main(quick=False):
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        packages = ("nbgrader>=0.9,<1", "otter-grader>=6")
        theirs = [peers.install(Path(folder, name[:5]), name) | KERNELS for name in packages]
        compare(theirs, quick)
    one, two = workers(8 if quick else 24)
    print(
        f"\nheavy NumPy notebooks a minute: {60 * one:.0f} with one worker, {60 * two:.0f} with two"
    )
    print(f"two workers are {two / one:.2f} times one, on {os.cpu_count()} cores")
    if load > 0.5:
        print(
            f"The load was {load:.1f} before we began: all wall times, and so this ratio, are void."
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a graded notebook costs.")
    parser.add_argument("--quick", action="store_true", help="one round of each, few notebooks")
    main(parser.parse_args().quick)
