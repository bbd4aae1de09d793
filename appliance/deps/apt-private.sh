#!/bin/sh
# apt-private.sh DIR SUITE: a private apt configuration in DIR for SUITE, so that nothing of the machine's own changes.
# The mirror is the one this machine already uses; apt checks the archive's signature chain as always.
# Afterwards: apt-get -c DIR/apt.conf ...
set -eu
mkdir -p "$1"
dir=$(cd "$1" && pwd)
suite=$2
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial" "$dir/state" "$dir/none.d"

# "URI suite" of every enabled source, from both file formats.
sources() {
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ -r "$f" ] || continue
		awk '$1 == "deb" { i = 2; if ($2 ~ /^\[/) { while ($i !~ /\]$/) i++; i++ } print $i, $(i + 1) }' "$f"
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -r "$f" ] || continue
		awk -v RS= '{
			uris = suites = ""; on = 1
			n = split($0, line, "\n")
			for (i = 1; i <= n; i++) {
				if (line[i] ~ /^[Uu][Rr][Ii][Ss]:/) { uris = line[i]; sub(/^[^:]*:[ \t]*/, "", uris) }
				if (line[i] ~ /^[Ss]uites:/) { suites = line[i]; sub(/^[^:]*:[ \t]*/, "", suites) }
				if (line[i] ~ /^[Ee]nabled:[ \t]*no/) on = 0
			}
			if (!on) next
			nu = split(uris, u, " "); ns = split(suites, s, " ")
			for (a = 1; a <= nu; a++) for (b = 1; b <= ns; b++) print u[a], s[b]
		}' "$f"
	done
}

codename=$(. /etc/os-release && printf %s "${VERSION_CODENAME:-}")
mirror=$(sources | awk -v c="$codename" '$2 == c { print $1; exit }')
[ -n "$mirror" ] || mirror=$(sources | awk '$2 !~ /-security|-updates|\/updates/ { print $1; exit }')
[ -n "$mirror" ] || { echo "deps: this machine's apt has no source to take the mirror from" >&2; exit 1; }
[ -r "$keyring" ] || { echo "deps: install the package debian-archive-keyring" >&2; exit 1; }

echo "deb-src [signed-by=$keyring] $mirror $suite main" > "$dir/sources.list"
: > "$dir/state/status"
cat > "$dir/apt.conf" <<CONF
Dir::Etc::sourcelist "$dir/sources.list";
Dir::Etc::sourceparts "$dir/none.d";
Dir::Etc::preferences "$dir/none";
Dir::Etc::preferencesparts "$dir/none.d";
Dir::State "$dir/state";
Dir::State::lists "$dir/lists";
Dir::State::status "$dir/state/status";
Dir::Cache "$dir/cache";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "";
CONF
