# The usual errands. "make ci" is what has to pass before a change lands.

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)
OUT     ?= dist

# nomsgpack drops a codec that gin links and nobody here uses; timetzdata embeds
# the time zones, for images that have none.
TAGS    = nomsgpack timetzdata
LDFLAGS = -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
TOOL    = go tool -modfile=tools/go.mod

FUZZTIME ?= 1m
BENCH    ?= .
COUNT    ?= 1

.PHONY: all build release test race lint fuzz bench scale torture folder demo screenshots ci image clean
all: lint test build

build: ## the binary for this machine, quickly
	go build -o suitekeeper ./cmd/suitekeeper

release: ## the static binary that is shipped, in dist/
	CGO_ENABLED=0 go build -trimpath -tags '$(TAGS)' -ldflags '$(LDFLAGS)' -o $(OUT)/suitekeeper ./cmd/suitekeeper

test:
	go test ./...

race:
	go test -race -timeout 20m ./...

lint:
	go vet ./...
	$(TOOL) golangci-lint run ./...
	.ci/deadcode

fuzz: ## every fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

bench: ## benchmarks; compare runs with: go tool -modfile=tools/go.mod benchstat old new
	go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) ./...

screenshots: ## pictures of every page of the console, and of the stand-in's, in .ci/out/screenshots
	TEST_SCREENSHOTS=$(CURDIR)/.ci/out/screenshots go test -count 1 -run 'IsAccessible|AreAccessible|Newcomer' ./handler/console ./cmd/suitekeeper

scale: ## time lists and pages over 1,000,000 authorisations; half an hour and 8 GB in TMPDIR; TEST_SCALE_DIR=folder keeps the data
	TEST_SCALE=full go test -run '^TestScale$$' -count 1 -timeout 90m -v ./cmd/suitekeeper

torture: ## 1,000 kill -9, 300 power cuts, 10,000 damaged data files, 120 I/O errors, twice 50 restarts, overload, slow peers; as root, for the disk that the power is taken from; takes an hour and more
	TORTURE=full go test -run '^TestKill9|^TestPowerCut|^TestDamagedFile|^TestIOError|^TestRedeploy|^TestOverload|^TestLargeBodies|^TestSlowPeers' -count 1 -timeout 120m -v ./cmd/suitekeeper
	go test -run '^TestDamageIsNeverReadAsData$$' -count 1 -timeout 120m -v ./store/sealed -damage.rounds 10000

folder: ## keep a data folder as commit AT writes it, for the test of upgrades: make folder AT=HEAD FOLDER=schema-2
	git worktree add --force --detach $(OUT)/at $(AT)
	cd $(OUT)/at && go build -o ../at-suitekeeper ./cmd/suitekeeper
	git worktree remove --force $(OUT)/at
	FOLDER_BINARY=$(abspath $(OUT))/at-suitekeeper FOLDER_KEPT=$(CURDIR)/cmd/suitekeeper/testdata/folders/$(FOLDER) \
	  go test -run '^TestDataFolderTellsWhatItsWriterTold$$' -count 1 -v ./cmd/suitekeeper

demo:
	go run ./cmd/suitekeeper demo

ci:
	.ci/run

image:
	docker build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t suitekeeper:$(VERSION) .

clean:
	rm -rf $(OUT) suitekeeper
