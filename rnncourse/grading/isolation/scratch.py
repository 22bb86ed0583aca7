"""Folders that are thrown away: one for each submission, within one for each grader.

They go for good, whatever a submission has made of them; and what a grader that was killed left
behind goes when the next one starts. A lock on a grader's folder tells whether it still lives.
"""

import contextlib
import os
import secrets
import shutil
import stat
import tempfile
from itertools import count
from pathlib import Path

__all__ = ["close", "new", "remove"]

PREFIX = "rnncourse-of-"
_own = None  # (this process's folder, the descriptor that holds its lock), once there is one


def new():
    """The path of a new, empty folder."""
    return tempfile.mkdtemp(dir=_ours())


def remove(folder):
    """Delete a folder, however deep and however closed; what resists even so stays for later."""
    if os.rename not in os.supports_dir_fd or not hasattr(os, "O_NOFOLLOW"):
        shutil.rmtree(folder, ignore_errors=True)
        return
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(os.lstat(folder).st_mode):
            os.chmod(folder, 0o700)
            _empty(folder)
            os.rmdir(folder)


def _empty(folder):
    """Delete what is in a folder. Folders in folders are lifted to the top: no depth is too much.

    What one cannot delete must not save the rest, so errors are passed over.
    """
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    names, fresh = os.listdir(top), (f"{secrets.token_hex(8)}-{n}" for n in count())
    while names:
        name = names.pop()
        with contextlib.suppress(OSError):
            if not _is_open_folder(name, top):
                os.unlink(name, dir_fd=top)
                continue
            inner = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=top)
            names += _lift(inner, top, fresh)
            os.close(inner)
            os.rmdir(name, dir_fd=top)
    os.close(top)


def _lift(inner, top, fresh):
    """Delete the files of one folder, and move its folders to the top; their names there."""
    lifted = []
    for name in os.listdir(inner):
        with contextlib.suppress(OSError):
            if _is_open_folder(name, inner):
                there = next(fresh)
                os.rename(name, there, src_dir_fd=inner, dst_dir_fd=top)
                lifted.append(there)
            else:
                os.unlink(name, dir_fd=inner)
    return lifted


def _is_open_folder(name, within):
    """Whether it is a folder, no link to one; if so, it is opened for us: it may have mode 000."""
    if not stat.S_ISDIR(os.stat(name, dir_fd=within, follow_symlinks=False).st_mode):
        return False
    os.chmod(name, 0o700, dir_fd=within)
    return True


def close():
    """Remove this process's folder and all that is left in it."""
    global _own
    (folder, lock), _own = _own or (None, None), None
    if folder:
        remove(folder)
    if lock is not None:
        os.close(lock)


def _ours():
    """This process's folder; the first call makes it, and removes those of graders that died."""
    global _own
    if _own is None:
        from multiprocessing.util import Finalize

        _sweep()
        _own = _make()
        Finalize(None, close, exitpriority=1)  # of workers too, which atexit passes by
    return _own[0]


def _make():
    for _ in range(9):
        folder = tempfile.mkdtemp(prefix=PREFIX)
        with contextlib.suppress(OSError):
            os.chmod(folder, 0o711)  # where a submission has a user of its own, it must get through
            lock = _lock(folder)
            # Before it was locked, another grader's sweep may have taken it for a dead one's.
            if lock is not None and os.path.exists(folder):
                return folder, lock
            _let_go(lock)
    return tempfile.mkdtemp(prefix="rnncourse-"), None  # there are no locks here: no sweep finds it


def _lock(folder):
    """The descriptor of a folder that this process now has locked, or None."""
    try:
        import fcntl
    except ImportError:  # Windows: no locks, so that what a killed grader leaves stays
        return None
    fd = None
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        _let_go(fd)
        return None
    return fd


def _sweep():
    """Remove the folders of this user's graders that live no more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError, AttributeError):
            if os.lstat(folder).st_uid != os.geteuid():
                continue
            if (lock := _lock(folder)) is not None:
                remove(folder)
                os.close(lock)


def _let_go(lock):
    if lock is not None:
        os.close(lock)


def _in_forked():
    """A forked process makes its own folder, and does not hold the lock of its parent's."""
    global _own
    if _own:
        _let_go(_own[1])
    _own = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_forked)
