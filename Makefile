# Entrepairs: everything a newcomer types. `make help` lists it.
.DEFAULT_GOAL := help
SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
# Container images often set it: every process of ours would then compile all it imports anew, seconds each time.
unexport PYTHONDONTWRITEBYTECODE

PYTHON_ENV := .venv/bin/python
# One process more than the cores: some tests wait for real workers.
PYTEST = $(PYTHON_ENV) -m pytest -n $$(( $$(nproc) + 1 )) --maxprocesses 5
# H052: pages that wait for something refresh by themselves, in <noscript> only.
TEMPLATE_FOLDERS = $(wildcard templates)

.PHONY: help demo demo-reset env env-all test prove bench bench-plan bench-ledger bench-close check format screenshots migration lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: env ## Start the whole demo on this machine and print its address and accounts
	@exec $(PYTHON_ENV) -m entrepairs.cli up --demo

demo-reset: env ## Erase the demo's data, then start it anew
	@$(PYTHON_ENV) -m entrepairs.cli reset --yes
	@exec $(PYTHON_ENV) -m entrepairs.cli up --demo

env: ## Make the environment .venv only (hash-locked), with translations and static files
	@config/bootstrap/environment.sh runtime
	@config/bootstrap/compile.sh

env-all: # the same with what tests and checks need
	@config/bootstrap/environment.sh all
	@config/bootstrap/compile.sh

test: env-all ## Run every test on throw-away services, the proofs at reduced size
	@config/bootstrap/browser.sh
	@$(PYTEST) $(ARGS)

prove: env-all ## Run the proofs (races, kills, histories) at full size
	@config/bootstrap/browser.sh
	@ENTREPAIRS_PROOF=full $(PYTEST) $(ARGS)

bench: env-all ## Measure the ranking of a demand beside bare floors (ARGS="--peers 1000")
	@$(PYTHON_ENV) -m tests.bench.rank $(ARGS)

bench-plan: env-all ## Measure plans beside greedy, bare HiGHS and CP-SAT (ARGS="--sizes 50x200")
	@$(PYTHON_ENV) -m tests.bench.plan --cpsat --without-bare 1000x5000 $(ARGS)

bench-ledger: env-all ## Measure books of a million lines: check, pages, export (ARGS="--lines 100000")
	@$(PYTHON_ENV) -m tests.bench.ledger $(ARGS)

bench-close: env-all ## Measure the month end: invoices a second, with and without PDF and rules (ARGS="--sizes 1000")
	@$(PYTHON_ENV) -m tests.bench.close $(ARGS)

check: env-all ## Lint, types, layers, templates, architecture, migrations = models, French complete
	$(PYTHON_ENV) -m ruff check .
	$(PYTHON_ENV) -m ruff format --check .
	$(PYTHON_ENV) -m mypy
	.venv/bin/lint-imports --no-cache
	$(if $(TEMPLATE_FOLDERS),$(PYTHON_ENV) -m djlint $(TEMPLATE_FOLDERS) --profile jinja --lint --quiet --ignore=H052)
	$(PYTHON_ENV) -m pytest tests/architecture -q

format: env-all ## Put the code in its format
	$(PYTHON_ENV) -m ruff check --fix .
	$(PYTHON_ENV) -m ruff format .

screenshots: env-all ## Take the README's three pictures from a running demo (ENTREPAIRS_PORT)
	@$(PYTHON_ENV) config/screenshots.py

migration: env-all ## Write the next migration from what the models say (NAME="peers of a line")
	@$(PYTHON_ENV) config/migration.py $(NAME)

lock: env ## Make the hash-locked requirements again (UPGRADE=--upgrade for newer versions)
	@config/bootstrap/lock.sh $(UPGRADE)

clean: ## Remove what is made: environment, caches, compiled catalogues
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache test-results build dist
	find platform workers tests -name __pycache__ -type d -prune -exec rm -rf {} +
	find platform -name '*.mo' -delete
