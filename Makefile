# What a developer types. Everything is a thin wrapper around cargo.

# Where rustup puts cargo, for a shell that was started before.
export PATH := $(or $(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help demo test check vm luci screenshots po swarm recovery bench doc mutate fuzz fmt clean \
	shellcheck eslint deny ipk reproduce size cross protocols

help:
	@echo 'make demo    see a simulated modem come up, drop and recover (about 15 s after the build)'
	@echo 'make test    every test, the one in a virtual machine included'
	@echo 'make check   format, lints, documentation, shell scripts, licences'
	@echo 'make vm      only the test in a virtual machine'
	@echo 'make luci    only the test of the LuCI pages in a browser'
	@echo 'make screenshots  pictures of the LuCI pages, in docs/luci'
	@echo 'make po      the strings of the LuCI pages, for translators'
	@echo 'make swarm   ten virtual years with every fault (LTEWAN_SECONDS=60, LTEWAN_SEED=n for one)'
	@echo 'make recovery  measure the recovery times in docs/recovery.md anew'
	@echo 'make bench   connect time and cost, beside the stock handlers'
	@echo 'make doc     the documentation of the source, in target/doc'
	@echo 'make mutate  a million mutated configuration files'
	@echo 'make fuzz    look for bytes that break something (FUZZ_SECONDS=60 a target, FUZZ_TARGETS)'
	@echo 'make fmt     format the source'
	@echo 'make ipk     packages for a router (ARCH=mips_24kc and so on), and their index, in target/ipk'
	@echo 'make reproduce  build packages twice in different folders (ARCH), and compare'
	@echo 'make size    how large the program is for each processor, and what makes it so'
	@echo 'make protocols  lints and a test without some of the protocols'
	@echo 'make cross   tests on a big-endian MIPS processor, emulated'
	@echo 'make clean   remove what was built'

demo:
	@tests/setup.sh demo
	cargo build --locked --release --bins --examples
	cargo run --locked --release --quiet --example demo

test:
	@tests/setup.sh test
	cargo test --locked
	$(MAKE) luci
	tests/vm/run

check: shellcheck eslint deny
	tests/luci/po --check
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --document-private-items --no-deps

vm:
	@tests/setup.sh test
	tests/vm/run

# With OPENWRT_ROOT set to the root of an OpenWrt with LuCI, the pages are tested in that.
luci:
	@tests/setup.sh luci
	cargo build --locked --bins --example pages --example simmodem
	tests/luci/run

screenshots:
	@tests/setup.sh luci
	cargo build --locked --bins --example pages --example simmodem
	tests/luci/run screenshots

po:
	@tests/setup.sh check
	tests/luci/po

# About ten minutes on two processors. LTEWAN_SECONDS bounds it, LTEWAN_SEEDS and LTEWAN_FROM choose
# the seeds, LTEWAN_SEED=n walks one and tells its story.
swarm:
	cargo run --locked --profile swarm --quiet --example swarm

recovery:
	cargo run --locked --profile swarm --quiet --example swarm -- recovery > target/recovery.md
	mv target/recovery.md docs/recovery.md

bench:
	@tests/setup.sh demo
	cargo build --locked --release --example simmodem
	cargo bench --locked --bench connect

doc:
	cargo doc --locked --document-private-items --no-deps

mutate:
	LTEWAN_UCI_MUTATIONS=1000000 cargo test --locked --test tests -- mutated_files

# The fuzzer needs cargo-fuzz (`cargo install --locked cargo-fuzz`) and a C++ compiler.
fuzz:
	tests/fuzz/run

ipk:
	@tests/setup.sh cross
	openwrt/ipk $(ARCH)

reproduce:
	@tests/setup.sh cross
	openwrt/reproduce $(or $(ARCH),mips_24kc)

size:
	@tests/setup.sh cross
	openwrt/size $(ARCH)

# In a folder of its own: what has other features would take the place of what `make test` uses.
protocols: export CARGO_TARGET_DIR := target/protocols
protocols:
	for words in '' 'qmi mbim' 'qmi at' 'mbim at'; do \
		cargo clippy --locked --lib --no-default-features --features "stick-page $$words" -- -D warnings || exit; \
	done
	cargo test --locked --no-default-features --features "stick-page qmi" --test tests -- \
		scenario::left_out scenario::connect

cross:
	@tests/setup.sh cross
	openwrt/cross mips_24kc test

fmt:
	cargo fmt

clean:
	cargo clean
	rm -rf tests/vm/cache tests/luci/node_modules

# Every file with a shell's first line, whatever its name.
shellcheck:
	@tests/setup.sh check
	grep -rlE '^#!/bin/(ba)?sh|^#!/usr/bin/env (ba)?sh' files openwrt tests .ci --exclude-dir=cache \
		--exclude-dir=node_modules --exclude='*.rs' --exclude='*.mk' --exclude=Makefile | \
		xargs shellcheck

eslint:
	@tests/setup.sh check
	tests/luci/node_modules/.bin/eslint -c tests/luci/eslint.config.mjs luci-app-ltewan

# Known holes are looked up on GitHub; where that cannot be reached, everything else is still checked.
CARGO_DENY := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ltewan-deny/bin/cargo-deny
deny:
	@tests/setup.sh check
	@if $(CARGO_DENY) fetch db; then what=all; \
	else what='bans licenses sources'; echo 'known holes (advisories) are not checked' >&2; fi; \
	$(CARGO_DENY) --locked check --hide-inclusion-graph $$what
