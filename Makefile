# serve · test · bench · format. On a bare machine: Python 3.11 or newer, git and make are enough.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

ASSETS := server/ldnkg/web/static/npm

.PHONY: serve test test-stores bench lint check format assets clients

# What runs in the browser comes while the release is built; until then, and without npm, pages are plain.
serve: $(VENV)/.installed
	@sh server/install/assets.sh $(VENV) $(ASSETS) & exec $(BIN)/ldnkg serve $(if $(HOST),--host $(HOST)) $(if $(PORT),--port $(PORT)) $(if $(BASE),--base $(BASE))

test: $(VENV)/.installed-for-tests assets clients lint check
	$(BIN)/python -m pytest -q -n auto --dist loadfile

# The tests of the web with the graph of every site in Virtuoso, then in Fuseki, one of each a processor (docs/stores.md)
test-stores: $(VENV)/.installed-for-tests assets
	for engine in $(or $(STORE),virtuoso fuseki); do LDNKG_TEST_STORE=$$engine $(BIN)/python -m pytest -q -n auto --dist loadfile \
		tests/test_web_*.py tests/test_sparql_*.py tests/test_self_description.py tests/test_views.py tests/test_tombstones.py \
		tests/contract || exit 1; done

assets: $(VENV)/.installed
	@sh server/install/assets.sh $(VENV) $(ASSETS)

clients: $(VENV)/.installed-for-tests
	@sh server/install/clients.sh $(VENV)

# make bench SIZE=100k,1m PEERS=oxigraph,nginx PARTS=documents,sparql ROUNDS=5 DURATION=2: see tests/bench/__main__.py
bench: $(VENV)/.installed-for-tests
	@SIZE='$(SIZE)' PEERS='$(PEERS)' PARTS='$(PARTS)' ROUNDS='$(ROUNDS)' DURATION='$(DURATION)' REPORT='$(REPORT)' \
		PYTHONPATH=server:tests $(BIN)/python -m bench

lint: $(VENV)/.installed-for-tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check: $(VENV)/.installed-for-tests
	$(BIN)/ldnkg format --check
	$(BIN)/ldnkg check

format: $(VENV)/.installed-for-tests
	$(BIN)/ruff format
	$(BIN)/ldnkg format

$(BIN)/python:
	@sh server/install/virtualenv.sh $(PYTHON) $(VENV)

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.installed-for-tests: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@sh server/install/test-tools.sh
	@touch $(VENV)/.installed $@
