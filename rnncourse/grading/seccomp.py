"""A seccomp filter through ctypes: no new processes, no sockets, no signals to anybody else.

It allows everything but what is listed (classic BPF, linux/seccomp.h). What is refused fails with
EPERM, so that a submission goes on without it; clone3 fails with ENOSYS, so that the C library
falls back to clone, which may make threads only.
"""

import ctypes
import errno
import os
import platform

__all__ = ["restrict"]

SET_SECCOMP, FILTER, NO_NEW_PRIVS = 22, 2, 38
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, BITS, RETURN = 0x20, 0x15, 0x45, 0x06  # of a 32-bit word at an offset
NUMBER, ARCH, FIRST, SECOND = 0, 4, 16, 24  # offsets in struct seccomp_data
CLONE_THREAD, SIGSTOP = 0x10000, 19
X32 = 0x40000000

# {name: (x86_64, aarch64)}; None where the machine has no such call.
CALLS = {
    "fork": (57, None), "vfork": (58, None), "clone3": (435, 435),
    "execve": (59, 221), "execveat": (322, 281),
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsmount": (432, 432), "mount_setattr": (442, 442),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "reboot": (169, 142), "acct": (163, 89), "swapon": (167, 224),
    "open_by_handle_at": (304, 265), "personality": (135, 92), "quotactl": (179, 60),
    "mknod": (133, None), "mknodat": (259, 33), "setsid": (112, 157), "setpgid": (109, 154),
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180), "memfd_create": (319, 279), "fanotify_init": (300, 262),
}  # fmt: skip
OWN_ONLY = {"kill": (62, 129), "tgkill": (234, 131)}  # with this process's own number
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
    refuse = (RETURN, 0, 0, ERRNO | errno.EPERM)
    steps = [(LOAD, 0, 0, ARCH), (EQUAL, 1, 0, arch), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    if column == 0:  # the x32 numbers reach the same calls
        steps += [(BITS, 0, 1, X32), (RETURN, 0, 0, KILL)]
    for name, numbers in CALLS.items():
        if numbers[column] is not None:
            number = errno.ENOSYS if name == "clone3" else errno.EPERM
            steps += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, ERRNO | number)]
    steps += [(EQUAL, 0, 4, CLONE[column]), (LOAD, 0, 0, FIRST), (BITS, 1, 0, CLONE_THREAD)]
    steps += [refuse, (RETURN, 0, 0, ALLOW)]
    for name, numbers in OWN_ONLY.items():
        signal_at = SECOND if name == "kill" else SECOND + 8
        steps += [(EQUAL, 0, 6, numbers[column]), (LOAD, 0, 0, FIRST), (EQUAL, 0, 2, pid)]
        steps += [(LOAD, 0, 0, signal_at), (EQUAL, 0, 1, SIGSTOP), refuse, (RETURN, 0, 0, ALLOW)]
    return [*steps, (RETURN, 0, 0, ALLOW)]


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
