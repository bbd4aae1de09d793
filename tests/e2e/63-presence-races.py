"""Goal: presence stays true through races and hostile input: what is refused, what vanishes, what comes twice or too often;
and a host that dies without a word is shown offline within 105 seconds.
timeout: 300
needs: simple"""
import os
import re
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import Skip, case, equal, main, true, until  # noqa: E402
from netns import Host  # noqa: E402
from server import Server  # noqa: E402
from sip import Closed, authorization, scripted, token  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dave", "erin", "fay")
s.start()
PIDF = "application/pidf+xml"
DEAD_S = 105  # README, and the keep-alive's 60 + 3 * 15


def pidf(activity=None, note="", extra=""):
    return ('<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" '
            'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="sip:x@example.test"><dm:person id="p"><rpid:activities>%s'
            '</rpid:activities></dm:person><tuple id="t"><status><basic>open</basic></status><note>%s</note></tuple>%s</presence>'
            % ("<rpid:%s/>" % activity if activity else "", note, extra))


def publish(p, body, etag=None, expires="600", **options):
    h = [("Event", "presence"), ("Content-Type", PIDF)] + ([("Expires", expires)] if expires is not None else [])
    return p.request("PUBLISH", p.aor, h + ([("SIP-If-Match", etag)] if etag else []), body, **options)


def subscribe(p, who, expires=600, **options):
    return p.request("SUBSCRIBE", "sip:%s@%s" % (who, s.domain),
                     [("Contact", p.contact), ("Expires", str(expires)), ("Event", "presence")], **options)


def fresh(name, **options):
    p = s.peer(name, **options)
    p.register()
    return p


def basic(n):
    return re.search(r"<basic>(\w+)</basic>", n.text)[1]


def note(n):
    found = re.search(r"<note>([^<]*)</note>", n.text)
    return found and found[1]


def race(name):
    """A case that begins with nobody of an earlier one signed in (but for the dying one and who watches her)."""
    def add(fn):
        def alone():
            for p in list(s.peers):
                if p is not Dying.watcher and p.name != "fay":
                    p.close()
                    s.peers.remove(p)
            until(lambda: all(e["user"] in ("erin", "fay") for e in s.cli_json("endpoint", "list")), "all others are gone")
            fn()
        return case(name)(alone)
    return add


class Dying:
    """Fay's host stops sending; whoever watches her is to hear of it.  The other cases run meanwhile."""
    host = watcher = begin = None


@case("a host that is about to die without a word is seen")
def _():
    Dying.host = Host()  # Skip where that is not possible
    f = s.peer("fay", host=Dying.host.server_address)
    Dying.host.run(f.connect)
    f.register()
    Dying.watcher = fresh("erin")
    equal(subscribe(Dying.watcher, "fay").code, 200)
    equal(basic(Dying.watcher.expect("NOTIFY")), "open")
    s.sleep(1)  # its last acknowledgement goes out, so that only the keep-alive can find out
    Dying.host.drop()
    Dying.begin = time.monotonic()


