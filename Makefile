# wirelab: everything is a target here. `make` alone prints this list, made from the comments behind ##.
# A target does nothing twice: npm runs when the lock file changed, the compiler when a source did.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := node_modules/.bin
NODE_VERSIONS ?= 22 24
SOURCES := $(shell find src test bench -name '*.ts' 2>/dev/null)
DATA := $(shell find scenarios labs certs/recipes -type f 2>/dev/null)
INSTALLED := node_modules/.package-lock.json
BUILT := dist/.built
COMPILED := dist/.compiled

.PHONY: help
help: ## this list
	@printf 'wirelab: see what the wire sees\n\n  make %-22s%s\n' 'scenario-plaintext' 'start here: a login leaks, live, on this machine'
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sort | while IFS= read -r line; do \
	  printf '  make %-22s%s\n' "$${line%%:*}" "$${line##*## }"; done
	@printf '\nscenarios:%s\n' "$$(cd scenarios && printf ' %s' *)"

.PHONY: setup
setup: build ## install, build, and make the certificates
	@./wirelab certs make

$(INSTALLED): package.json package-lock.json .npmrc
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 19)) { console.error("wirelab needs Node.js 20.19 or newer; this is " + process.version + ". Install a newer one, then run make again."); process.exit(2) }'
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(BUILT): $(INSTALLED) tsconfig.json $(SOURCES)
	$(BIN)/tsc -p .
	@touch $@

$(COMPILED): $(BUILT) $(DATA)
	node dist/src/cli/compile.js
	@touch $@

.PHONY: build
build: $(COMPILED) ## compile the sources and the scenarios

.PHONY: test
test: build ## all tests, with lint and coverage
	@node dist/test/helpers/suite.js

.PHONY: lint
lint: build ## type-aware lint and unused code
	$(BIN)/oxlint --type-aware src test bench
	$(BIN)/knip

.PHONY: test-node-versions
test-node-versions: build ## the suite on other Node versions (NODE_VERSIONS="22 24")
	@node dist/test/helpers/other-nodes.js $(NODE_VERSIONS)

.PHONY: bench
bench: build ## side-by-side benchmarks; writes bench/README.md
	node dist/bench/main.js

.PHONY: schemas
schemas: build ## write the JSON Schemas anew from the code
	node dist/src/cli/compile.js --schemas

scenario-%: build ## run scenarios/% (options: ARGS="--no-tui --json")
	@./wirelab run $* $(ARGS)

.PHONY: clean
clean: ## remove what was built and generated
	rm -rf dist coverage certs/out
