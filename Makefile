# make demo: a desk's day on this machine.  make test: everything that is checked.  Both set themselves up.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test test-long lint bench docs clean servers

help:
	@echo "make demo          a day in the life of a desk, in under a minute (KEEP=1: stays up, send mail yourself)"
	@echo "make test          format, lint, types, layers, tests"
	@echo "make test-long     the tests that take minutes as well"
	@echo "make bench         mails per second, CPU per mail, memory, and where the time goes"
	@echo "make docs          write the pages of docs/ anew that are made from the code"

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "maildesk needs Python 3.11 or newer")'
	$(PYTHON) -m venv .venv

.venv/.demo: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

.venv/.dev: pyproject.toml constraints.txt | .venv/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ .venv/.demo

demo: .venv/.demo
	@$(BIN)/python demo/day.py $(if $(KEEP),--keep)

servers:
	@tests/servers.sh

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint servers
	$(BIN)/python -m pytest -n 2 -m 'not long' --cov --cov-report=term

test-long: lint servers
	$(BIN)/python -m pytest -n 2

bench: .venv/.dev servers
	PYTHONPATH=tests $(BIN)/python bench/run.py $(BENCH)

docs: .venv/.dev
	$(BIN)/python -m maildesk.settings.manual docs
	$(BIN)/python -m maildesk.cli.manual docs

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* demo-desk bench/out build dist
