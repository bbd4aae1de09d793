#!/bin/sh
# A file includes only headers of its own room or of a row above it, and never one its room must not know.
set -eu
cd "$(dirname "$0")/../.."

# Rows of ARCHITECTURE.md, bottom to top: folder, the include prefix of its headers, rooms it never includes.
rows='appliance/base base -
appliance/codec codec net,db
appliance/crypto crypto net,db
appliance/net net db
db db -
appliance/http http -
appliance/sip sip http
appliance/directory directory sip,http
appliance/registrar registrar http
appliance/presence presence sip,http
appliance/immcu immcu sip,http
appliance/simple simple lync
appliance/lync lync simple
appliance/call call simple,lync
webadmin webadmin sip,simple,lync
appliance/app app -'

bad=0
allowed=
while read -r folder prefix never; do
	allowed="$allowed $prefix"
	for f in $(git ls-files -co --exclude-standard -- "$folder/*.c" "$folder/*.h"); do
		[ -e "$f" ] || continue
		for inc in $(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*"\([^"]*\)".*/\1/p' "$f"); do
			room=${inc%%/*}
			case " $allowed " in
			*" $room "*) ;;
			*) echo "$f includes \"$inc\": $room is not a row above $prefix" >&2; bad=1 ;;
			esac
			case ",$never," in
			*",$room,"*) echo "$f includes \"$inc\": $prefix must not know $room" >&2; bad=1 ;;
			esac
		done
	done
done <<ROWS
$rows
ROWS
exit $bad
