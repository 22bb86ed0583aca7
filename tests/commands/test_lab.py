"""JupyterLab in the environment of `rnncourse lab`: what it prints is the address to open."""

import os
import shutil
import subprocess
import sys
import sysconfig
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnncourse import environment, language
from rnncourse.commands import lab
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


@pytest.fixture
def ours(monkeypatch):
    """What `rnncourse lab` hands to JupyterLab, in an environment that a test changes first."""
    monkeypatch.setattr(environment, "left_out", {})
    monkeypatch.setattr(environment.sys, "path", list(sys.path))
    return environment.jupyter


def test_terminals_and_cells_find_this_pythons_commands(ours, monkeypatch):
    monkeypatch.setenv("PATH", "/elsewhere")
    path = ours()["PATH"]
    assert shutil.which("rnncourse", path=path) == shutil.which(
        "rnncourse", path=sysconfig.get_path("scripts")
    )
    assert path.endswith(f"{os.pathsep}/elsewhere")


def test_a_home_that_cannot_be_written_is_replaced(ours, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "home"))
    there = ours()
    names = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"]
    for name in [*names, "IPYTHONDIR", "MPLCONFIGDIR"]:
        assert Path(there[name]).is_dir()
        assert environment.write_error(there[name]) is None


def test_a_home_that_can_be_written_stays(ours, monkeypatch, tmp_path):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert environment.locked() == {}
    assert "JUPYTER_DATA_DIR" not in ours().keys() - os.environ.keys()


def test_the_kernel_is_this_pythons_whatever_jupyter_path_says(ours, monkeypatch, tmp_path):
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["/other/python"], "display_name": "other"}')
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    code = (
        "from jupyter_client.kernelspec import KernelSpecManager as M; "
        "print(M().get_kernel_spec('python3').resource_dir)"
    )
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, env=ours(), capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).parent == environment.own_kernels()
    assert ours()["JUPYTER_PATH"].endswith(f"{os.pathsep}{tmp_path}")


def test_a_foreign_numpy_is_left_out_and_the_rest_of_pythonpath_stays(ours, monkeypatch, tmp_path):
    other, own = tmp_path / "ros", tmp_path / "own"
    for folder, package in ((other, "numpy"), (own, "my_helpers")):
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, (other, own))))
    assert environment.foreign() == {str(other): ["numpy"]}
    assert ours()["PYTHONPATH"] == str(own)
    assert environment.left_out == {str(other): ["numpy"]}


def test_a_clone_on_pythonpath_is_not_foreign(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(environment.course_folder()))
    assert environment.foreign() == {}


def test_lab_says_where_the_settings_go(monkeypatch, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNCOURSE_LANG", "en")
    monkeypatch.setattr(language, "_chosen", None)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "home"))
    monkeypatch.setattr(lab.subprocess, "Popen", lambda *_, **__: SimpleNamespace(wait=lambda: 0))
    assert lab.run(SimpleNamespace(rest=[])) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "cannot be written to" in line

    def full(**_):
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(environment.tempfile, "mkdtemp", full)
    assert lab.run(SimpleNamespace(rest=[])) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert "TMPDIR" in line
