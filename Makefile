# wirelab: everything is a target here. `make` alone prints this list, made from the comments behind ##.
#
# 1. A target does nothing twice: npm runs when the lock file changed, the compiler when a source did.
# 2. What is older than its sources is asked of find, so that a file with any name counts, and one that was deleted too
#    (its folder is newer then).
# 3. A stamp is as old as the start of the work it stands for: a source that was saved meanwhile is newer.
# 4. Setting up speaks on standard error; standard output belongs to what was asked for (`make scenario-tls ARGS=--json`).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

BIN := node_modules/.bin
NODE_VERSIONS ?= 22 24
INSTALLED := node_modules/.package-lock.json
BUILT := dist/.built
COMPILED := dist/.compiled

.PHONY: help
help: ## this list
	@printf 'wirelab: see what the wire sees\n\n  make %-22s%s\n' 'scenario-plaintext' 'start here: a login leaks, live, on this machine'
	@grep -hE '^[a-z%-]+:.*## ' $(MAKEFILE_LIST) | sort | while IFS= read -r line; do \
	  printf '  make %-22s%s\n' "$${line%%:*}" "$${line##*## }"; done
	@printf '\nscenarios:%s\nlabs:%s\n' "$$(cd scenarios && printf ' %s' *)" "$$(cd labs && printf ' %s' *)"

.PHONY: setup
setup: build ## install, build, and make the certificates
	@./wirelab certs make

# Asked of the shell, since a Node that is too old may not even read a question in JavaScript.
.PHONY: node
node:
	@have=$$(node --version 2>/dev/null) || have=none; \
	numbers=$${have#v}; major=$${numbers%%.*}; rest=$${numbers#*.}; minor=$${rest%%.*}; \
	case $$major-$$minor in -*|*-|*[!0-9-]*) major=0; minor=0;; esac; \
	if [ "$$major" -lt 20 ] || { [ "$$major" -eq 20 ] && [ "$$minor" -lt 19 ]; }; then \
	  echo "wirelab needs Node.js 20.19 or newer (found: $$have). Install it from https://nodejs.org, then run make again." >&2; \
	  exit 2; \
	fi

# npm keeps what it fetches under HOME; where that cannot be written, a folder that goes again must do.
$(INSTALLED): package.json package-lock.json .npmrc | node
	@echo 'installing packages (npm ci)' >&2
	@command -v npm >/dev/null || { echo 'wirelab needs npm, which comes with Node.js; it was not found.' >&2; exit 2; }
	@cache=$$(npm config get cache); aside=; \
	if ! { mkdir -p "$$cache" && [ -w "$$cache" ]; } 2>/dev/null; then \
	  aside=$$(mktemp -d) && export npm_config_cache="$$aside" npm_config_logs_max=0; \
	fi; \
	npm ci --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error >&2; code=$$?; \
	[ -z "$$aside" ] || rm -rf "$$aside"; exit $$code
	@touch $@

ifneq ($(shell find src test bench -newer $(BUILT) \( -type d -o -name '*.ts' \) 2>/dev/null | head -n 1),)
$(BUILT): FORCE
endif
$(BUILT): $(INSTALLED) tsconfig.json src/ui/html/client/tsconfig.json | node
	@echo 'compiling the sources (tsc)' >&2
	@mkdir -p dist && rm -f $@ && touch $@.begun
	@$(BIN)/tsc -p . >&2
	@$(BIN)/tsc -p src/ui/html/client >&2
	@mv $@.begun $@

ifneq ($(shell find scenarios labs certs/recipes -newer $(COMPILED) 2>/dev/null | head -n 1),)
$(COMPILED): FORCE
endif
$(COMPILED): $(BUILT)
	@echo 'compiling the scenarios' >&2
	@rm -f $@ && touch $@.begun
	@node dist/src/cli/build/compile.js >&2
	@mv $@.begun $@

.PHONY: FORCE
FORCE:

.PHONY: build
build: $(COMPILED) ## compile the sources and the scenarios

.PHONY: test
test: build ## all tests but the slow ones, with lint
	@node dist/test/helpers/suite.js

.PHONY: coverage
coverage: build ## the same, and how much of the code the tests reach (coverage/index.html)
	@node dist/test/helpers/suite.js --coverage

.PHONY: test-fast
test-fast: build ## the tests that start no program and cost little (half a minute)
	@node dist/test/helpers/suite.js --fast

.PHONY: test-peers
test-peers: build ## what takes minutes: real programs, long lists, other clocks and other dates (*.slow.test.ts)
	@node dist/test/helpers/suite.js --slow

