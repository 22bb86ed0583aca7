"""Make `.venv` ready for the course: one virtual environment with exactly the locked packages.

    python3 bootstrap.py            (Windows: py bootstrap.py)

A second call finds the stamp of the first and ends at once. Only the standard library, because this
runs before anything is installed; and nothing newer than Python 3.6 in it, so that an old Python
reads the file far enough to say that it is old. That is also why its sentences are in here.
"""

# ruff: noqa: E501 - one sentence a line reads better than a sentence in three pieces
import argparse
import contextlib
import hashlib
import importlib.util
import locale
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 13)  # the last one that the locked TensorFlow has wheels for
DISK_GB = 3  # .venv takes 2.2 GB on Linux; the rest is room to unpack in
OF_A_VENV = {
    "bin",
    "include",
    "lib",
    "lib64",
    "share",
    "Include",
    "Lib",
    "Scripts",
    "pip.log",
    ".lock",
    ".gitignore",
}
INPUTS = ("requirements.txt", "pyproject.toml", "bootstrap.py")

SENTENCES = {
    "en": {
        "python": "This is Python {got}; the course needs Python {oldest} to {newest}. {next}",
        "python-there": "You have a fitting one: `make lab PYTHON={there}`, or `{there} bootstrap.py`.",
        "python-get": "Install Python {newest} from python.org or your system's packages, then run `make lab PYTHON=python{newest}` (Windows: `py -{newest} bootstrap.py`).",
        "intel-mac": "This is a Python for Intel Macs, for which TensorFlow is no longer made. On Apple silicon install the arm64 Python from python.org; on an Intel Mac read the course on Colab or Binder (see README.md).",
        "no-venv": "This Python cannot make virtual environments: its module `ensurepip` is missing. On Debian and Ubuntu: `sudo apt install python{version}-venv`; then run the same again.",
        "disk": "Only {free:.1f} GB are free in {where}, the course needs {need} GB. Free some space, then run the same again; it goes on where it stopped.",
        "read-only": "This folder cannot be written to: {where}. Copy the course to a folder of your own (or change the permissions), then run the same again there.",
        "locked": "{where} is in use, so it cannot be replaced. Close JupyterLab and every terminal that uses it, then run the same again.",
        "not-venv": "{where} exists and is not a virtual environment. Rename or delete it, then run the same again.",
        "network": "The package index did not answer. Check the connection; behind a proxy set HTTPS_PROXY, for a mirror PIP_INDEX_URL; then run the same again, it goes on where it stopped.",
        "install": "Installing failed: {last} Run the same again; if it fails again, delete {where} first. Everything pip said is in {log}.",
        "venv": "Making {where} failed: {last} Delete that folder and run the same again.",
        "other": "Stopped by the system: {last} Mend that, then run the same again.",
        "stopped": "Stopped. Run the same again and it goes on where it stopped.",
        "no-file": "{where} is missing, so this is not the whole course. Clone or unpack it afresh.",
        "anew": "Making .venv anew: {why}.",
        "why-python": "it holds Python {there}, you asked for Python {here}",
        "why-broken": "it was left half-made",
        "making": "[1/2] Making .venv with Python {version} …",
        "installing": "[2/2] Installing {n} packages with {tool}: about 600 MB, one to five minutes …",
        "fallback": "uv did not manage; going on with pip alone …",
        "ready": "Ready. Start with `{lab}`.",
    },
    "zh": {
        "python": "当前是 Python {got},本课程需要 Python {oldest} 到 {newest}。{next}",
        "python-there": "这台机器上已有合适的版本:运行 `make lab PYTHON={there}` 或 `{there} bootstrap.py`。",
        "python-get": "请从 python.org 或系统软件源安装 Python {newest},然后运行 `make lab PYTHON=python{newest}`(Windows:`py -{newest} bootstrap.py`)。",
        "intel-mac": "这是 Intel Mac 的 Python,TensorFlow 已不再支持。Apple 芯片请从 python.org 安装 arm64 版 Python;Intel Mac 请在 Colab 或 Binder 上阅读本课程(见 README.md)。",
        "no-venv": "这个 Python 无法创建虚拟环境:缺少 `ensurepip` 模块。在 Debian 或 Ubuntu 上运行 `sudo apt install python{version}-venv`,然后重新运行同一命令。",
        "disk": "{where} 只剩 {free:.1f} GB 空间,课程需要 {need} GB。请腾出空间后重新运行,会从中断处继续。",
        "read-only": "无法写入这个文件夹:{where}。请把课程复制到自己的文件夹(或修改权限),再在那里重新运行。",
        "locked": "{where} 正在使用,无法替换。请关闭 JupyterLab 和所有使用它的终端,再重新运行。",
        "not-venv": "{where} 已存在,但不是虚拟环境。请将它改名或删除,再重新运行。",
        "network": "软件包索引没有响应。请检查网络;使用代理时设置 HTTPS_PROXY,使用镜像时设置 PIP_INDEX_URL;然后重新运行,会从中断处继续。",
        "install": "安装失败:{last} 请重新运行;若仍失败,先删除 {where}。pip 的全部输出在 {log} 中。",
        "venv": "创建 {where} 失败:{last} 请删除该文件夹后重新运行。",
        "other": "被系统中止:{last} 请解决后重新运行。",
        "stopped": "已中断。重新运行会从中断处继续。",
        "no-file": "缺少 {where},课程文件不完整。请重新克隆或解压。",
        "anew": "重新创建 .venv:{why}。",
        "why-python": "其中是 Python {there},而现在要用 Python {here}",
        "why-broken": "上次没有完成",
        "making": "[1/2] 正在用 Python {version} 创建 .venv……",
        "installing": "[2/2] 正在用 {tool} 安装 {n} 个软件包:约 600 MB,需要一到五分钟……",
        "fallback": "uv 没有成功,改用 pip 继续……",
        "ready": "准备就绪。用 `{lab}` 开始。",
    },
}
NO_NETWORK = ("Retrying (", "connection error", "ConnectionError", "ConnectTimeout", "ProxyError")
NO_SPACE = ("No space left on device", "not enough space on the disk", "Errno 28")


