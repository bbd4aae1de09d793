"""Goal: malformed, oversized, slow, endless, replayed and forged input gets its protocol's error or a closed
connection; nothing crashes, nobody else notices, each leaves a line in the log.
timeout: 240
needs: simple"""
import contextlib
import os
import socket
import ssl
import sys
import threading
import time
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402
from sip import Closed, authorization, raw, scripted, token  # noqa: E402

s = Server()
s.user_add("alice", "bob", "mallory")
s.start()
alice, bob = s.peer("alice"), s.peer("bob")
alice.register()
bob.register()


def others_go_on():
    text = "still here " + token()
    equal(alice.message("bob", text).code, 200, "alice to bob meanwhile")
    bob.expect(test=lambda m: m.text == text)


def plain():
    c = socket.create_connection(("127.0.0.1", s.sip_port), timeout=40)
    return c


def drained(c):
    """Reads until the server closes."""
    try:
        while c.recv(65536):
            pass
    except OSError:
        pass
    c.close()


def head(method="OPTIONS", uri=None, **changes):
    uri = uri or "sip:" + s.domain
    h = {"Via": "SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK" + token(), "Max-Forwards": "70",
         "From": "<sip:alice@%s>;tag=%s" % (s.domain, token()), "To": "<%s>" % uri, "Call-ID": token(),
         "CSeq": "1 " + method, "Content-Length": "0"}
    h.update(changes)
    return ["%s %s SIP/2.0" % (method, uri)] + ["%s: %s" % (k, v) for k, v in h.items() if v is not None]


@case("garbage, a port scan, plain SIP and half a handshake on the TLS port")
def _():
    for data in (os.urandom(5000), b"\x16\x03\x01\xff\xff" + os.urandom(3000), b"\r\n" * 3000,
                 scripted(head()), b"GET / HTTP/1.0\r\n\r\n", b""):
        c = plain()
        if not data:
            c.close()
            continue
        with contextlib.suppress(OSError):  # the server may have had enough already
            c.sendall(data)
            c.shutdown(socket.SHUT_WR)
        drained(c)
    half = plain()
    half.sendall(bytes.fromhex("16030100c8010000c40303") + os.urandom(10))
    others_go_on()
    drained(half)  # the handshake's deadline closes it


@case("TLS 1.1 is refused")
def _():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    warnings.simplefilter("ignore", DeprecationWarning)  # that is the point of this case
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        context.wrap_socket(plain(), server_hostname="localhost")
    except (ssl.SSLError, OSError):
        return
    raise AssertionError("TLS 1.1 was accepted")


@case("bytes that are no SIP close the connection")
def _():
    c = raw(s)
    c.send(b"\x00\x01\x02 no sip at all \xff\xfe\r\n\r\n")
    c.wait_closed()
    others_go_on()


@case("what names the fault: 400 with a reason")
def _():
    faults = [
        scripted(head(**{"Content-Length": "0\r\nContent-Length: 5"})),
        scripted(head(**{"Call-ID": "a\r\nCall-ID: b"})),
        scripted(head(CSeq="1 INVITE")),
        scripted(head(From="nothing of an address")),
        scripted(head(**{"Subject ": "a space before the colon"})),
        scripted(head(Subject="control\x01character")),
    ]
    for data in faults:
        c = raw(s)
        c.send(data)
        m = c.read()
        equal(m.code, 400, "%r" % data)
        true(m.reason != "Bad Request", "the reason names what is wrong: %s" % m.reason)
        c.close()
    others_go_on()


@case("an unknown method, a version from the future, too many hops, a loop of ours")
def _():
    c = raw(s)
    for data, codes in ((scripted(head("FROBNICATE")), (405, 501, 401)),
                        (scripted([head()[0].replace("SIP/2.0", "SIP/7.0")] + head()[1:]), (505,)),
                        (scripted(head(**{"Max-Forwards": "0"})), (483, 200)),
                        (scripted(head(Require="teleportation")), (420,))):
        c.send(data)
        m = c.read()
        true(m.code in codes, "%d is none of %r" % (m.code, codes))
    c.close()


@case("a head without end and a body too big, before and after sign-in")
def _():
    c = raw(s)
    c.send("OPTIONS sip:%s SIP/2.0\r\n" % s.domain)
    try:
        for _ in range(100):
            c.send("X-Padding: %s\r\n" % ("x" * 1000))
    except OSError:
        pass
    c.wait_closed()
    c = raw(s)
    c.send(scripted(head("MESSAGE", **{"Content-Length": "99999999"})))
    said = c.wait_closed()
    true(b" 413 " in said or b" 400 " in said or said == b"", "said %r" % said[:80])
    m = s.peer("mallory")
    m.register()
    m.conn.send(scripted(head("MESSAGE", "sip:bob@" + s.domain, **{"From": "<%s>;tag=1" % m.aor,
                                                                  "Content-Length": "9999999", "Content-Type": "text/plain"})))
    m.wait_closed()
    others_go_on()


