#!/bin/sh
# run.sh PROGRAM...: each fuzzer for FUZZ_SECONDS, from its committed corpus and dictionary.  A crash leaves its input in
# build/fuzz/crashes; it becomes a file in tests/fuzz/corpus and a unit case.
set -eu
cd "$(dirname "$0")/../.."
mkdir -p build/fuzz/crashes
for program in "$@"; do
	name=$(basename "$program")
	mkdir -p "build/fuzz/corpus/$name"
	seed=tests/fuzz/corpus/$name dict=tests/fuzz/$name.dict
	echo "fuzz: $name for ${FUZZ_SECONDS:-20} s"
	"$program" -max_total_time="${FUZZ_SECONDS:-20}" -timeout=25 -rss_limit_mb=2048 -artifact_prefix="build/fuzz/crashes/$name-" \
		-print_final_stats=1 $([ ! -f "$dict" ] || echo "-dict=$dict") "build/fuzz/corpus/$name" \
		$([ ! -d "$seed" ] || echo "$seed") > "build/fuzz/$name.log" 2>&1 || {
		tail -n 40 "build/fuzz/$name.log"
		exit 1
	}
	grep -E 'number_of_executed_units' "build/fuzz/$name.log" || :
done
