"""Goal: what calls need besides ringing and talking: reliable provisionals, UPDATE, session timers, addresses of one endpoint,
and routes that nobody can make up; two calls with the same Call-ID never mix.
timeout: 240
needs: simple"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from calls import SDP, Call, accept, hang_up, last_record, phone, talk  # noqa: E402
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402
from sip import token  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dave")
s.start()


def gruus(p):
    """Public and temporary GRUU of the client, as its REGISTER is told."""
    a = p.register()
    mine = [c for c in a.all("Contact") if p.instance in c][0]
    return re.search(r'pub-gruu="([^"]+)"', mine)[1], re.search(r'temp-gruu="([^"]+)"', mine)[1]


@case("100rel: 183 with RSeq, PRACK and its answer pass; then UPDATE, then the answer")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    k = Call(a, "bob", [("Require", "100rel"), ("Supported", "100rel, timer, replaces")])
    i = b.expect("INVITE")
    equal((i.get("Require"), i.get("Supported")), ("100rel", "100rel, timer, replaces"))
    b.reply(i, 183, headers=[("Contact", b.contact), ("Require", "100rel"), ("RSeq", "4711"), ("Content-Type", "application/sdp")]
            + [("Record-Route", r) for r in i.all("Record-Route")], body=SDP.encode())
    m = k.provisional(183)
    equal((m.get("RSeq"), m.get("Require"), m.body.decode()), ("4711", "100rel", SDP))
    k.take_dialog(m)
    key = k.ask("PRACK", [("RAck", "4711 %s" % k.key[1])])
    prack = b.expect("PRACK")
    equal(prack.get("RAck"), "4711 " + k.key[1])
    b.reply(prack, 200)
    equal(a.final(key).code, 200)
    key = k.ask("UPDATE", [("Content-Type", "application/sdp")], SDP)
    update = b.expect("UPDATE")
    equal(update.text, SDP)
    accept(b, update)
    m = a.final(key)
    equal((m.code, m.body.decode()), (200, SDP))
    accept(b, i)
    k.answered()
    k.ack()
    b.expect("ACK")
    hang_up(k, b)
    last_record(s, lambda r: r["kind"] == "call" and r["result"] == 200)
    for p in (a, b):
        p.close()


@case("session timers: the offer and the choice pass untouched, 422 too; a refresh either way")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    timer = [("Supported", "timer"), ("Session-Expires", "90;refresher=uac"), ("Min-SE", "90")]
    k = Call(a, "bob", timer)
    i = b.expect("INVITE")
    equal((i.get("Session-Expires"), i.get("Min-SE"), i.get("Supported")), ("90;refresher=uac", "90", "timer"))
    b.reply(i, 422, headers=[("Min-SE", "1800")])
    equal(k.answered(422).get("Min-SE"), "1800")
    b.expect("ACK")
    k = Call(a, "bob", [("Supported", "timer"), ("Session-Expires", "1800;refresher=uas")])
    i = b.expect("INVITE")
    accept(b, i, headers=[("Session-Expires", "1800;refresher=uas"), ("Require", "timer")])
    m = k.answered()
    equal((m.get("Session-Expires"), m.get("Require")), ("1800;refresher=uas", "timer"))
    k.ack()
    b.expect("ACK")
    key = k.ask_back(b, i, "UPDATE", [("Session-Expires", "1800;refresher=uac"), ("Supported", "timer")])
    u = a.expect("UPDATE")
    equal(u.get("Session-Expires"), "1800;refresher=uac")
    a.reply(u, 200, headers=[("Session-Expires", "1800;refresher=uac"), ("Require", "timer")])
    equal(b.final(key).get("Session-Expires"), "1800;refresher=uac")
    hang_up(k, b)
    for p in (a, b):
        p.close()


@case("GRUUs, public and temporary: INVITE rings that endpoint alone; MESSAGE and SUBSCRIBE reach that person")
def _():
    a, desk, mobile = phone(s, "alice"), phone(s, "bob"), phone(s, "bob")
    for gruu in gruus(mobile):
        k = Call(a, gruu)
        i = mobile.expect("INVITE")
        accept(mobile, i)
        k.answered()
        k.ack()
        mobile.expect("ACK")
        k.bye()
        mobile.reply(mobile.expect("BYE"), 200)
        equal([m.start for m in desk.requests], [], "the other endpoint is left alone")
        key = a.message(gruu, "to " + gruu, wait=False)
        for p in (desk, mobile):  # a text enters the conversation of the two people, which has all their endpoints
            p.reply(p.expect("MESSAGE"), 200)
        equal(a.final(key).code, 200)
        r = a.request("SUBSCRIBE", gruu, [("Contact", a.contact), ("Event", "presence"), ("Expires", "0")])
        equal(r.code, 200)
        n = a.expect("NOTIFY")
        a.reply(n, 200)
        true("<basic>open</basic>" in n.text, n.text)
    public, temporary = gruus(mobile)
    mobile.close()
    until(lambda: len([e for e in s.cli_json("endpoint", "list") if e["user"] == "bob"]) == 1, "the mobile is gone")
    Call(a, public).answered(480)
    Call(a, temporary).answered(404)
    forged = temporary.replace("tgruu.", "tgruu.0").replace("@", "", 0)
    Call(a, forged).answered(404)
    equal(a.message(forged, "x").code, 404)
    for p in (a, desk):
        p.close()


@case("routes with made-up, altered or somebody else's tokens lead nowhere")
def _():
    a, b, c = phone(s, "alice"), phone(s, "bob"), phone(s, "carol")
    k = talk(a, b)
    good = re.search(r"<sip:([0-9a-f]+)@([^;>]+)", k.routes[-1])
    altered = good[1][:-1] + ("0" if good[1][-1] != "0" else "1")
    for user in ("0" * len(good[1]), altered, good[1][:-2], good[1] * 2, "alice", "%00", good[1].upper() + "x"):
        route = [("Route", "<sip:%s@%s;transport=tls;lr>" % (user, good[2]))]
        equal(c.request("MESSAGE", "sip:dave@" + s.domain, route + [("Content-Type", "text/plain")], "x").code, 403, user)
        equal(Call(c, "bob", route).answered(403).code, 403, user)
        equal(c.request("OPTIONS", "sip:bob@" + s.domain, route).code in (200, 403, 404), True)
    # A right token, but in the mouth of somebody who is no party to the call.
    for method in ("BYE", "UPDATE", "INFO"):
        r = c.request(method, k.target, [("Route", r) for r in k.routes], "", to=k.to, call_id=k.call_id, from_tag=k.tag)
        true(r.code in (403, 481), "%s: %s" % (method, r.start))
    equal([m.start for m in b.requests], [], "nothing reached Bob")
    hang_up(k, b)
    for p in (a, b, c):
        p.close()


@case("two calls with the same Call-ID, tag, branch and CSeq, of different people")
def _():
    a, b, c, d = [phone(s, n) for n in ("alice", "bob", "carol", "dave")]
    same = {"call_id": "one-for-all-" + token(), "tag": "t", "branch": "z9hG4bKsame", "cseq": 9}
    first, second = Call(a, "bob", **same), Call(c, "dave", **same)
    at_bob, at_dave = b.expect("INVITE"), d.expect("INVITE")
    b.reply(at_bob, 180)
    first.provisional(180)
    accept(d, at_dave)
    second.answered()
    second.ack()
    d.expect("ACK")
    accept(b, at_bob)
    first.answered()
    first.ack()
    b.expect("ACK")
    second.bye()
    d.reply(d.expect("BYE"), 200)
    equal([m.start for m in b.requests], [], "Bob's call goes on")
    first.bye()
    b.reply(b.expect("BYE"), 200)
    for p in (a, b, c, d):
        p.close()


@case("the caller's connection dies while it rings: the callee is not left ringing")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    Call(a, "bob")
    i = b.expect("INVITE")
    b.reply(i, 180)
    a.close()
    b.expect("CANCEL")
    b.reply(i, 487)
    b.expect("ACK")
    r = last_record(s, lambda r: r["kind"] == "call" and r["result"] not in (200, 403, 404, 422, 480) and r["ended_ms"])
    equal(r["failures"], 1)
    b.close()


@case("an INVITE too big, with too many hops, or to a group of lists of faults is answered, and nobody rings")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    big = a.request("INVITE", b.aor, [("Contact", a.contact), ("Content-Type", "application/sdp")], "x" * (64 * 1024 + 1))
    equal(big.code, 413)
    few = a.format("INVITE", b.aor, [("Contact", a.contact)]).replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    a.conn.send(few)
    key = (re.search(rb"Call-ID: (\S+)", few)[1].decode(), re.search(rb"CSeq: (.*)\r", few)[1].decode())
    equal(a.final(key).code, 483)
    equal([m.start for m in b.requests], [])
    for p in (a, b):
        p.close()


@case("more calls at once than a switchboard has: 503, and room again when they end")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    calls = [Call(a, "bob") for _ in range(32)]
    invites = [b.expect("INVITE") for _ in calls]
    true(int(Call(a, "bob").answered(503).get("Retry-After")) >= 1, "Retry-After")
    Call(b, "carol").answered(480)  # Bob's own calls are not counted as Alice's
    for i in invites:
        b.reply(i, 486)
    for k in calls:
        k.answered(486)
    k = Call(a, "bob")
    b.reply(b.expect("INVITE"), 603)
    k.answered(603)
    for p in (a, b):
        p.close()


main(s.close)
