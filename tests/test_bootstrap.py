"""bootstrap.py on machines where something is missing: a sentence and a next step, no traceback."""

import ast
import collections
import errno
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "bootstrap.py"
FILES = ("bootstrap.py", "pyproject.toml", "requirements.txt", "requirements-dev.txt")
LEARNER, DEV = FILES[2:]
EXECUTABLE = "uv.exe" if os.name == "nt" else "uv"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def boot(tmp_path, monkeypatch):
    """bootstrap.py in a folder with the files that it looks at, in English, on a large disk."""
    for name in FILES:
        shutil.copy(SOURCE.with_name(name), tmp_path)
    monkeypatch.setenv("RNNCOURSE_LANG", "en")
    monkeypatch.delenv("MAKELEVEL", raising=False)
    monkeypatch.setattr(sys, "path", [*sys.path])  # say() adds to it
    spec = importlib.util.spec_from_file_location("bootstrap", tmp_path / "bootstrap.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.DISK_GB = 0
    return module


@pytest.fixture
def commands(boot, monkeypatch):
    """What run() is called with; `commands.fail` maps a word of a command to what it then says."""
    called = []

    def run(*command):
        called.append([str(part) for part in command])
        if "--clear" in command:
            boot.PYTHON.parent.mkdir(parents=True, exist_ok=True)
            boot.PYTHON.touch()
        if "--target" in command and "get uv" not in commands.fail:
            (boot.VENV / "uv" / "bin").mkdir(parents=True)
            (boot.VENV / "uv" / "bin" / EXECUTABLE).touch(0o755)
        return kind(called[-1]) in commands.fail, commands.fail.get(kind(called[-1]), "")

    commands = collections.namedtuple("Commands", "called fail")(called, {})
    monkeypatch.setattr(boot, "run", run)
    return commands


def kind(words):
    """What this command is for."""
    if words[0].endswith(f"{os.sep}{EXECUTABLE}"):
        return "uv"
    signs = {"--clear": "make", "--target": "get uv", "-r": "pip", "compileall": "compile"}
    signs |= {"-P": "open", "-c": "try"}
    return next(signs[sign] for sign in signs if sign in words)


def kinds(called):
    return [kind(words) for words in called]


def pretend_installed(boot, lock=LEARNER):
    """What a finished run leaves behind, without the packages."""
    boot.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    boot.PYTHON.touch()
    (boot.VENV / "pyvenv.cfg").touch()
    for name in {LEARNER, lock}:
        file, text = boot.stamp(name)
        file.write_bytes(text)


def sentence(boot, *arguments):
    """The one line that a failing main() ends in."""
    with pytest.raises(SystemExit) as stop:
        boot.main([*arguments])
    assert "\n" not in stop.value.code
    return stop.value.code


def test_bootstrap_stays_small():
    assert len(SOURCE.read_text("utf-8").splitlines()) <= 150


def test_an_old_python_can_read_the_file():
    ast.parse(SOURCE.read_text("utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("version", ["3.6", "3.7", "3.8", "3.9", "3.10", "3.14"])
def test_another_python_says_which_fits(boot, monkeypatch, version):
    monkeypatch.setattr(boot, "HERE", tuple(map(int, version.split("."))))
    monkeypatch.setattr(boot.subprocess, "call", lambda command, shell: "python3.12" not in command)
    with pytest.raises(SystemExit) as stop:
        boot.main([])
    english, chinese = stop.value.code.splitlines()
    assert english.startswith(f"This is Python {version}; the course needs Python 3.11 to 3.13")
    assert "`make lab PYTHON=python3.12`" in english
    assert "`make lab PYTHON=python3.12`" in chinese
    monkeypatch.setattr(boot.subprocess, "call", lambda command, shell: 1)
    with pytest.raises(SystemExit, match=r"PYTHON=python3\.13"):
        boot.main([])


def test_an_intel_mac_is_sent_to_colab(boot, monkeypatch):
    monkeypatch.setattr(boot.sys, "platform", "darwin")
    machine = collections.namedtuple("uname", "machine")
    monkeypatch.setattr(boot.os, "uname", lambda: machine("x86_64"), raising=False)
    assert "Colab or Binder" in sentence(boot)


@pytest.mark.parametrize("variable", ["RNNCOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"])
def test_it_speaks_the_language_that_the_package_speaks(boot, monkeypatch, variable):
    for name in ("RNNCOURSE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "zh" if variable == "RNNCOURSE_LANG" else "zh_CN.UTF-8")
    assert "软件包索引" in boot.say("network")


@pytest.mark.parametrize(
    ("asked", "lock", "calls"),
    [
        ([], LEARNER, ["make", "get uv", "uv", "open"]),
        (["--dev"], DEV, ["make", "get uv", "uv", "compile"]),
    ],
)
def test_a_first_run_says_each_thing_before_it_does_it(boot, commands, capsys, asked, lock, calls):
    boot.main(asked)
    assert kinds(commands.called) == calls
    assert str(boot.ROOT / lock) in commands.called[2]
    assert not (boot.VENV / "uv").exists()
    said = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in said] == ["[1/3]", "[2/3]", "[3/3]", "Ready"]
    assert "make lab" in said[-1]


def test_make_says_itself_what_comes_next(boot, commands, monkeypatch, capsys):
    monkeypatch.setenv("MAKELEVEL", "1")
    boot.main([])
    assert capsys.readouterr().out.splitlines()[-1] == "Ready."


def test_the_same_venv_serves_learner_and_contributor(boot, commands):
    """A contributor's packages are added once, and a later `make lab` leaves them alone."""
    pretend_installed(boot)
    boot.main([])
    assert commands.called == []
    boot.main(["--dev"])
    assert kinds(commands.called) == ["try", "get uv", "uv", "compile"]
    commands.called.clear()
    boot.main(["--dev"])
    boot.main([])
    assert commands.called == []


def test_again_installs_whatever_the_stamp_says(boot, commands):
    """The line that `rnncourse doctor` names: pip may have changed a package behind the stamp."""
    pretend_installed(boot, DEV)
    boot.main(["--again"])
    assert kinds(commands.called) == ["try", "get uv", "uv", "open"]
    assert boot.is_ready(DEV)


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ("requirements.txt", [True, True]),
        ("pyproject.toml", [True, True]),
        ("requirements-dev.txt", [False, True]),
    ],
)
def test_a_changed_lock_is_installed_again(boot, changed, again):
    pretend_installed(boot, DEV)
    assert boot.is_ready(LEARNER)
    assert boot.is_ready(DEV)
    with (boot.ROOT / changed).open("a") as file:
        file.write("# a new line\n")
    assert [not boot.is_ready(LEARNER), not boot.is_ready(DEV)] == again


def test_a_venv_of_another_python_serves_only_a_python_that_cannot_make_one(boot, monkeypatch):
    monkeypatch.setattr(boot, "HERE", (3, 12))
    pretend_installed(boot)
    monkeypatch.setattr(boot, "HERE", (3, 13))
    assert not boot.is_ready(LEARNER)
    monkeypatch.setattr(boot, "HERE", (3, 8))
    assert boot.is_ready(LEARNER)


def test_a_venv_that_was_moved_is_not_ready(boot, monkeypatch, tmp_path):
    pretend_installed(boot)
    monkeypatch.setattr(boot, "ROOT", tmp_path / ".." / tmp_path.name)
    assert not boot.is_ready(LEARNER)


@pytest.mark.parametrize("interpreter", [False, True])
def test_a_half_made_venv_is_made_anew(boot, commands, capsys, interpreter):
    pretend_installed(boot)
    if not interpreter:
        boot.PYTHON.unlink()
    boot.stamp(LEARNER)[0].unlink()
    commands.fail["try"] = "ModuleNotFoundError: No module named 'pip'"
    boot.main([])
    assert "half-made, or is not of Python " + HERE in capsys.readouterr().out
    assert kinds(commands.called)[interpreter] == "make"


def test_a_whole_venv_is_kept(boot, commands):
    pretend_installed(boot)
    boot.stamp(LEARNER)[0].unlink()
    boot.main([])
    assert "make" not in kinds(commands.called)


def test_a_folder_that_is_no_venv_is_left_alone(boot, commands):
    boot.VENV.mkdir()
    (boot.VENV / "thesis.txt").write_text("years of work")
    assert "not a virtual environment" in sentence(boot)
    assert (boot.VENV / "thesis.txt").exists()
    assert commands.called == []


def test_debian_without_python3_venv(boot, monkeypatch):
    monkeypatch.setattr(boot.importlib.util, "find_spec", lambda name: None)
    assert f"sudo apt install python{HERE}-venv" in sentence(boot)


def test_a_full_disk_is_seen_before_anything_is_made(boot, monkeypatch, commands):
    usage = collections.namedtuple("usage", "free")
    monkeypatch.setattr(boot, "DISK_GB", 3)
    monkeypatch.setattr(boot.shutil, "disk_usage", lambda path: usage(1.23e9))
    assert "Only 1.2 GB are free" in sentence(boot)
    assert commands.called == []


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "GB are free"),
        (errno.EROFS, "cannot be written to"),
        (errno.EACCES, "cannot be written to"),
        (errno.EIO, "Stopped by the system"),
    ],
)
def test_what_the_system_refuses(boot, monkeypatch, commands, number, words):
    def refuse(*arguments):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(boot.Path, "write_bytes", refuse)
    assert words in sentence(boot)


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may write anywhere")
def test_a_read_only_folder_for_real(boot):
    boot.ROOT.chmod(0o500)
    assert "cannot be written to" in sentence(boot)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Error: [Errno 13] Permission denied: '/course/.venv'", "cannot be written to"),
        ("OSError: [Errno 28] No space left on device", "GB are free"),
        ("Error: Command '-m ensurepip' returned 1.", "ensurepip' returned 1. Delete that folder"),
    ],
)
def test_why_no_venv_could_be_made(boot, commands, said, words):
    commands.fail["make"] = said
    assert words in sentence(boot)


