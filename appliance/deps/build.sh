#!/bin/sh
# build.sh CACHE OUT: builds the libraries of CACHE/chosen as static archives into OUT/{include,lib}.
# Environment: CC, AR, DEPS_CFLAGS (optimisation, hardening or sanitizers), JOBS.  OUT/done is written last.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=$(cd "$1" && pwd)
rm -rf "$2.new"
mkdir -p "$2.new/include" "$2.new/lib" "$2.new/build"
out=$(cd "$2.new" && pwd)
: "${CC:=gcc}" "${AR:=ar}" "${JOBS:=2}" "${DEPS_CFLAGS:=-O2 -g1 -fPIE}"
cflags="$DEPS_CFLAGS -ffunction-sections -fdata-sections -pthread"

unpack() { # name: into build/name
	file=$(awk -v n="$1" '$1 == n { print $3 }' "$cache/chosen")
	mkdir -p "$out/build/$1"
	tar -C "$out/build/$1" --strip-components=1 -xf "$cache/archives/$file"
}

build_mbedtls() {
	unpack mbedtls
	make -C "$out/build/mbedtls/library" -j"$JOBS" static CC="$CC" AR="$AR" \
		CFLAGS="$cflags -I$here -DMBEDTLS_USER_CONFIG_FILE='\"$here/mbedtls_user_config.h\"'"
	cp "$out"/build/mbedtls/library/*.a "$out/lib"
	cp -a "$out"/build/mbedtls/include/* "$here/gcm_alt.h" "$out/include"
	cp -a "$out/build/mbedtls/3rdparty/everest/include/everest" "$out/include"
}

build_libmicrohttpd() {
	unpack libmicrohttpd
	cd "$out/build/libmicrohttpd"
	sed -i -f "$here/mhd-nonip.sed" src/microhttpd/daemon.c
	# --host silences the checks that would run programs built with sanitizers.
	./configure --quiet --host="$(uname -m)-linux-gnu" --disable-shared --enable-static --disable-https --disable-curl \
		--disable-doc --disable-examples --disable-tools --disable-bauth --disable-dauth --enable-epoll \
		--with-threads=posix --enable-build-type=neutral CC="$CC" AR="$AR" CFLAGS="$cflags"
	make -s -j"$JOBS" -C src/microhttpd libmicrohttpd.la AUTOMAKE=: AUTOCONF=: ACLOCAL=: AUTOHEADER=:
	cp src/microhttpd/.libs/libmicrohttpd.a "$out/lib"
	cp src/include/microhttpd.h "$out/include"
}

build_sqlite3() {
	unpack sqlite3
	mkdir "$out/build/sqlite3/bld"
	cd "$out/build/sqlite3/bld"
	../configure --disable-tcl --disable-readline
	make -s sqlite3.c
	# shellcheck disable=SC2086
	$CC $cflags -DSQLITE_THREADSAFE=2 -DSQLITE_DQS=0 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=2 \
		-DSQLITE_LIKE_DOESNT_MATCH_BLOBS -DSQLITE_MAX_EXPR_DEPTH=0 -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE \
		-DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_USE_ALLOCA -DSQLITE_STRICT_SUBTYPE=1 -DSQLITE_TEMP_STORE=2 \
		-DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_STAT4 -DSQLITE_ENABLE_API_ARMOR \
		-DSQLITE_TRUSTED_SCHEMA=0 -DHAVE_FDATASYNC=1 -DHAVE_USLEEP=1 -DHAVE_PREAD=1 -DHAVE_PWRITE=1 -c sqlite3.c -o sqlite3.o
	$AR rcs "$out/lib/libsqlite3.a" sqlite3.o
	cp sqlite3.h "$out/include"
}

one() {
	echo "deps: building $1"
	if ! ("build_$1") > "$out/build/$1.log" 2>&1; then
		tail -n 30 "$out/build/$1.log" >&2
		echo "deps: $1 does not build; the whole log: $out/build/$1.log" >&2
		return 1
	fi
}

# SQLite is one long compile: start it first, beside the rest.
one sqlite3 &
sqlite=$!
one mbedtls
one libmicrohttpd
wait $sqlite
cp "$cache/chosen" "$out/chosen"
rm -rf "$out/build" "$2"
mv "$out" "$2"
touch "$2/done"