@race("Expires 0 in every place")
def _():
    a = fresh("alice")
    uri = "sip:" + s.domain
    mine = '%s;+sip.instance="<urn:uuid:%s>";reg-id=1' % (a.contact, a.instance)
    other = a.contact.replace("alice@", "other@")

    def register(*headers):
        return a.request("REGISTER", uri, [("Supported", "outbound, gruu")] + list(headers), to="<%s>" % a.aor, call_id=a.call_id)

    def challenged(*headers):
        r = register(*headers)
        if r.code == 401:
            r = register(*headers, ("Authorization", authorization(a.challenge_of(r), "alice", a.password, "REGISTER", uri)))
        return r

    equal(challenged(("Contact", mine + ";expires=0"), ("Expires", "600")).code, 200, "the parameter outranks the header")
    equal([e for e in s.cli_json("endpoint", "list") if e["user"] == "alice"], [])
    r = challenged(("Contact", mine + ";expires=600"), ("Expires", "0"))
    equal((r.code, "expires=600" in (r.get("Contact") or "")), (200, True))
    equal(challenged(("Contact", "*"), ("Expires", "600")).code, 400, "* without 0")
    equal(challenged(("Contact", "*")).code, 400, "* without Expires")
    equal(challenged(("Contact", "*"), ("Contact", other), ("Expires", "0")).code, 400, "* and another")
    equal(len([e for e in s.cli_json("endpoint", "list") if e["user"] == "alice"]), 1, "nothing of that took anything")
    r = challenged(("Contact", mine), ("Expires", "30"))
    equal((r.code, r.get("Min-Expires")), (423, "60"))
    equal(challenged(("Contact", mine), ("Contact", other + ";expires=5"), ("Expires", "600")).code, 423, "all or none")
    equal(challenged(("Contact", "*"), ("Expires", "0")).code, 200)
    equal([e for e in s.cli_json("endpoint", "list") if e["user"] == "alice"], [])
    b = fresh("bob")
    r = publish(b, pidf("busy"), expires="0")
    equal(r.code, 200, "a publication that lasts no time")
    equal(publish(b, "", r.get("SIP-ETag")).code, 412, "and is gone")
    equal(subscribe(b, "bob", expires=0).code, 200)
    n = b.expect("NOTIFY")
    true(n.get("Subscription-State").startswith("terminated") and "busy" not in n.text, n.text)


@race("PUBLISH with each header left out in turn")
def _():
    a = fresh("alice")
    lines = a.format("PUBLISH", a.aor, [("Event", "presence"), ("Content-Type", PIDF), ("Expires", "600")], pidf("busy"))
    head, body = lines.decode().split("\r\n\r\n", 1)
    want = {"Max-Forwards": 200, "Event": 489, "Content-Type": 400, "Expires": 200, "User-Agent": 200}
    for name, code in want.items():
        kept = [l for l in head.split("\r\n") if not l.startswith(name + ":")]
        kept = [re.sub(r"branch=\w+", "branch=z9hG4bK" + token(), l) for l in kept]
        cseq = "%d PUBLISH" % (a.cseq + 1)
        a.cseq += 1
        kept = [("CSeq: " + cseq) if l.startswith("CSeq:") else l for l in kept]
        a.conn.send(scripted(kept, body.encode()))
        call_id = re.search(r"Call-ID: (\S+)", head)[1]
        equal(a.final((call_id, cseq)).code, code, "without " + name)
    # Without these there is nothing an answer could be made of; the next request is answered all the same.
    for name in ("From", "To", "Call-ID", "CSeq", "Via"):
        kept = [re.sub(r"branch=\w+", "branch=z9hG4bK" + token(), l) for l in head.split("\r\n") if not l.startswith(name + ":")]
        a.conn.send(scripted(kept, body.encode()))
        equal(a.request("OPTIONS", "sip:" + s.domain).code, 200, "after one without " + name)


