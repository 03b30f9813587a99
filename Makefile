# Everything a developer runs; `make` lists it. Each target does its own set-up, in this folder alone.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

# Lambda's own Python first, then whatever is at least 3.11. A pyenv shim may stand for a Python that is
# not there, so each candidate is run; the path is the interpreter's own, never the shim's.
PYTHON ?= $(shell for p in python3.13 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13.*/bin/python3.13 python3 python3.12 python3.11 /usr/bin/python3; do \
	"$$p" -c 'import os, sys; sys.version_info < (3, 11) and sys.exit(1); print(os.path.realpath(sys.executable))' 2>/dev/null && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
UV := .tools/bin/uv
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_TOOL_DIR := $(CURDIR)/.tools/tools
export UV_TOOL_BIN_DIR := $(CURDIR)/.tools/bin
export SAM_CLI_TELEMETRY := 0

# What `make local` and `make demo` take.
PORT ?= 4566
SPEED ?= 60
FLEET ?= simulated
BUILT ?=
VERBOSE ?=
WAR ?=
# What `make simulate`, `make chaos` and `make test-real` take.
HISTORIES ?= 100000
SEED ?=
# What `make fuzz` takes.
TARGET ?=
SECONDS ?= 600
# What `make test` runs, if not everything.
TESTS ?=
# What the layers are built for; the same as the default in template.yaml.
ARCHITECTURE ?= arm64

.PHONY: help python313 setup lock demo local test test-real real-tools chromium emoji simulate fuzz check fix build package sbom audit deploy pictures bench chaos
help: ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: $(VENV)/.ready ## install what development needs

demo: $(VENV)/.ready ## see a WAR go live, and a bad one fail, on this machine [WAR=path]
	@PYTHONPATH=layers/wardrop $(BIN)/python -m local.demo $(if $(WAR),"$(WAR)")

local: $(VENV)/.ready ## run AWS's stand-in in the foreground [PORT SPEED FLEET BUILT VERBOSE]
	@exec $(BIN)/python -m local --port "$(PORT)" --speed "$(SPEED)" --fleet "$(FLEET)" $(if $(BUILT),--built) $(if $(VERBOSE),--verbose)

test: $(VENV)/.ready ## every test that needs no more than Python [TESTS="paths"]
	@$(BIN)/pytest -q -n auto -m "not real" $(TESTS)

test-real: $(VENV)/.ready real-tools ## the tests with real clients, a real browser, real WARs and the built layers
	@$(BIN)/pytest -q -n auto -m real tests $(if $(SEED),--seed "$(SEED)")

# What those tests need beside Python. It goes into this folder, but for chromium and unzip.
real-tools: .tools/bin/aws .tools/bin/checkov .tools/bin/eb .tools/sample.war .aws-sam/of-this-machine chromium unzip

simulate: $(VENV)/.ready ## 100,000 histories of deployments, against a model of Beanstalk [HISTORIES=100000, or SEED=n]
	@HISTORIES="$(HISTORIES)" PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.simulation $(SEED)

fuzz: $(VENV)/.ready ## hostile input for the code of the functions [TARGET="names", or a file in .fuzz; SECONDS=600 SEED=n]
	@PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.fuzz --seconds "$(SECONDS)" $(if $(SEED),--seed "$(SEED)") $(TARGET)

chaos: $(VENV)/.ready ## drops into a stand-in where much goes wrong [SEED=n, or three seeds]
	@$(BIN)/pytest -q -m real tests/e2e/test_chaos.py $(if $(SEED),--seed "$(SEED)")

check: $(VENV)/.ready ## lint, format, types, import directions, the template; edits nothing
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy --no-error-summary
	@for app in functions/*/app.py; do $(BIN)/mypy --no-error-summary "$$app"; done
	@PYTHONPATH=layers/wardrop $(BIN)/lint-imports --no-logo >.lint-imports.log || { cat .lint-imports.log >&2; exit 1; }
	@$(UV) export --quiet $(EXPORT) | diff layers/dependencies/requirements.txt - || { echo "requirements.txt of the layer is not what uv.lock says: make fix" >&2; exit 1; }
	@$(BIN)/python -m tests.gate

.PHONY: scan
scan: .tools/bin/checkov ## check template.yaml against checkov's rules; .checkov.yaml says which are skipped, and why
	@$< --config-file .checkov.yaml -f template.yaml

fix: $(VENV)/.ready ## fix what tools can fix
	@$(BIN)/ruff check --fix --quiet || true
	@$(BIN)/ruff format --quiet
	@$(UV) export --quiet $(EXPORT) -o layers/dependencies/requirements.txt

build: $(VENV)/.ready ## build functions and layers for Lambda [ARCHITECTURE=arm64|x86_64]
	@test -n "$(PYTHON313)" || { echo "sam build needs Python 3.13, Lambda's own; none was found." >&2; exit 1; }
	@rm -f .aws-sam/of-this-machine .aws-sam/architecture
	@PATH="$(dir $(PYTHON313)):$$PATH" UV="$(CURDIR)/$(UV)" PYTHON313="$(PYTHON313)" ARCHITECTURE="$(ARCHITECTURE)" \
		$(BIN)/sam build --parameter-overrides Architecture=$(ARCHITECTURE) >.aws-sam.log 2>&1 || { cat .aws-sam.log >&2; exit 1; }
	@$(PYTHON313) -m compileall -q -s .aws-sam/build -p /var/task --invalidation-mode unchecked-hash .aws-sam/build/*/app.py
	@$(BIN)/python -m installation.release
	@echo $(ARCHITECTURE) >.aws-sam/architecture
	@echo "built .aws-sam/build for $(ARCHITECTURE)"

# The Python that builds for Lambda.
python313:
	@echo "$(PYTHON313)"

# The same for the architecture of this machine, unless that is there already.
.aws-sam/of-this-machine: $(VENV)/.ready template.yaml $(shell find functions layers -name __pycache__ -prune -o -type f -print)
	@$(MAKE) build ARCHITECTURE="$$(uname -m | sed s/aarch64/arm64/)"
	@touch $@

deploy: $(VENV)/.ready ## install or upgrade a stack; it keeps its parameters [STAGE PARAMETERS="Name=value" ARCHITECTURE ALLOW]
	@test -n "$(PYTHON313)" || { echo "sam build needs Python 3.13, Lambda's own; none was found." >&2; exit 1; }
	@PYTHONPATH=layers/wardrop $(BIN)/python -m installation

package: build sbom ## upload a release, and write its template to build/ [BUCKET=name SOURCE_URL=https://...]
	@test -n "$(BUCKET)" || { echo "make package needs BUCKET, the name of the bucket for the release." >&2; exit 2; }
	@$(BIN)/sam package --s3-bucket "$(BUCKET)" --s3-prefix "wardrop/$(VERSION)" --no-progressbar \
		--output-template-file build/wardrop.template.yaml >.aws-sam.log 2>&1 || { cat .aws-sam.log >&2; exit 1; }
	@$(if $(SOURCE_URL),sed -i "s|^\( *\)SpdxLicenseId: .*|&\n\1SourceCodeUrl: $(SOURCE_URL)|" build/wardrop.template.yaml)
	@echo "packaged $(VERSION): build/wardrop.template.yaml"

sbom: $(VENV)/.ready ## write the bill of materials of what runs in Lambda to build/wardrop.cdx.json
	@mkdir -p "$(dir $(SBOM))"
	@$(UV) export --quiet --locked --no-dev --format cyclonedx1.5 --preview-features sbom-export -o "$(SBOM)" >/dev/null

audit: | $(UV) ## look for known vulnerabilities in all locked packages; needs access to api.osv.dev
	@$(UV) audit --locked --preview-features audit

pictures: $(VENV)/.ready chromium emoji ## draw every kind of alert for the documentation
	@PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.pictures "$$(command -v chromium)"

bench: $(VENV)/.ready ## measure what this project promises to be fast, `make test` included
	@PYTHONPATH=layers/wardrop $(BIN)/python -m bench

lock: | $(UV) ## resolve the dependencies anew
	@$(UV) lock --python "$(PYTHON)"

SBOM = build/wardrop.cdx.json
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
EXPORT := --locked --no-dev --no-annotate --no-header
PYTHON313 = $(shell for p in python3.13 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13.*/bin/python3.13; do \
	"$$p" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null && break; done)

$(VENV)/.ready: pyproject.toml uv.lock | $(UV)
	@echo "setting up $(VENV) ..." >&2
	@$(UV) sync --quiet --locked --compile-bytecode --python "$(PYTHON)"
	@touch $@

$(UV):
	@test -n "$(PYTHON)" || { echo "Wardrop needs Python 3.11 or later; none was found." >&2; exit 1; }
	@{ "$(PYTHON)" -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); } >/dev/null 2>&1 \
		|| "$(PYTHON)" local/install_uv.py $(UV_VERSION) .tools/bin

.tools/bin/aws: | $(UV)
	@$(UV) tool install --quiet --python "$(PYTHON)" awscli

.tools/bin/checkov: | $(UV)
	@$(UV) tool install --quiet --python "$(PYTHON)" checkov

.tools/bin/eb: | $(UV)
	@$(UV) tool install --quiet --python "$(PYTHON)" awsebcli

# Apache's own example, out of Debian's package and without installing that.
.tools/sample.war:
	@cd .tools && apt-get download -qq -o APT::Sandbox::User=root tomcat10-docs && dpkg-deb --fsys-tarfile tomcat10-docs_*.deb | tar -xO --wildcards '*/sample.war' >sample.war

# These go into the system, and only where they are not there.
chromium unzip:
	@command -v $@ >/dev/null || $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -qq -y $@ >/dev/null

# A font with the icons of alerts; without it a browser draws empty boxes.
emoji:
	@fc-list | grep -q Emoji || $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -qq -y fonts-noto-color-emoji >/dev/null
