# Two commands to start: `make demo` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
SENTENCE ?= Classify handwritten digits with LeNet-5, 5 epochs

.PHONY: help demo web test test-gpu fuzz check lint types imports unit benchmark eval-intent format clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/.run-ready ## set up, train the bundled digits from a sentence, and open the finished run
	@$(BIN)/python scripts/web.py build --obtain || echo "the web app is left out of this demo"
	$(BIN)/trainwright train "$(SENTENCE)" --yes
	$(BIN)/trainwright open last

web: $(VENV)/.run-ready ## build the web app that the platform serves
	$(BIN)/python scripts/web.py build --obtain

test: $(VENV)/.dev-ready ## set up what tests need, then run every check and test
	scripts/test

check: lint types imports ## the static checks alone

lint: $(VENV)/.dev-ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev-ready
	$(BIN)/mypy

imports: $(VENV)/.dev-ready
	$(BIN)/lint-imports

unit: $(VENV)/.dev-ready ## the fast tests alone
	$(BIN)/pytest -q -m "not integration and not slow and not gpu"

fuzz: $(VENV)/.dev-ready ## ask the API very many odd things, as each role; another seed each time
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-100} FUZZ_SEED=$${FUZZ_SEED:-$$RANDOM} \
	  $(BIN)/pytest -q tests/server/test_schema_fuzz.py

test-gpu: ## the tests that need a CUDA device (uses the python at hand if it has torch)
	scripts/test-gpu

benchmark: $(VENV)/.dev-ready ## the figures in docs/benchmarks.md
	$(BIN)/python -m benchmarks

eval-intent: $(VENV)/.dev-ready ## how well sentences are read, by language and by field
	$(BIN)/python -m evals.intent --misread

format: $(VENV)/.dev-ready ## put the code into its one format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove what was built; runs and models are kept
	rm -rf $(VENV) build dist web/dist web/.build* web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run-ready: pyproject.toml constraints.txt
	scripts/setup $(VENV) "$(PYTHON)" server,torch
	@touch $@

$(VENV)/.dev-ready: pyproject.toml constraints.txt
	scripts/setup $(VENV) "$(PYTHON)" dev
	@touch $@ $(VENV)/.run-ready
