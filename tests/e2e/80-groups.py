"""Goal: groups for standards clients as scripted peers see them: room clients, conference-aware ones, plain ones; rights,
bad input, floods, members who stall, many members, races, and a server that dies in the middle.
needs: simple"""
# timeout: 600
import os
import re
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import check  # noqa: E402
from check import equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402
from sip import Peer, authorization, token  # noqa: E402

s = Server()
NAMES = ("alice", "bob", "carol", "dave", "erin")
MANY = ["m%03d" % i for i in range(1, 251)]
CASES = 20


def accounts():
    """Every case has people of its own, so that nobody is a member of what an earlier one left behind."""
    path = os.path.join(s.top, "people.csv")
    people = ["%s%d" % (n, i) for i in range(1, CASES + 1) for n in NAMES]
    with open(path, "w", encoding="utf-8") as f:
        f.write("name,display,email,department,title,phone,password\n")
        for n in people + MANY:
            s.passwords[n] = "password of " + n
            f.write("%s,%s,,,,,%s\n" % (n, re.sub(r"\d", "", n).capitalize() + " Test", s.passwords[n]))
    s.cli("user", "import", path)


accounts()
s.start()
FACTORY = "sip:conference-factory@" + s.domain
number = 0


def case(name):
    def add(fn):
        def run():
            global number
            number += 1
            fn()
        return check.case(name)(run)
    return add


def account(name):
    return name if name in MANY else "%s%d" % (name, number)


def person(text):
    """alice of alice7, as often as it stands in text."""
    return re.sub(r"\b(%s)\d+" % "|".join(NAMES), r"\1", text)


def aor(name):
    return "sip:%s@%s" % (account(name), s.domain)


class RoomPeer(Peer):
    """What Linphone's group chat looks like on the wire: its INVITEs are accepted, its Contact is its GRUU."""

    def __init__(self, name, **options):
        super().__init__(s, account(name), s.passwords[account(name)], agent="Linphone/5.1", **options)
        s.peers.append(self)

    @property
    def gruu(self):
        return "%s;gr=urn:uuid:%s" % (self.aor, self.instance)

    def register(self, expires=600, want=200, **_):
        if self.conn is None or self.closed:
            self.connect()
        uri = "sip:" + s.domain
        more = [("Contact", '%s;+sip.instance="<urn:uuid:%s>";+org.linphone.specs="groupchat/1.1"' % (self.contact, self.instance)),
                ("Supported", "gruu"), ("Expires", str(expires))]
        a = self.request("REGISTER", uri, more, to="<%s>" % self.aor, call_id=self.call_id)
        if a.code == 401:
            more.append(("Authorization", authorization(self.challenge_of(a), self.name, self.password, "REGISTER", uri)))
            a = self.request("REGISTER", uri, more, to="<%s>" % self.aor, call_id=self.call_id)
        equal(a.code, want, "REGISTER")
        return self

    def invite(self, uri, people=(), subject=None, headers=(), ack=True, **options):
        """INVITE, its answer, ACK; keeps the dialog."""
        h = [("Contact", '<%s>;text;+org.linphone.specs="groupchat/1.1"' % self.gruu)] + list(headers)
        body = ""
        if subject:
            h.append(("Subject", subject))
        if people:
            h += [("Require", "recipient-list-invite"), ("Content-Type", "application/resource-lists+xml"),
                  ("Content-Disposition", "recipient-list")]
            body = '<r:resource-lists xmlns:r="urn:ietf:params:xml:ns:resource-lists"><r:list>%s</r:list></r:resource-lists>' % \
                "".join('<r:entry uri="%s"/>' % p for p in people)
        call_id, tag = token(), token()
        a = self.request("INVITE", uri, h, body, call_id=call_id, from_tag=tag, **options)
        if a.code == 200 and ack:
            self.room = re.search("<(.*?)>", a.get("Contact"))[1]
            self.dialog = {"to": a.get("To"), "call_id": call_id, "from_tag": tag}
            self.routes = [("Route", r) for r in reversed(a.all("Record-Route"))]
            self.conn.send(self.format("ACK", self.room, self.routes, cseq=int(a.get("CSeq").split()[0]), **self.dialog))
        return a

    def bye(self):
        return self.request("BYE", self.room, self.routes, **self.dialog)

    def say(self, text, room=None, author=None, message_id=None, content_type="text/plain", wait=True):
        room = room or self.room
        body = ("From: <%s>\r\nTo: <%s>\r\nDateTime: 2026-01-01T00:00:00Z\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
                "imdn.Message-ID: %s\r\nimdn.Disposition-Notification: positive-delivery\r\n\r\nContent-Type: %s\r\n\r\n%s") \
            % (author or self.gruu, room, message_id or token(), content_type, text)
        return self.request("MESSAGE", room, [("Content-Type", "message/cpim")], body, wait=wait)

    def subscribe(self, room, known=0):
        a = self.request("SUBSCRIBE", room, [("Contact", "<%s>" % self.gruu), ("Event", "conference"), ("Expires", "600"),
                                             ("Last-Notify-Version", str(known))])
        equal(a.code, 200, "SUBSCRIBE")
        true(";isfocus" in a.get("Contact"), "the focus says so")
        return a

    def heard(self, n, notices=False):
        """n texts (or delivery notices), unwrapped: (author, text)."""
        def look():
            with self._changed:
                got = [m.text for m in self.requests if m.method == "MESSAGE" and ("message/imdn+xml" in m.text) == notices]
            return got if len(got) >= n else None
        return [(person(re.search(r"From: .*<sip:(.*?)@", t)[1]), t.split("\r\n\r\n", 2)[2])
                for t in until(look, "%s hears %d; waiting: %r" % (self.name, n, self.requests), timeout=40)]