class Stop(Exception):
    """What ends the run: the code of a sentence, and the facts in it."""

    def __init__(self, code, **facts):
        super().__init__(code)
        self.code, self.facts = code, facts


def say(code, **facts):
    """The sentence in the learner's language, Chinese or English."""
    wanted = [os.environ.get(name, "") for name in ("RNNCOURSE_LANG", "LC_ALL", "LANG")]
    if os.name == "nt":  # names no language in its environment
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_CTYPE, "")
        wanted.append(locale.getlocale()[0] or "")
    chosen = next(filter(None, wanted), "")
    chinese = chosen.startswith(("zh", "Chinese")) and writes("中文")
    return SENTENCES["zh" if chinese else "en"][code].format(**facts)


def writes(text):
    """Whether this console has these letters: an old Python in a bare system has ASCII only."""
    letters = sys.stdout.encoding or "ascii"
    return text == text.encode(letters, "replace").decode(letters)


def tell(code, stream=None, **facts):
    """Print a sentence now, with ... where the console has no …"""
    text = say(code, **facts)
    print(text if writes("…") else text.replace("…", "..."), file=stream or sys.stdout, flush=True)


def dotted(version):
    return "{}.{}".format(*version)


def check_python(version=sys.version_info):
    """Refuse a Python outside the range, naming one inside it if this machine has it."""
    if sys.platform == "darwin" and platform.machine() == "x86_64":
        raise Stop("intel-mac")
    if OLDEST <= version[:2] <= NEWEST:
        return
    fitting = [f"python3.{n}" for n in range(NEWEST[1], OLDEST[1] - 1, -1)]
    there = next(filter(starts, fitting), None)
    facts = {"oldest": dotted(OLDEST), "newest": dotted(NEWEST)}
    step = say("python-there", there=there) if there else say("python-get", **facts)
    raise Stop("python", got=dotted(version), next=step, **facts)


