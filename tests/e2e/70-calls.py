"""Goal: a call is set up, talked through, changed and ended between two clients, recorded and shown; what dies in the
middle is cleaned up on the other side."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402
from sip import token  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"


def phone(name, **options):
    p = s.peer(name, answer=None, **options)
    p.register()
    return p


class Call:
    """The caller's side of one call."""

    def __init__(self, a, to, headers=()):
        self.a, self.call_id, self.tag = a, token(), token()
        self.uri = to if to.startswith("sip:") else "sip:%s@%s" % (to, s.domain)
        self.invite = a.format("INVITE", self.uri, [("Contact", a.contact), ("Content-Type", "application/sdp")] + list(headers),
                               SDP, call_id=self.call_id, from_tag=self.tag)
        a.conn.send(self.invite)
        self.key = (self.call_id, re.search(rb"CSeq: (.*)\r", self.invite)[1].decode())

    def provisional(self, code):
        return until(lambda: [m for m in self.a.answers.get(self.key, []) if m.code == code], "a %d" % code)[0]

    def answered(self, code=200):
        m = self.a.final(self.key)
        equal(m.code, code, "the final answer")
        self.to, self.routes = m.get("To"), list(reversed(m.all("Record-Route")))
        self.target = re.search("<(.*)>", m.get("Contact") or "<->")[1]
        return m

    def say(self, method, wait=True, body="", cseq=None):
        h = [("Route", r) for r in self.routes] + [("Contact", self.a.contact)]
        h += [("Content-Type", "application/sdp")] if body else []
        data = self.a.format(method, self.target, h, body, to=self.to, call_id=self.call_id, from_tag=self.tag,
                             cseq=cseq or int(self.key[1].split()[0]))
        if not wait:
            self.a.conn.send(data)
            return None
        return self.a.request(method, self.target, h, body, to=self.to, call_id=self.call_id, from_tag=self.tag)

    def ack(self):
        self.say("ACK", wait=False)

    def cancel(self):
        branch = re.search(rb"Via: (.*)\r", self.invite)[1].decode()
        head = self.invite.split(b"\r\n\r\n")[0].decode()
        keep = [l for l in head.split("\r\n")[1:] if l.split(":")[0] in ("Max-Forwards", "From", "To", "Call-ID")]
        data = "\r\n".join(["CANCEL %s SIP/2.0" % self.uri, "Via: " + branch] + keep
                           + ["CSeq: %s CANCEL" % self.key[1].split()[0], "Content-Length: 0", "", ""])
        self.a.conn.send(data)


def accept(p, invite, code=200):
    p.reply(invite, code, headers=[("Contact", p.contact)] + [("Record-Route", r) for r in invite.all("Record-Route")]
            + [("Content-Type", "application/sdp")], body=SDP.encode())


def records():
    got = s.cli_json("record", "list")
    return got["records"] if isinstance(got, dict) else got


def last_record(test):
    return until(lambda: [r for r in records() if test(r)], "a record", timeout=10)[0]


@case("INVITE, 180, 200, ACK, re-INVITE, INFO, BYE; shown as on the phone; recorded")
def _():
    a, b, c = phone("alice"), phone("bob"), s.peer("carol")
    c.register()
    equal(c.request("SUBSCRIBE", b.aor, [("Contact", c.contact), ("Event", "presence"), ("Expires", "600")]).code, 200)
    c.expect("NOTIFY")
    k = Call(a, "bob")
    i = b.expect("INVITE")
    equal(i.text, SDP, "the body is untouched")
    equal(len(i.all("Record-Route")), 2)
    equal(len(i.all("Via")), 2)
    b.reply(i, 180)
    k.provisional(180)
    accept(b, i)
    m = k.answered()
    equal(m.body.decode(), SDP)
    true("bob@127.0.0.1" in m.get("Contact"), "the other side's own Contact")
    k.ack()
    b.expect("ACK")
    n = c.expect("NOTIFY")
    true("<rpid:on-the-phone/>" in n.text, n.text)
    key = a.request("INVITE", k.target, [("Route", r) for r in k.routes] + [("Contact", a.contact), ("Content-Type", "application/sdp")],
                    SDP, to=k.to, call_id=k.call_id, from_tag=k.tag, wait=False)
    again = b.expect("INVITE")
    accept(b, again)
    equal(a.final(key).code, 200, "re-INVITE")
    # and from the other side, over the route set as a UAS keeps it
    tag = re.search("tag=(.*)", k.to)[1]
    key = b.request("INFO", re.search("<(.*)>", i.get("Contact"))[1], [("Route", r) for r in i.all("Record-Route")], "",
                    to=i.get("From"), call_id=k.call_id, from_tag=tag, wait=False)
    info = a.expect("INFO")
    a.reply(info, 200)
    equal(b.final(key).code, 200, "INFO the other way")
    key = b.request("BYE", re.search("<(.*)>", i.get("Contact"))[1], [("Route", r) for r in i.all("Record-Route")], "",
                    to=i.get("From"), call_id=k.call_id, from_tag=tag, wait=False)
    a.reply(a.expect("BYE"), 200)
    equal(b.final(key).code, 200)
    true("<rpid:on-the-phone/>" not in c.expect("NOTIFY").text, "free again")
    r = last_record(lambda r: r["kind"] == "call")
    equal(r["result"], 200)
    equal(sorted(p["uri"] for p in r["participants"]), ["sip:alice@example.test", "sip:bob@example.test"])
    for p in (a, b, c):
        p.close()


