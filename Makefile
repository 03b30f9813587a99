# Everything a developer runs. `make` lists it. Each target does its own set-up.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Lambda's own Python first, then whatever is at least 3.11. A pyenv shim may stand for a Python that is
# not there, so each candidate is run; the path is the interpreter's own, never the shim's.
PYTHON ?= $(shell for p in python3.13 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13.*/bin/python3.13 python3 python3.12 python3.11 /usr/bin/python3; do \
	"$$p" -c 'import os, sys; sys.version_info < (3, 11) and sys.exit(1); print(os.path.realpath(sys.executable))' 2>/dev/null && break; done)
VENV ?= .venv
UV_VERSION := 0.13.9
UV := .tools/bin/uv
RUN := $(VENV)/bin/
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never

.PHONY: help setup lock
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

setup: $(VENV)/.ready ## install what development needs, into this folder alone

$(VENV)/.ready: pyproject.toml uv.lock | $(UV)
	@$(UV) sync --quiet --locked --python "$(PYTHON)"
	@touch $@

$(UV):
	@test -n "$(PYTHON)" || { echo "Wardrop needs Python 3.11 or later; none was found." >&2; exit 1; }
	@"$(PYTHON)" -m venv .tools || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

lock: | $(UV) ## resolve the dependencies anew
	@$(UV) lock --python "$(PYTHON)"
