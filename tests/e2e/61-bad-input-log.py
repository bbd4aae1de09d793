"""Goal: whatever is wrong with what comes in leaves one line in the log, at the level everybody runs with, that says what.
timeout: 240
needs: simple"""
import os
import socket
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402
from sip import authorization, raw, scripted, token  # noqa: E402

s = Server()
s.user_add("alice", "bob")
s.start(level="info")
alice = s.peer("alice")
alice.register()
ROUTINE = (" signed in", " signed out")


def request(method="OPTIONS", uri=None, body=b"", **changes):
    """A request of Alice's with some headers changed (None: left out)."""
    uri = uri or "sip:" + s.domain
    h = {"Via": "SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK" + token(), "Max-Forwards": "70", "From": "<%s>;tag=%s" % (alice.aor, token()),
         "To": "<%s>" % uri, "Call-ID": token(), "CSeq": "1 " + method, "Content-Length": str(len(body))}
    h.update(changes)
    return scripted(["%s %s SIP/2.0" % (method, uri)] + ["%s: %s" % (k, v) for k, v in h.items() if v is not None], body)


def leaves_one_line(what, words, do):
    """Runs do and waits for its line: one, with all the words in it."""
    mark = s.log_size()
    do()

    def lines():
        return [l for l in s.log(mark).splitlines() if not any(r in l for r in ROUTINE)]
    until(lambda: [l for l in lines() if all(w in l for w in words)], "%s: a line with %r in %r" % (what, words, lines()))
    equal(len(lines()), 1, "%s: lines, which are %r" % (what, lines()))


def from_stranger(data):
    c = raw(s)
    c.send(data)
    try:
        c.read(timeout=20)
    finally:
        c.close()


def from_alice(data):
    alice.conn.send(data)


@case("malformed messages: the line names the header")
def _():
    for data, words in ((request(**{"Call-ID": "a\r\nCall-ID: b"}), "400 Duplicate Call-ID"),
                        (request(**{"Content-Length": "0\r\nContent-Length: 5"}), "400 Duplicate Content-Length"),
                        (request(CSeq="1 INVITE"), "400 Bad CSeq"),
                        (request(From="nothing of an address"), "400 Bad From"),
                        (request(**{"Subject ": "a blank before the colon"}), "400 Space Before Colon In Subject"),
                        (request(Subject="control\x01character"), "400 Control Character In Subject"),
                        (request("MESSAGE", "sip:bob@" + s.domain, b"no type"), "400 Missing Content-Type"),
                        (request().replace(b"SIP/2.0\r\nVia", b"SIP/7.0\r\nVia"), "505 Version Not Supported")):
        leaves_one_line(repr(data), ["bad message: " + words, "peer=127.0.0.1:"], lambda d=data: from_stranger(d))


@case("requests that are refused: the line has who, what and why")
def _():
    bob = "sip:bob@" + s.domain
    text = {"Content-Type": "text/plain"}
    for data, words in ((request("FROBNICATE"), ["method=FROBNICATE", "refused=501"]),
                        (request("MESSAGE", bob, b"x", **{"Max-Forwards": "0", **text}), ["refused=483"]),
                        (request(Require="teleportation"), ["refused=420", "teleportation"]),
                        (request("MESSAGE", "sip:nobody@" + s.domain, b"x", **text), ["refused=404"]),
                        (request("MESSAGE", "sip:bob@elsewhere.example", b"x", **text), ["refused=404"]),
                        (request("MESSAGE", bob, b"x", From="<%s>;tag=1" % bob, **text),
                         ["refused=403 From Is Someone Else", "from=" + bob]),
                        (request("MESSAGE", bob, b"x" * (128 * 1024 + 1), **text), ["refused=413"]),
                        (request("PUBLISH", alice.aor, b"x", Event="presence", **text), ["refused=415"]),
                        (request("SUBSCRIBE", bob, Event="dialog", Contact=alice.contact), ["refused=489"]),
                        (request("SUBSCRIBE", bob, Event="presence", Contact=alice.contact, Expires="5"), ["refused=423"])):
        leaves_one_line(repr(data[:200]), words + ["conn=", "peer=127.0.0.1:"], lambda d=data: from_alice(d))


