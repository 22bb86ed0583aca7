"""docs/architecture.md names files that exist, and every room of the package."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
PICTURE = (ROOT / "docs" / "images" / "rooms.svg").read_text("utf-8")
ROOMS = [path.name for path in (ROOT / "rnncourse").iterdir() if (path / "__init__.py").is_file()]


def test_every_file_that_is_named_exists():
    names = set(re.findall(r"`((?:[\w.]+/)*[\w.]+\.(?:py|toml))`", PAGE))
    assert len(names) > 40
    every = {str(path.relative_to(ROOT)) for path in ROOT.glob("*/**/*.*")}
    every |= {path.name for path in ROOT.iterdir()}
    missing = [name for name in names if not any(f"/{file}".endswith(f"/{name}") for file in every)]
    assert missing == []


def test_every_room_is_on_the_page_and_in_the_picture():
    for room in ROOMS:
        assert f"{room}/" in PAGE, room
        assert f"{room}/" in PICTURE, room
