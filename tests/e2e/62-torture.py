"""Goal: the messages of RFC 4475, RFC 5118 and our own torture, against the real server over TLS: whole and byte by byte,
signed in and not, the same answers; what is malformed gets the verdict of tests/wire/expected.tsv; others notice nothing.
timeout: 300
needs: simple"""
import os
import re
import socket
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import ROOT, Server  # noqa: E402
from sip import Closed, authorization, raw, scripted, token  # noqa: E402

WIRE = os.path.join(ROOT, "tests", "wire")
s = Server()
s.user_add("alice", "bob", "carol")
s.start(level="info")
bob, carol = s.peer("bob"), s.peer("carol")
bob.register()
carol.register()


def table():
    with open(os.path.join(WIRE, "expected.tsv"), encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                name, _section, decode, signed_in, stranger = line.rstrip("\n").split("\t")[:5]
                with open(os.path.join(WIRE, name), "rb") as g:
                    yield name, decode, signed_in, stranger, g.read()


def request(method, headers=()):
    uri = "sip:" + s.domain
    return scripted(["%s %s SIP/2.0" % (method, uri), "Via: SIP/2.0/TLS 127.0.0.1:9;branch=z9hG4bK" + token(), "Max-Forwards: 70",
                     "From: <sip:alice@%s>;tag=%s" % (s.domain, token()), "To: <sip:alice@%s>" % s.domain, "Call-ID: fence-" + token(),
                     "CSeq: 1 " + method, "Content-Length: 0"] + list(headers))


def sign_in(c):
    contact = "Contact: <sip:alice@127.0.0.1:9;transport=tls>"
    c.send(request("REGISTER", [contact]))
    challenge = c.read().get("WWW-Authenticate")
    value = authorization(challenge, "alice", s.passwords["alice"], "REGISTER", "sip:" + s.domain)
    c.send(request("REGISTER", [contact, "Authorization: " + value]))
    equal(c.read().code, 200)


def answers(data, decode, signed_in, bytewise):
    """The codes that come back, "!" if the connection is closed."""
    c = raw(s)
    got = []
    try:
        if signed_in:
            sign_in(c)
        for piece in ([data[i:i + 1] for i in range(len(data))] if bytewise else [data]):
            c.send(piece)
        if decode == "more":  # it waits for the rest, and would take a request for it
            return "more"
        c.send(request("OPTIONS"))
        while True:
            m = c.read()
            if m.is_request:
                continue  # what she is sent herself
            if (m.get("Call-ID") or "").startswith("fence-"):
                return " ".join(got) or "-"
            got.append(str(m.code))
    except (Closed, ConnectionError):
        return " ".join(got) + "!"
    except socket.timeout:
        return " ".join(got) + " and then nothing"
    finally:
        c.close()


def check(signed_in):
    wrong = []
    for name, decode, want_in, want_out, data in table():
        whole, pieces = (answers(data, decode, signed_in, b) for b in (False, True))
        if whole != pieces:
            wrong.append("%s: whole %s, byte by byte %s" % (name, whole, pieces))
        fault = re.match(r"(frame: )?[45]\d\d", decode)
        want = want_in if signed_in else want_out
        # What decodes is answered by what this server knows of the people in it; what does not has one answer.
        if fault and whole != want and want.rstrip("!") != "-":
            wrong.append("%s: %s, not %s" % (name, whole, want))
        if re.search(r"\b(500|502|504)\b|nothing", whole):
            wrong.append("%s: %s" % (name, whole))
    equal(wrong, [])
    text = "after all of it " + token()
    equal(bob.message("carol", text).code, 200, "others go on")
    carol.expect(test=lambda m: m.text == text)
    equal((bob.closed, carol.closed, s.process.poll()), (None, None, None))


@case("from a stranger")
def _():
    check(False)


@case("from somebody signed in")
def _():
    check(True)


@case("it is counted, and the log tells of it without being flooded")
def _():
    bad = s.metrics()["porchlight_sip_bad_messages_total"]
    true(bad >= 150, "%d bad messages" % bad)
    lines = s.log().count("bad message: ")
    true(10 < lines < bad, "%d lines" % lines)


main(s.close)
