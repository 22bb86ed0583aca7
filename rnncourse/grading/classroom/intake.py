"""The submissions as they come: a folder, or the zip that Moodle or Canvas makes of a class.

A zip is untrusted too: only notebooks and timestamps are unpacked, into a temporary folder, with
limits on their number and size.
"""

import contextlib
import datetime
import errno
import os
import stat
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.notebook import MOST

__all__ = ["opened"]

ENTRIES = 200_000  # most files in a zip
TOTAL = 16 << 30  # most bytes when unpacked


@contextlib.contextmanager
def opened(submissions, warn):
    """The folder of the submissions; `warn(code, **facts)` tells what was not unpacked."""
    path = Path(submissions)
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise Stop("no-folder", path=path)
    if not zipfile.is_zipfile(path):
        raise Stop("no-zip", path=path)
    with tempfile.TemporaryDirectory(prefix="rnncourse-zip-") as folder:
        left = _unpack(path, Path(folder))
        if left:
            warn("left-in-zip", path=path, n=len(left), names=", ".join(left[:10]))
        yield Path(folder)


def _unpack(path, folder):
    """Unpack the notebooks of the zip at `path` into `folder`; the names that were left out."""
    left, total = [], 0
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > ENTRIES:
                raise Stop("zip-too-large", path=path, most=f"{ENTRIES} files")
            for entry in entries:
                name = _name(entry)
                parts = _parts(name)
                wanted = entry.is_dir() or name.endswith((".ipynb", "/timestamp.txt"))
                if parts is None:
                    left.append(name)
                elif wanted and "__MACOSX" not in parts:
                    try:
                        total += _take(archive, entry, folder.joinpath(*parts))
                    except (OSError, RuntimeError, NotImplementedError) as error:
                        if getattr(error, "errno", None) == errno.ENOSPC:
                            raise Stop("no-room", path=folder) from None
                        left.append(name)  # encrypted, unknown compression, too long a name
                if total > TOTAL:
                    raise Stop("zip-too-large", path=path, most=f"{TOTAL >> 30} GB")
    except (zipfile.BadZipFile, OSError, ValueError, EOFError) as error:
        raise Stop("zip-damaged", path=path, what=error) from None
    return left


def _name(entry):
    """An entry's name, read as UTF-8 even where the zip does not declare it."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except ValueError:
        return entry.filename


def _parts(name):
    """The parts of the path, or None where it leads out of the folder."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    safe = parts and not any(p in ("..", "/") or "\0" in p or p.endswith(":") for p in parts)
    return parts if safe else None


def _take(archive, entry, target):
    """Write at most MOST + 1 bytes of an entry to `target`; how many were written."""
    (target if entry.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
    if entry.is_dir():
        return 0
    if stat.S_ISLNK(entry.external_attr >> 16):
        target.symlink_to("a-link-in-the-zip")  # which is refused as a link, later
        return 0
    content = b""
    broken = contextlib.suppress(zipfile.BadZipFile, zlib.error, EOFError)
    with broken, archive.open(entry) as file:  # a broken entry is no notebook
        content = file.read(MOST + 1)
    target.write_bytes(content)
    when = (*entry.date_time, 0, 0, 0)[:6]
    with contextlib.suppress(ValueError, OverflowError):
        moment = datetime.datetime(*when, tzinfo=datetime.UTC).timestamp()
        os.utime(target, (moment, moment))
    return len(content)
