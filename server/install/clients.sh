#!/bin/sh
# Fetch the clients in JavaScript that the tests let ask the site: `clients.sh VENV`, whose Node runs them.
set -eu
PATH=$(cd "$1/bin" && pwd):$PATH
cd "$(dirname "$0")/../../tests/clients"
[ node_modules/.package-lock.json -nt package-lock.json ] && exit 0
fetch() { npm ci --no-progress >/dev/null; }
# a second time takes what the first has fetched from npm's cache
fetch 2>/dev/null || fetch || { echo "make: the tests' clients could not be fetched with npm." >&2; exit 2; }
