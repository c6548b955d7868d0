# Two commands do all the set-up on a fresh Debian machine with the Swift toolchain:
#   make demo     builds, and shows this machine's receive path
#   make check    runs every test
# The rest is for those who work on rxtune.

PREFIX ?= /usr/local
DESTDIR ?=
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)
as_root = $(SUDO) env PATH="$$PATH" XDG_CACHE_HOME="$${XDG_CACHE_HOME:-$$HOME/.cache}"
BUILD_PACKAGES := libmnl-dev libnl-3-dev libyaml-dev pkg-config
FLEET_PACKAGES := ethtool git iproute2 openssh-client python3-apt python3-venv
TEST_PACKAGES := ethtool iproute2 procps iputils-ping strace systemd util-linux mandoc man-db fish \
  tmux zsh python3 python3-jsonschema chromium lintian autopkgtest libdpdk-dev $(FLEET_PACKAGES)

# The standard library is linked in: the binary runs where no Swift is installed, and looks for
# nothing beside itself.
# The commit goes into the binary, which tells it by --version; without git there is none to tell.
export RXTUNE_COMMIT ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null)
RELEASE := swift build -c release --static-swift-stdlib --disable-local-rpath
BINARY := .build/release/rxtune

.PHONY: build
build: build-packages
	$(RELEASE) --product rxtune

.PHONY: build-packages test-packages
build-packages:
	@Tests/install-packages.sh $(BUILD_PACKAGES)
test-packages:
	@Tests/install-packages.sh $(BUILD_PACKAGES) $(TEST_PACKAGES)
	@Tests/promtool.sh .build/tools