def plain(name, **options):
    p = s.peer(account(name), **options)
    p.register()
    return p


def room(name, **options):
    return RoomPeer(name, **options).register()


def close(*peers):
    for p in peers:
        p.close()


def users(doc):
    """{name: (state, role, endpoints)} of a conference-info document."""
    out = {}
    for m in re.finditer(r'<user entity="sip:(\w+)@[^"]*" state="(\w+)"(?:/>|>(.*?)</user>)', person(doc), re.S):
        role = re.search("<roles><entry>(.*?)</entry>", m[3] or "")
        out[m[1]] = (m[2], role and role[1], len(re.findall("<endpoint ", m[3] or "")))
    return out


def version(doc):
    return int(re.search(r'version="(\d+)"', doc)[1])


def end(*peers):
    """Everybody leaves, so that nobody is asked in by the next case."""
    for p in peers:
        p.bye()


@case("a room client makes a group; the others' devices are asked in, by their GRUU")
def _():
    a, b = room("alice"), room("bob")
    r = a.invite(FACTORY, [aor("bob"), aor("carol"), "sip:nobody@" + s.domain], "Plans")
    equal(r.code, 200)
    true(";isfocus" in r.get("Contact") and ";text" in r.get("Contact"), "the Contact of a room")
    true(";lr>" in r.get("Record-Route"), "in dialogs we are on the way")
    i = b.expect("INVITE")
    equal(i.get("To"), "<%s>" % b.gruu)
    equal(i.get("Subject"), "Plans")
    true(a.room in i.get("From") and a.room in i.get("Contact") and ";isfocus" in i.get("Contact"), i.get("Contact"))
    b.expect("ACK")
    b.room = a.room
    a.subscribe(a.room)
    doc = a.expect("NOTIFY").text
    true('state="full"' in doc and 'entity="%s"' % a.room in doc and "<subject>Plans</subject>" in doc, doc)
    equal({k: v[1] for k, v in users(doc).items()}, {"alice": "admin", "bob": "participant", "carol": "participant"})
    equal(a.say("Hello").code, 202)
    equal(b.heard(1), [("alice", "Hello")])
    m = b.expect("MESSAGE")
    true(a.room in m.get("From") and m.get("Session-mode") == "true" and m.get("To") == "<%s>" % b.gruu, m.headers)
    equal(b.say("Hi").code, 202)
    equal(a.heard(1), [("bob", "Hi")])
    # Carol has no client yet: she gets both when she comes.
    c = room("carol")
    c.expect("INVITE", timeout=60)
    equal(c.heard(2), [("alice", "Hello"), ("bob", "Hi")])
    b.invite(a.room), c.invite(a.room)
    end(a, b, c)
    close(a, b, c)


