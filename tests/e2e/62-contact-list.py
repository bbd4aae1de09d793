"""Goal: a standards client keeps its contact list on the server (XCAP), and watches all of it in one dialog (RLS).
needs: simple"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402
from sip import authorization  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol")
s.start()
web = s.web(sign_in=False)

TYPE = "application/resource-lists+xml"
PATH = "/xcap/resource-lists/users/%s/index"


def xcap(method, who="alice", body=None, owner=None, headers=None, password=None, content_type=TYPE):
    path = PATH % ("sip:%s@%s" % (owner or who, s.domain))
    a = web.request(method, path, body, headers, content_type)
    equal(a.status, 401, "no credentials")
    challenge = [c for c in a.headers.get_all("WWW-Authenticate") if "SHA-256" in c][0]
    h = dict(headers or {}, Authorization=authorization(challenge, who, password or s.passwords[who], method, path))
    return web.request(method, path, body, h, content_type)


def document(**groups):
    lists = "".join('<list name="%s">%s</list>' % (g, "".join(
        '<entry uri="sip:%s@%s"><display-name>%s the contact</display-name></entry>' % (n, s.domain, n) for n in names))
        for g, names in groups.items())
    return '<?xml version="1.0"?><resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists">%s</resource-lists>' % lists


def entries(text):
    return {g: re.findall(r'<entry uri="([^"]+)"', body)
            for g, body in re.findall(r'<list name="([^"]+)">(.*?)</list>', text, re.S)}


@case("put, get, get with ETag, delete")
def _():
    a = xcap("PUT", body=document(Friends=["bob"], Work=["bob", "carol"]))
    equal(a.status, 200, a.text)
    etag = a.headers["ETag"]
    a = xcap("GET")
    equal((a.status, a.headers["Content-Type"].split(";")[0], a.headers["ETag"]), (200, TYPE, etag))
    got = entries(a.text)
    equal(got["Friends"], ["sip:bob@example.test"])
    equal(sorted(got["Work"]), ["sip:bob@example.test", "sip:carol@example.test"])
    true("carol the contact" in a.text, a.text)
    equal(xcap("PUT", body=document(Friends=["carol"]), headers={"If-Match": '"1"'}).status, 412, "an old ETag")
    equal(xcap("PUT", body=document(Friends=["carol"]), headers={"If-Match": etag}).status, 200)
    equal(entries(xcap("GET").text)["Friends"], ["sip:carol@example.test"])
    equal(xcap("DELETE").status, 200)
    equal([e for e in entries(xcap("GET").text).values() if e], [])


@case("who may, and what is refused")
def _():
    equal(xcap("GET", who="bob", owner="alice").status, 403, "somebody else's")
    equal(xcap("GET", password="not-the-password").status, 401)
    equal(xcap("PUT", body="<resource-lists").status, 409, "broken XML")
    equal(xcap("PUT", body="<presence/>").status, 409, "another document")
    equal(xcap("PUT", body='<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>').status, 409, "a DTD")
    equal(xcap("PUT", body=document(A=["bob"]), content_type="text/xml").status, 415)
    equal(xcap("PUT", body=document(**{"A": ["u%d" % i for i in range(300)]})).status, 409, "more than a list holds")
    equal(web.request("POST", PATH % "sip:alice@example.test", "x").status, 405)
    true("resource-lists" in web.get("/xcap/xcap-caps/global/index").text, "what is served")


@case("the list outlives a restart")
def _():
    equal(xcap("PUT", body=document(Friends=["bob"])).status, 200)
    s.restart()
    equal(entries(xcap("GET").text)["Friends"], ["sip:bob@example.test"])


@case("sip:rls@domain: the list as presence, and what changes in it")
def _():
    a, b = s.peer("alice"), s.peer("bob")
    a.register()
    b.register()
    h = [("Contact", a.contact), ("Event", "presence"), ("Expires", "600"), ("Supported", "eventlist"),
         ("Accept", "multipart/related, application/rlmi+xml, application/pidf+xml")]
    equal(a.request("SUBSCRIBE", "sip:rls@" + s.domain, h[:3]).code, 421)
    r = a.request("SUBSCRIBE", "sip:rls@" + s.domain, h)
    equal((r.code, r.get("Require")), (200, "eventlist"))
    n = a.expect("NOTIFY")
    true('fullState="true"' in n.text and "bob@" in n.text and "<basic>open</basic>" in n.text, n.text)
    equal(xcap("PUT", body=document(Friends=["bob", "carol"])).status, 200)
    n = a.expect("NOTIFY", lambda m: "carol@" in m.text)
    true('fullState="true"' in n.text and n.text.count("<resource ") == 2, n.text)
    b.close()
    n = a.expect("NOTIFY", lambda m: "<basic>closed</basic>" in m.text and 'fullState="false"' in m.text)
    true("bob@" in n.text and "carol@" not in n.text, n.text)


@case("a list longer than one NOTIFY: everybody is named in the first, and how they are follows; colleagues are watched too")
def _():
    s.cli("settings", "set", "contacts_max", "400")
    admin = s.web()
    equal(admin.post("/api/v1/departments", {"name": "Sales"}).status, 201)
    for name in ("alice", "carol"):
        equal(admin.patch("/api/v1/users/" + name, {"department": "Sales"}).status, 200)
    names = ["p%03d" % i for i in range(299)] + ["bob"]
    equal(xcap("PUT", body=document(Many=names)).status, 200)
    a, b, c = s.peer("alice"), s.peer("bob"), s.peer("carol")
    for p in (a, b, c):
        p.register()
    r = a.request("SUBSCRIBE", "sip:rls@" + s.domain, [
        ("Contact", a.contact), ("Event", "presence"), ("Expires", "600"), ("Supported", "eventlist"),
        ("Accept", "multipart/related, application/rlmi+xml, application/pidf+xml")])
    equal(r.code, 200)
    first = a.expect("NOTIFY").text
    true('fullState="true"' in first, first[:500])
    equal((first.count("<resource "), first.count("<instance ")), (301, 250))
    rest = a.expect("NOTIFY").text
    true('fullState="false"' in rest, rest[:500])
    equal((rest.count("<resource "), rest.count("<instance ")), (51, 51))
    equal((first + rest).count("<basic>open</basic>"), 2, "bob and carol, of the department")
    c.close()
    n = a.expect("NOTIFY", lambda m: "<basic>closed</basic>" in m.text)
    equal(re.findall(r'<resource uri="([^"]+)"', n.text), ["sip:carol@example.test"])


main(s.close)
