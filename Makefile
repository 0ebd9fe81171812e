# The verbs of promessa. The same names work here and in CI.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CORE := $(VENV)/.core
DEV := $(VENV)/.dev
STORE_7 ?= /usr/bin/redis-server
SOURCES := setup.py pyproject.toml requirements.lock $(wildcard ext/*.pyx ext/*.h)

.PHONY: help demo serve setup test lint types proto bench load audit pytest pytest-redis campaign clean

help: ## list the verbs
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "make %-14s %s\n", $$1, $$2}'

demo: $(CORE) ## set everything up, run real orders over a chain of stores, show the result (KEEP=1 leaves it up)
	$(BIN)/promessa demo $(if $(KEEP),--keep)

serve: $(CORE) ## the same chain, loaded and ready to query, until Ctrl-C
	$(BIN)/promessa demo --serve

setup: $(DEV) ## the environment for working on promessa

test: lint types proto pytest pytest-redis load ## everything that must pass

lint: $(DEV) ## style, import contracts, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/hadolint Dockerfile

types: $(DEV) ## mypy, strict on src
	$(BIN)/mypy

proto: $(DEV) ## lint the contract, and check that the generated code is up to date
	$(BIN)/buf lint protos
	$(BIN)/buf format --diff --exit-code protos
	tools/generate.sh --check

pytest: $(DEV) ## all tests on the Valkey that promessa carries
	$(BIN)/pytest

pytest-redis: $(DEV) $(STORE_7) ## what depends on the store again, on Debian's Redis 7.0
	PROMESSA_TEST_SERVER=$(STORE_7) $(BIN)/pytest tests/store tests/service tests/server

load: $(DEV) ## locust for 30 seconds: zero failures, zero oversell
	$(BIN)/python loadtests/run.py

bench: $(DEV) ## measure, write bench/results.json, print the table
	$(BIN)/python bench/run.py

audit: $(CORE) ## check the books of the running server
	$(BIN)/promessa audit

campaign: $(DEV) ## the long tests, which CI does not run
	$(BIN)/pytest -m slow

clean: ## remove what was built here
	rm -rf $(VENV) build dist var src/*.egg-info ext/*.c
	find src -name '*.so' -delete

$(STORE_7):
	if [ "$$(id -u)" = 0 ]; then apt-get update && apt-get install -y --no-install-recommends redis-server; \
	else sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server; fi

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(CORE): $(BIN)/python $(SOURCES)
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e .
	touch $@

$(DEV): $(CORE)
	$(BIN)/pip install --quiet --disable-pip-version-check -c requirements.lock -e '.[dev,load]'
	touch $@
