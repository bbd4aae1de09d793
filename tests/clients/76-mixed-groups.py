"""Goal: one group, all kinds of client: pidgin-sipe, Linphone with its own group chat, baresip with nothing but texts.
Each is added as the third; six of them join, leave, are removed, and live through a restart of the server.
needs: simple lync"""
# timeout: 900
from bench import Bench
from check import until

KINDS = {"alice": "pidgin", "bob": "pidgin", "lena": "linphone", "max": "linphone", "bart": "baresip", "beth": "baresip"}


class Member:
    """One client in one group, whatever it is."""

    def __init__(self, bench, name):
        self.bench, self.name, self.kind = bench, name, KINDS[name]
        self.address = bench.server.address(name)
        self.client, self.chat = None, None
        self.mark = 0

    def sign_in(self, contacts=()):
        server = self.bench.server
        self.client = getattr(self.bench, self.kind)(self.name)
        if self.kind == "linphone":
            self.client.sign_in(server, self.name, factory="sip:conference-factory@" + server.domain)
        elif self.kind == "baresip":
            self.client.sign_in(server, self.name, contacts=contacts)
        else:
            self.client.sign_in(server, self.name)
        self.mark = 0
        return self

    def joined(self, group=None, since=0):
        """Waits until it is in; returns the group's address where the client knows it."""
        if self.kind == "pidgin":
            self.chat = self.client.wait("chat-joined", since=since)["chat"]
        elif self.kind == "linphone":
            self.chat = self.client.wait("chat-room", since=since, group=True, state="created")["room"].split(";")[0]
            return self.chat
        else:
            e = self.client.wait("im", since=since, text=lambda t: "/leave" in t)
            if group is None or not self.client._contacts:
                # baresip writes only to whom it knows: it comes back with the group among its contacts.
                self.client.stop()
                self.sign_in([e["from"]])
            self.chat = e["from"]
        return self.chat

    def say(self, text):
        if self.kind == "pidgin":
            self.client.command("chat-send", self.chat, text)
        elif self.kind == "linphone":
            self.client.command("room-im", self.chat, text)
        else:
            self.client.message(self.chat, text)

    def heard(self, text, author, since=0):
        """What was said while a pidgin was away says when: "[2026-11-26 02:10 UTC] text"."""
        if self.kind == "baresip":
            return self.client.wait_message("%s Test: %s" % (author.name.capitalize(), text), since=since)
        return self.client.wait("chat-message", since=since, text=lambda v: v == text or v.endswith(" UTC] " + text),
                                **{"from": lambda v: v.split(";")[0] == author.address})

    def texts(self, since=0):
        """What others said, without names."""
        if self.kind == "baresip":
            return [t.split(" Test: ", 1)[1] for t in self.client.messages(since) if " Test: " in t]
        return [e["text"] for e in self.client.all("chat-message", since=since) if e["from"].split(";")[0] != self.address]

    def leave(self):
        if self.kind == "pidgin":
            self.client.command("chat-leave", self.chat)
        elif self.kind == "linphone":
            self.client.command("room-leave", self.chat)
        else:
            self.client.message(self.chat, "/leave")


def all_talk(members, what):
    """Each says something, all others hear it as his."""
    marks = {m.name: m.client.mark() for m in members}
    for author in members:
        text = "%s, says %s" % (what, author.name)
        author.say(text)
        for m in members:
            if m is not author:
                m.heard(text, author, since=marks[m.name])


def in_one_order(members, rounds):
    """All write at once; what any two heard of the others stands in the same order."""
    marks = {m.name: m.client.mark() for m in members}
    for i in range(rounds):
        for m in members:
            m.say("round %d of %s" % (i, m.name))
    heard = {}
    for m in members:
        want = (len(members) - 1) * rounds
        until(lambda m=m: len(m.texts(marks[m.name])) >= want, "%s hears %d texts" % (m.name, want), timeout=60)
        heard[m.name] = m.texts(marks[m.name])
        assert len(heard[m.name]) == want, (m.name, heard[m.name])
    for a in members:
        for b in members:
            common = [[t for t in heard[x.name] if not t.endswith((" of " + a.name, " of " + b.name))] for x in (a, b)]
            assert common[0] == common[1], (a.name, b.name, common)


def back(member, text, author):
    """A pidgin signs in again, is in again, and reads what it missed."""
    mark = member.client.mark()
    member.client.command("logout")
    member.client.command("reconnect")
    member.client.wait("signed-on", since=mark)
    member.joined(since=mark)
    member.heard(text, author, since=mark)


def started_anew(member, text, author):
    """With the window of its last connection still open, pidgin-sipe sometimes crashes when it signs in; a new one
    comes back into the group as well."""
    member.client.kill()
    member.sign_in()
    member.joined()
    member.heard(text, author)


