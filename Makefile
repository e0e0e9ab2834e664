PYTHON ?= python3
WORKSPACE ?= $(HOME)/ikut-eval-demo
ifeq ($(OS),Windows_NT)
BIN = .venv/Scripts
else
BIN = .venv/bin
endif

.PHONY: demo lab test lint lock clean

demo: .venv/ready
	$(BIN)/ikut-eval init $(WORKSPACE) -r fi -r sv -r en
	$(BIN)/ikut-eval synth $(WORKSPACE)/data/pilot.xlsx
	$(BIN)/ikut-eval check -w $(WORKSPACE)
	$(BIN)/ikut-eval run -w $(WORKSPACE)

lab: .venv/ready
	$(BIN)/jupyter lab --notebook-dir=notebooks

test: .venv/ready
	sh tests/install_browser.sh
	$(MAKE) lint
	$(BIN)/pytest

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock:
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock

clean:
	rm -rf .venv

.venv/ready: requirements.lock pyproject.toml
	sh tests/install_python.sh $(PYTHON)
	touch $@
