"""Goal: two chat on pidgin and add a third, who is on pidgin, on Linphone, or on baresip, which knows nothing of
conferences: everybody sees everybody's texts and the roster, and the conversation goes on in the same record.
needs: simple lync"""
# timeout: 600
from bench import Bench
from check import until


def record_of(server, *who):
    """The record that has exactly these in it."""
    found = [r for r in server.cli_json("record", "list") if sorted(r["who"]) == sorted(who)]
    assert len(found) < 2, found
    return found[0] if found else None


def two_talk(bench, one, other):
    """Two texts one to one; returns the record's id."""
    server, names = bench.server, [c.name.split()[-1] for c in (one, other)]
    one.sign_in(server, names[0])
    other.sign_in(server, names[1])
    one.watch(other.address)
    one.message(other.address, "Shall we ask somebody?")
    other.wait("im", text=lambda t: t.startswith("Shall we ask somebody?"))
    other.message(one.address, "Yes, \uadf8\ub798\uc694")
    one.wait_message("Yes, \uadf8\ub798\uc694")
    until(lambda: (record_of(server, *names) or {}).get("messages") == 2, "both texts are counted")
    return record_of(server, *names)["id"]


def conference(one, other):
    """They become a conference; returns each one's window."""
    one.command("newchat", other.address)
    chats = one.wait("chat-joined")["chat"], other.wait("chat-joined")["chat"]
    one.wait("chat-user-joined", who=other.address)
    other.wait("chat-user-joined", who=one.address)
    return chats


def pidgin_hears(client, sender, text, since=0):
    client.wait("chat-message", since=since, text=text, **{"from": sender})


def check_record(server, number, one, other, third, texts):
    """One record from the first text to the last: how it began, who brought whom, how many texts."""
    names = [c.name.split()[-1] for c in (one, other, third)]
    until(lambda: (record_of(server, *names) or {}).get("messages") == texts,
          "%d texts in %s" % (texts, server.cli_json("record", "list")))
    r = record_of(server, *names)
    assert r["id"] == number, "another conversation: %s, not %s" % (r, number)
    assert r["kind"] == "group" and r["origin"] == "escalated", r
    assert r["begun_by"] in (one.address, names[0]), r
    people = {p["user"]: p for p in r["participants"]}
    assert people[names[2]]["invited_by"] in (one.address, names[0]), r
    assert people[names[2]]["dialect"] == ("lync" if third.kind == "pidgin" else "simple"), r
    assert people[names[2]]["joined_ms"] > people[names[0]]["joined_ms"], r
    assert [x for x in server.cli_json("record", "list") if names[0] in x["who"]] == [r]