def third(bench, kind, name):
    """Two on pidgin, and the third on something else."""
    alice, bob, other = bench.people["alice"], bench.people["bob"], bench.people[name]
    with bench.check("two on pidgin add a third on %s" % kind):
        marks = {m.name: m.client.mark() for m in (alice, bob, other)}
        alice.client.command("newchat", bob.address)
        alice.joined(since=marks["alice"])
        bob.joined(since=marks["bob"])
        alice.client.command("chat-invite", alice.chat, other.address)
        other.joined(since=marks[name])
        alice.client.wait("chat-user-joined", since=marks["alice"], who=other.address)
        bob.client.wait("chat-user-joined", since=marks["bob"], who=other.address)
    with bench.check("they talk to each other (%s)" % kind):
        all_talk((alice, bob, other), "three with " + kind)
        in_one_order((alice, bob, other), 5)
    with bench.check("the third leaves (%s)" % kind):
        other.leave()
        alice.client.wait("chat-user-left", since=marks["alice"], who=other.address)
        for m in (bob, alice):
            m.leave()


with Bench(list(KINDS)) as bench:
    bench.people = people = {n: Member(bench, n) for n in KINDS}
    with bench.check("six sign in"):
        for m in people.values():
            m.sign_in()
        for m in people.values():
            if m.kind == "pidgin":
                for other in people.values():
                    if other is not m:
                        m.client.watch(other.address)

    third(bench, "Linphone", "lena")
    third(bench, "baresip", "bart")

    alice, bob, lena, peter, bart, beth = (people[n] for n in ("alice", "bob", "lena", "max", "bart", "beth"))
    with bench.check("Linphone makes a group of six"):
        marks = {m.name: m.client.mark() for m in people.values()}
        lena.client.command("group", "All of us", *[m.address for m in people.values() if m is not lena])
        group = lena.joined(since=marks["lena"])
        for m in (alice, bob, peter, bart, beth):
            if m is bart:
                bart.client.wait("im", since=marks["bart"], text=lambda t: "All of us" in t)
                bart.client.stop()
                bart.sign_in([group])
                bart.chat = group
            else:
                m.joined(since=marks[m.name])
        everybody = list(people.values())

    with bench.check("all six see each other's words"):
        all_talk(everybody, "six")

    with bench.check("and in one order, when all write at once"):
        in_one_order(everybody, 4)

    with bench.check("one is removed by the one who leads, and hears no more"):
        mark = beth.client.mark()
        lena.client.command("room-remove", lena.chat, beth.address)
        alice.client.wait("chat-user-left", who=beth.address)
        peter.say("without beth")
        for m in (alice, bob, lena, bart):
            m.heard("without beth", peter)
        assert "without beth" not in beth.texts(mark)

    with bench.check("one leaves by a word, and one is removed from his window"):
        mark, marks_lena = bob.client.mark(), lena.client.mark()
        bart.leave()
        lena.client.wait("chat-user-left", since=marks_lena, who=bart.address)
        lena.client.command("room-remove", lena.chat, bob.address)
        bob.client.wait("conv-line", since=mark, html=lambda t: t and "disconnected from this conference" in t)
        lena.client.wait("chat-user-left", since=marks_lena, who=bob.address)
        bob.leave()  # closes what is left of the window
        all_talk([alice, lena, peter], "three are left")

    with bench.check("they are added again, by whom the group was made"):
        marks = {m.name: m.client.mark() for m in people.values()}
        for m in (bob, bart, beth):
            lena.client.command("room-add", lena.chat, m.address)
        bob.joined(since=marks["bob"])
        # What was said meanwhile comes too: the group is a standing one.
        bob.heard("three are left, says max", peter, since=marks["bob"])
        for m in (bart, beth):
            m.client.wait("im", since=marks[m.name], text=lambda t: "added you to the group" in t)
        everybody = list(people.values())
        all_talk(everybody, "six again")

    with bench.check("who only closes the window is asked in at his next sign-in, and misses nothing"):
        bob.leave()
        lena.say("the window is closed")
        peter.heard("the window is closed", lena)
        back(bob, "the window is closed", lena)

    with bench.check("the server restarts in the middle, and the group goes on"):
        for m in (lena, peter):
            m.before = m.client.mark()
        bench.server.restart()
        for m in (lena, peter):
            m.client.wait("registration", since=m.before, state="ok", timeout=120)
        for m in (bart, beth):
            m.client.stop()
            m.sign_in([group])
            m.chat = group
        lena.say("after the restart")
        for m in (peter, bart, beth):
            m.heard("after the restart", lena)
        all_talk([lena, peter, bart, beth], "standards clients after the restart")

    with bench.check("pidgin comes back into it, and misses nothing"):
        for m in (alice, bob):
            started_anew(m, "after the restart", lena)
        all_talk(list(people.values()), "all are back")

bench.end()
