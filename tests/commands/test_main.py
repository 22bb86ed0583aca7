"""The command `rnncourse`: each subcommand only when asked for, and a sentence for a wrong call."""

import os
import subprocess
import sys
import types

import pytest

import rnncourse
from rnncourse import environment, language
from rnncourse.commands import lab, main


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setattr(language, "_chosen", None)
    monkeypatch.setenv("RNNCOURSE_LANG", "en")


@pytest.fixture
def command(monkeypatch):
    """A subcommand `doctor` whose run() is the function that a test gives."""

    def install(run, **attributes):
        module = types.SimpleNamespace(
            add_arguments=lambda parser: parser.add_argument("--json", action="store_true"),
            run=run,
            **attributes,
        )
        monkeypatch.setattr(main.importlib, "import_module", lambda name: module)

    return install


def test_version(capsys):
    with pytest.raises(SystemExit) as end:
        main.main(["--version"])
    assert end.value.code == 0
    assert capsys.readouterr().out == f"rnncourse {rnncourse.__version__}\n"


@pytest.mark.parametrize("lang", language.LANGUAGES)
def test_help_lists_every_command_in_the_language_asked_for(capsys, lang):
    assert main.main(["--lang", lang]) == 0
    shown = capsys.readouterr().out
    for name in main.COMMANDS:
        assert language.table("commands.main", lang)["commands"][name] in shown


@pytest.mark.parametrize(
    "call",
    [
        ["--lang=zh", "--help"],
        ["--help", "--lang", "zh"],
        ["--lang=zh", "doctor", "--help"],
        ["doctor", "--help", "--lang=zh"],
    ],
)
def test_help_speaks_the_language_wherever_it_is_asked_for(capsys, call):
    with pytest.raises(SystemExit) as end:
        main.main(call)
    assert end.value.code == 0
    said = capsys.readouterr().out.replace("\n", "")
    assert language.table("commands.main", "zh")["lang"] in said


def test_nothing_is_imported_that_was_not_asked_for():
    code = (
        "import sys; from rnncourse.commands import main; main.main([]); "
        "loaded = [m for m in main.COMMANDS.values() if m in sys.modules]; "
        "assert not loaded and 'numpy' not in sys.modules, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_the_status_of_a_command_is_the_status_of_the_call(command):
    command(lambda arguments: 7 if arguments.json else 3)
    assert main.main(["doctor", "--json"]) == 7
    assert main.main(["doctor"]) == 3


@pytest.mark.parametrize("call", [["--lang", "zh", "doctor"], ["doctor", "--lang", "zh"]])
def test_the_language_may_stand_before_or_after(command, call):
    said = []
    command(lambda arguments: said.append(language.current()) or 0)
    main.main(call)
    assert said == ["zh"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (["chekc"], "Unknown command 'chekc'. Did you mean `rnncourse check`? `rnncourse --help`"),
        (["zzz"], "Unknown command 'zzz'. `rnncourse --help`"),
        (["doctor", "--jsno", "x"], "Unexpected arguments: --jsno x. `rnncourse doctor --help`"),
        (["--lang", "fr"], "'fr'"),
    ],
)
def test_a_wrong_call_is_one_sentence_with_the_next_step(command, capsys, call, words):
    command(lambda arguments: 0)
    with pytest.raises(SystemExit) as end:
        main.main(call)
    (line,) = capsys.readouterr().err.splitlines()
    assert end.value.code == 2
    assert words in line
    assert "--help` shows" in line


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("tensorflow", "needs the package tensorflow"),
        ("rnncourse.commands.doctor", "not part of this"),
    ],
)
def test_a_missing_package_is_named(monkeypatch, capsys, package, words):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)

    monkeypatch.setattr(main.importlib, "import_module", missing)
    with pytest.raises(SystemExit) as end:
        main.main(["doctor"])
    assert end.value.code == 1
    assert words in capsys.readouterr().err


def test_ctrl_c_is_a_sentence(command, capsys):
    def interrupt(arguments):
        raise KeyboardInterrupt

    command(interrupt)
    assert main.main(["doctor"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped."


class Process:
    """A JupyterLab that ends on its second Ctrl-C."""

    def __init__(self):
        self.waits = [KeyboardInterrupt, KeyboardInterrupt, 5]

    def wait(self):
        if isinstance(now := self.waits.pop(0), int):
            return now
        raise now


def test_lab_passes_its_arguments_on_and_leaves_ctrl_c_to_jupyterlab(monkeypatch):
    called = {}
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "mine")
    fake = lambda c, env: called.update(c=c, env=env) or Process()  # noqa: E731
    monkeypatch.setattr(lab.subprocess, "Popen", fake)
    assert main.main(["lab", "--no-browser", "--port=8890"]) == 5
    assert called["c"][-2:] == ["--no-browser", "--port=8890"]
    assert f"--ServerApp.root_dir={environment.course_folder()}" in called["c"]
    assert called["env"]["TF_ENABLE_ONEDNN_OPTS"] == "0"
    assert called["env"]["JUPYTER_CONFIG_PATH"].endswith(f"{os.pathsep}mine")
    assert called["env"]["TF_CPP_MIN_LOG_LEVEL"] == "0"  # what the learner set stays


def test_lab_without_jupyterlab_says_how_to_get_it(monkeypatch, capsys):
    monkeypatch.setattr(lab, "find_spec", lambda name: None)
    assert main.main(["lab"]) == 1
    assert "make lab" in capsys.readouterr().err
