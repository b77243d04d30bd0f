# Targets for people; `make help` lists them. HOME_DIR is where everything a run writes goes.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= var
STAMP := $(VENV)/.installed
# a process per core; what a module sets up is set up once
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo run ui test test-slow prove mutants lint clean bench-consent bench-audiences bench-identity bench-web bench-profile

help: ## Show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## (.*)/\1|\2/' | column -t -s '|'

setup: $(STAMP) ## Create .venv with the locked requirements

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' \
	  || { echo "Python 3.11 or 3.12 is needed; set PYTHON=/path/to/python3.11"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## Run the whole nightly job on the bundled sample, into ./var
	@$(BIN)/samtykke run --home $(HOME_DIR) --landing sample --as-of "$$($(BIN)/python -c 'import json; print(json.load(open("sample/SAMPLE.json"))["as_of"])')"

run: $(STAMP) ## Run the nightly job on the drop folder ./var/landing
	@$(BIN)/samtykke run --home $(HOME_DIR)

ui: $(STAMP) ## Open Dagster on http://127.0.0.1:3000 (schedule and sensors are switched on there)
	@export SAMTYKKE_HOME="$(abspath $(HOME_DIR))" && export DAGSTER_HOME="$$($(BIN)/python -m assets.instance)" && \
	  exec $(BIN)/dagster dev --workspace workspace.yaml --host 127.0.0.1 --port 3000

test: $(STAMP) lint ## Lint, parse the dbt project, run every test but the slow ones
	@SAMTYKKE_HOME="$$(mktemp -d)" $(BIN)/dbt parse --quiet --profiles-dir . --target-path target --log-path target
	$(BIN)/python -m pytest -m "not slow" $(PARALLEL)

test-slow: $(STAMP) ## Run the tests that take minutes
	$(BIN)/python -m pytest -m slow $(PARALLEL)

prove: $(STAMP) ## Hold the SQL of consent to the oracle on 100,000 histories (KEYS=…, SEED=…; about 25 CPU minutes)
	$(BIN)/python -m tests.properties.prove --keys $(or $(KEYS),100000) $(if $(SEED),--seed $(SEED))

bench-consent: $(STAMP) ## Measure the consent decision against a hand-written script (PEOPLE=1000000; minutes, some GB in BENCH_DIR)
	$(BIN)/python -m bench.consent --people $(or $(PEOPLE),1000000) --folder "$${BENCH_DIR:-$$(mktemp -d)/bench}"

bench-audiences: $(STAMP) ## Measure audiences, their files and the fast lane against a hand-written script (likewise)
	$(BIN)/python bench/audiences.py --people $(or $(PEOPLE),1000000) --folder "$${BENCH_DIR:-$$(mktemp -d)/bench}"

bench-identity: $(STAMP) $(VENV)-bench/.installed ## Measure who is taken for whom against plain Splink (PEOPLE=20000; RECORDS=1000000 adds all, a batch and an erasure, EDGES=10000000 components)
	PSEUDOPEOPLE_PYTHON=$(VENV)-bench/bin/python $(BIN)/python -m bench.identity --people $(or $(PEOPLE),20000) $(if $(RECORDS),--records $(RECORDS)) $(if $(EDGES),--edges $(EDGES)) $(if $(BENCH_DIR),--folder "$(BENCH_DIR)")

train-identity: $(STAMP) ## Learn the shipped weights of linking by likeness anew (your own: samtykke identity train)
	$(BIN)/python -m bench.identity_train

# What draws pseudopeople's records needs other versions than the product; without it the bench skips them in a sentence.
$(VENV)-bench/.installed:
	$(PYTHON) -m venv $(VENV)-bench
	-$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check 'pseudopeople==1.3.1'
	@touch $@

bench-profile: $(STAMP) ## Measure lookups of one person while a run publishes (PEOPLE=1000000; minutes, some GB in BENCH_DIR)
	$(BIN)/python -m bench.profile_lookup --people $(or $(PEOPLE),1000000) --folder "$${BENCH_DIR:-$$(mktemp -d)/bench}"

bench-web: $(STAMP) ## Measure visits: everything, one more day, and a plain statement that finds visits (CLICKS=2000000)
	$(BIN)/python -m bench.web --clicks $(or $(CLICKS),2000000) --folder "$${BENCH_DIR:-$$(mktemp -d)/bench}"

mutants: $(STAMP) ## Change the SQL of consent one slip at a time and see that a test notices (MODEL=… for one model)
	$(BIN)/python -m tests.properties.mutants $(if $(MODEL),--model $(MODEL))

lint: $(STAMP)
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .

clean: ## Remove build leftovers; the home (./var) and .venv stay
	rm -rf target logs dbt_packages .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
