"""The three ways in which a grader runs, as far as this machine can play them.

"as it is" is whoever runs the tests (root in CI), "user" an ordinary user, "container" that user in
a namespace without capabilities, in which the kernel gives no further namespaces.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import HANG

ROOT = Path(__file__).parents[2]
MODES = ("as it is", "user", "container")
# An ordinary user who can read an interpreter that lies in a home folder that is closed to them.
AS_USER = """
set -e
mount --bind "$BASE" "$SPARE"; mount -t tmpfs -o mode=755 none "$TOP"; mkdir -p "$BASE"
mount --bind "$SPARE" "$BASE"; umount "$SPARE"
exec setpriv --reuid 12345 --regid 12345 --clear-groups $WITHIN "$@"
"""
USER = 12345


def run(mode, command, spare, cwd=ROOT, **environment):
    """Run `command` in one of MODES; `spare` is an empty folder. The CompletedProcess, as text."""
    env = os.environ | {"OMP_NUM_THREADS": "1"} | environment
    if mode != "as it is":
        if os.geteuid() != 0:
            pytest.skip("it is an ordinary user who ran the other half")
        closed = [str(way) for way in (ROOT, *ROOT.parents) if not way.stat().st_mode & 0o001]
        assert not closed, f"an ordinary user cannot enter this clone: chmod o+x {' '.join(closed)}"
        top, script = Path("/", *Path(sys.base_prefix).parts[1:2]), AS_USER
        if top.stat().st_mode & 0o001:
            script = AS_USER.splitlines()[-1]
        else:
            env |= {"BASE": sys.base_prefix, "SPARE": str(spare), "TOP": str(top)}
        env |= {"HOME": "/", "WITHIN": "unshare -U" if mode == "container" else ""}
        command = ["unshare", "-m", "sh", "-c", script, "sh", *command]
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=HANG)
