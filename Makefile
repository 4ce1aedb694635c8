# `make help` lists the verbs. Each one does its own set-up (Debian packages included), and does none where everything is there.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Imports that a target does not declare are errors.
BUILD_FLAGS := --explicit-target-dependency-import-check error
CONFIG ?= Examples/quickstart/config.yaml
ARGS ?=
PORT ?= 8000
SECONDS ?= 60
ROUNDS ?= 5
LINTED := $(wildcard Package.swift Sources Tests Fuzz Benchmarks)

.NOTPARALLEL:
.PHONY: help run release test unit e2e build lint format fuzz bench bench-allocations bench-decision conformance soak docs docs-check examples check setup

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: release ## Build in release and start the quickstart; PORT=3000 is your own application, ARGS="--data-dir DIR" and CONFIG=FILE change what runs
	@mkdir -p .build/quickstart && sed 's|http://localhost:8000|http://localhost:$(PORT)|' $(CONFIG) >.build/quickstart/config.yaml
	exec .build/release/postern run --config $(if $(filter 8000,$(PORT)),$(CONFIG),.build/quickstart/config.yaml) $(ARGS)

release: ## Build the product as people run it: .build/release/postern
	@Scripts/setup.sh run
	swift build -c release --product postern --static-swift-stdlib $(BUILD_FLAGS)

test: build ## Build and pass all tests: units, golden files, fuzz corpora, end to end, the quick part of the conformance suite
	@Scripts/setup.sh run conformance
	@Scripts/test.sh unit e2e conformance

unit: build ## The Swift tests alone; ARGS="--filter Suite" chooses some
	@Scripts/test.sh unit -- $(ARGS)

e2e: build ## The end-to-end tests alone; ARGS="-k sign_in" chooses some
	@Scripts/test.sh e2e -- $(ARGS)

build: setup ## Build the product and its tests for debugging
	swift build --build-tests $(BUILD_FLAGS)

setup: ## Install the Debian packages that building and testing need
	@Scripts/setup.sh run test

lint: ## Check the format of the code and the tidiness of the tree
	swift format lint --strict --parallel --recursive $(LINTED)
	@Scripts/check-tree.sh

format: ## Bring the code into its format
	swift format --in-place --parallel --recursive $(LINTED)

fuzz: ## Fuzz every parser; SECONDS=60 is the time for each, ARGS="FuzzCookies" chooses some
	@Scripts/setup.sh run fuzz
	@Scripts/fuzz.sh $(SECONDS) $(ARGS)

bench: release ## Measure beside nginx, HAProxy and Envoy; SECONDS=10 and ROUNDS=5 set the length, ARGS="postern nginx --only tls --profile" chooses
	@Scripts/setup.sh bench
	@Benchmarks/run.sh --seconds $(if $(filter file,$(origin SECONDS)),10,$(SECONDS)) --rounds $(ROUNDS) $(ARGS)

bench-allocations: release ## Count memory allocations per request in a release build; fails where they grew. ARGS=--pin accepts what is measured
	@Scripts/setup.sh bench
	@BENCH_MODULE=bench.allocations Benchmarks/run.sh $(ARGS)

bench-decision: ## Measure one decision over ten criteria; fails where it allocates memory more often than is pinned
	@Scripts/setup.sh bench
	POSTERN_TARGETS=PolicyCriteria swift build -c release --package-path Benchmarks/Decision --scratch-path .build/decision-bench $(BUILD_FLAGS)
	@BENCH_MODULE=bench.decision Benchmarks/run.sh $(ARGS)

conformance: build ## Suites of other people, hostile HTTP/2, smuggling against nginx and HAProxy; ARGS='-m "not slow"' is the quick part
	@Scripts/setup.sh run conformance
	@POSTERN_BINARY=$${POSTERN_BINARY:-$$PWD/.build/debug/postern} Tests/Conformance/run.sh $(ARGS)

soak: build ## 1,000 WebSockets and 100 tunnels through 50 reloads and 5 upgrades; ARGS="--websockets 100 --reloads 200 --pause 1" changes that
	@POSTERN_BINARY=$${POSTERN_BINARY:-$$PWD/.build/debug/postern} Tests/Soak/run.sh $(ARGS)

docs: build ## Write docs/reference from the code and build the DocC documentation, warnings being errors
	@Scripts/reference-pages.sh write
	@Scripts/build-docs.sh

docs-check: build ## Like docs, but fail where docs/reference differs from the code
	@Scripts/reference-pages.sh check
	@Scripts/build-docs.sh

examples: build ## Check every configuration under Examples
	@Scripts/check-examples.sh

check: lint examples docs-check test bench-allocations ## What CI runs
