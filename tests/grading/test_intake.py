"""A class's zip: notebooks come out of it, and nothing else, whatever somebody packed."""

import errno
import re
import zipfile

import pytest

from rnncourse.grading.classroom import intake
from rnncourse.grading.classroom.stop import Stop
from tests.grading.calls import packed

pytest.importorskip("sqlalchemy", reason="the extra `class` is not installed")


def opened(path):
    left = []
    with intake.opened(path, lambda code, **facts: left.append(facts)) as root:
        files = {p.relative_to(root).as_posix(): p for p in root.rglob("*") if not p.is_dir()}
        return {k: p.is_symlink() or p.read_bytes() for k, p in files.items()}, left


def test_a_zip_gives_notebooks_and_times_and_nothing_outside_its_folder(tmp_path):
    made = tmp_path / "x.zip"
    link = zipfile.ZipInfo("eve/link.ipynb")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("ada/x.ipynb", "ada/timestamp.txt", "ada/virus.exe", "__MACOSX/ada/x.ipynb"):
            archive.writestr(name, name)
        for name in (
            "../up.ipynb",
            "/abs.ipynb",
            "a/../../up.ipynb",
            "C:\\w.ipynb",
            "x" * 300 + ".ipynb",
        ):
            archive.writestr(name, "x")
        archive.writestr("win\\x.ipynb", "w")
        archive.writestr(link, "/etc/passwd")
    found, left = opened(made)
    assert found == {
        "ada/x.ipynb": b"ada/x.ipynb",
        "ada/timestamp.txt": b"ada/timestamp.txt",
        "win/x.ipynb": b"w",
        "eve/link.ipynb": True,
    }
    assert left[0]["n"] == 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.zip"]


def test_a_bomb_in_a_zip_is_cut_and_too_much_of_it_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MOST", 1000)
    made = tmp_path / "x.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(4):
            archive.writestr(f"a{n}/x.ipynb", b"0" * 10_000_000)
    assert {len(content) for content in opened(made)[0].values()} == {1001}
    monkeypatch.setattr(intake, "TOTAL", 2000)
    with pytest.raises(Stop, match="holds more than"):
        opened(made)
    monkeypatch.setattr(intake, "ENTRIES", 3)
    with pytest.raises(Stop, match="3 files"):
        opened(made)


def test_a_full_disk_while_a_zip_is_unpacked_is_a_sentence(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    made = packed(tmp_path / "x.zip", {"ada/x.ipynb": b"x"})
    monkeypatch.setattr(intake, "_take", full)
    with pytest.raises(Stop, match="no room left"):
        opened(made)


def test_names_in_a_zip_are_utf_8_whether_or_not_it_says_so(tmp_path):
    made = packed(tmp_path / "x.zip", {"\u674e/x.ipynb": b"", "\u96f7/x.ipynb": b""})
    content = made.read_bytes()
    made.write_bytes(
        re.sub(
            rb"(PK\x03\x04..|PK\x01\x02....)\x00\x08",
            lambda found: found[1] + bytes(2),
            content,
            flags=re.S,
        )
    )
    assert set(opened(made)[0]) == {"李/x.ipynb", "雷/x.ipynb"}


@pytest.mark.parametrize("how", ["cut", "no-zip", "broken-entry", "encrypted"])
def test_a_damaged_zip_is_a_sentence_or_one_students_problem(tmp_path, how):
    made = packed(tmp_path / "x.zip", {"ada/x.ipynb": b"a" * 500, "bo/x.ipynb": b"b" * 500})
    content = bytearray(made.read_bytes())
    if how in ("cut", "no-zip"):
        made.write_bytes(content[: len(content) // 2] if how == "cut" else b"hello")
        with pytest.raises(Stop, match=r"neither a folder nor a zip|damaged"):
            opened(made)
        return
    at = content.index(b"a" * 500) if how == "broken-entry" else 6
    content[at] ^= 1
    if how == "encrypted":
        content[content.index(b"PK\x01\x02") + 8] |= 1
    made.write_bytes(content)
    found, left = opened(made)
    assert found["bo/x.ipynb"] == b"b" * 500
    assert found.get("ada/x.ipynb", b"") == b""
    assert bool(left) == (how == "encrypted")
