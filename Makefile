# demo, test, lint, bench: each one line that calls the real thing. ARGS is handed on.
PYTHON ?= python3
BIN := .venv/bin

demo: setup-demo ; $(BIN)/hailong-server demo $(ARGS)
test: setup-test ; $(BIN)/pytest $(ARGS) && $(BIN)/pytest --database postgres tests/server tests/journeys $(ARGS)
lint: setup-test ; $(BIN)/ruff check . && $(BIN)/lint-imports && $(BIN)/mypy
bench: setup-test ; $(BIN)/python -m bench $(ARGS)
photographs: setup-test ; $(BIN)/python -m kiosk.screens.photograph docs/screens $(ARGS)
install: ; @deploy/setup.sh $(PYTHON)

setup-%: ; @deploy/setup.sh $(PYTHON) $*

.PHONY: demo test lint bench photographs install
