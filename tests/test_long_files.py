"""A file over 250 lines says why in its first lines (STYLE.md)."""

import ast
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def python_files():
    command = ["git", "ls-files", "--cached", "rnncourse", "tools", "benchmarks", "bootstrap.py"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    names = listed.stdout.split() or [str(p) for p in (ROOT / "rnncourse").rglob("*.py")]
    return [ROOT / name for name in names if name.endswith(".py") and (ROOT / name).exists()]


def test_a_long_file_says_why():
    files = python_files()
    assert len(files) > 150
    texts = {path.name: path.read_text("utf-8") for path in files}
    long = {name: text for name, text in texts.items() if text.count("\n") > 250}
    heads = {name: ast.get_docstring(ast.parse(text)) or "" for name, text in long.items()}
    assert [name for name, head in heads.items() if not re.search("250 lines|is long", head)] == []