@case("what never ends, says nothing, or is no TLS")
def _():
    def endless():
        c = raw(s)
        try:
            for _ in range(40):
                c.send(b"OPTIONS sip:x SIP/2.0\r\n" if _ == 0 else b"X-Padding: " + b"x" * 1000 + b"\r\n")
        except OSError:
            pass
        c.wait_closed()

    def drip():
        c = raw(s)
        c.send(b"OPTIONS sip:x SIP/2.0\r\nVia: ")
        c.wait_closed()

    def silent():
        raw(s).wait_closed()

    def no_tls():
        c = socket.create_connection(("127.0.0.1", s.sip_port), timeout=30)
        c.sendall(b"GET / HTTP/1.0\r\n\r\n")
        try:
            while c.recv(1000):
                pass
        except OSError:
            pass
        c.close()

    def too_big():
        c = raw(s)
        c.send(request("MESSAGE", "sip:bob@" + s.domain, **{"Content-Length": "99999999", "Content-Type": "text/plain"}))
        c.wait_closed()
    leaves_one_line("a head without end", ["bad message: 513"], endless)
    leaves_one_line("a body too big", ["bad message: 413"], too_big)
    leaves_one_line("no TLS", ["door", "peer=127.0.0.1:", "handshake"], no_tls)
    leaves_one_line("half a request", ["closed: time"], drip)
    leaves_one_line("nothing at all", ["peer=127.0.0.1:", "no first request"], silent)


@case("wrong, foreign and replayed credentials")
def _():
    uri = "sip:" + s.domain
    b = s.peer("bob")
    b.connect()
    more = [("Contact", b.contact)]

    def answer(**changes):
        challenge = b.challenge_of(b.request("REGISTER", uri, more, to="<%s>" % b.aor))
        value = authorization(challenge, "bob", b.password, "REGISTER", uri, **changes)
        return b.request("REGISTER", uri, more + [("Authorization", value)], to="<%s>" % b.aor), value

    leaves_one_line("wrong response", ["account=bob", "wrong credentials"], lambda: answer(wrong=True))
    leaves_one_line("another realm", ["refused", "realm"], lambda: answer(realm="elsewhere.example"))
    leaves_one_line("a nonce of nobody", ["refused", "nonce"], lambda: answer(nonce="0123456789abcdef"))
    value = answer()[1]
    leaves_one_line("a replay", ["refused", "nonce"], lambda: b.request(
        "REGISTER", uri, more + [("Authorization", value)], to="<%s>" % b.aor))
    c = s.peer("bob")
    c.connect()
    leaves_one_line("a nonce of another connection", ["refused", "nonce"], lambda: c.request(
        "REGISTER", uri, [("Contact", c.contact), ("Authorization", value)], to="<%s>" % c.aor))


@case("HTTP: what is refused leaves a line too")
def _():
    def https(data):
        context = ssl.create_default_context(cafile=s.ca)
        with context.wrap_socket(socket.create_connection(("localhost", s.web_port), timeout=90), server_hostname="localhost") as c:
            c.sendall(data)
            true(c.recv(65536)[:10] in (b"", b"HTTP/1.1 4"), "refused")

    end = b" HTTP/1.1\r\nHost: x\r\n"
    admin = s.web()
    leaves_one_line("an endless head", ["http"], lambda: https(b"GET / HTTP/1.1\r\nX: " + b"y" * 60000 + b"\r\n\r\n"))
    leaves_one_line("an encoded NUL", ["http", "refused=400"], lambda: https(b"GET /%00" + end + b"\r\n"))
    leaves_one_line("broken JSON", ["http", "refused=400", "path=/api/v1/users"], lambda: admin.request("POST", "/api/v1/users", b"{"))
    leaves_one_line("a body too big", ["http", "refused=413"], lambda: admin.request("POST", "/api/v1/users", b" " * 70000))


@case("a flood leaves a line a second, not one per request")
def _():
    mark = s.log_size()
    for _ in range(3000):
        alice.message("bob", "flood", wait=False)
    until(lambda: "over the flood budget" in s.log(mark), "a line")
    true(s.log(mark).count("flood budget") < 30, "few lines")


main(s.close)
