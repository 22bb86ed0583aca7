"""Landlock through ctypes: read here, write there, nothing else; no TCP either way.

The kernel's own interface (linux/landlock.h): three system calls, numbers alike on all machines.
It needs no privileges, so that it holds in a container too.
"""

import ctypes
import functools
import os
import stat

__all__ = ["restrict"]

CREATE, ADD, RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
FILE_ONLY = EXECUTE | WRITE_FILE | READ_FILE | 1 << 14
TCP = 3  # bind, connect
NO_NEW_PRIVS = 38


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scope", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("fd", ctypes.c_int32))


_libc = functools.cache(lambda: ctypes.CDLL(None, use_errno=True))  # there are hundreds of rules


def _syscall(number, *arguments):
    result = _libc().syscall(ctypes.c_long(number), *arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"landlock: {os.strerror(code)}")
    return result


def version():
    """The kernel's version of Landlock, or OSError."""
    return _syscall(CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))


def restrict(read, write, seen=()):
    """From here on this process reads beneath `read`, and reads and writes beneath `write`.

    What lies beneath `seen` it may list, not read.
    """
    abi = version()
    bits = 13 + (abi >= 2) + (abi >= 3) + (abi >= 5)  # rename across, truncate, device ioctl
    everything = (1 << bits) - 1
    rules = _Rules(everything, TCP if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    ruleset = _syscall(CREATE, ctypes.byref(rules), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for path in read:
            extra = WRITE_FILE if str(path) == "/dev/null" else 0
            _allow(ruleset, path, EXECUTE | READ_FILE | READ_DIR | extra)
        for path in seen:
            _allow(ruleset, path, READ_DIR)
        for path in write:
            _allow(ruleset, path, everything)
        if _libc().prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError("no_new_privs was refused")
        _syscall(RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _allow(ruleset, path, access):
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(fd).st_mode):
            access &= FILE_ONLY
        rule = _Beneath(access, fd)
        _syscall(
            ADD, ctypes.c_int(ruleset), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0)
        )
    finally:
        os.close(fd)