def test_ctrl_c_says_that_it_can_go_on(boot, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(boot, "make_venv", interrupt)
    assert "goes on where it stopped" in sentence(boot)


def test_a_language_that_is_not_spoken_is_a_sentence_too(boot, monkeypatch):
    monkeypatch.setenv("RNNCOURSE_LANG", "fr")
    assert sentence(boot) == "RNNCOURSE_LANG is 'fr'; set it to one of en, zh"


def test_a_clone_without_its_lock(boot):
    (boot.ROOT / "requirements.txt").unlink()
    assert "not the whole course" in sentence(boot)
    assert "requirements.txt" in sentence(boot)


BROKEN = "WARNING: Retrying (Retry(total=4)) after connection broken by "


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (BROKEN + "'NewConnectionError(...)'", "index did not answer"),
        (BROKEN + "'SSLError(SSLCertVerificationError(1, ...", "Set PIP_CERT and SSL_CERT_FILE to"),
        (BROKEN + "'SSLError(SSLEOFError(8, ...", "index did not answer"),
        ("OSError: [Errno 28] No space left on device", "GB are free"),
        ("ERROR: No matching distribution found for keras==99", "distribution found for keras==99"),
    ],
)
def test_why_installing_failed(boot, commands, said, words):
    """uv cannot be had, and pip says this before it gives up."""
    commands.fail.update({"get uv": "ERROR: No matching distribution found for uv", "pip": said})
    assert words in sentence(boot)
    assert (boot.VENV / "install.log").read_text("utf-8") == said
    assert not boot.is_ready(LEARNER)


