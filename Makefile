# Every target calls .venv/bin/…: `uv run` would write a lock that names registries.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench lock histories

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
	$(BIN)/lanewise demo $(DEMO_ARGS)

test: setup ## Run the tests (TEST_ARGS=…)
	$(BIN)/pytest $(TEST_ARGS)

check: setup ## Lint, format check and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup ## Run the benchmarks; JSON on standard output
	$(BIN)/python -m benchmarks.decide

histories: setup ## Record replay histories for scenarios that have none yet
	$(BIN)/python -m tests.replay.record

lock: ## Renew requirements.lock from pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--python-version 3.11 --extra demo --extra dev pyproject.toml -o requirements.lock