# Programs that rxtune starts, apart from it for what they link: TCP by lwIP in user space, over rxtune's
# own packet I/O or, where libdpdk-dev is installed, over DPDK's. They lie beside the binaries that are
# built, too, which look for them there.
LIBEXEC := .build/libexec
STACK := Sources/rxtune-lwip/*.c Sources/CKernel/bpf.c
COMPILE_STACK = cc -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -ISources/CKernel/include \
  $$(pkg-config --cflags lwip $(2)) -o $(LIBEXEC)/$(1) $(STACK) $(3) $$(pkg-config --libs lwip $(2))
.PHONY: libexec
libexec:
	@Tests/install-packages.sh gcc libc6-dev liblwip-dev pkg-config
	@mkdir -p $(LIBEXEC)
	$(call COMPILE_STACK,rxtune-lwip,,Sources/CKernel/PacketIO/*.c)
	if pkg-config --exists libdpdk; then \
	  $(call COMPILE_STACK,rxtune-dpdk,libdpdk,Sources/rxtune-dpdk/*.c); fi
	if [ -n "$(MTCP)" ]; then \
	  cc -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror -ISources/CKernel/include \
	    -ISources/rxtune-lwip -o $(LIBEXEC)/rxtune-mtcp Sources/rxtune-mtcp/*.c Sources/rxtune-lwip/main.c \
	    Sources/rxtune-lwip/sum.c Sources/CKernel/bpf.c Sources/CKernel/PacketIO/*.c \
	    $(MTCP) $(MTCP_LIBRARIES) -lpthread -ldl; fi
	@for folder in .build/release .build/check/debug; do \
	  if [ -d $$folder ]; then cp $(LIBEXEC)/* $$folder; fi; done

.PHONY: demo
demo: build-packages
	@Tests/install-packages.sh iproute2 iputils-ping
	$(RELEASE) --product rxtune
	@Tests/demo.sh $(BINARY)

# Every test: those of this machine, the benchmarks' own one at a time (a busy neighbour is what they
# measure), those of a fleet that it relies on, and those of the lab's guests. What they need is built and
# fetched side by side.
UNMEASURED := (Comparison|Caution|CostGrowth|HoldTime|LatencyCounts|Measured|Report|ScalingLaw|Search|SignedRank|SocketAddress|Statistics)Tests
.PHONY: check
check: test-packages
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=line build build-tests lab-kernels ansible-lint
	Tests/binary.sh $(BINARY)
	@$(MAKE) --no-print-directory libexec
	Tests/Lab/prepare.sh $(BINARY)
	@$(MAKE) --no-print-directory deb
	Tests/packages.sh $(DEB) units lintian autopkgtest
	$(call fleet_test,-m essential)
	$(as_root) $(TEST) --skip LabTests --skip 'ScalingTests\.(?!$(UNMEASURED))'
	$(as_root) $(TEST) --no-parallel --filter ScalingTests --skip 'ScalingTests\.$(UNMEASURED)'
	$(call lab_test,,LabTests)

# In a folder of its own, as it is built otherwise than by hand: without debug information, which would
# take time, and backtraces name functions all the same. All tests begin at once, and those that wait,
# for a guest or the clock, are given their turns (Tests/Traits/OwnThread, Tests/Lab/Harness/Lab): Swift
# Testing alone lets no more begin than two a core, and holds the others back for them.
TEST_BUILD := --scratch-path .build/check -debug-info-format none
TEST := env SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=1000 \
  swift test --skip-build $(TEST_BUILD)
.PHONY: build-tests
build-tests: build-packages
	swift build --build-tests $(TEST_BUILD)

.PHONY: lint
lint:
	swift format lint --strict -r Package.swift Sources Tests

# The lab: Debian's kernels under QEMU with real multi-queue NIC drivers (Tests/Lab/README.md).
LAB_PACKAGES := qemu-system-x86 busybox-static ethtool iproute2 cpio kmod xz-utils zstd gcc make \
  binutils

# Root boots the guests, from the cache of the user who prepared it. $(1): variables, $(2): tests
lab_test = $(as_root) RXTUNE_LAB=1 $(1) $(TEST) --filter $(2)

# All that a guest needs but rxtune and its programs.
.PHONY: lab-kernels
lab-kernels:
	@Tests/install-packages.sh $(LAB_PACKAGES)
	Tests/Lab/prepare.sh

.PHONY: lab-prepare
lab-prepare: lab-kernels build libexec
	Tests/Lab/prepare.sh $(BINARY)

# Every test on real drivers.
.PHONY: lab
lab: lab-prepare build-tests
	$(call lab_test,,LabTests)

# Records the lab's guests anew into Tests/Fixtures.
.PHONY: lab-captures
lab-captures: lab-prepare build-tests
	$(call lab_test,RXTUNE_LAB_FIXTURES=$(CURDIR)/Tests/Fixtures,'LabTests.(Recording|Doctor)Tests')

# A shell in a guest: make lab-shell TOPOLOGY=igb
.PHONY: lab-shell
lab-shell: lab-prepare
	$(as_root) Tests/Lab/boot.sh $(TOPOLOGY)

# Man pages, completions and the tables of the README, from the commands and the catalogue.
.PHONY: docs
docs: build-packages
	swift run rxtune-docs

# The guide and the manual pages as a web site, in .build/site/html.
.PHONY: site
site:
	@Tests/install-packages.sh mandoc python3-venv
	packaging/site/build.sh .build/site

# What runs in the kernel, from restricted C (Sources/CKernel/Programs): its instructions, written
# down beside it. A test compiles it again and compares.
PROGRAMS := $(wildcard Sources/CKernel/Programs/*.bpf.c)
.PHONY: programs
programs:
	for p in $(PROGRAMS:.c=); do \
	  Sources/CKernel/Programs/generate.py $$p.c > $$p.new && mv $$p.new $$p.h || exit 1; done

# Installs what `make` and `make libexec` built, and builds nothing: neither toolchain nor network are
# asked for. ZSH_FOLDER: Debian's own zsh reads $(PREFIX)/share/zsh/vendor-completions where PREFIX is
# /usr. STRIP= keeps the symbols.
SHARE = $(PREFIX)/share
ZSH_FOLDER ?= $(SHARE)/zsh/site-functions
UNIT_FOLDER ?= $(PREFIX)/lib/systemd/system
RULE_FOLDER ?= $(PREFIX)/lib/udev/rules.d
STRIP ?= -s
UNITS := Sources/Tuning/Profiles/Units
INSTALL := install -D -m 644
install_unit = sed -e 's|@program@|$(PREFIX)/bin/rxtune|' -e '/^@sandbox@$$/{r $(UNITS)/sandbox.conf' -e 'd}' \
  $(UNITS)/$(1) | $(INSTALL) /dev/stdin $(DESTDIR)$(2)
.PHONY: install
install:
	@[ -x $(BINARY) ] || { echo "make install: $(BINARY) is not built; run make first" >&2; exit 1; }
	install -D $(STRIP) -m 755 $(BINARY) $(DESTDIR)$(PREFIX)/bin/rxtune
	if [ -d $(LIBEXEC) ]; then \
	  install -D $(STRIP) -m 755 -t $(DESTDIR)$(PREFIX)/libexec/rxtune $(LIBEXEC)/*; fi
	$(INSTALL) -t $(DESTDIR)$(SHARE)/man/man1 man/*.1
	$(INSTALL) -t $(DESTDIR)$(SHARE)/man/man7 man/*.7
	$(INSTALL) completions/rxtune $(DESTDIR)$(SHARE)/bash-completion/completions/rxtune
	$(INSTALL) completions/_rxtune $(DESTDIR)$(ZSH_FOLDER)/_rxtune
	$(INSTALL) completions/rxtune.fish $(DESTDIR)$(SHARE)/fish/vendor_completions.d/rxtune.fish
	$(INSTALL) Sources/rxtune.schema.json $(DESTDIR)$(SHARE)/rxtune/rxtune.schema.json
	$(INSTALL) packaging/debian/copyright $(DESTDIR)$(SHARE)/doc/rxtune/copyright
	$(call install_unit,device.service,$(UNIT_FOLDER)/rxtune@.service)
	$(call install_unit,watch.service,$(UNIT_FOLDER)/rxtune-watch.service)
	$(call install_unit,devices.rules,$(RULE_FOLDER)/90-rxtune.rules)
	$(INSTALL) -t $(DESTDIR)$(UNIT_FOLDER) packaging/metrics/*.timer
	sed 's|/usr/bin/rxtune|$(PREFIX)/bin/rxtune|' packaging/metrics/rxtune-metrics.service | \
	  $(INSTALL) /dev/stdin $(DESTDIR)$(UNIT_FOLDER)/rxtune-metrics.service
	$(INSTALL) -t $(DESTDIR)$(SHARE)/rxtune/metrics packaging/metrics/*.yml packaging/metrics/*.json

# Debian packages of what is built, in .build/deb. No Swift is in Debian's archive that could build them
# there.
DEB := .build/deb
PACKAGE_TOOLS := debhelper dpkg-dev gcc libc6-dev make
PACKAGE_CHECKS := lintian autopkgtest mmdebstrap piuparts python3-jsonschema
.PHONY: deb
deb:
	@Tests/install-packages.sh $(PACKAGE_TOOLS)
	rm -rf $(DEB)
	mkdir -p $(DEB)/rxtune
	cp -r packaging/debian $(DEB)/rxtune
	$(INSTALL) packaging/watch.conf $(DEB)/rxtune/debian/tree/etc/rxtune/watch
	@$(MAKE) --no-print-directory install DESTDIR=$(DEB)/rxtune/debian/tree PREFIX=/usr STRIP= \
	  ZSH_FOLDER=/usr/share/zsh/vendor-completions >/dev/null
	cd $(DEB)/rxtune && dpkg-buildpackage --build=binary --no-sign

# Everything that a package has to stand: lintian, its own tests, installing and purging in a bare Debian.
.PHONY: deb-check
deb-check: deb
	@Tests/install-packages.sh $(PACKAGE_CHECKS)
	Tests/packages.sh $(DEB) units lintian autopkgtest piuparts

# The Ansible collection: linted, and run against three hosts of this machine over SSH, with links that
# are cut (packaging/ansible/tests). $(1): arguments for pytest
fleet_test = $(as_root) packaging/ansible/tests/check.sh hosts $(BINARY) $(1)
.PHONY: ansible-check ansible-lint
ansible-check: build ansible-lint
	$(call fleet_test)
ansible-lint:
	@Tests/install-packages.sh $(FLEET_PACKAGES)
	packaging/ansible/tests/check.sh lint

# The same for distributions with RPM, in .build/rpm. Debian's rpmbuild makes it; nobody has installed it
# on one of them yet.
RPM := .build/rpm
.PHONY: rpm
rpm:
	@Tests/install-packages.sh rpm
	rm -rf $(RPM)
	@$(MAKE) --no-print-directory install DESTDIR=$(RPM)/tree PREFIX=/usr >/dev/null
	$(INSTALL) packaging/watch.conf $(RPM)/tree/etc/rxtune/watch
	rpmbuild -bb --quiet --define '_topdir $(CURDIR)/$(RPM)' --define 'tree $(CURDIR)/$(RPM)/tree' \
	  packaging/rpm/rxtune.spec
	rpm -qp --requires $(RPM)/RPMS/*/*.rpm

