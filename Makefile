# demo, test, lint, bench: each one line that calls the real thing. ARGS is handed on.
PYTHON ?= python3
BIN := .venv/bin
# Three tests at a time (many wait), each file whole in one process; WORKERS=0: one after the other.
WORKERS ?= 3
PYTEST := $(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

demo: setup-demo ; $(BIN)/hailong-server demo $(ARGS)
test: setup-test ; $(PYTEST) $(ARGS) && $(PYTEST) --database postgres tests/server tests/journeys $(ARGS)
lint: setup-test ; $(BIN)/ruff check . && $(BIN)/lint-imports && $(BIN)/mypy
bench: setup-test ; $(BIN)/python -m bench $(ARGS)
powercut: setup-test ; $(BIN)/python -m bench.powercut $(ARGS)
soak: setup-test ; $(BIN)/python -m tests.journeys.soak $(ARGS)
vm: setup-test ; $(BIN)/python -m bench.vm $(ARGS)
installer: ; deploy/pi/try-in-chroot $(ARGS)
photographs: setup-test ; $(BIN)/python -m kiosk.screens.photograph docs/screens $(ARGS)
install: ; @deploy/setup.sh $(PYTHON)

setup-%: ; @deploy/setup.sh $(PYTHON) $*

.PHONY: demo test lint bench powercut soak vm installer photographs install
