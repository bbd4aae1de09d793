"""Goal: a text to someone offline or unreachable is accepted only when it is on disk, survives kill -9, and arrives
once, in order, with its own time and id.
timeout: 240
needs: simple"""
import email.utils
import os
import sys
import time
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true, until  # noqa: E402
from netns import Host  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dora", "emil", "fred", "gus")
s.start()

CPIM = ("From: <sip:alice@example.test>\r\nTo: <sip:bob@example.test>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
        "imdn.Message-ID: %s\r\nimdn.Disposition-Notification: positive-delivery\r\n\r\n"
        "Content-Type: text/plain\r\n\r\n%s")


def waiting():
    return s.web().get("/api/v1/status").json["messages_waiting"]


@case("fifty texts survive kill -9 and arrive in order, once, with time, Call-ID and Message-ID")
def _():
    a = s.peer("alice")
    a.register()
    sent, before = [], time.time()
    for i in range(50):
        body = CPIM % ("id-%d" % i, "text %d \u2713" % i)
        answer = a.message("bob", body, content_type="message/cpim")
        equal(answer.code, 202, "the answer to text %d" % i)
        sent.append((answer.get("Call-ID"), body))
    after = time.time()
    s.kill()
    time.sleep(2)  # so that the time of delivery differs from the time of sending
    s.start()
    equal(waiting(), 50, "texts that wait after the crash")
    b = s.peer("bob")
    b.register()
    b.wait_texts(50)
    got = [(m.get("Call-ID"), m.text) for m in b.requests]
    equal(got, sent, "what bob got")
    for m in b.requests:
        at = email.utils.parsedate_to_datetime(m.get("Date")).timestamp()
        true(before - 1 <= at <= after + 1, "Date %s is the time of sending" % m.get("Date"))
        true("sip:alice@" in m.get("From"), "From is alice")
    until(lambda: waiting() == 0, "nothing waits any more")
    again = s.peer("bob")
    again.register()
    a.register()
    equal(a.message("bob", "now").code, 200)
    equal(again.wait_texts(1), ["now"], "a later endpoint gets no old texts")


@case("a receiver who acknowledges only some gets the rest at the next sign-in, and nothing twice")
def _():
    a = s.peer("alice")
    a.register()
    for i in range(10):
        equal(a.message("carol", "part %d" % i).code, 202)
    count = [0]

    def first_four(_request):
        count[0] += 1
        return 200 if count[0] <= 4 else 480

    c = s.peer("carol", answer=first_four)
    c.register()
    c.wait_texts(5)
    until(lambda: waiting() == 6, "six still wait")
    c.close()
    s.kill()
    s.start()
    c = s.peer("carol")
    c.register()
    equal(c.wait_texts(6), ["part %d" % i for i in range(4, 10)], "the rest")


IMDN = ("From: <sip:alice@example.test>\r\nTo: <sip:gus@example.test>\r\nNS: imdn <urn:ietf:params:imdn>\r\nimdn.Message-ID: n-%s\r\n\r\n"
        'Content-Type: message/imdn+xml\r\nContent-Disposition: notification\r\n\r\n<?xml version="1.0"?>'
        '<imdn xmlns="urn:ietf:params:xml:ns:imdn"><message-id>%s</message-id><delivery-notification><status><delivered/></status>'
        "</delivery-notification></imdn>")


@case("deflated texts and delivery notices arrive octet by octet, at once and after a crash")
def _():
    a = s.peer("alice")
    a.register()
    bodies = [zlib.compress((CPIM % ("d-1", "packed \u2713 " * 100)).encode()), zlib.compress((IMDN % ("1", "d-0")).encode())]

    def send(code):
        for body in bodies:
            r = a.message("gus", body, headers=[("Content-Encoding", "deflate")], content_type="message/cpim")
            equal(r.code, code)

    def check(p):
        for body in bodies:
            m = p.expect(test=lambda m, body=body: m.body == body)
            equal((m.get("Content-Encoding"), m.get("Content-Type")), ("deflate", "message/cpim"))

    send(202)
    s.kill()
    s.start()
    g = s.peer("gus")
    g.register()
    check(g)
    a.register()
    send(200)
    check(g)
    equal(waiting(), 0)


@case("a receiver who never answers: 202 after 8 s, then delivered elsewhere")
def _():
    silent = s.peer("dora", answer=None)
    silent.register()
    a = s.peer("alice")
    a.register()
    begin = time.monotonic()
    equal(a.message("dora", "are you there?").code, 202, "the answer")
    true(time.monotonic() - begin > 6, "the silent endpoint got its time")
    other = s.peer("dora")
    other.register()
    other.expect(test=lambda m: m.text == "are you there?")


@case("an answer that comes late counts: the stored copy goes")
def _():
    late = s.peer("emil", answer=None)
    late.register()
    a = s.peer("alice")
    a.register()
    equal(a.message("emil", "take your time").code, 202, "the answer")
    equal(waiting(), 1, "stored")
    late.reply(late.expect(), 200)
    until(lambda: waiting() == 0, "the stored copy is gone")


@case("an endpoint whose host drops packets silently loses no text")
def _():
    host = Host()
    try:
        f = s.peer("fred", host=host.server_address)
        host.run(f.connect)
        f.register()
        a = s.peer("alice")
        a.register()
        equal(a.message("fred", "while all was well").code, 200)
        f.expect(test=lambda m: m.text == "while all was well")
        host.drop()
        keys = [a.message("fred", "into the void %d" % i, wait=False) for i in range(5)]
        for k in keys:
            equal(a.final(k).code, 202, "the answer to a text into the void")
        s.kill()
        s.start()
        there = s.peer("fred")
        there.register()
        equal(there.wait_texts(5), ["into the void %d" % i for i in range(5)])
    finally:
        host.close()


@case("texts to someone who does not exist are refused, to a deleted one dropped with the account")
def _():
    a = s.peer("alice")
    a.register()
    equal(a.message("nobody", "hello?").code, 404)
    s.user_add("gone")
    equal(a.message("gone", "hello?").code, 202)
    s.cli("user", "delete", "gone")
    equal(a.message("gone", "hello?").code, 404)
    until(lambda: waiting() == 0, "nothing waits for a deleted account")


main(s.close)
