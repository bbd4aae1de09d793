"""Goal: people sign in over IPv4 and IPv6 with either hash and chat one to one, on all their endpoints.
needs: simple"""
import os
import ssl
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()


def chat(a, b, text):
    """One text from a to b.  What b got."""
    equal(a.message(b.name, text).code, 200, "the answer")
    m = b.expect()
    equal(m.text, text, "the text")
    true("<%s>" % a.aor in m.get("From"), "From names %s: %s" % (a.aor, m.get("From")))
    return m


@case("SHA-256 over IPv4, MD5 over IPv6, texts both ways")
def _():
    a = s.peer("alice", family=4, algorithm="SHA-256")
    b = s.peer("bob", family=6, algorithm="MD5")
    a.register()
    b.register()
    chat(a, b, "over to IPv6")
    chat(b, a, "and back: grüße, \u4f60\u597d, \U0001f3e1")


@case("TLS 1.2 and TLS 1.3")
def _():
    a = s.peer("alice", version=ssl.TLSVersion.TLSv1_2)
    b = s.peer("bob", version=ssl.TLSVersion.TLSv1_3)
    a.register()
    b.register()
    equal(a.conn.tls.version(), "TLSv1.2")
    equal(b.conn.tls.version(), "TLSv1.3")
    chat(a, b, "across versions")


@case("name@domain as Digest user name")
def _():
    s.peer("carol").register(user="carol@" + s.domain)


@case("every endpoint of the receiver gets the text")
def _():
    a = s.peer("alice")
    a.register()
    desk, phone = s.peer("carol"), s.peer("carol", family=6)
    desk.register()
    phone.register()
    equal(a.message("carol", "to all of you").code, 200)
    desk.expect(test=lambda m: m.text == "to all of you")
    phone.expect(test=lambda m: m.text == "to all of you")


@case("a body of 128 KiB passes whole, one byte more is refused")
def _():
    a, b = s.peer("alice"), s.peer("bob")
    a.register()
    b.register()
    text = "x" * (128 * 1024)
    equal(a.message("bob", text).code, 200)
    equal(b.expect(test=lambda m: len(m.body) > 1000).text, text)
    equal(a.message("bob", text + "y").code, 413)


@case("typing is passed on")
def _():
    a, b = s.peer("alice"), s.peer("bob")
    a.register()
    b.register()
    body = ('<?xml version="1.0"?><isComposing xmlns="urn:ietf:params:xml:ns:im-iscomposing">'
            "<state>active</state></isComposing>")
    equal(a.message("bob", body, content_type="application/im-iscomposing+xml").code, 200)
    equal(b.expect(test=lambda m: m.get("Content-Type").startswith("application/im-isc")).text, body)


@case("OPTIONS needs no sign-in, MESSAGE does")
def _():
    a = s.peer("alice")
    a.connect()
    equal(a.request("OPTIONS", "sip:" + s.domain).code, 200)
    code = a.message("bob", "who am I?").code
    true(code in (401, 403, 407), "a text without sign-in is answered %d" % code)


@case("the ninth endpoint of an account takes the place of the one idle for longest: eight there are")
def _():
    s.user_add("dora")
    eight = [s.peer("dora") for _ in range(8)]
    for p in eight:
        p.register()
    s.peer("dora").register()
    eight[0].wait_closed()
    equal([bool(p.closed) for p in eight[1:]], [False] * 7, "the others go on")
    equal(len([e for e in s.cli_json("endpoint", "list") if e["user"] == "dora"]), 8)


@case("the conversation leaves a record without the text")
def _():
    a, b = s.peer("alice"), s.peer("bob")
    a.register()
    b.register()
    chat(a, b, "for the record only")

    def found():
        return [r for r in s.cli_json("record", "list") if set(r["who"]) == {"alice", "bob"} and r["messages"] > 0]
    from check import until
    r = until(found, "a record of alice and bob")[0]
    true("for the record only" not in str(r), "the record does not hold the text")
    true("for the record only" not in s.log(), "the log does not hold the text")
    true(any(p["client"].startswith("ScriptedPeer") for p in r["participants"]), "the client's kind is kept")


main(s.close)