# What a release consists of, in .build/dist: packages, a tarball for /usr/local, a bill of materials, and
# their sums.
VERSION = $(shell sed -n 's/.* version = "\(.*\)"/\1/p' Sources/Commands/Shared/Release.swift)
TARBALL = rxtune-$(VERSION)-linux-$(shell uname -m)
DIST := .build/dist
.PHONY: dist
dist: export SOURCE_DATE_EPOCH = $(shell git log -1 --format=%ct)
dist: build
	Tests/binary.sh $(BINARY)
	@$(MAKE) --no-print-directory libexec
	@$(MAKE) --no-print-directory deb rpm
	rm -rf $(DIST)
	mkdir -p $(DIST)
	cp $(DEB)/*.deb $(RPM)/RPMS/*/*.rpm $(DIST)
	@$(MAKE) --no-print-directory install DESTDIR=$(DIST)/tree PREFIX=/usr/local >/dev/null
	rm -rf $(DIST)/tree/usr/local/libexec
	cp LICENSE CHANGELOG.md README.md $(DIST)/tree/usr/local/share/doc/rxtune
	tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$(SOURCE_DATE_EPOCH) \
	  --directory $(DIST)/tree/usr/local --transform 's,^\.,$(TARBALL),' . | gzip -9n >$(DIST)/$(TARBALL).tar.gz
	rm -r $(DIST)/tree
	packaging/sbom.py $(BINARY) $(VERSION) >$(DIST)/rxtune-$(VERSION).cdx.json
	cd $(DIST) && sha256sum * >SHA256SUMS && cat SHA256SUMS

