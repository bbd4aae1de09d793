"""Goal: a call is set up, talked through, changed and ended between two clients, recorded and shown; what dies in the
middle is cleaned up on the other side.
needs: simple"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from calls import SDP, Call, accept, hang_up, last_record, phone, talk  # noqa: E402
from check import case, equal, main, true, until  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()

@case("INVITE, 180, 200, ACK, re-INVITE, INFO, BYE; shown as on the phone; recorded")
def _():
    a, b, c = phone(s, "alice"), phone(s, "bob"), s.peer("carol")
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
    r = last_record(s, lambda r: r["kind"] == "call")
    equal(r["result"], 200)
    equal(sorted(p["uri"] for p in r["participants"]), ["sip:alice@example.test", "sip:bob@example.test"])
    for p in (a, b, c):
        p.close()


@case("every endpoint rings, one answers, the others are cancelled")
def _():
    a, desk, mobile = phone(s, "alice"), phone(s, "bob"), phone(s, "bob")
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
    k.bye()
    mobile.reply(mobile.expect("BYE"), 200)
    for p in (a, desk, mobile):
        p.close()


@case("both answer: the second is hung up")
def _():
    a, desk, mobile = phone(s, "alice"), phone(s, "bob"), phone(s, "bob")
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
    a, b = phone(s, "alice"), phone(s, "bob")
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
    r = last_record(s, lambda r: r["kind"] == "call" and r["result"] == 480)
    equal(r["failures"], 1)
    for p in (a, b):
        p.close()


@case("a dialog that is not ours, and a call that is not yours")
def _():
    a, b, c = phone(s, "alice"), phone(s, "bob"), phone(s, "carol")
    k = talk(a, b)
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
    a, b = phone(s, "alice"), phone(s, "bob")
    k = talk(a, b)
    b.close()
    bye = a.expect("BYE", timeout=60)
    true("cause=408" in bye.get("Reason"), bye.get("Reason"))
    a.reply(bye, 200)
    r = last_record(s, lambda r: r["kind"] == "call" and r["result"] == 408)
    true(r["ended_ms"] > 0, "closed")
    a.close()


@case("the callee comes back on a new connection: the call goes on")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    k = talk(a, b)
    b.close()
    b.conn = None
    b.register()
    key = a.request("BYE", k.target, [("Route", r) for r in k.routes], "", to=k.to, call_id=k.call_id, from_tag=k.tag, wait=False)
    b.reply(b.expect("BYE"), 200)
    equal(a.final(key).code, 200)
    for p in (a, b):
        p.close()


@case("/metrics counts them")
def _():
    a, b = phone(s, "alice"), phone(s, "bob")
    before = s.metrics()
    k = Call(a, "bob")
    i = b.expect("INVITE")
    equal(s.metrics()['porchlight_calls{state="ringing"}'], 1)
    accept(b, i)
    k.answered()
    k.ack()
    m = s.metrics()
    equal((m['porchlight_calls{state="ringing"}'], m['porchlight_calls{state="up"}']), (0, 1))
    hang_up(k, b)
    until(lambda: s.metrics()['porchlight_calls{state="up"}'] == 0, "over")
    equal(s.metrics()["porchlight_calls_answered_total"] - before["porchlight_calls_answered_total"], 1)
    true(before["porchlight_calls_lost_total"] >= 1 and before["porchlight_calls_failed_total"] >= 1, "the ends of earlier calls")
    for p in (a, b):
        p.close()


main(s.close)
