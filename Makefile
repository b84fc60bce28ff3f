# Every target calls .venv/bin/…: `uv run` would write a lock that names registries.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
COMPILED := .venv/.compiled
BENCH := .venv-bench
LOCK := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--no-annotate --no-header --python-version 3.11 pyproject.toml

# Tests start dozens of processes: each would translate every module again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-connectors check bench bench-setup lock histories
.SECONDARY:

# Software we did not write, that demo and tests may run against.
AROUND := .counterparts
ASKED = $(foreach name,karrio tryton,$(if $(findstring $(name),$(DEMO_ARGS)),$(AROUND)/$(name)/.ready))

help: ## Show this help
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make .venv from the committed requirements.lock

$(READY): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet requirements.lock
	VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps -e .
	touch $(READY)

demo: setup ## Run the whole journey of 200 orders on real parts (DEMO_ARGS=…)
	$(if $(ASKED),$(MAKE) $(ASKED))
	$(BIN)/lanewise demo $(DEMO_ARGS)

test: $(COMPILED) ## Run the tests on up to four cores (TEST_ARGS=…)
	$(BIN)/pytest --numprocesses=auto --maxprocesses=4 $(TEST_ARGS)

# Once and before the tests: several processes at once would each compile it all.
$(COMPILED): $(READY) $(wildcard optimizer/*.py optimizer/kernels/*.py)
	$(BIN)/python -c 'from optimizer.warming import warm; warm()'
	touch $@

test-connectors: setup $(AROUND)/karrio/.ready $(AROUND)/tryton/.ready $(AROUND)/prism/.ready ## Run the adapters against real counterparts
	$(BIN)/pytest --counterparts tests/counterparts $(TEST_ARGS)

$(AROUND)/prism/.ready: counterparts/prism/package.json counterparts/prism/package-lock.json
	mkdir -p $(@D)
	cp $^ $(@D)/
	npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent
	touch $@

$(AROUND)/%/.ready: counterparts/%.lock $(READY)
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	VIRTUAL_ENV=$(@D) $(BIN)/uv pip sync --quiet $<
	touch $@

check: setup ## Lint, format check and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: bench-setup ## Run every benchmark in its short form; JSON on standard output (BENCH_ARGS=…)
	@$(BENCH)/bin/python -m benchmarks $(BENCH_ARGS)

bench-setup: $(BENCH)/.ready ## Make .venv-bench: the same, with the engines we compare with

$(BENCH)/.ready: requirements-bench.lock pyproject.toml $(READY)
	test -x $(BENCH)/bin/python || $(BIN)/uv venv --quiet --python $(BIN)/python $(BENCH)
	VIRTUAL_ENV=$(BENCH) $(BIN)/uv pip sync --quiet requirements-bench.lock
	VIRTUAL_ENV=$(BENCH) $(BIN)/uv pip install --quiet --no-deps -e .
	touch $@

histories: setup ## Record replay histories for scenarios that have none yet
	$(BIN)/python -m tests.replay.record

lock: ## Renew the locks from pyproject.toml
	$(BIN)/$(LOCK) --extra demo --extra dev -o requirements.lock
	cp requirements.lock requirements-bench.lock
	$(BIN)/$(LOCK) --extra bench -o requirements-bench.lock
	for name in karrio tryton; do \
		$(BIN)/$(subst pyproject.toml,,$(LOCK)) counterparts/$$name.in -o counterparts/$$name.lock; \
	done
