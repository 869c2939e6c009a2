# SPDX-License-Identifier: LGPL-2.1-or-later
# Each target is one line: what it does is in scripts/ and meson.build.

SECONDS ?= 60

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 15

deps:           ## install what is missing (root), and the fwupd headers
	scripts/deps

build: deps     ## configure and compile in build/
	scripts/as-user scripts/build

demo: build     ## carry an update the whole way in the lab
	scripts/demo

check: build    ## run all tests
	scripts/check

bench: build    ## measure, and compare with what people use today
	scripts/bench

torture: build  ## cut the power of flash writes at a thousand points, and recover
	scripts/as-user scripts/torture

fuzz: deps      ## fuzz all parsers at once for SECONDS
	scripts/as-user scripts/fuzz $(SECONDS)

lint: deps      ## run the checks of tests/lint
	scripts/as-user scripts/lint

format: deps    ## clang-format the sources in place
	scripts/as-user sh -c "git ls-files -z '*.[ch]' | xargs -0r clang-format -i"

install: build  ## install; DESTDIR is honoured
	meson install -C build --no-rebuild && chown -R --reference=Makefile build/meson-logs

deb: deps       ## make Debian packages in build/packages
	scripts/as-user scripts/package deb

rpm: deps       ## make RPM packages in build/packages
	scripts/as-user scripts/package rpm

package-check: build ## prove that packages are the same from anywhere, made without network
	scripts/package-check

chroot-check: build ## install the packages in two clean Debian roots, and carry updates between them
	scripts/chroot-check

clean:          ## remove build/
	rm -rf build

.PHONY: help deps build demo check bench torture fuzz lint format install deb rpm package-check chroot-check clean
