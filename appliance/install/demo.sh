#!/bin/sh
# demo.sh BINARY DIR: a demo organisation in DIR (made once, kept), then the server in the foreground.
# Environment: SIP_PORT (5061), WEB_PORT (8443).
set -eu
umask 077
bin=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2"
dir=$(cd "$2" && pwd)
domain=porchlight.test sip=${SIP_PORT:-5061} web=${WEB_PORT:-8443}
passwords=$dir/passwords

password() { # name: made once, kept in a file only its owner reads
	if ! grep -q "^$1 " "$passwords" 2> /dev/null; then
		echo "$1 $(head -c 12 /dev/urandom | base64 | tr '+/' 'ab')" >> "$passwords"
	fi
	awk -v n="$1" '$1 == n { print $2 }' "$passwords"
}

if [ ! -f "$dir/porchlight.db" ]; then
	echo "demo: making the organisation $domain in $dir"
	password admin | "$bin" init --data "$dir" --domain $domain --host localhost --admin admin --password-stdin
	for u in alice:Alice bob:Bob carol:Carol; do
		name=${u%%:*}
		password "$name" | "$bin" user add "$name" --display "${u##*:} Demo" --password-stdin --data "$dir"
	done
fi
"$bin" cert export-ca --data "$dir" > "$dir/ca.pem"

cat <<TXT

  Porchlight demo: domain $domain
  administration   https://localhost:$web/   name admin   password $(password admin)
  CA certificate   $dir/ca.pem   (also at https://localhost:$web/ca)

  alice@$domain   $(password alice)
  bob@$domain     $(password bob)
  carol@$domain   $(password carol)

  Linphone, in ~/.config/linphone/linphonerc (alice):
    [sip]
    root_ca=$dir/ca.pem
    [proxy_0]
    reg_proxy=<sip:localhost:$sip;transport=tls>
    reg_route=<sip:localhost:$sip;transport=tls;lr>
    reg_identity=sip:alice@$domain
    reg_sendregister=1
    conference_factory_uri=sip:conference-factory@$domain
    [auth_info_0]
    username=alice
    passwd=$(password alice)
    realm=$domain
    domain=$domain

  (The last line of [proxy_0] is for group chats: the conference factory. Any client can write to a group's address.)

  baresip, in ~/.baresip (bob):
    config:    sip_verify_server yes
               sip_cafile $dir/ca.pem
    accounts:  <sip:bob@$domain;transport=tls>;auth_user=bob;auth_pass=$(password bob);outbound="sip:127.0.0.1:$sip;transport=tls";regint=300

  Pidgin with pidgin-sipe (carol): protocol Office Communicator, user name carol@$domain, login carol, password
    $(password carol); Advanced: server localhost:$sip, connection type SSL/TLS, authentication scheme NTLM.
    It has no setting for a CA: it asks once whether to trust the certificate.

  Stop with Ctrl-C; "make clean" forgets the demo. What follows is the server's log.

TXT
exec "$bin" serve --data "$dir" --sip "[::]:$sip" --web "[::]:$web"
