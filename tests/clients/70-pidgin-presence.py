"""Goal: presence between pidgin-sipe, Linphone and baresip: every state both ways, notes, blocking, the prompt to who
was added, and what is left when somebody goes.
needs: simple lync"""
# timeout: 600
from bench import Bench

# What the others show of a state chosen in pidgin: pidgin itself, Linphone (basic, activity).
STATES = [
    ("busy", "busy", ("open", "busy")),
    ("do-not-disturb", "do-not-disturb", ("closed", "away")),  # how Linphone says it
    ("away", "away", ("open", "away")),
    ("be-right-back", "be-right-back", ("open", "away")),
    ("invisible", "offline", ("closed", None)),
    ("available", "available", ("open", None)),
]

with Bench(["alice", "bob", "lena", "bart"]) as bench:
    alice, bob = bench.pidgin("alice"), bench.pidgin("bob")
    lena, bart = bench.linphone("lena"), bench.baresip("bart")

    with bench.check("they sign in"):
        alice.sign_in(bench.server, "alice")
        bob.sign_in(bench.server, "bob")
        lena.sign_in(bench.server, "lena")
        bart.sign_in(bench.server, "bart", watch=[alice.address], pubint=60)

    with bench.check("who is added is asked, and is seen at once"):
        asked, seen = alice.mark(), bob.mark()
        bob.watch(alice.address)
        bob.wait_presence(alice.address, since=seen, status="available", online=True)
        alice.wait("request", since=asked, who=bob.address)

    with bench.check("Linphone and baresip watch pidgin"):
        lena.watch(alice.address)
        lena.wait_presence(alice.address, basic="open", activity=None)
        bart.wait("notify", since=0)

    for state, by_pidgin, (basic, activity) in STATES:
        with bench.check("pidgin is %s: shown by pidgin, Linphone and baresip" % state):
            marks = bob.mark(), lena.mark(), bart.mark()
            alice.presence(state)
            bob.wait_presence(alice.address, since=marks[0], status=by_pidgin)
            lena.wait_presence(alice.address, since=marks[1], basic=basic, activity=activity)
            bart.wait("notify", since=marks[2])

    with bench.check("a note goes to both dialects"):
        marks = bob.mark(), lena.mark()
        alice.presence("busy", "In Rom & 서울")
        bob.wait_presence(alice.address, since=marks[0], note=lambda t: t and "In Rom" in t and "서울" in t)
        lena.wait_presence(alice.address, since=marks[1], note="In Rom & 서울")

    with bench.check("pidgin watches Linphone and baresip"):
        mark = alice.mark()
        alice.watch(lena.address)
        alice.watch(bart.address)
        alice.wait_presence(lena.address, since=mark, status="available")
        alice.wait_presence(bart.address, since=mark, online=True)

    for state, shown in (("busy", "busy"), ("away", "away"), ("online", "available")):
        with bench.check("Linphone is %s: pidgin shows %s" % (state, shown)):
            mark = alice.mark()
            lena.presence(state)
            alice.wait_presence(lena.address, since=mark, status=shown)

    with bench.check("Linphone's note is shown"):
        mark = alice.mark()
        lena.presence("busy", "Note of Lena")
        alice.wait_presence(lena.address, since=mark, note=lambda t: t and "Note of Lena" in t)

    with bench.check("who is blocked sees an offline person without a note, in either dialect"):
        marks = bob.mark(), lena.mark()
        alice.command("block", bob.address)
        alice.command("block", lena.address)
        bob.wait_presence(alice.address, since=marks[0], status="offline")
        lena.wait_presence(alice.address, since=marks[1], basic="closed", note=None)

    with bench.check("and stays so when the person changes his state"):
        mark = bob.mark(), lena.mark()
        alice.presence("do-not-disturb")
        bart.wait("notify", since=bart.mark() - 1)
        assert not bob.all("buddy-status", since=mark[0], online=True), bob.seen[mark[0]:]
        assert not lena.all("presence", since=mark[1], basic="open"), lena.seen[mark[1]:]

    with bench.check("unblocked they see again"):
        marks = bob.mark(), lena.mark()
        alice.command("unblock", bob.address)
        alice.command("unblock", lena.address)
        bob.wait_presence(alice.address, since=marks[0], status="do-not-disturb")
        lena.wait_presence(alice.address, since=marks[1], state="dnd")

    with bench.check("a client that dies is offline to all"):
        marks = bob.mark(), lena.mark()
        alice.kill()
        bob.wait_presence(alice.address, since=marks[0], status="offline")
        lena.wait_presence(alice.address, since=marks[1], state="offline")

bench.end()
