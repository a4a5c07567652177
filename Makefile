# Everything leans on `make setup`: a virtual environment with the locked dependencies, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := PIP_CONSTRAINT= $(BIN)/python $(wildcard setup/pip-*.whl)/pip --disable-pip-version-check

.PHONY: help setup demo check test validation permissions spark bench fuzz clean
.DEFAULT_GOAL := help

help:
	@echo "make demo  演示   make setup  安装（.venv）   make test  全部测试   make validation  写出验证表   make permissions  写出权限表   make check  规范检查   make spark  安装 Spark   make bench  性能对比   make fuzz  夜间模糊测试"

setup: $(STAMP)

# pip comes as a wheel in setup/, since Debian's python3 carries neither pip nor ensurepip.
$(STAMP): requirements/lock.txt pyproject.toml
	@echo "→ 建立虚拟环境 $(VENV)（需要 Python 3.11 或更高）"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "需要 Python 3.11 或更高，现为 " + sys.version.split()[0])'
	@$(PYTHON) -m venv --without-pip --clear $(VENV)
	@echo "→ 安装已锁定（含哈希）的依赖，首次约需一两分钟"
	@$(PIP) install --progress-bar on --require-hashes --only-binary :all: -r requirements/lock.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

# PORT, HOST and YJZ_DATA choose another address or data folder: two clones can run at once.
demo: setup
	@$(BIN)/yjz demo

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m yuejingzhun.project.check

# Two processes halve the time. The journeys start whole servers: beside other tests they would have too little of the machine.
test: setup
	$(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/system
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/system

# The table of published values in docs/validation.md, written by the run that checks them.
validation: setup
	$(BIN)/python -m pytest tests/metrology --write-validation

# docs/permissions.md, written once the code agrees with the table cell by cell.
permissions: setup
	$(BIN)/python -m pytest tests/permissions --deselect tests/permissions/test_permissions.py::test_the_page_is_what_the_table_says
	PYTHONPATH=tests $(BIN)/python tests/permissions/page.py

# The libraries that ours are compared with live in an environment of their own.
PEERS := .venv-peers
$(PEERS)/.installed: requirements/bench.txt
	@$(PYTHON) -m venv --without-pip --clear $(PEERS)
	@PIP_CONSTRAINT= $(PEERS)/bin/python $(wildcard setup/pip-*.whl)/pip --disable-pip-version-check install --quiet --require-hashes -r requirements/bench.txt
	@touch $@

bench: setup $(PEERS)/.installed
	@for file in $(filter-out %_peers.py,$(wildcard benchmarks/*.py)); do \
		echo "== $$file"; YJZ_PEERS=$(CURDIR)/$(PEERS)/bin/python $(BIN)/python $$file || exit 1; done

# Apache Spark, 460 MB and in need of Java 17, beside our own libraries: where it is, the engine is tested on it, too.
SPARK := .venv-spark
spark: $(SPARK)/.installed
$(SPARK)/.installed: requirements/spark.txt $(STAMP)
	@$(BIN)/python -m venv --without-pip --clear $(SPARK)
	@ours=$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
		theirs=$$($(SPARK)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
		echo "import site; site.addsitedir('$$ours')" > "$$theirs/ours.pth"
	@PIP_CONSTRAINT= $(SPARK)/bin/python $(wildcard setup/pip-*.whl)/pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --require-hashes -r requirements/spark.txt
	@touch $@

# For the night: each target as long as MINUTES says, from what earlier nights found.
MINUTES ?= 30
fuzz: setup
	YJZ_FUZZ_SECONDS=$$(($(MINUTES) * 60)) YJZ_FUZZ_CORPUS=$(CURDIR)/var/fuzz $(BIN)/python -m pytest tests/fuzz

clean:
	rm -rf $(VENV) $(PEERS) $(SPARK)