@case("a plain client: welcome, names before texts, commands, leaving")
def _():
    a, b = room("alice"), plain("bob")
    a.invite(FACTORY, [aor("bob")], "Chat")
    w = b.expect("MESSAGE")
    true('Alice Test added you to the group "Chat"' in w.text and "/leave" in w.text, w.text)
    equal(w.get("Content-Type").split(";")[0], "text/plain")
    a.say("Hello")
    m = b.expect("MESSAGE")
    equal((m.text, m.get("Session-mode")), ("Alice Test: Hello", None))
    true(a.room in m.get("From"), m.get("From"))
    equal(b.message(a.room, "Good morning").code, 202)
    equal(a.heard(1), [("bob", "Good morning")])
    equal(b.message(a.room, "/who").code, 200)
    who = b.expect("MESSAGE").text
    true("Alice Test" in who and "Bob Test" in who, who)
    b.message(a.room, "/add " + account("carol"))
    true("presenter" in b.expect("MESSAGE").text, "a closed group's attendee adds nobody")
    equal(a.heard(1), [("bob", "Good morning")], "commands go to nobody else")
    b.message(a.room, "/leave")
    true("left" in b.expect("MESSAGE").text, "told so")
    equal(b.message(a.room, "am I still in?").code, 403)
    equal(b.message("sip:no-such-group@" + s.domain, "x").code, 404)
    end(a)
    equal(a.say("to nobody").code, 404, "the last one has left: the group is gone")
    close(a, b)


@case("the roster goes on from the version a client has; versions only rise")
def _():
    a, b = room("alice"), plain("bob")
    a.invite(FACTORY, [aor("bob")], "Versions")
    a.subscribe(a.room)
    seen = [version(a.expect("NOTIFY").text)]
    b.message(a.room, "/leave")
    doc = a.expect("NOTIFY", lambda m: "deleted" in m.text).text
    equal(users(doc)["bob"][0], "deleted")
    true('state="partial"' in doc, doc)
    seen.append(version(doc))
    equal(a.request("REFER", a.room, [("Refer-To", "<%s>;text" % aor("carol"))]).code, 202)
    doc = a.expect("NOTIFY", lambda m: account("carol") in m.text).text
    equal(users(doc)["carol"][:2], ("full", "participant"))
    seen.append(version(doc))
    true(seen == sorted(set(seen)), seen)
    equal([m.text for m in a.requests if m.method == "NOTIFY" and "sipfrag" in (m.get("Content-Type") or "")], [])
    # another device of hers, which knows the first version
    other = room("alice")
    other.subscribe(a.room, known=seen[0])
    doc = other.expect("NOTIFY").text
    true('state="partial"' in doc and version(doc) >= seen[-1], doc)
    got = users(doc)
    equal((got["bob"][0], got["carol"][0]), ("deleted", "full"))
    other.subscribe(a.room, known=version(doc) + 1000)
    true('state="full"' in other.expect("NOTIFY").text, "a version we never had")
    end(a)
    close(a, b, other)


