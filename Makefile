# What a person does with a checkout. Every target sets up what it needs first.

PYTHON := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak coverage check bench clean

help: ## say what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install system packages, Python packages in .venv, and PJSIP for a switch
	@scripts/setup

demo: setup ## run a switch, let phones call it, watch
	@$(PYTHON) examples/demo.py

test: setup ## run all tests, those with real SIP clients included
	@$(PYTHON) -m pytest -n 2 --dist loadgroup

soak: setup ## long tests: music of two minutes on real calls, the engine's rule machines (EXAMPLES=20000)
	@SOFTSWITCH_SOAK=1 $(PYTHON) -m pytest tests/office/test_received_audio.py
	@SOFTSWITCH_EXAMPLES=$(or $(EXAMPLES),20000) $(PYTHON) -m pytest --timeout=36000 \
	  tests/acd/test_acd_machine.py tests/acd/test_acd_machine_full.py

coverage: setup ## every branch of the queue engine taken by its tests, or status 1
	@SOFTSWITCH_PLAIN=1 $(PYTHON) -m coverage run -m pytest -q tests/acd tests/hours
	@$(PYTHON) -m coverage report

check: setup ## lint, formatting, types, and the wheel imported from elsewhere
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@$(PYTHON) scripts/check_wheel.py

bench: setup ## measure calls per second, delays, processor and memory, sound
	@status=0; for what in sip acd sound ivr; do $(PYTHON) benchmarks/$$what.py || status=1; done; exit $$status

clean: ## remove .venv and everything generated; what PJSIP was built from stays in the user's cache
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
