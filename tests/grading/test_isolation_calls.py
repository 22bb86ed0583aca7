"""The list of system calls: right numbers on both machines, and a filter that does what it says."""

import ctypes
import errno
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse.grading.isolation import seccomp, syscalls

HEADERS = (
    Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    Path("/usr/include/asm-generic/unistd.h"),  # what aarch64 uses
)
LISTED = syscalls.REFUSED | syscalls.SEEMING | syscalls.OWN_ONLY | {"clone3": syscalls.CLONE3}
LISTED |= {name: entry[0] for name, entry in (syscalls.CONTROLS | syscalls.SIGNALS).items()}
LISTED |= {"clone": seccomp.CLONE}


@pytest.mark.parametrize(("column", "header"), list(enumerate(HEADERS)))
def test_the_numbers_are_the_kernels(column, header):
    if not header.exists():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", header.read_text())
    numbers = {name: int(number) for name, number in found}
    assert len(numbers) > 250
    for name, entry in LISTED.items():
        if entry[column] is None:
            assert name not in numbers, name
        elif name in numbers:  # newer calls are missing in older headers
            assert numbers[name] == entry[column], name


def run(steps, number, arguments, machine):
    """What a filter answers: an interpreter of the four instructions that it uses."""
    arch = seccomp.MACHINES[machine][1]
    words = {seccomp.NUMBER: number, seccomp.ARCH: arch}
    words |= {seccomp.FIRST + 8 * i: value & 0xFFFFFFFF for i, value in enumerate(arguments)}
    at = value = 0
    while True:
        code, yes, no, k = steps[at]
        assert 0 <= yes < 256
        assert 0 <= no < 256
        if code == seccomp.RETURN:
            return k
        if code == seccomp.LOAD:
            value, step = words.get(k, 0), 0
        else:
            step = yes if (value == k if code == seccomp.EQUAL else value & k) else no
        at += 1 + step


EPERM = seccomp.ERRNO | errno.EPERM


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_each_call_has_the_answer_that_the_list_says(machine):
    column, pid = seccomp.MACHINES[machine][0], 77
    steps = seccomp.program(machine, pid)
    assert len(steps) < 4096  # the kernel's limit

    def answer(name, *arguments):
        return run(steps, LISTED[name][column], arguments, machine)

    def here(names):
        return [name for name in names if LISTED[name][column] is not None]

    for name in here(syscalls.REFUSED):
        assert answer(name) == EPERM, name
    for name in here(syscalls.SEEMING):
        assert answer(name) == seccomp.ERRNO, name  # without an error's number: it succeeded
    for name in syscalls.OWN_ONLY:
        own = [answer(name, who) for who in (0, pid, 1, 78, -1)]
        assert own == [seccomp.ALLOW] * 2 + [EPERM] * 3, name
    assert answer("clone3") == seccomp.ERRNO | errno.ENOSYS
    assert [answer("clone", flags) for flags in (0x10F00, 17, 0)] == [seccomp.ALLOW, EPERM, EPERM]
    for name, (_, argument, values, allowed) in syscalls.CONTROLS.items():
        inside, outside = (seccomp.ALLOW, EPERM)[:: 1 if allowed else -1]
        assert {answer(name, *[99] * argument, value) for value in values} == {inside}, name
        assert {answer(name, *[99] * argument, value) for value in (2, 5, 9)} == {outside}, name
    own = [answer("kill", *to) for to in ((pid, 9), (pid, 19), (1, 9), (0, 9), (-1, 9))]
    assert own == [seccomp.ALLOW] + [EPERM] * 4
    own = [answer("tgkill", *to) for to in ((pid, 80, 6), (pid, 80, 19), (1, 1, 6))]
    assert own == [seccomp.ALLOW, EPERM, EPERM]
    for harmless in {*range(460)} - {entry[column] for entry in LISTED.values()}:
        assert run(steps, harmless, (), machine) == seccomp.ALLOW


HONEST = """
import os, shutil, sys, threading, time
os.chdir(sys.argv[1])
from rnncourse.grading.isolation import seccomp
seccomp.restrict()
open("a", "w").write("x")
shutil.copy("a", "b"), shutil.copy2("a", "c"), os.utime("a"), os.chmod("a", 0), os.sync()
assert open("a").read() == open("b").read() == open("c").read() == "x"
assert not os.isatty(os.open("a", os.O_RDONLY))
thread = threading.Thread(target=time.sleep, args=[0.01], name="n")
thread.start(), thread.join()
os.sched_setaffinity(0, os.sched_getaffinity(0))
import resource
resource.setrlimit(resource.RLIMIT_CORE, (0, 0)), resource.getrlimit(resource.RLIMIT_AS)
import fcntl
fcntl.fcntl(1, fcntl.F_GETFD), fcntl.fcntl(1, fcntl.F_GETFL)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")
def test_what_honest_code_does_still_works(tmp_path):
    done = subprocess.run([sys.executable, "-c", HONEST, tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert os.stat(tmp_path / "a").st_mode & 0o777 != 0


def test_an_unknown_machine_is_refused(monkeypatch):
    monkeypatch.setattr(seccomp.platform, "machine", lambda: "pdp11")
    with pytest.raises(OSError, match="pdp11"):
        seccomp.restrict()
    assert ctypes.sizeof(seccomp._Step) == 8