@case("one subscription with the factory for all rooms of a device")
def _():
    a = room("alice")
    a.invite(FACTORY, [aor("bob")], "One")
    first = a.room
    keep = a.dialog
    a.invite(FACTORY, [aor("bob")], "Two")
    body = '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list>%s</list></resource-lists>' % "".join(
        '<entry uri="%s;Last-Notify=0"/>' % r for r in (first, a.room, first, "sip:unknown@" + s.domain))
    r = a.request("SUBSCRIBE", FACTORY, [("Contact", "<%s>" % a.gruu), ("Event", "conference"), ("Expires", "600"),
                                         ("Require", "recipient-list-subscribe"), ("Content-Type", "application/resource-lists+xml")], body)
    equal(r.code, 200)
    docs = [a.expect("NOTIFY").text for _ in range(2)]
    equal(sorted(re.search("<subject>(.*?)<", d)[1] for d in docs), ["One", "Two"])
    equal(a.request("REFER", a.room, [("Refer-To", "<%s>" % aor("dave"))]).code, 202)
    d = a.expect("NOTIFY", lambda m: account("dave") in m.text).text
    true('entity="%s"' % a.room in d, d)
    end(a)
    a.room, a.dialog = first, keep
    end(a)
    close(a)


@case("who may do what: 403, 404, and nothing changes")
def _():
    a, b, c = room("alice"), room("bob"), room("carol")
    a.invite(FACTORY, [aor("bob")], "Rights")
    b.expect("INVITE")
    for who, refer, code in ((b, "<%s>" % aor("dave"), 403), (b, "<%s;method=BYE>" % aor("alice"), 403), (c, "<%s>" % aor("carol"), 403),
                             (b, "<%s>;admin=1" % aor("bob"), 403), (a, "<sip:nobody@%s>" % s.domain, 404),
                             (a, "<sip:bob@elsewhere.test>", 404), (a, "<%s>" % a.room, 404), (a, "<%s;method=INFO>" % aor("bob"), 501),
                             (a, "<<", 400)):
        equal(who.request("REFER", a.room, [("Refer-To", refer)]).code, code, refer)
    equal(c.request("SUBSCRIBE", a.room, [("Contact", "<%s>" % c.gruu), ("Event", "conference")]).code, 403)
    equal(c.say("let me in", a.room).code, 403)
    equal(c.invite(a.room).code, 403)
    equal(c.invite("sip:conf-none@" + s.domain).code, 404)
    equal(b.invite(a.room, subject="Mine now").code, 403)
    equal(a.request("REFER", a.room, [("Refer-To", "<%s>;text;admin=1" % aor("bob"))]).code, 202)
    equal(b.invite(a.room, subject="Ours").code, 200)
    equal(b.request("REFER", a.room, [("Refer-To", "<%s>" % aor("carol"))]).code, 202)
    equal(c.expect("INVITE").get("Subject"), "Ours")
    c.expect("ACK")
    equal(b.request("REFER", a.room, [("Refer-To", "<%s;method=BYE>" % aor("carol"))]).code, 202)
    c.expect("BYE")
    equal(c.say("and now?", a.room).code, 403)
    end(a, b)
    close(a, b, c)


@case("what is wrong with a text is said, and it goes to nobody")
def _():
    a, b = room("alice"), room("bob")
    a.invite(FACTORY, [aor("bob")], "Bad input")
    b.expect("ACK")
    equal(a.say("I am Bob", author=aor("bob")).code, 403)
    equal(a.say("I am nobody", author="sip:x@elsewhere.test").code, 403)
    for body, kind, code in (("no headers at all", "message/cpim", 400), ("", "text/plain", 400), ("GIF89a", "image/gif", 415),
                             (b"\xff\xfe", "text/plain", 415), ("x" * (129 * 1024), "text/plain", 413),
                             ("<broken", "message/imdn+xml", 400)):
        equal(a.request("MESSAGE", a.room, [("Content-Type", kind)], body).code, code, kind)
    equal(a.request("MESSAGE", a.room, [("Content-Type", "message/cpim"), ("Content-Encoding", "deflate")], "not deflated").code, 415)
    for body in ("<x/>", "<broken", "<resource-lists/>"):
        r = a.request("INVITE", FACTORY, [("Contact", "<%s>;text" % a.gruu), ("Content-Type", "application/resource-lists+xml")], body)
        equal(r.code, 400, body)
    equal(a.invite(FACTORY, ["sip:nobody@" + s.domain], ack=False).code, 488)
    equal(a.invite(FACTORY, [aor("bob")], headers=[("End-To-End-Encrypted", "true")], ack=False).code, 488)
    equal(a.say("this one is fine").code, 202)
    equal(a.request("MESSAGE", a.room, [("Content-Type", "text/html")], "<b>so</b> is this<br>one").code, 202)
    equal(b.heard(2), [("alice", "this one is fine"), ("alice", "so is this\none")])
    end(a)
    close(a, b)


