#!/bin/sh
# What the tests drive besides Python: Debian's Chromium, and curl for the lines of the README.
set -eu
missing=
for tool in chromium curl; do command -v "$tool" >/dev/null || missing="$missing $tool"; done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
else
    echo "make: the tests need more: run 'sudo apt-get install$missing' first." >&2
    exit 2
fi
