"""Texts one to one: every pair of Linphone and baresip both ways, Unicode, typing, delivery notices, large bodies.
needs: simple"""
# timeout: 600
import time

from bench import Bench

KOREAN = "안녕하세요, 오늘 회의는 세 시입니다"
EMOJI = "👩‍👩‍👧‍👦 🙂 été ß 漢字 \u202eעברית\u202c <b>&amp;</b> \"'%00%s"


def exchange(bench, a, b, what):
    """One text each way, checked to arrive once and as it was."""
    for sender, receiver in ((a, b), (b, a)):
        text = "%s from %s to %s at %d" % (what, sender.name, receiver.name, time.time_ns())
        with bench.check("%s → %s" % (sender.name, receiver.name)):
            mark = receiver.mark()
            sender.message(receiver.address, text)
            receiver.wait_message(text, since=mark, sender=sender.address)
            assert receiver.messages(since=mark).count(text) == 1


with Bench(["alice", "bob", "carol", "dave"]) as bench:
    server = bench.server
    everybody = [server.address(n) for n in ("alice", "bob", "carol", "dave")]
    alice = bench.linphone("alice").sign_in(server, "alice")
    bob = bench.linphone("bob").sign_in(server, "bob")
    carol = bench.baresip("carol").sign_in(server, "carol", contacts=everybody)
    dave = bench.baresip("dave").sign_in(server, "dave", contacts=everybody)

    exchange(bench, alice, bob, "a text")
    exchange(bench, alice, carol, "a text")
    exchange(bench, carol, dave, "a text")

    for sender, receiver in ((alice, bob), (alice, carol), (carol, bob), (carol, dave)):
        with bench.check("Unicode is intact: %s → %s" % (sender.name, receiver.name)):
            mark = receiver.mark()
            sender.message(receiver.address, KOREAN)
            sender.message(receiver.address, EMOJI)
            receiver.wait_message(KOREAN, since=mark)
            receiver.wait_message(EMOJI, since=mark)

    with bench.check("several lines are one text"):
        mark = carol.mark()
        alice.message(carol.address, "one\ntwo\n\nfour")
        carol.wait("im", since=mark, text=lambda t: t.replace("\r", "") == "one\ntwo\n\nfour")

    with bench.check("typing is seen, and its end"):
        mark = bob.mark()
        alice.typing(bob.address)
        bob.wait("typing", since=mark, who=alice.address, on=True)
        mark = bob.mark()
        alice.message(bob.address, "done typing")
        bob.wait("typing", since=mark, who=alice.address, on=False)

    with bench.check("the sender learns that his text was delivered, then that it was displayed"):
        mark = alice.message(bob.address, "read me")
        bob.wait_message("read me")
        alice.wait("message-state", since=mark, text="read me", state="delivered-to-user")
        bob.read(alice.address)
        alice.wait("message-state", since=mark, text="read me", state="displayed")

    with bench.check("bodies that Linphone deflates come through"):
        assert "Content-Encoding: deflate" in bob.log() + alice.log(), "Linphone deflated nothing"
        assert not bob.all("message-state", state="not-delivered")
        assert not alice.all("message-state", state="not-delivered")

    with bench.check("Linphone sends and receives 128 KiB"):
        large = ("0123456789abcde\n" * (128 * 64))[:128 * 1024 - 1] + "!"
        mark = bob.mark()
        sent = alice.message(bob.address, large)
        got = bob.wait("im", since=mark, text=lambda t: len(t or "") > 100000)
        assert got["text"] == large, "changed on the way: %d characters" % len(got["text"])
        alice.wait_delivered(large, since=sent)

    with bench.check("a body over the limit is refused with 413, and chat goes on"):
        excess = "x" * (128 * 1024 + 1)
        alice.wait_refused(excess, 413, since=alice.message(bob.address, excess))
        alice.message(bob.address, "still here")
        bob.wait_message("still here")

    with bench.check("a text to nobody is refused with 404"):
        alice.wait_refused("hello?", 404, since=alice.message("sip:nobody@" + server.domain, "hello?"))

    with bench.check("a text to oneself reaches one's other endpoint"):
        second = bench.baresip("alice").sign_in(server, "alice", contacts=everybody)
        mark = alice.mark()
        second.message(alice.address, "note to self")
        alice.wait_message("note to self", since=mark)
        second.stop()

    with bench.check("a hundred texts in a row arrive in order"):
        mark = dave.mark()
        texts = ["text %d of a hundred" % i for i in range(100)]
        for text in texts:
            alice.message(dave.address, text)
        dave.wait_message(texts[-1], since=mark)
        assert dave.messages(since=mark) == texts

bench.end()