@case("delivery notices go to the author, who also hears of plain members; typing to whom it is shown")
def _():
    a, b, c = room("alice"), room("bob"), plain("carol")
    a.invite(FACTORY, [aor("bob"), aor("carol")], "Notices")
    b.expect("ACK")
    c.expect("MESSAGE")
    a.say("Is it there?", message_id="note-1")
    b.expect("MESSAGE")
    c.expect("MESSAGE")
    imdn = ('<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>note-1</message-id><datetime>2026-01-01T00:00:00Z</datetime>'
            "<delivery-notification><status><delivered/></status></delivery-notification></imdn>")
    equal(b.say(imdn, a.room, content_type="message/imdn+xml").code, 200)
    got = sorted((who, "note-1" in text) for who, text in a.heard(2, notices=True))
    equal(got, [("bob", True), ("carol", True)])
    typing = '<isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing"><state>active</state></isComposing>'
    equal(a.say(typing, content_type="application/im-iscomposing+xml").code, 200)
    equal(b.heard(1)[0][1], typing)
    b.expect("MESSAGE")
    a.say("after all that")
    equal(c.expect("MESSAGE").text, "Alice Test: after all that")
    equal(c.texts(), [])
    # two notices in one MESSAGE, as Linphone gathers them
    a.say("second", message_id="note-2")
    b.heard(2)
    part = "--xyz\r\nContent-Type: message/imdn+xml\r\n\r\n%s\r\n"
    both = part % imdn + part % imdn.replace("note-1", "note-2") + "--xyz--\r\n"
    a.requests.clear()
    equal(b.say(both, a.room, content_type="multipart/mixed;boundary=xyz").code, 200)
    true({"note-1", "note-2"} <= {re.search("note-.", t)[0] for _, t in a.heard(2, notices=True)}, "both")
    end(a)
    close(a, b, c)


@case("a conference-aware client: no media, roster and rights by RFC 4579; a telephone is told why not")
def _():
    a, b, c = plain("alice"), plain("bob"), plain("carol")
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\nm=video 40002 RTP/AVP 96\r\n"
    h = [("Contact", a.contact), ("Content-Type", "application/sdp"), ("Subject", "Conference")]
    equal(a.request("INVITE", FACTORY, h, sdp).code, 488)
    call_id, tag = token(), token()
    r = a.request("INVITE", FACTORY, h + [("Allow-Events", "conference")], sdp, call_id=call_id, from_tag=tag)
    equal(r.code, 200)
    uri = re.search("<(.*?)>", r.get("Contact"))[1]
    equal(re.findall(r"m=(\w+) (\d+) ", r.text), [("audio", "0"), ("video", "0")])
    dialog = {"to": r.get("To"), "call_id": call_id, "from_tag": tag}
    a.conn.send(a.format("ACK", uri, cseq=int(r.get("CSeq").split()[0]), **dialog))
    equal(a.request("SUBSCRIBE", uri, [("Contact", a.contact), ("Event", "conference"), ("Expires", "600")]).code, 200)
    doc = a.expect("NOTIFY").text
    equal(users(doc)["alice"][1:], ("moderator", 1))
    equal(version(doc), 0)
    r = a.request("REFER", uri, [("Refer-To", "<%s>" % aor("bob")), ("Contact", a.contact)], **dialog)
    equal(r.code, 202)
    frag = a.expect("NOTIFY", lambda m: m.get("Event").startswith("refer"))
    true("200 OK" in frag.text and "terminated" in frag.get("Subscription-State"), frag.text)
    b.expect("MESSAGE")
    doc = a.expect("NOTIFY", lambda m: account("bob") in m.text).text
    equal(version(doc), 1)
    equal(b.message(uri, "hello").code, 202)
    equal(a.expect("MESSAGE").text, "Bob Test: hello")
    # the address is known to Carol: an ad-hoc conference is open
    equal(c.message(uri, "may I?").code, 202)
    equal(b.expect("MESSAGE").text, "Carol Test: may I?")
    equal(a.request("BYE", uri, **dialog).code, 200)
    equal(a.request("BYE", uri, **dialog).code, 481)
    b.message(uri, "/leave")
    c.message(uri, "/leave")
    close(a, b, c)


