#!/bin/sh
# Every source on disk is listed in appliance/sources.mk, and every one listed is there.
set -eu
cd "$(dirname "$0")/../.."
listed=$(grep -oE '[A-Za-z0-9_/]+\.c' appliance/sources.mk | sort)
there=$(git ls-files -co --exclude-standard -- 'appliance/*.c' 'db/*.c' 'webadmin/api/*.c' 'tests/*.c' | sort)
[ "$listed" = "$there" ] || { printf '%s\n' "$listed" > build/listed.txt; printf '%s\n' "$there" | diff build/listed.txt - >&2; exit 1; }
