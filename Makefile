# The one list of commands. README and CI use nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.run-ready
DEV_READY := $(VENV)/.dev-ready
VNU := $(VENV)/vnu/node_modules/vnu-jar/build/dist/vnu.jar

.PHONY: help run dev demo staff test quick check bench faults audit html lock clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 16

run: $(RUN_READY) ## the site on http://127.0.0.1:8000 (PORT, DATA_DIR and .env.example's settings are honoured)
	@$(BIN)/python -m nyfp_site.first_run
	@$(BIN)/python manage.py prepare
	@$(BIN)/python manage.py where
	@exec $(BIN)/gunicorn nyfp_site.wsgi

# What is made up, or half done, has a folder of its own: var/ may hold requests.
dev: export DATA_DIR ?= var/dev
dev: export DEBUG := 1
dev: $(RUN_READY) ## for work on the code: reloads on edit, shows tracebacks, sends no mail (data in var/dev)
	@$(BIN)/python -m nyfp_site.first_run
	@$(BIN)/python manage.py prepare
	@$(BIN)/python manage.py where
	@exec $(BIN)/python manage.py runserver "$${PORT:-8000}"

demo: export DATA_DIR ?= var/demo
demo: $(RUN_READY) ## three weeks of a made-up practice with accounts of each kind, served like `make run` (data in var/demo)
	@$(BIN)/python -m nyfp_site.first_run
	@$(BIN)/python manage.py prepare
	@$(BIN)/python manage.py demo
	@$(BIN)/python manage.py where
	@exec $(BIN)/gunicorn nyfp_site.wsgi

staff: $(RUN_READY) ## make a staff account (asks, or takes STAFF_USERNAME, STAFF_EMAIL, STAFF_PASSWORD, STAFF_GROUP)
	@$(BIN)/python manage.py staff_account

test: $(DEV_READY) ## every test, on SQLite and PostgreSQL, with a real browser
	@$(BIN)/python -m tests.everything

quick: $(DEV_READY) ## the tests that need no browser and no processes, on SQLite: under a minute
	@$(BIN)/python -m pytest -q -n 2 -m "not browser and not processes"

check: $(DEV_READY) ## lint, formatting, types, missing migrations
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/python -m tests.migrations_are_complete

bench: $(DEV_READY) ## requests saved a second, and how long the desk's pages take with 50,000 requests
	@$(BIN)/python -m tests.bench.posts
	@$(BIN)/python -m tests.bench.desk

faults: $(DEV_READY) ## real processes, both databases, every fault we know, and a table of what came of it
	@$(BIN)/python -m tests.faults

audit: $(DEV_READY) ## known vulnerabilities of what is locked (asks PyPI; fails when it cannot)
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements.txt
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes -r requirements-dev.txt

html: $(DEV_READY) ## the Nu HTML checker on every page and state (needs Java and npm)
	@test -f $(VNU) || { mkdir -p $(VENV)/vnu && npm install --silent --no-audit --no-fund --prefix $(VENV)/vnu vnu-jar@26.9.27; }
	@$(BIN)/python -m tests.nu_html $(VNU)

lock: $(DEV_READY) ## lock requirements*.in with hashes
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 requirements-dev.in -o requirements-dev.txt

clean: ## remove what can be made again; never DATA_DIR
	rm -rf $(VENV) staticfiles .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	@$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements.txt | $(VENV)/bin/pip
	@echo "Installing what the site needs (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV_READY): requirements-dev.txt $(RUN_READY)
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
