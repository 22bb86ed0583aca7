"""Every honest way to import a lesson is understood, and works where the notebook is graded."""

import json
import sys

import pytest

from rnncourse.grading import notebook
from rnncourse.grading.classroom import grade_one
from rnncourse.grading.runner import reader_client

IMPORT = "from rnncourse.tasks import ch03"


def book(*cells):
    return json.dumps({"cells": [{"cell_type": "code", "source": cell} for cell in cells]}).encode()


WAYS = [
    (["from rnncourse.tasks import ch03"], ["ch03"]),
    (["from rnncourse.tasks import ch03  # tasks"], ["ch03"]),
    (["from rnncourse.tasks import ch03 as c"], ["ch03"]),
    (["from rnncourse.tasks import ch01, ch03  # tasks"], ["ch01", "ch03"]),
    (["from rnncourse.tasks import (  # two\n ch01,\n ch04_1 as d,\n)"], ["ch01", "ch04_1"]),
    (["import numpy as np; from rnncourse.tasks import ch03; x = 1"], ["ch03"]),
    (["import rnncourse.tasks.ch03 as ch03"], ["ch03"]),
    (["import rnncourse.tasks.ch03"], ["ch03"]),
    (["from rnncourse.tasks.ch03 import *"], ["ch03"]),
    (["from rnncourse.tasks.ch03 import rnn_step as task"], ["ch03"]),
    (["import rnncourse.tasks", "rnncourse.tasks.ch03.rnn_step.check(1)"], ["ch03"]),
    (["import rnncourse.tasks as t", "t.ch03.rnn_step.check(1)"], ["ch03"]),
    (["from rnncourse import tasks", "tasks.ch03.rnn_step.check(1)"], ["ch03"]),
    (["import importlib\nc = importlib.import_module('rnncourse.tasks.ch03')"], ["ch03"]),
    (["try:\n    from rnncourse.tasks import ch03\nexcept ImportError:\n    raise"], ["ch03"]),
    (["if True:\n\tfrom rnncourse.tasks import ch03"], ["ch03"]),
    (["def f():\n    from rnncourse.tasks import ch03\nf()"], ["ch03"]),
    (["from rnncourse.tasks \\\n    import ch03"], ["ch03"]),
    (["%matplotlib inline\n!ls\nfrom rnncourse.tasks import ch03\nch03?"], ["ch03"]),
    (["files = !ls\nif files:\n    %pip list\nfrom rnncourse.tasks import ch03"], ["ch03"]),
    (["%%time\nfrom rnncourse.tasks import ch03"], ["ch03"]),
    (["1 +", "from rnncourse.tasks import ch03"], ["ch03"]),
    (["from rnncourse.tasks import ch03, ch99"], ["ch03"]),
    (["from rnncourse.tasks import ch03", "# from rnncourse.tasks import ch02"], ["ch03"]),
    # A text is no import: it would move the mark to another lesson and its due date.
    ([IMPORT, "s = '''\nfrom rnncourse.tasks import ch02\n'''"], ["ch03"]),
    ([IMPORT, "%%bash\nfrom rnncourse.tasks import ch02"], ["ch03"]),
    (["from rnncourse.tasks import core, ch03"], ["ch03"]),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "found"), WAYS)
def test_every_honest_way_to_import_a_lesson_is_one(cells, found):
    assert reader_client.look(book(*cells), "x").checked().chapters == found
    as_read = [{"cell_type": "code", "source": cell} for cell in cells]
    assert notebook.chapters_of(as_read) == found


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere a class is graded in a container only"
)
def test_every_honest_way_to_import_a_lesson_works_where_it_is_graded():
    """The lessons are stand-ins there: each import finds one, and no cell after it stops."""
    # Of "1 +", "!ls", %pip, ch99 and core.
    expected = (
        "invalid syntax",
        "shell not found",
        "not permitted",
        "import name 'c",
        "No module named",
    )
    for cells, found in WAYS:
        result = grade_one.grade(book(*cells, "carried, order_matters = 'b', 'c'"), "x", 3, 60)
        own = {task["chapter"]: task["code"] for task in result["tasks"] if task["points"]}
        assert own.keys() <= set(found)
        assert ("ch03" in own) == ("ch03" in found), cells
        for error in result["errors"]:
            assert any(text in error["error"] for text in expected), (cells, error)
