"""JupyterLab in the environment of `rnncourse lab`: what it prints is the address to open."""

import subprocess
import sys
import threading

from rnncourse import environment
from tests.support import HANG


def test_nothing_but_the_address_to_open_is_printed(tmp_path):
    """The line with 127.0.0.1 is JupyterLab's last; port 0 lets the system choose one."""
    command = [sys.executable, "-P", "-m", "jupyterlab", "--allow-root", "--no-browser", "--port=0"]
    there = environment.jupyter() | {"HOME": str(tmp_path)}
    said = []
    with subprocess.Popen(
        command, env=there, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        alarm = threading.Timer(HANG, process.kill)
        alarm.start()
        for line in process.stdout:
            said.append(line.strip())
            if line.lstrip().startswith("http://127.0.0.1"):
                break
        process.terminate()
        alarm.cancel()
    assert [line for line in said if line.startswith("[") and not line.startswith("[C")] == []
    assert "To access the server, open this file in a browser:" in said
    assert said[-1].startswith("http://127.0.0.1")
