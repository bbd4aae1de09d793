"""Goal: what an organisation says about texts holds for every client: archived texts of each are found, and people are
told; a forbidden link of each is refused with a reason its writer sees; warnings and the disclaimer are shown.
needs: simple lync"""
# timeout: 600
from bench import Bench
from check import until

ARCHIVED = "What is said here is archived."
REFUSED = "it contains a link, which is not allowed here"
DISCLAIMER = "Confidential: for employees only."
LINK = "look at http://evil.example/x"


def found(server, words, user=None):
    """(from, text) of what the archive has."""
    got = server.cli_json("archive", "search", words, *(["--user", user] if user else []))
    return [(t["from"], t["text"]) for t in got]


def wait_found(server, words, sender, text):
    until(lambda: [x for x in found(server, words) if x[0] == sender and x[1].startswith(text)],
          "%r of %s is found by %r" % (text, sender, words))


def hears(client, sender, test, since=0):
    """A text one to one from sender that passes the test."""
    return client.wait("im", since=since, text=test, **{"from": lambda v: v.split(";")[0] == sender.address})["text"]


def is_told(client, line):
    """How often a line of the server's was shown."""
    return sum(line in t for t in client.messages())


with Bench(["kim", "pia", "pat", "lee", "lou", "bo", "ben"]) as bench:
    server = bench.server
    kim, pia, pat = (bench.pidgin(n).sign_in(server, n) for n in ("kim", "pia", "pat"))
    factory = "sip:conference-factory@" + server.domain
    lee, lou = (bench.linphone(n).sign_in(server, n, factory=factory) for n in ("lee", "lou"))
    server.cli("group", "add", "sales", "--subject", "Sales")
    group = server.address("sales")
    people = [server.address(n) for n in ("kim", "pia", "pat", "lee", "lou", "bo", "ben")] + [group]
    bo, ben = (bench.baresip(n).sign_in(server, n, contacts=people) for n in ("bo", "ben"))
    server.cli("archive", "set", "on", "--user", "kim")

    # --- the archive ---

    for client in (pia, lee, bo):
        with bench.check("archived: a text from and to %s is found, and both are told once" % client.kind):
            text = "이번분기매출보고서입니다 from " + client.kind
            client.message(kim.address, text)
            shown = hears(kim, client, lambda t, text=text: t.startswith(text))
            assert ARCHIVED in shown, shown
            hears(client, kim, lambda t: t == ARCHIVED)
            kim.message(client.address, "주간업무보고 to " + client.kind)
            hears(client, kim, lambda t, c=client: t == "주간업무보고 to " + c.kind)
            client.message(kim.address, "again from " + client.kind)
            hears(kim, client, lambda t, c=client: t == "again from " + c.kind)
            assert is_told(client, ARCHIVED) == 1, client.messages()
            wait_found(server, "매출", client.address, text)
            wait_found(server, "보고서", client.address, text)
            wait_found(server, "업무", kim.address, "주간업무보고 to " + client.kind)
            wait_found(server, client.kind, client.address, "again from " + client.kind)

    with bench.check("archived: texts in a group with her, of each client; every member is told"):
        for n in ("kim", "lee", "bo", "pia"):
            server.cli("group", "member", "sales", n)
        chat = {c: c.wait("chat-joined")["chat"] for c in (kim, pia)}
        room = lee.wait("chat-room", group=True, state="created")["room"]
        until(lambda: all(m["endpoints"] == 1 for m in server.web().get("/api/v1/groups/sales").json["roster"]), "all are in")
        kim.command("chat-send", chat[kim], "회의록공유 pidgin")
        lee.command("room-im", room, "회의록공유 linphone")
        bo.message(group, "회의록공유 baresip")
        for client in (kim, lee, bo):
            wait_found(server, "의록", client.address, "회의록공유 " + client.kind)
        for client in (kim, pia, lee):
            client.wait("chat-message", text=ARCHIVED)
            if client is not kim:
                client.wait("chat-message", text="회의록공유 pidgin")
        bo.wait_message(ARCHIVED, sender=group)
        bo.wait_message("Lee Test: 회의록공유 linphone", sender=group)
        for client in (kim, pia, lee):
            client.wait("chat-message", text="회의록공유 baresip")
            assert len(client.all("chat-message", text=ARCHIVED)) == 1, client.name
        assert len(bo.all("im", text=ARCHIVED, **{"from": group})) == 1

    with bench.check("others' texts are not archived, and nobody is told so"):
        pat.message(lou.address, "비밀계획 from pat")
        hears(lou, pat, lambda t: t == "비밀계획 from pat")
        lou.message(ben.address, "비밀계획 from lou")
        hears(ben, lou, lambda t: t == "비밀계획 from lou")
        kim.message(ben.address, "마지막문장")  # what was said before it would be there before it
        wait_found(server, "지막", kim.address, "마지막문장")
        assert not found(server, "비밀"), found(server, "비밀")
        assert not [t for c in (pat, lou) for t in c.messages() if ARCHIVED in t]

    with bench.check("archiving required: the text passes, and is on disk by then"):
        server.cli("archive", "set", "required", "--user", "lou")
        ben.message(lou.address, "필수보관문서")
        hears(lou, ben, lambda t: t.startswith("필수보관문서") and ARCHIVED in t)
        assert found(server, "보관"), "it was delivered before it was on disk"
        hears(ben, lou, lambda t: t == ARCHIVED)

    # --- links ---

    with bench.check("a blocked link is refused: its writer on pidgin sees why, and nobody gets it"):
        server.cli("filter", "set", "--links", "block", "--link-hosts", "intra.example")
        mark, seen = pat.mark(), ben.mark()
        pat.message(ben.address, LINK)
        pat.wait("conv-line", since=mark, html=lambda t: t and "administrator has blocked" in t)
        pat.message(ben.address, "behind the link of pat")
        hears(ben, pat, lambda t: t.startswith("behind the link"), since=seen)
        assert not [t for t in ben.messages() if "evil.example" in t]

    with bench.check("... and where it would be in the INVITE of a new chat already"):
        mark = pat.mark()
        pat.message(kim.address, LINK)
        pat.wait("conv-line", since=mark, html=lambda t: t and "administrator has blocked" in t)
        assert "From: <%s>" % pat.address not in kim.log(), "the INVITE has reached her"
        pat.message(kim.address, "behind the first link of pat")
        hears(kim, pat, lambda t: t.startswith("behind the first link"))
        assert not [t for t in kim.messages() if "evil.example" in t]

    with bench.check("... on Linphone"):
        mark, seen = lee.mark(), ben.mark()
        lee.message(ben.address, LINK)
        lee.wait_refused(LINK, 606, since=mark)
        hears(lee, ben, lambda t: REFUSED in t, since=mark)
        lee.message(ben.address, "behind the link of lee")
        hears(ben, lee, lambda t: t.startswith("behind the link"), since=seen)
        assert not [t for t in ben.messages() if "evil.example" in t]

    with bench.check("... on baresip"):
        mark, seen = bo.mark(), pat.mark()
        bo.message(pat.address, LINK)
        bo.wait_answer("MESSAGE", 606, since=mark)
        hears(bo, pat, lambda t: REFUSED in t, since=mark)
        bo.message(pat.address, "behind the link of bo")
        hears(pat, bo, lambda t: t.startswith("behind the link"), since=seen)
        assert not [t for t in pat.messages() if "evil.example" in t]

    with bench.check("... and in a group, whichever client it is"):
        marks = {c: c.mark() for c in (kim, pia, lee, bo)}
        kim.command("chat-send", chat[kim], LINK)
        kim.wait("conv-line", since=marks[kim], html=lambda t: t and "administrator has blocked" in t)
        lee.command("room-im", room, LINK)
        lee.wait("chat-message", since=marks[lee], text=lambda t: REFUSED in t)
        bo.message(group, LINK)
        bo.wait_message("Your text was not delivered: %s." % REFUSED, since=marks[bo], sender=group)
        kim.command("chat-send", chat[kim], "behind the links")
        pia.wait("chat-message", since=marks[pia], text="behind the links")
        lee.wait("chat-message", since=marks[lee], text="behind the links")
        bo.wait_message("Kim Test: behind the links", since=marks[bo])
        for c in (pia, lee):
            assert not [e for e in c.all("chat-message", since=marks[c]) if "evil.example" in e["text"]
                        and e["from"] != c.address], c.name
        assert not [t for t in bo.messages(since=marks[bo]) if "evil.example" in t]

    with bench.check("a host that is allowed passes"):
        for client, other in ((pat, ben), (lee, ben), (bo, pat)):
            mark = other.mark()
            client.message(other.address, "see http://intra.example/" + client.kind)
            hears(other, client, lambda t, c=client: t == "see http://intra.example/" + c.kind, since=mark)

    with bench.check("with warnings a link of each client passes, and the warning with it"):
        server.cli("filter", "set", "--links", "warn", "--link-warning", "Careful, a link!")
        for client, other in ((pat, lee), (pat, ben), (lee, ben), (lee, pat), (bo, pat), (bo, lee)):
            mark, first = other.mark(), other.mark()
            client.message(other.address, LINK)
            hears(other, client, lambda t: "evil.example" in t, since=mark)
            hears(other, client, lambda t: "Careful, a link!" in t, since=first)

    with bench.check("the disclaimer is shown with the first text each way, and not with the next"):
        server.cli("filter", "set", "--links", "allow", "--disclaimer", DISCLAIMER)
        for client, other in ((pia, pat), (pia, lou), (pia, ben), (lee, lou), (bo, ben)):
            for a, b in ((client, other), (other, client)):
                mark = b.mark()
                a.message(b.address, "hello from " + a.name)
                hears(b, a, lambda t: "hello from" in t, since=mark)
                hears(b, a, lambda t: DISCLAIMER in t, since=mark)
                mark = b.mark()
                a.message(b.address, "and more from " + a.name)
                text = hears(b, a, lambda t: "and more from" in t, since=mark)
                assert DISCLAIMER not in text, text

bench.end()
