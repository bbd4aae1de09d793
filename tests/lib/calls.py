"""One call as its caller sees it, and what the other side answers.

    k = Call(alice, "bob"); i = bob.expect("INVITE"); accept(bob, i); k.answered(); k.ack(); k.bye()
"""
import re

from check import equal, until
from sip import token

SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\n"


def phone(server, name, **options):
    """A client that answers nothing by itself."""
    p = server.peer(name, answer=None, **options)
    p.register()
    return p


class Call:
    """The caller's side of one call."""

    def __init__(self, a, to, headers=(), call_id=None, tag=None, branch=None, cseq=None):
        self.a, self.call_id, self.tag = a, call_id or token(), tag or token()
        self.uri = to if to.startswith("sip:") else "sip:%s@%s" % (to, a.server.domain)
        self.invite = a.format("INVITE", self.uri, [("Contact", a.contact), ("Content-Type", "application/sdp")] + list(headers),
                               SDP, call_id=self.call_id, from_tag=self.tag, cseq=cseq)
        if branch is not None:
            self.invite = re.sub(rb"branch=\w+", b"branch=" + branch.encode(), self.invite)
        a.conn.send(self.invite)
        self.key = (self.call_id, re.search(rb"CSeq: (.*)\r", self.invite)[1].decode())
        self.to = self.routes = self.target = None

    def provisional(self, code):
        return until(lambda: [m for m in self.a.answers.get(self.key, []) if m.code == code], "a %d" % code)[0]

    def take_dialog(self, m):
        """The dialog an answer makes, early or not."""
        self.to, self.routes = m.get("To"), list(reversed(m.all("Record-Route")))
        self.target = re.search("<(.*)>", m.get("Contact") or "<->")[1]

    def answered(self, code=200):
        m = self.a.final(self.key)
        equal(m.code, code, "the final answer")
        self.take_dialog(m)
        return m

    def ask(self, method, headers=(), body=""):
        """A request inside the dialog; what final() knows it by."""
        h = [("Route", r) for r in self.routes] + [("Contact", self.a.contact)] + list(headers)
        return self.a.request(method, self.target, h, body, to=self.to, call_id=self.call_id, from_tag=self.tag, wait=False)

    def ask_back(self, b, invite, method, headers=()):
        """The same from the callee, over the route set as a UAS keeps it."""
        h = [("Route", r) for r in invite.all("Record-Route")] + [("Contact", b.contact)] + list(headers)
        return b.request(method, re.search("<(.*)>", invite.get("Contact"))[1], h, "", to=invite.get("From"),
                         call_id=self.call_id, from_tag=re.search("tag=(.*)", self.to)[1], wait=False)

    def ack(self):
        h = [("Route", r) for r in self.routes] + [("Contact", self.a.contact)]
        self.a.conn.send(self.a.format("ACK", self.target, h, to=self.to, call_id=self.call_id, from_tag=self.tag,
                                       cseq=int(self.key[1].split()[0])))

    def bye(self):
        """What final() knows it by: the other side has to answer first."""
        return self.ask("BYE")

    def cancel(self):
        branch = re.search(rb"Via: (.*)\r", self.invite)[1].decode()
        head = self.invite.split(b"\r\n\r\n")[0].decode()
        keep = [l for l in head.split("\r\n")[1:] if l.split(":")[0] in ("Max-Forwards", "From", "To", "Call-ID")]
        data = "\r\n".join(["CANCEL %s SIP/2.0" % self.uri, "Via: " + branch] + keep
                           + ["CSeq: %s CANCEL" % self.key[1].split()[0], "Content-Length: 0", "", ""])
        self.a.conn.send(data)


def accept(p, invite, code=200, headers=()):
    p.reply(invite, code, headers=[("Contact", p.contact)] + [("Record-Route", r) for r in invite.all("Record-Route")]
            + list(headers) + [("Content-Type", "application/sdp")], body=SDP.encode())


def talk(a, b, headers=()):
    """A call of a to b, answered."""
    k = Call(a, b.aor, headers)
    i = b.expect("INVITE")
    accept(b, i)
    k.answered()
    k.ack()
    b.expect("ACK")
    return k


def hang_up(k, b):
    """The caller does, and b agrees."""
    k.bye()
    b.reply(b.expect("BYE"), 200)


def records(server):
    return server.cli_json("record", "list")


def last_record(server, test):
    return until(lambda: [r for r in records(server) if test(r)], "a record", timeout=10)[0]
