.DEFAULT_GOAL := help
VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin
INSTALL = -m pip install --quiet --disable-pip-version-check
# What is installed is what somebody has looked at: every file has its hash, and nothing is built.
PINNED = $(INSTALL) --require-hashes --only-binary :all: --requirement
READY := $(VENV)/.ready

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

$(READY): pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PINNED) requirements.txt
	$(BIN)/python $(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

demo: $(READY) ## train 1,000 models, plant drift in 30, find it, and write a report
	$(BIN)/argosy demo

# Tests start hundreds of processes: bytecode spares each of them a fifth of a second.
test test-system test-slow test-faults test-simulations: export PYTHONDONTWRITEBYTECODE :=
TESTS = $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ANEW)

test: $(READY) ## run every test but the long ones, and every doctest
	$(TESTS) -m "not system and not slow and not simulation"

test-system: $(READY) ## run the tests of the whole: executors, damaged stores, installed projects, guides
	$(TESTS) -m "system and not slow and not simulation"

test-slow: $(READY) ## run the fault and scale suites
	$(TESTS) -m slow

test-faults: $(READY) ## play every fault in its full number, and print what was lost
	$(BIN)/python -m pytest -n 2 --dist load --full -m fault tests/faults tests/plugins/test_argosy_ray_faults.py tests/plugins/test_killed_drivers.py

test-simulations: $(READY) ## run the long simulations, and reproduce reference figures
	$(TESTS) -m simulation

test-all: SEED ?= $(shell date +%s)
test-all: ## run all of these in turn, with other examples, and simulations again with ten other seeds
	$(MAKE) test ANEW="--hypothesis-profile=anew --seed=$(SEED)"
	$(MAKE) test-system ANEW="--hypothesis-profile=anew --seed=$(SEED)"
	$(MAKE) test-slow ANEW=--hypothesis-profile=anew
	$(MAKE) test-simulations
	$(MAKE) test-simulations ANEW=--seed=$(SEED)
	$(MAKE) test-faults

SCRIPTS = $(wildcard benchmarks/[a-z]*.py)

bench: $(READY) ## measure every claim, one script each; QUICK=1 takes seconds each, and proves nothing
	@failed=; \
	for script in $(SCRIPTS); do \
	  echo "== $$script"; \
	  $(BIN)/python $$script $(if $(QUICK),--quick) || failed="$$failed $$script"; \
	done; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

peers: ## set up what the benchmarks compare with, in an environment of its own
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python $(PINNED) benchmarks/pip.txt
	.venv-peers/bin/python $(PINNED) benchmarks/peers.txt
	$(PYTHON) -m venv .venv-alibi
	.venv-alibi/bin/python $(PINNED) benchmarks/alibi.txt

PIN = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --custom-compile-command 'make requirements' $(if $(UPGRADE),--upgrade)

requirements: $(READY) ## pin what pyproject.toml asks for, with hashes; UPGRADE=1 takes the newest
	$(PIN) --extra dev pyproject.toml --output-file requirements.txt
	$(PIN) benchmarks/pip.in --output-file benchmarks/pip.txt
	$(PIN) benchmarks/peers.in --output-file benchmarks/peers.txt
	$(PIN) benchmarks/alibi.in --output-file benchmarks/alibi.txt

check: $(READY) ## formatting, lint, types, direction of imports, contents of the wheel
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy tests/typing/plugin_author.py
	$(BIN)/lint-imports
	$(BIN)/python tests/wheel_contents.py

format: $(READY) ## rewrite the code as the formatter wants it
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

sbom: $(READY) ## write what the wheel is used with, versions and hashes, as CycloneDX into dist/
	$(BIN)/python .ci/sbom.py dist/argosy.cdx.json

wheel: $(READY) ## build the wheel into dist/, with that document in it and beside it
	$(BIN)/python .ci/wheel.py dist

.PHONY: help demo test test-system test-slow test-faults test-simulations test-all bench peers requirements check format sbom wheel
