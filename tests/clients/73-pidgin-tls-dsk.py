"""Goal: pidgin-sipe signs in by TLS-DSK: it fetches a web ticket with its password and a certificate with that, and proves
in the SIP connection that the certificate is its own.
needs: lync"""
from bench import Bench

with Bench(["alice", "bob"]) as bench:
    server = bench.server

    with bench.check("the whole chain, from the password to the signed session"):
        alice = bench.pidgin("alice").sign_in(server, "alice", authentication="tls-dsk")
        log = alice.log()
        assert 'TLS-DSK rspauth="' in log, "the session is not signed with TLS-DSK"

    with bench.check("and it is a session like any other"):
        bob = bench.pidgin("bob").sign_in(server, "bob")
        mark = alice.mark()
        alice.watch(bob.address)
        alice.wait_presence(bob.address, since=mark, status="available")
        alice.message(bob.address, "over keys of a certificate")
        bob.wait_message("over keys of a certificate", sender=alice.address)

    with bench.check("a wrong password gets no certificate"):
        client = bench.pidgin("wrong")
        mark = client.begin_sign_in(server, "alice", authentication="tls-dsk", password="not-the-password")
        client.wait("connection-error", since=mark, fatal=True)
        assert not client.all("signed-on", since=mark)

    with bench.check("somebody else's password gets none for that name"):
        client = bench.pidgin("mallory")
        mark = client.begin_sign_in(server, "alice", authentication="tls-dsk", login="bob", password=server.passwords["bob"])
        client.wait("connection-error", since=mark, fatal=True)
        assert not client.all("signed-on", since=mark)

    with bench.check("with NTLM off on SIP it is not offered there, and certificates go on"):
        assert server.web().request("PATCH", "/api/v1/settings", {"ntlm": False}).status == 200
        bench.pidgin("certified").sign_in(server, "bob", authentication="tls-dsk")
        refused = bench.pidgin("refused")
        mark = refused.begin_sign_in(server, "bob")
        refused.wait("connection-error", since=mark)

    with bench.check("with NTLM off for web tickets too, they are given for a password"):
        assert server.web().request("PATCH", "/api/v1/settings", {"ntlm_web": False}).status == 200
        bench.pidgin("by password").sign_in(server, "bob", authentication="tls-dsk")
        assert server.web().request("PATCH", "/api/v1/settings", {"ntlm": True, "ntlm_web": True}).status == 200

    with bench.check("after a restart of the server, with the same keys"):
        mark = alice.mark()
        server.restart()
        alice.wait("disconnected", since=mark)
        alice.command("reconnect")
        alice.wait("signed-on", since=mark)

    with bench.check("a new password voids the certificates of the old one"):
        mark = alice.mark()
        server.cli("user", "passwd", "alice", "--password-stdin", stdin="a-new-secret-of-alice\n")
        alice.wait("connection-error", since=mark)
        again = bench.pidgin("alice again")
        again.sign_in(server, "alice", authentication="tls-dsk", password="a-new-secret-of-alice")

bench.end()
