# Needs python3 (3.11 or newer) and make; everything else goes into .venv here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
AMBER := .venv-amber
TORCH := 2.13.0
CPU_INDEX := https://download.pytorch.org/whl/cpu

# Where there is no GPU, torch comes as a CPU build or not at all: the index holds no other on Linux, and the version's
# +cpu refuses any other that pip may know of, since a CUDA build brings gigabytes. macOS has one build for all.
GPU := $(shell nvidia-smi -L 2>/dev/null | grep -c GPU)
ifneq ($(filter-out 0,$(GPU)),)
  TORCH_INSTALL := torch
else ifeq ($(shell uname -s),Linux)
  TORCH_INSTALL := --no-deps --retries 1 --index-url $(CPU_INDEX) torch==$(TORCH)+cpu
else
  TORCH_INSTALL := torch==$(TORCH)
endif

# A larger example than the one under tests/data, where it is at hand.
LARGE := ../shared/data/dev-zymo10-20k

.PHONY: help install demo test format clean
.DELETE_ON_ERROR:

help:
	@echo "make install   set up vaebin in $(VENV)"
	@echo "make demo      bin an example and show bins, scores and the path of the picture"
	@echo "make test      all checks and tests"
	@echo "make format    bring the code into shape"
	@echo "make clean     remove what the others made"

install: $(VENV)/installed

$(VENV)/torch:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "vaebin needs Python 3.11 or newer; say which: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet $(TORCH_INSTALL)
	@touch $@

$(VENV)/installed: $(VENV)/torch pyproject.toml
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/checks: $(VENV)/installed
	$(PIP) install --quiet --editable '.[test,check]'
	@touch $@

$(AMBER)/installed:  # a venv of its own: AMBER wants other versions of what we use
	$(PYTHON) -m venv $(AMBER)
	$(AMBER)/bin/python -m pip --disable-pip-version-check install --quiet cami-amber==2.0.8
	@touch $@

demo: install
	$(BIN)/vaebin run tests/data/reads.fastq.gz -o demo/tiny --truth tests/data/truth.tsv
	@if [ -d $(LARGE) ]; then set -x; \
	  $(BIN)/vaebin run $(LARGE)/reads.fasta.gz -o demo/zymo10-20k --truth $(LARGE)/truth.tsv.gz; fi

test: $(VENV)/checks $(AMBER)/installed
	$(BIN)/ruff format --check tools tests benchmarks
	$(BIN)/ruff check tools tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	PATH="$(CURDIR)/$(BIN):$$PATH" VAEBIN_AMBER="$(CURDIR)/$(AMBER)/bin/amber.py" $(BIN)/pytest -q -n auto --dist loadfile

format: $(VENV)/checks
	$(BIN)/ruff format tools tests benchmarks
	$(BIN)/ruff check --fix tools tests benchmarks

clean:
	rm -rf $(VENV) $(AMBER) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
