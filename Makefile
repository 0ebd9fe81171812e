# The verbs of promessa; .ci/run uses the same. Everything is installed into .venv, here in the tree.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install -c requirements.lock
# Stamps: the product itself, what reports need, and the tools for working on it. They are made again when what they install changes.
CORE := $(VENV)/.core
REPORTS := $(VENV)/.reports
DEV := $(VENV)/.dev
STORE_7 := /usr/bin/redis-server
NATIVE := setup.py $(wildcard ext/*.pyx ext/*.pxd ext/*.pxi ext/*.h)

.PHONY: help demo serve setup test lint types contract proto build pytest pytest-store pytest-rest pytest-redis load bench bench-sourcing replay audit campaign clean

help: ## list the verbs
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F '\t' '{printf "make %-14s %s\n", $$1, $$2}'

demo: $(REPORTS) ## set up, run real orders over a chain of 300 nodes, show the result (KEEP=1 leaves it running)
	$(BIN)/promessa demo $(if $(KEEP),--keep)

serve: $(CORE) ## the same chain, loaded and ready to query, until Ctrl-C
	$(BIN)/promessa demo --serve

setup: $(DEV) ## everything for working on promessa, in .venv

test: lint types contract build pytest load ## everything that must pass

lint: $(DEV) ## style, import contracts, Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/hadolint Dockerfile

types: $(DEV) ## mypy, strict on src
	$(BIN)/mypy

contract: $(DEV) ## the protos: lint, format, and whether the generated code is theirs
	$(BIN)/buf lint protos
	$(BIN)/buf format --diff --exit-code protos
	tools/generate.sh --check

proto: $(DEV) ## generate the Python code of the protos
	tools/generate.sh

build: $(DEV) ## the wheel, into dist/, with all that belongs into it
	rm -rf build dist
	$(BIN)/pip --disable-pip-version-check --quiet wheel --no-deps --no-build-isolation --wheel-dir dist .
	rm -rf build
	$(BIN)/python tools/check_wheel.py dist/*.whl

ON_THE_STORE := tests/store tests/server

pytest: $(DEV) $(STORE_7) ## all tests, those on the store beside the others, for a machine has two cores
	$(MAKE) pytest-store & store=$$!; \
	trap 'kill $$store 2>/dev/null || true' EXIT; \
	$(MAKE) -k pytest-rest pytest-redis && others=0 || others=$$?; \
	wait $$store && exit $$others

pytest-store: $(DEV) ## what depends on the store most, on the Valkey that promessa carries
	$(BIN)/pytest -m 'not slow' $(ON_THE_STORE)

pytest-rest: $(DEV) ## all other tests
	$(BIN)/pytest -m 'not slow' $(addprefix --ignore=,$(ON_THE_STORE))

pytest-redis: $(DEV) $(STORE_7) ## what speaks to the store itself again, on Debian's Redis 7.0
	PROMESSA_TEST_SERVER=$(STORE_7) PROMESSA_TEST_EXAMPLES=200 PROMESSA_TEST_HOLDS=20000 \
	  $(BIN)/pytest -m 'not slow' tests/store tests/service tests/histories

load: $(DEV) ## locust for 30 seconds: zero failures, zero oversell
	$(BIN)/python loadtests/run.py --seconds 30

bench: $(DEV) ## measure against yardsticks, write bench/results.json, print the table
	$(BIN)/python bench/run.py

bench-sourcing: $(DEV) ## compare ways to source an order over published instances, write bench/sourcing.{json,md,svg}
	$(BIN)/python bench/sourcing.py

ORDERS ?= 20000

replay: $(DEV) ## ORDERS=1000000 real baskets on seeded journeys, archived, reported, audited and compared
	$(BIN)/python bench/replay.py --orders $(ORDERS)

audit: $(CORE) ## check the books of the running server
	$(BIN)/promessa audit

campaign: $(DEV) $(STORE_7) ## the long tests, which CI does not run
	$(BIN)/pytest -m slow --timeout=7200
	PROMESSA_TEST_SERVER=$(STORE_7) $(BIN)/pytest -m 'not slow' tests/server
	PROMESSA_TEST_EXAMPLES=20000 PROMESSA_TEST_HOLDS=2000000 PROMESSA_TEST_CALLS=4000 PROMESSA_TEST_ITEMS=1000000 \
	  $(BIN)/pytest --timeout=7200 tests/store/test_store_model.py tests/store/test_expiry_churn.py \
	  tests/store/test_feed_chaos.py tests/histories tests/server/test_all_say_the_same.py

clean: ## remove what was made here
	rm -rf $(VENV) build dist var src/*.egg-info ext/*.c ext/*.html
	find src -name '*.so' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STORE_7):
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update && $$sudo apt-get install -y --no-install-recommends redis-server

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)

$(CORE): $(BIN)/python pyproject.toml requirements.lock $(NATIVE)
	@echo "Setting up in $(VENV); the first time this takes a minute or two."
	$(PIP) setuptools cython
	$(PIP) --no-build-isolation --editable .
	@touch $@

$(REPORTS): $(CORE)
	$(BIN)/python tools/extras.py reports >$(VENV)/extras.txt
	$(PIP) -r $(VENV)/extras.txt
	@touch $@

$(DEV): $(CORE)
	$(BIN)/python tools/extras.py dev load reports >$(VENV)/extras.txt
	$(PIP) -r $(VENV)/extras.txt
	@touch $@
