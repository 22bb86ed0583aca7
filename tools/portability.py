"""Does a notebook print the same on another machine? Run it as several would, list what differs.

    .venv/bin/python tools/portability.py                       every lesson, every setting
    .venv/bin/python tools/portability.py --setting avx2 chapters/03_algorithm.ipynb

A setting is a processor, played by the switches of the libraries that choose their kernels by it.
A cell is listed when it raises, or when it prints anything else than what is stored and has no
tag `nbval-ignore-output`. The exit status is 1 if any is listed.
"""

import argparse
import concurrent.futures
import copy
import difflib
import re
import sys
import time
from pathlib import Path

import nbformat
import numpy as np

from rnncourse.environment import KERNELS
from tools.execute import read_without_outputs, run_cells

ROOT = Path(__file__).resolve().parents[1]
SANITIZE = ROOT / "tests" / "notebooks" / "sanitize.cfg"
NOISE = Path(__file__).with_name("rounding_noise.py")
ONEDNN = 'os.environ["TF_ENABLE_ONEDNN_OPTS"] = '  # the lessons' own line, then "0" or "1"


def without(*levels):
    """NumPy's switch that leaves out its kernels for these levels of x86-64 and what is above."""
    dispatched = np._core._multiarray_umath.__cpu_dispatch__
    names = [name for name in dispatched if name.startswith(levels)]
    return {"NPY_DISABLE_CPU_FEATURES": " ".join(names)}


V4, V3 = ("AVX512", "X86_V4"), ("X86_V3", "AVX2", "FMA3", "F16C")
# NPY_… is for NumPy, OPENBLAS_… for its products, ONEDNN_… for TensorFlow's products, XLA_… for
# compiled functions, GLIBC_… for the C library's functions.
SETTINGS = {
    "avx2": {
        **without(*V4),
        "OPENBLAS_CORETYPE": "Haswell",
        "OPENBLAS_NUM_THREADS": "2",
        "ONEDNN_MAX_CPU_ISA": "AVX2",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    },
    "old": {
        **without(*V4, *V3),
        "OPENBLAS_CORETYPE": "Nehalem",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-FMA,-AVX512F",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
    },
    "onednn": {
        "OPENBLAS_CORETYPE": "SkylakeX",
        "TF_ENABLE_ONEDNN_OPTS": "1",
    },
    "noise-1": {"RNNCOURSE_NOISE": "1"},
    "noise-2": {"RNNCOURSE_NOISE": "2"},
}


def played(path, setting):
    """The notebook at `path`, run to its end in that setting whatever its cells raise."""
    environment = SETTINGS[setting]
    notebook = read_without_outputs(path)
    wanted = environment.get("TF_ENABLE_ONEDNN_OPTS", KERNELS["TF_ENABLE_ONEDNN_OPTS"])
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = re.sub(re.escape(ONEDNN) + '"[01]"', f'{ONEDNN}"{wanted}"', cell.source)
    if "RNNCOURSE_NOISE" in environment:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(NOISE.read_text("utf-8")))
    quiet = {"allow_errors": True, "extra_arguments": ["--log-level=ERROR"]}
    run_cells(notebook, path.resolve().parent, environment, **quiet)
    if "RNNCOURSE_NOISE" in environment:
        del notebook.cells[0]
    return notebook


# What TensorFlow's C++ writes to stderr where oneDNN is on, whatever its log level.
REMARKS = r"(?m)^(WARNING: All log messages before absl|I0000 ).*\n?"


def shown(cell, patterns):
    """What a code cell shows as text, without what may differ from run to run."""
    parts = []
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        parts += [str(data.get(kind, "")) for kind in ("text/plain", "text/html", "text/latex")]
        parts += [output.get("text", "")]
    text = re.sub(REMARKS, "", "\n".join(part for part in parts if part))
    for pattern, replacement in patterns:
        text = re.sub(pattern, replacement, text)
    return text


def differences(path, notebook):
    """[(cell's number, id, what is new there)] beside what is stored in `path`."""
    rules = SANITIZE.read_text("utf-8")
    patterns = re.findall("^regex: (.*)$\n^replace: (.*)$", rules, flags=re.MULTILINE)
    found = []
    stored = nbformat.read(path, as_version=4).cells
    for number, (was, now) in enumerate(zip(stored, notebook.cells, strict=True)):
        if now.cell_type != "code":
            continue
        tags = was.metadata.get("tags", [])
        errors = [o for o in now.outputs if o.output_type == "error"]
        if errors and "raises-exception" not in tags:
            found.append((number, was.id, [f"{e.ename}: {e.evalue}"[:500] for e in errors]))
        elif "nbval-ignore-output" not in tags:
            one, other = shown(was, patterns), shown(now, patterns)
            if one != other:
                lines = difflib.unified_diff(one.splitlines(), other.splitlines(), n=0, lineterm="")
                found.append((number, was.id, list(lines)[3:]))
    return found


def compare(path, setting, keep=None):
    """`differences` of one notebook in one setting; the run itself goes to the folder `keep`."""
    began = time.perf_counter()
    notebook = played(path, setting)
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
        nbformat.write(copy.deepcopy(notebook), keep / f"{setting}-{path.parent.name}-{path.name}")
    return differences(path, notebook), time.perf_counter() - began


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--setting", action="append", choices=SETTINGS, help="default: all")
    parser.add_argument("--jobs", type=int, default=2, help="notebooks at a time")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="store the runs there")
    asked = parser.parse_args(arguments)
    everything = [p for f in ("chapters", "solutions") for p in sorted((ROOT / f).glob("*.ipynb"))]
    listed = 0
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        for setting in asked.setting or SETTINGS:
            paths = asked.notebooks or everything
            runs = pool.map(lambda path, s=setting: compare(path, s, asked.keep), paths)
            for path, (found, seconds) in zip(paths, runs, strict=True):
                name = f"{path.parent.name}/{path.name}"
                print(f"{'✗' if found else '✓'} {setting:8} {seconds:4.0f} s  {name}", flush=True)
                for number, cell, lines in found:
                    print(f"    cell {number} ({cell})")
                    print("\n".join(f"      {line}" for line in lines), flush=True)
                listed += len(found)
    print(f"{listed} cells differ" if listed else "no cell differs")
    return 1 if listed else 0


if __name__ == "__main__":
    sys.exit(main())
