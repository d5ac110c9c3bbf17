# Needs Python 3.11 or newer and make, nothing else. Another interpreter: make PYTHON=python3.12 demo

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := out/demo

.DEFAULT_GOAL := help
.PHONY: help dashboard demo test images clean

help:
	@echo "make dashboard   open the dashboard in a browser; make dashboard ARGS=\"--server.headless true\""
	@echo "make demo        remove the windows from generated bedrooms; figures into $(DEMO)"
	@echo "make test        format, lint, types and tests"
	@echo "make images      draw the pictures of README.md anew; after make test, which leaves a screenshot"
	@echo "make clean       remove the environment, caches and $(DEMO)"

demo: $(VENV)/.installed
	$(BIN)/dcgan-viz remove-objects --target window --out $(DEMO) --force
	@echo "The figures:"
	@find "$(CURDIR)/$(DEMO)" -name 'figure.*' | sort

dashboard: $(VENV)/.installed-app
	$(BIN)/dcgan-viz dashboard $(ARGS)

test: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest

images: $(VENV)/.installed-dev
	$(BIN)/python docs/images/make.py

clean:
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache

# The stamps make a second call install nothing, until pyproject.toml changes.
$(VENV)/.installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "$(PYTHON) is missing or older than Python 3.11; name a newer one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-app: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[app]'
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
