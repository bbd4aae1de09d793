"""Goal: links and disclaimers by the organisation's rule, at once, for every client, across a restart.
needs: simple"""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from check import case, equal, main, true  # noqa: E402
from server import Server  # noqa: E402

s = Server()
s.user_add("alice", "bob", "carol", "dora")
s.start()
admin = s.web()


def pair(a, b):
    peers = s.peer(a), s.peer(b)
    for p in peers:
        p.register()
    return peers


@case("everything is allowed until it is not")
def _():
    equal(admin.get("/api/v1/filters").json["links"], "allow")
    a, b = pair("alice", "bob")
    equal(a.message("bob", "see http://bad.example/x").code, 200)
    b.expect(test=lambda m: m.text == "see http://bad.example/x")


@case("blocked links are refused, but for the hosts that are trusted")
def _():
    equal(admin.patch("/api/v1/filters", {"links": "block", "link_hosts": "example.test"}).json["links"], "block")
    a, b = pair("alice", "bob")
    code = a.message("bob", "see http://bad.example/x").code
    true(400 <= code < 700, "refused: %d" % code)
    equal(a.message("bob", "see https://wiki.example.test/x").code, 200)
    b.expect(test=lambda m: "wiki" in m.text)
    true(not any("bad.example" in t for t in b.texts()), "the other never came")


@case("a warning goes with the text; the command line sets it; it outlives a restart")
def _():
    s.cli("filter", "set", "--links", "warn", "--link-warning", "Look twice.")
    s.restart()
    equal(json.loads(s.cli("filter", "show"))["link_warning"], "Look twice.")
    a, b = pair("alice", "bob")
    equal(a.message("bob", "see http://bad.example/y").code, 200)
    m = b.expect(test=lambda m: "bad.example/y" in m.text)
    true("Look twice." in m.text, m.text)


@case("a disclaimer stands in a conversation's first text each way, and only there")
def _():
    admin.patch("/api/v1/filters", {"links": "allow", "disclaimer": "This is kept."})
    c, d = pair("carol", "dora")
    equal(c.message("dora", "first").code, 200)
    true("This is kept." in d.expect(test=lambda m: "first" in m.text).text, "with the first")
    equal(c.message("dora", "second").code, 200)
    equal(d.expect(test=lambda m: "second" in m.text).text, "second")


@case("wrong words")
def _():
    equal(admin.patch("/api/v1/filters", {"links": "sometimes"}).error[2], "links")
    equal(admin.patch("/api/v1/filters", {"disclaimer": "x" * 2000}).error[2], "disclaimer")


main(s.close)
