"""The server goes away and comes back: clients return by themselves and nothing accepted is lost.
needs: simple"""
# timeout: 600
from bench import Bench

with Bench(["alice", "bob", "carol"]) as bench:
    server = bench.server
    # baresip asks again 30 s after a failure at the earliest, and at half of regint: keep that short.
    alice = bench.linphone("alice").sign_in(server, "alice", expires=60)
    bob = bench.linphone("bob").sign_in(server, "bob", expires=60)
    carol = bench.baresip("carol").sign_in(server, "carol", contacts=[server.address("alice")], regint=60)

    for how in ("stop", "kill"):
        with bench.check("after a %s and a start, Linphone and baresip come back by themselves" % how):
            marks = {c: c.mark() for c in (alice, bob, carol)}
            getattr(server, how)()
            server.start()
            carol.wait("registered", since=marks[carol], timeout=120)
            for client in (alice, bob):
                client.wait("registration", since=marks[client], state="ok", timeout=120)

        with bench.check("and chat goes on (%s)" % how):
            text = "back after a %s" % how
            mark = bob.mark()
            sent = alice.message(bob.address, text)
            bob.wait_message(text, since=mark)
            alice.wait_delivered(text, since=sent)
            mark = alice.mark()
            carol.message(alice.address, text)
            alice.wait_message(text, since=mark, sender=carol.address)

    with bench.check("texts accepted before a kill in the middle of a conversation arrive"):
        mark = bob.mark()
        texts = ["conversation text %d" % i for i in range(40)]
        began = alice.mark()
        for i, text in enumerate(texts):
            alice.message(bob.address, text)
            if i == 20:
                alice.wait_delivered(texts[10], since=began)
                server.kill()
                server.start()
        alice.wait("registration", since=began, state="ok", timeout=120)
        bob.wait("registration", since=mark, state="ok", timeout=120)
        alice.message(bob.address, "the last one")
        bob.wait_message("the last one", since=mark, timeout=60)
        accepted = {t for t in texts if any(
            e["state"] not in ("in-progress", "not-delivered") for e in alice.all("message-state", since=began, text=t))}
        got = bob.messages(since=mark)
        assert len(accepted) > 10, "only %d were accepted" % len(accepted)
        assert accepted <= set(got), "accepted and lost: %s" % sorted(accepted - set(got))
        # Only a text whose receipt was on its way when the server died may come a second time.
        assert len(got) - len(set(got)) <= 2, "more than two came twice: %s" % sorted(got)

bench.end()
