# tokenvault: every command that a developer or a pipeline needs. `make` alone explains them.

PYTHON := .venv/bin/python
READY := .venv/.ready
PORT ?= 8000
EMULATOR_PORT ?= 4566
LOCAL := $(PYTHON) -m local --port $(PORT) --emulator-port $(EMULATOR_PORT)
SUITE ?= tests
WORKERS ?= 2
CHECKOV := --skip-download --compact --quiet
.DEFAULT_GOAL := help
.PHONY: help run up down token test test-nightly audit-bench lint checkov check openapi formats bench load package clean

help: ## this list
	@echo "tokenvault: a tokenization service for your own AWS account"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'
	@echo
	@echo "  PORT=8000 and EMULATOR_PORT=4566 may be given to run, up and down."

run: $(READY) ## start the whole stack on this machine, show a round trip, serve until Ctrl-C
	@$(LOCAL) run

up: $(READY) ## the same in the background
	@$(LOCAL) up

down: $(READY) ## take down what run or up started
	@$(LOCAL) down

token: $(READY) ## print an access token: make token CLIENT=checkout [SCOPE="vault/tokenize"]
	@$(LOCAL) token "$(CLIENT)" --scope "$(SCOPE)"

test: $(READY) ## all tests, the real Terraform on the emulator among them
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile $(SUITE)

test-nightly: $(READY) ## the property tests with 2,000 examples each
	@HYPOTHESIS_PROFILE=nightly $(PYTHON) -m pytest tests/unit tests/functional

audit-bench: $(READY) ## how long a million audit events take to verify, and how much memory
	@PYTHONPATH=clients/python/src $(PYTHON) -m benchmarks.audit_verify

lint: $(READY) ## ruff, mypy --strict, terraform fmt and validate
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy app.py chalicelib local clients/python/src
	@terraform fmt -check -recursive terraform
	@$(LOCAL) validate

checkov: .venv-checkov/.ready ## checkov on a plan of the production example
	@$(PYTHON) -m local --state .local/plan plan
	@.venv-checkov/bin/checkov --file .local/plan/plan.json --repo-root-for-plan-enrichment .local/plan/terraform $(CHECKOV)
	@.venv-checkov/bin/checkov --directory terraform/bootstrap --framework terraform --skip-path tests $(CHECKOV)

check: lint test ## everything that CI does

openapi: $(READY) ## write docs/openapi.json anew, from the code's own types
	@$(PYTHON) -m local.openapi

formats: $(READY) ## write docs/formats.md and docs/standard-numbers.md anew, from the formats
	@$(PYTHON) -m tests.support.formats_page
	@$(PYTHON) -m tests.support.standard_numbers_page

bench: $(READY) ## measure CPU, calls, cold start, size and cost; writes benchmarks/ and the README's table
	@$(PYTHON) -m benchmarks

load: $(READY) ## load the handlers with more and more callers; shows where it saturates
	@$(PYTHON) -m benchmarks.load

package: $(READY) ## package the app for AWS into terraform/modules/regional
	@$(PYTHON) terraform/packaging/build.py --stage aws

clean: ## remove everything that was made
	rm -rf .venv .venv-checkov .local .mypy_cache .ruff_cache .pytest_cache .hypothesis build

# Made anew only when a requirement changes. A half-made environment has no mark, and is made again.
$(READY): requirements.txt requirements-dev.txt clients/python/pyproject.toml
	@python=$$(for name in python3.11 python3.12 python3.13 python3; do \
	  $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$name && break; done); \
	if [ -z "$$python" ]; then echo "tokenvault needs Python 3.11, 3.12 or 3.13 on the PATH: https://www.python.org/downloads/" >&2; exit 1; fi; \
	echo "making .venv with $$python (once; takes a minute) ..."; \
	rm -rf .venv && $$python -m venv .venv && .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(READY)

.venv-checkov/.ready: requirements-checkov.txt | $(READY)
	@rm -rf .venv-checkov && $(PYTHON) -m venv .venv-checkov
	@.venv-checkov/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-checkov.txt
	@touch $@
