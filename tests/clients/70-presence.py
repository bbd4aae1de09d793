"""Who shows what to whom: Linphone, baresip and pidgin, each as the one who says and the one who sees, every state.
needs: simple lync"""
# timeout: 600
from bench import Bench

# What a person chooses in each client, and what that is.  Linphone's offline and online are those of its own window.
SAYS = {
    "linphone": [("busy", "busy"), ("away", "away"), ("dnd", "dnd"), ("c-offline", "offline"), ("online", "available")],
    "baresip": [("offline", "offline"), ("online", "available")],
    "pidgin": [("busy", "busy"), ("away", "away"), ("do-not-disturb", "dnd"), ("be-right-back", "brb"),
               ("invisible", "offline"), ("available", "available")],
}
# What each client shows of it.  Linphone has one word, "busy", for busy and away, and tells them apart by the activity.
LINPHONE_SEES = {"available": {"state": "online"}, "busy": {"state": "busy", "activity": "busy"},
                 "away": {"state": "busy", "activity": "away"}, "brb": {"state": "busy", "activity": "away"},
                 "dnd": {"state": "dnd"}, "offline": {"state": "offline"}}
BARESIP_SEES = {"available": "Online", "busy": "Busy", "dnd": "Busy", "away": "Offline", "brb": "Offline",
                "offline": "Offline"}
PIDGIN_SEES = {"available": "available", "busy": "busy", "dnd": "do-not-disturb", "away": "away",
               "brb": "be-right-back", "offline": "offline"}


def sees(watcher, who, state, since):
    if watcher.kind == "linphone":
        watcher.wait_presence(who, since=since, **LINPHONE_SEES[state])
    elif watcher.kind == "baresip":
        watcher.wait_contact(who, BARESIP_SEES[state])
    else:
        watcher.wait_presence(who, since=since, status=PIDGIN_SEES[state])


with Bench(["alice", "bob", "carol", "lena", "bart", "paul"]) as bench:
    server = bench.server
    said_by = [server.address(n) for n in ("alice", "bob", "carol")]
    with bench.check("everybody signs in"):
        publishers = [bench.linphone("alice").sign_in(server, "alice"),
                      bench.baresip("bob").sign_in(server, "bob", pubint=60),
                      bench.pidgin("carol").sign_in(server, "carol")]
        lena = bench.linphone("lena").sign_in(server, "lena")
        bart = bench.baresip("bart").sign_in(server, "bart", watch=said_by)
        paul = bench.pidgin("paul").sign_in(server, "paul")
        watchers = [lena, bart, paul]
        for address in said_by:
            lena.watch(address)
            paul.watch(address)

    for publisher in publishers:
        for watcher in watchers:
            with bench.check("%s is seen available by %s" % (publisher.name, watcher.name)):
                sees(watcher, publisher.address, "available", 0)

    for publisher in publishers:
        for choice, state in SAYS[publisher.kind]:
            marks = [w.mark() for w in watchers]
            publisher.presence(choice)
            for watcher, mark in zip(watchers, marks):
                with bench.check("%s says %s: %s sees %s" % (publisher.name, choice, watcher.name, state)):
                    sees(watcher, publisher.address, state, mark)

    alice, bob, carol = publishers
    for publisher in (alice, carol):
        with bench.check("a note of %s is seen by Linphone and pidgin, Unicode intact" % publisher.name):
            marks = lena.mark(), paul.mark()
            publisher.presence("busy", "회의 중 🙂 <until> 5 & later")
            lena.wait_presence(publisher.address, since=marks[0], note=lambda n: n and "회의 중 🙂" in n, state="busy")
            paul.wait_presence(publisher.address, since=marks[1], note=lambda n: n and "회의 중 🙂" in n, status="busy")

    with bench.check("a blocked colleague sees offline, the others do not; unblocked sees again"):
        marks = lena.mark(), paul.mark()
        alice.presence("online")
        lena.wait_presence(alice.address, since=marks[0], state="online")
        paul.wait_presence(alice.address, since=marks[1], status="available")
        bart.wait_contact(alice.address, "Online")
        marks = lena.mark(), paul.mark()
        server.cli("user", "access", "alice", "lena", "blocked")
        server.cli("user", "access", "alice", "bart", "blocked")
        lena.wait_presence(alice.address, since=marks[0], state="offline")
        bart.wait_contact(alice.address, "Offline")
        assert not paul.all("buddy-status", since=marks[1], who=alice.address, status="offline"), "paul is not blocked"
        mark = lena.mark()
        server.cli("user", "access", "alice", "lena", "default")
        server.cli("user", "access", "alice", "bart", "default")
        lena.wait_presence(alice.address, since=mark, state="online")
        bart.wait_contact(alice.address, "Online")

    with bench.check("someone on two clients is as reachable as the better one"):
        marks = lena.mark(), paul.mark()
        bob.presence("offline")
        second = bench.linphone("bob").sign_in(server, "bob")
        second.presence("online")
        lena.wait_presence(bob.address, since=marks[0], state="online")
        bart.wait_contact(bob.address, "Online")

    with bench.check("signing out is seen at once, and so is a client that dies"):
        marks = lena.mark(), paul.mark()
        second.kill()
        bob.stop()
        alice.kill()
        for address in (bob.address, alice.address):
            lena.wait_presence(address, since=marks[0], state="offline")
            bart.wait_contact(address, "Offline")
            paul.wait_presence(address, since=marks[1], status="offline")

    with bench.check("a new sign-in is seen without anybody asking again"):
        marks = lena.mark(), paul.mark()
        alice = bench.linphone("alice").sign_in(server, "alice")
        lena.wait_presence(alice.address, since=marks[0], state="online")
        bart.wait_contact(alice.address, "Online")
        paul.wait_presence(alice.address, since=marks[1], status="available")

bench.end()