@case("every endpoint rings, one answers, the others are cancelled")
def _():
    a, desk, mobile = phone("alice"), phone("bob"), phone("bob")
    k = Call(a, "bob")
    at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
    desk.reply(at_desk, 180)
    mobile.reply(at_mobile, 180)
    accept(mobile, at_mobile)
    k.answered()
    k.ack()
    mobile.expect("ACK")
    desk.expect("CANCEL")
    desk.reply(at_desk, 487)
    desk.expect("ACK")
    equal(k.say("BYE", wait=False, cseq=50), None)
    mobile.reply(mobile.expect("BYE"), 200)
    for p in (a, desk, mobile):
        p.close()


@case("both answer: the second is hung up")
def _():
    a, desk, mobile = phone("alice"), phone("bob"), phone("bob")
    k = Call(a, "bob")
    at_desk, at_mobile = desk.expect("INVITE"), mobile.expect("INVITE")
    accept(mobile, at_mobile)
    k.answered()
    accept(desk, at_desk)
    desk.expect("ACK")
    desk.reply(desk.expect("BYE"), 200)
    for p in (a, desk, mobile):
        p.close()


@case("busy, declined, cancelled, nobody there, unknown, blocked")
def _():
    a, b = phone("alice"), phone("bob")
    for code in (486, 603):
        k = Call(a, "bob")
        b.reply(b.expect("INVITE"), code)
        k.answered(code)
        b.expect("ACK")
    k = Call(a, "bob")
    i = b.expect("INVITE")
    b.reply(i, 180)
    k.provisional(180)
    k.cancel()
    b.expect("CANCEL")
    b.reply(i, 487)
    k.answered(487)
    Call(a, "carol").answered(480)
    Call(a, "nobody").answered(404)
    Call(a, "sip:bob@elsewhere.test").answered(404)
    r = last_record(lambda r: r["kind"] == "call" and r["result"] == 480)
    equal(r["failures"], 1)
    for p in (a, b):
        p.close()


@case("a dialog that is not ours, and a call that is not yours")
def _():
    a, b, c = phone("alice"), phone("bob"), phone("carol")
    k = Call(a, "bob")
    i = b.expect("INVITE")
    accept(b, i)
    k.answered()
    k.ack()
    b.expect("ACK")
    # Carol knows all of it, but it is not her connection.
    r = c.request("BYE", k.target, [], "", to=k.to, call_id=k.call_id, from_tag=k.tag)
    equal(r.code, 481)
    forged = "<sip:%s@localhost:%d;transport=tls;lr>" % ("0" * 48, s.sip_port)
    r = c.request("BYE", k.target, [("Route", forged)], "", to=k.to, call_id=k.call_id, from_tag=k.tag)
    true(r.code in (403, 481), r.start)
    equal(b.requests, [], "nothing reached Bob")
    for p in (a, b, c):
        p.close()


@case("the callee's connection dies: BYE to the caller, the record is closed")
def _():
    a, b = phone("alice"), phone("bob")
    k = Call(a, "bob")
    i = b.expect("INVITE")
    accept(b, i)
    k.answered()
    k.ack()
    b.expect("ACK")
    b.close()
    bye = a.expect("BYE", timeout=60)
    true("cause=408" in bye.get("Reason"), bye.get("Reason"))
    a.reply(bye, 200)
    r = last_record(lambda r: r["kind"] == "call" and r["result"] == 408)
    true(r["ended_ms"] > 0, "closed")
    a.close()


@case("the callee comes back on a new connection: the call goes on")
def _():
    a, b = phone("alice"), phone("bob")
    k = Call(a, "bob")
    i = b.expect("INVITE")
    accept(b, i)
    k.answered()
    k.ack()
    b.expect("ACK")
    b.close()
    b.conn = None
    b.register()
    key = a.request("BYE", k.target, [("Route", r) for r in k.routes], "", to=k.to, call_id=k.call_id, from_tag=k.tag, wait=False)
    b.reply(b.expect("BYE"), 200)
    equal(a.final(key).code, 200)
    for p in (a, b):
        p.close()


main(s.close)
