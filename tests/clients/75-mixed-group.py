"""Goal: a standing group with six clients, two of each kind: joins, texts that all see once and in one order, a leave,
a kick by the administrator, a restart of the server in the middle, and the history for who joins late.
needs: simple lync"""
# timeout: 900
import re

from bench import Bench
from check import until

NAMES = ("pia", "paul", "lena", "luca", "bart", "bea")
LATE = ("lisa", "petra", "bob")


class Member:
    """A client as a member of the one group: what it says goes there, what it sees is (author, text)."""

    def __init__(self, bench, name, group):
        self.bench, self.name, self.group = bench, name, group
        self.address = bench.server.address(name)
        self.client = {"p": bench.pidgin, "l": bench.linphone, "b": bench.baresip}[name[0]](name)
        self.kind = self.client.kind
        self.mine = []

    def sign_in(self):
        server = self.bench.server
        if self.kind == "linphone":
            self.client.sign_in(server, self.name, factory="sip:conference-factory@" + server.domain)
        elif self.kind == "baresip":
            self.client.sign_in(server, self.name, contacts=[self.group])
        else:
            self.client.sign_in(server, self.name)
        return self

    def wait_in(self, since=0):
        """Until the client shows that it is in the group."""
        if self.kind == "pidgin":
            self.client.wait("chat-joined", since=since)
        elif self.kind == "linphone":
            self.client.wait("chat-room", since=since, group=True, state="created")
        else:
            self.client.wait("im", since=since, text=lambda t: "You are in the group" in t)

    def say(self, text):
        self.mine.append(text)
        if self.kind == "pidgin":
            # Each joining opens a chat of its own.
            self.client.command("chat-send", self.client.all("chat-joined")[-1]["chat"], text)
        elif self.kind == "linphone":
            self.client.command("room-im", self.client.all("chat-room", group=True, state="created")[-1]["room"], text)
        else:
            self.client.message(self.group, text)

    def seen(self, since=0):
        """(author, text) in order; an echo of its own would be among them."""
        if self.kind == "baresip":
            split = [e["text"].split(" Test: ", 1) for e in self.client.all("im", since=since) if e["from"] == self.group]
            return [(s[0].lower(), s[1]) for s in split if len(s) == 2]
        seen = [(re.match(r"sip:(\w+)@", e["from"]).group(1), e["text"])
                for e in self.client.all("chat-message", since=since)]
        if self.kind == "pidgin":
            # What was said before it joined begins with its time; libpurple shows its own lines by the same event.
            seen = [(a, re.sub(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d UTC\] ", "", t)) for a, t in seen]
            own = [x for x in seen if x[0] == self.name]
            assert len(own) <= len(self.mine), "pidgin shows an echo: %s" % own
            seen = [x for x in seen if x[0] != self.name]
        return seen

    def wait_seen(self, author, text, since=0, timeout=60):
        until(lambda: (author, text) in self.seen(since),
              "%s sees %r of %s, not only %s" % (self.client.name, text, author, self.seen(since)), timeout)

    def mark(self):
        return self.client.mark()


def roster(server):
    return {m["user"]: m["endpoints"] for m in server.web().get("/api/v1/groups/sales").json["roster"]}


def talk(members, rounds, what):
    """Everybody writes in turn; returns when everybody has seen the last of all, and checks what they saw."""
    marks = {m: m.mark() for m in members}
    said = []
    for i in range(rounds):
        for m in members:
            text = "%s %d" % (what, i)
            m.say(text)
            said.append((m.name, text))
    orders = []
    for m in members:
        for author in members:
            if author is not m:
                m.wait_seen(author.name, "%s %d" % (what, rounds - 1), since=marks[m])
        seen = m.seen(marks[m])
        assert sorted(seen) == sorted(x for x in said if x[0] != m.name), (m.client.name, seen)
        orders.append((m, seen))
    for m, a in orders:
        for n, b in orders:
            both = (m.name, n.name)
            assert [x for x in a if x[0] not in both] == [x for x in b if x[0] not in both], (m.name, a, n.name, b)


with Bench(NAMES + LATE) as bench:
    server = bench.server
    group = server.address("sales")
    server.cli("group", "add", "sales", "--subject", "Sales department")
    for n in NAMES:
        server.cli("group", "member", "sales", n)
    members = {n: Member(bench, n, group) for n in NAMES}
    everybody = list(members.values())

    with bench.check("six members sign in, and each client shows that it is in the group"):
        for m in members.values():
            m.sign_in()
        for m in members.values():
            m.wait_in()
        until(lambda: all(roster(server).get(n) == 1 for n in NAMES), "all have one endpoint in it: %s" % roster(server))

    with bench.check("texts of each are seen by all others once, in one order, and by nobody as an echo"):
        talk(list(members.values()), 3, "text")

    with bench.check("Unicode is the same for all"):
        marks = {m: m.mark() for m in members.values()}
        members["pia"].say("안녕하세요 \U0001f3e1 & < >")
        members["bart"].say("매출 보고서")
        for m in members.values():
            if m.name != "pia":
                m.wait_seen("pia", "안녕하세요 \U0001f3e1 & < >", since=marks[m])
            if m.name != "bart":
                m.wait_seen("bart", "매출 보고서", since=marks[m])

    with bench.check("one leaves, and the others see it"):
        marks = {m: m.mark() for m in members.values()}
        gone = members.pop("bea")
        gone.client.message(group, "/leave")
        gone.client.wait_message("You have left the group.")
        for n in ("pia", "paul"):
            members[n].client.wait("chat-user-left", since=marks[members[n]], who=gone.address)
        for n in ("lena", "luca"):
            members[n].client.wait("chat-user-left", since=marks[members[n]], who=gone.address)
        talk(list(members.values()), 1, "without bea")
        assert not [x for x in gone.seen(marks[gone]) if "without bea" in x[1]], gone.seen(marks[gone])

    with bench.check("the administrator removes one on Linphone and one on pidgin: they see it, and so do the others"):
        for name, stays in (("luca", "lena"), ("paul", "pia")):
            marks = {m: m.mark() for m in members.values()}
            gone = members.pop(name)
            server.cli("group", "remove", "sales", name)
            if gone.kind == "linphone":
                gone.client.wait("chat-room", since=marks[gone], state="terminated")
            else:
                gone.client.wait("conv-line", since=marks[gone], html=lambda t: t and "disconnected from this conference" in t)
            for m in (members["pia"], members["lena"]):
                m.client.wait("chat-user-left", since=marks[m], who=gone.address)
            talk(list(members.values()), 1, "without " + name)
            assert not [x for x in gone.seen(marks[gone]) if "without" in x[1]], gone.seen(marks[gone])

    with bench.check("who is no member of the closed group may not write to it"):
        outsider = bench.baresip("bob").sign_in(server, "bob", contacts=[group])
        mark = outsider.mark()
        outsider.message(group, "let me in")
        outsider.wait_answer("MESSAGE", 403, since=mark)
        assert "bob" not in roster(server)

    with bench.check("the server restarts in the middle, and the group goes on"):
        marks = {m: m.mark() for m in members.values()}
        server.restart()
        pia, lena, bart = members["pia"], members["lena"], members["bart"]
        pia.client.wait("disconnected", since=marks[pia])
        # With the window open pidgin-sipe 1.25 would go on with the conference's memory, which it has freed.
        pia.client.command("chat-leave", pia.client.all("chat-joined")[-1]["chat"])
        pia.client.command("reconnect")
        pia.client.wait("signed-on", since=marks[pia], timeout=120)
        pia.wait_in(since=marks[pia])
        lena.client.wait("registration", since=marks[lena], state="ok", timeout=120)
        bart.client.stop()  # it would notice only at its next REGISTER that the server was away
        bart.sign_in()
        until(lambda: all(roster(server).get(n) == 1 for n in members), "all are back: %s" % roster(server), 120)
        talk(list(members.values()), 2, "after the restart")

    with bench.check("nobody was told again what he had seen before the restart"):
        for m in members.values():
            seen = m.seen()
            assert len(seen) == len(set(seen)), (m.name, [x for x in seen if seen.count(x) > 1])

    with bench.check("who is away reads afterwards what was said, in its order"):
        mark = bart.mark()
        bart.client.stop()
        until(lambda: roster(server).get("bart") == 0, "bart is away: %s" % roster(server))
        for i in range(3):
            pia.say("while away %d" % i)
            lena.wait_seen("pia", "while away %d" % i)
            lena.say("while away, too %d" % i)
            pia.wait_seen("lena", "while away, too %d" % i)
        bart.sign_in()
        bart.wait_seen("lena", "while away, too 2", since=mark)
        assert [x for x in bart.seen(mark) if "while away" in x[1]] == [
            x for i in range(3) for x in (("pia", "while away %d" % i), ("lena", "while away, too %d" % i))], bart.seen(mark)

    for n, kind in (("lisa", "Linphone"), ("petra", "pidgin"), ("bob", "a plain client")):
        with bench.check("who joins late gets the history: " + kind):
            late = Member(bench, n, group)
            if n == "bob":
                outsider.stop()
            server.cli("group", "member", "sales", n)
            late.sign_in()
            late.wait_seen("lena", "while away, too 2")
            seen = late.seen()
            if late.kind == "pidgin":
                late.client.wait("chat-message", text=lambda t: t.startswith("[20") and "UTC] while away, too 2" in t)
            assert len(seen) == len(set(seen)), seen
            assert len(seen) >= 10, seen
            for m in (pia, lena):
                others = [x for x in seen if x[0] != m.name]
                assert others == m.seen()[-len(others):], (n, others, m.name, m.seen())
            members[n] = late
            everybody.append(late)

    with bench.check("and talks with all the others"):
        talk(list(members.values()), 1, "all again")

    with bench.check("the records name all who were in it with their clients, and count every text"):
        def records():
            return [r for r in server.cli_json("record", "list") if r["kind"] == "group"]

        said = sum(len(m.mine) for m in everybody)
        until(lambda: sum(r["messages"] for r in records()) == said, "%d texts in %s" % (said, records()))
        assert len(records()) == 2, "a restart ends one and begins another: %s" % records()
        for r in records():
            for p in r["participants"]:
                kind = [m.kind for m in everybody if m.name == p["user"]][0]
                assert p["dialect"] == ("lync" if kind == "pidgin" else "simple"), p
                assert {"pidgin": "Sipe", "linphone": "Linphone", "baresip": "baresip"}[kind] in p["client"], p
        assert {p["user"] for r in records() for p in r["participants"]} == {m.name for m in everybody}

bench.end()
