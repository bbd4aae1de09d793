#!/bin/sh
# install.sh BINARY | --remove: the binary, its systemd units and system user.  Environment: PREFIX UNITDIR DESTDIR.
# Removing leaves /var/lib/porchlight alone: it holds everything the organisation has.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..
bindir=$PREFIX/bin docdir=$PREFIX/share/doc/porchlight
units="porchlight.service porchlight-sip.socket porchlight-web.socket"

if [ "$1" = --remove ]; then
	for u in $units; do rm -f "$DESTDIR$UNITDIR/$u"; done
	rm -f "$DESTDIR$bindir/porchlight" "$DESTDIR/usr/lib/sysusers.d/porchlight.conf"
	rm -rf "$DESTDIR$docdir"
	exit 0
fi

install -d "$DESTDIR$bindir" "$DESTDIR$UNITDIR" "$DESTDIR/usr/lib/sysusers.d" "$DESTDIR$docdir"
install -m 0755 "$1" "$DESTDIR$bindir/porchlight"
for u in $units; do
	sed -e "s|@BINDIR@|$bindir|g" -e "s|/usr/share/doc/porchlight|$docdir|g" "$here/$u" > "$DESTDIR$UNITDIR/$u"
	chmod 0644 "$DESTDIR$UNITDIR/$u"
done
install -m 0644 "$here/porchlight.sysusers" "$DESTDIR/usr/lib/sysusers.d/porchlight.conf"
for d in README.md SECURITY.md CHANGELOG.md LICENSE; do install -m 0644 "$root/$d" "$DESTDIR$docdir/$d"; done

[ -z "$DESTDIR" ] || exit 0
if command -v systemd-sysusers > /dev/null; then systemd-sysusers porchlight.conf; fi
install -d -m 0700 -o porchlight -g porchlight /var/lib/porchlight
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
cat <<TXT
Installed $bindir/porchlight. Next:
  sudo -u porchlight porchlight init --data /var/lib/porchlight --domain DOMAIN --host FQDN --admin NAME --password-stdin
  systemctl enable --now porchlight-sip.socket porchlight-web.socket porchlight.service
TXT
