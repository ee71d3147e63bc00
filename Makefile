# For everyone: `make demo` and `make test`. For developers: `make check`. `make help` lists all commands.
SHELL := /bin/sh
# Where it is set, each of the hundreds of processes of a test run compiles the whole project again.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
DEMO_ARGS ?=
TEST_ARGS ?=
pip = -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all:
# Python 3.10 (Ubuntu 22.04, JetPack 6) has its own lock: the newest numpy does not support it.
runtime_lock := requirements/$(shell $(PYTHON) -c 'import sys; print("runtime-py310.txt" if sys.version_info[:2] == (3, 10) else "runtime.txt")')
# The root.json of the publisher whose releases the boards of an image take.
TRUSTED_ROOT ?=
# The Debian of an image, and its name in provisioning/boards.toml.
SUITE ?= bookworm
board := debian-$(if $(filter trixie,$(SUITE)),13,12)
build_image = @mkdir -p build && provisioning/image/build --arch $(1) --suite $(SUITE) --wheelhouse wheelhouse/$(board)-$(1) \
  --output build/sonoedge-$(1)$(2).img $(if $(TRUSTED_ROOT),--trusted-root $(TRUSTED_ROOT)) $(if $(2),--test)
test_image = SONOEDGE_IMAGE=build/sonoedge-$(1)-test.img SONOEDGE_WHEELHOUSE=wheelhouse/$(board)-$(1) \
  .venv/bin/python -m pytest -m image tests/provisioning/image $(TEST_ARGS)
# The tests that use the inference runtime; the model shelf and the choice by speed do not depend on it.
tflite_tests := $(addprefix tests/edge/inference/test_,admission.py golden.py reader.py release.py runtime.py two_runtimes.py) tests/edge/vision tests/models/test_golden.py
# One more than the cores, because some tests wait, and at most four: each holds a model and a database, about 1 GB.
workers := $(shell cores=$$(nproc); echo $$((cores < 4 ? cores + 1 : 4)))
# Slow tests wait even more: for a browser, an exam or another program.
slow_workers := $(shell cores=$$(nproc); echo $$((cores < 3 ? cores + 2 : 4)))
# The tests of a file stay together: some build on each other. tests/conftest.py decides which begin first.
in_order := --dist loadfile --no-loadscope-reorder
side_by_side := --numprocesses $(workers) $(in_order)
# Each test process reads every file that it is given, so the slow run gets only the files with a slow test.
slow_tests = $(shell grep --recursive --files-with-matches --include='test_*.py' 'mark\.slow' tests)
# make's messages go to stderr, so that stdout contains only the output of the command.
say = @echo "$(1)" >&2

.PHONY: help demo test test-slow test-tflite peers peers-bench environments check lock wheelhouse image image-arm64 image-test image-test-arm64 clean

help: ## lists the commands
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

demo: .venv/runtime.stamp ## shows findings on the simulated chest (DEMO_ARGS="--seconds 5 --json" adds options)
	@.venv/bin/sonoedge demo $(DEMO_ARGS)

test: .venv/dev.stamp ## the tests, side by side on every core, without the slow ones (TEST_ARGS="-m browser" adds options)
	@.venv/bin/python -m pytest $(side_by_side) -m "not slow" $(TEST_ARGS)

test-slow: .venv/dev.stamp ## the slow tests: real trainings, hundreds of power cuts, an installation on a bare Debian
	@.venv/bin/python -m pytest --numprocesses $(slow_workers) $(in_order) -m slow $(slow_tests) $(TEST_ARGS)

test-tflite: .venv-tflite/tflite.stamp .venv/dev.stamp ## the inference tests on tflite-runtime, in a separate environment
	@SONOEDGE_RUNTIME=tflite-runtime .venv-tflite/bin/python -m pytest $(side_by_side) $(tflite_tests) $(TEST_ARGS)

peers: .venv/peers.stamp .venv-peers-statistics/stamp .venv/redocly.stamp .venv/axe.stamp .venv/fhir.stamp ## adds the third-party programs for tests/peers (needs gcc, python3-dev and npm)