@case("a one-to-one room: one for the pair, over when one leaves")
def _():
    a, b = room("alice"), room("bob")
    one = [("One-To-One-Chat-Room", "true")]
    equal(a.invite(FACTORY, [aor("bob"), aor("carol")], headers=one, ack=False).code, 488)
    equal(a.invite(FACTORY, [aor("bob")], "dummy", headers=one).code, 200)
    i = b.expect("INVITE")
    equal(i.get("One-To-One-Chat-Room"), "true")
    b.expect("ACK")
    again = b.invite(FACTORY, [aor("alice")], headers=one)
    equal(again.code, 302)
    true(a.room in again.get("Contact"), again.get("Contact"))
    a.subscribe(a.room)
    doc = a.expect("NOTIFY").text
    true("<keywords>one-to-one</keywords>" in doc and "admin" not in doc, doc)
    a.say("psst")
    equal(b.heard(1), [("alice", "psst")])
    b.expect("MESSAGE")
    first = a.room
    a.bye()
    b.expect("BYE")
    equal(b.say("are you there?", first).code, 404)
    equal(b.invite(FACTORY, [aor("alice")], headers=one).code, 200)
    true(b.room != first, "a new room")
    end(b)
    close(a, b)


@case("one who floods is told to wait; the others' texts pass")
def _():
    a, b, c = room("alice"), room("bob"), room("carol")
    a.invite(FACTORY, [aor("bob"), aor("carol")], "Flood")
    b.room = a.room
    b.expect("ACK")
    keys = [a.say("flood %d" % i, wait=False) for i in range(160)]
    codes = [a.final(k).code for k in keys]
    taken = codes.count(202)
    true(503 in codes and 100 <= taken < 160, codes)
    equal(b.say("I may").code, 202)
    got = [t for _, t in c.heard(taken + 1)]
    equal(len(got), taken + 1)
    equal([t for t in got if t != "I may"], ["flood %d" % i for i, code in enumerate(codes) if code == 202])
    end(a)
    close(a, b, c)


@case("one whose client does not answer holds nobody up, and reads it all when he is back")
def _():
    a, b = room("alice"), room("bob")
    stuck = plain("carol", answer=None)
    a.invite(FACTORY, [aor("bob"), aor("carol")], "Stuck")
    b.expect("ACK")
    want = ["text %d" % i for i in range(40)]
    for t in want:
        equal(a.say(t).code, 202)
    equal([t for _, t in b.heard(40)], want)
    stuck.close()
    back = plain("carol")
    got = [t for t in back.wait_texts(40) if t.startswith("Alice Test: text")]
    equal(got, ["Alice Test: " + t for t in want])
    end(a)
    close(a, b, back)


