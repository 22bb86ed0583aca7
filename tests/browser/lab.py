"""A real JupyterLab or Notebook 7 on a copy of the course, and a real browser that looks at it."""

import contextlib
import json
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from rnncourse.environment import jupyter as learners_environment
from tests.support import HANG

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("chapters", "solutions", "exercises")
FLAGS = [
    "--no-sandbox",  # containers have no other user than root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--no-first-run",
]
# The same on every machine, and every cell drawn at once.
SETTINGS = {
    "apputils-extension/themes.jupyterlab-settings": {"theme": "JupyterLab Light"},
    "notebook-extension/tracker.jupyterlab-settings": {"windowingMode": "none"},
}


def chromium():
    """The path of a Chromium or Chrome on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def copy_of_course(folder):
    """The notebooks, in a folder that a test may write to."""
    course = folder / "course"
    for name in FOLDERS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, course / name)
    return course


def environment(folder):
    """Settings, runtime files and progress of this server alone, not of whoever runs the test."""
    for name, settings in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    own = {
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
        "RNNCOURSE_HOME": folder / "progress",
    }
    whole = learners_environment() | {name: str(path) for name, path in own.items()}
    whole.pop("MPLBACKEND", None)
    return whole


PAGES = {"jupyterlab": "lab/tree", "notebook": "notebooks"}  # application: where notebooks open


@dataclass(frozen=True)
class Server:
    """A JupyterLab or a Notebook 7 that is running."""

    address: str
    token: str
    application: str = "jupyterlab"

    def notebook(self, path):
        """The page of a notebook, with nothing open from before."""
        return f"{self.address}/{PAGES[self.application]}/{path}?token={self.token}&reset"

    def ask(self, path, method="GET"):
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.address + path, method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=HANG) as answer:
            return answer.read()

    def stop_kernels(self):
        """Give back the memory of notebooks that were run."""
        for kernel in json.loads(self.ask("/api/kernels")):
            self.ask(f"/api/kernels/{kernel['id']}", "DELETE")


@contextlib.contextmanager
def server(course, folder, application="jupyterlab"):
    """Run one of PAGES on `course`, with its settings in `folder`; yield its Server."""
    port, token = free_port(), secrets.token_hex(16)
    options = [
        f"--ServerApp.root_dir={course}",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--no-browser",
        "--allow-root",
        f"--IdentityProvider.token={token}",
        f"--{'LabApp' if application == 'jupyterlab' else 'JupyterNotebookApp'}"
        ".extension_manager=readonly",
    ]
    log = folder / f"{application}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", application, *options],
            env=environment(folder),
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            started = Server(f"http://127.0.0.1:{port}", token, application)
            wait_for(started, process, log)
            yield started
        finally:
            process.terminate()
            process.wait(HANG)


def wait_for(started, process, log):
    """Return when the server answers; end with its own words if it does not."""
    end = time.monotonic() + HANG
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError):
            started.ask("/api/status")
            return
        time.sleep(0.2)
    raise RuntimeError(f"{started.application} did not start:\n{log.read_text()[-2000:]}")


@contextlib.contextmanager
def browser():
    """A headless Chromium of the size of a laptop's screen."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            context = chrome.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
            context.set_default_timeout(1000 * HANG)
            yield context
        finally:
            chrome.close()


def open_notebook(page, url):
    """Open a notebook and wait for its kernel: run before that, it would ask for one."""
    page.goto(url)
    page.locator(".jp-NotebookPanel:visible .jp-Cell").first.wait_for()
    if "/lab/" in page.url:
        page.locator("#jp-main-statusbar").get_by_text("| Idle").wait_for()
    else:
        page.locator(".jp-Toolbar-kernelName").get_by_text("Python").wait_for()
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()


# Runs in the page: how many code cells wait or run, and what went wrong in the finished ones.
STATE = r"""() => {
  const cells = [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')];
  const prompt = c => c.querySelector('.jp-InputPrompt')?.textContent.trim() ?? '';
  const written = c => c.querySelector('.jp-InputArea-editor')?.textContent.trim();
  const texts = c => [...c.querySelectorAll('.jp-RenderedText')].filter(
    e => /jupyter\.(error|stderr)/.test(e.dataset.mimeType)).map(e => e.innerText);
  const raised = text => /^[\w.]*(Error|Exception|Interrupt)\b/m.test(text);
  return {
    code: cells.filter(written).length,
    done: cells.filter(c => written(c) && /\d/.test(prompt(c))).length,
    busy: cells.filter(c => prompt(c).includes('*')).length,
    errors: cells.flatMap(texts).filter(raised),
  };
}"""


def run_all(page):
    """Clear what is stored, run all cells from the menu, wait for the last; the final STATE."""
    choose(page, "Edit", "Clear Outputs of All Cells")
    choose(page, "Run", "Run All Cells")
    end = time.monotonic() + HANG
    page.wait_for_function(f"({STATE})().busy > 0 || ({STATE})().done > 0")
    idle = 0  # looks in a row at which nothing ran: an error has stopped the rest, or we are done
    while time.monotonic() < end and idle < 20:
        state = page.evaluate(STATE)
        if state["busy"] == 0 and (state["errors"] or state["done"] == state["code"]):
            return state
        idle = 0 if state["busy"] else idle + 1
        page.wait_for_timeout(500)
    raise TimeoutError(f"not all cells ran within {HANG} s: {page.evaluate(STATE)}")


def choose(page, menu, entry):
    """Pick an entry of JupyterLab's menu bar, as a learner would."""
    page.locator("#jp-MainMenu").get_by_text(menu, exact=True).click()
    page.locator(".lm-Menu").get_by_text(entry, exact=True).click()
