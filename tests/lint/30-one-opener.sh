#!/bin/sh
# Nothing but the store may open the database: closing a second descriptor would drop SQLite's locks.
set -eu
cd "$(dirname "$0")/../.."
n=$(git ls-files -co --exclude-standard -- 'appliance/*.c' 'db/*.c' 'webadmin/*.c' | xargs grep -lE 'sqlite3_open(_v2|16)?[[:space:]]*\(' | wc -l)
[ "$n" = 1 ] || { echo "sqlite3_open is called in $n files; it must be one" >&2; exit 1; }
