# Everything a person or CI runs. `make test` is the whole of CI: .ci/run and the GitHub workflow only call it.

CARGO ?= cargo
# Arguments of the demo: `make demo ARGS=--once` plays the day and exits.
ARGS ?=
# The simulation: how many seeds, and the first of them.
SEEDS ?= 10000
FIRST ?= 1

.PHONY: help demo test setup lint doc unit contract browser bench simulate
# The steps share one target directory: side by side they would only wait for each other.
.NOTPARALLEL:

help: ## What there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile | expand -t 20

demo: ## A working day on a simulated GitHub, in the terminal; then pages on loopback until Ctrl-C
	$(CARGO) run --quiet --locked -- demo $(ARGS)

test: setup lint doc unit contract browser ## Everything: formatting, lints, documentation, tests, contract, browser

setup: ## Installs what the tests need and this machine lacks
	sh tests/setup

lint: ## Formatting and clippy, warnings are errors
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings

doc: ## Builds the documentation of every item, warnings are errors
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --document-private-items

unit: ## The Rust tests; those against the simulated GitHub leave their traffic in target/traffic
	rm -rf target/traffic && mkdir -p target/traffic
	if $(CARGO) nextest --version >/dev/null 2>&1; then $(CARGO) nextest run --locked; else $(CARGO) test --locked --lib --bins --tests; fi
	sh tests/secrets target/traffic
	$(CARGO) test --locked --doc

# A test beside the binary: features are then those of the tests, and nothing is compiled a second time.
contract: ## Holds that traffic, and our signatures, against what GitHub publishes; calls the agents' tools by the official client
	$(CARGO) build --quiet --locked --bin flyball --test architecture
	node --test --test-reporter=spec tests/contract/*.test.mjs
	node --test --test-reporter=spec tests/mcp/*.test.mjs
	node tests/contract/openapi.mjs target/traffic

browser: ## Opens the pages of the demo in a real browser
	$(CARGO) build --quiet --locked --bin flyball --test architecture
	node tests/browser/pages.mjs target/debug/flyball
	node tests/browser/looks.mjs target/debug/flyball
	node tests/browser/login.mjs target/debug/flyball
	node tests/browser/setup.mjs target/debug/flyball

bench: ## Benchmarks; docs/PERFORMANCE.md says how to read them
	$(CARGO) bench --locked

simulate: ## Everything going wrong, by seed: SEEDS of them (10000) from FIRST on; docs/RELIABILITY.md
	FLYBALL_SEEDS=$(SEEDS) FLYBALL_FIRST_SEED=$(FIRST) $(CARGO) test --locked --test simulation -- --nocapture seeds_hold
