#!/bin/sh
# packages.sh DIR: the UI's packages, exactly as package-lock.json has them, into DIR/node_modules; whole or not at all.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$1
tmp=$dir.new.$$
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp"
cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$tmp/"
echo "  NPM $dir"
(cd "$tmp" && npm ci --no-progress --loglevel=error) || { sleep 5; (cd "$tmp" && npm ci --no-progress --loglevel=error); }
touch "$tmp/done"
# Another build on this machine may have been faster: then its packages are as good.
mv -T "$tmp" "$dir" 2> /dev/null || [ -e "$dir/done" ]
