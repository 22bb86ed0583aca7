"""`rnncourse doctor` on healthy and on broken installations."""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnncourse import environment, language, progress
from rnncourse.commands import doctor, main


@pytest.fixture(autouse=True)
def healthy(monkeypatch, tmp_path):
    """A clone's .venv in which everything is installed in its lowest version that fits."""
    venv = doctor.course_folder() / ".venv"
    monkeypatch.setattr(doctor.sys, "prefix", str(venv))
    monkeypatch.setattr(doctor.sys, "executable", str(venv / "bin" / "python"))
    monkeypatch.setattr(language, "_chosen", None)
    monkeypatch.setenv("RNNCOURSE_LANG", "en")
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path / "home"))
    lowest = {
        name: next(s.version for s in requirement.specifier if s.operator == ">=")
        for name, requirement in doctor.requirements().items()
    }
    monkeypatch.setattr(doctor, "installed", lowest.get)
    monkeypatch.setattr(doctor, "kernel_row", lambda: doctor.row("kernel", "ok", "python"))
    monkeypatch.setattr(doctor, "DISK_GB", 0)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    return lowest


def report(capsys):
    status = main.main(["doctor", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (status == 0) is found["ok"]
    return found["ok"], {row["what"]: row for row in found["rows"]}


def test_all_is_well(capsys, tmp_path):
    well, rows = report(capsys)
    assert well
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert {"Python", "rnncourse", "numpy", "tensorflow", "jupyterlab", "progress"} <= rows.keys()
    assert not (tmp_path / "home").exists()  # looking leaves no trace


@pytest.mark.parametrize(
    ("name", "version"),
    [("tensorflow", "2.15.0"), ("numpy", "1.25.2"), ("ipywidgets", "9.0"), ("jupyterlab", None)],
)
def test_what_does_not_fit_is_named_with_its_range_and_a_line(healthy, capsys, name, version):
    healthy[name] = version
    well, rows = report(capsys)
    assert not well
    assert [what for what, row in rows.items() if row["status"] == "wrong"] == [name]
    assert rows[name]["found"] == version or (version is None and "not" in rows[name]["found"])
    assert main.main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert f"✗ {name} " in shown
    assert f"{Path('.venv')}{os.sep}" in shown
    assert shown.rstrip().endswith(" bootstrap.py --again")


def test_outside_a_clones_venv_pip_installs_one_package(healthy, capsys, monkeypatch, tmp_path):
    """Binder has a clone and no .venv: bootstrap.py would make one that nobody uses."""
    monkeypatch.setattr(doctor.sys, "prefix", str(tmp_path))
    healthy["tensorflow"] = "2.15.0"
    _, rows = report(capsys)
    assert rows["tensorflow"]["fix"].endswith('-m pip install "tensorflow>=2.18"')


def test_a_learner_hears_nothing_of_the_tools_of_contributors(capsys):
    """Their lock does not hold them, so `make setup` could not install them."""
    well, rows = report(capsys)
    assert well
    assert {"ruff", "pytest", "playwright", "sqlalchemy", "sphinx"} & rows.keys() == set()


def test_the_half_size_tensorflow_does_as_well(monkeypatch):
    monkeypatch.undo()
    found = {"tensorflow-cpu": "2.21.0"}

    def version(name):
        if name not in found:
            raise doctor.metadata.PackageNotFoundError(name)
        return found[name]

    monkeypatch.setattr(doctor.metadata, "version", version)
    assert doctor.installed("tensorflow") == "2.21.0"
    assert doctor.installed("keras") is None


def test_a_full_disk(capsys, monkeypatch):
    monkeypatch.setattr(doctor, "DISK_GB", 1e9)
    _, rows = report(capsys)
    assert "Free some space" in rows["disk"]["fix"]


def test_progress_that_cannot_be_kept_is_a_note(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("RNNCOURSE_HOME", str(tmp_path / "file" / "home"))
    well, rows = report(capsys)
    assert well
    assert "RNNCOURSE_HOME" in rows["progress"]["fix"]


@pytest.mark.parametrize("argv0", ["elsewhere/bin/python", None])
def test_a_kernel_of_another_environment(monkeypatch, tmp_path, argv0):
    from jupyter_client import kernelspec

    monkeypatch.undo()
    monkeypatch.setenv("RNNCOURSE_LANG", "en")

    def find(self, name):
        if argv0 is None:
            raise kernelspec.NoSuchKernel(name)
        return kernelspec.KernelSpec(argv=[str(tmp_path / argv0), "-m", "ipykernel_launcher"])

    monkeypatch.setattr(kernelspec.KernelSpecManager, "get_kernel_spec", find)
    row = doctor.kernel_row()
    assert row["status"] == "wrong"
    assert row["fix"]


def test_jupyter_path_with_another_kernel_is_a_note_with_a_line_that_works(monkeypatch, tmp_path):
    monkeypatch.undo()
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["/other/python"], "display_name": "other"}')
    monkeypatch.setenv("RNNCOURSE_LANG", "en")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    found = doctor.kernel_row()
    assert (found["status"], found["found"]) == ("note", "/other/python")
    assert doctor.without("JUPYTER_PATH") in found["fix"]
    monkeypatch.delenv("JUPYTER_PATH")  # which is that line
    assert doctor.kernel_row()["status"] == "ok"


def test_a_foreign_numpy_on_pythonpath_is_named(capsys, monkeypatch, tmp_path):
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    well, rows = report(capsys)
    assert not well
    assert rows["PYTHONPATH"]["found"] == f"{tmp_path} hides packages of this Python: numpy"
    assert doctor.without("PYTHONPATH") in rows["PYTHONPATH"]["fix"]


@pytest.mark.parametrize("damage", ["header", "page"])
def test_damaged_progress_is_named_with_what_to_do(capsys, damage):
    progress.record("ch03", "rnn_step", solved=True, points=1, out_of=1, code="x" * 9000)
    content = bytearray(progress.path().read_bytes())
    spoilt = slice(0, 100) if damage == "header" else slice(4096, 4200)
    content[spoilt] = b"?" * (spoilt.stop - spoilt.start)
    progress.path().write_bytes(content)
    _, rows = report(capsys)
    assert rows["progress"]["status"] == "note"
    assert "Move that file away" in rows["progress"]["fix"]
    main.main(["doctor"])
    assert "All is well" not in capsys.readouterr().out


def test_an_empty_file_of_progress_is_whole(capsys):
    progress.path().parent.mkdir()
    progress.path().touch()
    assert report(capsys)[1]["progress"]["status"] == "ok"


def test_the_disk_of_progress_is_tried_too(capsys, monkeypatch):
    class Full(io.BytesIO):
        def write(self, content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(environment.tempfile, "TemporaryFile", lambda dir: Full())
    _, rows = report(capsys)
    assert rows["progress"]["found"].endswith(os.strerror(errno.ENOSPC))
    assert "RNNCOURSE_HOME" in rows["progress"]["fix"]


def test_a_home_that_cannot_be_written_is_a_note(capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "file" / "home"))
    well, rows = report(capsys)
    assert well
    assert "temporary folder" in rows["settings"]["fix"]


def test_a_copy_that_is_not_installed(monkeypatch, capsys):
    def requires(name):
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor, "requirements", lambda: requires("rnncourse"))
    well, rows = report(capsys)
    assert not well
    assert rows.keys() == {"rnncourse"}


def test_nothing_heavy_is_imported():
    code = (
        "import sys; from rnncourse.commands import main; main.main(['doctor']); "
        "sys.exit({'tensorflow', 'keras', 'matplotlib', 'numpy'} & {*sys.modules} or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
