"""Goal: pidgin-sipe chats with pidgin-sipe, Linphone and baresip, both ways, with typing, and nothing is lost when
the other is away.
needs: simple lync"""
from bench import Bench

with Bench(["alice", "bob", "lena", "bart"]) as bench:
    alice, bob = bench.pidgin("alice"), bench.pidgin("bob")
    lena, bart = bench.linphone("lena"), bench.baresip("bart")

    with bench.check("pidgin signs in by NTLM"):
        alice.sign_in(bench.server, "alice")
        bob.sign_in(bench.server, "bob")

    with bench.check("pidgin to pidgin and back, Unicode intact"):
        alice.message(bob.address, "Hello Bob")
        bob.wait_message("Hello Bob", sender=alice.address)
        bob.message(alice.address, "안녕 앨리스 \U0001f3e1 <b>&")
        alice.wait("im", text=lambda t: "안녕 앨리스 \U0001f3e1" in t)

    with bench.check("ten texts arrive in order, once"):
        mark = bob.mark()
        for i in range(10):
            alice.message(bob.address, "number %d" % i)
        bob.wait_message("number 9")
        assert [t for t in bob.messages(mark) if t.startswith("number")] == ["number %d" % i for i in range(10)], bob.messages(mark)

    with bench.check("typing is shown"):
        mark = bob.mark()
        alice.typing(bob.address, True)
        bob.wait("typing", since=mark)

    with bench.check("Linphone and baresip sign in"):
        lena.sign_in(bench.server, "lena")
        bart.sign_in(bench.server, "bart", contacts=[bob.address])

    with bench.check("pidgin to Linphone and back"):
        alice.message("sip:lena@" + bench.server.domain, "Hello Lena")
        lena.wait_message("Hello Lena")
        texts = ["Lena, number %d" % i for i in range(5)]
        for text in texts:
            alice.message("sip:lena@" + bench.server.domain, text)
        lena.wait_message(texts[-1])
        assert [t for t in lena.messages() if "number" in t] == texts, lena.messages()
        mark = alice.mark()
        lena.message(alice.address, "Hello from Linphone")
        alice.wait("im", since=mark, text="Hello from Linphone")

    with bench.check("pidgin to baresip and back"):
        bob.message("sip:bart@" + bench.server.domain, "Hello Bart")
        bart.wait_message("Hello Bart")
        texts = ["Bart, number %d" % i for i in range(5)]
        for text in texts:
            bob.message("sip:bart@" + bench.server.domain, text)
        bart.wait_message(texts[-1])
        assert [t for t in bart.messages() if "number" in t] == texts, bart.messages()
        mark = bob.mark()
        bart.message(bob.address, "Hello from baresip")
        bob.wait("im", since=mark, text="Hello from baresip")

    with bench.check("a standards client writes first"):
        mark = bob.mark()
        lena.message(bob.address, "Lena says hello first")
        bob.wait("im", since=mark, text="Lena says hello first")

    with bench.check("to somebody offline: the sender is told, the text waits and comes"):
        bob.command("logout")
        alice.wait_log("\nBYE sip:alice@")  # the session has ended, so a new one is tried
        mark = alice.mark()
        alice.message(bob.address, "for later, one")
        alice.message(bob.address, "for later, two")
        alice.wait("im", since=mark, text=lambda t: "offline" in t)
        mark = bob.mark()
        bob.command("reconnect")
        bob.wait("im", since=mark, text=lambda t: t.endswith("for later, one"))
        bob.wait("im", since=mark, text=lambda t: t.endswith("for later, two"))

    with bench.check("to somebody whose client hangs in the middle of a conversation: the same"):
        mark = alice.mark()
        bob.message(alice.address, "I am back")
        alice.wait("im", since=mark, text="I am back")
        mark = bob.mark()
        alice.message(bob.address, "still there?")
        bob.wait("im", since=mark, text="still there?")
        mark = alice.mark()
        with bob.stopped():
            alice.message(bob.address, "into the void")
            alice.wait("im", since=mark, text=lambda t: "offline" in t)

bench.end()
