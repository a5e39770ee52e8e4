#!/bin/sh
# The browser that the tests drive: Debian's Chromium.
set -eu
command -v chromium >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null
else
    echo "make: the tests drive a browser: run 'sudo apt-get install chromium' first." >&2
    exit 2
fi
