# Every target does its own set-up. Needs python3 (3.11 to 3.13), pip, make and git.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
HOME_DIR := $(CURDIR)/data/dagster_home
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV := $(BIN)/uv

.PHONY: help setup setup-dev nightly test test-slow check check-code check-types check-sql check-location bench bench-identity lock dev samples docs clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready .env ## make .venv from requirements.lock, and the Dagster home

setup-dev: .venv/.ready-dev .env ## the same with what tests and checks need

nightly: setup ## run every sample night that is not yet in the lake, in order, and print the last night's plan
	$(BIN)/crosswalk nightly --missing
	$(BIN)/crosswalk plan

test: check ## the checks, then all tests but the slow tier
	$(BIN)/python -m pytest -n 2 --dist=worksteal -m "not slow"

test-slow: setup-dev ## the slow tier
	$(BIN)/python -m pytest -m slow

check: setup-dev ## format, lint, types, import direction, SQL style, the code location
	@$(MAKE) --no-print-directory -j 2 check-sql check-code check-types check-location

check-code:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

check-types:
	$(BIN)/mypy

check-sql:
	$(BIN)/sqlfluff lint -q assets

check-location:
	$(BIN)/dagster definitions validate -w workspace.yaml

bench: setup-dev ## time every stage on a generated portal, beside its floor
	$(BIN)/python -m tests.bench $(BENCH)

bench-identity: setup-dev ## compare matching with Splink and plain equality, and write the table of docs/identity.md
	$(UV) pip install -q --python $(BIN)/python --group bench-identity
	$(BIN)/python -m tests.bench.identity --write

dev: setup ## the Dagster UI and daemon on 127.0.0.1:3000
	umask 077; exec $(BIN)/dagster dev -w workspace.yaml -h 127.0.0.1 -p 3000

samples: setup-dev ## write data/samples again from its generator
	$(BIN)/python -m tests.bench.portal --out data/samples

docs: setup-dev ## write the references and pictures of docs/ again
	$(BIN)/python -m pipelines.docs

lock: .venv/.ready-dev ## compile requirements.lock and requirements-dev.lock again
	$(UV) pip compile -q pyproject.toml --group build $(LOCK_FLAGS) -o requirements.lock
	$(UV) pip compile -q pyproject.toml --group build --group dev -c requirements.lock $(LOCK_FLAGS) -o requirements-dev.lock
	sed -i -E '/^(-i|--(extra-)?index-url|--find-links)/d' requirements.lock requirements-dev.lock

clean: ## remove the environment, caches and the lake of the samples
	rm -rf .venv .env .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis data/lake data/dagster_home

LOCK_FLAGS := --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-strip-extras \
	--python-version 3.11 --custom-compile-command "make lock"

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
	  || { echo "Crosswalk needs Python 3.11 to 3.13; set PYTHON=python3.12, say" >&2; exit 1; }
	$(PYTHON) -m venv .venv

# A lock is installed with its hashes; the project itself comes last, without looking for anything. Python compiles what it
# imports, so compiling all there is would only make the first `make` slower.
.venv/.ready: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) install -q --no-compile --require-hashes -r requirements.lock
	$(PIP) install -q --no-compile --no-deps --no-build-isolation -e .
	@touch $@

.venv/.ready-dev: .venv/bin/python requirements-dev.lock pyproject.toml
	$(PIP) install -q --no-compile --require-hashes -r requirements-dev.lock
	$(PIP) install -q --no-compile --no-deps --no-build-isolation -e .
	@touch $@ .venv/.ready

# The UI and the command line share one Dagster home; lines of .env that are not ours stay.
.env: dagster.yaml
	@mkdir -p -m 700 $(HOME_DIR)
	@cp dagster.yaml $(HOME_DIR)/dagster.yaml
	@{ grep -v '^DAGSTER_HOME=' .env 2>/dev/null || true; echo 'DAGSTER_HOME=$(HOME_DIR)'; } > .env.new
	@mv .env.new .env
