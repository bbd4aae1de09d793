#!/bin/sh
# update.sh CACHE: asks the archive for newer source versions and puts them in front of deps.lock; old pins stay as second choice.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cache=$(cd "$1" && pwd)
lock=$here/deps.lock
grep '^#' "$lock" > "$lock.new"
for name in $(grep -v '^#' "$lock" | awk '!seen[$1]++ { print $1 }'); do
	set -- $(grep "^$name " "$lock" | head -n 1)
	package=$5 suites=$6 suite=${6%%,*}
	sh "$here/apt-private.sh" "$cache/apt-$suite" "$suite"
	apt-get -qq -c "$cache/apt-$suite/apt.conf" update
	# The Sources index, whose hash apt has checked, names the .orig archive and its sha256.
	new=$(apt-cache -c "$cache/apt-$suite/apt.conf" showsrc "$package" | awk '
		/^Checksums-Sha256:/ { on = 1; next } /^[^ ]/ { on = 0 }
		on && $3 ~ /\.orig\.tar\.(gz|bz2|xz)$/ { print $3, $1 }' | sort -V | tail -n 1)
	file=${new%% *} sha=${new##* }
	version=$(echo "$file" | sed 's/^[^_]*_\(.*\)\.orig\.tar\..*$/\1/')
	if ! grep -q " $sha " "$lock"; then
		echo "deps: $name $version is new"
		echo "$name $version $file $sha $package $suites" >> "$lock.new"
	fi
	grep "^$name " "$lock" | head -n 2 >> "$lock.new"
done
mv "$lock.new" "$lock"
echo "deps: review the change of deps.lock, run make test, then commit it"