@race("hostile PIDF: attributes, size, encodings; what was published stays")
def _():
    a, b = fresh("alice"), fresh("bob")
    etag = publish(a, pidf("busy", "sound")).get("SIP-ETag")
    for body, codes in ((pidf(extra="<x %s/>" % " ".join('a%d="1"' % i for i in range(100))), (400, 413)),
                        (pidf(extra="<x>" * 100 + "</x>" * 100), (400, 413)),
                        (pidf(extra="<x/>" * 50000), (400, 413)),
                        (pidf(note="n" * 70000), (400, 413)),
                        ("\ufeff\ufeff" + pidf(), (400,)),
                        (pidf().encode("utf-16"), (200, 400)),
                        (b"<presence>\xff\xfe\x00</presence>", (400,)),
                        ('<?xml version="1.0" encoding="KOI8-R"?>' + pidf(), (200, 400)),
                        ('<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><presence>&c;</presence>', (400,)),
                        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><presence/>', (400,))):
        r = publish(a, body, etag)
        true(r.code in codes, "%r: %s" % (body[:80], r.start))
        if r.code == 200:
            etag = publish(a, pidf("busy", "sound"), r.get("SIP-ETag")).get("SIP-ETag")
    equal(subscribe(b, "alice").code, 200)
    n = b.expect("NOTIFY")
    equal((note(n), "<rpid:busy/>" in n.text), ("sound", True))


@race("a NOTIFY refused with any failure ends the subscription; with Retry-After it comes again")
def _():
    a = fresh("alice")
    for code in (400, 403, 404, 405, 415, 480, 481, 486, 489, 500, 503, 603):
        b = fresh("bob", answer=code)
        call_id = token()
        r = subscribe(b, "alice", call_id=call_id)
        equal(r.code, 200)
        b.expect("NOTIFY", lambda m, c=call_id: m.get("Call-ID") == c)
        equal(subscribe(b, "alice", call_id=call_id, to=r.get("To")).code, 481, "refused with %d" % code)
        b.close()
    b = fresh("bob", answer=None)
    equal(subscribe(b, "alice").code, 200)
    b.reply(b.expect("NOTIFY"), 480, headers=[("Retry-After", "2")])
    publish(a, pidf("away", "meanwhile"))
    n = b.expect("NOTIFY")
    equal(note(n), "meanwhile", "the latest state")
    b.reply(n, 200)


@race("refreshes that race: an old CSeq, one while a NOTIFY waits, one after the end")
def _():
    a, b = fresh("alice"), fresh("bob", answer=None)
    call_id = token()
    r = subscribe(b, "alice", call_id=call_id)
    first = b.expect("NOTIFY")
    late = subscribe(b, "alice", call_id=call_id, to=r.get("To"), cseq=1)
    equal(late.code, 500, "an old CSeq")
    equal(subscribe(b, "alice", call_id=call_id, to=r.get("To")).code, 200, "while the first NOTIFY waits")
    equal(subscribe(b, "alice", call_id=call_id, to=r.get("To"), expires=0).code, 200)
    publish(a, pidf("busy", "too late for bob"))
    b.reply(first, 200)
    n = b.expect("NOTIFY")
    true(n.get("Subscription-State").startswith("terminated"), n.get("Subscription-State"))
    equal(note(n), "too late for bob", "the last one has the last state")
    b.reply(n, 200)
    equal(subscribe(b, "alice", call_id=call_id, to=r.get("To")).code, 481)


@race("a forked SUBSCRIBE: the same one on another branch is not a second subscription by accident")
def _():
    fresh("alice")
    b = fresh("bob")
    data = b.format("SUBSCRIBE", "sip:alice@" + s.domain, [("Contact", b.contact), ("Expires", "600"), ("Event", "presence")])
    before = watches()
    b.conn.send(data)
    b.conn.send(data)  # the same branch: a retransmission
    b.expect("NOTIFY")
    b.conn.send(re.sub(rb"branch=\w+", b"branch=z9hG4bKother", data))
    call_id = re.search(rb"Call-ID: (\S+)", data)[1].decode()
    key = (call_id, re.search(rb"CSeq: (.*)\r", data)[1].decode())
    until(lambda: len(b.answers.get(key, [])) >= 3, "three answers")
    codes = [m.code for m in b.answers[key]]
    tags = {m.get("To") for m in b.answers[key] if m.code == 200}
    equal(codes[:2], [200, 200])
    if codes[2] == 200:  # a dialog of its own, which the watcher can end (RFC 6665 4.1.4)
        equal(len(tags), 2)
        b.expect("NOTIFY", lambda m: m.get("Call-ID") == call_id)
        equal(watches() - before, 2)
    else:
        equal((codes[2], len(tags), watches() - before), (482, 1, 1))


def watches():
    return s.metrics()["porchlight_presence_watches"]


@race("watchers that vanish while their NOTIFY is built leave nothing behind")
def _():
    a = fresh("alice")
    before = watches()
    for i in range(60):
        b = fresh("bob" if i % 2 else "carol")
        subscribe(b, "alice", wait=False)
        publish(a, pidf("busy" if i % 3 else "away", "round %d" % i), wait=False)
        b.close()
    until(lambda: watches() == before, "no watch is left")
    b = fresh("bob")
    equal(subscribe(b, "alice").code, 200)
    equal(basic(b.expect("NOTIFY")), "open")


@race("a storm: 300 subscriptions, changes all the while, everybody ends with the last state")
def _():
    a = fresh("alice")
    peers = [fresh(n) for n in ("bob", "carol", "dave") for _ in range(2)]
    stop = threading.Event()

    def change():
        etag, i = None, 0
        while not stop.wait(0.01):  # below the flood budget
            r = publish(a, pidf("busy", "change %d" % i), etag)
            equal(r.code, 200)
            etag, i = r.get("SIP-ETag"), i + 1
        equal(publish(a, pidf("away", "the last word"), etag).code, 200)

    t = threading.Thread(target=change)
    t.start()
    calls = {}
    for p in peers:
        calls[p] = [token() for _ in range(50)]
        keys = [subscribe(p, "alice", wait=False, call_id=c) for c in calls[p]]
        equal({p.final(k).code for k in keys}, {200})
    stop.set()
    t.join()
    for p in peers:
        for c in calls[p]:
            p.expect("NOTIFY", lambda m, c=c: m.get("Call-ID") == c and note(m) == "the last word")
        p.close()


@race("identical Call-IDs, tags, branches and CSeqs of different people never mix")
def _():
    got = fresh("alice")
    watchers = [fresh(n) for n in ("bob", "carol")]
    same = {"call_id": "the-very-same", "cseq": 77, "from_tag": "same-tag"}
    tos = []
    for w in watchers:
        data = w.format("SUBSCRIBE", "sip:alice@" + s.domain,
                        [("Contact", w.contact), ("Expires", "600"), ("Event", "presence")], **same)
        w.conn.send(re.sub(rb"branch=\w+", b"branch=z9hG4bKsame", data))
    for w in watchers:
        m = w.final((same["call_id"], "77 SUBSCRIBE"))
        equal(m.code, 200)
        tos.append(m.get("To"))
        n = w.expect("NOTIFY")
        true("<%s>" % w.aor in n.get("To"), "%s got one for %s" % (w.name, n.get("To")))
    # Each can end his own, and only that.
    equal(subscribe(watchers[0], "alice", expires=0, to=tos[0], call_id=same["call_id"], from_tag=same["from_tag"], cseq=78).code, 200)
    watchers[0].expect("NOTIFY")
    equal(subscribe(watchers[0], "alice", to=tos[1], call_id=same["call_id"], from_tag=same["from_tag"], cseq=79).code, 481)
    equal(subscribe(watchers[1], "alice", to=tos[1], call_id=same["call_id"], from_tag=same["from_tag"], cseq=79).code, 200)
    texts = {}
    for w in watchers:
        texts[w.name] = "from %s alone" % w.name
        w.message("alice", texts[w.name], wait=False, **dict(same, cseq=90))
    for w in watchers:
        true(w.final((same["call_id"], "90 MESSAGE")).code in (200, 202), "a text of " + w.name)
    equal(sorted(got.wait_texts(2)), sorted(texts.values()))


@race("somebody deleted while changes are under way")
def _():
    s.user_add("gone")
    g, b = fresh("gone"), fresh("bob", answer=None)
    equal(subscribe(b, "gone").code, 200)
    first = b.expect("NOTIFY")
    publish(g, pidf("busy", "soon gone"))
    s.cli("user", "delete", "gone")
    n = b.expect("NOTIFY")
    equal(n.get("Subscription-State"), "terminated;reason=noresource")
    try:
        b.reply(first, 200)
        b.reply(n, 200)
    except Closed:
        pass
    equal(subscribe(fresh("carol"), "gone").code, 404)


@case("the host that died is offline within %d seconds" % DEAD_S)
def _():
    if Dying.begin is None:
        raise Skip("no network namespaces here")
    n = Dying.watcher.expect("NOTIFY", lambda m: basic(m) == "closed", timeout=DEAD_S + 10)
    took = time.monotonic() - Dying.begin
    true(took <= DEAD_S + 1, "%.0f s" % took)
    equal(n.get("Subscription-State").split(";")[0], "active")
    equal([e for e in s.cli_json("endpoint", "list") if e["user"] == "fay"], [])


def cleanup():
    if Dying.host is not None:
        Dying.host.close()
    s.close()


main(cleanup)
