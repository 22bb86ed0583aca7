"""The layers between a submission and everything else, and which of them this machine can give.

`warm` is called once, by the process that will fork, and `isolate` for each submission. Each layer
is on, or off with its reason; Linux has all of them, other systems limits and a folder of its own.
Longer than 250 lines because the layers depend on one another: one file shows their order.
"""

import ctypes
import os
import signal
import sys
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from rnncourse.grading.isolation import landlock, seccomp
from rnncourse.grading.isolation.readable_paths import apart, readable, uncovered, within

__all__ = ["KEEPING", "LAYERS", "Layer", "LayerName", "Sandbox", "die_with_parent"]


class LayerName(StrEnum):
    """The layers, in the order in which they are reported."""

    PROCESS_GROUP = "process group"
    LIMITS = "limits"
    ENVIRONMENT = "environment"
    FOLDER = "folder"
    USER = "user"
    ROOT_FOLDER = "root folder"
    PROCESSES_APART = "processes apart"
    NO_NETWORK = "no network"
    SMALL_DISK = "small disk"
    SECCOMP = "seccomp"
    LANDLOCK = "landlock"
    NO_SOLUTIONS = "no solutions"


@dataclass(frozen=True)
class Layer:
    """One layer: whether it is on, and if not, why."""

    name: LayerName
    on: bool = False
    reason: str = "not asked for"


LAYERS = tuple(str(name) for name in LayerName)
# A class is graded only if of each of these sets one layer is on: secrets, neighbours, network.
KEEPING = (
    {LayerName.ROOT_FOLDER, LayerName.LANDLOCK},
    {LayerName.SECCOMP},
    {LayerName.NO_NETWORK, LayerName.SECCOMP},
)

NEWNS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
RDONLY, NOSUID, NODEV, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PDEATHSIG = 1
DISK = "size=256m,nr_inodes=20000,mode=700"


def _libc(name, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source, target, kind=None, flags=0, options=None):
    texts = [None if t is None else os.fsencode(t) for t in (source, target, kind)]
    data = None if options is None else options.encode()
    _libc("mount", *texts, ctypes.c_ulong(flags), data)


