"""Goal: a third person is added to two who chat on pidgin: conference, roster, texts, presenter's rights, leaving.
needs: lync"""
from bench import Bench
from check import until

with Bench(["alice", "bob", "carol"]) as bench:
    alice, bob, carol = (bench.pidgin(n) for n in ("alice", "bob", "carol"))

    def address(name):
        return "sip:%s@%s" % (name, bench.server.domain)

    with bench.check("three sign in"):
        for c, n in ((alice, "alice"), (bob, "bob"), (carol, "carol")):
            c.sign_in(bench.server, n)

    with bench.check("two chat"):
        alice.watch(bob.address)
        alice.watch(carol.address)
        alice.message(bob.address, "before the conference")
        bob.wait_message("before the conference")

    with bench.check("New chat with Bob: both are in the conference"):
        alice.command("newchat", bob.address)
        chat_a = alice.wait("chat-joined")["chat"]
        chat_b = bob.wait("chat-joined")["chat"]
        alice.wait("chat-user-joined", who=bob.address)
        bob.wait("chat-user-joined", who=alice.address)

    with bench.check("texts go both ways, with their author"):
        alice.command("chat-send", chat_a, "hello conference")
        bob.wait("chat-message", text="hello conference", **{"from": address("alice")})
        bob.command("chat-send", chat_b, "hello Alice, 안녕")
        alice.wait("chat-message", text="hello Alice, 안녕", **{"from": address("bob")})

    with bench.check("a third person is added and sees the others"):
        alice.command("chat-invite", chat_a, carol.address)
        chat_c = carol.wait("chat-joined")["chat"]
        for who in ("alice", "bob"):
            carol.wait("chat-user-joined", who=address(who))
        bob.wait("chat-user-joined", who=carol.address)

    with bench.check("everybody sees everybody's texts in one order, the author none of his own twice"):
        marks = [c.mark() for c in (alice, bob, carol)]
        for i in range(6):
            for c, chat in ((alice, chat_a), (bob, chat_b), (carol, chat_c)):
                c.command("chat-send", chat, "%s %d" % (c.name.split()[-1], i))
        seen = []
        for c, mark in zip((alice, bob, carol), marks):
            others = [n for n in ("alice", "bob", "carol") if n != c.name.split()[-1]]
            for n in others:
                c.wait("chat-message", since=mark, text="%s 5" % n)
            seen.append([e["text"] for e in c.all("chat-message", since=mark) if e["from"] != c.address])
            assert len(seen[-1]) == 12, (c.name, seen[-1])
        assert [t for t in seen[0] if t.startswith("carol")] == [t for t in seen[1] if t.startswith("carol")]
        merged = [t for t in seen[0] if not t.startswith("bob")], [t for t in seen[1] if not t.startswith("alice")]
        assert merged[0] == merged[1], merged

    with bench.check("who leaves is gone from the roster"):
        bob.command("chat-leave", chat_b)
        alice.wait("chat-user-left", who=bob.address)
        carol.wait("chat-user-left", who=bob.address)

    with bench.check("the presenter removes somebody"):
        alice.command("menu-do", carol.address, "Remove from")
        carol.wait("conv-line", html=lambda t: t and "disconnected from this conference" in t)
        alice.wait("chat-user-left", who=carol.address)

    with bench.check("one record: how it began, who was there, how many texts"):
        def records():
            got = bench.server.cli_json("record", "list")
            return got["records"] if isinstance(got, dict) else got

        until(lambda: any(r["messages"] == 21 for r in records()), "the record is written within a second")
        group = [r for r in records() if r["kind"] == "group"]
        assert len(group) == 1 and not [r for r in records() if r["kind"] == "im"], records()
        assert sorted(p["uri"] for p in group[0]["participants"]) == [address(n) for n in ("alice", "bob", "carol")], group
        assert group[0]["messages"] == 21, group

bench.end()
