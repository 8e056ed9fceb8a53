# make demo    JupyterLab on the quickstart notebook             (make demo ARGS=--no-browser)
# make test    everything that must hold: checks and all tests   (make test ARGS="-k retrieve")
#              two processes share the test files; ARGS=-n0 runs them one by one
# make test-bare   unit and peer tests as on a clone without test data; its end lists what did not run
# make random  the property tests with other examples each time, up to 50,000 of each, and 2,000 retrievals from random
#              peers that misbehave; for hours                   (make random ARGS="-k charsets")
# make check   ruff, mypy, import-linter; prettier, ESLint and tsc on the page's script
# make bench   the measurements                                  (make bench ARGS=...)
# make clean   remove what these made
#
# Everything is installed into .venv, made with $(PYTHON); nothing outside of this folder is changed, except that
# `make test` installs the Debian packages of tests/apt.txt when it is run as root.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
SCRIPT := tests/frontend
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm --prefix $(SCRIPT) --cache $(CURDIR)/$(VENV)/npm

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: demo test test-bare random check bench debian clean

demo: $(VENV)/.lab
	$(BIN)/python -m dicom_widgets demo $(ARGS)

test: debian $(VENV)/.test
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile $(ARGS)

test-bare: export DICOM_WIDGETS_TEST_DATA := build/no-data
test-bare: debian $(VENV)/.test
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --bare tests/unit tests/peers $(ARGS)

random: $(VENV)/.test
	DICOM_WIDGETS_RANDOM_PEERS=2000 $(BIN)/python -m pytest --numprocesses=2 --dist=loadfile --timeout=0 \
	    --hypothesis-profile=random -m hypothesis tests/unit tests/peers $(ARGS)

check: $(VENV)/.test $(SCRIPT)/node_modules/.made
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(NPM) run --silent check

bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks $(ARGS)

# One stamp for each set of extras; a changed pyproject.toml installs anew.
$(VENV)/.made:
	$(PYTHON) -m venv --clear $(VENV) || { echo "No virtual environment could be made with $(PYTHON): on Debian, apt-get install python3-venv"; exit 1; }
	@touch $@

$(VENV)/.lab: EXTRAS := lab
$(VENV)/.test: EXTRAS := lab,test
$(VENV)/.bench: EXTRAS := bench,lab,test
$(VENV)/.lab $(VENV)/.test $(VENV)/.bench: $(VENV)/.made pyproject.toml
	@echo "Installing dicom-widgets[$(EXTRAS)] and what it needs into $(VENV); the first time this takes a few minutes."
	$(BIN)/python -m pip install --quiet --editable '.[$(EXTRAS)]'
	@touch $@

# Node comes with the extra `test`; what checks the page's script comes from the npm registry, in the versions of the lock.
$(SCRIPT)/node_modules/.made: $(SCRIPT)/package.json $(SCRIPT)/package-lock.json $(VENV)/.test
	@echo "Installing what checks the page's script into $(SCRIPT)/node_modules."
	@$(NPM) ci --silent || { echo "It could not be installed: npm ci needs the npm registry. Without it, run the other lines of check one by one."; exit 1; }
	@touch $@

# The real peers and the real browser. Where they cannot be installed, the tests say at the end what did not run.
# A package that brings a service must not start it: Debian's invoke-rc.d and deb-systemd-invoke ask policy-rc.d.
debian:
	@wanted=$$(for name in $$(cat tests/apt.txt); do \
	    dpkg-query --show --showformat='$${db:Status-Status}' "$$name" 2>/dev/null | grep -qx installed || echo "$$name"; done); \
	if [ -z "$$wanted" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null || [ "$$(id -u)" -ne 0 ]; then \
	    echo "Not installed, and only root on Debian can: "$$wanted; exit 0; fi; \
	policy=/usr/sbin/policy-rc.d; \
	if [ -d /run/systemd/system ] && [ ! -e $$policy ]; then \
	    trap 'rm -f '$$policy EXIT INT TERM; printf '#!/bin/sh\nexit 101\n' >$$policy; chmod 755 $$policy; fi; \
	export DEBIAN_FRONTEND=noninteractive; \
	apt-get update -qq || echo "apt-get update failed; trying with the package lists that are here"; \
	apt-get install -y -qq --no-install-recommends $$wanted >/dev/null || echo "apt-get could not install: "$$wanted

clean:
	rm -rf $(VENV) $(SCRIPT)/node_modules build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
