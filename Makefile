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
# It needs another click than sam, so it has an environment of its own.
MUTMUT_VERSION := 3.8.1
ANSIBLE_VERSION := 12.3.0
ANSIBLE_CORE_VERSION := 2.19.5
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
export UV_TOOL_DIR := $(CURDIR)/.tools/tools
export UV_TOOL_BIN_DIR := $(CURDIR)/.tools/bin
export SAM_CLI_TELEMETRY := 0
# A container may set this; then each process of a test compiles all its modules again.
unexport PYTHONDONTWRITEBYTECODE

# What `make local` and `make demo` take.
PORT ?= 4566
SPEED ?= 60
FLEET ?= simulated
BUILT ?=
VERBOSE ?=
WAR ?=
# What `make simulate`, `make chaos` and `make test-real` take.
HISTORIES ?= 100000
FIRST ?= 0
SEED ?=
SEEDS ?= 3
# What `make fuzz` takes.
TARGET ?=
SECONDS ?= 600
# What `make witness` takes.
DRY_RUN ?=
YES ?=
INTO ?=
REMOVE ?=
REPORT ?=
# What `make mutants` takes.
MUTANTS ?=
# What `make test` runs, if not everything.
TESTS ?=
# What the layers are built for; the same as the default in template.yaml.
ARCHITECTURE ?= arm64

.PHONY: help python313 setup lock demo local test test-real real-tools chromium emoji tomcat simulate fuzz witness mutants check fix build wheel package sbom audit deploy pictures bench chaos
help: ## list the commands
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: $(VENV)/.ready ## install what development needs

demo: $(VENV)/.ready ## see a WAR go live, and a bad one fail, on this machine [WAR=path FLEET=simulated|tomcat]
	@FLEET="$(FLEET)" PYTHONPATH=layers/wardrop $(BIN)/python -m local.demo $(if $(WAR),"$(WAR)")

local: $(VENV)/.ready ## run AWS's stand-in in the foreground [PORT SPEED FLEET BUILT VERBOSE]
	@exec $(BIN)/python -m local --port "$(PORT)" --speed "$(SPEED)" --fleet "$(FLEET)" $(if $(BUILT),--built) $(if $(VERBOSE),--verbose)

test: $(VENV)/.ready ## every test that needs no more than Python [TESTS="paths"]
	@$(BIN)/pytest -q -n auto -m "not real" $(TESTS)

test-real: $(VENV)/.ready real-tools ## the tests with real clients, a real browser, real WARs and the built layers
	@$(BIN)/pytest -q -n auto -m real tests $(if $(SEED),--seed "$(SEED)")

# What those tests need beside Python. It goes into this folder, but for chromium, unzip and Tomcat.
real-tools: .tools/bin/ansible .tools/bin/aws .tools/bin/checkov .tools/bin/eb .tools/moto/tests .tools/sample.war .aws-sam/of-this-machine chromium unzip tomcat

simulate: $(VENV)/.ready ## 100,000 histories of deployments, against a model of Beanstalk [HISTORIES=100000 FIRST=seed, or SEED=n]
	@HISTORIES="$(HISTORIES)" FIRST="$(FIRST)" PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.simulation $(SEED)

fuzz: $(VENV)/.ready ## hostile input for the code of the functions [TARGET="names", or a file in .fuzz; SECONDS=600 SEED=n]
	@PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.fuzz --seconds "$(SECONDS)" $(if $(SEED),--seed "$(SEED)") $(TARGET)

chaos: $(VENV)/.ready ## drops into a stand-in where much goes wrong; one line a seed [SEEDS=100 or 31-60, or SEED=n]
	@PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.e2e.chaos $(if $(SEED),$(SEED)-$(SEED),"$(SEEDS)")

witness: $(VENV)/.ready ## observe on AWS what the stand-in assumes, for less than a dollar [DRY_RUN=1 YES=1 REMOVE=file REPORT=folder]
	@exec $(BIN)/python -m tests.witness --speed "$(SPEED)" $(if $(DRY_RUN),--dry-run) $(if $(YES),--yes) \
		$(if $(INTO),--into "$(INTO)") $(if $(REMOVE),--remove "$(REMOVE)") $(if $(REPORT),--report "$(REPORT)")

mutants: | $(UV) ## change the rules one expression at a time, and see whether the unit tests notice [MUTANTS="wardrop.health.* ..."]
	@UV_PROJECT_ENVIRONMENT=.venv-mutants $(UV) sync --quiet --locked --python "$(PYTHON)"
	@$(UV) pip install --quiet --python .venv-mutants mutmut==$(MUTMUT_VERSION)
	@MUTANTS="$(MUTANTS)" PYTHONPATH=layers/wardrop:. .venv-mutants/bin/python -m tests.mutants

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

