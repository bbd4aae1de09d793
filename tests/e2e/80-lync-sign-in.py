"""Goal: Lync-class clients sign in and are held to their signatures; every answer has the shape such clients read.
needs: lync"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from lync import Lync, note, publication  # noqa: E402
from server import Server  # noqa: E402
from sip import Closed, raw  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dave", "frank", "gina")
s.start()


def peer(name, **options):
    p = Lync(s, name, options.pop("password", s.passwords[name]), **options)
    s.peers.append(p)
    return p


def signed_in(name, **options):
    p = peer(name, **options)
    p.sign_in()
    return p


def all_signed(*peers):
    for p in peers:
        equal(p.unsigned, [], "messages to %s that are not signed as they should be" % p.name)


@case("the two challenges and the answer have the shape clients search for")
def _():
    a = peer("alice", epid="d8d053f0ae7f", instance="90d996f0-7299-5868-a49b-0ead64bc43e3").connect()
    first, second, last = a.handshake()
    equal(first.all("WWW-Authenticate"),
          ['TLS-DSK targetname="localhost", realm="SIP Communications Service", version=4, '
           'sts-uri="https://localhost:%d/CertProv/CertProvisioningService.svc"' % s.web_port,
           'NTLM targetname="localhost", realm="SIP Communications Service", version=4'])
    true(first.get("Date").endswith("GMT"), "a 401 has a Date")
    equal(first.get("Authentication-Info"), None)
    true("gssapi-data=\"TlRMTVNTUAAC" in second.get("WWW-Authenticate"), "the second is an NTLM challenge")
    equal(last.code, 200)
    true('Contact: <' not in last.get("Contact"), "one Contact")
    true('gruu="sip:alice@example.test;opaque=user:epid:8JbZkJlyaFikmw6tZLxD4wAA;gruu"' in last.get("Contact"), last.get("Contact"))
    true('+sip.instance="<urn:uuid:90d996f0-7299-5868-a49b-0ead64bc43e3>"' in last.get("Contact"), last.get("Contact"))
    equal(last.get("Expires"), "7200")
    equal(last.all("Supported"), ["adhoclist", "msrtc-event-categories"], "one tag a line")
    true(" " not in last.get("Allow-Events"), "no blanks in Allow-Events")
    for package in ("vnd-microsoft-roaming-contacts", "vnd-microsoft-provisioning-v2", "vnd-microsoft-roaming-self", "presence"):
        true(package in last.get("Allow-Events").split(","), package)
    equal(last.get("presence-state"),
          'register-action="added";primary-cluster-type="central";is-connected-to-primary="yes"')
    true("timeout=300" in last.get("ms-keep-alive"), last.get("ms-keep-alive"))
    all_signed(a)


@case("a refresh, an end, and a new beginning on the same connection")
def _():
    a = signed_in("alice")
    again = a.refresh()
    equal((again.code, again.get("presence-state").split(";")[0]), (200, 'register-action="refreshed"'))
    end = a.refresh(expires=0)
    equal((end.code, end.get("Expires")), (200, "0"))
    all_signed(a)
    a.keys = a.registered = None
    a.sign_in()
    all_signed(a)


@case("versions 3 and 2 of the signatures")
def _():
    for version in (3, 2):
        b = signed_in("bob", sa_version=version)
        equal(b.refresh().code, 200)
        equal(b.request("OPTIONS", "sip:example.test").code, 200)
        all_signed(b)
        b.close()


@case("the same Call-IDs and tags of two people do not mix them")
def _():
    a, b = peer("alice"), peer("bob")
    b.reg_call_id, b.tag, b.epid = a.reg_call_id, a.tag, a.epid
    a.sign_in()
    b.sign_in()
    equal(a.refresh().code, 200)
    equal(b.refresh().code, 200)
    true("sip:alice@" in a.gruu and "sip:bob@" in b.gruu, (a.gruu, b.gruu))
    all_signed(a, b)


@case("wrong password, unknown name, empty password, wrong domain: one answer")
def _():
    answers = []
    for options in ({"password": "wrong"}, {"login": "nobody"}, {"domain": "ELSEWHERE"}, {"login": "carol@elsewhere.test"}):
        c = peer("carol", **options).connect()
        last = c.handshake()[-1]
        answers.append((last.code, "gssapi-data" in last.get("WWW-Authenticate"), last.get("ms-diagnostics")))
    c = peer("carol").connect()
    last = c.handshake(password=" ")[-1]
    answers.append((last.code, "gssapi-data" in last.get("WWW-Authenticate"), last.get("ms-diagnostics")))
    equal(answers, [(401, False, '1000;reason="Final handshake failed";source="localhost"')] * 5)


@case("tokens that are none, and old ones, are refused")
def _():
    for tamper in (lambda t: t[:40], lambda t: b"NTLMSSP\0\3" + b"\0" * 200, lambda t: b"x" * 3000, lambda t: t[:60] + b"\1\2\0\0" + t[64:]):
        c = peer("carol").connect()
        equal(c.handshake(tamper=tamper)[-1].code, 401)
    for bad in ('NTLM gssapi-data="!!"', "NTLM opaque", "NTLM", 'NTLM opaque="1", opaque="2"', 'Kerberos gssapi-data="YII="',
                'TLS-DSK gssapi-data=""', 'NTLM opaque="00000000", gssapi-data="TlRMTVNTUAADAAAA"'):
        c = peer("carol").connect()
        c._send_register(c._register_data(None))
        equal(c._send_register(c._register_data(None, bad)).code, 401, bad)


@case("somebody else's credentials: 403 that says why")
def _():
    a = peer("alice", login="bob", password=s.passwords["bob"]).connect()
    last = a.handshake()[-1]
    equal(last.code, 403)
    true(last.get("ms-diagnostics-public").startswith("4004;"), last.get("ms-diagnostics-public"))


@case("one connection is one person's, until he has signed out")
def _():
    a = signed_in("alice")
    b = peer("bob")
    b.conn, b.closed = a.conn, None
    a._take = lambda conn, m: (b if "sip:bob@" in m.get("From") else Lync)._take(*((conn, m) if "sip:bob@" in m.get("From") else (a, conn, m)))
    refused = b.handshake()[-1]
    equal((refused.code, refused.get("ms-diagnostics-public").split(";")[0]), (403, "4004"))
    equal(a.refresh().code, 200, "the first goes on")
    equal(a.refresh(expires=0).code, 200)
    b.reg_call_id += "x"
    equal(b.handshake()[-1].code, 200, "now it is his")


@case("what a REGISTER must say")
def _():
    for drop, headers, code, number in ((("Event",), [("Event", "presence")], 489, "4055"),
                                        (("Supported",), [("Supported", "adhoclist, msrtc-event-categories")], 421, "2057"),
                                        (("Contact",), [("Contact", "<sip:127.0.0.1:5>, <sip:127.0.0.1:6>")], 400, "4010"),
                                        (("Contact",), [("Contact", '<sip:127.0.0.1:5>;+sip.instance="<urn:uuid:x>"')], 400, "4010")):
        a = peer("alice").connect()
        last = a.handshake(drop=drop, headers=headers)[-1]
        equal((last.code, last.get("ms-diagnostics").split(";")[0]), (code, number), "%s %s" % (drop, headers))


@case("a wrong signature closes the connection, and changes nothing")
def _():
    a = signed_in("alice")
    try:
        a.request("OPTIONS", "sip:example.test", signature={"response": "01000000" + "0" * 16 + "64000000"})
        raise AssertionError("it was answered")
    except Closed:
        pass


@case("an answer that is not signed, or wrongly, counts as not come")
def _():
    def bad():
        return s.metrics()["porchlight_lync_bad_signatures_total"]

    alice, before = signed_in("alice"), bad()
    for version, fault in enumerate(({}, {"response": "01000000" + "0" * 16 + "64000000"}, False)):
        bob = signed_in("bob")
        equal(bob.subscribe("presence", to="sip:alice@example.test", benotify=False).code, 200)
        bob.answer_signature = fault
        equal(alice.publish(publication("note", 0, 200, version, note("at lunch %d" % version))).code, 200)
        bob.expect("NOTIFY")
        if fault != {}:
            before += 1
            until(lambda: bad() == before, "the answer to be refused")
        equal(bad(), before, "a right one is taken")
        bob.close()


@case("a number used twice closes the connection")
def _():
    a = signed_in("alice")
    equal(a.request("OPTIONS", "sip:example.test").code, 200)
    try:
        a.request("OPTIONS", "sip:example.test", signature={"cnum": a.cnum})
        raise AssertionError("it was answered")
    except Closed:
        pass


@case("numbers may come out of order, within the window")
def _():
    a = signed_in("alice")
    for n in (200, 3, 199, 2, 201):
        equal(a.request("OPTIONS", "sip:example.test", signature={"cnum": n}).code, 200, "cnum %d" % n)
    equal(a.request("OPTIONS", "sip:example.test", signature={"cnum": 500}).code, 200)
    equal(a.request("OPTIONS", "sip:example.test", signature={"cnum": 244}).code, 401, "one that fell out of the window")


@case("an unknown association: 401 without a signature; one that asks on and on is closed")
def _():
    a = signed_in("alice")
    answer = a.request("OPTIONS", "sip:example.test", signature={"opaque": "FFFFFFFF"})
    equal((answer.code, answer.get("Authentication-Info")), (401, None))
    try:
        for _ in range(50):
            equal(a.request("OPTIONS", "sip:example.test", signature=False).code, 401)
        raise AssertionError("it was answered fifty times")
    except Closed:
        pass


@case("before the sign-in nothing but REGISTER is heard")
def _():
    a = peer("alice").connect()
    a._send_register(a._register_data(None))
    for method in ("SUBSCRIBE", "SERVICE", "OPTIONS", "MESSAGE"):
        equal(a.request(method, a.aor, [("Event", "presence")]).code, 401, method)


@case("every answer of a signed-in client is signed: the faults too")
def _():
    a = signed_in("alice")
    asked = [("OPTIONS", "sip:example.test"), ("NOSUCH", a.aor), ("PUBLISH", a.aor), ("SERVICE", a.aor), ("SUBSCRIBE", a.aor),
             ("MESSAGE", "sip:nobody@example.test"), ("INVITE", "sip:ocschat@example.test"), ("BYE", a.aor), ("INFO", a.aor),
             ("REFER", a.aor), ("NOTIFY", a.aor), ("UPDATE", a.aor)]
    for method, uri in asked:
        answer = a.request(method, uri, [("Event", "no-such-event")])
        true(300 <= answer.code < 700 or method == "OPTIONS", "%s: %s" % (method, answer.start))
    a.request("OPTIONS", "sip:example.test", [("Require", "no-such-thing")])
    a.request("OPTIONS", "sip:somebody@elsewhere.test", [("Max-Forwards", "x")])
    all_signed(a)


@case("byte by byte")
def _():
    a = peer("alice").connect()
    send = a.conn.send
    a.conn.send = lambda data: [send(data[i:i + 1]) for i in range(len(data))]
    a.sign_in()
    equal(a.refresh().code, 200)
    all_signed(a)


@case("eight endpoints; the ninth takes the place of the oldest, which is told")
def _():
    peers = [signed_in("dave", epid="%010x" % i) for i in range(8)]
    ninth = signed_in("dave", epid="ffffffffff")
    notice = peers[0].expect("NOTIFY")
    equal((notice.get("Event"), notice.text), ("registration-notify", "deregistered;event=unregistered"))
    peers[0].wait_closed()
    for p in peers[1:] + [ninth]:
        equal(p.refresh().code, 200)
    all_signed(*peers, ninth)


@case("the same client on a new connection takes the place of its old one")
def _():
    a = signed_in("frank", epid="0123456789", instance="90d996f0-7299-5868-a49b-0ead64bc43e3")
    b = signed_in("frank", epid="0123456789", instance="90d996f0-7299-5868-a49b-0ead64bc43e3")
    a.wait_closed()
    equal([m for m in a.requests if m.method == "NOTIFY"], [], "it is not told to stay away")
    equal(b.refresh().code, 200)
    all_signed(a, b)


@case("disabled while signed in: told so, closed, and refused from then on")
def _():
    g = signed_in("gina")
    s.cli("user", "disable", "gina")
    notice = g.expect("NOTIFY")
    equal(notice.text, "deregistered;event=rejected")
    true(notice.get("ms-diagnostics-public").startswith("4141;"), notice.get("ms-diagnostics-public"))
    true(notice.get("To").endswith(";epid=" + g.epid), notice.get("To"))
    equal(notice.get("Call-ID"), g.reg_call_id)
    g.wait_closed()
    all_signed(g)
    again = peer("gina").connect()
    last = again.handshake()[-1]
    equal((last.code, last.get("ms-diagnostics-public").split(";")[0]), (403, "4141"))


@case("a clock that is hours off signs in all the same")
def _():
    import ntlm
    real = ntlm.time.time
    try:
        ntlm.time = type("T", (), {"time": staticmethod(lambda: real() + 7200)})
        a = signed_in("alice")
    finally:
        import time
        ntlm.time = time
    equal(a.refresh().code, 200)
    true(re.search(r"clock is off by seconds=(71|72)\d\d", s.log()), "the log says so")


@case("NTLM off by the administrator: not offered, not taken; who is signed in stays; on again")
def _():
    stays = signed_in("carol")
    equal(s.web().patch("/api/v1/settings", {"ntlm": False}).status, 200)
    try:
        a = peer("alice").connect()
        first = a._send_register(a._register_data(None))
        equal([v.split(" ")[0] for v in first.all("WWW-Authenticate")], ["TLS-DSK"])
        again = a._send_register(a._register_data(None, 'NTLM qop="auth", realm="x", targetname="localhost", gssapi-data="", version=4'))
        equal((again.code, [v.split(" ")[0] for v in again.all("WWW-Authenticate")]), (401, ["TLS-DSK"]))
        equal(stays.refresh().code, 200)
    finally:
        equal(s.web().patch("/api/v1/settings", {"ntlm": True}).status, 200)
    signed_in("alice")


@case("standards clients on the same port are not offered NTLM", needs="simple")
def _():
    b = s.peer("bob").connect()
    answer = b.request("REGISTER", "sip:example.test", [("Contact", b.contact)], to="<%s>" % b.aor)
    equal(answer.code, 401)
    true(all(v.startswith("Digest") for v in answer.all("WWW-Authenticate")), answer.all("WWW-Authenticate"))
    c = raw(s)
    c.close()


main(s.close)
