# Each target does all of its own set-up in a .venv of this checkout. It needs Python 3.11 or newer, and make.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PACKAGE := src/cortex_tickets
DEMO_OUTPUT ?= demo-output
BENCH_OPTIONS ?=
# A worker waits for a third of its time, for servers and processes: there are more of them than cores.
TEST_WORKERS ?= 3
# The tests start some hundred processes, which would each compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test coverage lint types unit docs soak bench clean

demo: .venv/.demo
	$(BIN)/cortex-tickets demo --output $(DEMO_OUTPUT)

test: .venv/.dev .venv/.browser lint types docs
	$(BIN)/pytest -q -n $(TEST_WORKERS) --dist worksteal

# Tracing each line doubles the time of the tests, so it has a target of its own; the workflow runs both.
coverage: .venv/.dev .venv/.browser
	$(BIN)/pytest -q -n $(TEST_WORKERS) --dist worksteal --cov --cov-report=term:skip-covered --cov-fail-under=95

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

types: .venv/.dev
	$(BIN)/mypy
	$(BIN)/basedpyright

unit: .venv/.dev
	$(BIN)/pytest -q tests/unit

docs: .venv/.dev
	$(BIN)/mkdocs build --strict --site-dir site

soak: .venv/.dev
	$(BIN)/pytest -q -m soak tests

bench: .venv/.dev
	$(BIN)/python benchmarks/run.py $(BENCH_OPTIONS)

clean:
	rm -rf .venv site dist demo-output .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage

# The set-up: a virtual environment, then the package with the extras that the target needs.
.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "cortex-tickets needs Python 3.11 or newer; set it with: make PYTHON=/path/to/python3.11 ..."; exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.demo: .venv/.made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[cli,evaluate,local]'
	@touch $@

.venv/.dev: .venv/.made pyproject.toml
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The browser that the tests of the app click in: one on the PATH, else Playwright's own. A container without either,
# where we are root, gets the distribution's.
.venv/.browser: .venv/.dev
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  $(BIN)/playwright install chromium || \
	  { test "$$(id -u)" = 0 && apt-get update -q && apt-get install -q -y --no-install-recommends chromium; } || \
	  { echo "make test needs Chromium: install it, or run $(BIN)/playwright install chromium"; exit 1; }
	@touch $@
