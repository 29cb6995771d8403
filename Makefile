# QAPKit: `make run` solves a bundled instance, `make test` runs everything that must pass.

SWIFT ?= swift
# Release builds use this machine's vector instructions; Package.swift itself sets no flags.
RELEASE := -c release -Xcc -march=native
BIN = $(shell $(SWIFT) build $(RELEASE) --show-bin-path)
# Seconds of fuzzing, inputs at most (-1: any number), and the seed of it; 0 chooses one.
FUZZ_SECONDS ?= 60
FUZZ_RUNS ?= -1
FUZZ_SEED ?= 0
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)

.PHONY: run build test test-debug bench examples docs lint format fuzz clean deps

run: build
	$(BIN)/qap solve Instances/qaplib/nug15.dat

build: deps
	$(SWIFT) build $(RELEASE)

# The suite runs optimized and with testability, which builds the programs too; `make test-debug`
# checks every index as well. Fuzzing has a seed here, so that what passes once passes again; `make
# fuzz` looks elsewhere each time.
test: deps lint
	$(SWIFT) test $(RELEASE) -Xswiftc -enable-testing
	$(MAKE) site examples
	rm -rf .build-fuzz/found
	$(MAKE) fuzz FUZZ_SEED=1 FUZZ_RUNS=300000

# Every index of every kernel checked: optimized, but with the assertions of a debug build.
# Unoptimized kernels take too long for the whole suite.
CHECKED := $(RELEASE) -Xswiftc -enable-testing -Xswiftc -assert-config -Xswiftc Debug
test-debug: deps
	$(SWIFT) test $(CHECKED) --scratch-path .build-checked --filter '$(TESTS)'

# The tables of BENCHMARKS.md: `make bench` takes an hour at most on two cores, `make bench-full`
# most of a day for the rest as well. Scripts/bench has the list, and what can be chosen.
PYTHON ?= python3
FOLDER ?= Instances/qaplib
.PHONY: bench-full
bench: build
	PYTHON=$(PYTHON) Scripts/bench $(BIN)/qap-bench

bench-full: build
	PYTHON=$(PYTHON) FOLDER=$(FOLDER) Scripts/bench $(BIN)/qap-bench full
	$(MAKE) bench-peers

