#!/bin/sh
# setup.sh [build|test|bench]: installs the Debian packages that building (testing, measuring) needs, if any is missing.
set -eu
build="gcc make libc6-dev pkg-config bzip2 xz-utils ca-certificates debian-archive-keyring
	libexpat1-dev libjansson-dev nettle-dev libargon2-dev zlib1g-dev"
tests="python3 openssl libcmocka-dev libglib2.0-dev libxml2-dev liblinphone-dev linphone-common baresip-core
	pidgin-sipe libpurple-dev clang clang-format libclang-rt-dev
	iproute2 util-linux chromium fonts-nanum"
bench="python3 openssl libssl-dev kamailio kamailio-sqlite-modules kamailio-tls-modules kamailio-presence-modules"
# Node.js that is there already, from wherever, is good enough: its npm is not always a package of its own.
command -v node > /dev/null && command -v npm > /dev/null || build="$build nodejs npm"
case ${1:-build} in
build) want=$build ;;
test) want="$build $tests" ;;
bench) want="$build $bench" ;;
*) echo "usage: setup.sh [build|test|bench]" >&2; exit 2 ;;
esac

missing=
for p in $want; do
	# shellcheck disable=SC2016
	case $(dpkg-query -W -f '${db:Status-Status}' "$p" 2> /dev/null || :) in
	installed) ;;
	*) missing="$missing $p" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	command -v sudo > /dev/null || { echo "setup: as root, run: apt-get install$missing" >&2; exit 1; }
	as_root=sudo
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
install_missing() {
	# shellcheck disable=SC2086
	$as_root apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $missing > /dev/null
}
$as_root apt-get update -qq -o DPkg::Lock::Timeout=300 || :
install_missing || { sleep 5; install_missing; }
