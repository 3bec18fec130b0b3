# The commands of Winnow. `make run` and `make test` are all that a newcomer needs.
PY ?= python3
V := .venv
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy

.PHONY: setup

setup: $(V)/.installed

# pip does the work where uv has no wheel; both read the same hashed lock.
$(V)/.installed: requirements-dev.lock
	@$(PY) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 15) else "Winnow needs Python 3.11 to 3.14; this is " + sys.version.split()[0] + ". Try: make PY=python3.12 run")'
	@$(PY) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python has no venv module here. On Debian or Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(V)/bin/python || $(PY) -m venv $(V)
	@test -x $(V)/bin/uv || $(V)/bin/python -m pip install -q --disable-pip-version-check "uv>=0.13,<0.14" 2>/dev/null || true
	@if test -x $(V)/bin/uv; then $(V)/bin/uv pip sync -q --require-hashes -p $(V)/bin/python requirements-dev.lock; \
	else $(V)/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock; fi
	@touch $@
