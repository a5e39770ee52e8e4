#!/bin/sh
# What the tests drive besides Python, from Debian: Chromium, curl for the lines of the README, and the file hosts
# that serve an export: nginx with its JavaScript module, Apache and Caddy; the engines that may hold a graph: Virtuoso,
# and Java with Maven for Fuseki.
set -eu
missing=
for tool in chromium curl nginx apache2 caddy; do
    PATH="$PATH:/usr/sbin" command -v "$tool" >/dev/null || missing="$missing $tool"
done
[ -e /usr/lib/nginx/modules/ngx_http_js_module.so ] || missing="$missing libnginx-mod-http-js"
command -v java >/dev/null || missing="$missing default-jre-headless"
command -v mvn >/dev/null || missing="$missing maven"
for library in virtuoso-opensource-7-bin libpcre3 libminizip1; do # the engine alone: nothing of it is started
    dpkg -s $library >/dev/null 2>&1 || missing="$missing $library"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    policy=/usr/sbin/policy-rc.d # while it says 101, what is installed is not started
    if [ ! -e $policy ]; then
        trap 'rm -f $policy' EXIT
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
    fi
    apt-get update -qq
    # shellcheck disable=SC2086  # a list of words
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $missing >/dev/null
else
    echo "make: the tests need more: run 'sudo apt-get install$missing' first." >&2
    exit 2
fi
