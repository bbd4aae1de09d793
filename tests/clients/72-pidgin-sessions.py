"""Goal: how pidgin-sipe's sessions begin and end: wrong passwords, people who are disabled, a changed password, an
administrator who ends a session, a server that goes and comes back.
needs: lync"""
# timeout: 600
from bench import Bench

with Bench(["alice", "bob", "carol"]) as bench:
    server = bench.server

    with bench.check("a wrong password is refused as such"):
        client = bench.pidgin("wrong")
        mark = client.begin_sign_in(server, "alice", password="not-the-password")
        client.wait("connection-error", since=mark, text="Authentication failed")

    with bench.check("a wrong domain too, though the password is right"):
        client = bench.pidgin("domain")
        mark = client.begin_sign_in(server, "alice", login="ELSEWHERE\\alice")
        client.wait("connection-error", since=mark, text="Authentication failed")

    for login in ("alice", "EXAMPLE\\alice", "example.test\\alice", "alice@example.test"):
        with bench.check("the login %s is alice" % login):
            client = bench.pidgin("as " + login.replace("\\", "-"))
            client.sign_in(server, "alice", login=login)
            client.command("logout")

    with bench.check("somebody else's credentials do not make one that person"):
        client = bench.pidgin("mallory")
        mark = client.begin_sign_in(server, "alice", login="bob", password=server.passwords["bob"])
        client.wait("connection-error", since=mark)
        assert not client.all("signed-on", since=mark)

    with bench.check("the administrator ends a session: it says why and does not come back by itself"):
        bob = bench.pidgin("bob").sign_in(server, "bob")
        mark = bob.mark()
        server.cli("user", "disable", "bob")
        error = bob.wait("connection-error", since=mark)
        assert "rejected by the server" in error["text"] and error["fatal"], error

    with bench.check("who is disabled cannot sign in, and reads why"):
        client = bench.pidgin("disabled")
        mark = client.begin_sign_in(server, "bob")
        error = client.wait("connection-error", since=mark)
        assert "User disabled" in error["text"], error

    with bench.check("a new password ends the sessions of the old one"):
        carol = bench.pidgin("carol").sign_in(server, "carol")
        mark = carol.mark()
        server.cli("user", "passwd", "carol", "--password-stdin", stdin="a-new-secret-of-carol\n")
        carol.wait("connection-error", since=mark)
        again = bench.pidgin("carol again")
        again.sign_in(server, "carol", password="a-new-secret-of-carol")

    with bench.check("the server is killed and starts: pidgin may come back, as nothing told it not to"):
        alice = bench.pidgin("alice").sign_in(server, "alice")
        mark = alice.mark()
        server.kill()
        server.start()
        alice.wait("disconnected", since=mark)
        assert not alice.all("connection-error", since=mark, fatal=True), alice.seen[mark:]
        alice.command("reconnect")
        alice.wait("signed-on", since=mark)

bench.end()
