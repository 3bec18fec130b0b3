# The commands of Winnow. `make run` and `make test` are all that a newcomer needs.
PY ?= python3
V := .venv
BIN := $(V)/bin
LOCALES := es pt_BR ro ru zh_Hans
CATALOGUES := $(LOCALES:%=app/translations/%/LC_MESSAGES/messages.mo)
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy

.PHONY: setup run demo test check sweep bench chaos chaos-control chaos-recount pictures lock messages

# Start everything: queue server, web, workers, tick. Prints one address; Ctrl-C stops it.
run: setup
	@exec $(BIN)/flask run-all

# Rehearse the main job over HTTP, in a temporary home on free ports.
demo: setup
	@$(BIN)/python -m rehearsal

# A file is tested by one process, because some share what is slow to start. (Marked groups would be finer, but
# pytest 9.2 silently ignores those of xdist 3.8.) Files keep their order, in which none that is slow comes last.
PYTEST := $(BIN)/python -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder

test: setup
	$(PYTEST) $(TESTS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/mypy
	$(BIN)/djlint --lint --quiet app/templates
	$(BIN)/python -m pytest -q tests/test_architecture.py tests/test_vendor.py tests/migrations
	$(BIN)/flask challenges check
	@$(MAKE) --no-print-directory messages-check

# The exhaustive tables.
sweep: setup
	WINNOW_SWEEP=1 $(PYTEST) --timeout 600

# Ratios from interleaved runs, never seconds.
bench: setup
	$(BIN)/python -m bench

# Kill everything while people hand in, and count: zero lost, zero doubled. CHAOS_SUBMISSIONS, CHAOS_KILLS, CHAOS_SEED,
# CHAOS_DATABASE (sqlite or postgresql) and CHAOS_HOME (where database, receipts and kills are kept) choose how.
chaos: setup
	@$(BIN)/python -m chaos

# The same kills for a design with RQ alone, which must lose some: so the count above can see a loss.
chaos-control: setup
	@$(BIN)/python -m chaos control

# Count the kept folder CHAOS_HOME once more, with the settings of its run.
chaos-recount: setup
	@$(BIN)/python -m chaos recount

# The pictures of the README, from the running demo.
pictures: setup
	$(BIN)/python -m docs.pictures

setup: $(V)/.installed $(CATALOGUES)

# uv is quick; where it has no wheel or cannot reach the index, pip does the work. Both read the same hashed lock.
$(V)/.installed: requirements-dev.lock
	@$(PY) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 15) else "Winnow needs Python 3.11 to 3.14; this is " + sys.version.split()[0] + ". Name another one: make PY=python3.12 run")'
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null || { echo "This Python has no venv module. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PY) -m venv $(V)
	@test -x $(BIN)/uv || $(BIN)/python -m pip install -q --disable-pip-version-check "uv>=0.13,<0.14" 2>/dev/null || true
	@$(BIN)/uv pip sync -q --compile-bytecode --require-hashes -p $(BIN)/python requirements-dev.lock 2>$(V)/uv.log \
	|| $(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock \
	|| { echo "The packages could not be installed. Is a package index reachable, and is there a wheel for this platform (Linux with glibc 2.28, or macOS)?"; exit 1; }
	@touch $@

%.mo: %.po $(V)/.installed
	@$(BIN)/pybabel -q compile -i $< -o $@

# After a change of dependencies in pyproject.toml.
lock: $(V)/.installed
	$(BIN)/uv lock -q
	$(BIN)/uv export -q --no-emit-project --all-groups --no-header --no-annotate --format requirements-txt -o requirements-dev.lock >/dev/null
	$(BIN)/uv export -q --no-emit-project --no-default-groups --no-header --no-annotate --format requirements-txt -o requirements.lock >/dev/null

# After a change of words: collect them, and bring the catalogues in step.
messages: $(V)/.installed
	@$(BIN)/python -m app.translations.collect

.PHONY: messages-check
messages-check: setup
	@$(BIN)/python -m app.translations.collect --check
