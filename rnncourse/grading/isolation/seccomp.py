"""A seccomp filter through ctypes: nothing that reaches another process, now or later.

No new process, no socket and no descriptor passed on, no signal, limit, priority or memory of
anybody else, no lease or watch on files, no locks that the whole machine shares. It allows
everything but what `syscalls` lists (classic BPF, linux/seccomp.h). What is refused fails with
EPERM, so that a submission goes on without it; clone3 fails with ENOSYS, so that the C library
falls back to clone, which may make threads only.
"""

import ctypes
import errno
import os
import platform

from rnncourse.grading.isolation.syscalls import (
    CLONE3,
    CONTROLS,
    OWN_ONLY,
    REFUSED,
    SEEMING,
    SIGNALS,
)

__all__ = ["restrict"]

SET_SECCOMP, FILTER, NO_NEW_PRIVS = 22, 2, 38
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, BITS, RETURN = 0x20, 0x15, 0x45, 0x06  # of a 32-bit word at an offset
NUMBER, ARCH, FIRST = 0, 4, 16  # offsets in struct seccomp_data; 8 bytes an argument
CLONE_THREAD, SIGSTOP = 0x10000, 19
X32 = 0x40000000
CLONE = (56, 220)
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("steps", ctypes.POINTER(_Step)))


def program(machine, pid):
    """The filter's steps, (code, jump if yes, jump if no, constant)."""
    column, arch = MACHINES[machine]
    allow, refuse = (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ERRNO | errno.EPERM)
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if column == 0:  # the x32 numbers reach the same calls
        steps += [(BITS, 0, 1, X32), (RETURN, 0, 0, KILL)]

    def rule(number, *then):
        """What follows for one system call: steps that end in a return."""
        return [(EQUAL, 0, len(then), number), *then] if number is not None else []

    def one_of(values, if_so, if_not, argument=0):
        """Return `if_so` if an argument is one of `values`, else `if_not`."""
        tests = [(EQUAL, len(values) - i, 0, value) for i, value in enumerate(values)]
        return [(LOAD, 0, 0, FIRST + 8 * argument), *tests, if_not, if_so]

    for numbers, answer in [*((n, errno.EPERM) for n in REFUSED.values()), (CLONE3, errno.ENOSYS)]:
        steps += rule(numbers[column], (RETURN, 0, 0, ERRNO | answer))
    for numbers in SEEMING.values():
        steps += rule(numbers[column], (RETURN, 0, 0, ERRNO))
    for numbers in OWN_ONLY.values():
        steps += rule(numbers[column], *one_of((0, pid), allow, refuse))
    for numbers, argument, values, allowed in CONTROLS.values():
        answers = (allow, refuse) if allowed else (refuse, allow)
        steps += rule(numbers[column], *one_of(values, *answers, argument))
    for numbers, argument in SIGNALS.values():
        not_stop = one_of((SIGSTOP,), refuse, allow, argument)
        own = [(LOAD, 0, 0, FIRST), (EQUAL, 1, 0, pid), refuse]
        steps += rule(numbers[column], *own, *not_stop)
    threads = [(LOAD, 0, 0, FIRST), (BITS, 1, 0, CLONE_THREAD), refuse, allow]
    return [*steps, *rule(CLONE[column], *threads), allow]


def restrict():
    """Install the filter in this process and all its threads to come."""
    machine = platform.machine()
    if machine not in MACHINES:
        raise OSError(f"no list of system calls for {machine}")
    libc = ctypes.CDLL(None, use_errno=True)
    steps = program(machine, os.getpid())
    array = (_Step * len(steps))(*steps)
    if libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError("no_new_privs was refused")
    if libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(_Program(len(steps), array)), 0, 0):
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")
