#!/bin/sh
# Apache Jena Fuseki from Maven Central, one jar, for the tests of remote stores: fuseki.sh FILE. Needs Java 17 and Maven.
set -eu
[ -e "$1" ] && exit 0
version=5.6.0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mvn -q -B dependency:copy -Dartifact=org.apache.jena:jena-fuseki-server:$version -DoutputDirectory="$folder"
mkdir -p "$(dirname "$1")"
mv "$folder/jena-fuseki-server-$version.jar" "$1"
