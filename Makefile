# Everything starts here; `make help` lists the targets. Needs Python 3.11 or newer and make, no compiler.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check
JOBS ?= 2
PYTEST := $(PY) -m pytest -q -n $(JOBS) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench

help:  ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

setup: $(VENV)/dev.stamp  ## create .venv and install what is missing

run: $(VENV)/run.stamp  ## start the service with the simulator; the address is printed
	SIMULATOR=1 $(PY) app.py serve

test: setup  ## the fast tests, on two cores; says at the end what was left out and why
	$(PYTEST) -m "not slow"

check: setup  ## lint, format, types, imports, flows and locales, then every test
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) app.py check
	$(PYTEST)

format:  ## let ruff format and repair
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: setup  ## the turn beside the bare limit, as ratios
	$(PY) app.py bench

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $(VENV)/bin/python install pip; }

$(VENV)/run.stamp: requirements.txt | $(VENV)/bin/python
	$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp | $(VENV)/bin/python
	$(PIP) install -r requirements-dev.txt
	@touch $@
