"""The README's promises: every lesson that exists is linked, and no link leads nowhere."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(ROOT.glob("*.md"))
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")
README = (ROOT / "README.md").read_text("utf-8")
LESSONS = sorted((ROOT / "chapters").glob("*.ipynb"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    missing = [
        to for to in LINK.findall(page.read_text("utf-8")) if not (page.parent / to).exists()
    ]
    assert not missing


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_stands_in_the_table_with_its_minutes_and_has_exercises(lesson):
    title = "".join(json.loads(lesson.read_text("utf-8"))["cells"][0]["source"])
    minutes = re.search(r"(\d+) minutes", title)[1]
    (row,) = [line for line in README.splitlines() if f"(chapters/{lesson.name})" in line]
    assert f" | {minutes} |" in row
    for folder in ("exercises", "solutions"):
        assert (ROOT / folder / lesson.name).exists()


def test_lessons_not_yet_written_say_so():
    unwritten = [line for line in README.splitlines() if "not yet written" in line]
    assert not any("chapters/" in line for line in unwritten)
    assert len(unwritten) + len(LESSONS) == 17
