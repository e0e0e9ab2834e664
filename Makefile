PYTHON ?= python3
WORKSPACE ?= $(HOME)/ikut-eval-demo
AUDIENCE ?= internal
ifeq ($(OS),Windows_NT)
BIN = .venv/Scripts
else
BIN = .venv/bin
endif
PIP = $(BIN)/python -m pip install --disable-pip-version-check
BROWSERS = chromium chromium-browser google-chrome google-chrome-stable chrome msedge

NOTEBOOK_FILTER = $(BIN)/nbstripout --keep-id --strip-init-cells --extra-keys "metadata.papermill cell.metadata.papermill \
	metadata.language_info.codemirror_mode metadata.language_info.file_extension metadata.language_info.mimetype \
	metadata.language_info.nbconvert_exporter metadata.language_info.pygments_lexer metadata.language_info.version"

unexport PYTHONDONTWRITEBYTECODE # uv leaves compiling to the first import, which must then be kept: every kernel imports again

.PHONY: demo dashboards lab test lint docs bench lock filter

demo: .venv/ready ## the main job on the synthetic pilot, and its dashboards
	$(BIN)/ikut-eval demo "$(WORKSPACE)"

dashboards: .venv/ready ## the pages of `make demo` in a browser, for AUDIENCE internal or public
	@test -d "$(WORKSPACE)/bundles/internal" || $(MAKE) demo
	$(BIN)/ikut-eval dashboard --audience $(AUDIENCE) -w "$(WORKSPACE)"

lab: .venv/ready filter ## JupyterLab, on the notebooks and the pages
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks --LabApp.news_url= \
		--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate --KernelProvisionerFactory.default_provisioner_name=ikut-eval-silent

test: .venv/ready lint ## everything the tests need, then the tests: on three workers, as many tests wait for a kernel or a browser
	@for name in $(BROWSERS); do command -v $$name >/dev/null && exit 0; done; sh .ci/apt chromium fonts-liberation
	-@command -v pdftotext >/dev/null || sh .ci/apt poppler-utils
	-@command -v soffice >/dev/null || sh .ci/apt libreoffice-calc-nogui
	$(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

lint: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/ready ## the API reference, from the docstrings, into build/docs
	$(BIN)/pdoc --docformat numpy --no-show-source --output-directory build/docs ikut_eval

bench: .venv/ready ## where the time goes: batch, exact tests, design proof
	$(BIN)/python bench/batch.py
	$(BIN)/python bench/inference/compare.py
	$(BIN)/python bench/disclosure/proof.py
	$(BIN)/python bench/disclosure/audit.py
	$(BIN)/python bench/disclosure/attack.py
	$(BIN)/python bench/dashboards/compare.py

filter: ## git stores notebooks without outputs; where the filter cannot run, it refuses to add a notebook
	@git rev-parse --git-dir >/dev/null 2>&1 || exit 0; \
	git config filter.notebooks.clean '$(NOTEBOOK_FILTER)' && git config filter.notebooks.smudge cat && git config filter.notebooks.required true

lock: ## needs uv; writes hashes and no addresses
	uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-header --quiet --output-file requirements.lock

# uv installs the lock file in seconds; pip takes longer, and takes over where uv cannot be installed or finds no index.
.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Python 3.11 or newer is needed: make PYTHON=..."; exit 1; }
	@$(PYTHON) -c "import ensurepip, venv" 2>/dev/null || sh .ci/apt python3-venv
	$(PYTHON) -m venv .venv
	@sed -n '/^uv==/,/# via/p' requirements.lock >.venv/uv.txt
	-@$(PIP) --quiet --require-hashes --requirement .venv/uv.txt
	@for install in "$(BIN)/uv pip install --python $(BIN)/python" "$(PIP)"; do \
		$$install --quiet --require-hashes --requirement requirements.lock && $$install --quiet --no-deps --no-build-isolation --editable . && exit 0; \
	done; exit 1
	@$(MAKE) --no-print-directory filter
	@touch $@