@case("joins, leaves and texts at once: everybody hears one order, nobody hears anything twice")
def _():
    a = room("alice")
    a.invite(FACTORY, [aor(n) for n in NAMES[1:]], "Races")
    others = [plain(n) for n in NAMES[1:]]
    for p in others:
        p.expect("MESSAGE")
    errors = []

    def talk(p, say):
        try:
            for i in range(25):
                code = say("%s %d" % (person(p.name), i)).code
                if code != 202:
                    errors.append((p.name, i, code))
        except Exception as e:  # shown at the end
            errors.append(e)

    def come_and_go():
        try:
            for _ in range(6):
                a.request("REFER", a.room, [("Refer-To", "<%s;method=BYE>" % aor("erin"))])
                a.request("REFER", a.room, [("Refer-To", "<%s>" % aor("erin"))])
        except Exception as e:
            errors.append(e)

    threads = [threading.Thread(target=talk, args=(p, lambda t, p=p: p.message(a.room, t))) for p in others[:3]]
    threads.append(threading.Thread(target=come_and_go))
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    equal(errors, [])
    heard = [t for _, t in a.heard(75)]
    equal(len(heard), 75)
    for p in others[:3]:
        p.wait_texts(50)
        got = [t.split(" Test: ")[1] for t in p.texts() if " Test: " in t]
        equal(got, [t for t in heard if not t.startswith(person(p.name))], p.name)
    # Who is added again is told the last texts again; each time in the one order.
    erin = [heard.index(t.split(" Test: ")[1]) for t in others[3].texts() if " Test: " in t]
    steps = [i for i in range(1, len(erin)) if erin[i] <= erin[i - 1]]
    true(len(steps) <= 6, erin)
    end(a)
    close(a, *others)


@case("250 members, and not one more; those who are there hear everything")
def _():
    a = room("alice")
    there = [plain(n) for n in MANY[:30]]
    a.invite(FACTORY, [aor(n) for n in MANY[:249]], "Everybody")
    for p in there:
        p.expect("MESSAGE")
    a.subscribe(a.room)
    equal(len(users(a.expect("NOTIFY").text)), 250)
    equal(a.request("REFER", a.room, [("Refer-To", "<%s>" % aor(MANY[249]))]).code, 486)
    want = ["number %d" % i for i in range(20)]
    for t in want:
        equal(a.say(t).code, 202)
    for p in there:
        p.wait_texts(20)
        equal(p.texts(), ["Alice Test: " + t for t in want], p.name)
    end(a)
    close(a, *there)


@case("the server is killed in the middle: who was there is there, what was accepted is not lost")
def _():
    a, b, c = room("alice"), room("bob"), plain("carol")
    a.invite(FACTORY, [aor("bob"), aor("carol"), aor("dave")], "Kill")
    b.expect("ACK")
    equal(b.invite(a.room).code, 200)
    c.expect("MESSAGE")
    a.subscribe(a.room)
    before = version(a.expect("NOTIFY").text)
    equal(a.say("before").code, 202)
    equal(c.expect("MESSAGE").text, "Alice Test: before")
    uri = a.room
    s.sleep(1)  # what was received is noted within half a second
    s.kill()
    s.start()
    b.requests.clear()
    a.register(), b.register(), c.register()
    a.subscribe(uri, known=before)
    doc = a.expect("NOTIFY", lambda m: m.text).text
    true(version(doc) > before, doc)
    a.requests.clear()
    b.subscribe(uri, known=before)
    equal(a.say("after", uri).code, 202)
    true(("alice", "after") in b.heard(1), b.texts())
    equal([m for m in b.requests if m.method == "INVITE"], [], "whoever knows the room is not asked in again")
    until(lambda: "Alice Test: after" in c.texts(), "the plain one goes on")
    equal(c.texts(), ["Alice Test: after"])
    d = plain("dave")
    d.wait_texts(2)
    equal([t for t in d.texts() if "Test: " in t], ["Alice Test: before", "Alice Test: after"])
    # the dialog was lost with the server, the room was not
    equal(b.bye().code, 200)
    equal(b.say("gone?", uri).code, 403)
    close(a, b, c, d)


@case("a clean stop with everybody in")
def _():
    a, b, c = room("alice"), room("bob"), plain("carol")
    a.invite(FACTORY, [aor("bob"), aor("carol")], "Stop")
    b.expect("ACK")
    a.subscribe(a.room)
    a.expect("NOTIFY")
    a.say("the last word")
    equal(c.wait_texts(2)[1], "Alice Test: the last word")
    equal(s.stop(), 0)
    close(a, b, c)


main(s.close)
