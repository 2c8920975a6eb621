# Everything runs in .venv, which the first command makes from the hashed lock files.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: demo test lint chaos bench mutants lock clean

demo: $(READY)  ## the main job, on a pretend Salesforce and a pretend HubSpot
	$(BIN)/connector demo $(ARGS)

test: $(READY)  ## all tests
	$(BIN)/python -m pytest -n 2 --dist loadscope $(ARGS)

lint: $(READY)  ## style, strict types, the Dockerfile
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile

chaos: $(READY)  ## the long proofs
	$(BIN)/python -m pytest -m chaos $(ARGS)

bench: $(READY)  ## speed, memory and API calls, measured on this machine
	$(BIN)/python -m tests.benchmarks $(ARGS)

mutants: $(READY)  ## would the tests notice if a decision were made differently? survivors are listed at the end
	$(BIN)/python tests/mutants.py run $(ARGS)
	$(BIN)/python -m mutmut results

$(READY): locks/everything.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes -r locks/everything.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

revision: $(READY)  ## write the migration for what changed in the tables: ARGS="words of its name"
	$(BIN)/python -m tests.store.new_revision $(ARGS)

lock:  ## renew the lock files; they name versions and hashes, never an index
	uv pip compile pyproject.toml --extra tests --extra build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --output-file locks/everything.txt
	uv pip compile pyproject.toml --extra postgres --extra build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-header --quiet --constraints locks/everything.txt \
		--output-file locks/production.txt

clean:
	rm -rf .venv
