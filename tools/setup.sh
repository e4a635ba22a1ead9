#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is missing on a Debian 12 machine, and says nothing when that is nothing.
#
# usage: tools/setup.sh run|test
#
# `run` is for building and serving, `test` for the tests as well.
set -eu
cd "$(dirname "$0")/.."

fail() {
    echo "setup: $*" >&2
    exit 1
}

case "${1:-}" in
run) lists="tools/packages-run.txt" ;;
test) lists="tools/packages-run.txt tools/packages-test.txt" ;;
*) fail "usage: tools/setup.sh run|test" ;;
esac

# Whether there is a Node.js that the page's tools run on.
has_node() {
    command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) >= 18 ? 0 : 1)' 2>/dev/null
}

missing_packages() {
    # shellcheck disable=SC2086 # the lists are words
    wanted=$(sed 's/#.*//' $lists)
    has_node || wanted="$wanted nodejs npm"
    for package in $wanted; do
        status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || status=
        [ "$status" = installed ] || echo "$package"
    done
}

install_packages() {
    command -v dpkg-query >/dev/null || fail "this machine has no apt: install what $lists name, then use meson"
    missing=$(missing_packages | tr '\n' ' ')
    [ -n "$missing" ] || return 0
    as_root=
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || fail "needs root or sudo to install: $missing"
        as_root=sudo
    fi
    echo "setup: installing $missing"
    log=$(mktemp)
    # shellcheck disable=SC2086 # an empty as_root is no word, the packages are many
    if ! { $as_root apt-get update -qq &&
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o Dpkg::Use-Pty=0 \
            --no-install-recommends $missing; } >"$log" 2>&1 </dev/null; then
        tail -n 30 "$log" >&2
        fail "apt could not install that; the lists are for Debian 12 with its security updates ($log has all it said)"
    fi
    rm -f "$log"
}

# Installs what package-lock.json names, unless that was done.
install_modules() {
    [ -f web/package.json ] || return 0
    [ web/node_modules/.package-lock.json -nt web/package-lock.json ] && return 0
    echo "setup: installing the page's modules"
    (cd web && npm ci --no-audit --no-fund --loglevel=error) || fail "npm ci failed in web/: see above"
    touch web/node_modules/.package-lock.json
}

install_packages
install_modules