# Says what a release lacks; builds it, checks its packages, and tags the commit. Pushing the tag and the
# files is left to you.
.PHONY: release
release:
	@fail() { echo "make release: $$*" >&2; exit 1; }; \
	[ -z "$$(git status --porcelain)" ] || fail "there are changes that are not committed"; \
	grep -q '^## $(VERSION) - 20[0-9-]*$$' CHANGELOG.md || fail "CHANGELOG.md has no day for $(VERSION)"; \
	! git rev-parse -q --verify 'refs/tags/v$(VERSION)' >/dev/null || fail "v$(VERSION) is tagged already"
	@$(MAKE) --no-print-directory dist
	@Tests/install-packages.sh $(PACKAGE_CHECKS)
	Tests/packages.sh $(DEB) units lintian autopkgtest piuparts
	git tag --annotate --message 'rxtune $(VERSION)' 'v$(VERSION)'

# What `rxtune show` costs against the ethtool calls that it replaces, and how that grows.
.PHONY: bench-inspect
bench-inspect: build-packages
	@Tests/install-packages.sh ethtool iproute2 strace
	$(RELEASE) --product rxtune
	$(RELEASE) --product rxtune-bench-inspect
	@$(as_root) $(BINARY)-bench-inspect $(BINARY)

# What watching costs: `rxtune top` once a second with 64 queues, beside `rxtune show` in a loop and
# irqtop.
.PHONY: bench-top
bench-top: build-packages
	@Tests/install-packages.sh ethtool iproute2 util-linux irqtop
	$(RELEASE) --product rxtune
	$(RELEASE) --product rxtune-bench-inspect
	@$(as_root) $(BINARY)-bench-inspect $(BINARY) top

