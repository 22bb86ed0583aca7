"""Solutions notebooks, made for the tests of what `make sync` writes."""

from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnncourse.checking.task import ValueTask, tasks_of
from rnncourse.tasks import ch03

IMPORT = "from rnncourse.tasks import ch03"


def of_lesson_3(*sources):
    """A solution notebook with all that sync writes for the tasks of lesson 3, and these cells."""
    made = solution(IMPORT, *sources)
    title = "# 3\n\nSix tasks on [lesson 3](x): five. 7 points, an hour."
    made.cells.insert(0, new_markdown_cell(title, id="title"))
    for task in tasks_of(ch03):
        stem = task.name.replace("_", "-")
        heading = "## 9.9 Its title\n\n*Core, 9 points.* What to write."
        made.cells.append(new_markdown_cell(heading, id=f"{stem}-text"))
        body = "    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
        if not isinstance(task, ValueTask):
            made.cells.append(new_code_cell(f"def {task.name}(old):\n{body}", id=stem))
    return made


def solution(*sources):
    cells = [new_code_cell(s, execution_count=1, outputs=[new_output("stream")]) for s in sources]
    return new_notebook(cells=cells)
