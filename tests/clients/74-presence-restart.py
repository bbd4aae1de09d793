"""Presence through a restart of the server: clients come back, watch again, and see what has changed since.
needs: simple"""
# timeout: 400
from bench import Bench

with Bench(["alice", "bob", "lena", "bart"]) as bench:
    server = bench.server
    alice = bench.linphone("alice").sign_in(server, "alice", expires=60)
    bob = bench.baresip("bob").sign_in(server, "bob", pubint=60, regint=60)
    lena = bench.linphone("lena").sign_in(server, "lena", expires=60)
    lena.watch(alice.address)
    lena.watch(bob.address)
    lena.wait_presence(alice.address, state="online")
    lena.wait_presence(bob.address, state="online")

    for how in ("stop", "kill"):
        with bench.check("after a %s and a start Linphone sees Linphone and baresip as they are then" % how):
            marks = {c: c.mark() for c in (alice, bob, lena)}
            getattr(server, how)()
            server.start()
            for client in (alice, lena):
                client.wait("registration", since=marks[client], state="ok", timeout=120)
            mark = lena.mark()
            alice.presence("busy")
            lena.wait_presence(alice.address, since=mark, state="busy", timeout=120)
            mark = lena.mark()
            alice.presence("online")
            lena.wait_presence(alice.address, since=mark, state="online", timeout=120)
            bob.wait("registered", since=marks[bob], timeout=120)
            lena.wait_presence(bob.address, since=marks[lena], state="online", timeout=120)

    with bench.check("and a change of baresip is seen again"):
        mark = lena.mark()
        bob.presence("offline")
        lena.wait_presence(bob.address, since=mark, state="offline", timeout=120)

bench.end()
