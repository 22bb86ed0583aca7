# What a learner and a contributor type. Each target makes .venv ready first: a moment, once it is.
#   make lab LAB_ARGS="--no-browser --port=8890"     make test PYTHON=python3.12
# `lab` needs a learner's packages, everything else a contributor's too, in the same .venv.
PYTHON ?= python3
LAB_ARGS ?=
NB ?=
BIN = .venv/bin

.PHONY: help python setup dev lab test check sync links run site bench portability lock

help:
	@echo "make lab      open the course in JupyterLab             LAB_ARGS=\"--no-browser\""
	@echo "make setup    what a learner needs, in .venv; \`make dev\`: and what a contributor needs"
	@echo "make test     everything that CI runs                   PYTHON=python3.12"
	@echo "make check    its quick part: lint, sync, unit tests"
	@echo "make sync     exercises/ from solutions/, LICENSES-DATA.md from the cards"
	@echo "make links    setup cells and links from docs/project.json"
	@echo "make run      execute notebooks and store their outputs NB=\"chapters/03_algorithm.ipynb\""
	@echo "make site     the web site, into build/site, from the stored outputs"
	@echo "make bench    the engine and the checker beside their peers"
	@echo "make portability  every lesson as other processors would run it, an hour and a half   SETTING=avx2"
	@echo "make lock     both requirements files from pyproject.toml  UPGRADE=--upgrade"

python:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "'$(PYTHON)' was not found. Install Python 3.11 to 3.13 (python.org, or: sudo apt install python3-venv),"; \
	  echo "or name one you have: make lab PYTHON=python3.12"; \
	  echo "找不到 '$(PYTHON)'。请安装 Python 3.11 到 3.13，或指定已有的版本：make lab PYTHON=python3.12"; \
	  exit 1; } >&2

setup: python
	@$(PYTHON) bootstrap.py

dev: python
	@$(PYTHON) bootstrap.py --dev

lab: setup
	@$(BIN)/rnncourse lab $(LAB_ARGS)

test: dev
	@$(BIN)/python -m tools.ci

check: dev
	@$(BIN)/python -m tools.ci --quick

sync: dev
	@$(BIN)/python -m tools.sync
	@$(BIN)/python -m tools.licences

links: dev
	@$(BIN)/python -m tools.links
	@$(BIN)/python -m tools.sync

run: dev
	@$(BIN)/python -m tools.execute $(NB)

site: dev
	@$(BIN)/python -m tools.site

bench: dev
	@for script in engine feedback grading explorers; do \
	  echo "== $$script"; $(BIN)/python -m benchmarks.$$script || exit 1; done

portability: dev
	@$(BIN)/python -m tools.portability $(if $(SETTING),--setting $(SETTING))

# For every system and Python; versions stay until UPGRADE=--upgrade is given. What a learner gets is
# resolved within what a contributor gets, so that both can live in one .venv.
COMPILE = $(BIN)/python -m uv pip compile --universal --fork-strategy fewest --python-version 3.11 \
  --no-annotate --no-header --quiet pyproject.toml --extra lab --group lock
lock: dev
	@$(BIN)/python -m uv --version >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet uv
	$(COMPILE) $(UPGRADE) --extra class --extra dask --extra postgres --extra site --extra dev -o requirements-dev.txt
	$(COMPILE) -c requirements-dev.txt -o requirements.txt
