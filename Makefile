# Everything a person or CI runs. `make test` is the whole of CI: .ci/run and the GitHub workflow only call it.

CARGO ?= cargo
# Arguments of the demo: `make demo ARGS=--once` plays the day and exits.
ARGS ?=
# The simulation: how many seeds, and the first of them.
SEEDS ?= 10000
FIRST ?= 1
# Fuzzing: seconds for each target, and which.
FUZZ_SECONDS ?= 60
FUZZ ?= $(basename $(notdir $(wildcard tests/fuzz/targets/*.rs)))

.PHONY: help demo test setup lint doc unit contract browser bench bench-server simulate fuzz deny
# The steps share one target directory: side by side they would only wait for each other.
.NOTPARALLEL:

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' Makefile | expand -t 24

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
contract: ## Holds that traffic, and our signatures, against what GitHub publishes; calls the agents' tools by the official client; exercises the JSON API
	$(CARGO) build --quiet --locked --bin flyball --test architecture
	node --test --test-reporter=spec tests/contract/*.test.mjs
	node --test --test-reporter=spec tests/mcp/*.test.mjs
	node --test --test-reporter=spec tests/api/*.test.mjs
	node tests/contract/openapi.mjs target/traffic

browser: ## Opens the pages of the demo in a real browser
	$(CARGO) build --quiet --locked --bin flyball --test architecture
	node tests/browser/pages.mjs target/debug/flyball
	node tests/browser/looks.mjs target/debug/flyball
	node tests/browser/login.mjs target/debug/flyball
	node tests/browser/setup.mjs target/debug/flyball

bench: ## Benchmarks; docs/PERFORMANCE.md says how to read them
	$(CARGO) bench --locked

bench-server: ## The whole server beside a bare intake and Probot, on every store: intake, latency, recovery; docs/PERFORMANCE.md
	$(CARGO) bench --locked --bench intake -- 4 5
	$(CARGO) bench --locked --bench server

simulate: ## Everything going wrong, by seed: SEEDS of them (10000) from FIRST on; docs/RELIABILITY.md
	FLYBALL_SEEDS=$(SEEDS) FLYBALL_FIRST_SEED=$(FIRST) $(CARGO) test --locked --profile simulate --test simulation -- --nocapture seeds_hold

fuzz: ## Random bytes against all that strangers shape: FUZZ_SECONDS (60) for each target, or FUZZ="policy patch"; docs/RELIABILITY.md
	sh tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

deny: ## Licences, sources, bans and known weaknesses of the dependencies
	@$(CARGO) deny --version >/dev/null 2>&1 || { echo "cargo-deny is missing: cargo install --locked cargo-deny"; exit 1; }
	$(CARGO) deny --locked --config .ci/deny.toml check bans licenses sources
	@if $(CARGO) deny --config .ci/deny.toml fetch db; then $(CARGO) deny --locked --config .ci/deny.toml check --disable-fetch advisories; \
	else echo "NOT CHECKED: known weaknesses, since the advisory database cannot be fetched from here"; fi