# Inputs that reached something new stay in fuzz/corpus and are tried first the next time; those that failed in fuzz/crashes.
.PHONY: fuzz
fuzz: build ## spoilt inputs for every parser (SECONDS=600 TARGET=tls SEED=1)
	@node dist/test/fuzz/main.js $(if $(SECONDS),--seconds '$(SECONDS)') $(if $(TARGET),--target '$(TARGET)') $(if $(SEED),--seed '$(SEED)')

.PHONY: lint
lint: build ## type-aware lint, unused code, what `make format` would change, and modules over their budget of tokens
	$(BIN)/biome format
	$(BIN)/oxlint --type-aware src test bench
	$(BIN)/knip
	@node dist/bench/code-size.js --check

.PHONY: format
format: $(INSTALLED) ## lay out the code (width 110)
	$(BIN)/biome format --write

.PHONY: test-node-versions
test-node-versions: build ## the suite on other Node versions (NODE_VERSIONS="22 24")
	@node dist/test/helpers/other-nodes.js $(NODE_VERSIONS)

.PHONY: bench
bench: build ## side-by-side benchmarks, under 20 minutes; writes into bench/README.md (ARGS="relays refusals" prints some)
	@node dist/bench/main.js $(ARGS)

# Some minutes; where `script` (util-linux) is there, on a terminal too. ARGS chooses runs by their names.
.PHONY: soak
soak: build ## what long runs and hostile peers cost in memory, measured on the real command (SECONDS=15 ARGS=NOOP)
	@$(if $(SECONDS),SECONDS='$(SECONDS)') node dist/bench/soak.js $(if $(ARGS),'$(ARGS)')

.PHONY: endurance
endurance: build ## half an hour under full load: memory, digests, counts; writes into bench/README.md (MINUTES=30)
	@$(if $(MINUTES),MINUTES='$(MINUTES)') node dist/bench/endurance.js

.PHONY: architecture
architecture: build ## draw the modules and their imports (docs/architecture.svg), and their table
	node dist/test/helpers/architecture.js

.PHONY: size
size: build ## how much code there is beside its budget, in tokens without comments, imports and texts (ARGS=src/wire)
	@node dist/bench/code-size.js $(ARGS)

.PHONY: snapshots
snapshots: build ## write the kept screens of the tests anew, to be read as a diff
	WIRELAB_UPDATE_SNAPSHOTS=1 $(BIN)/ava dist/test/ui/tui/snapshots.test.js dist/test/ui/tui/by-hand.test.js dist/test/ui/tui/view/cluster.test.js dist/test/ui/tui/lab.test.js dist/test/ui/tui/home/home.test.js

.PHONY: schemas
schemas: build ## write the JSON Schemas anew from the code
	node dist/src/cli/build/compile.js --schemas

# The file is committed and made anew by hand, when the screen has changed: ports, times and noise differ each time.
.PHONY: picture
picture: build ## draw the screen for the README anew, from a run (docs/screen.svg)
	node dist/src/cli/build/picture.js

.PHONY: pictures
pictures: build ## draw a moment of each scenario anew, from runs, the gallery, and a page as Chromium shows it (ARGS="tls mtls": only these scenarios)
	node dist/src/cli/build/pictures.js $(ARGS)
	$(if $(ARGS),,node dist/test/helpers/page-picture.js)

.PHONY: class
class: build ## pack dist/wirelab-class-VERSION.tar.gz for machines that have Node and no internet (no answers in it)
	@node dist/src/cli/build/class.js

.PHONY: class-instructor
class-instructor: build ## the same with the labs' sources, solutions and instructors' pages
	@node dist/src/cli/build/class.js --instructor

.PHONY: image
image: build ## build the image localhost/wirelab:VERSION with podman, buildah or docker (ENGINE="podman --runtime runc" BASE=IMAGE)
	@$(if $(ENGINE),ENGINE='$(ENGINE)') $(if $(BASE),BASE='$(BASE)') node dist/src/cli/build/image.js

.PHONY: image-from-node
image-from-node: build ## the same without a registry: its base is this machine's node with its libraries, openssl and curl
	@$(if $(ENGINE),ENGINE='$(ENGINE)') node dist/src/cli/build/image.js --from-node

scenario-%: build ## run scenarios/% (options: ARGS="--no-tui --json"; on three network namespaces: HOSTS=netns)
	@./wirelab run '$*' $(if $(HOSTS),--hosts '$(HOSTS)') $(ARGS)

lab-%: build ## begin labs/% in the folder lab-% and keep it up (options: ARGS="--lang ko")
	@./wirelab lab '$*' $(ARGS)

.PHONY: clean
clean: ## remove what was built and generated
	rm -rf dist coverage certs/out
