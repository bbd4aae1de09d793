#!/bin/sh
# A file over 800 lines is two files.
set -eu
cd "$(dirname "$0")/../.."
git ls-files -co --exclude-standard -- '*.c' '*.h' '*.py' '*.sh' '*.ts' '*.tsx' '*.js' '*.css' '*.sql' Makefile | while read -r f; do
	[ -e "$f" ] || continue
	n=$(wc -l < "$f")
	[ "$n" -le 800 ] || { echo "$f: $n lines" >&2; exit 1; }
done
