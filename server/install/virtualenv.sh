#!/bin/sh
# Make a virtual environment; say in one sentence what is missing when that does not work.
set -eu
python=$1 folder=$2
command -v "$python" >/dev/null || { echo "make: $python is not here: install Python 3.11 or newer." >&2; exit 2; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { echo "make: $("$python" --version) is too old: install Python 3.11 or newer, or name one with PYTHON=…" >&2; exit 2; }
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    # Debian keeps this part of Python in a package of its own
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null
    else
        echo "make: this Python cannot make virtual environments: run 'sudo apt-get install python3-venv' first." >&2
        exit 2
    fi
fi
"$python" -m venv "$folder" || { rm -rf "$folder"; echo "make: no virtual environment could be made in $folder." >&2; exit 2; }
