# What a learner and a contributor type. Each target makes .venv ready first: seconds, once it is.
#   make lab LAB_ARGS="--no-browser --port=8890"     make test PYTHON=python3.12
PYTHON ?= python3
LAB_ARGS ?=
NB ?=
BIN = .venv/bin

.PHONY: help setup lab test check sync links run site bench portability lock

help:
	@echo "make lab      open the course in JupyterLab             LAB_ARGS=\"--no-browser\""
	@echo "make test     everything that CI runs                   PYTHON=python3.12"
	@echo "make check    its quick part: lint, sync, unit tests"
	@echo "make sync     exercises/ from solutions/, LICENSES-DATA.md from the cards"
	@echo "make links    setup cells and links from docs/project.json"
	@echo "make run      execute notebooks and store their outputs NB=\"chapters/03_algorithm.ipynb\""
	@echo "make site     the web site, into build/site, from the stored outputs"
	@echo "make bench    the engine and the checker beside their peers"
	@echo "make portability  every lesson as other processors would run it, an hour and a half   SETTING=avx2"
	@echo "make lock     requirements.txt from pyproject.toml"

setup:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "'$(PYTHON)' was not found. Install Python 3.11 to 3.13 (python.org, or: sudo apt install python3-venv),"; \
	  echo "or name one you have: make lab PYTHON=python3.12"; \
	  echo "找不到 '$(PYTHON)'。请安装 Python 3.11 到 3.13,或指定已有的版本:make lab PYTHON=python3.12"; \
	  exit 1; } >&2
	@$(PYTHON) bootstrap.py

lab: setup
	@$(BIN)/rnncourse lab $(LAB_ARGS)

test: setup
	@$(BIN)/python -m tools.ci

check: setup
	@$(BIN)/python -m tools.ci --quick

sync: setup
	@$(BIN)/python -m tools.sync
	@$(BIN)/python -m tools.licences

links: setup
	@$(BIN)/python -m tools.links

run: setup
	@$(BIN)/python -m tools.execute $(NB)

site: setup
	@$(BIN)/python -m tools.site

bench: setup
	@for script in engine feedback grading explorers; do \
	  echo "== $$script"; $(BIN)/python -m benchmarks.$$script || exit 1; done

portability: setup
	@$(BIN)/python tools/portability.py $(if $(SETTING),--setting $(SETTING))

# One lock for every system and Python; the versions in it stay until UPGRADE=--upgrade is given.
lock: setup
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(BIN)/python -m uv pip compile --universal --fork-strategy fewest --python-version 3.11 \
	  --no-annotate --no-header --quiet $(UPGRADE) \
	  --extra lab --extra class --extra postgres --extra site --extra dev --group lock pyproject.toml -o requirements.txt