@case("slow-loris: a request that comes byte by byte has ten seconds")
def _():
    c = raw(s)
    begin = time.monotonic()
    stop = threading.Event()

    def drip():
        try:
            for byte in scripted(head(Subject="x" * 4000)):
                if stop.wait(0.5):
                    return
                c.send(bytes([byte]))
        except (OSError, Closed):
            pass

    t = threading.Thread(target=drip)
    t.start()
    c.wait_closed()
    stop.set()
    t.join()
    true(time.monotonic() - begin < 35, "closed after %.0f s" % (time.monotonic() - begin))
    others_go_on()


@case("connections that say nothing are closed, and do not keep others out")
def _():
    quiet = [raw(s) for _ in range(60)]
    others_go_on()
    for c in quiet[:3]:
        c.wait_closed()
    for c in quiet:
        c.close()


@case("Digest: wrong realm, foreign nonce, replayed nonce, changed URI")
def _():
    p = s.peer("mallory")
    p.connect()
    uri = "sip:" + s.domain
    more = [("Contact", p.contact)]

    def answer(**changes):
        challenge = p.challenge_of(p.request("REGISTER", uri, more, to="<%s>" % p.aor))
        value = authorization(challenge, "mallory", p.password, "REGISTER", uri, **changes)
        return value, p.request("REGISTER", uri, more + [("Authorization", value)], to="<%s>" % p.aor)

    equal(answer(realm="elsewhere.example")[1].code, 401, "wrong realm")
    equal(answer(nonce="0123456789abcdef")[1].code, 401, "a nonce that is not ours")
    equal(answer(wrong=True)[1].code, 401, "a wrong response")
    equal(answer(digest_uri="sip:elsewhere.example")[1].code in (400, 401), True, "another URI")
    value, good = answer()
    equal(good.code, 200)
    again = p.request("REGISTER", uri, more + [("Authorization", value)], to="<%s>" % p.aor)
    true(again.code == 401 and "stale=true" in again.get("WWW-Authenticate").lower().replace(" ", ""), "replayed count")
    q = s.peer("mallory")
    q.connect()
    moved = q.request("REGISTER", uri, [("Contact", q.contact), ("Authorization", value)], to="<%s>" % q.aor)
    equal(moved.code, 401, "a nonce of another connection")


@case("From must be the signed-in account; REGISTER for another is refused")
def _():
    m = s.peer("mallory")
    m.register()
    a = m.message("bob", "I am alice, honestly", from_aor=alice.aor)
    equal(a.code, 403)
    uri = "sip:" + s.domain
    challenge = m.challenge_of(m.request("REGISTER", uri, [("Contact", m.contact)], to="<%s>" % alice.aor))
    v = authorization(challenge, "mallory", m.password, "REGISTER", uri)
    equal(m.request("REGISTER", uri, [("Contact", m.contact), ("Authorization", v)], to="<%s>" % alice.aor).code, 403)
    others_go_on()
    true(not any("honestly" in t for t in bob.texts()), "bob got nothing of it")


@case("texts that are no texts: empty, without Content-Type, to nobody, to elsewhere")
def _():
    m = s.peer("mallory")
    m.register()
    equal(m.message("bob", "").code, 400, "empty")
    a = m.request("MESSAGE", "sip:bob@" + s.domain, [], "no type")
    true(a.code in (200, 202, 400, 415), "without Content-Type: %d" % a.code)
    equal(m.message("nobody-at-all", "hello").code, 404)
    true(m.message("sip:bob@elsewhere.example", "hello").code in (403, 404, 604), "to another domain")
    equal(m.message("bob", "\u0000\u0001 octets pass \u0007 as they are").code, 200, "bodies are not ours to judge")
    bob.expect(test=lambda x: "octets pass" in x.text)


@case("a flood of requests gets 503 and then an end; others notice nothing")
def _():
    m = s.peer("mallory")
    m.register()

    def flood():
        try:
            for _ in range(6000):
                m.message("bob", "flood", wait=False)
        except (OSError, Closed):
            pass

    t = threading.Thread(target=flood)
    t.start()
    for _ in range(5):
        others_go_on()
    t.join()
    codes = [x.code for got in m.answers.values() for x in got]
    true(503 in codes or m.closed, "the flood met a limit")
    m.close()


@case("HTTP: no request line, a huge head, a slow body, bytes after the end")
def _():
    def https():
        context = ssl.create_default_context(cafile=s.ca)
        return context.wrap_socket(socket.create_connection(("localhost", s.web_port), timeout=90), server_hostname="localhost")

    for data in (b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 60000 + b"\r\n\r\n",
                 b"GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
                 b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                 b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"):
        c = https()
        c.sendall(data)
        got = c.recv(65536)
        true(b"root:" not in got, "no file leaks")
        true(got == b"" or got.startswith(b"HTTP/1.1 4"), "%r" % got[:60])
        c.close()
    equal(s.web().get("/healthz").status, 200)
    others_go_on()


@case("the server has lived through it and said what was wrong")
def _():
    equal(s.process.poll(), None, "the server runs")
    log = s.log()
    true("refused" in log or "bad" in log, "refusals are in the log")
    for secret in s.passwords.values():
        true(secret not in log, "no password is in the log")
    true("Digest username" not in log, "no credentials are in the log")
    m = s.metrics()
    true(m["porchlight_sip_bad_messages_total"] > 0, "bad messages are counted")


main(s.close)
