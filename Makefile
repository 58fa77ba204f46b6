# `make` lists the targets. Each one does its own set-up in .venv.
.DEFAULT_GOAL := help
.PHONY: help run test quick thorough faults crosstalk elsewhere newest check types format bench docs lock site screenshots clean venv dev
PY := .venv/bin/python
CODE := simulator tests benchmarks scripts $(wildcard streamlit_app.py)
QUICK := tests/test_architecture.py tests/test_words.py tests/test_errors.py tests/test_documents.py tests/test_catalog.py \
	tests/snapshot tests/usage tests/plans tests/pricing tests/engine tests/aws
FAULTS := tests/sources/collect/test_faults.py tests/sources/collect/test_identity.py \
	tests/sources/collect/test_resume.py tests/sources/collect/test_credentials.py tests/test_fuzz_files.py \
	tests/sources/bills/test_mutations.py
# A file stays with one worker: its fixtures (server, browser, Spark, stand-in) are made once. One process: PARALLEL=
PARALLEL := -n 2 --dist loadfile
export PYTHON
export PYTHONPATH := $(CURDIR)

help: ## this list
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: venv ## open the app on the sample account
	$(PY) -m streamlit run streamlit_app.py

test: dev ## the tests; installs Chromium, LibreOffice and PostgreSQL where it may
	@scripts/bootstrap chromium
	@scripts/bootstrap soffice
	@scripts/bootstrap postgres
	$(PY) -m pytest $(PARALLEL) $(ARGS)

quick: dev ## most of the confidence within two minutes: physics, money, snapshots, words; no browser, no stand-in
	FUZZ=60 $(PY) -m pytest -q $(PARALLEL) $(QUICK) $(ARGS)

thorough: dev ## what takes long beside what it adds: 100 rounds of quick input, every benchmark, bills on Spark
	@scripts/bootstrap chromium
	@scripts/bootstrap soffice
	@scripts/bootstrap java
	@scripts/bootstrap postgres
	$(PY) -m pytest -m thorough $(PARALLEL) $(ARGS)

faults: dev ## the battery of faults against a stand-in for AWS, damaged files, and its table
	FUZZ=5000 DAMAGED=1000 $(PY) -m pytest -q -m "" --tb=short -p no:cacheprovider -p tests.fault_table $(FAULTS) $(ARGS)

crosstalk: dev ## 10,000 random actions of 5 users at once on SQLite and PostgreSQL: nobody reaches what is another's
	@scripts/bootstrap postgres
	ACTIONS=10000 $(PY) -m pytest -q -p no:cacheprovider tests/workspace/test_cross_talk.py $(ARGS)

elsewhere: dev ## other Pythons, time zone, locale, user and folder
	scripts/test_elsewhere

newest: dev ## the quick tests on the newest Python
	PYTHONS=3.13 scripts/test_elsewhere $(QUICK)

check: dev ## format, lint, types, test; CI: `.ci/run`, which adds `make thorough`
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	.venv/bin/lint-imports
	$(MAKE) types
	$(MAKE) test

types: dev ## mypy, strict
	$(PY) -m mypy $(CODE)

format: dev ## rewrite the code in the house style
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

bench: dev ## ratios against floors, measured in this run
	@scripts/bootstrap chromium
	$(PY) -m benchmarks $(ARGS)

docs: dev ## write the generated pages of docs/
	for page in $(wildcard scripts/docs_*.py); do $(PY) "$$page" || exit; done

lock: dev ## uv.lock from pyproject.toml, requirements.txt from it; to move versions: ARGS=--upgrade
	$(PY) -m pip install --quiet uv
	PATH="$(CURDIR)/.venv/bin:$$PATH" scripts/lock $(ARGS)

site: dev ## the docs site, into build/site; a broken link fails
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet

screenshots: dev ## pictures of each page for docs/
	@scripts/bootstrap chromium
	$(PY) scripts/screenshots.py

clean: ## remove what the targets made
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@scripts/bootstrap run

dev:
	@scripts/bootstrap dev
