# `make run` and `make test` set up everything they need; nothing has to be called before them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ORACLE := .venv-oracle
AUDIT := .venv-audit
# One retry: where the first index can't be reached, pip's five would wait minutes a package.
PIP := $(BIN)/python -m pip --disable-pip-version-check install --retries 1
# A file's tests share what was costly to make. What waits longest begins first (tests/conftest.py).
SPREAD := --dist loadfile --no-loadscope-reorder
CODE := app.py loader.py data database handlers jobs keyboards local_chat nst plots sketch states utils weights bench

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev run test test-fast test-gpu check audit format bench oracle clean

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

setup: $(VENV)/.ready ## The virtual environment, the pinned requirements, the weights verified

$(VENV)/.ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	@echo "Setting up $(VENV): about half a gigabyte to fetch, once"
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV) || \
		{ rm -rf $(VENV); echo "Python's venv module is missing (Debian: apt-get install python3-venv)"; exit 1; }
	$(PIP) -r requirements.txt
	@$(BIN)/python -m weights
	@touch $@

setup-dev: $(VENV)/.ready-dev

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@echo "Adding what tests need"
	$(PIP) -r requirements-dev.txt
	@touch $@

run: setup ## Start the bot (without BOT_TOKEN: a chat in your browser)
	@exec $(BIN)/python app.py

# A test starts many processes: each would compile all of the code anew.
test test-fast: export PYTHONDONTWRITEBYTECODE :=

test: setup-dev ## Set up everything and run all the tests
	@$(BIN)/python -m tests.browser
	$(BIN)/python -m pytest -n 2 $(SPREAD) $(ARGS)

test-fast: setup-dev ## The units alone, in about a minute
	$(BIN)/python -m pytest -n 2 $(SPREAD) -m "not slow and not browser and not gpu" $(ARGS)

test-gpu: setup-dev ## The engine's tests on CUDA, where there is a GPU and a torch for it
	@$(BIN)/python -m tests.gpu $(ARGS)

check: setup-dev ## Format, lint, types, import rules, spelling, documents, what is installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports
	$(BIN)/codespell README.md CHANGELOG.md docs locales/en.ftl tests $(CODE)
	$(BIN)/python -m tests.docs_check
	$(BIN)/python -m tests.audit

audit: $(AUDIT)/.ready setup-dev ## Ask the advisory database about every pin (needs a way to it)
	$(AUDIT)/bin/pip-audit --progress-spinner off --disable-pip --no-deps -r requirements.txt

$(AUDIT)/.ready:
	@test -x $(AUDIT)/bin/python || $(PYTHON) -m venv $(AUDIT)
	$(AUDIT)/bin/python -m pip --disable-pip-version-check install --retries 1 pip-audit==2.10.1
	@touch $@

format: setup-dev ## Put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev ## The figures of the README
	$(BIN)/python -m bench bot

oracle: $(ORACLE)/.ready ## Our VGG19 against torchvision's, in an environment of its own (5.5 GB)
	$(ORACLE)/bin/python -m tests.oracle

$(ORACLE)/.ready: requirements-torchvision.txt
	@echo "Setting up $(ORACLE): some gigabytes to fetch, once; it may be removed afterwards"
	@test -x $(ORACLE)/bin/python || $(PYTHON) -m venv $(ORACLE)
	$(ORACLE)/bin/python -m pip --disable-pip-version-check install --retries 1 -r requirements-torchvision.txt
	@touch $@

clean: ## Remove the virtual environments and caches (never var/, which holds the bot's data)
	rm -rf $(VENV) $(ORACLE) $(AUDIT) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
