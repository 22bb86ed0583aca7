"""The border for a stranger's notebook: whatever its bytes are, nobody else notices."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnncourse import language
from rnncourse.grading import lessons, notebook, problems, untrusted
from rnncourse.grading.runner import reader_client
from tests.support import HANG

IMPORT = "from rnncourse.tasks import ch03"
LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="elsewhere nothing limits memory or counts time"
)


def book(*cells, **more):
    found = [{"cell_type": "code", "source": cell} for cell in cells]
    return json.dumps({"cells": found, **more}).encode()


def code_of(content):
    return (reader_client.look(content, "x.ipynb").problem or ("",))[0]


@pytest.fixture(autouse=True)
def _fair():
    """Whoever comes next is read, whatever was read before."""
    yield
    assert reader_client.look(book(IMPORT), "next.ipynb").chapters == ["ch03"]


@pytest.mark.parametrize(
    "cell",
    [
        "\n" * 1_000_000 + "x = 1",  # quadratic in the regular expressions that stood here
        "x = '" + "import " * 300_000 + "'",
        " " * 1_000_000 + "from rnncourse.tasks import",
        "# " + "import " * 100_000 + "keras",
        "(" * 100_000,
        "-" * 900_000 + "1",
        "a" + ".a" * 400_000,
        "\\\n" * 500_000,
        "f'" + "{" * 100_000,
        "x = '\ud800'\n\0",
        "%" * 500_000,
    ],
    ids=lambda cell: repr(cell[:12]),
)
def test_no_text_takes_long_to_read(cell):
    found = reader_client.look(book(IMPORT, cell), "x.ipynb").checked()
    assert found.chapters == ["ch03"]
    assert found.cells[0] == [1, IMPORT]


@LINUX
def test_what_holds_too_much_for_its_process_is_the_only_one_to_suffer(monkeypatch):
    content = b'{"cells": [], "x": [' + b"{}," * 20_000_000 + b"{}]}"
    assert len(content) < notebook.MOST
    found = reader_client.look(content, "x.ipynb")
    assert found.problem == ("too-costly", {"path": "x.ipynb"})
    monkeypatch.setattr(reader_client, "SECONDS", 0.3)
    assert code_of(b'{"cells": [' + b"[]," * 8_000_000 + b"[]]}") == "too-costly"


def test_outputs_of_60_mb_do_no_harm():
    picture = "x" * 60_000_000 + "😀"  # one wide letter makes the whole text wide
    assert reader_client.look(book(IMPORT, outputs=picture), "x").chapters == ["ch03"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-json"),
        (b"[" * 200_000, "not-json"),
        (b"\xff", "not-json"),
        (b"9" * 100_000, "not-json"),
        (b"null", "not-a-notebook"),
        (b'{"cells": {}}', "not-a-notebook"),
        (b'{"cells": [{"source": {}}, 3, null, {"cell_type": "code", "source": 7}]}', "no-tasks"),
        (book("x = 1"), "no-tasks"),
        (book("from rnncourse.tasks import ch99"), "no-lesson"),
        (book(IMPORT, *["x"] * 5000), "too-much-code"),
        (book(IMPORT, "x" * (4 << 20)), "too-much-code"),
        (bytes(notebook.MOST + 1), "too-large"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_any_bytes_are_cells_or_a_sentence_in_both_languages(content, code):
    with pytest.raises(notebook.Unreadable) as refused:
        reader_client.look(content, "x.ipynb").checked()
    assert refused.value.code == code
    for lang in language.LANGUAGES:
        assert "x.ipynb" in problems.of_file(code, lang, **refused.value.facts)


@LINUX
def test_a_reader_killed_from_outside_costs_nobody_anything():
    chance = random.Random(0)
    for _ in range(10):
        reader_client.look(book(IMPORT), "x")
        child = reader_client._reader.child
        os.kill(child._pid, signal.SIGKILL)
        if chance.random() < 0.5:
            while os.path.exists(f"/proc/{child._pid}/exe"):
                pass
        assert reader_client.look(book(IMPORT, "y = 3"), "x").cells[1] == [2, "y = 3"]


def test_where_no_process_can_be_had_nobody_is_blamed(monkeypatch):
    reader_client._reader.end()
    with monkeypatch.context() as patched:
        patched.setattr(reader_client, "START", (sys.executable, "-c", "raise SystemExit"))
        with pytest.raises(reader_client.NotRead):
            reader_client.look(book(IMPORT), "x")
        patched.setattr(reader_client, "START", ("/no/such/python",))
        with pytest.raises(reader_client.NotRead):
            reader_client.look(book(IMPORT), "x")


@LINUX
def test_the_reader_holds_nothing_of_the_graders_environment(monkeypatch):
    reader_client._reader.end()
    monkeypatch.setenv("RNNCOURSE_TEST_SECRET", "x")
    reader_client.look(book(IMPORT), "x")
    held = Path(f"/proc/{reader_client._reader.child._pid}/environ").read_bytes()
    assert b"PATH=" in held
    assert b"RNNCOURSE_TEST_SECRET" not in held


@LINUX
def test_the_reader_ends_with_whoever_asks_even_in_the_middle_of_a_notebook():
    code = (
        "import sys; from rnncourse.grading.runner import reader_client\n"
        "reader_client.look(b'{}', 'x')\n"
        "print(reader_client._reader.child._pid, flush=True)\n"
        "while True: reader_client.look(b'{\"cells\": [' + b'[],' * 9_000_000 + b'[]]}', 'x')"
    )
    asker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    reader = Path("/proc", asker.stdout.readline().decode().strip(), "cmdline")
    assert b"reader" in reader.read_bytes()
    asker.kill()
    asker.wait()
    end = time.monotonic() + HANG
    while reader.exists() and reader.read_bytes() and time.monotonic() < end:
        time.sleep(0.05)
    assert time.monotonic() < end


@pytest.mark.parametrize(
    ("cell", "keras"),
    [
        ("import keras", True),
        ("from tensorflow.keras import layers", True),
        ("def f():\n    import tensorflow as tf", True),
        ("# import keras", False),
        ("%pip install keras", False),
        ("x = 'import keras'", False),
    ],
)
def test_who_imports_keras_gets_a_process_that_has_it(cell, keras):
    assert reader_client.look(book(IMPORT, cell), "x").keras is keras


def test_numbers_of_cells_count_what_stands_between():
    cells = [{"cell_type": "markdown", "source": "a"}, {"cell_type": "code", "source": [IMPORT]}]
    found = reader_client.look(json.dumps({"cells": [*cells, *cells]}).encode(), "x")
    assert found.cells == [[2, IMPORT], [4, IMPORT]]


def test_an_instructors_own_lesson_is_one_too(tmp_path, monkeypatch):
    from rnncourse import tasks

    (tmp_path / "week5.py").touch()
    monkeypatch.setattr(tasks, "__path__", [*tasks.__path__, str(tmp_path)])
    for cell in ("from rnncourse.tasks import week5", "import rnncourse.tasks.week5 as w"):
        assert reader_client.look(book(cell), "x").chapters == ["week5"]
    monkeypatch.undo()
    assert code_of(book("from rnncourse.tasks import week5")) == "no-lesson"


def test_our_own_lessons_are_all_known():
    assert {"ch01", "ch06_5", "ch09_2"} <= set(lessons.known())
    assert not {"core", "judge", "ch08_data", "outcome"} & set(lessons.known())


# --- plain values --------------------------------------------------------------------------------


def test_names_stay_apart_and_can_be_shown():
    names = [b"ada", b"g\xfcnther", b"g\\xfcnther", "李　雷".encode(), b"a\x1b[2J", b"a\\x1b[2J"]
    shown = [untrusted.spelled(os.fsdecode(name)) for name in names]
    assert len(set(shown)) == len(names)
    assert shown[3] == "李　雷"
    assert all(c.isprintable() or c == "　" for name in shown for c in name)


def test_text_is_short_and_without_control_characters():
    assert untrusted.text("a\ud800\x00\x1b\u202eb\nc　é") == "a????b\nc　é"
    assert len(untrusted.text("x" * 4_000_000)) == untrusted.TEXT
    assert untrusted.text(10**5000)
    assert untrusted.text([1]) == "list"
