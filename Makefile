# Everything here runs in .venv, which is made from constraints.txt on first use.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PIP := .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: train test check lint types imports notebooks docs clean

train: .venv/train ## train the convolutional net on MNIST and save it to cnn/
	tinydigits train cnn

test: .venv/dev ## run all tests but the long ones and those that judge seconds
	pytest -n 2 --dist loadfile

check: lint types imports test ## what CI runs

lint: .venv/dev
	ruff format --check .
	ruff check .

types: .venv/dev
	mypy

imports: .venv/dev ## hold the floors of ARCHITECTURE.md
	lint-imports

notebooks: .venv/dev ## run both notebooks and keep their outputs
	python notebooks/run.py

docs: .venv/dev ## write the generated parts of docs/
	python docs/generate.py

clean:
	rm -rf .venv dist build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/train: .venv/bin/python pyproject.toml constraints.txt
	$(PIP) --editable '.[train]'
	touch $@

.venv/dev: .venv/train
	$(PIP) --editable '.[train,dev]'
	touch $@
