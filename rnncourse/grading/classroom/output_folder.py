"""The folder `--out`: where it may lie, the gradebook in it, and the secret."""

import os
import secrets
from pathlib import Path

from rnncourse.grading.classroom.gradebook import Gradebook
from rnncourse.grading.classroom.stop import Stop
from rnncourse.grading.isolation import readable_paths

__all__ = ["book", "keep_apart", "secret"]

LENGTH = 32  # bytes of the secret


def keep_apart(out, submissions):
    """Stop if gradebook, submissions and what submissions may read are inside one another.

    Every submission may read Python, its environment and the course, and so whatever is in there.
    Where students may write, they could write the gradebook.
    """
    ours = {"out": Path(out).resolve(), "submissions": Path(submissions).resolve()}
    for inner, outer in (ours.values(), reversed(ours.values())):
        if inner.is_relative_to(outer) and ours["submissions"].is_dir():  # a zip is ours
            raise Stop("inside-each-other", inner=inner, outer=outer)
    for path in ours.values():
        if place := readable_paths.overlaps(path):
            inside = path.is_relative_to(Path(place).resolve())
            raise Stop(
                "inside-readable" if inside else "environment-inside", path=path, other=place
            )


def book(out, database=None, writing=True):
    """The Gradebook in the folder `out`, or at the address `database`.

    Reading alone makes neither folder nor file. Raises Stop where the gradebook cannot be opened.
    """
    folder = Path(out)
    if writing:
        make(folder)
    if database:
        return Gradebook(database, writing)
    return Gradebook(folder.resolve() / "grades.sqlite", writing)


def make(folder):
    """Make the folder, for its owner alone, or Stop."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except (FileExistsError, NotADirectoryError):
        raise Stop("out-is-a-file", path=folder) from None
    except OSError as error:
        raise Stop("cannot-write", path=folder, what=error.strerror) from None


def secret(out):
    """The secret that seeds the hidden cases: made once, readable by its owner alone.

    It is written whole or not at all; two graders that start at once use the same one. Raises Stop
    if it is damaged.
    """
    path = Path(out, "secret")
    if not path.exists():
        _put(path, secrets.token_bytes(LENGTH))
    kept = path.read_bytes()
    if len(kept) != LENGTH:
        raise Stop("secret-damaged", path=path, n=len(kept), wanted=LENGTH)
    return kept


def _put(path, content):
    """Write a file at `path`, unless another process has done so by then."""
    made = path.with_name(f".secret-{os.getpid()}-{secrets.token_hex(4)}")
    fd = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(made, path)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            if not path.exists():
                os.replace(made, path)
    finally:
        made.unlink(missing_ok=True)
