#!/bin/sh
# A file that a comment or a document names is there: what is said about the house stays true when a file moves.
set -eu
cd "$(dirname "$0")/../.."
bad=0
rooms='base|codec|crypto|net|db|http|sip|directory|registrar|presence|immcu|simple|lync|call|app|webadmin/api|webadmin/embed'
git grep -hIE "($rooms)/[a-z_0-9]+[.][ch]" -- '*.c' '*.h' '*.md' '*.sh' '*.py' Makefile | grep -v '#include' |
	grep -oE "(^|[^a-z/_])((appliance|tests|tests/unit)/)?($rooms)/[a-z_0-9]+[.][ch]([^a-z_0-9]|\$)" | grep -oE '[a-z][a-z/_0-9]*[.][ch]' | sort -u |
	while read -r f; do
		[ -e "$f" ] || [ -e "appliance/$f" ] || [ -e "tests/$f" ] || [ -e "tests/unit/$f" ] || echo "$f"
	done > build/references.txt
while read -r f; do
	echo "$f is named, but is not there:" >&2
	git grep -nF "$f" >&2
	bad=1
done < build/references.txt
exit $bad