class Sandbox:
    """What was switched on so far: `layers` is {LayerName: Layer}."""

    def __init__(self, wanted=True):
        self.layers = {name: Layer(name) for name in LayerName}
        self.wanted = wanted
        self.namespaces = False
        self.folder = None
        self.was_root = hasattr(os, "geteuid") and os.geteuid() == 0

    def is_on(self, name):
        """Whether a layer is on."""
        return self.layers[name].on

    def report(self):
        """{layer: "" if it is on, else the reason}, as gradebooks keep it."""
        return {str(one.name): "" if one.on else one.reason for one in self.layers.values()}

    def warm(self, load):
        """Close the process that will fork, as far as all submissions share it.

        `load()` imports what submissions need. The order matters: a user namespace can be taken
        only while there is one thread, and NumPy starts more; files are closed after the imports.
        """
        self._take_namespaces()
        load()
        self._hold_back()
        self._seal_root()

    def isolate(self, asked, fork=None):
        """Close a submission's own process. There is no way back.

        With `fork`, what is called is its guard: it gets the submission's process number, and the
        process that `fork` started, which is then closed, gets 0. `asked` has the "folder" to write
        to, "memory" in bytes, "seconds" of the processor and a "uid" that nobody has.
        """
        self._divide()
        if fork is not None and (pid := fork()):
            return pid
        self._enter(asked["folder"], asked["memory"], asked["seconds"], asked["uid"])
        return 0

    def _switch_on(self, name):
        self.layers[name] = Layer(name, on=True, reason="")

    def _switch_off(self, name, reason):
        self.layers[name] = Layer(name, on=False, reason=str(reason))

    def _try(self, name, action):
        try:
            action()
        except (OSError, AttributeError, ValueError, ImportError) as error:
            self._switch_off(name, error)
            return False
        self._switch_on(name)
        return True

    # --- once, in the process that forks ---------------------------------------------------------

    def _take_namespaces(self):
        """Take a user namespace where we are not root, and a mount namespace."""
        if not self.wanted or not sys.platform.startswith("linux"):
            return

        def take():
            uid, gid = os.geteuid(), os.getegid()
            _libc("unshare", NEWNS if self.was_root else NEWUSER | NEWNS)
            if not self.was_root:
                Path("/proc/self/setgroups").write_text("deny")
                Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
                Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
            _mount("none", "/", None, REC | PRIVATE)
            self.namespaces = True

        self._try(LayerName.ROOT_FOLDER, take)

    def _hold_back(self):
        """Import the lessons' data, without the parts that the judge holds back.

        No solution is in this process; `_enter` says whether their files are closed, too.
        """
        from rnncourse.grading.isolation import held_back  # not at the top: it imports NumPy

        if not self.wanted or not sys.platform.startswith("linux"):
            held_back.import_data()
        else:
            self._try(LayerName.NO_SOLUTIONS, held_back.prepare)

    def _seal_root(self):
        """Leave only what Python needs to read: a root folder without homes and grade books."""
        self.folder = "/scratch"
        apart()  # kept from here on: after it, not all can be looked up
        if not self.namespaces:
            self.folder = None
            return
        if not self._try(LayerName.ROOT_FOLDER, self._build_root):
            self.folder = None

    def _build_root(self):
        root = Path(tempfile.mkdtemp(prefix="root-", dir=os.environ.get("HOME")))  # goes with it
        _mount("tmpfs", root, "tmpfs", NOSUID | NODEV, "size=1m,mode=755")
        for path in readable():
            target = root / path.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
            if path.is_dir() and path.is_symlink():  # /lib, where it is /usr/lib
                target.symlink_to(os.readlink(path))
                continue
            target.mkdir(exist_ok=True) if path.is_dir() else target.touch()
            _mount(path, target, None, BIND | REC)
            if path.parts[1] != "dev":
                kept = os.statvfs(path).f_flag & (NOSUID | NODEV | 8 | 1024 | 2048)
                _mount(None, target, None, BIND | REMOUNT | RDONLY | NOSUID | kept)
        nothing = root / "nothing"
        nothing.touch(0)
        for path in within():
            target = root / path.relative_to("/")
            if target.is_dir():
                _mount("tmpfs", target, "tmpfs", RDONLY | NOSUID | NODEV)
            else:
                _mount(nothing, target, None, BIND)
                _mount(None, target, None, BIND | REMOUNT | RDONLY | NOSUID | NODEV)
        (root / "scratch").mkdir()
        if not (root / "tmp").exists():  # it does where the course itself lies in /tmp
            (root / "tmp").symlink_to("scratch")
        (root / "proc").mkdir()
        os.chroot(root)
        os.chdir("/")

    # --- for each submission, in its guard -------------------------------------------------------

    def _divide(self):
        """Namespaces of its own for processes, network, mounts: the next fork lives in them."""
        if not self.wanted or not self.namespaces:
            for name in (LayerName.PROCESSES_APART, LayerName.NO_NETWORK, LayerName.SMALL_DISK):
                if self.wanted:
                    self._switch_off(name, self.layers[LayerName.ROOT_FOLDER].reason)
            return
        self._try(LayerName.PROCESSES_APART, lambda: _libc("unshare", NEWPID | NEWIPC))
        self._try(LayerName.NO_NETWORK, lambda: _libc("unshare", NEWNET))
        if self.folder:
            self._try(LayerName.SMALL_DISK, self._own_disk)

    def _own_disk(self):
        _libc("unshare", NEWNS)
        _mount("tmpfs", "/scratch", "tmpfs", NOSUID | NODEV, DISK)

    # --- for each submission, in the process that runs it ----------------------------------------

    def _enter(self, folder, memory, seconds, uid):
        """Give up everything that a submission must not have."""
        if hasattr(os, "setsid"):
            self._switch_on(LayerName.PROCESS_GROUP)
        self._switch_on(LayerName.ENVIRONMENT)
        self._try(LayerName.LIMITS, lambda: limit(memory, seconds))
        folder = self.folder if self.is_on(LayerName.SMALL_DISK) else folder
        self._try(LayerName.FOLDER, lambda: self._own_folder(folder, uid))
        if not self.wanted:
            die_with_parent()
            return
        # Where there is a root folder of our own, empty folders lie over what is hidden.
        read, seen = ([*readable()], []) if self.folder else apart()
        read = [*read, Path("/proc")] if self._own_proc() else read
        self._try(LayerName.USER, lambda: self._drop(uid))
        die_with_parent()  # after the change of user, which clears it; seccomp refuses it then
        self._try(LayerName.LANDLOCK, lambda: landlock.restrict(read, [folder], seen))
        self._try(LayerName.SECCOMP, seccomp.restrict)
        if self.is_on(LayerName.NO_SOLUTIONS) and (open_ := uncovered()):
            self._switch_off(LayerName.NO_SOLUTIONS, f"{open_} can be read here")

    def _own_proc(self):
        """/proc with this process alone in it: TensorFlow looks up its own path there."""
        apart_and_small = (LayerName.PROCESSES_APART, LayerName.SMALL_DISK)
        if not self.folder or not all(map(self.is_on, apart_and_small)):
            return False
        try:
            _mount("proc", "/proc", "proc", RDONLY | NOSUID | NODEV | 8)
        except OSError:
            return False
        return True

    def _own_folder(self, folder, uid):
        if self.wanted and self.was_root and hasattr(os, "chown"):
            os.chown(folder, uid, uid)
        os.chdir(folder)

    def _drop(self, uid):
        if self.was_root:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        elif not self.namespaces:
            raise OSError("the grader is not root, so it runs as the grader's user")
        header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # version 3, this process
        _libc("capset", header, (ctypes.c_uint32 * 6)())


def die_with_parent():
    """Let the kernel end this process when the one that forked it ends, however that ends."""
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit(memory, seconds):
    """CPU seconds, memory on top of what is there, file size, open files, processes, signals."""
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0]) if _proc() else 0
    most = pages * resource.getpagesize() + memory
    wanted = {"CPU": int(seconds) + 2, "FSIZE": 64 << 20, "NOFILE": 256, "NPROC": 512, "CORE": 0}
    if sys.platform.startswith("linux"):
        # The last two are a user's, and in a container the grader's: pending signals and timers.
        wanted |= {"AS": most, "SIGPENDING": 64, "MSGQUEUE": 0}
    for name, value in wanted.items():
        number = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def _proc():
    return os.path.exists("/proc/self/statm")