# What following packets costs: server and load over loopback, traced and untraced in turns.
.PHONY: bench-trace
bench-trace: build-packages
	@Tests/install-packages.sh iproute2
	$(RELEASE) --product rxtune
	$(RELEASE) --product rxtune-bench-inspect
	@$(as_root) $(BINARY)-bench-inspect $(BINARY) trace

# Coverage-guided fuzzing of all that reads bytes from outside; FUZZ_TARGETS= names some of them.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?=
.PHONY: fuzz
fuzz: build-packages
	@Tests/fuzz.sh $(FUZZ_SECONDS) $(FUZZ_TARGETS)

# Every listener mode measured on this machine, about ten minutes, into Tests/Measured/MEASURED with
# results, pages and a README. Quiet the machine first.
MEASURED ?= $(shell nproc)-core-vm
.PHONY: sweep
sweep: build-packages
	$(RELEASE) --product rxtune
	$(as_root) Tests/Measured/sweep.sh $(BINARY) Tests/Measured/$(MEASURED)

# The kernel's sockets and what bypasses them, likewise, in about six minutes.
BYPASSED ?= $(MEASURED)-bypass
.PHONY: sweep-bypass
sweep-bypass: build-packages
	$(RELEASE) --product rxtune
	@$(MAKE) --no-print-directory libexec
	$(as_root) Tests/Measured/bypass.sh $(BINARY) Tests/Measured/$(BYPASSED)

# Every listener mode with 1 to 32 workers in the lab's guest with 64 CPUs: where those are emulated,
# the work that a mode makes, and nothing of how fast. It takes some forty minutes; quiet the machine.
LAB_MEASURED ?= 64-emulated-cpus
.PHONY: sweep-lab
sweep-lab: lab-prepare
	$(as_root) Tests/Measured/sweep-lab.py $(BINARY) Tests/Measured/$(LAB_MEASURED)

# rxtune's server and load generator against the same in plain C (Tests/Reference), and against
# neper and wrk where they are on the PATH; six rounds are the least that an interval can be had of.
# Exits with 1 where a goal is missed beyond doubt.
ROUNDS ?= 12
SECONDS ?= 1
.PHONY: bench-self
bench-self: build-packages
	swift build -c release
	cc -O2 -Wall -Wextra -o .build/reference Tests/Reference/reference.c -lpthread
	@$(BINARY)-bench-self $(BINARY) .build/reference $(ROUNDS) $(SECONDS)

# Its AF_XDP server against the same loop in plain C over the same packet I/O, and what XDP itself
# delivers; TCP by lwIP against the kernel's, over AF_XDP and, where libdpdk-dev is installed, DPDK; on
# a veth, without RPS. Exits with 1 where a goal is missed beyond doubt.
PACKET_SOURCES := Tests/Reference/packets.c $(addprefix Sources/CKernel/,bpf.c programs.c PacketIO/*.c)
.PHONY: bench-bypass
bench-bypass: build-packages
	@Tests/install-packages.sh ethtool iproute2 procps
	swift build -c release
	@$(MAKE) --no-print-directory libexec
	cc -O2 -Wall -ISources/CKernel/include -o .build/packets $(PACKET_SOURCES)
	@$(as_root) $(BINARY)-bench-self packets $(BINARY) .build/packets $(ROUNDS) $(SECONDS)

# What `rxtune improve` says where the truth is known: searches among candidates that change nothing, with
# a gain and a loss planted among them, and of what is known to help. Half an hour; quiet the machine.
SEARCHES ?= 20
.PHONY: bench-improve
bench-improve: build-packages
	@Tests/install-packages.sh gcc iproute2
	$(RELEASE) --product rxtune
	@$(as_root) Tests/Benchmarks/improve.sh $(BINARY) $(SEARCHES)
