"""bootstrap.py on machines where something is missing: a sentence and a next step, no traceback."""

import ast
import collections
import errno
import importlib.util
import os
import shutil
import string
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "bootstrap.py"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def boot():
    spec = importlib.util.spec_from_file_location("bootstrap", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def course(tmp_path, boot, monkeypatch):
    """A folder with the files that bootstrap.py looks at; main() works there, in English."""
    for name in boot.INPUTS:
        shutil.copy(SOURCE.with_name(name), tmp_path)
    monkeypatch.setattr(boot, "__file__", str(tmp_path / "bootstrap.py"))
    monkeypatch.setenv("RNNCOURSE_LANG", "en")
    monkeypatch.delenv("RNNCOURSE_PIP", raising=False)
    return tmp_path


def pretend_installed(course, boot, python=HERE):
    """What a finished run leaves behind, without the packages."""
    venv = course / ".venv"
    boot.interpreter(venv).parent.mkdir(parents=True)
    boot.interpreter(venv).touch()
    (venv / "pyvenv.cfg").write_text(f"home = /usr/bin\nversion = {python}.4\n")
    (venv / "rnncourse.stamp").write_text(boot.digest(course))
    return venv


def sentence(boot, capsys):
    """The one line that a failing main() prints to stderr."""
    assert boot.main([]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line


def no_commands(*args, **options):
    raise AssertionError(f"nothing should run: {args}")


def test_an_old_python_can_read_the_file():
    ast.parse(SOURCE.read_text("utf-8"), feature_version=(3, 6))


def test_both_languages_have_the_same_sentences_and_placeholders(boot):
    en, zh = boot.SENTENCES["en"], boot.SENTENCES["zh"]
    assert en.keys() == zh.keys()
    for code in en:
        in_en, in_zh = (
            collections.Counter(name for _, name, _, _ in string.Formatter().parse(text[code]))
            for text in (en, zh)
        )
        assert in_en.keys() - {None} == in_zh.keys() - {None}, code


@pytest.mark.parametrize("variable", ["RNNCOURSE_LANG", "LANG"])
def test_a_chinese_system_is_spoken_to_in_chinese(boot, monkeypatch, variable):
    for name in ("RNNCOURSE_LANG", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "zh_CN.UTF-8")
    assert "软件包索引" in boot.say("network")


@pytest.mark.parametrize("version", [(3, 10, 2), (3, 14, 0)])
def test_a_python_outside_the_range_is_told_which_fits(boot, monkeypatch, version):
    monkeypatch.setattr(boot.sys, "platform", "linux")
    monkeypatch.setattr(boot, "starts", lambda name: False)
    with pytest.raises(boot.Stop) as nothing_there:
        boot.check_python(version)
    assert "Install Python 3.13" in nothing_there.value.facts["next"]
    monkeypatch.setattr(boot, "starts", lambda name: name == "python3.12")
    with pytest.raises(boot.Stop) as one_there:
        boot.check_python(version)
    assert "PYTHON=python3.12" in one_there.value.facts["next"]


def test_an_intel_mac_is_sent_to_colab(boot, monkeypatch):
    monkeypatch.setattr(boot.sys, "platform", "darwin")
    monkeypatch.setattr(boot.platform, "machine", lambda: "x86_64")
    with pytest.raises(boot.Stop, match="intel-mac"):
        boot.check_python()


def test_a_second_call_runs_nothing(boot, course, monkeypatch):
    pretend_installed(course, boot)
    monkeypatch.setattr(boot.subprocess, "call", no_commands)
    monkeypatch.setattr(boot.subprocess, "run", no_commands)
    assert boot.main([]) == 0


@pytest.mark.parametrize("changed", ["requirements.txt", "pyproject.toml"])
def test_a_changed_lock_is_installed_again(boot, course, changed):
    venv = pretend_installed(course, boot)
    assert boot.is_ready(course, venv)
    with (course / changed).open("a") as file:
        file.write("# a new line\n")
    assert not boot.is_ready(course, venv)


def test_a_venv_of_another_python_is_not_ready_unless_this_one_could_not_make_one(boot, course):
    venv = pretend_installed(course, boot, python="3.12")
    assert not boot.is_ready(course, venv, version=(3, 13, 0))
    assert boot.is_ready(course, venv, version=(3, 8, 0))


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({"pyvenv.cfg": "version = 3.9.1\n"}, f"holds Python 3.9, you asked for Python {HERE}"),
        ({"pyvenv.cfg": f"version = {HERE}.1\n"}, "left half-made"),
        ({"lib/python": ""}, "left half-made"),
    ],
)
def test_an_unusable_venv_is_made_anew(boot, course, monkeypatch, capsys, files, why):
    for name, text in files.items():
        (course / ".venv" / name).parent.mkdir(parents=True, exist_ok=True)
        (course / ".venv" / name).write_text(text)
    monkeypatch.setattr(boot, "DISK_GB", 0)
    commands = []

    def run(command, **options):
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(boot.subprocess, "run", run)
    boot.make_venv(course, course / ".venv")
    assert why in capsys.readouterr().out
    assert commands[0][1:3] == ["-m", "venv"]
    assert not any((course / ".venv").iterdir())  # the old one is gone


