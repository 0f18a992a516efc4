# make run serves the app; make view serves it where nothing is to be trained; make test runs the tests. Each makes what it
# needs.
PYTHON ?= python3
VENV := .venv
NEEDED := requirements
GOAL := run
SMALL :=
BIN := $(VENV)/bin
NODE := node_modules
PORT ?= 8501
ADDRESS ?= localhost
BASE_PATH ?=

.PHONY: run view test quick long coverage check types bench gpu lock clean chromium node always anew

run: $(VENV)/.run
	@DEPTHLAB_TYPED="make $(GOAL)" $(BIN)/python -m core serve --port="$(PORT)" --address="$(ADDRESS)" --base-path="$(BASE_PATH)"

# the same lab without PyTorch, to be looked at, from an environment of its own that takes a tenth of the disk
view:
	@$(MAKE) --no-print-directory run VENV=.view NEEDED=requirements-view GOAL=view SMALL=--no-compile

# Two files at a time: much of a test is waiting for processes. In the order of their names, so that those of seconds (unit)
# come last and both end together; by default files of one long test would.
test: $(VENV)/.dev chromium
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

# says in some minutes whether something broke
quick: $(VENV)/.dev
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow and not long" tests/unit

# what takes minutes, and variants of rare faults; make test leaves them out
long: $(VENV)/.dev chromium
	$(BIN)/python -m pytest -m long

# what of the app the unit tests run, in this process: what it starts in others is not seen
coverage: $(VENV)/.dev
	$(BIN)/python -m coverage run -m pytest tests/unit
	$(BIN)/python -m coverage report --skip-covered --sort=cover

check: node $(VENV)/.dev $(NODE)/.dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/python -m core.web.declared --check
	$(NODE)/.bin/biome check --error-on-warnings
	$(NODE)/.bin/tsc

# the types of what the browser is told, from those of Python
types: $(VENV)/.run
	$(BIN)/python -m core.web.declared

bench: $(VENV)/.dev
	$(BIN)/python -m tests.bench

# whether the lab is right on this machine's GPU, and how fast
gpu: $(VENV)/.dev
	$(BIN)/python -m tests.gpu

# those of requires-python in pyproject.toml
SUPPORTED := (3, 11) <= sys.version_info < (3, 14)
# Whole: made to its end, where activate comes last, with a Python that is there, of these, and finds its own pip.
WHOLE := [ -e $(BIN)/activate ] && $(BIN)/python -I -m pip --version && \
	$(BIN)/python -I -c 'import sys; sys.exit(sys.prefix == sys.base_prefix or not $(SUPPORTED))'

# looked at each time; where it is made anew, what was installed in it is installed again
$(VENV)/pyvenv.cfg: always
	@{ $(WHOLE); } >/dev/null 2>&1 || $(MAKE) --no-print-directory anew

anew:
	@[ ! -e $(VENV) ] || echo "$(VENV) is not whole, or its Python is gone: it is made anew."
	@rm -rf $(VENV)
	@$(PYTHON) -c 'import sys; sys.exit(not $(SUPPORTED))' 2>/dev/null || { echo "Depth Lab needs Python 3.11, 3.12" \
		"or 3.13: install one of these, or name it with make PYTHON=python3.12."; exit 2; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make an environment:" \
		"install what it lacks (Debian: sudo apt install python3-venv) and start again."; exit 2; }

# What is there in the right versions stays as it is, also PyTorch without CUDA; else the lock says what to install.
PIP := $(BIN)/python -m pip install --disable-pip-version-check -q $(SMALL)
install = $(PIP) --isolated --no-index -r $(1).txt 2>/dev/null || $(PIP) --require-hashes -r $(1).lock

REQUIREMENTS := requirements.txt requirements-view.txt requirements-torch.txt

$(VENV)/.run: $(REQUIREMENTS) $(NEEDED).lock $(VENV)/pyvenv.cfg
	@$(call install,$(NEEDED))
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements-dev.lock $(VENV)/.run
	@$(call install,requirements-dev)
	@touch $@

# all that comes with what the app and its tests need, for each Python and system that they run on, with hashes
UV ?= uv
LOCK := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	--custom-compile-command "make lock"
lock:
	$(LOCK) requirements.txt -o requirements.lock
	$(LOCK) requirements-view.txt -c requirements.lock -o requirements-view.lock
	$(LOCK) requirements-dev.txt -c requirements.lock -o requirements-dev.lock

# what checks JavaScript and CSS; the app and its tests need none of it
$(NODE)/.dev: package.json package-lock.json .npmrc | node
	@npm ci --loglevel=error
	@touch $@

node:
	@{ command -v npm && node -e 'process.exit(Number(parseInt(process.versions.node) < 20))'; } >/dev/null 2>&1 || { \
		echo "make check needs Node.js 20 or later with npm: install it (Debian: sudo apt install npm)."; exit 2; }

chromium:
	@command -v chromium >/dev/null || { \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
		else echo "The browser tests need chromium: install it (Debian: sudo apt install chromium), then make test."; exit 2; fi; }

clean:
	rm -rf $(VENV) .view $(NODE) .pytest_cache .ruff_cache .mypy_cache .hypothesis .coverage
