"""Make `.venv` ready for the course: one virtual environment with the locked packages.

    python3 bootstrap.py            a learner's, requirements.txt        (Windows: py bootstrap.py)
    python3 bootstrap.py --dev      a contributor's, requirements-dev.txt, into the same .venv

A second call ends at once, but for --again. Standard library only, as nothing is installed yet; no
syntax newer than Python 3.6, or an old Python could not say that it is old.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser, RawTextHelpFormatter
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LEARNER, DEV = "requirements.txt", "requirements-dev.txt"
HERE = sys.version_info[:2]
OLDEST, NEWEST = (3, 11), (3, 13)  # the locked TensorFlow has no wheels for a newer one
DISK_GB = 3  # a learner's .venv takes 1.75 GB on Linux; the rest is room to unpack in
OPENS = ["-P", "-c", "import ipykernel.kernelapp, ipywidgets, jupyterlab.labapp"]  # compiles them
CAUSES = {  # a sentence's code: the signs of its error, in the words of a tool or the system
    "disk": r"No space left|not enough space|Errno 28\b",
    "read-only": r"Errno (1|13|30)\b|WinError (5|32)\b",
    "no-file": r"Errno 2\b",
    "certificate": r"CERTIFICATE_VERIFY_FAILED|SSLCertVerification|invalid peer certificate",
    "network": r"Retrying \(|[Cc]onnection ?[Ee]rror|ProxyError",
}
OTHER_PYTHON = """This is Python {0}; the course needs Python 3.11 to 3.13 (python.org has them). With it: `make lab PYTHON={1}` or `{1} bootstrap.py`.
当前是 Python {0}，本课程需要 Python 3.11 到 3.13（可从 python.org 安装）。然后运行：`make lab PYTHON={1}` 或 `{1} bootstrap.py`。"""  # noqa: E501 - in both languages: an old Python reads no TOML


def say(code, **facts):
    """The sentence of this code in rnncourse/bootstrap.<language>.toml."""
    sys.path.insert(0, str(ROOT))  # is not there under -P
    language = importlib.import_module("rnncourse.language")  # here, as it needs Python 3.11
    facts.update(root=ROOT, venv=VENV, need=DISK_GB, version="{}.{}".format(*HERE))
    return language.say("bootstrap", code, free=shutil.disk_usage(ROOT).free / 1e9, **facts)


def refuse(said, otherwise=None):
    """End in the sentence for an error of which a tool or the system said this, if there is one."""
    code = next((code for code, signs in CAUSES.items() if re.search(signs, said)), otherwise)
    lines = re.findall("ERROR: .+", said) or said.strip().splitlines() or ["no message."]
    if code:
        sys.exit(say(code, last=lines[-1].strip()))


def run(*command):
    """(exit status, all it said) of a command; the lines of its progress are shown at once."""
    said, command = [], [str(part) for part in command]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            said.append(line.decode("utf-8", "replace").rstrip())
            if re.match(r"\s*(Downloading|Prepared|Installed|Installing) ", said[-1]):
                print("      " + said[-1].strip()[:90])
    return process.returncode, "\n".join(said)


def check_python():
    """Refuse a Python outside the range, naming one inside it, if possible one that starts here."""
    if not OLDEST <= HERE <= NEWEST:
        names = [f"python3.{n}" for n in range(NEWEST[1], OLDEST[1] - 1, -1)]
        there = [n for n in names if not subprocess.call(f'{n} -c "" 2>{os.devnull}', shell=True)]
        sys.exit(OTHER_PYTHON.format("{}.{}".format(*HERE), (there or names)[0]))
    if sys.platform == "darwin" and os.uname().machine == "x86_64":
        sys.exit(say("intel-mac"))


def stamp(lock):
    """(file, bytes) that a finished run with this lock leaves. A .venv cannot be moved."""
    text = b"".join((ROOT / name).read_bytes() for name in ("pyproject.toml", LEARNER, lock))
    return VENV / "{}-{}.{}.stamp".format(lock, *HERE), os.fsencode(str(ROOT)) + text


def is_ready(lock):
    """Whether a run finished, for this Python, or for any if this one cannot make a .venv."""
    mine, text = stamp(lock)
    stamps = [mine] if OLDEST <= HERE <= NEWEST else VENV.glob(lock + "-*.stamp")
    return PYTHON.exists() and any(s.exists() and s.read_bytes() == text for s in stamps)


def make_venv():
    """Leave a .venv of this Python that has pip: the one that is there, or a new one."""
    if VENV.exists() and any(VENV.iterdir()):
        if not (VENV / "pyvenv.cfg").exists():
            sys.exit(say("not-venv"))
        right = f"import pip, sys; sys.exit(sys.version_info[:2] != {HERE})"
        if PYTHON.exists() and run(PYTHON, "-c", right)[0] == 0:
            return
        print(say("anew"))
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit(say("no-venv"))
    if shutil.disk_usage(ROOT).free < DISK_GB * 1e9:
        sys.exit(say("disk"))
    print(say("making"))
    failed, said = run(sys._base_executable, "-m", "venv", "--clear", VENV)
    if failed:
        refuse(said, "venv")


def install(lock):
    """Install the lock and the course in one resolve, with uv or else with pip; then compile."""
    wanted, uv = ["-r", ROOT / lock, "-e", ROOT], VENV / "uv"
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "--no-compile"]
    print(say("installing", n=(ROOT / lock).read_text("utf-8").count("\n")))
    failed, said = run(*pip, "--quiet", "--retries", "1", "--target", uv, "uv")
    if failed:
        refuse(said)  # where pip would do no better
    else:
        tool = shutil.which("uv", path=str(uv / "bin"))  # on Windows with its .exe
        failed, said = run(tool, "pip", "install", "--python", PYTHON, *wanted)
        shutil.rmtree(uv)  # 40 MB that no lesson needs
    if failed:
        failed, said = run(*pip, *wanted)
    if failed:
        (VENV / "install.log").write_text(said, "utf-8")
        refuse(said, "install")
    print(say("compiling-dev" if lock == DEV else "compiling"))
    run(PYTHON, *(["-m", "compileall", "-qq", "-j", "0", VENV] if lock == DEV else OPENS))


def main(arguments=None):
    """Prepare .venv beside this file, or end in one sentence about what is in the way."""
    parser = ArgumentParser(description=__doc__, formatter_class=RawTextHelpFormatter)
    parser.add_argument("--dev", dest="lock", action="store_const", const=DEV, default=LEARNER)
    parser.add_argument("--again", action="store_true", help="install even what seems installed")
    asked = parser.parse_args(arguments)
    try:
        if asked.again or not is_ready(asked.lock):
            check_python()
            sys.stdout.reconfigure(errors="replace", line_buffering=True)
            make_venv()
            install(asked.lock)
            for file, text in map(stamp, {LEARNER, asked.lock}):
                file.write_bytes(text)
            print(say("ready" if "MAKELEVEL" in os.environ else "start"))  # make goes on by itself
    except (KeyboardInterrupt, ValueError) as error:  # Ctrl-C; a language that is not spoken here
        sys.exit(str(error) or say("stopped"))
    except OSError as error:
        refuse(str(error), "other")


if __name__ == "__main__":
    main()
