"""Goal: Linphone's own group chat: made in Linphone, roster, texts, notices, adding, removing, renaming, leaving, members
who come back, and a restart of the server in the middle; beside members on baresip.
needs: simple"""
# timeout: 900
from bench import Bench


class Room:
    """A group chat as one Linphone knows it."""

    def __init__(self, client, event):
        self.client, self.uri = client, event["room"]

    def say(self, text):
        return self.client.command("room-im", self.uri, text)

    def participants(self):
        for e in self.client.report("rooms", "room"):
            if e["room"] == self.uri:
                return sorted(u.split(";")[0] for u in e["participants"])
        return None


def sign_in(bench, name, **options):
    factory = "sip:conference-factory@" + bench.server.domain
    return bench.linphone(name, **options).sign_in(bench.server, name, factory=factory)


def created(client, since=0):
    return Room(client, client.wait("chat-room", since=since, group=True, state="created"))


def heard(client, text, since=0):
    return client.wait("chat-message", since=since, text=text)


with Bench(["lena", "max", "nora", "olaf", "bart"]) as bench:
    lena, peter = sign_in(bench, "lena"), sign_in(bench, "max")
    bart = bench.baresip("bart").sign_in(bench.server, "bart")
    rooms = {}

    with bench.check("a group chat is made, and everybody is asked in"):
        mark = peter.mark()
        lena.command("group", "Release planning", *[bench.server.address(n) for n in ("max", "nora", "bart")])
        rooms["lena"] = created(lena)
        rooms["max"] = created(peter, since=mark)
        assert rooms["max"].uri.split(";")[0] == rooms["lena"].uri.split(";")[0]
        address = rooms["lena"].uri.split(";")[0]

    with bench.check("a plain client is told where it is"):
        welcome = bart.wait("im", text=lambda t: "added you to the group" in t)
        assert "Release planning" in welcome["text"] and "/leave" in welcome["text"]

    with bench.check("texts reach all members"):
        rooms["lena"].say("Hello all")
        heard(peter, "Hello all")
        bart.wait_message("Lena Test: Hello all", sender=address)
        rooms["max"].say("안녕하세요")
        heard(lena, "안녕하세요")
        bart.wait_message("Max Test: 안녕하세요", sender=address)

    with bench.check("everybody sees the same roster"):
        for name in ("lena", "max"):
            others = sorted(bench.server.address(n) for n in ("lena", "max", "nora", "bart") if n != name)
            end = 60
            while rooms[name].participants() != others and end:
                bench.server.sleep(0.5)
                end -= 1
            assert rooms[name].participants() == others, (name, rooms[name].participants())

    with bench.check("who signs in later is asked in and reads what was said"):
        nora = sign_in(bench, "nora")
        rooms["nora"] = created(nora)
        heard(nora, "Hello all")
        heard(nora, "안녕하세요")
        rooms["nora"].say("I am late")
        heard(lena, "I am late")
        heard(peter, "I am late")

    with bench.check("a plain client comes back, and what it writes is shown as its owner's"):
        bart.stop()
        rooms["lena"].say("while bart was away")
        bart = bench.baresip("bart").sign_in(bench.server, "bart", contacts=[address])
        bart.wait_message("Lena Test: while bart was away", sender=address)
        assert not [t for t in bart.messages() if "You are in" in t], "welcomed again"
        bart.message(address, "Hello from baresip")
        for client in (lena, peter, nora):
            e = heard(client, "Hello from baresip")
            assert e["from"] == bench.server.address("bart"), e
        mark = bart.mark()
        bart.message(address, "/who")
        who = bart.wait("im", since=mark, text=lambda t: "here:" in t)["text"]
        for name in ("Lena", "Max", "Nora", "Bart"):
            assert name + " Test" in who, who

    with bench.check("the author learns when all have it, the plain members too"):
        mark = rooms["max"].say("has everybody got this?")
        peter.wait("message-state", since=mark, text="has everybody got this?", state="delivered-to-user")

    with bench.check("the one who made it adds somebody"):
        olaf = sign_in(bench, "olaf")
        seen = bart.mark()
        mark = peter.mark()
        lena.command("room-add", rooms["lena"].uri, bench.server.address("olaf"))
        rooms["olaf"] = created(olaf)
        peter.wait("chat-user-joined", since=mark, who=bench.server.address("olaf"))
        rooms["olaf"].say("Olaf is here")
        heard(nora, "Olaf is here")
        bart.wait_message("Olaf Test: Olaf is here", since=seen)
        assert not [t for t in bart.messages() if "cannot show" in t], bart.messages()

    with bench.check("only an administrator may add and remove"):
        mark = nora.mark()
        try:
            nora.command("room-remove", rooms["nora"].uri, bench.server.address("olaf"))
        except Exception:  # Linphone may refuse by itself
            pass
        rooms["nora"].say("is olaf still here?")
        heard(olaf, "is olaf still here?")

    with bench.check("renamed: everybody sees the new name"):
        lena.command("room-subject", rooms["lena"].uri, "Release party")
        for client in (lena, peter, nora, olaf):
            client.wait("chat-topic", topic="Release party")

    with bench.check("made an administrator, one may add and remove"):
        lena.command("room-admin", rooms["lena"].uri, bench.server.address("max"), "1")
        bench.server.sleep(1)
        mark = nora.mark()
        peter.command("room-remove", rooms["max"].uri, bench.server.address("olaf"))
        olaf.wait("chat-room", state="terminated")
        nora.wait("chat-user-left", since=mark, who=bench.server.address("olaf"))

    with bench.check("the server restarts in the middle, and nobody has to do anything"):
        marks = {c: c.mark() for c in (lena, peter, nora)}
        bench.server.restart()
        for c in (lena, peter, nora):
            c.wait("registration", since=marks[c], state="ok", timeout=120)
        rooms["lena"].say("after the restart")
        for c in (peter, nora):
            heard(c, "after the restart", since=marks[c])
        rooms["nora"].say("nora too")
        heard(lena, "nora too", since=marks[lena])
        heard(peter, "nora too", since=marks[peter])

    with bench.check("one leaves, the others see it"):
        mark = lena.mark()
        nora.command("room-leave", rooms["nora"].uri)
        lena.wait("chat-user-left", since=mark, who=bench.server.address("nora"))

    with bench.check("the one who made it leaves, and the room goes on"):
        mark = peter.mark()
        lena.command("room-leave", rooms["lena"].uri)
        peter.wait("chat-user-left", since=mark, who=bench.server.address("lena"))
        bart.stop()  # it would notice only at its next REGISTER that the server was away
        bart = bench.baresip("bart").sign_in(bench.server, "bart", contacts=[address])
        rooms["max"].say("alone with bart")
        bart.wait_message("Max Test: alone with bart", sender=address)
        assert [t for t in bart.messages() if t == "Lena Test: after the restart"] == ["Lena Test: after the restart"]

    with bench.check("nothing but texts came to the plain client"):
        assert not [t for t in bart.messages() if "cannot show" in t], bart.messages()

bench.end()