with Bench(["ann", "ben", "cleo", "dan", "eve", "lena", "fay", "gus", "bart", "olga"]) as bench:
    server = bench.server

    # --- the third is on pidgin ---
    ann, ben, cleo = (bench.pidgin(n) for n in ("ann", "ben", "cleo"))
    with bench.check("pidgin as the third: sees the roster, all three see each other's texts"):
        number = two_talk(bench, ann, ben)
        cleo.sign_in(server, "cleo")
        ann.watch(cleo.address)
        a, b = conference(ann, ben)
        ann.command("chat-invite", a, cleo.address)
        c = cleo.wait("chat-joined")["chat"]
        for who in (ann, ben):
            cleo.wait("chat-user-joined", who=who.address)
            who.wait("chat-user-joined", who=cleo.address)
        for client, chat in ((ann, a), (ben, b), (cleo, c)):
            client.command("chat-send", chat, "I am " + client.name)
            for other in (ann, ben, cleo):
                if other is not client:
                    pidgin_hears(other, client.address, "I am " + client.name)

    with bench.check("pidgin as the third: one record"):
        check_record(server, number, ann, ben, cleo, 5)

    # --- on Linphone ---
    dan, eve, lena = bench.pidgin("dan"), bench.pidgin("eve"), bench.linphone("lena")
    with bench.check("Linphone as the third: it opens a room by itself, and all three see each other's texts"):
        number = two_talk(bench, dan, eve)
        lena.sign_in(server, "lena", factory="sip:conference-factory@" + server.domain)
        dan.watch(lena.address)
        a, b = conference(dan, eve)
        dan.command("chat-invite", a, lena.address)
        room = lena.wait("chat-room", group=True, state="created")["room"]
        for who in (dan, eve):
            who.wait("chat-user-joined", who=lena.address)
        for client, chat in ((dan, a), (eve, b)):
            client.command("chat-send", chat, "I am " + client.name)
        lena.wait("chat-message", text="I am " + dan.name, **{"from": dan.address})
        lena.wait("chat-message", text="I am " + eve.name, **{"from": eve.address})
        lena.command("room-im", room, "I am " + lena.name)
        for who in (dan, eve):
            pidgin_hears(who, lena.address, "I am " + lena.name)

    with bench.check("Linphone as the third: its roster names the two on pidgin"):
        def participants():
            shown = [e for e in lena.report("rooms", "room") if e["room"] == room]
            return sorted(u.split(";")[0] for u in shown[0]["participants"])

        until(lambda: participants() == sorted([dan.address, eve.address]), "the roster, not %s" % participants())

    with bench.check("Linphone as the third: one record"):
        check_record(server, number, dan, eve, lena, 5)

    # --- on baresip ---
    fay, gus, bart = bench.pidgin("fay"), bench.pidgin("gus"), bench.baresip("bart")
    server.cli("archive", "set", "on", "--user", "fay")
    with bench.check("baresip as the third: it is told where it is, and sees who says what"):
        number = two_talk(bench, fay, gus)
        bart.sign_in(server, "bart")
        fay.watch(bart.address)
        a, b = conference(fay, gus)
        fay.command("chat-invite", a, bart.address)
        welcome = bart.wait("im", text=lambda t: "Fay Test added you to the group" in t)
        group = welcome["from"]
        assert "Gus Test" in welcome["text"] and "/who" in welcome["text"] and "/leave" in welcome["text"], welcome
        for who in (fay, gus):
            who.wait("chat-user-joined", who=bart.address)
        for client, chat in ((fay, a), (gus, b)):
            client.command("chat-send", chat, "I am " + client.name)
        bart.wait_message("Fay Test: I am " + fay.name, sender=group)
        bart.wait_message("Gus Test: I am " + gus.name, sender=group)

    with bench.check("baresip as the third: what it writes is shown as its owner's"):
        bart.stop()  # its contacts, the only ones it can write to, are read at the start
        bart.sign_in(server, "bart", contacts=[group])
        bart.message(group, "I am " + bart.name)
        for who in (fay, gus):
            pidgin_hears(who, bart.address, "I am " + bart.name)
        assert not [t for t in bart.messages() if "I am baresip" in t], "an echo: %s" % bart.messages()

    with bench.check("baresip as the third: one record"):
        check_record(server, number, fay, gus, bart, 5)

    with bench.check("the archive has the two's texts and the three's under that one record"):
        def archived():
            return [t["text"].split("\r\n")[0] for t in server.cli_json("archive", "search", "--record", str(number))]

        said = ["Shall we ask somebody?", "Yes, \uadf8\ub798\uc694"] + ["I am " + c.name for c in (fay, gus, bart)]
        until(lambda: sorted(archived()) == sorted(said), "%s, not %s" % (said, archived()))

    with bench.check("baresip as the third: /who, and who is not there yet is added with /add"):
        mark = bart.mark()
        bart.message(group, "/who")
        who = bart.wait("im", since=mark, text=lambda t: "here:" in t)["text"]
        for name in ("Fay Test", "Gus Test", "Bart Test"):
            assert name in who, who
        olga = bench.linphone("olga").sign_in(server, "olga", factory="sip:conference-factory@" + server.domain)
        mark = bart.mark()
        bart.message(group, "/add olga")
        answer = bart.wait("im", since=mark, text=lambda t: "added" in t or "presenter" in t or "nobody" in t)["text"]
        assert answer == "Olga Test was added.", answer
        olga.wait("chat-room", group=True, state="created")
        for client in (fay, gus):
            client.wait("chat-user-joined", who=olga.address)
        fay.command("chat-send", a, "Welcome, Olga")
        olga.wait("chat-message", text="Welcome, Olga")

    with bench.check("baresip as the third: after /leave it hears nothing more, the others see it go"):
        mark = bart.mark()
        bart.message(group, "/leave")
        bart.wait_message("You have left the group.", since=mark)
        for client in (fay, gus):
            client.wait("chat-user-left", who=bart.address)
        mark = bart.mark()
        gus.command("chat-send", b, "without Bart")
        pidgin_hears(fay, gus.address, "without Bart")
        olga.wait("chat-message", text="without Bart")
        gus.message(bart.address, "Good bye")  # what came before it would have come
        bart.wait_message("Good bye", since=mark)
        assert bart.messages(since=mark) == ["Good bye"], bart.messages(since=mark)

bench.end()
