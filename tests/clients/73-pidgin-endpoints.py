"""Goal: one person at two machines with pidgin-sipe: one list, one conversation; and machines that started in the same
second.
needs: lync"""
# timeout: 600
from bench import Bench
from check import until

with Bench(["alice", "bob", "carol", "dave"]) as bench:
    server = bench.server
    a = server.address
    desk, lap = bench.pidgin("alice"), bench.pidgin("alice")

    with bench.check("both are signed in, and stay so"):
        desk.sign_in(server, "alice")
        lap.sign_in(server, "alice")
        assert not desk.all("disconnected") and not desk.all("connection-error"), desk.seen

    with bench.check("what one adds to the list the other shows at once"):
        mark = lap.mark()
        desk.watch(a("bob"), "Friends")
        lap.wait("buddy-added", since=mark, who=a("bob"), group="Friends")
        mark = desk.mark()
        lap.watch(a("carol"), "Work 회사")
        desk.wait("buddy-added", since=mark, who=a("carol"), group="Work 회사")

    with bench.check("renamed groups and removed contacts too"):
        desk.command("rename-group", "Friends", "Old friends")
        lap.wait_log('name="Old friends"')
        mark = lap.mark()
        desk.command("remove", a("carol"))
        lap.wait("buddy-removed", since=mark, who=a("carol"))

    with bench.check("a text begins one session, with whichever answers first; the two talk on there"):
        bob = bench.pidgin("bob").sign_in(server, "bob")
        marks = {c: c.mark() for c in (desk, lap)}
        bob.message(a("alice"), "where are you?")
        until(lambda: any(c.messages(since=m) for c, m in marks.items()), "one of them shows the text")
        there = next(c for c, m in marks.items() if c.messages(since=m))
        mark, since = bob.mark(), there.mark()
        there.message(a("bob"), "on the train")
        bob.wait_message("on the train", since=mark)
        bob.message(a("alice"), "have a good trip")
        there.wait_message("have a good trip", since=since)
        assert len(bob.messages(since=mark)) == 1, bob.messages(since=mark)

    with bench.check("the state of the more active one is shown, and what is left when one goes"):
        bob.watch(a("alice"))
        mark = bob.mark()
        desk.presence("busy")
        bob.wait_presence(a("alice"), since=mark, status="busy")
        desk.stop()
        mark = bob.mark()
        lap.presence("available")
        bob.wait_presence(a("alice"), since=mark, status="available")
        mark = bob.mark()
        lap.stop()
        bob.wait_presence(a("alice"), since=mark, status="offline")

    with bench.check("identical Call-IDs of clients started in the same second do not mix people"):
        twins = [bench.pidgin(n, seed=4711).sign_in(server, n) for n in ("carol", "dave")]
        ids = [set(line for line in t.log().splitlines() if line.startswith("Call-ID:")) for t in twins]
        assert ids[0] & ids[1], "the seed made no two Call-IDs alike"
        for twin, name in zip(twins, ("carol", "dave")):
            bob.message(a(name), "for %s alone" % name)
            twin.wait_message("for %s alone" % name)
            twin.message(a("bob"), "from %s" % name)
            bob.wait_message("from %s" % name, sender=a(name))
        assert twins[0].messages() == ["for carol alone"], twins[0].messages()
        assert twins[1].messages() == ["for dave alone"], twins[1].messages()

bench.end()