def starts(name):
    """Whether this command is there and really is a Python (a version manager's shim may not be)."""
    try:
        return subprocess.call([name, "-c", ""], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def interpreter(venv):
    return venv / "Scripts" / "python.exe" if os.name == "nt" else venv / "bin" / "python"


def digest(root):
    """What `.venv` was made from. Its own path counts: a virtual environment cannot be moved."""
    total = hashlib.sha256(os.fsencode(str(root)))
    for name in INPUTS:
        try:
            total.update((root / name).read_bytes())
        except FileNotFoundError:
            raise Stop("no-file", where=root / name) from None
    return total.hexdigest()


def made_for(venv):
    """The Python version that pyvenv.cfg names, "3.11", or None where that cannot be read."""
    try:
        lines = (venv / "pyvenv.cfg").read_text("utf-8").splitlines()
    except OSError:
        return None
    pairs = dict(line.replace(" ", "").split("=", 1) for line in lines if "=" in line)
    version = pairs.get("version") or pairs.get("version_info", "")
    return ".".join(version.split(".")[:2]) or None


def is_ready(root, venv, version=sys.version_info):
    """Whether an earlier run finished, from the same files and for this Python.

    A Python that could not make a `.venv` itself may use the one that another made.
    """
    stamp = venv / "rnncourse.stamp"
    if not (stamp.is_file() and interpreter(venv).exists()):
        return False
    same = stamp.read_text("utf-8") == digest(root)
    mine = made_for(venv) == dotted(version) or not OLDEST <= version[:2] <= NEWEST
    return same and mine


def run(command, **options):
    """The exit status of a command whose output the learner sees."""
    return subprocess.call([str(part) for part in command], **options)


def works(venv):
    command = [str(interpreter(venv)), "-c", "import pip"]
    return interpreter(venv).exists() and run(command, stderr=subprocess.DEVNULL) == 0


def make_venv(root, venv):
    """Leave a `.venv` of this Python that has pip: the one that is there, or a new one."""
    here = dotted(sys.version_info)
    if venv.exists():
        names = {path.name for path in venv.iterdir()}
        if "pyvenv.cfg" not in names and names - OF_A_VENV:
            raise Stop("not-venv", where=venv)
        there = made_for(venv)
        if there == here and works(venv):
            return
        other = there and there != here
        why = say("why-python", there=there, here=here) if other else say("why-broken")
        tell("anew", why=why)
        remove(venv)
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        raise Stop("no-venv", version=here)
    free = shutil.disk_usage(str(root)).free / 1e9
    if free < DISK_GB:
        raise Stop("disk", free=free, where=root, need=DISK_GB)
    venv.mkdir()  # here, so that a read-only folder is told apart from a failing venv
    tell("making", version=here)
    base = getattr(sys, "_base_executable", None) or sys.executable
    done = subprocess.run(
        [base, "-m", "venv", str(venv)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        said = done.stdout.decode("utf-8", "replace")
        refuse(said, Stop("venv", where=venv, last=last_line(said)), root)


def remove(venv):
    try:
        shutil.rmtree(str(venv))
    except PermissionError:
        raise Stop("locked", where=venv) from None


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line[line.index("ERROR:") :] for line in lines if "ERROR:" in line]
    return (errors or lines or ["no message."])[-1]


def refuse(said, otherwise, root):
    """Raise the sentence that fits what a tool said before it failed."""
    if any(sign in said for sign in NO_SPACE):
        free = shutil.disk_usage(str(root)).free / 1e9
        raise Stop("disk", free=free, where=root, need=DISK_GB)
    if any(sign in said for sign in NO_NETWORK):
        raise Stop("network")
    raise otherwise


def install(root, venv, only_pip):
    """Install the lock and the course itself, all in one resolve: with uv, or with pip alone."""
    python, log = interpreter(venv), venv / "pip.log"
    wanted = ["-r", root / "requirements.txt", "-e", root]
    n = sum("==" in line for line in (root / "requirements.txt").read_text("utf-8").splitlines())
    pip = [python, "-m", "pip", "--disable-pip-version-check", "install"]
    try_uv = [*pip, "--quiet", "--retries", "1", "uv"]
    if not only_pip and run(try_uv, stderr=subprocess.DEVNULL) == 0:
        tell("installing", n=n, tool="uv")
        uv = [python, "-m", "uv", "pip", "install", "--python", python, "--compile-bytecode"]
        if run([*uv, *wanted]) == 0:
            return
        tell("fallback")
    else:
        tell("installing", n=n, tool="pip")
    if log.exists():
        log.unlink()
    if run([*pip, "--log", log, *wanted]):
        said = log.read_text("utf-8", "replace") if log.exists() else ""
        refuse(said, Stop("install", last=last_line(said), where=venv, log=log), root)


def prepare(root, only_pip=False):
    """Everything, in order; each step leaves what the next run can go on from."""
    venv = root / ".venv"
    if is_ready(root, venv):
        return
    check_python()
    stamp = venv / "rnncourse.stamp"
    if stamp.exists():
        stamp.unlink()
    wanted = digest(root)
    make_venv(root, venv)
    install(root, venv, only_pip)
    stamp.write_text(wanted, "utf-8")
    tell("ready", lab=".venv\\Scripts\\rnncourse lab" if os.name == "nt" else "make lab")


def main(arguments=None):
    """Prepare `.venv` beside this file; 0, or 1 after one sentence about what is in the way."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pip", action="store_true", help="use pip alone, without uv")
    only_pip = parser.parse_args(arguments).pip or bool(os.environ.get("RNNCOURSE_PIP"))
    root = Path(__file__).resolve().parent
    try:
        prepare(root, only_pip)
    except Stop as stop:
        tell(stop.code, sys.stderr, **stop.facts)
    except KeyboardInterrupt:
        tell("stopped", sys.stderr)
        return 130
    except OSError as error:
        full, closed = error.errno == 28, error.errno in (1, 13, 30)
        free = shutil.disk_usage(str(root)).free / 1e9
        code = "disk" if full else "read-only" if closed else "other"
        tell(code, sys.stderr, free=free, where=root, need=DISK_GB, last=error)
    else:
        return 0
    return 1


if __name__ == "__main__":
    sys.exit(main())