peers-bench: .venv-peers-bench/stamp ## makes the environment of the runtimes that `sonoedge bench peers` compares (2.5 GB)

environments: peers .venv-tflite/tflite.stamp ## installs all that the tests and checks use (make --jobs environments: side by side)

check: .venv/dev.stamp ## ruff, mypy and the import rules
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache

lock: .venv/dev.stamp ## updates the lock files (needs the network)
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check pip-tools
	@requirements/lock .venv/bin/python

wheelhouse: .venv/bin/python ## fills wheelhouse/ for an installation without network
	@.venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
	  -r $(runtime_lock) -r requirements/build.txt --dest wheelhouse

image: wheelhouse/$(board)-amd64 ## builds build/sonoedge-amd64.img, a disk for a board with UEFI (needs root, mmdebstrap, fdisk, mtools)
	$(call build_image,amd64)

image-arm64: wheelhouse/$(board)-arm64 ## the same for arm64 (needs qemu-user-static and binfmt-support too)
	$(call build_image,arm64)

image-test: wheelhouse/$(board)-amd64 .venv/dev.stamp ## builds a test image, starts and updates it in QEMU (needs qemu-system-x86, qemu-utils and ovmf too)
	$(call build_image,amd64,-test)
	@$(call test_image,amd64)

image-test-arm64: wheelhouse/$(board)-arm64 .venv/dev.stamp ## the same for arm64 (needs qemu-system-arm and qemu-efi-aarch64 too)
	$(call build_image,arm64,-test)
	@$(call test_image,arm64)

wheelhouse/%: .venv/runtime.stamp
	$(call say,fetching the packages for $*)
	@rm -rf $@.new
	@.venv/bin/python -m pip download --quiet --disable-pip-version-check --require-hashes --only-binary=:all: \
	  $$(.venv/bin/python -m provisioning.boards $*) -r requirements/build.txt --dest $@.new
	@mv $@.new $@

clean: ## removes environments and caches, not recordings
	@rm -rf .venv .venv-tflite .venv-peers-bench .venv-peers-statistics .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/bin/python:
	$(call say,making .venv)
	@$(PYTHON) -m venv .venv

.venv/runtime.stamp: $(runtime_lock) requirements/build.txt pyproject.toml | .venv/bin/python
	$(call say,installing the locked dependencies (about a minute))
	@.venv/bin/python $(pip) -r $(runtime_lock) -r requirements/build.txt >&2
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e . >&2
	@touch $@

.venv/dev.stamp: requirements/dev.txt .venv/runtime.stamp
	$(call say,installing the packages for tests and checks)
	@.venv/bin/python $(pip) -r requirements/dev.txt >&2
	@touch $@

.venv/peers.stamp: requirements/peers.txt .venv/dev.stamp
	$(call say,building the peers of the tests)
	@.venv/bin/python $(pip) --no-binary=crcmod -r requirements/peers.txt >&2
	@touch $@

.venv-peers-bench/stamp .venv-peers-statistics/stamp: .venv-%/stamp: requirements/%.txt
	$(call say,making .venv-$*)
	@$(PYTHON) -m venv .venv-$*
	@.venv-$*/bin/python $(pip) -r requirements/$*.txt >&2
	@touch $@

.venv/redocly.stamp .venv/axe.stamp .venv/fhir.stamp: .venv/%.stamp: requirements/%/package.json requirements/%/package-lock.json | .venv/bin/python
	$(call say,installing $* from npm)
	@mkdir -p .venv/$* && cp requirements/$*/package.json requirements/$*/package-lock.json .venv/$*/
	@cd .venv/$* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
	@touch $@

.venv-tflite/tflite.stamp: requirements/tflite.txt
	$(call say,making .venv-tflite with tflite-runtime)
	@$(PYTHON) -m venv .venv-tflite
	@.venv-tflite/bin/python $(pip) -r requirements/tflite.txt >&2
	@echo "$(CURDIR)" > "$$(.venv-tflite/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/sonoedge.pth"
	@touch $@
