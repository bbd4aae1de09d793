#!/bin/sh
# embed_migrations.sh DIR: prints DIR/NNNN_name.sql as the C table db_migrations (db/migrate.h), in order of number.
set -eu
printf '/* Generated from %s. */\n#include "db/migrate.h"\n\n' "$1"
printf 'const struct migration db_migrations[] = {\n'
count=0
for f in "$1"/[0-9][0-9][0-9][0-9]_*.sql; do
	base=$(basename "$f" .sql)
	number=$(echo "${base%%_*}" | sed 's/^0*//')
	count=$((count + 1))
	[ "$number" = "$count" ] || { echo "embed_migrations: $f: expected number $count" >&2; exit 1; }
	printf '\t{ %d, "%s",\n' "$number" "${base#*_}"
	sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^\(.*\)$/\t  "\1\\n"/' "$f"
	printf '\t},\n'
done
printf '};\nconst size_t db_migrations_count = %d;\n' "$count"
