#!/bin/sh
# run.sh SUITE...: runs the suites' tests one after another, a line each; logs go to build/test-logs.
#
# A cmocka program counts its tests; a script that ends with "N passed, N failed" counts these; anything else counts
# as one.  A comment "timeout: N" in a script's first ten lines (seconds) replaces the default.
# A script that says "needs: simple", "needs: lync" or both there is left out, and counted as skipped, when the build has no
# such dialect: WITHOUT names those (make LYNC=0, make SIMPLE=0).  In a script, @case(..., needs="lync") does it for one case.
# The last line is "N passed, N failed" over everything.  Environment: PORCHLIGHT the binary, TEST_PROGRAMS their folder.
set -u
cd "$(dirname "$0")/.." || exit 1
logs=${TEST_LOGS:-build/test-logs}
mkdir -p "$logs"
passed=0 failed=0 skipped=0

last_count() { # log word: the number before word in the script's closing line
	grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$1" | tail -n 1 | grep -oE "[0-9]+ $2" | cut -d' ' -f1
}

one() { # suite name command...
	suite=$1 name=$2
	shift 2
	log=$logs/$suite-$(echo "$name" | tr / -).log
	for file; do :; done # the last word: the script, or the program
	limit=$(head -n 10 "$file" 2> /dev/null | grep -a -oE 'timeout: [0-9]+' | cut -d' ' -f2 | head -n 1)
	start=$(date +%s)
	timeout -k 10 "${limit:-300}" "$@" > "$log" 2>&1 < /dev/null
	rc=$?
	secs=$(($(date +%s) - start))
	p=$(last_count "$log" passed)
	if [ -n "$p" ]; then
		f=$(last_count "$log" failed) s=$(last_count "$log" skipped)
	else
		p=$(grep -a -cE '^\[       OK \]' "$log") f=$(grep -a -cE '^\[  FAILED  \] [A-Za-z_0-9]+$' "$log") s=$(grep -a -cE '^\[  SKIPPED \] [A-Za-z_0-9]+$' "$log")
		f=$((f / 2)) # cmocka names each twice
		[ "$((p + f + s))" -gt 0 ] || p=1
	fi
	[ "$rc" = 0 ] || [ "${f:-0}" -gt 0 ] || f=1
	[ "$rc" != 0 ] || f=0
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + ${s:-0}))
	if [ "$rc" = 0 ]; then
		printf 'ok    %s/%s: %d passed (%d s)\n' "$suite" "$name" "$p" "$secs"
	else
		[ "$rc" -lt 124 ] || echo "ended by signal or time limit (status $rc)" >> "$log"
		printf 'FAIL  %s/%s (%d s); the end of %s:\n' "$suite" "$name" "$secs" "$log"
		tail -n 40 "$log" | sed 's/^/      | /'
	fi
}

is_missing() { # suite script: what it needs is not in this build, which has been said
	for need in $(head -n 10 "$2" | grep -oE 'needs: [a-z ]+' | cut -d: -f2); do
		case " ${WITHOUT:-} " in
		*" $need "*)
			echo "left  $1/$(basename "$2"): needs $need"
			return 0
			;;
		esac
	done
	return 1
}

scripts() { # suite
	for t in tests/"$1"/[0-9][0-9]-*.py tests/"$1"/[0-9][0-9]-*.sh; do
		[ -e "$t" ] || continue
		if is_missing "$1" "$t"; then
			skipped=$((skipped + 1))
			continue
		fi
		case $t in
		*.py) one "$1" "$(basename "$t")" python3 "$t" ;;
		*) one "$1" "$(basename "$t")" sh "$t" ;;
		esac
	done
}

programs() { # suite folder
	for t in $(find "$TEST_PROGRAMS/$2" -type f -name 'test_*' -perm -u+x 2> /dev/null | sort); do
		one "$1" "${t#"$TEST_PROGRAMS/$2/"}" "$t"
	done
}

for suite in "$@"; do
	case $suite in
	unit) programs unit unit ;;
	wire | db) programs "$suite" "$suite"; scripts "$suite" ;;
	*) scripts "$suite" ;;
	esac
done

[ "$passed" -gt 0 ] || failed=$((failed + 1))
summary="$passed passed, $failed failed"
[ "$skipped" = 0 ] || summary="$summary, $skipped skipped"
echo "$summary"
[ "$failed" = 0 ]