def test_no_network_is_not_tried_twice(boot, commands):
    commands.fail["get uv"] = BROKEN + "'NewConnectionError(...)'"
    assert "index did not answer" in sentence(boot)
    assert kinds(commands.called) == ["make", "get uv"]


@pytest.mark.parametrize("broken", ["get uv", "uv"])
def test_pip_installs_where_uv_does_not(boot, commands, broken):
    commands.fail[broken] = "thread 'main' panicked"
    boot.main([])
    assert kinds(commands.called)[-2:] == ["pip", "open"]
    assert boot.is_ready(LEARNER)


def test_only_progress_is_shown_of_what_a_tool_says(boot, capsys):
    lines = ["Resolved 131 packages", "Downloading numpy (16.1MiB)", " + numpy==2.1", "  done"]
    program = f"print({chr(10).join(lines)!r}); raise SystemExit(3)"
    assert boot.run(sys.executable, "-c", program) == (3, "\n".join(lines))
    assert capsys.readouterr().out == "      Downloading numpy (16.1MiB)\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="no make on this machine")
def test_make_without_python_says_what_to_install():
    command = ["make", "lab", "PYTHON=python9.9"]
    done = subprocess.run(command, cwd=SOURCE.parent, capture_output=True, text=True)
    assert done.returncode != 0
    assert "'python9.9' was not found. Install Python 3.11 to 3.13" in done.stderr


def test_no_network_for_real(boot):
    """A true virtual environment, a true pip, and an index that nobody serves."""
    with socket.socket() as bound:  # taken and not listening
        bound.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{bound.getsockname()[1]}/simple"
        offline = {name: text for name, text in os.environ.items() if not name.startswith("PIP_")}
        offline |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index, "PIP_RETRIES": "1"}
        shutil.copytree(
            SOURCE.parent / "rnncourse",
            boot.ROOT / "rnncourse",
            ignore=lambda folder, names: [
                n for n in names if "bootstrap" not in n and n not in KEPT
            ],
        )
        command = [sys.executable, boot.ROOT / "bootstrap.py"]
        done = subprocess.run(command, env=offline, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("The package index did not answer.")
    assert "Traceback" not in done.stdout + done.stderr


KEPT = {"__init__.py", "language.py"}  # of the package, what bootstrap.py needs
