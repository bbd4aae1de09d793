#!/bin/sh
# fetch.sh CACHE: the source archives of deps.lock into CACHE/archives, through apt, and which version was taken into
# CACHE/chosen.  A file that is there with the pinned hash is used as it is, so this works without a network too.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1/archives"
cache=$(cd "$1" && pwd)
lock=$(grep -v '^#' "$here/deps.lock")

is_good() { [ -f "$cache/archives/$1" ] && echo "$2  $cache/archives/$1" | sha256sum -c --status; }

get() { # file sha256 package suites
	for suite in $(echo "$4" | tr , ' '); do
		conf=$cache/apt-$suite/apt.conf
		if [ ! -f "$conf" ] || [ -n "$(find "$conf" -mmin +60)" ]; then
			sh "$here/apt-private.sh" "$cache/apt-$suite" "$suite"
			apt-get -qq -c "$conf" update
		fi
		# A mirror may hold the .orig archive without the .dsc: keep what comes, judge by the hash.
		(cd "$cache/archives" && apt-get -qq -c "$conf" source --download-only --only-source "$3" > /dev/null 2>&1) || :
		is_good "$1" "$2" && return 0
	done
	return 1
}

: > "$cache/chosen.new"
for name in $(echo "$lock" | awk '!seen[$1]++ { print $1 }'); do
	found=
	for pass in cached fetched; do
		[ -z "$found" ] || break
		while read -r n version file sha package suites; do
			[ "$n" = "$name" ] || continue
			if is_good "$file" "$sha" || { [ $pass = fetched ] && echo "deps: fetching $name $version" >&2 &&
				get "$file" "$sha" "$package" "$suites"; }; then
				echo "$name $version $file" >> "$cache/chosen.new"
				found=yes
				break
			fi
		done <<LOCK
$lock
LOCK
	done
	[ -n "$found" ] || { echo "deps: no pinned version of $name can be had; run 'make deps-update' and review deps.lock" >&2; exit 1; }
done
mv "$cache/chosen.new" "$cache/chosen"
