"""Goal: who watches sees what is published, in every state, and every wrong request gets its own answer.
needs: simple"""
import os
import re
import sys
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dave", "frank")
s.start()

PIDF = "application/pidf+xml"


def pidf(basic="open", activity=None, note=None, extra=""):
    return ('<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
            'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" xmlns:l="http://www.linphone.org/xsds/pidfonline.xsd" '
            'entity="sip:x@example.test"><dm:person id="p"><rpid:activities>%s</rpid:activities></dm:person>'
            '<tuple id="t"><status><basic>%s</basic>%s</status>%s</tuple></presence>'
            % ("<rpid:%s/>" % activity if activity else "", basic, extra, "<note>%s</note>" % note if note else ""))


def publish(p, body=None, etag=None, expires=600, event="presence", kind=PIDF, uri=None, headers=()):
    h = [("Expires", str(expires))] + ([("Event", event)] if event else []) + ([("SIP-If-Match", etag)] if etag else [])
    if body is not None and kind:
        h.append(("Content-Type", kind))
    return p.request("PUBLISH", uri or p.aor, h + list(headers), body or "")


def subscribe(p, who, expires=600, headers=(), event="presence", body="", call_id=None, to=None, tag=None, uri=None):
    uri = uri or "sip:%s@%s" % (who, s.domain)
    h = [("Contact", p.contact), ("Expires", str(expires)), ("Event", event)] + list(headers)
    return p.request("SUBSCRIBE", uri, h, body, call_id=call_id, to=to)


def state(n):
    """What a NOTIFY shows, in few words."""
    basic = re.search(r"<basic>(\w+)</basic>", n.text)[1]
    act = re.findall(r"<rpid:([a-z-]+)/>", n.text.split("<rpid:activities>")[-1]) if "<rpid:activities>" in n.text else []
    note = re.search(r"<note>([^<]*)</note>", n.text)
    return (basic,) + tuple(a for a in act if a != "activities") + (("'%s'" % note[1],) if note else ())


def fresh(name, **options):
    p = s.peer(name, **options)
    p.register()
    return p


@case("every state reaches the watcher")
def _():
    a, b = fresh("alice"), fresh("bob")
    equal(subscribe(b, "alice").code, 200)
    equal(state(b.expect("NOTIFY")), ("open",), "signed in is available")
    etag = None
    for body, want in [(pidf(activity="busy"), ("open", "busy")),
                       (pidf(activity="on-the-phone"), ("open", "on-the-phone", "busy")),
                       (pidf(activity="meeting"), ("open", "meeting", "busy")),
                       (pidf(activity="away"), ("open", "away")),
                       (pidf("closed", "away", extra="<l:online/>"), ("open", "busy", "'Do not disturb'")),
                       (pidf("closed"), ("closed",)),
                       (pidf(note="back at 3 &amp; ready"), ("open", "'back at 3 &amp; ready'")),
                       (pidf(activity="vacation", note="\ud734\uac00"), ("open", "away", "'\ud734\uac00'"))]:
        r = publish(a, body, etag)
        equal(r.code, 200, body)
        etag = r.get("SIP-ETag")
        n = b.expect("NOTIFY")
        true("active;expires=" in n.get("Subscription-State"), n.get("Subscription-State"))
        got = state(n)
        equal(tuple(x for x in got if x != "vacation"), want)
    equal(publish(a, None, etag, expires=0).code, 200)
    equal(state(b.expect("NOTIFY")), ("closed",), "taken back while signed in: wants to be seen offline, as Linphone does it")
    equal(publish(a, pidf()).code, 200)
    equal(state(b.expect("NOTIFY")), ("open",))
    a.close()
    equal(state(b.expect("NOTIFY")), ("closed",), "the connection closed: offline at once")


@case("PUBLISH: etags, refresh, modify, remove, and each header left out")
def _():
    a = fresh("carol")
    r = publish(a, pidf(activity="busy"))
    first = r.get("SIP-ETag")
    r = publish(a, None, first)
    equal((r.code, r.get("Expires")), (200, "600"))
    true(r.get("SIP-ETag") != first, "a new etag each time")
    equal(publish(a, None, first).code, 412, "the old etag")
    second = r.get("SIP-ETag")
    equal(publish(a, None, "made-up").code, 412)
    equal(publish(a, pidf(), event=None).code, 489, "no Event")
    equal(publish(a, pidf(), event="dialog").code, 489)
    equal(publish(a, pidf(), kind=None).code, 400, "no Content-Type")
    equal(publish(a, "hello", kind="text/plain").code, 415)
    equal(publish(a, None).code, 400, "no body")
    equal(publish(a, "<presence", second).code, 400, "broken XML")
    equal(publish(a, '<!DOCTYPE p [<!ENTITY e "x">]><p>&e;</p>').code, 400, "a DTD")
    equal(publish(a, "<a>" * 60 + "</a>" * 60).code, 413, "too deep")
    equal(publish(a, "<html/>").code, 400, "another document")
    r = publish(a, pidf(), expires=5)
    equal((r.code, r.get("Min-Expires")), (423, "60"))
    equal(publish(a, pidf(), uri="sip:bob@" + s.domain).code, 403, "of somebody else")
    equal(publish(a, pidf(), uri="sip:nobody@" + s.domain).code, 404)
    equal(publish(a, zlib.compress(pidf(activity="busy").encode()), headers=[("Content-Encoding", "deflate")]).code, 200)
    equal(publish(a, pidf(), headers=[("Content-Encoding", "lzma")]).code, 415)
    equal(publish(a, None, second, expires=0).code, 200)
    equal(publish(a, None, second).code, 412, "removed")


