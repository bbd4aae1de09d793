"""Linphone and baresip sign in over TLS and check our CA; wrong password and wrong CA are refused.
needs: simple"""
# timeout: 300
import os
import subprocess

from bench import Bench

with Bench(["alice", "bob", "carol"]) as bench:
    server = bench.server

    with bench.check("Linphone signs in, trusting our CA alone"):
        alice = bench.linphone("alice")
        alice.sign_in(server, "alice")

    with bench.check("baresip signs in with our CA"):
        bob = bench.baresip("bob")
        bob.sign_in(server, "bob")

    with bench.check("Linphone gets the address it is reached at, with a GRUU"):
        answer = [m for m in alice.log().split("SIP/2.0 200") if "pub-gruu" in m]
        assert answer, "no pub-gruu in any 200"

    with bench.check("baresip is challenged with MD5 alone"):
        challenge = bob.wait("sip", method="REGISTER", code=401)["message"]
        lines = [v for n, v in challenge.headers if n.lower() == "www-authenticate"]
        assert len(lines) == 1 and "SHA-256" not in lines[0], lines

    with bench.check("Linphone refuses a server whose CA it does not know"):
        other = os.path.join(bench.directory, "other-ca.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", os.devnull, "-out", other, "-subj", "/CN=Another CA"], check=True,
                       stderr=subprocess.DEVNULL)
        stranger = bench.linphone("stranger", ca=other)
        try:
            stranger.command("login", "user=" + server.address("alice"), "password=" + server.passwords["alice"],
                             "server=localhost", "port=%d" % server.sip_port)
            stranger.wait("registration", state="failed")
            assert not stranger.all("registration", state="ok")
        finally:
            stranger.stop()

    with bench.check("Linphone refuses a server by a name that its certificate does not have"):
        misled = bench.linphone("misled")
        misled.command("login", "user=" + server.address("alice"), "password=" + server.passwords["alice"],
                       "server=127.0.0.1", "port=%d" % server.sip_port)
        misled.wait("registration", state="failed")
        assert not misled.all("registration", state="ok")
        misled.stop()

    with bench.check("a wrong password is refused, in both clients"):
        server.passwords["carol"], right = "not the password", server.passwords["carol"]
        wrong = bench.linphone("wrong")
        wrong.command("login", "user=" + server.address("carol"), "password=not the password", "server=localhost",
                      "port=%d" % server.sip_port)
        wrong.wait("registration", state="failed")
        assert not wrong.all("registration", state="ok")
        wrong.stop()
        mistaken = bench.baresip("mistaken")
        mistaken.sign_in(server, "carol", wait=False)
        mistaken.wait("failed")  # it tries some more times until the server has enough of it
        assert not mistaken.all("registered")
        mistaken.stop()
        server.passwords["carol"] = right

    with bench.check("signing out is taken note of: the next text is kept for later"):
        bob.stop()
        mark = alice.message(server.address("bob"), "are you there?")
        alice.wait("message-state", since=mark, state="delivered")
        bob = bench.baresip("bob")
        bob.sign_in(server, "bob")
        bob.wait_message("are you there?")

    with bench.check("another's wrong password does not keep alice out"):
        again = bench.linphone("alice")
        again.sign_in(server, "alice")
        again.stop()

    with bench.check("no password and no text is in the server's log"):
        for secret in list(server.passwords.values()) + ["not the password", "are you there?"]:
            assert secret not in server.log(), "found one"

bench.end()