wheel: | $(UV) ## build the wheel of the command `wardrop` into build/
	@$(UV) build --quiet --wheel --package wardrop --python "$(PYTHON)" --out-dir build
	@echo "built build/wardrop-$(VERSION)-py3-none-any.whl"

package: build sbom wheel ## upload a release, and write its template to build/ [BUCKET=name SOURCE_URL=https://...]
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

pictures: $(VENV)/.ready chromium emoji ## draw every alert, and the screens of the command, for the documents
	@PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.pictures "$$(command -v chromium)"
	@PYTHONPATH=layers/wardrop:. $(BIN)/python -m tests.terminal_pictures

bench: $(VENV)/.ready ## measure what this project promises to be fast, `make test` included
	@PYTHONPATH=layers/wardrop $(BIN)/python -m bench

lock: | $(UV) ## resolve the dependencies anew
	@$(UV) lock --python "$(PYTHON)"

SBOM = build/wardrop.cdx.json
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
EXPORT := --locked --no-dev --no-annotate --no-header
PYTHON313 = $(shell for p in python3.13 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/3.13.*/bin/python3.13; do \
	"$$p" -c 'import os, sys; print(os.path.realpath(sys.executable))' 2>/dev/null && break; done)

$(VENV)/.ready: pyproject.toml cli/pyproject.toml uv.lock | $(UV)
	@echo "setting up $(VENV) ..." >&2
	@$(UV) sync --quiet --locked --compile-bytecode --python "$(PYTHON)"
	@touch $@

$(UV):
	@test -n "$(PYTHON)" || { echo "Wardrop needs Python 3.11 or later; none was found." >&2; exit 1; }
	@{ "$(PYTHON)" -m venv .tools && .tools/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); } >/dev/null 2>&1 \
		|| "$(PYTHON)" local/install_uv.py $(UV_VERSION) .tools/bin

# Ansible's collections of AWS, out of the wheel that has all collections, and the ansible-core that the wheel names.
.tools/bin/ansible: | $(UV) unzip
	@cd .tools && "$(PYTHON)" -m pip download --quiet --no-deps ansible==$(ANSIBLE_VERSION)
	@cd .tools && unzip -qo ansible-*.whl 'ansible_collections/amazon/aws/*' 'ansible_collections/community/aws/*' && rm ansible-*.whl
	@$(UV) tool install --quiet --python "$(PYTHON)" --with boto3 ansible-core~=$(ANSIBLE_CORE_VERSION)

.tools/bin/aws: | $(UV)
	@$(UV) tool install --quiet --python "$(PYTHON)" awscli

.tools/bin/checkov: | $(UV)
	@$(UV) tool install --quiet --python "$(PYTHON)" checkov

.tools/bin/eb: | $(UV)
	@$(UV) tool install --quiet --python "$(PYTHON)" awsebcli

# The tests of the installed version of moto, and the package that they need.
.tools/moto/tests: | $(UV)
	@mkdir -p .tools/moto && $(UV) pip install --quiet --python "$(PYTHON)" --target .tools/moto/packages freezegun
	@cd .tools && "$(PYTHON)" -m pip download --quiet --no-deps --no-binary moto "moto==$$($(abspath $(BIN))/python -c 'import moto; print(moto.__version__)')"
	@tar xzf .tools/moto-*.tar.gz -C .tools/moto --strip-components=1 && touch $@

# Apache's own example, out of Debian's package and without installing that.
.tools/sample.war:
	@cd .tools && apt-get download -qq -o APT::Sandbox::User=root tomcat10-docs && dpkg-deb --fsys-tarfile tomcat10-docs_*.deb | tar -xO --wildcards '*/sample.war' >sample.war

# These go into the system, and only where they are not there.
chromium unzip:
	@command -v $@ >/dev/null || $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -qq -y $@ >/dev/null

# For FLEET=tomcat, and for the WARs and the requests of its tests. The policy keeps Debian from starting any service.
TOMCAT := tomcat10 haproxy wrk openjdk-17-jdk-headless
tomcat:
	@{ test -e /usr/share/tomcat10/bin/bootstrap.jar && command -v javac wrk && test -x /usr/sbin/haproxy; } >/dev/null || \
		$(if $(filter 0,$(shell id -u)),,sudo) env DEBIAN_FRONTEND=noninteractive sh -euc \
		'policy=/usr/sbin/policy-rc.d; test -e $$policy || { trap "rm $$policy" EXIT; printf "#!/bin/sh\nexit 101\n" >$$policy; chmod +x $$policy; }; apt-get install -qq -y $(TOMCAT) >/dev/null'

# A font with the icons of alerts; without it a browser draws empty boxes.
emoji:
	@fc-list | grep -q Emoji || $(if $(filter 0,$(shell id -u)),,sudo) apt-get install -qq -y fonts-noto-color-emoji >/dev/null
