"""A real PostgreSQL server for the length of a test, in a folder of its own, without a port."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

__all__ = ["program", "server"]


def program(name):
    """The path of one of the server's programs, on PATH or where Debian keeps them, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(found[0]) if found else None)


@contextlib.contextmanager
def server():
    """The address of an empty database, as `--database` wants it."""
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a socket's path must be short
    who = {}
    if os.geteuid() == 0:  # it refuses to run as root
        user = pwd.getpwnam("nobody")
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
    options = {"cwd": folder, "check": True, "capture_output": True, **who}
    data = folder / "data"
    make = ["--auth=trust", "--username=teacher", "--encoding=UTF8", "--locale=C.UTF-8"]
    subprocess.run([program("initdb"), "--no-sync", *make, data], **options)
    alone = f"-k {folder} -c listen_addresses='' -c fsync=off"
    control = [program("pg_ctl"), "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", alone, "start"], **options)
    try:
        yield f"postgresql://teacher@/postgres?host={folder}"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **options)
        shutil.rmtree(folder, ignore_errors=True)