@case("SUBSCRIBE: fetch, refresh, unsubscribe, and what is refused")
def _():
    b = fresh("bob")
    r = subscribe(b, "carol", expires=0)
    equal(r.code, 200)
    n = b.expect("NOTIFY")
    equal(n.get("Subscription-State"), "terminated;reason=timeout")
    true("<basic>" in n.text, "a fetch brings the state")
    equal(subscribe(b, "nobody").code, 404)
    equal(subscribe(b, "carol", event="dialog").code, 489)
    equal(subscribe(b, "carol", headers=[("Accept", "application/xpidf+xml")]).code, 406)
    equal(subscribe(b, "carol", headers=[("Accept", "text/x%d" % i) for i in range(100)] + [("Accept", PIDF)]).code, 200)
    b.expect("NOTIFY")
    r = subscribe(b, "carol", expires=10)
    equal((r.code, r.get("Min-Expires")), (423, "60"))
    r = subscribe(b, "carol", call_id="again-1")
    to = r.get("To")
    b.expect("NOTIFY", lambda m: m.get("Call-ID") == "again-1")
    equal(subscribe(b, "carol", call_id="again-1", to=to).code, 200, "refresh")
    n = b.expect("NOTIFY", lambda m: m.get("Call-ID") == "again-1")
    true("<basic>" in n.text, "a refresh brings the whole state")
    equal(subscribe(b, "carol", call_id="again-1", to=to, expires=0).code, 200)
    n = b.expect("NOTIFY", lambda m: m.get("Call-ID") == "again-1")
    true(n.get("Subscription-State").startswith("terminated"), n.get("Subscription-State"))
    equal(subscribe(b, "carol", call_id="again-1", to=to).code, 481, "it is over")


@case("a NOTIFY that is refused ends the subscription; one that waits is followed by the latest state only")
def _():
    a, b, last = fresh("alice"), fresh("dave"), fresh("frank")  # who watches last is told last

    def all_told(act):
        last.expect("NOTIFY", lambda m: act in state(m))

    b.answer = None
    equal(subscribe(b, "alice").code, 200)
    first = b.expect("NOTIFY")
    equal(subscribe(last, "alice").code, 200)
    last.expect("NOTIFY")
    etag = None
    for act in ("busy", "away", "busy", "away"):
        etag = publish(a, pidf(activity=act), etag).get("SIP-ETag")
        all_told(act)
    equal(b.requests, [], "nothing overtakes a NOTIFY that is not answered")
    b.reply(first, 200)
    n = b.expect("NOTIFY")
    equal(state(n), ("open", "away"), "the latest state wins")
    b.reply(n, 481)
    publish(a, pidf(activity="busy"), etag)
    all_told("busy")
    equal(b.requests, [], "who does not know the dialog is not asked again")
    last.close()


@case("a list in the body: all at first, then who changed")
def _():
    b = fresh("bob")
    body = ('<?xml version="1.0"?><resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list>'
            + "".join('<entry uri="sip:%s@%s"/>' % (n, s.domain) for n in ("frank", "carol", "nobody"))
            + "</list></resource-lists>")
    h = [("Require", "recipient-list-subscribe"), ("Supported", "eventlist"), ("Content-Type", "application/resource-lists+xml"),
         ("Accept", "multipart/related, application/rlmi+xml, application/pidf+xml")]
    equal(subscribe(b, None, headers=h[:1] + h[2:], body=body, uri="sip:rls@" + s.domain).code, 421, "cannot read lists")
    for data, more in ((body, []), (zlib.compress(body.encode()), [("Content-Encoding", "deflate")])):
        r = subscribe(b, None, headers=h + more, body=data, uri="sip:rls@" + s.domain)
        equal((r.code, r.get("Require")), (200, "eventlist"))
        n = b.expect("NOTIFY", lambda m, c=r.get("Call-ID"): m.get("Call-ID") == c)
        true('fullState="true"' in n.text and 'version="0"' in n.text, n.text)
        equal(n.text.count("<resource "), 3)
        equal(n.text.count("<presence "), 2)
        true('state="terminated" reason="noresource"' in n.text, "nobody is nobody")
        true(re.search(r'multipart/related;type="application/rlmi\+xml";start="<[^>]+>";boundary="', n.get("Content-Type")), "the type")
    a = fresh("frank")
    n = b.expect("NOTIFY")
    true('fullState="false"' in n.text and 'version="1"' in n.text, n.text)
    equal(n.text.count("<resource "), 1)
    true("frank@" in n.text and "<basic>open</basic>" in n.text, n.text)
    a.close()
    equal(subscribe(b, None, headers=h, body="<resource-lists", uri="sip:rls@" + s.domain).code, 400)
    many = body.replace("</list>", "".join('<entry uri="sip:u%d@%s"/>' % (i, s.domain) for i in range(300)) + "</list>")
    equal(subscribe(b, None, headers=h, body=many, uri="sip:rls@" + s.domain).code, 413)


@case("who is deleted is nobody from then on")
def _():
    s.user_add("erin")
    b = fresh("bob")
    equal(subscribe(b, "erin").code, 200)
    b.expect("NOTIFY")
    s.cli("user", "delete", "erin")
    n = b.expect("NOTIFY")
    equal(n.get("Subscription-State"), "terminated;reason=noresource")


@case("after a restart the old etag is unknown, and a subscription is gone")
def _():
    a = fresh("alice")
    etag = publish(a, pidf(activity="busy")).get("SIP-ETag")
    r = subscribe(a, "bob", call_id="restart-1")
    a.expect("NOTIFY")
    s.restart()
    a.register()
    equal(publish(a, None, etag).code, 412)
    equal(subscribe(a, "bob", call_id="restart-1", to=r.get("To")).code, 481)


main(s.close)
