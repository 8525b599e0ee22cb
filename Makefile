# Everything here runs in .venv, which is made from constraints.txt on first use.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help train test check format lint types imports site notebooks docs clean

help: ## list what make can do here
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

train: .venv/train ## train the convolutional net on MNIST and save it to cnn/
	tinydigits train cnn

test: .venv/dev ## run all tests but the long ones and those that judge seconds
	pytest -n 2 --dist loadfile

check: lint types imports site test ## all that CI runs

format: .venv/dev ## format the code and mend what ruff can mend
	ruff format .
	ruff check --fix .

lint: .venv/dev ## check the format, and the code by ruff's rules
	ruff format --check .
	ruff check .

types: .venv/dev ## check the types with mypy
	mypy

imports: .venv/dev ## hold the floors of ARCHITECTURE.md
	lint-imports

site: .venv/dev ## build the documentation site into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet

notebooks: .venv/dev ## run both notebooks and keep their outputs
	python notebooks/run.py

docs: .venv/dev ## write the generated parts of docs/
	python docs/generate.py

clean: ## remove the environment and all that was built
	rm -rf .venv dist build site .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/train: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[train]'
	touch $@

.venv/dev: .venv/train
	$(PIP) --editable '.[train,serve,dev]'
	touch $@