# Searches and sweeps over several machines: a package of its own, which alone needs MPI.
.PHONY: mpi test-mpi bench-mpi deps-mpi
MPI := --package-path Sources/qap-mpi --scratch-path .build-mpi $(RELEASE)
# Open MPI starts nothing for root unless it is told twice.
MPI_ROOT := $(shell [ "$$(id -u)" != 0 ] || echo OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
mpi: deps-mpi
	$(SWIFT) build $(MPI) --product qap-mpi
	@echo "mpirun -n 2 $$($(SWIFT) build $(MPI) --show-bin-path)/qap-mpi solve Instances/qaplib/nug15.dat --threads 1"

# Some tests run mpirun --oversubscribe -n 4.
test-mpi: deps-mpi
	$(SWIFT) build $(MPI) --product qap-mpi
	$(MPI_ROOT) $(SWIFT) test $(MPI)

bench-mpi: build mpi
	$(MPI_ROOT) $(BIN)/qap-bench mpi --fill BENCHMARKS.md

deps-mpi: deps
	@if ! command -v mpirun >/dev/null || ! pkg-config --exists ompi-c; then \
	  echo "installing libopenmpi-dev openmpi-bin pkg-config"; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libopenmpi-dev openmpi-bin pkg-config >/dev/null; \
	fi

# `qap` as one binary with the Swift runtime inside, its manual page and shell completions.
PREFIX ?= /usr/local
.PHONY: install uninstall
STATIC := $(RELEASE) --static-swift-stdlib --scratch-path .build-static --product qap
install: deps
	$(SWIFT) build $(STATIC)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	install "$$($(SWIFT) build $(STATIC) --show-bin-path)/qap" $(DESTDIR)$(PREFIX)/bin/qap
	strip $(DESTDIR)$(PREFIX)/bin/qap
	$(DESTDIR)$(PREFIX)/bin/qap manual > $(DESTDIR)$(PREFIX)/share/man/man1/qap.1
	$(DESTDIR)$(PREFIX)/bin/qap --generate-completion-script bash \
	  > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/qap
	$(DESTDIR)$(PREFIX)/bin/qap --generate-completion-script zsh \
	  > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_qap
	$(DESTDIR)$(PREFIX)/bin/qap --generate-completion-script fish \
	  > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/qap.fish

# The C library with its header and its pkg-config file; `make install` installs both.
.PHONY: install-library test-c
LIBRARY := $(RELEASE) --scratch-path .build-static --product qapkit
install: install-library
install-library: deps
	$(SWIFT) build $(LIBRARY)
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	Scripts/link-library "$$($(SWIFT) build $(LIBRARY) --show-bin-path)" $(DESTDIR)$(PREFIX)/lib/libqapkit.so \
	  -lopenblas $(if $(GLPK),-lglpk)
	install -m 644 Sources/QAPKitC/include/qapkit.h $(DESTDIR)$(PREFIX)/include/qapkit.h
	printf '%s\n' 'prefix=$(PREFIX)' 'Name: qapkit' 'Description: Quadratic assignment with proven bounds' \
	  "Version: $$(sed -n 's/.*text = "\(.*\)"/\1/p' Sources/QAP/PackageVersion.swift)" \
	  'Cflags: -I$${prefix}/include' 'Libs: -L$${prefix}/lib -lqapkit' \
	  > $(DESTDIR)$(PREFIX)/lib/pkgconfig/qapkit.pc

# Installs the library into a folder, and builds and runs the C example against it.
C_FOLDER := $(CURDIR)/.build-static/c
test-c:
	$(MAKE) install-library PREFIX=$(C_FOLDER)
	$(CC) -Wall -Wextra -Wno-unused-parameter -Werror Examples/C/solve.c -o $(C_FOLDER)/solve \
	  $$(PKG_CONFIG_PATH=$(C_FOLDER)/lib/pkgconfig pkg-config --cflags --libs qapkit)
	LD_LIBRARY_PATH=$(C_FOLDER)/lib $(C_FOLDER)/solve

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/lib/libqapkit.so $(DESTDIR)$(PREFIX)/include/qapkit.h \
	  $(DESTDIR)$(PREFIX)/lib/pkgconfig/qapkit.pc
	rm -f $(DESTDIR)$(PREFIX)/bin/qap $(DESTDIR)$(PREFIX)/share/man/man1/qap.1 \
	  $(DESTDIR)$(PREFIX)/share/bash-completion/completions/qap \
	  $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_qap \
	  $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/qap.fish

# A package that uses QAPKit as a stranger would, and every command of the documentation. (The
# Swift in it is a test target, Examples/Articles.)
examples: deps
	[ -x $(BIN)/qap ] || $(MAKE) build
	$(SWIFT) run --package-path Examples/CustomCosts --scratch-path .build-examples
	Scripts/docs/commands.sh $(BIN)/qap

# The pictures of the README and of the articles. Matches show the same classes every time; runs
# show this machine's times.
.PHONY: pictures
PICTURES := Documentation/Pictures
FIGURES := Sources/QAPKit/QAPKit.docc/Pictures
SIDES := vision-effnetlite0.npy language-wordnet.npy
pictures: build
	mkdir -p $(PICTURES) .build/pictures
	$(BIN)/qap solve Instances/qaplib/nug16a.dat --threads 2 --quiet --json .build/pictures/nug16a.json
	$(BIN)/qap plot .build/pictures/nug16a.json -o $(PICTURES)/nug16a.svg
	cd Instances/embeddings && $(BIN)/qap match vision-effnetlite0.npy language-wordnet.npy --quiet \
	  --rows rows-effnetlite0-wordnet-10.txt --standardize --truth identity --names classes.txt \
	  --json $(CURDIR)/.build/pictures/match.json
	$(BIN)/qap plot .build/pictures/match.json -o $(PICTURES)/match.svg
	cd Instances/embeddings && $(BIN)/qap match $(SIDES) --quiet --standardize --truth identity \
	  --sizes 10,20,30,40,50,60,80,100 --best 3 --method memetic --time-limit 4 \
	  --json $(CURDIR)/.build/pictures/sizes.json
	$(BIN)/qap plot .build/pictures/sizes.json -o $(FIGURES)/figure-sizes.svg
	cd Instances/embeddings && $(BIN)/qap align $(SIDES) --measures cka,cka-rbf,knn:10,rsa,cknna:10 --quiet \
	  --shuffle 0,20,40,60,80,100 --seeds 0,1,2 --json $(CURDIR)/.build/pictures/align.json
	$(BIN)/qap plot .build/pictures/align.json -o $(FIGURES)/figure-shuffling.svg
	cd Instances/embeddings && $(BIN)/qap match $(SIDES) --quiet --standardize \
	  --rows rows-effnetlite0-wordnet-20.txt --similarities $(CURDIR)/.build/pictures/similarities.npz
	$(BIN)/qap plot .build/pictures/similarities.npz -o $(FIGURES)/figure-similarities.svg \
	  --x-title texts --y-title images
	$(BIN)/qap generate planted-spaces --size 3000 --modes 12 --seed 1 --output .build/pictures/spaces.npz
	$(BIN)/qap translate .build/pictures/spaces.npz:source .build/pictures/spaces.npz:target --quiet \
	  --json .build/pictures/fit.json
	$(BIN)/qap plot .build/pictures/fit.json -o $(FIGURES)/figure-planted.svg

# The documentation as a site in .build/docs, with what is derived from the sources brought up to
# date. Fails on a link that leads nowhere and on a public symbol without documentation.
docs: build site
.PHONY: site
site:
	$(BIN)/qap manual --articles Sources/QAPKit/QAPKit.docc
	SWIFT=$(SWIFT) Scripts/docs/build.sh $(BIN) .build/docs

CODE := Package.swift Sources Solvers Tests Instances Examples Scripts
lint:
	$(SWIFT) format lint --strict --recursive $(CODE)
	SWIFT=$(SWIFT) Scripts/docs/prose

format:
	$(SWIFT) format --in-place --recursive $(CODE)

# Ten seeds (three beyond n = 64) of every instance in FOLDER, a minute each at most. What was run
# is kept in .build/primal.csv: break it off and take it up again at will. (`qap-bench faq`
# compares with SciPy.)
.PHONY: bench-primal
bench-primal: build
	$(BIN)/qap-bench primal --folder $(FOLDER) --fill BENCHMARKS.md

# Proofs of optimality over every instance in FOLDER, two minutes each at most; .build/proofs.csv
# keeps what was run.
.PHONY: bench-proofs
bench-proofs: build
	$(BIN)/qap-bench proofs --folder $(FOLDER) --fill BENCHMARKS.md

# SciPy and HiGHS (where Python has them) beside our methods on the bundled instances, in one
# report; see Scripts/bench-peers for what can be chosen. Some ten minutes; finished runs of ours
# are kept in PEERS.
PEERS ?= .build/peers
.PHONY: bench-peers
bench-peers: build
	PYTHON=$(PYTHON) Scripts/bench-peers $(BIN)/qap $(PEERS)

# Mutated files through every parser, under libFuzzer. Found inputs go to .build-fuzz/.
fuzz: deps
	$(SWIFT) build --package-path Tests/Fuzz --scratch-path .build-fuzz -c release \
	  -Xswiftc -sanitize=fuzzer
	mkdir -p .build-fuzz/found
	SWIFT_BACKTRACE=enable=no SWIFT_DETERMINISTIC_HASHING=1 .build-fuzz/release/fuzz-parsers \
	  -max_total_time=$(FUZZ_SECONDS) -runs=$(FUZZ_RUNS) -seed=$(FUZZ_SEED) \
	  -rss_limit_mb=2048 -timeout=10 -max_len=4096 -print_final_stats=1 \
	  -artifact_prefix=.build-fuzz/ .build-fuzz/found Tests/Fuzz/corpus 2>.build-fuzz/log \
	  || { tail -30 .build-fuzz/log; exit 1; }
	@grep number_of_executed_units .build-fuzz/log

# Every reader for itself, FUZZ_EACH seconds each; READERS are letters of Tests/Fuzz's Reader.swift.
FUZZ_EACH ?= 600
READERS ?=
.PHONY: fuzz-each fuzz-commands soak
fuzz-each: deps
	$(SWIFT) build --package-path Tests/Fuzz --scratch-path .build-fuzz -c release \
	  -Xswiftc -sanitize=fuzzer
	Tests/Fuzz/fuzz-each .build-fuzz $(FUZZ_EACH) $(READERS)

# Sequences of calls of the C interface, made of random bytes; none may trap.
.PHONY: fuzz-calls
CALLS ?= 1000000
fuzz-calls: deps
	$(SWIFT) build --package-path Tests/Fuzz --scratch-path .build-fuzz -c release \
	  -Xswiftc -sanitize=fuzzer --product fuzz-calls
	mkdir -p .build-fuzz/calls
	CALLS=$(CALLS) SWIFT_BACKTRACE=enable=no .build-fuzz/release/fuzz-calls -seed=$(FUZZ_SEED) \
	  -rss_limit_mb=4096 -timeout=30 -max_len=4096 -len_control=0 -artifact_prefix=.build-fuzz/ \
	  .build-fuzz/calls 2>.build-fuzz/calls.log || { tail -40 .build-fuzz/calls.log; exit 1; }
	@tail -1 .build-fuzz/calls.log

# Random command lines for the binary; nothing may trap, hang, or end with an undocumented status.
fuzz-commands: build
	$(BIN)/fuzz-commands $(BIN)/qap Tests/Fuzz/corpus $(FUZZ_EACH)

# Everything that the library does, again and again in one process, whose memory must stay flat.
SOAK_SECONDS ?= 3600
soak: build
	$(BIN)/soak --seconds $(SOAK_SECONDS)

# The suite under the sanitizers, each in a scratch folder of its own that is removed afterwards.
# TESTS picks some of it. (`swift test --sanitize=undefined` would look at Swift, which traps by
# itself: what is instrumented is the C of the headers, through the importer.)
TESTS ?= .
SANITIZED = $(SWIFT) test $(RELEASE) -Xswiftc -enable-testing --no-parallel --filter '$(TESTS)'
.PHONY: sanitize-address sanitize-thread sanitize-undefined
sanitize-address: deps
	ASAN_OPTIONS=detect_leaks=1 LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/lsan.supp \
	  $(SANITIZED) --sanitize=address --scratch-path .build-address
	rm -rf .build-address

sanitize-thread: deps
	TSAN_OPTIONS=halt_on_error=1:suppressions=$(CURDIR)/Tests/tsan.supp $(SANITIZED) --sanitize=thread --scratch-path .build-thread
	rm -rf .build-thread

sanitize-undefined: deps
	$(SANITIZED) -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined --scratch-path .build-undefined
	rm -rf .build-undefined

# The Python package: one wheel for every Python from 3.10 on. Its library needs no package of the
# system: the Swift runtime is inside, and OpenBLAS is the build that PyPI has.
.PHONY: wheel test-python python-tools
WHEEL := -c release -Xcc -march=x86-64-v3 -Xcc -DQAP_SCIPY_OPENBLAS --scratch-path .build-wheel --product qapkit
# Without the trait GLPK the library needs no GLPK.
HAS_TRAIT := $(shell grep -q 'name: "GLPK"' Package.swift && echo yes)
GLPK := yes
WHEEL += $(if $(HAS_TRAIT),--disable-default-traits)
TOOLS := .build-wheel/tools
wheel: deps python-tools
	$(SWIFT) build $(WHEEL)
	mkdir -p Python/src/qapkit/lib
	Scripts/link-library .build-wheel/release Python/src/qapkit/lib/libqapkit.so \
	  "$$($(TOOLS)/bin/python -c 'import scipy_openblas32 as b; print(b.get_lib_dir())')/libscipy_openblas.so" $(if $(HAS_TRAIT),,-lglpk)
	rm -rf Python/build .build-wheel/dist
	$(TOOLS)/bin/python -m pip wheel -q --no-deps --no-build-isolation -w .build-wheel/dist ./Python
	@ls -l .build-wheel/dist

python-tools: deps-python
	[ -x $(TOOLS)/bin/python ] || $(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/python -m pip install -q 'setuptools>=77' wheel scipy-openblas32

# The wheel in a fresh environment outside the checkout: its own tests, its examples, and SciPy's
# tests.
test-python: wheel
	QAPKIT_CLI=$$([ -x $(BIN)/qap ] && echo $(BIN)/qap) \
	  ALLOWED='$(if $(HAS_TRAIT),,libglpk.so.40)' PYTHON=$(PYTHON) Scripts/test-python .build-wheel/dist/*.whl

deps-python:
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "installing python3-venv"; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null; }

clean:
	rm -rf .build .build-wheel .build-static .build-mpi .build-checked .build-fuzz .build-tool .build-examples .build-address .build-thread .build-undefined

# Debian's and Ubuntu's names. What is there already needs no package.
deps:
	@missing=""; \
	[ -e /usr/include/glpk.h ] || missing="$$missing libglpk-dev"; \
	[ -n "$$(ls /usr/lib/*/libopenblas.so /usr/lib*/libopenblas.so 2>/dev/null)" ] \
	  || missing="$$missing libopenblas-dev"; \
	[ -e /usr/include/zlib.h ] || missing="$$missing zlib1g-dev"; \
	if [ -n "$$missing" ]; then \
	  echo "installing$$missing"; \
	  $(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null; \
	fi
