"""Texts to someone who is not there: kept, and delivered at sign-in, in order, with their own time, once.
needs: simple"""
# timeout: 300
import email.utils
import time

from bench import Bench

with Bench(["alice", "bob", "carol"]) as bench:
    server = bench.server
    alice = bench.linphone("alice").sign_in(server, "alice")
    carol = bench.baresip("carol").sign_in(server, "carol", contacts=[server.address("bob")])

    with bench.check("texts to someone offline are accepted"):
        texts = []
        began = int(time.time())
        for i in range(10):
            text = "while you were away, %d 부재중" % i
            texts.append(text)
            mark = alice.message(server.address("bob"), text)
            alice.wait_delivered(text, since=mark)
        mark = carol.message(server.address("bob"), "carol was here")
        carol.wait_answer("MESSAGE", 202, since=mark)
        ended = int(time.time())

    with bench.check("and survive the server's death"):
        server.kill()
        server.start()

    # Long enough that the time of delivery cannot pass for the time of writing.
    time.sleep(max(0, ended + 3 - time.time()))

    with bench.check("they are delivered at sign-in, in order"):
        bob = bench.linphone("bob").sign_in(server, "bob")
        bob.wait_message("carol was here")
        assert bob.messages() == texts + ["carol was here"], bob.messages()

    with bench.check("with their original time"):
        for event in bob.all("im"):
            assert began <= event["time"] <= ended, "%d is not within %d and %d" % (event["time"], began, ended)

    with bench.check("once: the next endpoint gets none of them"):
        second = bench.baresip("bob").sign_in(server, "bob", contacts=[server.address("alice")])
        mark = second.mark()
        alice_back = bench.linphone("alice").sign_in(server, "alice")
        alice_back.message(server.address("bob"), "welcome back")
        second.wait_message("welcome back")
        assert second.messages() == ["welcome back"], second.messages()

    with bench.check("to baresip too, with a Date"):
        second.stop()
        bob.stop()
        began = int(time.time())
        mark = alice_back.message(server.address("bob"), "for your other phone")
        alice_back.wait_delivered("for your other phone", since=mark)
        ended = int(time.time())
        time.sleep(max(0, ended + 3 - time.time()))
        third = bench.baresip("bob").sign_in(server, "bob")
        got = third.wait_message("for your other phone")
        sent_at = email.utils.parsedate_to_datetime(got["date"]).timestamp()
        assert began <= sent_at <= ended, got["date"]
        third.stop()

    with bench.check("typing to someone offline is not kept"):
        alice_back.typing(server.address("bob"))
        alice_back.message(server.address("bob"), "after typing")
        late = bench.linphone("bob").sign_in(server, "bob")
        late.wait_message("after typing")
        assert not late.all("typing", on=True)

bench.end()
