# Everything happens in .venv; it is made on first use.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check build bench-speed clean
.DELETE_ON_ERROR:

demo: .venv/core ## install what is needed to run, and run the main job on the embedded data
	mkdir -p build/demo
	$(BIN)/translator demo --dir build/demo
	rm -rf build/demo/vse-demo
	$(BIN)/vse demo --dir build/demo

test: .venv/dev ## install everything, and pass the tests
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal

.PHONY: test-reordered
test-reordered: .venv/dev ## the numerical tests, whose sums round as on another processor
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal --reorder 2 --ignore tests/cli --ignore tests/test_packaging.py tests

check: .venv/dev ## what CI runs before the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench-speed: .venv/dev ## ours and peers timed in turns; DATA=... FASTTEXT=... add RCSLS
	$(BIN)/python -m benchmarks.studies.speed $(if $(DATA),--data $(DATA)) $(if $(FASTTEXT),--align-py $(FASTTEXT))
	$(BIN)/python -m benchmarks.render

build: .venv/dev
	$(BIN)/python -m build

.venv/bin/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip

.venv/core: .venv/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[vse]'
	touch $@

.venv/dev: .venv/core
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
