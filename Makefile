# Two commands for a fresh machine: `make run` and `make test`. They need make and Python >= 3.11;
# everything else is installed into this folder. `make help` lists the rest.

UV_VERSION := 0.13.9
UV := .local/uv/bin/uv
BIN := .venv/bin
SYNCED := .venv/.synced
RUNNABLE := .venv/.runnable

# Never ask, never fetch another Python, never touch an environment that happens to be active.
export UV_PYTHON_DOWNLOADS := never
# Trust whom the machine trusts: many authorities' networks have a certificate of their own.
export UV_SYSTEM_CERTS := true
export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport VIRTUAL_ENV
# Let Python keep what it compiles: else each of the many processes compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help letters pictures run test test-cases check check-style check-types check-house check-contracts hooks format bench-spine bench-draw bench-notify bench-web bench-start screenshots chaos chaos-mutants chaos-full model mail-window ops-demo proof oracle

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

run: $(RUNNABLE) | letters ## set everything up and play the simulated weeks (ONCE=1: stop after the summary)
	@$(BIN)/gleichfall run $(if $(ONCE),--once) $(ARGS)

PYTEST = $(BIN)/pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder $(if $(SEED),--randomly-seed=$(SEED),-p no:randomly)

# Folder by folder, not by the number of tests: long files have few, and whichever came last would
# have one worker wait for the other.
test: $(SYNCED) | judges letters ## set everything up and run all tests but those of `make chaos` (ARGS="-k kafka" for some; SEED=7 in another order)
	@$(PYTEST) -m "not chaos" $(ARGS)

test-cases: $(SYNCED) | letters ## hold the product against peers' and strangers' cases (GLEICHFALL_CASES=file.jsonl), per area
	@$(BIN)/python -m tests.cases

check: $(SYNCED) ## format, lint, types, import rules, unused code, dependencies, migrations, schemas of events, policy and criteria, plain German, publiccode.yml, containers
	@$(MAKE) --no-print-directory --jobs --output-sync=target check-style check-types check-house check-contracts