def test_a_folder_that_is_no_venv_is_left_alone(boot, course, capsys):
    (course / ".venv").mkdir()
    (course / ".venv" / "thesis.txt").write_text("years of work")
    assert "not a virtual environment" in sentence(boot, capsys)
    assert (course / ".venv" / "thesis.txt").exists()


def test_debian_without_python3_venv(boot, course, monkeypatch, capsys):
    monkeypatch.setattr(boot.importlib.util, "find_spec", lambda name: None)
    assert f"sudo apt install python{HERE}-venv" in sentence(boot, capsys)


def test_a_full_disk(boot, course, monkeypatch, capsys):
    usage = collections.namedtuple("usage", "free")
    monkeypatch.setattr(boot.shutil, "disk_usage", lambda path: usage(1.23e9))
    assert "Only 1.2 GB are free" in sentence(boot, capsys)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "GB are free"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "cannot be written to"),
        (errno.EIO, "Stopped by the system"),
    ],
)
def test_what_the_system_refuses(boot, course, monkeypatch, capsys, number, words):
    def refuse(*args, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(boot, "DISK_GB", 0)
    monkeypatch.setattr(boot.Path, "mkdir", refuse)
    assert words in sentence(boot, capsys)


def test_ctrl_c_says_that_it_can_go_on(boot, course, monkeypatch, capsys):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(boot, "make_venv", interrupt)
    assert boot.main([]) == 130
    assert "goes on where it stopped" in capsys.readouterr().err


def test_a_clone_without_its_lock(boot, course, capsys):
    (course / "requirements.txt").unlink()
    assert "requirements.txt is missing" in sentence(boot, capsys)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("WARNING: Retrying (Retry(total=4)) after connection broken", "index did not answer"),
        ("OSError: [Errno 28] No space left on device", "GB are free"),
        ("ERROR: No matching distribution found for keras==99", "distribution found for keras==99"),
    ],
)
def test_why_pip_failed(boot, course, monkeypatch, capsys, said, words):
    """uv cannot be had, and pip says this before it gives up."""

    def pip(command, **options):
        if "--log" in command:
            Path(command[command.index("--log") + 1]).write_text(said)
        return 1

    monkeypatch.setattr(boot, "make_venv", lambda root, venv: venv.mkdir())
    monkeypatch.setattr(boot.subprocess, "call", pip)
    assert words in sentence(boot, capsys)


@pytest.mark.parametrize("force", [None, "--pip", "RNNCOURSE_PIP"])
def test_pip_alone_does_where_uv_fails_or_is_not_wanted(boot, course, monkeypatch, force):
    called = []

    def call(command, **options):
        called.append("uv" if "uv" in command[:4] else "get uv" if "uv" in command else "pip")
        return called[-1] == "uv"

    monkeypatch.setattr(boot, "make_venv", lambda root, venv: venv.mkdir())
    monkeypatch.setattr(boot.subprocess, "call", call)
    if force == "RNNCOURSE_PIP":
        monkeypatch.setenv(force, "1")
    assert boot.main([force] if force == "--pip" else []) == 0
    assert called == (["pip"] if force else ["get uv", "uv", "pip"])
    assert boot.interpreter(course / ".venv").parent.parent == course / ".venv"


@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_make_without_python_says_what_to_install():
    command = ["make", "lab", "PYTHON=python9.9"]
    done = subprocess.run(command, cwd=SOURCE.parent, capture_output=True, text=True)
    assert done.returncode != 0
    assert "'python9.9' was not found. Install Python 3.11 to 3.13" in done.stderr


def test_no_network_for_real(course):
    """A true virtual environment, a true pip, and an index that nobody serves."""
    offline = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
    offline |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    offline |= {"PIP_RETRIES": "1", "RNNCOURSE_LANG": "en", "RNNCOURSE_PIP": "1"}
    done = subprocess.run(
        [sys.executable, course / "bootstrap.py"], env=offline, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("The package index did not answer.")
    assert "Traceback" not in done.stdout + done.stderr