check-style: $(SYNCED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

check-types: $(SYNCED)
	$(BIN)/mypy

check-house: $(SYNCED)
	$(BIN)/lint-imports
	$(BIN)/pytest --quiet tests/contract/test_unused_code.py tests/contract/test_unused_options.py tests/contract/test_house.py
	$(BIN)/deptry services shared deploy
	$(BIN)/deptry tests --exclude .venv --exclude tests/oracle --non-dev-dependency-groups local,check,test --ignore DEP002

check-contracts: $(SYNCED)
	$(BIN)/squawk */*/spine/*_pre_*.sql services/*/migrations/*_pre_*.sql
	$(BIN)/gleichfall events check
	$(BIN)/gleichfall openapi --check docs/guide/openapi.json
	$(BIN)/gleichfall metrics --check docs/operations/metrics.md
	$(BIN)/gleichfall policy check deploy/policy/karlsruhe.yaml
	$(BIN)/gleichfall policy check deploy/policy/demo.yaml
	$(BIN)/gleichfall policy schema | diff - deploy/policy/policy.schema.json
	$(BIN)/gleichfall criteria check
	$(BIN)/gleichfall criteria schema | diff - services/controlling/forms/criteria.schema.json
	$(BIN)/gleichfall messages check
	$(BIN)/check-jsonschema --schemafile deploy/publiccode.schema.json publiccode.yml
	$(BIN)/python -m deploy.containers.check
	$(BIN)/python -m deploy.dashboards --check

hooks: $(SYNCED) ## hold each commit to a part of `make check`, in under ten seconds
	@$(BIN)/prek install

format: $(SYNCED) ## write the code the way `make check` wants it
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench-spine: $(SYNCED) ## measure the way from HTTP to the draw, beside its ceiling
	@$(BIN)/python -m tests.bench.spine $(ARGS)

bench-draw: $(SYNCED) ## measure deciding, closing and verifying a draw, beside their floors
	@$(BIN)/python -m tests.bench.draw $(ARGS)

bench-start: $(SYNCED) ## measure what each command costs before it does anything, in CPU seconds
	@$(BIN)/python -m tests.bench.start $(ARGS)

bench-web: $(SYNCED) ## measure the workbench's pages with a million decisions and 50,000 reviews, beside almost none
	@$(BIN)/python -m tests.bench.web $(ARGS)

bench-notify: $(SYNCED) | letters ## measure from an event to a mail at a server, beside mails that are ready
	@$(BIN)/python -m tests.bench.notify $(ARGS)

proof: $(SYNCED) ## hold estimates against truths injected into 1,000 periods (.local/proof/; resumes)
	@$(BIN)/python -m tests.proof $(ARGS)

oracle: $(SYNCED) ## compare statistics with other libraries, each in an environment of its own
	@$(BIN)/python -m tests.oracle $(ARGS)

chaos: $(SYNCED) | judges letters ## kill and restart everything under load, and count what is lost; take servers, keys and rights away; restore (SEED=7: one storm)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seeds $(SEED)) $(ARGS)
	@$(if $(SEED)$(ARGS),,$(PYTEST) -m chaos tests/chaos tests/integration)

chaos-mutants: $(SYNCED) ## show that storms on a deliberately broken product are red
	@$(BIN)/python -m tests.chaos.mutants $(ARGS)

chaos-full: $(SYNCED) ## 20 storms of 100,000 events and 100 kills; goes on where it stopped (SEED=7: one)
	@$(BIN)/python -m tests.chaos.full $(if $(SEED),--seeds $(SEED)) $(ARGS)

model: $(SYNCED) ## draw steps, crashes among them, and compare the spine with a small model (SEED=7 repeats)
	@$(BIN)/python -m tests.model $(if $(SEED),--seed $(SEED)) $(ARGS)

pictures: $(SYNCED) | judges letters ## draw docs/confirmation.png: a confirmation as e-mail, SMS and letter
	@$(BIN)/python -m tests.browser.pictures

ops-demo: $(SYNCED) | judges ## let four faults happen on a stack of its own: what fires at Alertmanager, how its runbook ends it
	@$(BIN)/python -m tests.ops_demo

screenshots: $(SYNCED) | judges ## photograph the workbench that `make run` has left, for docs/guide/review.md (ARGS="board": some pages)
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

mail-window: $(SYNCED) ## kill notify while it sends, count the mails sent twice
	@$(BIN)/python -m tests.chaos.mail_window $(ARGS)

# What tests and checks need is a third of the whole; a run goes without it, and takes nothing away.
$(RUNNABLE): uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --quiet --inexact --no-default-groups --group local
	@touch $@

$(SYNCED): uv.lock pyproject.toml | $(UV)
	@$(UV) sync --frozen --quiet
	@touch $@ $(RUNNABLE)

# A Python that is new enough, whatever it is called here.
$(UV): Makefile
	@for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "Setting up with $$($$python --version) ..."; \
			exec $(MAKE) --no-print-directory install-uv PYTHON=$$python; \
		fi; \
	done; \
	echo "Python >= 3.11 is missing: install it, for example with 'apt-get install python3 python3-venv'" >&2; \
	exit 1

# The tests look at pages in a real browser and hand alerts to Prometheus and Alertmanager themselves.
JUDGES := chromium-headless-shell prometheus prometheus-alertmanager
.PHONY: judges
judges:
	@{ command -v chromium-headless-shell && command -v promtool && command -v prometheus-alertmanager; } >/dev/null || { \
		test "$$(id -u)" = 0 && apt-get update --quiet >/dev/null && \
		apt-get install --yes --quiet --no-install-recommends $(JUDGES) >/dev/null; \
	} || { echo "Run 'apt-get install $(JUDGES)' as root: the tests need them" >&2; exit 1; }

# Letters are laid out with these libraries and fonts: root installs them, others are told how.
LETTER_PACKAGES := fonts-noto-core libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
letters:
	@dpkg -s $(LETTER_PACKAGES) >/dev/null 2>&1 || { \
		test "$$(id -u)" = 0 && apt-get update --quiet >/dev/null && \
		apt-get install --yes --quiet --no-install-recommends $(LETTER_PACKAGES) >/dev/null; \
	} || { echo "Run 'apt-get install $(LETTER_PACKAGES)' as root: letters need it" >&2; exit 1; }

# Debian keeps `venv` in a package of its own: root installs it, others are told how.
.PHONY: install-uv
install-uv:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		test "$$(id -u)" = 0 && apt-get install --yes --quiet python3-venv >/dev/null; \
	} || { echo "Python's venv is missing: run 'apt-get install python3-venv' as root" >&2; exit 1; }
	@$(PYTHON) -m venv --clear .local/uv
	@.local/uv/bin/python -m pip install --quiet 'uv==$(UV_VERSION)'
	@touch $(UV)
